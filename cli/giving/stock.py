"""``loyaltill hq stock`` and ``loyaltill hq limits``: what stores have to hand out, and what is left for everybody."""

import argparse
import json

from cli.giving.telling import answered, person, table
from cli.options import add_config, explain
from hq.asking import ask_at
from hq.config import HqConfig
from hq.control.desks import Desk

_ABOUT = """\
Stock of gifts and merchandise, for rewards with `stock = true`: a store gives out only what it was said to have. Sales
lower it; people raise it. Tills hear of it when they next talk to HQ."""
_ABOUT_LIST = """\
List what each store has of each gift, by the programme in force there. Below zero: tills that could not hear of each other
gave out more than there was."""
_ABOUT_SET = """\
Say how many pieces a store has, as they were counted. What tills have sold and not sent yet is taken off when it comes, so
let them send first."""
_ABOUT_ADD = """\
Say how many pieces came to a store, or were taken from it: below zero. With --once the same delivery is added once,
however often the command is run."""
_ABOUT_LIMITS = """\
List how far the limits that everybody shares are used up: budgets (of this month or day, where they are by month or day),
seats of events, and uses in all, for each version of a programme that is in force. What each member has for themselves is
not listed. HQ may be running or not."""


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    stock = actions.add_parser("stock", help="list what stores have to hand out, count it or add to it")
    explain(
        stock,
        _ABOUT,
        "loyaltill hq stock list\nloyaltill hq stock add --reward mug --item mug --store s1 --quantity 20",
    )
    verbs = stock.add_subparsers(title="actions", metavar="ACTION", dest="verb", required=True)
    shown = verbs.add_parser("list", help="list what each store has")
    explain(shown, _ABOUT_LIST, "loyaltill hq stock list --store s1")
    shown.add_argument("--store", metavar="ID", help="only this store")
    shown.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(shown)
    for verb, text, about, quantity in (
        ("set", "say how many pieces a store has", _ABOUT_SET, "pieces, with at most 3 decimals"),
        ("add", "say how many pieces came", _ABOUT_ADD, "pieces; below zero: taken away"),
    ):
        change = verbs.add_parser(verb, help=text)
        explain(change, about, f"loyaltill hq stock {verb} --reward mug --item mug --store s1 --quantity 20")
        change.add_argument("--reward", required=True, metavar="ID", help="the reward of the programme")
        change.add_argument("--item", required=True, metavar="CODE", help="which of its items")
        change.add_argument("--store", required=True, metavar="ID", help="the store")
        change.add_argument("--quantity", required=True, metavar="N", help=quantity)
        change.add_argument("--reason", default="", metavar="TEXT", help="why; kept with the entry")
        change.add_argument("--once", default="", metavar="KEY", help="a text of yours under which this is done once")
        change.add_argument("--json", action="store_true", help="print one JSON object")
        add_config(change)
    limits = actions.add_parser("limits", help="list budgets, seats and uses, and how far they are used up")
    explain(limits, _ABOUT_LIMITS, "loyaltill hq limits\nloyaltill hq limits --json")
    limits.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(limits)


def run_stock(arguments: argparse.Namespace, config: HqConfig) -> int:
    """List or change stock."""
    if arguments.verb == "list":
        return _list(arguments, config)
    asked = {name: getattr(arguments, name) for name in ("reward", "item", "store", "quantity", "reason", "once")}
    said = answered(ask_at(config, Desk.STOCK, {"do": arguments.verb, **asked, "by": person()}))
    if arguments.json:
        print(json.dumps(said))
        return 0
    place = f"{arguments.reward}/{arguments.item} in {arguments.store}"
    done = "done before" if said["known"] else "done" if said["entry"] else "nothing to do"
    was = "" if said["known"] else f", it had {said['before']}"
    print(f"{done}: {place} has {said['left']}{was}")
    return 0


def run_limits(arguments: argparse.Namespace, config: HqConfig) -> int:
    """List limits."""
    rows = answered(ask_at(config, Desk.STOCK, {"do": "limits"}))["limits"]
    if arguments.json:
        print(json.dumps({"limits": rows}))
    elif not rows:
        print("no programme in force limits anything for everybody")
    else:
        head = ("programme", "version", "limit", "id", "where", "used", "most")
        columns = ("programme", "label", "kind", "id", "where", "used", "most")
        print(table(head, [[row[name] for name in columns] for row in rows]))
    return 0


def _list(arguments: argparse.Namespace, config: HqConfig) -> int:
    rows = answered(ask_at(config, Desk.STOCK, {"do": "list"}))["stock"]
    rows = [row for row in rows if arguments.store in {None, row["store"]}]
    if arguments.json:
        print(json.dumps({"stock": rows}))
    elif not rows:
        print("no programme in force hands out anything from stock there")
    else:
        columns = ("store", "reward", "item", "left")
        print(table(columns, [[row[name] for name in columns] for row in rows]))
    return 0
