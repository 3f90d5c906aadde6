"""Bytes on the wire: what a till's entries take in batches, against fixed structs of the same facts.

    python -m bench.wire [--sales 2000] [--members 4000] [--lines 20] [--programme FILE] [--rounds 3] [--json]

A till commits sales of known members; goods come from a catalogue of thousands, the popular ones often, and each is sold
at its price. The entries that it journaled are packed in batches of 500 as `sync.protocol.wire` packs them. The same facts are
also written without keys or text (ids as bytes, numbers in eight bytes, texts behind their length) and compressed alike: no
format that keeps the facts is much smaller. Bytes decide here, and a seed decides the bytes: rounds differ by their seed.

Measured are batches of cores alone, whole batches of sales of one line and of many, and one sale sent by itself; what a line
takes is the difference of the two kinds of batches, shared out over the lines.
"""

import argparse
import json
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from agent.book.sync_state import BookJournal
from agent.till.requests import CommitRequest, Provenance, QuoteRequest
from agent.till.till import Till
from bench.measuring import Benchmark, Ratio, Report
from bench.shop import CURRENCY, NOON, settings
from loyalty.sale.basket import BasketLine
from sync.protocol.packing import DICTIONARY, ID_BYTES, pack
from sync.protocol.values import MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, Batch, SentEntry
from sync.protocol.wire import encode_batch

CORE_BUDGET, LINE_BUDGET, SALE_BUDGET = 60, 20, 1_000
GOODS = 3_000
_ABOUT = "bytes of a till's entries in batches of 500, against fixed structs of the same facts; both in gzip"
_LEVEL, _GZIP = 6, 31
_NAMES = ("Сүт", "Нан", "Айран", "Алма", "Шай", "Қант", "Май", "Ет", "Balıq", "Պանիր", "Cola", "Juice", "Soap", "Rice")
_MORE = ("0,5 л", "1 л", "200 г", "400 г", "1 кг", "2,5 %", "3,2 %", "classic", "bio", "ақ", "қара", "extra")


class Shop:
    """Baskets of one shop; everything follows from the seed."""

    def __init__(self, seed: int, members: int) -> None:
        self._chance = Random(seed)
        self._members = members
        self._goods = [self._good() for _ in range(GOODS)]
        self._popular = [1 / (place + 10) for place in range(GOODS)]
        self.cards = [f"29{self._chance.randrange(10**11):011}" for _ in range(members)]

    def sale(self, number: int, lines: int) -> CommitRequest:
        """Give a paid sale by somebody."""
        chosen = self._chance.choices(self._goods, self._popular, k=lines)
        basket = QuoteRequest(
            currency=CURRENCY.code,
            card=self._chance.choice(self.cards),
            lines=tuple(self._line(place, *good) for place, good in enumerate(chosen, start=1)),
            provenance=Provenance(operator=str(self._chance.randint(1, 9)), shift="1", host="pos"),
        )
        return CommitRequest(key=f"sale-{number:012}", check_id=str(number), sale=basket)

    def _good(self) -> tuple[str, str, str, int]:
        chance = self._chance
        name = f"{chance.choice(_NAMES)} {chance.choice(_MORE)} {chance.choice(_MORE)}"
        category = chance.choice(("dairy", "bread", "fruit", "tea", "meat", "home"))
        return (
            f"{chance.choice(('487', '460', '401'))}{chance.randrange(10**10):010}",
            name,
            category,
            chance.randint(20, 900) * 500,
        )

    def _line(self, place: int, item: str, name: str, category: str, price_minor: int) -> BasketLine:
        pieces = self._chance.choices((1, 2, 3, 6), (70, 20, 7, 3))[0]
        amount_minor = price_minor * pieces
        return BasketLine(
            line=place,
            item=item,
            name=name,
            category=category,
            quantity_milli=1_000 * pieces,
            amount_minor=amount_minor,
            tax_minor=amount_minor * 12 // 112,
        )


def entries_of(
    folder: Path, seed: int, given: argparse.Namespace, lines: int, sales: int
) -> tuple[list[SentEntry], BookJournal]:
    """Let a till sell; gives the entries of its sales, those of enrolments left out, and its journal."""
    folder.mkdir()
    config = settings(folder)
    if given.programme is not None:
        config.programme_file.write_text(given.programme.read_text(encoding="utf-8"), encoding="utf-8")
    shop = Shop(seed, given.members)
    instants = iter(range(10**9))

    def clock() -> Any:
        return NOON.fromtimestamp(NOON.timestamp() + 37 * next(instants), NOON.tzinfo)

    with Till(config, clock=clock) as till:
        for number in range(sales):
            answer = till.commit(shop.sale(number, lines))
            assert not hasattr(answer, "code"), answer
        journal = BookJournal(till.context.book, till.context.keys)
        found = list(_run(journal))
    return [one for one in found if json.loads(one.core)["kind"] == "sale"], journal


def _run(journal: BookJournal) -> Iterator[SentEntry]:
    first, last = 1, journal.head().sequence
    while first <= last:
        some = journal.entries(first, MAX_BATCH_ENTRIES, MAX_BATCH_BYTES)
        yield from some
        first += len(some)


