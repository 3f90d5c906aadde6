"""``loyaltill hq leases list|recall|write-off``."""

import argparse
import json

from cli.giving.telling import answered, table
from cli.options import add_config, explain
from hq.asking import ask_at
from hq.config import HqConfig
from hq.control.desks import Desk

_ABOUT = """\
What tills may give without asking HQ. A lease closes when its till says so; `recall` asks for that, and `write-off` gives up waiting:
what was left of it is free again, and a redemption under it that still comes is the merchant's loss, never more than was left."""
_COLUMNS = ("lease", "till", "store", "unit", "granted", "left", "state", "ends")
_NAMED = 10
_SHOWN = 12


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    leases = actions.add_parser("leases", help="list what tills may give without HQ, recall it or write it off")
    explain(leases, _ABOUT, "loyaltill hq leases list\nloyaltill hq leases write-off 3f9a21")
    verbs = leases.add_subparsers(title="actions", metavar="ACTION", dest="verb", required=True)
    shown = verbs.add_parser("list", help="list the leases that count")
    explain(shown, _ABOUT, "loyaltill hq leases list --all")
    shown.add_argument("--all", action="store_true", help="those that ended too")
    shown.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(shown)
    for verb, text in (("recall", "ask tills to give leases back"), ("write-off", "give leases of dark tills up")):
        change = verbs.add_parser(verb, help=text)
        explain(change, _ABOUT, f"loyaltill hq leases {verb} 3f9a21")
        change.add_argument("leases", nargs="+", metavar="LEASE", help="the beginning of an id, as list shows it")
        change.add_argument("--json", action="store_true", help="print one JSON object")
        add_config(change)


def run(arguments: argparse.Namespace, config: HqConfig) -> int:
    """List or change leases."""
    if arguments.verb == "list":
        said = answered(ask_at(config, Desk.LEASES, {"do": "list", "all": arguments.all}))
        rows, unheard = said["leases"], said["unheard"]
        if arguments.json:
            print(json.dumps(said))
        elif not rows:
            print("no till holds a lease")
        else:
            print(
                table(
                    _COLUMNS,
                    [[str(row[name])[: _SHOWN if name == "lease" else None] for name in _COLUMNS] for row in rows],
                )
            )
        if unheard and not arguments.json:
            print(
                f"HQ was restored and grants nothing until {len(unheard)} tills have said what they hold:"
                f" {', '.join(unheard[:_NAMED])}{' ...' if len(unheard) > _NAMED else ''}"
            )
            print("one that will never come back is shut out with `loyaltill hq till revoke`")
        return 0
    asked = {"do": arguments.verb.replace("-", "_"), "leases": arguments.leases}
    said = answered(ask_at(config, Desk.LEASES, asked))
    print(json.dumps(said) if arguments.json else f"done: {len(said['changed'])} leases")
    return 0
