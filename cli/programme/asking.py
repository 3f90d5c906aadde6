"""What the commands that change releases share: their options, and asking the HQ of this machine."""

import argparse
import getpass
import sys
from collections.abc import Mapping
from typing import Any

from cli.failures import USAGE, CommandFailed
from cli.options import add_config, config_file
from loyalty.programme.schedule import BadEffective, Effective, effective_text, parse_effective

_DAY = 10
"""Characters of a date."""


def add_when(parser: argparse.ArgumentParser) -> None:
    """Declare where and when a release begins."""
    parser.add_argument(
        "--effective",
        type=_effective,
        metavar="AT",
        help="a date (midnight of each store) or an instant as 2026-12-01T06:00+05:00; default: now",
    )
    parser.add_argument(
        "--stores", type=_stores, default=[], metavar="A,B", help="only these stores: a pilot; default: all"
    )
    parser.add_argument("--new-store", action="store_true", help="a store may be one that no till was paired for yet")
    parser.add_argument(
        "--out-of-order",
        action="store_true",
        help="it may begin in the past, or before a release that is planned for these stores already",
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="why, for whoever reads the history")
    add_config(parser)


def when(arguments: argparse.Namespace) -> dict[str, Any]:
    """Give what `add_when` declared as the fields of a question to HQ."""
    effective: Effective | None = arguments.effective
    return {
        "effective": effective_text(effective) if effective is not None else None,
        "stores": arguments.stores,
        "new_store": arguments.new_store,
        "out_of_order": arguments.out_of_order,
        "note": arguments.note,
        "by": _person(),
    }


def ask_hq(arguments: argparse.Namespace, question: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the HQ of this machine, running or not.

    Raises:
        CommandFailed: it refuses; status 2 with what it says, line by line.
        HqError: its book cannot be used.
    """
    from hq.asking import ask_at
    from hq.config import load_hq_config
    from hq.control.desks import Desk

    said = ask_at(load_hq_config(config_file(arguments)), Desk.PROGRAMMES, question)
    if "refused" in said:
        raise CommandFailed("\n".join(said["lines"]), USAGE)
    return said


def say_released(said: Mapping[str, Any]) -> None:
    """Print what was released, or that it was already; on standard error what may not be meant."""
    one = said["release"]
    begins = "has begun" if one["stage"] == "begun" else f"begins {begin_text(one['effective'])}"
    known = "" if said.get("fresh", True) else "nothing to do: "
    print(f"{known}release {one['number']}: {named(one)} {begins} in {', '.join(one['stores']) or 'all stores'}")
    for warning in said.get("warnings", []):
        print(f"loyaltill: warning: {warning}", file=sys.stderr)


def named(one: Mapping[str, Any]) -> str:
    """Write which version it is."""
    return f'{one["programme"]} "{one["label"]}" ({one["version"][:12]})'


def begin_text(effective: str) -> str:
    """Write when a release begins."""
    return f"at midnight of {effective}" if len(effective) == _DAY else f"at {effective.replace('+00:00', 'Z')}"


def _effective(text: str) -> Effective:
    try:
        return parse_effective(text)
    except BadEffective as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def _stores(text: str) -> list[str]:
    stores = [part.strip() for part in text.split(",")]
    if not all(stores):
        raise argparse.ArgumentTypeError("expected ids of stores with commas between them, as centre,airport")
    return stores


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # nobody whom the system knows
        return ""
