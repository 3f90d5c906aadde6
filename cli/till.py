"""``loyaltill till``: run this machine's till, or pair it with HQ."""

import argparse
import gc
from contextlib import suppress
from pathlib import Path

from agent.config.read import load_till_config, read_text
from agent.config.values import TillConfig
from agent.signals import RELOAD, Heard
from cli.failures import usage
from cli.interrupts import Interrupts
from cli.logs import start_logging
from cli.options import add_config, config_file, explain
from loyalty.programme.reader import read_programme

_ABOUT = """\
Run this machine's till, or pair it with HQ.

A till needs no HQ: it earns, prints and keeps its journal from the first start. Pairing later sends that journal
unchanged."""
_ABOUT_RUN = """\
Serve the POS program on this machine until Ctrl-C: members, quotes, sales, returns, receipts; and send the journal to
HQ whenever HQ can be reached. The first start makes the till's keys and its book in [till] data_dir."""
_ABOUT_PAIR = """\
Let HQ know this till, by a code that `loyaltill hq pair-code` made at HQ and that is good once, for 15 minutes. HQ must
be running and [sync] hq_url must name it. The till may be running; then it begins to send at once."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill till run\nloyaltill till pair 7K2M9-Q0XAB")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    run_parser = actions.add_parser("run", help="serve the POS program until Ctrl-C")
    explain(run_parser, _ABOUT_RUN, "loyaltill till run --config /etc/loyaltill/config.toml")
    add_config(run_parser)
    pair_parser = actions.add_parser("pair", help="pair with HQ by a one-time code")
    explain(pair_parser, _ABOUT_PAIR, "loyaltill till pair 7K2M9-Q0XAB")
    add_config(pair_parser)
    pair_parser.add_argument("code", metavar="CODE", help="what `loyaltill hq pair-code` printed")


def run(arguments: argparse.Namespace) -> int:
    """Do one action."""
    file = config_file(arguments)
    config = load_till_config(file)
    programme = config.programme_file
    read_programme(read_text(programme), str(programme))  # a broken one is said before any book is made
    return _pair(config, arguments.code) if arguments.action == "pair" else _run(config, file)


def _run(config: TillConfig, file: Path) -> int:
    heard = Heard()
    with heard.of([RELOAD]):  # it would end a till that is being started
        return _serve(config, file, heard)


def _serve(config: TillConfig, file: Path, heard: Heard) -> int:
    from agent.api.token import FILE
    from agent.terminal import Terminal
    from agent.till.till import KEYS

    start_logging()
    with (
        Interrupts(expected=True) as interrupts,
        suppress(KeyboardInterrupt),
        Terminal(config, config_file=file) as terminal,
    ):
        gc.freeze()  # what stands now stays, so no collection in the middle of a sale looks at it
        print(f"the till serves POS programs at {terminal.base_url}; their token is in {config.data_dir / KEYS / FILE}")
        print(f"its page for people: {terminal.url}")
        print("Ctrl-C ends it", flush=True)
        terminal.run(heard)
        interrupts.ending()
    print("the till has stopped", flush=True)
    return 0


def _pair(config: TillConfig, code: str) -> int:
    from cli.pairing import pair_till

    if not config.sync.hq_url:
        usage("sync.hq_url: is missing in the config; set it to HQ's address and pair again")
    paired = pair_till(config, code)
    print(f"paired with {paired.merchant}; this till's id is {paired.terminal}")
    return 0
