"""``loyaltill hq exceptions`` and ``loyaltill hq parked``: what a person should look at, and what HQ could not post."""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from cli.failures import usage
from cli.giving.telling import answered, person, table
from cli.options import add_config, explain
from hq.asking import at_desk
from hq.attention.parking import ExceptionReason, ParkReason
from hq.config import HqConfig
from hq.control.desks import Desk

_Ask: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
_ABOUT_EXCEPTIONS = """\
What HQ has dealt with and a person should know: a till whose journal was restored or copied, an entry id that came twice
with different bytes, a till that was shut out. HQ may be running or not."""
_ABOUT_PARKED = """\
Entries that HQ stored and acknowledged but could not post, each with the reason and the way out. Nothing of them is lost, and
their tills go on counting them. HQ may be running or not."""
_ABOUT_LIST = """\
List what is open, the newest first, 50 on a page. WHICH in the first column is what the other commands take."""
_ABOUT_SHOW = """\
Show everything about one: the reason with the way out, the entry's postings in words, what it changed, and what happened at
the till, with card numbers and codes masked."""
_ABOUT_SETTLE = """\
Say that you have dealt with one, and how. It leaves the list of what is open. Doing it again changes nothing."""
_ABOUT_SETTLE_PARKED = """\
Say that you have dealt with a return that names no sale, and how: it has nothing to post. Every other parked entry is settled
by posting it: `loyaltill hq parked replay`."""
_ABOUT_REPLAY = """\
Post what can be posted now, after an update of HQ say: one entry, those with one reason or of one till, or all. Each is posted
once, in the order of its journal, however often this is run; after an interruption run it again. What still cannot be posted
stays where it is, with its reason."""
_REASONS = {"exceptions": ExceptionReason, "parked": ParkReason}


