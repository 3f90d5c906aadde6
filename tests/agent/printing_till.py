"""A process with a till that prints on a loopback port and sells once; made to be killed."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path

from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from agent.config.values import TillConfig
from agent.terminal import Terminal
from tests.agent.shops import sale, shop


def settings(folder: Path, port: int) -> TillConfig:
    """A till whose printer, of a kind that tells everything, is on this port."""
    printer = PrinterConfig(
        name="slips",
        mode=PrinterMode.OWN,
        kind=PrinterKind.NETWORK,
        address=f"127.0.0.1:{port}",
        profile="TM-T20III",
    )
    return replace(shop(folder), printers=(printer,))


def main(folder: str, port: int) -> None:
    """Sell once, and wait to be killed."""
    with Terminal(settings(Path(folder), port)) as terminal:
        terminal.till.commit(sale())
        terminal.nudge()
        sys.stdout.write("sold\n")
        sys.stdout.flush()
        threading.Event().wait(60)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
