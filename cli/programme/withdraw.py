"""``loyaltill programme withdraw``: take back a release that has not begun."""

import argparse

from cli.options import add_config, explain
from cli.programme.asking import ask_hq, named

_ABOUT = """\
Take back a release before it begins. A till that does not hear of it in time begins it all the same, and goes back with
its next contact. What has begun is rolled back instead. HQ may be running or not."""


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill programme withdraw 3")
    parser.add_argument("number", type=int, metavar="NUMBER", help="the release, as history shows it")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Withdraw."""
    one = ask_hq(arguments, {"do": "withdraw", "number": arguments.number})["release"]
    print(f"release {one['number']}, {named(one)}, is withdrawn")
    return 0
