"""The agent's own scanner: from bytes to events, with nothing of a payment card in them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config.values import DeviceMode, ScannerConfig
from agent.scanning import KEPT_MS, MAX_EVENTS, Events, Scanning, make_source
from agent.till.till import Till
from drivers.scanners.gate import looks_like_payment_number
from drivers.scanners.sources.serial_source import SerialSource
from drivers.scanners.sources.simulated import SimulatedSource
from tests.agent.shops import CARD, OTHER_CARD, enrolment, open_till, shop

PAYMENT = "4111111111111111"
GOODS = "40870001234564"
"""The ITF-14 of a carton; its digits pass for those of a payment card."""


class Watch:
    """A clock in milliseconds that is moved by hand."""

    now = 1_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with open_till(shop(tmp_path, scanner=True)) as opened:
        yield opened


def scanned(till: Till, *texts: str) -> list[dict[str, object]]:
    events, source = Events(), SimulatedSource("counter")
    scanning = Scanning(till.context, source, events)
    scanning.start()
    for text in texts:
        source.scan(text)
    end = time.monotonic() + 10
    while events.last < len(texts) and time.monotonic() < end:
        time.sleep(0.01)
    scanning.stop()
    return [event.body for event in events.after(0)]


def test_a_members_card_becomes_an_event_with_the_standing(till: Till) -> None:
    till.enrol(enrolment())
    (event,) = scanned(till, CARD)
    assert event["kind"] == "scan"
    assert event["card"] == CARD
    assert event["nickname"] == "Әлия"
    assert event["balances"] == {}


def test_a_card_that_may_enrol_says_so(till: Till) -> None:
    assert scanned(till, OTHER_CARD) == [{"kind": "scan", "card": OTHER_CARD, "member": None, "may_enrol": True}]


@pytest.mark.parametrize("text", [f";{PAYMENT}=30121010000000000000?", f"%B{PAYMENT}^DOE/JOHN^3012101?"])
def test_a_payment_card_leaves_no_digit_in_its_event(till: Till, text: str) -> None:
    (event,) = scanned(till, text)
    assert event["refused"] == "payment_card"
    assert event["text"] == "This is a payment card. Ask for the loyalty card."
    said = json.dumps(event)
    assert not any(piece in said for piece in ("4111", "1111", "DOE"))


def test_something_else_is_an_unknown_card(till: Till) -> None:
    (event,) = scanned(till, "4870001234567")
    assert event["refused"] == "card_unknown"
    assert "4870001234567" not in json.dumps(event)


def test_goods_with_the_digits_of_a_payment_card_are_goods_to_a_scanner_that_cannot_swipe(till: Till) -> None:
    assert looks_like_payment_number(GOODS)
    (event,) = scanned(till, f"]I0{GOODS}")
    assert event["refused"] == "card_unknown"
    assert GOODS not in json.dumps(event)


def test_events_are_given_from_behind_a_number() -> None:
    events = Events()
    for number in range(4):
        events.add({"n": number})
    assert [event.body["n"] for event in events.after(2)] == [2, 3]
    assert events.after(4) == []


def test_a_number_from_before_a_restart_misses_nothing() -> None:
    events = Events()
    events.add({"n": 0})
    assert [event.number for event in events.after(17)] == [1]


def test_an_event_that_nobody_fetched_is_dropped() -> None:
    watch = Watch()
    events = Events(watch)
    events.add({"n": 0})
    watch.now += KEPT_MS
    assert len(events.after(0)) == 1
    watch.now += 1
    assert events.after(0) == []
    assert events.last == 1


def test_only_the_last_events_are_kept() -> None:
    events = Events()
    for number in range(MAX_EVENTS + 5):
        events.add({"n": number})
    assert len(events.after(0)) == MAX_EVENTS


def test_a_listener_is_told_until_it_ends() -> None:
    events, told = Events(), []
    end = events.listen(lambda: told.append(1))
    events.add({})
    end()
    events.add({})
    assert told == [1]


def test_the_settings_name_a_serial_scanner() -> None:
    source = make_source(ScannerConfig(mode=DeviceMode.OWN, device="COM5", baud=9_600))
    assert isinstance(source, SerialSource)
    assert source.name == "COM5"
