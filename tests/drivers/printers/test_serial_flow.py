"""A serial printer that says by its DTR wire that it is full: nothing is sent on, and nothing is lost."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from drivers.printers.document import Document
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.port import PrintState
from drivers.printers.transports import serial_port
from drivers.printers.transports.serial_port import SerialPrinter
from tests.drivers.printers.printing import HASTY, SENT, SLOW, job, linux


@dataclass
class Port:
    """As pyserial's, over a pipe; ``dsr`` is the printer's DTR, or there are no such lines."""

    write_end: int
    dsr_now: bool | None = True
    out_waiting: int = 0
    exclusive: bool = False
    rtscts: bool = False
    timeout: float = 0.0
    written: int = 0
    late: list[int] = field(default_factory=list)

    @property
    def dsr(self) -> bool:
        if self.dsr_now is None:
            raise OSError("no such lines")
        return self.dsr_now

    def fileno(self) -> int:
        return self.write_end

    def read(self, most: int) -> bytes:
        time.sleep(min(self.timeout, 0.01))
        return b""

    @property
    def in_waiting(self) -> int:
        return 0

    def close(self) -> None:
        pass

    def reset_output_buffer(self) -> None:
        pass


@contextmanager
def plugged(monkeypatch: pytest.MonkeyPatch, *, dsr: bool | None) -> Iterator[tuple[Port, list[bytes]]]:
    """A port, and what arrives at the printer."""
    read_end, write_end = os.pipe()
    port, came = Port(write_end, dsr), list[bytes]()

    def opened(_name: str, **_settings: Any) -> Any:
        return SimpleNamespace(device=port, open=lambda: None)

    def take() -> None:
        while data := os.read(read_end, 65_536):
            came.append(data)

    monkeypatch.setattr(serial_port, "transport", opened)
    monkeypatch.setattr(serial_port, "claim", lambda _port: None)
    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield port, came
    finally:
        os.close(write_end)
        thread.join(5)
        os.close(read_end)


@linux
def test_a_printer_whose_dtr_falls_gets_no_more_bytes_until_it_rises(
    monkeypatch: pytest.MonkeyPatch, english: Document
) -> None:
    with plugged(monkeypatch, dsr=True) as (port, came):
        at_fall: list[int] = []

        def fall_and_rise() -> None:
            while sum(map(len, came)) < 500:
                time.sleep(0.001)
            port.dsr_now = False
            time.sleep(0.05)  # what was on its way has come
            at_fall.append(sum(map(len, came)))
            time.sleep(0.3)
            at_fall.append(sum(map(len, came)))
            port.dsr_now = True

        person = threading.Thread(target=fall_and_rise)
        person.start()
        assert EscposPrinter(SerialPrinter(port="x"), patience=HASTY).print(english, "sale-1") == SENT
        person.join()
    assert at_fall[0] == at_fall[1] < 2000
    assert job(english, SLOW) in b"".join(came)


@linux
def test_a_printer_whose_dtr_stays_low_breaks_the_job_off(monkeypatch: pytest.MonkeyPatch, english: Document) -> None:
    with plugged(monkeypatch, dsr=True) as (port, came):
        printer = EscposPrinter(SerialPrinter(port="x"), patience=HASTY)

        def fall() -> None:
            while sum(map(len, came)) < 500:
                time.sleep(0.001)
            port.dsr_now = False

        person = threading.Thread(target=fall)
        person.start()
        outcome = printer.print(english, "sale-1")
        person.join()
        assert (outcome.state, outcome.detail) == (
            PrintState.UNKNOWN,
            "receipt printer: the printer takes no more bytes",
        )
        assert sum(map(len, came)) < 2000


@linux
@pytest.mark.parametrize("dsr", [False, None])
def test_a_cable_without_that_wire_prints_as_without_flow(
    monkeypatch: pytest.MonkeyPatch, english: Document, dsr: bool | None
) -> None:
    with plugged(monkeypatch, dsr=dsr) as (_, came):
        assert EscposPrinter(SerialPrinter(port="x"), patience=HASTY).print(english, "sale-1") == SENT
    assert job(english, SLOW) in b"".join(came)


@linux
def test_no_more_is_on_its_way_than_a_full_printer_has_room_for(
    monkeypatch: pytest.MonkeyPatch, english: Document
) -> None:
    with plugged(monkeypatch, dsr=True) as (port, came):
        port.out_waiting = 50
        with pytest.raises(Exception, match="takes no bytes"):
            EscposPrinter(SerialPrinter(port="x"), patience=HASTY).print(english, "sale-1")
    assert came == []
