"""``loyaltill devices list|watch|reload``."""

import argparse
from contextlib import suppress

from cli.failures import CommandFailed
from cli.interrupts import Interrupts
from cli.options import add_config, config_file, explain

_ABOUT = """\
The scanners and card readers of this machine: what is plugged in and how it would be set up, what they read (masked, for
whoever installs them), and changed settings for a till that is running."""
_ABOUT_LIST = """\
List what is plugged in that may be a scanner or a card reader, and print the lines for config.toml. Nothing is opened. A
scanner that types like a keyboard can be told from one only by its name; scan with it, and use `watch`."""
_ABOUT_WATCH = """\
Show scans as they come, until Ctrl-C: what kind of thing it was, how long, the last four digits of an own card; payment
cards only as refused. While the till is running it is asked; otherwise the scanners of config.toml are opened, and nothing
is handed on."""
_ABOUT_RELOAD = """\
Have the running till take over the [[scanner]] tables of its config.toml. Scanners that did not change keep running; a
file with faults changes nothing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill devices list\nloyaltill devices watch --device counter")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action")
    listing = actions.add_parser("list", help="list what is plugged in, with its lines for config.toml (the default)")
    explain(listing, _ABOUT_LIST, "loyaltill devices list --json")
    listing.add_argument("--json", action="store_true", help="print one JSON object")
    watch = actions.add_parser("watch", help="show scans as they come, masked")
    explain(watch, _ABOUT_WATCH, "loyaltill devices watch --device counter")
    watch.add_argument("--device", metavar="NAME", default="", help="one scanner of config.toml; default: all")
    watch.add_argument("--json", action="store_true", help="print one JSON object a line")
    add_config(watch)
    reload = actions.add_parser("reload", help="have the running till take over changed [[scanner]] tables")
    explain(reload, _ABOUT_RELOAD, "loyaltill devices reload --config /etc/loyaltill/config.toml")
    add_config(reload)


def run(arguments: argparse.Namespace) -> int:
    """Do one action."""
    if arguments.action == "watch":
        return _watch(arguments)
    if arguments.action == "reload":
        return _reload(arguments)
    from cli.devices.listing import as_json, lines
    from drivers.scanners.discovery import find_all

    found = find_all()
    if getattr(arguments, "json", False):
        print(as_json(found))
    else:
        print("\n".join(lines(found)))
    return 0


def _watch(arguments: argparse.Namespace) -> int:
    from agent.book.book import LOCK
    from agent.config.read import load_till_config
    from cli.devices import watching
    from cli.locks import is_held

    config = load_till_config(config_file(arguments))
    chosen = watching.choose(config.scanners, arguments.device)
    with Interrupts(expected=True), suppress(KeyboardInterrupt):
        if is_held(config.data_dir / LOCK):
            watching.ask_agent(config, arguments.device, as_json=arguments.json)
        else:
            watching.read_ourselves(config, chosen, as_json=arguments.json)
    return 0


def _reload(arguments: argparse.Namespace) -> int:
    from agent.config.read import load_till_config
    from cli.devices.asking import Asking

    config = load_till_config(config_file(arguments))
    with Asking(config) as agent:
        status, said = agent.post("/v1/devices/reload")
    if status != 200:
        raise CommandFailed(str(said.get("detail") or said))
    for what in ("started", "stopped", "changed", "kept"):
        if said[what]:
            print(f"{what}: {', '.join(said[what])}")
    if said["restart_needed"]:
        print("other settings changed too; restart the till to put them into force")
    return 0
