"""``loyaltill hq till``: the tills that HQ knows, and who is shut out."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from cli.giving.telling import answered, person, table
from cli.options import add_config, explain
from hq.asking import ask_at
from hq.config import HqConfig
from hq.control.desks import Desk

_ABOUT = """\
The tills that HQ knows: how each stands, and who may talk to HQ. A till is named by its name or by the beginning of its id. HQ may
be running or not."""
_ABOUT_LIST = """\
List tills: the epoch, sequence and head code of the journal that HQ holds, when HQ last heard of them, what HQ could not post, what
a person should look at, and the programme they count by."""
_ABOUT_REVOKE = """\
Shut a till out: it was stolen or lost. HQ refuses its token and its key from now on; what it had sent stays posted. It is a
record among the exceptions. Doing it again changes nothing.

With --lost you say that what it has not sent will never come."""
_ABOUT_RESTORE = """\
Let a till in again that was shut out. Its token and key are good again; a till that strangers may have copied should be set up
anew instead. What it has not sent is posted as usual when it comes, also where it was said to be lost."""
_COLUMNS = (
    ("till", "name"),
    ("store", "store"),
    ("id", "terminal_id"),
    ("state", "state"),
    ("epoch", "epoch"),
    ("sequence", "sequence"),
    ("head", "head"),
    ("last seen (UTC)", "seen_at"),
    ("unposted", "unposted"),
    ("parked", "parked"),
    ("exceptions", "exceptions"),
    ("programme", "programme"),
)


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    till = actions.add_parser("till", help="list tills, shut one out, let it in again")
    explain(till, _ABOUT, 'loyaltill hq till list\nloyaltill hq till revoke "Till 2" --note "stolen"')
    verbs = till.add_subparsers(title="actions", metavar="ACTION", dest="verb", required=True)
    listed = verbs.add_parser("list", help="list tills and how they stand")
    explain(listed, _ABOUT_LIST, "loyaltill hq till list\nloyaltill hq till list 3f2a --json")
    listed.add_argument("till", nargs="?", default="", metavar="TILL", help="only tills with this name or id")
    revoke = verbs.add_parser("revoke", help="shut a till out")
    explain(revoke, _ABOUT_REVOKE, 'loyaltill hq till revoke 3f2a9c01 --note "stolen on Friday" --lost')
    revoke.add_argument("--lost", action="store_true", help="what it has not sent will never come")
    restore = verbs.add_parser("restore-access", help="let a till in again")
    explain(restore, _ABOUT_RESTORE, 'loyaltill hq till restore-access 3f2a9c01 --note "found"')
    for one in (revoke, restore):
        one.add_argument("till", metavar="TILL", help="its name, or the beginning of its id")
        one.add_argument("--note", default="", metavar="TEXT", help="why; kept with the record")
    for one in (listed, revoke, restore):
        one.add_argument("--json", action="store_true", help="print one JSON object")
        add_config(one)


def run(arguments: argparse.Namespace, config: HqConfig) -> int:
    """Do one action."""
    asked: dict[str, Any] = {"do": arguments.verb, "till": arguments.till}
    if arguments.verb != "list":
        asked |= {"note": arguments.note, "by": person(), "lost": getattr(arguments, "lost", False)}
    said = answered(ask_at(config, Desk.TILLS, asked))
    if arguments.json:
        print(json.dumps(said, ensure_ascii=False))
    elif arguments.verb == "list":
        print(_table(said["tills"]) if said["tills"] else "no till is paired yet")
    else:
        print(_told(arguments.verb, said))
    return 0


def _told(verb: str, said: Mapping[str, Any]) -> str:
    till = said["till"]
    done = {"revoke": "shut out", "restore-access": "let in again"}[verb]
    if said["known"]:
        done = {"revoke": "was shut out before", "restore-access": "is not shut out"}[verb]
    lost = "; what it has not sent will never come" if till["state"] == "lost" else ""
    return f"{till['name']} in {till['store']} ({till['terminal_id']}): {done}{lost}"


def _table(tills: list[dict[str, Any]]) -> str:
    return table([head for head, _ in _COLUMNS], [[_cell(name, one[name]) for _, name in _COLUMNS] for one in tills])


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    return str(value)[:16].replace("T", " ") if name == "seen_at" else str(value)
