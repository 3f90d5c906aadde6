"""``loyaltill hq member``: two members who are one become one, and a member is forgotten."""

import argparse
import json

from cli.giving.telling import answered, person
from cli.options import add_config, explain
from hq.asking import ask_at
from hq.config import HqConfig
from hq.control.desks import Desk

_ABOUT = """\
What people do about members. HQ may be running or not."""
_ABOUT_MERGE = """\
Two members are one person: all that the member of --card has goes to the member of --into, and their cards lead there from
now on. What was written stays as it is, and what tills still send for the first one goes to the second. There is no way
back: what the two spent since cannot be told apart.

With --once it is done once, however often the command is run."""


_ABOUT_ERASE = """\
Forget the member of a card: their cards lead nowhere, what they told of themselves goes, and so do the details of all their
entries that HQ holds or that still come. The units stay as they are, and nobody can use them. There is no way back.

After an interruption run it again: it goes on. Do not name the member in --reason. Tills do the same once they next talk to HQ. Your
backups from before still hold the details; after you restored one, ask for the erasure again."""


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    member = actions.add_parser("member", help="merge two members, forget one")
    example = 'loyaltill hq member merge --card 29001234 --into 29005678 --reason "enrolled twice"'
    explain(member, _ABOUT, example)
    verbs = member.add_subparsers(title="actions", metavar="ACTION", dest="verb", required=True)
    merge = verbs.add_parser("merge", help="let one member be another")
    explain(merge, _ABOUT_MERGE, example)
    merge.add_argument("--card", required=True, metavar="NUMBER", help="a card of the one who becomes the other")
    merge.add_argument("--into", required=True, metavar="NUMBER", help="a card of the one who stays")
    merge.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with the entry")
    merge.add_argument("--once", default="", metavar="KEY", help="a text of yours under which this is done once")
    merge.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(merge)

    erase = verbs.add_parser("erase", help="forget a member")
    explain(erase, _ABOUT_ERASE, 'loyaltill hq member erase --card 29001234 --reason "request 17"')
    erase.add_argument("--card", required=True, metavar="NUMBER", help="a card of the member")
    erase.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with the request")
    erase.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(erase)


def run(arguments: argparse.Namespace, config: HqConfig) -> int:
    """Do one action."""
    names = ("card", "into", "reason", "once") if arguments.verb == "merge" else ("card", "reason")
    asked = {name: getattr(arguments, name) for name in names}
    said = answered(ask_at(config, Desk.MEMBERS, {"do": arguments.verb, **asked, "by": person()}))
    if arguments.json:
        print(json.dumps(said))
    elif arguments.verb == "erase":
        print(f"{'done before' if said['known'] else 'done'}; the details of {said['entries']} entries are erased")
    elif said["known"]:
        print("done before")
    else:
        print(f"done; {said['cards']} cards lead to the other member now, {said['leases']} leases were called back")
    return 0
