"""``loyaltill hq``: serve, make a pairing code for a till or a sign-in link, run jobs, correct an account, give out."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.failures import usage
from cli.giving import coupons, members, stock
from cli.giving.telling import answered, person
from cli.interrupts import Interrupts
from cli.leases import commands as leases
from cli.logs import start_logging
from cli.options import add_config, config_file, explain
from cli.reviewing import audit, piles, tills
from hq.asking import ask_at, back_up, make_login_link, make_pairing_code, member_code, note_backup, snapshot
from hq.config import HqConfig, load_hq_config
from hq.control.desks import Desk
from hq.server import Hq, declare_restored, open_hq, serve
from loyalty.cards import is_card
from sync.member_code import MAX_MINUTES

_ABOUT = """\
Run HQ, the server that tills send their journals to, or make what lets a till or a person in. Settings are the table
[hq] of config.toml; without a database of its own, HQ keeps its book in [hq] data_dir."""
_ABOUT_SERVE = """\
Serve tills and browsers until Ctrl-C. Prints HQ's address, and a link that signs one person in, once."""
_ABOUT_CODE = """\
Print a code with which one till pairs within 15 minutes: `loyaltill till pair CODE`. HQ may be running or not."""
_ABOUT_LINK = """\
Print a link that signs one person in to HQ's pages, once, within 15 minutes. HQ may be running or not; `loyaltill hq
serve` prints one at its start, too."""
_ABOUT_RESTORED = """\
Say that HQ's whole folder came back from a backup, while HQ is stopped: tills then fetch everything anew and send what
the backup lacks. Where only the book came back, HQ finds out by itself."""
_ABOUT_JOBS = """\
Do what time does: give up what dark tills hold, where [hq] write_off_after_days says so, take units that are over, review
tiers, count segments, give what is due for birthdays and to those who stayed away. Run it once a day, by cron or a timer,
soon after the stores' midnight; twice, late or again after a crash does nothing twice. HQ may be running or not.

Jobs: leases, expiry, tiers, segments, offers, feed (what lies far behind in the feed is closed into files that tills fetch,
and tombstones of more than 90 days go). Without --only all of them run, in this order."""
_ABOUT_ADJUST = """\
Give a member units, or take them: an entry of HQ's own, with the reason and who said so. What is taken must be there to
be spent. HQ may be running or not."""
_ABOUT_SNAPSHOT = """\
Make the snapshot with which tills of a large merchant begin, and those that were away for long: one file with a few bytes
of every member, signed by HQ, in the place of the one before. Run it once a day, by cron or a timer. HQ may be running
or not."""
_ABOUT_BACKUP = """\
Copy HQ's book to FILE, check the copy, and tell tills that what it holds is durable: only then do they ever remove an entry.
HQ may be running or not. Keep FILE on another machine: this command cannot see whether it will survive.

For a book in PostgreSQL, or with other tools, make the backup with those, check it, and then give the instant as of which it
holds everything: --external 2026-12-01T03:00+05:00."""
_ABOUT_MEMBER_CODE = f"""\
Print a member's code: a card number that HQ signs for some minutes, at most {MAX_MINUTES}. As a QR code on a member's phone it
is read by every till that is paired, with or without HQ, and a copy of it is soon worth nothing. A till judges it like the
card: that of a card which was withdrawn, or which nobody has, finds nobody. HQ may be running or not."""
_ACTIONS = (
    ("serve", "serve tills and browsers until Ctrl-C", _ABOUT_SERVE),
    ("pair-code", "make a one-time code with which one till pairs", _ABOUT_CODE),
    ("link", "make a one-time sign-in link to the pages", _ABOUT_LINK),
    ("snapshot", "make the snapshot that new tills begin with", _ABOUT_SNAPSHOT),
    ("restored", "say that HQ's folder came back from a backup", _ABOUT_RESTORED),
)

