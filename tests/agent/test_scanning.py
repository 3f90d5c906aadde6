"""The agent's own scanner: from bytes to events, with nothing of a payment card in them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.devices import Devices
from agent.events import Events
from agent.scanning import forward_port, make_forwarder
from agent.sources import make_source
from agent.till.till import Till
from drivers.scanners.forwarding.port_forwarder import PortForwarder
from drivers.scanners.gate import looks_like_payment_number
from drivers.scanners.source import ScanSource
from drivers.scanners.sources.pcsc.pcsc_source import PcscSettings, PcscSource
from drivers.scanners.sources.serial_source import SerialSource
from drivers.scanners.sources.simulated import SimulatedSource
from tests.agent.shops import CARD, OTHER_CARD, enrolment, open_till, shop
from tests.drivers.scanners.sources.pcsc.fake_pcsc import DONE, FakeCard, FakePcsc

PAYMENT = "4111111111111111"
READ = bytes.fromhex("00B0000010")
GOODS = "40870001230083"
"""The ITF-14 of a carton; its digits pass for those of a payment card."""


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it did not happen within 10 s"
        time.sleep(0.005)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with open_till(shop(tmp_path, scanner=True)) as opened:
        yield opened


@contextmanager
def devices(
    till: Till, source: ScanSource, mode: ScannerMode = ScannerMode.OWN, kind: ScannerKind = ScannerKind.SIMULATED
) -> Iterator[tuple[Devices, Events]]:
    events = Events()
    scanner = ScannerConfig(name=source.name, kind=kind, mode=mode)
    config = replace(till.context.config, scanners=(scanner,))
    made = Devices(replace(till.context, config=config), events, make_source=lambda _: source)
    made.start()
    try:
        yield made, events
    finally:
        made.stop()


def scanned(till: Till, *texts: str) -> list[dict[str, object]]:
    source = SimulatedSource("counter")
    with devices(till, source) as (_, events):
        for text in texts:
            source.scan(text)
        until(lambda: events.last == len(texts))
        return [event.body for event in events.after(0)]


def tapped(till: Till, card: FakeCard, *apdus: str) -> list[dict[str, object]]:
    pcsc = FakePcsc()
    source = PcscSource(PcscSettings(apdus=apdus), name="desk", load=lambda: pcsc)
    with devices(till, source, kind=ScannerKind.PCSC) as (made, events):
        pcsc.lay(card)
        until(lambda: events.last == 1)
        (shown,) = [event.body for event in made.scans.after(0)]
        assert str(card.uid.hex().upper()) not in json.dumps(shown) or not card.uid
        return [event.body for event in events.after(0)]


@pytest.mark.skipif(sys.platform == "win32", reason="platform: pseudo-terminals are not there on Windows")
@pytest.mark.parametrize("forward_to", ["", "common/scanner", "COM", "com1.port"])
def test_a_port_that_begins_like_a_com_port_is_a_path_that_is_told_whole(forward_to: str) -> None:
    scanner = ScannerConfig(name="counter", mode=ScannerMode.SHARED, forward_to=forward_to)
    port = forward_port(scanner, Path("company"))
    assert port == str(Path.cwd() / (forward_to or "company/scanners/counter"))
    assert (
        type(make_forwarder("counter", forward_to or "company/scanners/counter", Path("company"))) is not PortForwarder
    )


@pytest.mark.parametrize("port", ["COM7", "com12", "CNCA0"])
def test_a_com_port_keeps_its_name(port: str) -> None:
    scanner = ScannerConfig(name="counter", mode=ScannerMode.SHARED, forward_to=port)
    assert forward_port(scanner, Path("till")) == port
    assert type(make_forwarder("counter", port, Path("till"))) is PortForwarder


def test_a_tapped_card_becomes_an_event_that_says_that_it_does_not_redeem(till: Till) -> None:
    till.enrol(replace(enrolment(), card="uid:04A2B3C4D5E680"))
    (event,) = tapped(till, FakeCard(uid=bytes.fromhex("04A2B3C4D5E680")))
    assert (event["card"], event["nickname"], event["may_redeem"]) == ("uid:04A2B3C4D5E680", "Әлия", False)


def test_an_unknown_tapped_card_is_told_so_that_it_can_be_enrolled_on_purpose(till: Till) -> None:
    (event,) = tapped(till, FakeCard(uid=bytes.fromhex("9A2BC4D1")))
    assert (event["refused"], event["card"]) == ("card_unknown", "uid:9A2BC4D1")


def test_a_number_that_the_merchant_stored_on_a_chip_is_a_card_like_a_printed_one(till: Till) -> None:
    (event,) = tapped(till, FakeCard(answers={READ: CARD.encode() + DONE}), READ.hex())
    assert (event["card"], event["may_enrol"]) == (CARD, True)
    assert "may_redeem" not in event


def test_a_payment_number_on_a_chip_is_refused(till: Till) -> None:
    (event,) = tapped(till, FakeCard(answers={READ: PAYMENT.encode() + DONE}), READ.hex())
    assert event["refused"] == "payment_card"
    assert "4111" not in json.dumps(event)


def test_a_members_card_becomes_an_event_with_the_standing(till: Till) -> None:
    till.enrol(enrolment())
    (event,) = scanned(till, CARD)
    assert event["kind"] == "scan"
    assert event["card"] == CARD
    assert event["nickname"] == "Әлия"
    assert event["balances"] == {}


def test_a_card_that_may_enrol_says_so(till: Till) -> None:
    assert scanned(till, OTHER_CARD) == [
        {"kind": "scan", "device": "counter", "card": OTHER_CARD, "member": None, "may_enrol": True}
    ]


@pytest.mark.parametrize("text", [f";{PAYMENT}=30121010000000000000?", f"%B{PAYMENT}^DOE/JOHN^3012101?"])
def test_a_payment_card_leaves_no_digit_in_its_event(till: Till, text: str) -> None:
    (event,) = scanned(till, text)
    assert event["refused"] == "payment_card"
    assert event["text"] == "This is a payment card. Ask for the loyalty card."
    said = json.dumps(event)
    assert not any(piece in said for piece in ("4111", "1111", "DOE"))


def test_goods_are_told_as_goods(till: Till) -> None:
    (event,) = scanned(till, "4870001234560")
    assert event["refused"] == "not_a_card"
    assert event["read"] == {"kind": "item", "value": "04870001234560", "symbology": "", "fields": {}}


def test_something_else_is_an_unknown_card(till: Till) -> None:
    (event,) = scanned(till, "MEET-4870001234560")
    assert event["refused"] == "card_unknown"
    assert "4870001234560" not in json.dumps(event)


def test_goods_with_the_digits_of_a_payment_card_are_goods_to_a_scanner_that_cannot_swipe(till: Till) -> None:
    assert looks_like_payment_number(GOODS)
    (event,) = scanned(till, f"]I0{GOODS}")
    assert event["refused"] == "not_a_card"
    assert event["read"] == {"kind": "item", "value": GOODS, "symbology": "itf", "fields": {}}


def test_the_settings_name_a_serial_scanner() -> None:
    source = make_source(ScannerConfig(name="counter", mode=ScannerMode.OWN, device="COM5", baud=9_600))
    assert isinstance(source, SerialSource)
    assert source.name == "counter"
