"""``loyaltill programme simulate``: past sales through a draft, and through the programme in force."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.config.read import read_text
from cli.failures import CommandFailed, usage
from cli.options import add_config, config_file, explain
from cli.programme.simulated import print_comparison, print_left_out
from cli.progress import progress
from hq.history.choice import choose_mapping
from hq.history.mapping_reader import read_mapping
from hq.history.plan import build_plan
from hq.history.reasons import LineClass
from hq.simulation.compare import Comparison, compare
from hq.simulation.figures import as_json
from hq.simulation.past import Past, of_receipts, returned_in
from hq.simulation.pictures import PICTURE_SUFFIXES, NoPictures, draw
from hq.simulation.run import Simulation
from hq.simulation.values import Redeeming, Simulated
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme

_ABOUT = """\
Replay past sales through a draft of a programme and, beside it, through another one, with the engine that tills use, and
compare what they cost: discounts and gifts, what members hold and what that is worth, month by month; tiers; members
who win and who lose; budgets; and by how much sales would have to grow for the draft to pay for itself.

The past does not tell what members would have redeemed, or bought more. So redeeming is an assumption that is named, and
growth is never predicted: the break-even says what it would take."""
_EXAMPLES = """\
loyaltill programme simulate draft.toml --receipts receipts.csv.gz
loyaltill programme simulate draft.toml --against now.toml --receipts till.csv --mapping till.toml --picture out.svg"""
_WHOLE = 100
_TOLD = 500


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, _EXAMPLES)
    parser.add_argument("programme", type=Path, metavar="FILE", help="the draft, TOML")
    past = parser.add_mutually_exclusive_group(required=True)
    past.add_argument("--receipts", type=Path, metavar="FILE", help="past receipts: CSV, or CSV packed with gzip")
    past.add_argument("--history", action="store_true", help="the sales that HQ holds")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="TOML: what the columns of --receipts mean")
    parser.add_argument("--against", type=Path, metavar="FILE", help="the programme to compare with; default: HQ's")
    parser.add_argument(
        "--redeem",
        type=Redeeming,
        choices=list(Redeeming),
        default=Redeeming.EAGER,
        help="whether members take whatever they can at once, or nothing; default: eager",
    )
    parser.add_argument("--stores", type=_list, default=[], metavar="A,B", help="only the sales of these stores")
    parser.add_argument("--margin", type=_margins, default=(20, 30, 40), metavar="P,P", help="percent of a sale")
    parser.add_argument(
        "--picture",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="draw it too: an SVG or a PNG file, by its ending",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Simulate, and say what came out."""
    begun = time.monotonic()
    for path in arguments.picture:
        if path.suffix not in PICTURE_SUFFIXES:
            usage(f"--picture {path}: expected a name that ends with {' or '.join(PICTURE_SUFFIXES)}")
    draft = _read(arguments.programme)
    with TemporaryDirectory(prefix="loyaltill-") as folder:
        past = _receipts(arguments, draft, Path(folder)) if arguments.receipts else _history(arguments, draft)
        found = _simulate(arguments, draft, past)
    seconds = time.monotonic() - begun
    for path in arguments.picture:
        _draw(found, path, draft)
    if arguments.json:
        more = {"left_out": past.left_out, "redeeming": arguments.redeem.value, "seconds": round(seconds, 3)}
        print(json.dumps({**as_json(found), **more}))
    else:
        print_comparison(found, draft, arguments.redeem, sys.stdout)
        print_left_out(past.left_out, sys.stdout)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the past comes from; it is read once for each programme.

    Attributes:
        left_out: Rows of a file that are no part of it, by reason.
    """

    read: Callable[[], AbstractContextManager[Iterator[Past]]]
    zone: tzinfo
    current: Programme | None
    left_out: Mapping[str, int] = field(default_factory=dict)


def _receipts(arguments: argparse.Namespace, draft: Programme, folder: Path) -> _Source:
    mapping = read_mapping(arguments.mapping) if arguments.mapping else choose_mapping(arguments.receipts)
    if mapping.currency != draft.currency:
        usage(
            f"the receipts are in {mapping.currency.code} with {mapping.currency.scale} decimals, the draft counts in"
            f" {draft.currency.code} with {draft.currency.scale}; give a mapping or a draft of the same currency"
        )
    with progress("reading", None) as told:
        plan = build_plan(arguments.receipts, mapping, folder, told)

    @contextmanager
    def read() -> Iterator[Iterator[Past]]:
        yield of_receipts(plan.operations())

    current = _read(arguments.against) if arguments.against else None
    used = set(LineClass)
    unused = {reason: count for reason, count in plan.counts.rows.items() if reason not in used}
    left_out = {**unused, **plan.counts.parked_lines}
    return _Source(read=read, zone=mapping.zone, current=current, left_out=left_out)


def _history(arguments: argparse.Namespace, draft: Programme) -> _Source:
    from hq.book.looking import book_of
    from hq.config import load_hq_config
    from hq.simulation.stored import source_in_force, stored_past, zone_of_stores

    config = load_hq_config(config_file(arguments))
    with book_of(config) as connection:
        zone = zone_of_stores(connection)
        source = source_in_force(connection, datetime.now(UTC), arguments.stores)

    @contextmanager
    def read() -> Iterator[Iterator[Past]]:
        with book_of(config) as connection:
            yield stored_past(connection, draft.currency.code, arguments.stores)

    if arguments.against or source is None:
        return _Source(read=read, zone=zone, current=_read(arguments.against) if arguments.against else None)
    return _Source(read=read, zone=zone, current=read_programme(source, "the programme in force"))


def _simulate(arguments: argparse.Namespace, draft: Programme, source: _Source) -> Comparison:
    runs: list[Simulated] = []
    with source.read() as past:
        returned = returned_in(past)
    for programme in (draft, source.current):
        if programme is None:
            continue
        with source.read() as past, progress(programme.label, None) as done:
            simulation = Simulation(programme, arguments.redeem, frozenset(arguments.stores))
            runs.append(simulation.run(_told(past, done), source.zone, returned))
    return compare(runs[0], runs[1] if len(runs) > 1 else None, arguments.margin)


def _told(past: Iterator[Past], done: Callable[[int], None]) -> Iterator[Past]:
    for number, one in enumerate(past, start=1):
        yield one
        if number % _TOLD == 0:
            done(number)


def _draw(found: Comparison, path: Path, draft: Programme) -> None:
    try:
        draw(found, path, draft.currency.scale, draft.currency.code)
    except NoPictures as fault:
        raise CommandFailed("pictures need another package: pip install 'loyaltill[pictures]'") from fault
    except OSError as fault:
        raise CommandFailed(f"{path} cannot be written: {fault.strerror or fault}") from fault


def _read(path: Path) -> Programme:
    return read_programme(read_text(path), str(path))


def _list(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _margins(text: str) -> tuple[int, ...]:
    try:
        margins = tuple(int(part) for part in text.split(","))
    except ValueError as fault:
        raise argparse.ArgumentTypeError("expected whole percents, as 20,30,40") from fault
    if not margins or not all(1 <= margin <= _WHOLE for margin in margins):
        raise argparse.ArgumentTypeError("expected percents from 1 to 100, as 20,30,40")
    return margins
