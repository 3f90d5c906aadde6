"""Random and mutated scans through framer, symbol, gate and classifier, as many as one likes.

    python -m bench.fuzz_scans [--inputs 1000000] [--seed N]

What is mutated is a corpus of every kind of scan; one input in four has a payment card in it. Nothing may be raised, memory
must not grow with the inputs, and no number of a payment card may come out where nothing exempts it. The seed is printed first;
the last line is one JSON object. Ends with status 1 where anything did not hold.
"""

import argparse
import json
import secrets
import sys
import time
from collections.abc import Sequence

import psutil

from tests.drivers.scanners.fuzzing import fuzz

MOST_GROWTH_MB = 20
_WARM = 20_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description="Random and mutated scans through everything that reads them.")
    parser.add_argument("--inputs", type=int, default=1_000_000, metavar="N", help="how many; default: 1000000")
    parser.add_argument("--seed", type=int, default=None, help="default: a random one")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else secrets.randbelow(2**32)
    print(f"seed {seed}", flush=True)
    fuzz(min(_WARM, given.inputs), seed)
    process = psutil.Process()
    before, begun = process.memory_info().rss, time.monotonic()
    found = fuzz(given.inputs, seed)
    growth_mb = round((process.memory_info().rss - before) / 1e6, 1)
    for number, fault in found.faults:
        print(f"input {number}: {fault}")
    said = {
        "seed": seed,
        "inputs": found.inputs,
        "seconds": round(time.monotonic() - begun, 1),
        "kinds": dict(sorted(found.kinds.items())),
        "memory_growth_mb": growth_mb,
        "faults": len(found.faults),
    }
    print(json.dumps(said))
    return 1 if found.faults or growth_mb > MOST_GROWTH_MB else 0


if __name__ == "__main__":
    sys.exit(main())
