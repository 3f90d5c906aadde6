"""``loyaltill programme publish``: release a programme file to the tills."""

import argparse
from pathlib import Path

from agent.config.read import read_text
from cli.failures import usage
from cli.options import explain
from cli.programme.asking import add_when, ask_hq, say_released, when
from sync.protocol.values import MAX_PROGRAMME_BYTES

_ABOUT = """\
Release a programme: HQ checks it, keeps it, and tills fetch it with their next contact. It begins at each store's own
midnight of a date, or at an instant; tills that have fetched it switch by themselves, without HQ and without a restart.
With --stores it is a pilot: the other stores go on as they are, until a release for all.

A programme's currency and the scale of its units cannot change, since what members have outlives versions. HQ may be
running or not."""
_EXAMPLES = """\
loyaltill programme publish club.toml --effective 2026-12-01
loyaltill programme publish club.toml --stores centre,airport --note "double stamps" """


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, _EXAMPLES.strip())
    parser.add_argument("file", type=Path, metavar="FILE", help="the programme")
    add_when(parser)


def run(arguments: argparse.Namespace) -> int:
    """Publish."""
    name = str(arguments.file)
    _check_size(arguments.file)
    source = read_text(arguments.file)
    say_released(ask_hq(arguments, {"do": "publish", "source": source, "name": name, **when(arguments)}))
    return 0


def _check_size(path: Path) -> None:
    """Refuse what is no programme before it is read; whether it can be read at all is `read_text`'s matter."""
    if path.is_file() and path.stat().st_size > MAX_PROGRAMME_BYTES:
        usage(f"{path}: a programme has at most {MAX_PROGRAMME_BYTES:,} bytes")
