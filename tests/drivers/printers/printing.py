"""What tests of printers share: a printer that tells everything, little patience, and what a receipt is on paper."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drivers.printers.delivery import Patience
from drivers.printers.document import Document
from drivers.printers.encoders.choose import encode
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.layout import lay_out
from drivers.printers.port import PrintOutcome, PrintState
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.profiles.profile import StatusAbilities
from drivers.printers.transports.network import NetworkPrinter
from drivers.printers.transports.transport import FASTER_THAN_PAPER
from tests.drivers.printers.fake_printer import FakePrinter

SENT = PrintOutcome(state=PrintState.SENT, job_id="sale-1")
CONFIRMED = PrintOutcome(state=PrintState.CONFIRMED, job_id="sale-1")
FULL = replace(
    UNKNOWN,
    name="full",
    status=StatusAbilities(realtime=True, automatic=True, transmitted=True, completion=True),
)
HASTY = Patience(busy_s=0.3, answer_s=0.3, stall_s=0.6, hold_s=2.0, finish_s=0.8, look_s=0.1)
linux = pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no such devices")


SLOW = 960
"""Bytes a second: 9600 baud."""


def job(document: Document, bytes_per_s: int = SLOW) -> bytes:
    return b"".join(encode(lay_out(document, 48), UNKNOWN, bytes_per_s=bytes_per_s))


def dots(document: Document, bytes_per_s: int = FASTER_THAN_PAPER) -> bytes:
    """What is on the paper, by a printer that nothing ever happens to."""
    printer = FakePrinter(room=1 << 24)
    printer.take(job(document, bytes_per_s), lambda _said: None)
    (paper,) = printer.papers
    return paper


def at(port: int, *, full: bool = True, watched: bool = False, **more: Any) -> EscposPrinter:
    """The printer on a loopback port."""
    settings = NetworkPrinter(host="127.0.0.1", port=port)
    profile = FULL if full else UNKNOWN
    return EscposPrinter(settings, profile, name="slips", keeps_open=watched, patience=HASTY, **more)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not happen within 30 s"
        time.sleep(0.01)
