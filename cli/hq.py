"""``loyaltill hq``: serve, make a pairing code for a till, make a sign-in link for a person."""

import argparse

from cli.logs import start_logging
from cli.options import add_config
from hq.config import load_hq_config
from hq.server import Hq, open_hq, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for name, text in (
        ("serve", "serve tills and browsers until Ctrl-C"),
        ("pair-code", "make a one-time code with which one till pairs"),
        ("link", "make a one-time sign-in link to the pages"),
    ):
        add_config(actions.add_parser(name, help=text, description=text))


def run(arguments: argparse.Namespace) -> int:
    """Do one action."""
    config = load_hq_config(arguments.config)
    with open_hq(config) as hq:
        if arguments.action == "serve":
            start_logging()
            serve(hq, on_start=lambda url: _say_started(hq, url))
        elif arguments.action == "pair-code":
            print(hq.make_pairing_code())
        else:
            print(hq.make_login_link())
    return 0


def _say_started(hq: Hq, url: str) -> None:
    print(f"HQ serves at {url}", flush=True)
    print(f"sign in once with {hq.make_login_link(url)}", flush=True)
