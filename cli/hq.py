"""``loyaltill hq``: serve, make a pairing code for a till, make a sign-in link for a person."""

import argparse
import sys
from contextlib import suppress

from cli.interrupts import Interrupts
from cli.logs import start_logging
from cli.options import add_config, config_file, explain
from hq.config import HqConfig, load_hq_config
from hq.server import Hq, declare_restored, make_login_link, make_pairing_code, open_hq, serve

_ABOUT = """\
Run HQ, the server that tills send their journals to, or make what lets a till or a person in. Settings are the table
[hq] of config.toml; without a database of its own, HQ keeps its book in [hq] data_dir."""
_ABOUT_SERVE = """\
Serve tills and browsers until Ctrl-C. Prints HQ's address, and a link that signs one person in, once."""
_ABOUT_CODE = """\
Print a code with which one till pairs within 15 minutes: `loyaltill till pair CODE`. HQ may be running or not."""
_ABOUT_LINK = """\
Print a link that signs one person in to HQ's pages, once, within 15 minutes. HQ may be running or not; `loyaltill hq
serve` prints one at its start, too."""
_ABOUT_RESTORED = """\
Say that HQ's whole folder came back from a backup, while HQ is stopped: tills then fetch everything anew and send what
the backup lacks. Where only the book came back, HQ finds out by itself."""
_ACTIONS = (
    ("serve", "serve tills and browsers until Ctrl-C", _ABOUT_SERVE),
    ("pair-code", "make a one-time code with which one till pairs", _ABOUT_CODE),
    ("link", "make a one-time sign-in link to the pages", _ABOUT_LINK),
    ("restored", "say that HQ's folder came back from a backup", _ABOUT_RESTORED),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill hq serve\nloyaltill hq pair-code")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for name, text, about in _ACTIONS:
        action = actions.add_parser(name, help=text)
        explain(action, about, f"loyaltill hq {name} --config /etc/loyaltill/config.toml")
        add_config(action)


def run(arguments: argparse.Namespace) -> int:
    """Do one action."""
    config = load_hq_config(config_file(arguments))
    match arguments.action:
        case "serve":
            with Interrupts(expected=True):
                _serve(config)
        case "pair-code":
            print(make_pairing_code(config))
            print("good once, for 15 minutes; at the till: loyaltill till pair CODE", file=sys.stderr)
        case "link":
            print(make_login_link(config))
        case _:
            print(f"HQ begins a new epoch, {declare_restored(config)}; tills fetch the feed anew")
    return 0


def _serve(config: HqConfig) -> None:
    start_logging()
    with suppress(KeyboardInterrupt), open_hq(config) as hq:  # the way to end it; what was under way is answered first
        serve(hq, on_start=lambda url: _say_started(hq, url))
    print("HQ has stopped", flush=True)


def _say_started(hq: Hq, url: str) -> None:
    print(f"HQ serves at {url}", flush=True)
    print(f"sign in once with {hq.make_login_link(url)}", flush=True)
    print("Ctrl-C ends it", flush=True)
