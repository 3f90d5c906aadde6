"""``loyaltill``: reads the arguments and hands over to one module a command."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from cli.failures import guarded

_COMMANDS: dict[str, tuple[str, str]] = {
    "till": ("cli.till", "run this machine's till, or pair it with HQ"),
    "hq": ("cli.hq", "run HQ, make pairing codes and sign-in links"),
    "doctor": ("cli.doctor", "say what is wrong with this machine's set-up"),
    "replay": ("cli.replay.command", "run past receipts through a till and an HQ, and compare them"),
    "demo": ("cli.demo.command", "see a till and an HQ at work for a day"),
}
_DESCRIPTION = "Loyaltill: points, rewards and receipts at the till, with HQ or without."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser(wanted=next((word for word in given if not word.startswith("-")), ""))
    parsed = parser.parse_args(given)
    if not hasattr(parsed, "run"):
        parser.print_help()
        return 2
    run: Callable[[argparse.Namespace], int] = parsed.run
    return guarded(lambda: run(parsed))


def _parser(wanted: str) -> argparse.ArgumentParser:
    """Make the parser; only the wanted command's module is loaded, so that a till starts fast."""
    parser = argparse.ArgumentParser(prog="loyaltill", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"loyaltill {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (module, help_text) in _COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.")
        if name == wanted:
            loaded = import_module(module)
            loaded.add_arguments(command)
            command.set_defaults(run=loaded.run)
    return parser


def _version() -> str:
    try:
        return version("loyaltill")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
