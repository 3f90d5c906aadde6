"""``loyaltill``: reads the arguments and hands over to one module a command."""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from cli.failures import USAGE, guarded
from cli.options import explain

_COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("cli.demo.command", "see a till and an HQ at work for a day, on this machine"),
    "till": ("cli.till", "run this machine's till, or pair it with HQ"),
    "hq": ("cli.hq", "run HQ, make pairing codes and sign-in links"),
    "programme": ("cli.programme.commands", "check a programme, try it, publish it, roll it back"),
    "receipt": ("cli.receipt", "write a receipt without a sale and without a printer; try templates of your own"),
    "policy": ("cli.policy", "say what tills without HQ may cost at worst"),
    "devices": ("cli.devices.command", "list scanners and card readers, watch what they read"),
    "printer": ("cli.printer.command", "find a receipt printer, try it, find out what it can do"),
    "doctor": ("cli.doctor.command", "say what is wrong with this machine's set-up"),
    "decode": ("cli.decode", "say what scans mean, one a line"),
    "replay": ("cli.replay.command", "run past receipts through a till and an HQ, and compare them"),
}
_DESCRIPTION = "Loyaltill: points, rewards and receipts at the till, with HQ or without."
_EXAMPLES = """\
loyaltill demo                      a whole shop on this machine; nothing to set up
loyaltill doctor                    is this machine's config.toml good, and all that it names?
loyaltill till run                  serve the POS program
loyaltill replay --receipts FILE    what would your own past receipts have earned?"""
_AFTER = """\
`loyaltill COMMAND --help` explains a command and shows how it is used.

Exit status: 0 done, 1 something went wrong, 2 what was given cannot be used, 130 interrupted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows "?", and nothing fails
    return guarded(lambda: _run(given))


def _run(given: list[str]) -> int:
    parser = _parser(wanted=next((word for word in given if not word.startswith("-")), ""))
    parsed = parser.parse_args(given)
    if not hasattr(parsed, "run"):
        parser.print_help(sys.stderr)
        return USAGE
    run: Callable[[argparse.Namespace], int] = parsed.run
    status = run(parsed)
    if sys.stdout is not None:
        sys.stdout.flush()  # here a reader that has gone is still noticed
    return status


def _parser(wanted: str) -> argparse.ArgumentParser:
    """Make the parser; only the wanted command's module is loaded, so that a till starts fast."""
    parser = argparse.ArgumentParser(prog="loyaltill")
    explain(parser, _DESCRIPTION, _EXAMPLES, _AFTER)
    parser.add_argument("--version", action="version", version=f"loyaltill {_version()}", help="show the version")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (module, help_text) in _COMMANDS.items():
        command = commands.add_parser(name, help=help_text)
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
