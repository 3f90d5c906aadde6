"""From a frame's bytes to what the scan says: symbol, gate and classifier, for every kind of scan.

    python -m bench.decode [--scans 2000] [--rounds 5] [--json]

Each of a mix of scans is read with a merchant's settings (ranges with check digits, templates, receipts, a country), as a point
of sale passes them on, which is the gate that looks closest. Against it, in turns: the same text as a line of JSON, written and
read back, which is what passing it on to the agent costs before anything looks at it. Reading does nothing but compute, so it
is held against the processor's time of its thread.
"""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import thread_time_ns

from bench.measuring import Benchmark, Ratio, Report, Series
from drivers.scanners.cards import CardRange, CheckDigit
from drivers.scanners.decoding.classify import classify
from drivers.scanners.decoding.in_store import InStoreTemplate
from drivers.scanners.decoding.reading import Reading
from drivers.scanners.decoding.settings import DecodingSettings
from drivers.scanners.framing import Frame
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.symbols import Symbol, read_symbol

BUDGET_US = 50
MOST_TIMES = 12
SCANS: Mapping[str, str] = {
    "card, bare": "2100000000012",
    "card, EAN": "]E02100000000012",
    "card, Luhn": "6003001000001448",
    "card, named": "LOY-0042",
    "card, swiped": "%B6003001000001448^MEMBER/A^2512101?;6003001000001448=2512101?",
    "GSRN": "]C18018952012345678912345",
    "GSRN, link": "]Q1https://id.gs1.org/8018/952012345678912345/8019/1",
    "member code": "LTM1" + "AHELM4AFGIYTAMBQGAYDAMBQGAYTEQUN" * 4 + "AHEL",
    "item, EAN": "]E05901234123457",
    "item, bare": "5901234123457",
    "item, weighed": "]E02212345012343",
    "item, GS1": "]C10105901234123457" + "17251231" + "10ABC123",
    "item, link": "https://id.gs1.org/01/05901234123457/10/ABC123?17=251231",
    "coupon": "]C12559501101020016\x1d81110500",
    "phone": "8 (707) 123-45-67",
    "receipt": "t=20200101T1200&s=100.00&fn=9999078900004792&i=12345&fp=2918241905&n=1",
    "receipt, link": "http://consumer.oofd.kz?i=1734974179&f=010100465991&s=13507.0&t=20210922T224125",
    "payment card": "4012888888881881",
    "payment swipe": "%B4012888888881881^DOE/JOHN^30121010000000000000?;4012888888881881=30121010000000000000?",
    "unknown": "WIFI:S:corner;T:WPA;P:secret;;",
}
SETTINGS = DecodingSettings(
    country="KZ",
    ranges=(
        CardRange(prefix="2100", min_length=13, max_length=13),
        CardRange(prefix="600300", min_length=16, max_length=16, check=CheckDigit.LUHN),
        CardRange(prefix="LOY-", min_length=8, max_length=10),
    ),
    templates=(InStoreTemplate(pattern="22IIIIIWWWWWC"), InStoreTemplate(pattern="21IIIIIVPPPPC")),
)
GATE = Gate(device="bench", kind=DeviceKind.HOST, ranges=SETTINGS.ranges)


def read(frame: Frame) -> Reading | GateRefusal:
    """What the agent does with a frame before it asks the book."""
    symbol = read_symbol(frame)
    assert isinstance(symbol, Symbol)
    admitted = GATE.admit(symbol)
    return admitted if isinstance(admitted, GateRefusal) else classify(admitted, SETTINGS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    benchmark = Benchmark("What reading a scan costs.", _measure)
    benchmark.parser.add_argument("--scans", type=int, default=2_000, help="how often each scan is read in a round")
    return benchmark.main(arguments)


def _measure(given: argparse.Namespace, folder: Path) -> Report:
    frames = {name: Frame(data=text.encode()) for name, text in SCANS.items()}
    for frame in frames.values():
        read(frame)
    gc.freeze()
    ratios: list[float] = []
    taken: dict[str, list[int]] = {name: [] for name in frames}
    passed: list[int] = []
    for _ in range(given.rounds):
        ours = {name: _each_ns(partial(read, frame), given.scans) for name, frame in frames.items()}
        base = [_each_ns(partial(_passed, text), given.scans) for text in SCANS.values()]
        for name, ns in ours.items():
            taken[name].append(ns)
        passed += base
        ratios.append(sum(ours.values()) / sum(base))
    mix = Series(ns=tuple(sum(taken[name][turn] for name in taken) // len(taken) for turn in range(given.rounds)))
    shown = {f"{name}, us": round(Series(ns=tuple(ns)).median_ns / 1e3, 1) for name, ns in taken.items()}
    return Report(
        name="bench.decode",
        about="a scan read by symbol, gate and classifier, against its text written and read as JSON",
        folder=folder,
        ratios={"reading / JSON": Ratio(values=tuple(ratios), most=MOST_TIMES)},
        recorded={
            "mix, us": round(mix.median_ns / 1e3, 1),
            "mix within 50 us": mix.median_ns <= BUDGET_US * 1e3,
            "JSON, us": round(Series(ns=tuple(passed)).median_ns / 1e3, 1),
            **shown,
        },
    )


def _passed(text: str) -> object:
    """Write a text as JSON and read it back."""
    return json.loads(json.dumps({"scan": text}))


def _each_ns(act: Callable[[], object], times: int) -> int:
    """The processor's time of one of many."""
    begun = thread_time_ns()
    for _ in range(times):
        act()
    return (thread_time_ns() - begun) // times


if __name__ == "__main__":
    sys.exit(main())
