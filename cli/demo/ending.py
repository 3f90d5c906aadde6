"""How a demo ends: it waits until printer and HQ have caught up, shows what came of the day, and stays for a look."""

import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from agent.book.print_jobs import PrintJob
from agent.print_worker import job_name
from agent.sync_worker import SyncMode
from agent.terminal import Terminal
from cli.demo.day import DemoDay
from cli.interrupts import Interrupts
from hq.history.plan import Plan
from hq.overview.values import HqTotals
from hq.server import Hq
from loyalty.holding.balances import balances_digest

SETTLE_S = 120
_LOOK_S = 0.05
_HOPELESS = frozenset({SyncMode.REFUSED, SyncMode.FORKED, SyncMode.UNPAIRED})
_UNIT = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """The demo's parts, running."""

    plan: Plan
    hq: Hq
    hq_url: str
    terminal: Terminal
    day: DemoDay


def settle(demo: Demo, within_s: float = SETTLE_S) -> list[str]:
    """Wait until everything is printed, sent, and come back through the feed; gives what is left undone."""
    deadline = time.monotonic() + within_s
    while (left := _left(demo)) and time.monotonic() < deadline and demo.terminal.sync_mode not in _HOPELESS:
        demo.terminal.nudge()
        time.sleep(_LOOK_S)
    return left


def show(demo: Demo, printed: Path, left: list[str]) -> bool:
    """Show what came of the day; True when till and HQ agree and nothing was refused or left undone."""
    totals = demo.hq.totals()
    agree = _agree(demo, totals)
    _show_receipt(demo, printed)
    _show_totals(demo, totals)
    for sentence in left:
        print(f"left undone: {sentence}")
    for code, count in sorted(demo.day.refused.items()):
        print(f"the till refused {count:,} with {code}")
    print(f"the till's page {demo.terminal.url}")
    print(f"HQ's page       {demo.hq.make_login_link(demo.hq_url)} (signs in once)")
    print(f"till and HQ {'agree' if agree else 'DISAGREE'}", flush=True)
    return agree and not left and not demo.day.refused


def stay(interrupts: Interrupts) -> None:
    """Stay up until Ctrl-C, which is then the demo's proper end."""
    ended = threading.Event()
    try:
        interrupts.expect()
        print("Ctrl-C ends the demo; its data stays until the next one.", flush=True)
        while not ended.wait(0.5):  # on Windows a longer wait cannot be interrupted
            pass
    except KeyboardInterrupt:
        print("\nThe demo has ended.", flush=True)


def _left(demo: Demo) -> list[str]:
    till, printing = demo.terminal.till, demo.terminal.printing
    left = []
    if unsent := till.unsent():
        left.append(f"{unsent:,} entries were not sent to HQ ({_sync_detail(demo)})")
    elif unshown := till.unshown():
        left.append(f"{unshown:,} postings did not come back from HQ ({_sync_detail(demo)})")
    if printing is not None:
        status = printing.status.queue
        unprinted = status.jobs.waiting + status.jobs.unknown + status.jobs.refused
        if unprinted:
            left.append(f"{unprinted:,} receipts were not printed ({status.detail or 'the printer is still at it'})")
    return left


def _sync_detail(demo: Demo) -> str:
    syncing = demo.terminal.syncing
    if syncing is None:
        return "the till does not sync"
    return f"sync is {syncing.last.mode.value}: {syncing.last.detail}" if syncing.last.detail else "still under way"


def _agree(demo: Demo, totals: HqTotals) -> bool:
    till, overview = demo.terminal.till, demo.hq.overview
    head = till.context.book.head
    return (
        balances_digest(till.journal_balances()) == overview.balances_digest() == till.balances_digest()
        and head.sequence == totals.entries
        and overview.head_of(head.terminal, head.epoch) == head.hash
    )


def _show_receipt(demo: Demo, printed: Path) -> None:
    sequence = demo.day.last_sequence
    if sequence is None:
        return
    name = job_name(PrintJob(job=0, sequence=sequence, copies=0))
    try:
        print((printed / f"{name}.txt").read_text(encoding="utf-8"))
    except FileNotFoundError:
        print(f"the last receipt, {name}, was not printed", file=sys.stderr)
    else:
        print(f"the same as a picture: {printed / f'{name}.png'}\n")


def _show_totals(demo: Demo, totals: HqTotals) -> None:
    till = demo.terminal.till
    head = till.context.book.head
    card = demo.day.last_card
    if card is not None:
        held = demo.hq.member_balance(card)
        _row(
            f"card ...{card[-4:]}",
            (till.member_balances(card) or {}).get(_UNIT, 0),
            held.of(_UNIT) if held is not None else 0,
        )
    _row("points outstanding", till.outstanding(_UNIT), totals.outstanding.get(_UNIT, 0))
    _row("journal entries", head.sequence, totals.entries)
    _row("members", till.member_count(), totals.members)
    print(f"earned {totals.earned.get(_UNIT, 0):,}, taken back {totals.reversed.get(_UNIT, 0):,}")


def _row(name: str, at_till: int, at_hq: int) -> None:
    print(f"{name:<20} till {at_till:>12,}   HQ {at_hq:>12,}")
