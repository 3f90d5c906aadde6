"""``loyaltill programme``: the table of its commands. Only the wanted command's module is loaded.

A command is one module of this package with two functions: ``add_parser(parser)`` declares its options and its help,
and ``run(arguments)`` does it and gives the exit status. It is one line of `COMMANDS`.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from cli.options import explain

COMMANDS: dict[str, str] = {
    "check": "tell every problem of a programme file, and what may be unwise",
    "terms": "write the customer terms of a programme in plain words",
    "quote": "answer for one basket",
    "diff": "say what changes from one version to another, with baskets that differ",
    "schema": "print the JSON Schema of programme files, for editors",
    "test": "run cases: a programme, sales over time, and the figures that must come out",
    "simulate": "replay past sales through a draft: cost, liability, tiers, winners and losers",
    "publish": "send a programme to the tills, now or at an instant, to all stores or to some",
    "history": "list versions and releases, and what each till counts by",
    "rollback": "go back to an earlier version",
    "withdraw": "take back a release that has not begun",
}
"""Command (also its module's name) and what it does, in the order of the help."""
_ABOUT = """\
Check a programme, try it, publish it and look after it. HQ keeps every version and when it begins in which stores;
tills fetch that and switch by themselves, also without HQ."""
_EXAMPLES = """\
loyaltill programme check club.toml
loyaltill programme publish club.toml --effective 2026-12-01
loyaltill programme history"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    explain(parser, _ABOUT, _EXAMPLES)
    actions = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True, parser_class=_LateParser
    )
    for name, text in COMMANDS.items():
        actions.add_parser(name, help=text, module=f"{__package__}.{name}")


def run(arguments: argparse.Namespace) -> int:
    """Do one command."""
    status: int = arguments.run_action(arguments)
    return status


class _LateParser(argparse.ArgumentParser):
    """Loads its command's module when the command is what a person asked for."""

    def __init__(self, *, module: str, **given: Any) -> None:
        super().__init__(**given)
        self._module: str | None = module

    def parse_known_args(  # type: ignore[override]  # the overloads of argparse are its own affair
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        if self._module is not None:
            loaded = import_module(self._module)
            self._module = None
            loaded.add_parser(self)
            self.set_defaults(run_action=loaded.run)
        return super().parse_known_args(args, namespace)