_ROOMS: dict[str, Callable[[argparse.Namespace, HqConfig], int]] = {
    "leases": leases.run,
    "stock": stock.run_stock,
    "limits": stock.run_limits,
    "coupons": coupons.run,
    "member": members.run,
    "exceptions": piles.run,
    "parked": piles.run,
    "till": tills.run,
    "audit": audit.run,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill hq serve\nloyaltill hq pair-code")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for name, text, about in _ACTIONS:
        action = actions.add_parser(name, help=text)
        explain(action, about, f"loyaltill hq {name} --config /etc/loyaltill/config.toml")
        add_config(action)
    jobs = actions.add_parser("jobs", help="run the jobs of the day: leases, expiry, tiers, segments, offers")
    explain(jobs, _ABOUT_JOBS, "loyaltill hq jobs run\nloyaltill hq jobs run --only expiry,tiers --json")
    jobs.add_argument("what", choices=["run"], metavar="run")
    jobs.add_argument("--at", metavar="INSTANT", help="as if it were then, as 2026-12-01T03:00+05:00; default: now")
    jobs.add_argument("--only", type=_names, default=[], metavar="JOBS", help="some jobs, with commas between them")
    jobs.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(jobs)
    correct = actions.add_parser("adjust", help="give a member units, or take them")
    explain(correct, _ABOUT_ADJUST, 'loyaltill hq adjust --card 29001234 --amount -40 --reason "counted twice"')
    correct.add_argument("--card", required=True, metavar="NUMBER", help="the member's card")
    correct.add_argument("--unit", default="points", metavar="ID", help="the unit; default: points")
    correct.add_argument("--amount", required=True, metavar="AMOUNT", help="how many; below zero to take them")
    correct.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with the entry")
    add_config(correct)
    code = actions.add_parser("member-code", help="print a member's short-lived code, for a QR code")
    explain(code, _ABOUT_MEMBER_CODE, "loyaltill hq member-code 2100000000012 --minutes 10")
    code.add_argument("card", metavar="CARD", help="the card number")
    code.add_argument("--minutes", type=int, default=5, metavar="N", help="how long it is good; default: 5")
    add_config(code)
    backup = actions.add_parser("backup", help="copy the book, and tell tills what is durable")
    explain(backup, _ABOUT_BACKUP, "loyaltill hq backup /mnt/backups/hq.sqlite3")
    which = backup.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="where the copy goes; replaced once it is good"
    )
    which.add_argument("--external", metavar="INSTANT", help="another verified backup holds all up to then")
    add_config(backup)
    stock.add_parsers(actions)
    leases.add_parsers(actions)
    coupons.add_parsers(actions)
    members.add_parsers(actions)
    piles.add_parsers(actions)
    tills.add_parsers(actions)
    audit.add_parser(actions)


def run(arguments: argparse.Namespace) -> int:
    """Do one action."""
    config = load_hq_config(config_file(arguments))
    if arguments.action in _ROOMS:
        return _ROOMS[arguments.action](arguments, config)
    match arguments.action:
        case "serve":
            with Interrupts(expected=True):
                _serve(config)
        case "pair-code":
            print(make_pairing_code(config))
            print("good once, for 15 minutes; at the till: loyaltill till pair CODE", file=sys.stderr)
        case "link":
            print(make_login_link(config))
        case "snapshot":
            made = snapshot(config)
            size = sum(frame.packed for frame in made.manifest.frames)
            print(f"{made.members} members at position {made.manifest.position}: {size} bytes to send")
        case "jobs":
            _say_done(answered(ask_at(config, Desk.JOBS, {"at": arguments.at, "only": arguments.only})), arguments.json)
        case "adjust":
            asked = {name: getattr(arguments, name) for name in ("card", "unit", "amount", "reason")}
            said = answered(ask_at(config, Desk.ADJUSTMENTS, {**asked, "by": person()}))
            print(f"done; the balance is {said['balance']} {arguments.unit}")
        case "member-code":
            _print_code(config, arguments.card, arguments.minutes)
        case "backup":
            said = answered(
                note_backup(config, arguments.external) if arguments.external else back_up(config, arguments.file)
            )
            print(f"done; {said['journals']} journals have more that is durable")
        case _:
            print(f"HQ begins a new epoch, {declare_restored(config)}; tills fetch the feed anew")
    return 0


def _say_done(said: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"done": said["done"]}))
        return
    for one in said["done"]:
        print(f"{one['job']}: {one['looked_at']} looked at, {one['changed']} changed")


def _print_code(config: HqConfig, card: str, minutes: int) -> None:
    if not is_card(card):
        usage("CARD: expected a card number, 1 to 64 printable ASCII characters without spaces")
    if not 1 <= minutes <= MAX_MINUTES:
        usage(f"--minutes: expected 1 to {MAX_MINUTES}")
    print(member_code(config, card, minutes, datetime.now(UTC)))


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _serve(config: HqConfig) -> None:
    start_logging()
    with suppress(KeyboardInterrupt), open_hq(config) as hq:  # the way to end it; what was under way is answered first
        serve(hq, on_start=lambda url: _say_started(hq, url))
    print("HQ has stopped", flush=True)


def _say_started(hq: Hq, url: str) -> None:
    print(f"HQ serves at {url}", flush=True)
    print(f"sign in once with {hq.make_login_link(url)}", flush=True)
    print("Ctrl-C ends it", flush=True)
