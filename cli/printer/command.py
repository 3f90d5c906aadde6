"""``loyaltill printer``: list, profiles, test, calibrate; each is a function in a module of its own."""

import argparse
from pathlib import Path

from agent.config.printers import PrinterConfig
from agent.config.read import load_till_config
from cli.failures import usage
from cli.options import add_config, config_file, explain

_ABOUT = """\
Find a receipt printer, try it, and find out what it can do.

A printer that the running till keeps open (mode "own") is busy for these commands: stop the till first."""
_ABOUT_LIST = """\
Say what printers are plugged into this machine, by USB, serial port or device file, and how each is written in
config.toml. Opens nothing and prints nothing."""
_ABOUT_PROFILES = """\
Say which printers are known by name, for the line profile = "..." of a [[printer]]."""
_ABOUT_TEST = """\
Print a few lines and say what the printer says: maker, model, paper, cover, cutter, and whether it tells when it has
printed."""
_ABOUT_CALIBRATE = """\
Print test pages, ask what came out, and write the printer's profile: which letters it has under which numbers, how wide
it is, whether it takes pictures within a line, cuts, opens a drawer and prints QR codes. At the end a test page is printed by
the new profile.

What it can answer is found out without questions. A file of answers (TOML: one line "question = answer" each) serves
where nobody is at the keyboard.

Exit status: 0 everything was right, 1 something was not, or the printer cannot be reached."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill printer list\nloyaltill printer test\nloyaltill printer calibrate slips")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listed = actions.add_parser("list", help="what is plugged in")
    explain(listed, _ABOUT_LIST, "loyaltill printer list")
    profiles = actions.add_parser("profiles", help="which printers are known by name")
    explain(profiles, _ABOUT_PROFILES, "loyaltill printer profiles")
    test = actions.add_parser("test", help="print a few lines, and what the printer says")
    explain(test, _ABOUT_TEST, "loyaltill printer test\nloyaltill printer test spare")
    calibrate = actions.add_parser("calibrate", help="find out what the printer can do")
    explain(calibrate, _ABOUT_CALIBRATE, "loyaltill printer calibrate slips --out slips.toml")
    for one in (test, calibrate):
        add_config(one)
        one.add_argument(
            "name", metavar="NAME", nargs="?", help="of a [[printer]]; default: the one that prints receipts"
        )
    calibrate.add_argument(
        "--out", type=Path, metavar="FILE", help="where the profile goes; default: NAME.toml beside the config"
    )
    calibrate.add_argument("--answers", type=Path, metavar="FILE", help="answers to the questions, as TOML")


def run(arguments: argparse.Namespace) -> int:
    """Do one action."""
    if arguments.action == "list":
        from cli.printer.finding import show

        return show()
    if arguments.action == "profiles":
        return _profiles()
    file = config_file(arguments)
    till = load_till_config(file)
    printer = _wanted(till.printers, arguments.name)
    if arguments.action == "test":
        from cli.printer.trying import try_out

        return try_out(printer)
    from cli.printer.calibrating import calibrate

    out = arguments.out or file.parent / f"{printer.name}.toml"
    return calibrate(till, printer, out, arguments.answers)


def _profiles() -> int:
    from drivers.printers.profiles.listing import load, names

    width = max(len(name) for name in names())
    for name in names():
        print(f"{name:{width}}  {load(name).title}")
    return 0


def _wanted(printers: tuple[PrinterConfig, ...], name: str | None) -> PrinterConfig:
    mine = [printer for printer in printers if not printer.is_hosts]
    found = next((printer for printer in mine if name in {None, printer.name}), None)
    if found is None:
        known = ", ".join(printer.name for printer in mine) or "none"
        usage(f"the config has no such [[printer]] of mode shared or own; it has: {known}")
    return found
