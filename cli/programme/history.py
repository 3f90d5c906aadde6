"""``loyaltill programme history``: what was released when and where, and by what each till counts."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cli.options import add_config, explain
from cli.programme.asking import ask_hq, begin_text

_ABOUT = """\
List the releases, the newest first, and the version by which each till counted when HQ last heard of it. With --json
also every version. HQ may be running or not."""
_SHORT = 12
_Row = Sequence[str]


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill programme history")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the history."""
    history = ask_hq(arguments, {"do": "history"})["history"]
    if arguments.json:
        print(json.dumps(history))
        return 0
    if not history["releases"]:
        print("nothing was published yet; each till counts by the file of its own settings")
    else:
        print(
            "\n".join(
                _table(("", "version", "label", "begins", "stores", "by", ""), map(_release, history["releases"]))
            )
        )
    if history["tills"]:
        print()
        print("\n".join(_table(("store", "till", "counts by", ""), map(_till, history["tills"]))))
    return 0


def _release(one: Mapping[str, Any]) -> _Row:
    remarks = [
        *(["withdrawn"] if one["stage"] == "withdrawn" else []),
        *(["planned"] if one["stage"] == "planned" else []),
        *(["rollback"] if one["rollback"] else []),
        *([one["note"]] if one["note"] else []),
    ]
    stores = ", ".join(one["stores"]) or "all"
    begins = begin_text(one["effective"]).removeprefix("at ")
    return str(one["number"]), one["version"][:_SHORT], one["label"], begins, stores, one["by"], "; ".join(remarks)


def _till(one: Mapping[str, Any]) -> _Row:
    if one["programme"] is None:
        return one["store"], one["name"], "", "has not said"
    label = f' "{one["label"]}"' if one["label"] is not None else " (its own file)"
    return one["store"], one["name"], one["programme"][:_SHORT] + label, _remark(one)


def _remark(one: Mapping[str, Any]) -> str:
    if one["unreadable"] is not None:
        return f"cannot read {one['unreadable'][:_SHORT]}: update its program"
    if one["expected"] not in {None, one["programme"]}:
        return f"has not switched to {one['expected'][:_SHORT]} yet, as of {one['seen_at']}"
    return ""


def _table(head: _Row, rows: Any) -> list[str]:
    every = [head, *rows]
    widths = [max(len(row[place]) for row in every) for place in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]
