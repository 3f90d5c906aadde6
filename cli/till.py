"""``loyaltill till``: run this machine's till, or pair it with HQ."""

import argparse
from pathlib import Path

from agent.config.read import load_till_config
from agent.config.values import TillConfig
from cli.failures import usage
from cli.logs import start_logging
from cli.options import add_config
from cli.shipped import shipped_programme

DEFAULT_PROGRAMME = "default.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    add_config(actions.add_parser("run", help="serve the POS until Ctrl-C", description="Serve the POS until Ctrl-C."))
    pair = actions.add_parser("pair", help="pair with HQ by a one-time code", description="Pair with HQ.")
    add_config(pair)
    pair.add_argument("code", help="the code that `loyaltill hq pair-code` gave")


def run(arguments: argparse.Namespace) -> int:
    """Do one action."""
    config = load_till_config(arguments.config)
    return _pair(config, arguments.code) if arguments.action == "pair" else _run(config)


def programme_of(config: TillConfig) -> Path:
    """Give the till's programme file: the configured one, or the shipped default."""
    return config.programme_file or shipped_programme(DEFAULT_PROGRAMME)


def _run(config: TillConfig) -> int:
    from agent.terminal import Terminal

    start_logging()
    with Terminal(config, programme_of(config)) as terminal:
        print(f"the till serves at {terminal.url}", flush=True)
        terminal.run()
    return 0


def _pair(config: TillConfig, code: str) -> int:
    from agent.pairing import pair
    from agent.till.till import Till

    if not config.sync.hq_url:
        usage("sync.hq_url: is missing in the config; set it to HQ's address and pair again")
    with Till(config, programme_of(config)) as till:
        answer = pair(till.context, config.sync.hq_url, code)
    print(f"paired with {answer.merchant}; the till's id is {till.context.keys.terminal.hex()}")
    return 0
