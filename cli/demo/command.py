"""``loyaltill demo``: see a till and an HQ at work, and whether they agree."""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.book.print_jobs import PrintJob
from agent.print_worker import job_name
from agent.terminal import Terminal
from cli.demo.day import DemoDay
from cli.demo.shop import Shop
from cli.failures import FAILED
from cli.progress import progress
from drivers.scanners.simulated import SimulatedSource
from hq.errors import PortBusy
from hq.history.choice import choose_mapping
from hq.history.mapping_reader import read_mapping
from hq.history.plan import Plan, build_plan
from hq.server import Hq, ServerThread, open_hq
from messages.languages import LANGUAGES

_UNIT = "points"
_SETTLE_S = 120.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--exit", action="store_true", help="end when the day is over; status 0 when both agree")
    parser.add_argument("--receipts", type=Path, metavar="FILE", help="real receipt lines instead of a generated day")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="TOML that says what their columns mean")
    parser.add_argument("--data-dir", type=Path, default=Path("demo-data"), metavar="DIR", help="(%(default)s)")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="what receipts are printed in (en)")


def run(arguments: argparse.Namespace) -> int:
    """Run the day; 0 when till and HQ agree, else 1."""
    shop = Shop(folder=arguments.data_dir.absolute())
    shop.clear()
    receipts = arguments.receipts or shop.receipts()
    mapping = read_mapping(arguments.mapping) if arguments.mapping else choose_mapping(receipts)
    plan = build_plan(receipts, mapping, shop.folder)
    with _open(shop, plan, arguments.language) as demo:
        _run_day(demo)
        agree = _show(demo, shop)
        if not arguments.exit:
            _stay(demo)
    return 0 if agree else FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demo:
    """The demo's parts, running."""

    plan: Plan
    hq: Hq
    hq_url: str
    terminal: Terminal
    day: DemoDay


@contextmanager
def _open(shop: Shop, plan: Plan, language: str) -> Iterator[_Demo]:
    scanner = SimulatedSource()
    with open_hq(shop.hq_config()) as hq, _served(hq) as server:
        config = shop.till_config(plan.mapping, server.url, language)
        with Terminal(config, shop.programme(plan.mapping), scanner=scanner) as terminal:
            terminal.pair(hq.make_pairing_code())
            day = DemoDay(terminal, scanner, plan.mapping.currency.code)
            yield _Demo(plan=plan, hq=hq, hq_url=server.url, terminal=terminal, day=day)


def _served(hq: Hq) -> ServerThread:
    """Serve on the usual port, or on any when another program has it."""
    try:
        return ServerThread(hq)
    except PortBusy:
        return ServerThread(hq, port=0)


def _run_day(demo: _Demo) -> None:
    with progress("a day at the till", demo.plan.counts.operations) as done:
        for operation in demo.plan.operations():
            demo.day.take(operation)
            done(operation.index)
    deadline = time.monotonic() + _SETTLE_S
    while not _settled(demo) and time.monotonic() < deadline:
        demo.terminal.nudge()
        time.sleep(0.05)


def _settled(demo: _Demo) -> bool:
    """Whether everything is printed, sent, and come back through the feed."""
    till, printing = demo.terminal.till, demo.terminal.printing
    printed = printing is None or printing.status.waiting == 0
    return printed and till.unsent() == 0 and till.unshown() == 0


def _show(demo: _Demo, shop: Shop) -> bool:
    till, totals = demo.terminal.till, demo.hq.totals()
    head = till.context.book.head
    agree = (
        till.balances_digest() == demo.hq.overview.balances_digest()
        and head.sequence == totals.entries
        and demo.hq.overview.head_of(head.terminal, head.epoch) == head.hash
        and not demo.day.refused
    )
    _show_receipt(demo, shop)
    _show_member(demo)
    print(f"points outstanding   till {till.outstanding(_UNIT):>12,}   HQ {totals.outstanding.get(_UNIT, 0):>12,}")
    print(f"journal entries      till {head.sequence:>12,}   HQ {totals.entries:>12,}")
    print(f"members              till {till.member_count():>12,}   HQ {totals.members:>12,}")
    print(f"earned {totals.earned.get(_UNIT, 0):,}, taken back {totals.reversed.get(_UNIT, 0):,}")
    for code, count in sorted(demo.day.refused.items()):
        print(f"refused: {count} x {code}")
    print(f"till and HQ {'agree' if agree else 'DISAGREE'}")
    return agree


def _show_receipt(demo: _Demo, shop: Shop) -> None:
    sequence = demo.day.last_sequence
    if sequence is None:
        return
    found = job_name(PrintJob(job=0, sequence=sequence, copies=0))
    print((shop.printed / f"{found}.txt").read_text(encoding="utf-8"))
    print(f"the same as a picture: {shop.printed / f'{found}.png'}\n")


def _show_member(demo: _Demo) -> None:
    card = demo.day.last_card
    if card is None:
        return
    at_till = (demo.terminal.till.member_balances(card) or {}).get(_UNIT, 0)
    at_hq = demo.hq.member_balance(card)
    held = at_hq.of(_UNIT) if at_hq is not None else 0
    print(f"card ...{card[-4:]:<12} till {at_till:>12,}   HQ {held:>12,}")


def _stay(demo: _Demo) -> None:
    print(f"\ntill   {getattr(demo.terminal, 'url', '')}")
    print(f"HQ     {demo.hq.make_login_link(demo.hq_url)}   (signs in once)")
    print("Ctrl-C ends the demo; its data stays until the next one.", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()
