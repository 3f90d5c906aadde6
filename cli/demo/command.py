"""``loyaltill demo``: see a till and an HQ at work, and whether they agree."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.terminal import Terminal
from cli.demo.day import DemoDay
from cli.demo.ending import Demo, settle, show, stay
from cli.demo.shop import SCANNER, Shop
from cli.failures import FAILED
from cli.interrupts import Interrupts
from cli.logs import quiet_logging
from cli.options import explain
from cli.progress import progress
from drivers.scanners.sources.simulated import SimulatedSource
from hq.errors import PortBusy
from hq.history.choice import choose_mapping
from hq.history.mapping import ReceiptMapping
from hq.history.mapping_reader import read_mapping
from hq.history.plan import Plan, build_plan
from hq.server import Hq, ServerThread, open_hq
from messages.languages import LANGUAGES

_ABOUT = """\
Start an HQ and one paired till on this machine and run a day of receipts through the till: a simulated scanner scans
each member's card, the basket is quoted and committed, points are awarded, the receipt is printed to a folder, and the
journal goes to HQ. Then show the last receipt, a member's balance and the totals at both, and stay up for a look at
HQ's pages until Ctrl-C. Nothing leaves this machine."""
_EXAMPLES = """\
loyaltill demo
loyaltill demo --exit --language kk
loyaltill demo --receipts receipts.csv.gz"""
_AFTER = """\
Each demo empties the folder of the one before it; a folder that is not a demo's is left alone.

Exit status: 0 till and HQ agree, 1 they do not or the till refused a receipt, 2 a file cannot be used."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, _EXAMPLES, _AFTER)
    parser.add_argument("--exit", action="store_true", help="end when the day is over, with a status for scripts")
    parser.add_argument("--receipts", type=Path, metavar="FILE", help="your own past receipts; default: a made-up day")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="TOML: what their columns mean")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=Path("demo-data"),
        metavar="DIR",
        help="where books and receipts are made; default: demo-data in the current folder",
    )
    languages = f"what receipts are printed in: {', '.join(LANGUAGES)}; default: en"
    parser.add_argument("--language", choices=LANGUAGES, default="en", metavar="LANGUAGE", help=languages)


def run(arguments: argparse.Namespace) -> int:
    """Run the day; 0 when till and HQ agree and the till took everything, else 1."""
    quiet_logging()
    shop = Shop(folder=arguments.data_dir.absolute())
    shop.keep_out(arguments.receipts, arguments.mapping)
    mapping = _mapping(arguments.receipts, arguments.mapping)
    shop.clear()
    receipts = arguments.receipts or shop.receipts()
    plan = build_plan(receipts, mapping or choose_mapping(receipts), shop.folder)
    with Interrupts(expected=False) as interrupts, _open(shop, plan, arguments.language) as demo:
        _run_day(demo)
        left = settle(demo)
        well = show(demo, shop.printed, left)
        if not arguments.exit:
            stay(interrupts)
    return 0 if well else FAILED


def _mapping(receipts: Path | None, given: Path | None) -> ReceiptMapping | None:
    """Read the mapping of given receipts before an earlier demo's folder is emptied."""
    if given is not None:
        return read_mapping(given)
    return choose_mapping(receipts) if receipts is not None else None


@contextmanager
def _open(shop: Shop, plan: Plan, language: str) -> Iterator[Demo]:
    scanner = SimulatedSource(SCANNER)
    with open_hq(shop.hq_config()) as hq, _served(hq) as server:
        config = shop.till_config(plan.mapping, server.url, language)
        with Terminal(config, make_source=lambda _: scanner) as terminal:
            terminal.pair(hq.make_pairing_code())
            day = DemoDay(terminal, scanner, plan.mapping.currency.code, plan.park)
            yield Demo(plan=plan, hq=hq, hq_url=server.url, terminal=terminal, day=day)


def _served(hq: Hq) -> ServerThread:
    """Serve on the usual port, or on any when another program has it."""
    try:
        return ServerThread(hq)
    except PortBusy:
        return ServerThread(hq, port=0)


def _run_day(demo: Demo) -> None:
    with progress("a day at the till", demo.plan.counts.operations) as done:
        for operation in demo.plan.operations():
            demo.day.take(operation)
            done(operation.index)