def batches(entries: Sequence[SentEntry], most: int = MAX_BATCH_ENTRIES) -> Iterator[Batch]:
    """Cut entries into batches; ids and heads of the header are some."""
    for first in range(0, len(entries), most):
        some = tuple(entries[first : first + most])
        yield Batch(
            terminal=b"\x5a" * 16,
            epoch=1,
            first=first + 1,
            head=some[0].core[:32],
            through=first + len(some),
            entries=some,
            signature=bytes(range(64)),
        )


def packed(entry: SentEntry, *, detail: bool = True) -> bytes:
    """Write the facts of an entry without keys: what is there in bits, then the values one after another."""
    parts = [json.loads(entry.core)] + ([json.loads(entry.detail)] if detail else [])
    return b"".join(map(_packed, parts))


def _packed(value: Any) -> bytes:
    match value:
        case None:
            return b"\xff"
        case bool():
            return bytes([value])
        case int():
            return struct.pack(">q", value)
        case str() if len(value) >= 32 and len(value) % 2 == 0 and set(value) <= set("0123456789abcdef"):
            return bytes.fromhex(value)
        case str():
            data = value.encode()
            return bytes([min(255, len(data))]) + data
        case list():
            return struct.pack(">H", len(value)) + b"".join(map(_packed, value))
        case dict():
            return bytes([len(value)]) + b"".join(_packed(value[name]) for name in sorted(value))
    raise TypeError(type(value))


def compressed(data: bytes) -> int:
    """Give how many bytes gzip makes of it, as the wire does."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return len(packer.compress(data) + packer.flush())


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Measure sales of one line and of many, round by round."""
    found: dict[str, list[float]] = {}
    for seed in range(1, given.rounds + 1):
        for name, value in _round(folder / str(seed), seed, given).items():
            found.setdefault(name, []).append(value)
    ratios = {
        "bytes of a core, share of the budget of 60": Ratio(values=_share(found["core"], CORE_BUDGET), most=1.0),
        "bytes of a basket line, share of the budget of 20": Ratio(values=_share(found["line"], LINE_BUDGET), most=1.0),
        "one sale alone, share of the budget of 1 kB": Ratio(values=_share(found["alone"], SALE_BUDGET), most=1.0),
        "a batch, times fixed structs": Ratio(values=tuple(found["batch against structs"])),
        "cores alone, times fixed structs": Ratio(values=tuple(found["cores against structs"])),
        "ten times the entries, bytes of one": Ratio(values=tuple(found["growth"])),
    }
    recorded = {name: round(sum(values) / len(values), 1) for name, values in found.items()}
    return Report(name="wire", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def _share(values: Sequence[float], budget: int) -> tuple[float, ...]:
    return tuple(value / budget for value in values)


def _round(folder: Path, seed: int, given: argparse.Namespace) -> dict[str, float]:
    folder.mkdir()
    many, _ = entries_of(folder / "many", seed, given, given.lines, given.sales)
    single, _ = entries_of(folder / "one", seed, given, 1, given.sales)
    tenth = many[: max(1, len(many) // 10)]
    cores = _of_cores(many)
    whole, short = _of(many), _of(single)
    return {
        "core": cores,
        "core, without gzip": sum(len(one.core) for one in many) / len(many),
        "entry of one line": short,
        f"entry of {given.lines} lines": whole,
        "line": (whole - short) / (given.lines - 1),
        "rest of an entry of one line": short - cores - (whole - short) / (given.lines - 1),
        "alone": len(encode_batch(next(batches(many[-1:])))),
        "batch against structs": whole / _of_structs(many),
        "cores against structs": cores / _of_structs(many, detail=False),
        "growth": whole / _of(tenth),
        "entries": len(many),
    }


def _of(entries: Sequence[SentEntry]) -> float:
    """Give the bytes of an entry in batches of 500."""
    return sum(len(encode_batch(batch)) for batch in batches(entries)) / len(entries)


def _of_cores(entries: Sequence[SentEntry]) -> float:
    """Give the bytes of a core: its line and its ids, packed and compressed as in a batch, without the details."""
    return sum(_cores_alone(batch.entries) for batch in batches(entries)) / len(entries)


def _cores_alone(entries: Sequence[SentEntry]) -> int:
    whole = pack([(one.core, one.detail) for one in entries])
    assert whole is not None
    ids, place = bytearray(), 0
    for number, line in enumerate(whole.lines):
        size = ID_BYTES * line.count(b"\x01")
        ids += whole.ids[place : place + size] if number % 2 == 0 else b""
        place += size
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS, zdict=DICTIONARY)
    text = packer.compress(b"\n".join(whole.lines[0::2])) + packer.flush(zlib.Z_BLOCK)
    return len(text + packer.compress(bytes(ids)) + packer.flush())


def _of_structs(entries: Sequence[SentEntry], *, detail: bool = True) -> float:
    some = ([packed(one, detail=detail) for one in batch.entries] for batch in batches(entries))
    return sum(compressed(b"".join(parts)) for parts in some) / len(entries)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure, rounds=3)
    benchmark.parser.add_argument("--sales", type=int, default=2_000, help="sales of each kind (default 2000)")
    benchmark.parser.add_argument("--members", type=int, default=4_000, help="members who buy (default 4000)")
    benchmark.parser.add_argument("--lines", type=int, default=20, help="lines of the long sales (default 20)")
    benchmark.parser.add_argument("--programme", type=Path, help="a programme instead of the default one")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
