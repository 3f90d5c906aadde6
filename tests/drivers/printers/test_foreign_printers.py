"""A printer of others' making, with faults at its own command: what it says is understood, and no receipt comes out twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.errors import PrinterNotReady
from drivers.printers.condition import Trouble
from drivers.printers.document import Document
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.port import PrintState
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.profiles.profile import StatusAbilities
from drivers.printers.transports.network import NetworkPrinter
from tests import emupos
from tests.drivers.printers.printing import CONFIRMED, HASTY, until

KNOWN = replace(UNKNOWN, status=StatusAbilities(realtime=True, automatic=True, transmitted=True))
FAULTS = {
    "paper-out": Trouble.PAPER_OUT,
    "cover-open": Trouble.COVER_OPEN,
    "offline": Trouble.OFFLINE,
}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emupos.Simulated]:
    with emupos.running(tmp_path_factory.mktemp("emupos"), width_dots=576, code_pages={}) as running:
        yield running


@pytest.fixture
def printer(simulated: emupos.Simulated) -> Iterator[EscposPrinter]:
    settings = NetworkPrinter(host="127.0.0.1", port=simulated.port)
    made = EscposPrinter(
        settings,
        KNOWN,
        keeps_open=True,
        patience=replace(HASTY, answer_s=15.0, hold_s=60.0, stall_s=30.0, finish_s=30.0),
    )
    yield made
    made.close()


def receipts(simulated: emupos.Simulated) -> set[Path]:
    return set(simulated.folder.glob("*.json"))


def test_a_receipt_is_confirmed_once(simulated: emupos.Simulated, printer: EscposPrinter, english: Document) -> None:
    before = receipts(simulated)
    assert printer.print(english, "sale-1") == CONFIRMED
    until(lambda: len(receipts(simulated) - before) == 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_before_the_job_refuses_it_and_the_next_is_printed_when_it_is_over(
    simulated: emupos.Simulated, printer: EscposPrinter, english: Document, fault: str
) -> None:
    before = receipts(simulated)
    simulated.fault(fault)
    try:
        with pytest.raises(PrinterNotReady):
            printer.print(english, "sale-1")
        assert FAULTS[fault] in printer.condition.troubles
    finally:
        simulated.fault(fault, clear=True)
    until(lambda: printer.watch().can_print)
    assert printer.print(english, "sale-1") == CONFIRMED
    until(lambda: len(receipts(simulated) - before) == 1)


def test_little_paper_is_said_and_printed_on(
    simulated: emupos.Simulated, printer: EscposPrinter, english: Document
) -> None:
    before = receipts(simulated)
    simulated.fault("paper-near-end")
    try:
        assert printer.print(english, "sale-1") == CONFIRMED
        until(lambda: len(receipts(simulated) - before) == 1)
        assert Trouble.PAPER_NEAR_END in printer.condition.troubles
    finally:
        simulated.fault("paper-near-end", clear=True)


@pytest.mark.parametrize("fault", ["paper-out", "cover-open"])
def test_a_fault_between_jobs_is_said_by_the_printer_itself(
    simulated: emupos.Simulated, printer: EscposPrinter, english: Document, fault: str
) -> None:
    before = receipts(simulated)
    assert printer.print(english, "sale-1") == CONFIRMED
    until(lambda: len(receipts(simulated) - before) == 1)
    simulated.fault(fault)
    until(lambda: FAULTS[fault] in printer.listen().troubles)
    simulated.fault(fault, clear=True)
    until(lambda: printer.listen().can_print)


def test_paper_that_is_changed_in_the_middle_loses_and_doubles_nothing(
    simulated: emupos.Simulated, printer: EscposPrinter, english: Document
) -> None:
    before = receipts(simulated)
    large = Document(blocks=english.blocks[:-1] * 30 + english.blocks[-1:], language="en")
    changed = threading.Timer(3.0, simulated.fault, ["paper-out"], {"clear": True})

    def begins() -> None:
        """The paper runs out right behind the last look at it."""
        simulated.fault("paper-out")
        changed.start()

    outcome = printer.print(large, "sale-1", begins)
    changed.join()
    assert outcome.state is PrintState.CONFIRMED
    until(lambda: len(receipts(simulated) - before) == 1)