def add_parsers(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    exceptions = actions.add_parser("exceptions", help="list what a person should look at, show one, settle it")
    explain(exceptions, _ABOUT_EXCEPTIONS, "loyaltill hq exceptions list\nloyaltill hq exceptions show WHICH")
    verbs = exceptions.add_subparsers(title="actions", metavar="ACTION", dest="verb", required=True)
    _add_looking(verbs, "exceptions")
    _add_settle(verbs, "exceptions", "say that you have dealt with one", _ABOUT_SETTLE)
    parked = actions.add_parser("parked", help="list what HQ could not post, show one, post it now")
    explain(parked, _ABOUT_PARKED, "loyaltill hq parked list\nloyaltill hq parked replay --all")
    verbs = parked.add_subparsers(title="actions", metavar="ACTION", dest="verb", required=True)
    _add_looking(verbs, "parked")
    replay = verbs.add_parser("replay", help="post what can be posted now")
    explain(replay, _ABOUT_REPLAY, "loyaltill hq parked replay --reason unknown_kind\nloyaltill hq parked replay WHICH")
    replay.add_argument("which", nargs="?", default="", metavar="WHICH", help="one, as the list names it")
    _add_filters(replay, "parked")
    replay.add_argument("--all", action="store_true", help="all that is parked")
    _add_end(replay)
    _add_settle(verbs, "parked", "say that you have dealt with a return without a sale", _ABOUT_SETTLE_PARKED)


def run(arguments: argparse.Namespace, config: HqConfig) -> int:
    """Do one action."""
    pile = arguments.action
    with at_desk(config, Desk.ATTENTION) as ask:
        match arguments.verb:
            case "list":
                _list(arguments, ask)
            case "show":
                said = answered(ask({"do": "show", "pile": pile, "which": arguments.which}))
                print(json.dumps(said, ensure_ascii=False) if arguments.json else "\n".join(_told(said)))
            case "settle":
                asked = {"do": "settle", "pile": pile, "which": arguments.which, "note": arguments.note}
                said = answered(ask({**asked, "by": person()}))
                done = "settled before" if said["known"] else "settled"
                print(json.dumps(said) if arguments.json else f"{done}: {said['item']['which']}")
            case _:
                _replay(arguments, ask)
    return 0


def _add_looking(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", pile: str) -> None:
    listed = verbs.add_parser("list", help="list what is open, the newest first")
    explain(listed, _ABOUT_LIST, f"loyaltill hq {pile} list\nloyaltill hq {pile} list --till 3f2a --state all --json")
    _add_filters(listed, pile)
    listed.add_argument(
        "--state",
        choices=["open", "settled", "all"],
        default="open",
        metavar="STATE",
        help="open, settled or all; default: open",
    )
    listed.add_argument("--page", type=int, default=1, metavar="N", help="which page, from 1")
    _add_end(listed)
    shown = verbs.add_parser("show", help="show everything about one")
    explain(shown, _ABOUT_SHOW, f"loyaltill hq {pile} show WHICH")
    shown.add_argument("which", metavar="WHICH", help="as the list names it, or an entry's id or its beginning")
    _add_end(shown)


def _add_filters(parser: argparse.ArgumentParser, pile: str) -> None:
    reasons = [one.value for one in _REASONS[pile]]
    parser.add_argument("--reason", choices=reasons, default="", metavar="REASON", help=f"one of {', '.join(reasons)}")
    parser.add_argument("--till", default="", metavar="TILL", help="a till's name, or the beginning of its id")


def _add_settle(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", pile: str, text: str, about: str) -> None:
    settle = verbs.add_parser("settle", help=text)
    explain(settle, about, f'loyaltill hq {pile} settle WHICH --note "the disk was replaced"')
    settle.add_argument("which", metavar="WHICH", help="as the list names it")
    settle.add_argument("--note", required=True, metavar="TEXT", help="what you did; kept with it")
    _add_end(settle)


def _add_end(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(parser)


def _list(arguments: argparse.Namespace, ask: _Ask) -> None:
    asked = {"pile": arguments.action, "till": arguments.till, "reason": arguments.reason, "page": arguments.page}
    state = "" if arguments.state == "all" else arguments.state
    said = answered(ask({"do": "list", **asked, "state": state}))
    if arguments.json:
        print(json.dumps(said, ensure_ascii=False))
    elif not said["rows"]:
        print("there is nothing")
    else:
        head = ("which", "reason", "till", "store", "state", "when (UTC)")
        print(table(head, [_row(one) for one in said["rows"]]))
        if said["pages"] > 1:
            print(f"page {said['page']} of {said['pages']}, {said['count']} in all")


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    till, store = one["till"] or "HQ itself", one["store"] or ""
    return (one["which"], one["reason"], till, store, one["state"], _when(one["at"]))


def _replay(arguments: argparse.Namespace, ask: _Ask) -> None:
    some = bool(arguments.reason or arguments.till)
    if bool(arguments.which) + some + arguments.all != 1:
        usage("say what to post: WHICH, or --reason or --till, or --all")
    asked: dict[str, Any] = {"do": "replay", "pile": "parked", "which": arguments.which}
    asked |= {"reason": arguments.reason, "till": arguments.till}
    tried: list[dict[str, Any]] = []
    for slice_ in _slices(ask, asked):
        tried += slice_
        for one in () if arguments.json else slice_:
            outcome = "posted" if one["posted"] else f"still parked, {one['reason']}: {one['what']}"
            print(f"{_short(one['which'])}  {outcome}", flush=True)
    posted = sum(one["posted"] for one in tried)
    reasons = Counter(one["reason"] for one in tried if not one["posted"])
    if arguments.json:
        print(json.dumps({"tried": tried, "posted": posted, "still_parked": dict(reasons)}))
    else:
        print(f"{posted} posted, {len(tried) - posted} still parked")


def _slices(ask: _Ask, asked: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    while True:
        said = answered(ask(asked))
        yield said["tried"]
        if said["next"] is None:
            return
        asked = {**asked, "after": said["next"], "upto": said["upto"]}


def _told(said: Mapping[str, Any]) -> Iterator[str]:
    item = said["item"]
    yield f"{item['which']}: {item['reason']}, {item['state']}"
    yield f"  {item['what']}"
    yield f"  {item['way_out']}"
    yield from (f"{name}: {value}" for name, value in _facts(said) if value)
    yield from _many("postings", said["postings"], "none")
    yield from _many("changed", said["ledger"], "nothing")
    if said["detail"] is not None:
        yield "what happened at the till:" if said["detail_proven"] else "what it says of the till, and nothing proves:"
        yield from (f"  {name}: {_shown(value)}" for name, value in said["detail"].items())


def _facts(said: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    item = said["item"]
    yield "till", f"{item['till']} in {item['store']}, {item['terminal']}" if item["till"] else "HQ itself"
    yield "place", f"epoch {item['epoch']}, sequence {item['sequence']}"
    yield "entry", item["entry"]
    yield "kind", said["kind"]
    yield "not readable", said["fault"]
    yield "since", _when(item["at"])
    for name in ("claimed", "received", "effective"):
        yield name, _when(said[f"{name}_at"])
    yield "programme", said["programme"]
    yield "noted", item["note"]
    yield "waits for the account", item["waits_for"]
    if said["first_at"] not in {None, f"{item['terminal']}/{item['epoch']}/{item['sequence']}"}:
        yield "the id came first at", said["first_at"]
    if item["settled_at"]:
        how = f" by {item['settled_by']}: {item['settled_note']}" if item["settled_by"] is not None else ": posted"
        yield "settled", f"{_when(item['settled_at'])}{how}"


def _many(name: str, rows: list[str], none: str) -> Iterator[str]:
    yield f"{name}:" if rows else f"{name}: {none}"
    yield from (f"  {row}" for row in rows)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(which: str) -> str:
    terminal, _, place = which.partition("/")
    return f"{terminal[:12]}/{place}"


def _when(at: str | None) -> str:
    """Write an ISO instant to the second; empty for none."""
    return at[:19].replace("T", " ") if at else ""
