"""Ask the engine's properties of random programmes, baskets and lives of a shop, for as long as one likes.

    python -m bench.fuzz_engine [--seconds 60] [--seed N] [--only NAME] [--first N] [--tries N]

Prints one JSON object: seed, seconds, how often each property was asked, the slowest quote, and what did not hold, each
with the command that repeats it alone. Ends with status 1 where anything did not hold.
"""

import argparse
import json
import secrets
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from tests.loyalty.whole.properties import PROPERTIES, drawn

_MOST_FAULTS = 20


@dataclass(slots=True, kw_only=True)
class Campaign:
    """What came of it.

    Attributes:
        asked: Tries by property.
        slowest_ms: The longest try, with its command.
        faults: (command, the last lines of the traceback); one for each place that failed.
    """

    seed: int
    seconds: float = 0.0
    asked: dict[str, int] = field(default_factory=dict)
    slowest_ms: tuple[float, str] = (0.0, "")
    faults: list[tuple[str, list[str]]] = field(default_factory=list)


def campaign(names: Sequence[str], seed: int, seconds: float, first: int = 0, tries: int | None = None) -> Campaign:
    """Ask each property in turn until the time is over or ``tries`` are done; ends early after many faults."""
    found = Campaign(seed=seed)
    begun = time.monotonic()
    number, places = first, set[str]()
    while time.monotonic() - begun < seconds and (tries is None or number < first + tries):
        for name in names:
            command = f"python -m bench.fuzz_engine --only {name} --seed {seed} --first {number} --tries 1"
            started = time.perf_counter()
            try:
                PROPERTIES[name](drawn(name, seed, number))
            except Exception as fault:  # noqa: BLE001  # whatever it raises is what is looked for
                lines = traceback.format_exception(fault)[-3:]
                place = lines[-2] if len(lines) > 1 else lines[-1]
                if place not in places:
                    places.add(place)
                    found.faults.append((command, "".join(lines).splitlines()))
            found.slowest_ms = max(found.slowest_ms, ((time.perf_counter() - started) * 1e3, command))
            found.asked[name] = found.asked.get(name, 0) + 1
        number += 1
        if len(found.faults) >= _MOST_FAULTS:
            break
    found.seconds = round(time.monotonic() - begun, 1)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a campaign."""
    parser = argparse.ArgumentParser(prog="bench.fuzz_engine", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="repeats a campaign; default: any")
    parser.add_argument("--only", choices=list(PROPERTIES), help="one property; default: all")
    parser.add_argument("--first", type=int, default=0, help="the number of the first try")
    parser.add_argument("--tries", type=int, default=None, help="how many; default: as many as the seconds allow")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    names = [given.only] if given.only else list(PROPERTIES)
    found = campaign(names, seed, given.seconds, given.first, given.tries)
    print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
