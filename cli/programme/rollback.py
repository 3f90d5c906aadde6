"""``loyaltill programme rollback``: release an earlier version anew."""

import argparse

from cli.options import explain
from cli.programme.asking import add_when, ask_hq, say_released, when

_ABOUT = """\
Go back to an earlier version: the one published before the one in force, or the one that --to names. It is a release
like any other, so it may wait for its hour or be for some stores only. What was sold meanwhile stays as its receipts
say. HQ may be running or not."""


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill programme rollback\nloyaltill programme rollback --to 2026-1 --stores centre")
    parser.add_argument("--to", metavar="VERSION", help="a version's label, or its first digits as history shows them")
    add_when(parser)


def run(arguments: argparse.Namespace) -> int:
    """Roll back."""
    say_released(ask_hq(arguments, {"do": "rollback", "to": arguments.to, **when(arguments)}))
    return 0
