"""Payment cards of every scheme come by every way into a running agent, and no digit of them stays anywhere.

What is looked through: each answer, each event, the logs of all libraries at their finest, standard output and error, and
every file that the agent has (book, write-ahead log, keys, receipts), as bytes, while it runs and after it has stopped.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.masking import masked
from agent.terminal import Terminal
from drivers.scanners.decoding.reading import Reading
from drivers.scanners.framing import JOINED_MS
from drivers.scanners.gate import GateRefusal
from drivers.scanners.sources.simulated import SimulatedSource
from drivers.scanners.symbols import Symbol
from tests.agent.callers import Caller, basket, check
from tests.agent.shops import CARD, shop

SCHEMES = {
    "Visa": "4012888888881881",
    "Mastercard": "5555555555554444",
    "Mastercard, 2 series": "2223003122003222",
    "Mir": "2200770239097761",
    "American Express": "378282246310005",
    "Diners": "38520000023237",
    "JCB": "3530111333300000",
    "Discover": "6011111111111117",
    "UnionPay": "6221267234567894",
    "Maestro": "6759649826438453",
    "ArCa": "9051190000000008",
}
NAME = "DOE/JOHN"
SEEN = 12
"""So many digits of a number in a row would be too many."""


def grouped(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def swipes(number: str) -> tuple[str, ...]:
    tracks = f"%B{number}^{NAME}^30121010000000000000?", f";{number}=30121010000000000000?"
    return (
        "".join(tracks),
        *tracks,
        f"{number}=3012101",
        f"B{number}^{NAME}^3012101",
        f"%E?;{number}=3012?",
        f"%B{number}",
    )


def spellings(number: str) -> tuple[str, ...]:
    """As people key it, programs write it, and phones and barcodes would say it."""
    apart = tuple(grouped(number).replace(" ", sign) for sign in " -./_\u2011\u2013")
    phones = f"+{apart[2]}", f"tel:+{number}", f"({number[:4]}) {apart[0][5:]}", f"+({number[:3]}) {number[3:]}"
    under_ean = tuple(f"]E{modifier}{number}" for modifier in "01249")
    return (number, *apart, *phones, *under_ean, f"card {number}", *swipes(number))


OWN = (
    ScannerConfig(name="counter", kind=ScannerKind.SIMULATED, mode=ScannerMode.OWN),
    ScannerConfig(name="wedge", kind=ScannerKind.WEDGE, mode=ScannerMode.OWN),
    ScannerConfig(name="swiper", kind=ScannerKind.SIMULATED, mode=ScannerMode.OWN, magstripe=True),
    ScannerConfig(name="keyed", kind=ScannerKind.STDIN, mode=ScannerMode.OWN),
)
SHARED: tuple[ScannerConfig, ...] = (
    ScannerConfig(name="shared", kind=ScannerKind.WEDGE, mode=ScannerMode.SHARED),
    ScannerConfig(name="shared-swiper", kind=ScannerKind.SIMULATED, mode=ScannerMode.SHARED, magstripe=True),
)
if sys.platform != "linux":
    SHARED = ()
SCANNERS = (*OWN, *SHARED)


def heard(terminal: Terminal, since: int, count: int) -> list[dict[str, Any]]:
    end = time.monotonic() + 20
    while terminal.events.last < since + count:
        assert time.monotonic() < end, "an event is missing"
        time.sleep(0.005)
    return [event.body for event in terminal.events.after(since)]


def scan(terminal: Terminal, source: SimulatedSource, texts: tuple[str, ...]) -> list[dict[str, Any]]:
    """Scan one after another, so that no event is dropped; each time something else is between two."""
    told: list[dict[str, Any]] = []
    for text in texts:
        since = terminal.events.last
        source.scan(text)
        told += heard(terminal, since, 1)
    return told


def hand_on(terminal: Terminal, source: SimulatedSource, texts: tuple[str, ...]) -> None:
    """Scan with a shared scanner: the POS program gets each swipe untouched, and what an installer sees is a refusal."""
    port = os.open(terminal.till.context.config.data_dir / "scanners" / source.name, os.O_RDONLY | os.O_NOCTTY)
    try:
        for text in texts:
            since = terminal.devices.scans.last
            source.scan(text)
            came, expected = b"", f"{text}\r".encode()
            while len(came) < len(expected):
                came += os.read(port, 4096)
            assert came == expected
            (seen,) = seen_of(terminal, since)
            assert seen.keys() == {"device", "at", "kind", "length", "reason"}
            assert (seen["device"], seen["kind"]) == (source.name, "payment_refused")
    finally:
        os.close(port)


def seen_of(terminal: Terminal, since: int) -> list[dict[str, Any]]:
    end = time.monotonic() + 20
    while terminal.devices.scans.last == since:
        assert time.monotonic() < end, "nothing was seen"
        time.sleep(0.005)
    return [event.body for event in terminal.devices.scans.after(since)]


def assert_nothing(kept: bytes, where: str) -> None:
    for scheme, number in SCHEMES.items():
        for at in range(len(number) - SEEN + 1):
            assert number[at : at + SEEN].encode() not in kept, f"{scheme}: digits in {where}"
        for sign in " -./_\u2011\u2013":
            assert grouped(number).replace(" ", sign)[:14].encode() not in kept, f"{scheme}: digits in {where}"
    assert NAME.encode() not in kept, f"a name in {where}"


def test_no_digit_of_a_payment_card_stays(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crashes: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda crash: crashes.append(str(crash)))
    monkeypatch.setattr(sys, "excepthook", lambda *crash: crashes.append(str(crash)))
    monkeypatch.setattr("agent.scanning.masked", failing)
    said: list[str] = []
    sources = {config.name: SimulatedSource(config.name) for config in SCANNERS}
    with (
        caplog.at_level(logging.DEBUG),
        Terminal(replace(shop(tmp_path), scanners=SCANNERS), make_source=lambda one: sources[one.name]) as terminal,
        Caller.of(terminal) as pos,
    ):
        while set(terminal.devices.states().values()) != {"ready"}:
            time.sleep(0.01)
        time.sleep(JOINED_MS / 1_000)
        for number in SCHEMES.values():
            events = scan(terminal, sources["counter"], swipes(number))
            for name in ("wedge", "swiper", "keyed"):
                events += scan(terminal, sources[name], spellings(number))
            assert {event["refused"] for event in events} == {"payment_card"}
            said += [repr(event) for event in events]
            said += [pos.post("inquire", {"scan": text}).text for text in spellings(number)]
            for place, text in enumerate((number, grouped(number), f";{number}=3012101?")):
                said += [answer.text for answer in asked(pos, text, f"{number[:2]} {place}")]
            for place, text in enumerate(swipes(number)[1:]):
                said += [answer.text for answer in swiped(pos, text, f"{number} {place}"[-6:])]
            sources["wedge"].scan(f"{number}12")  # no payment card, so it is read on, and reading it fails
            for config in SHARED:
                since = terminal.events.last
                hand_on(terminal, sources[config.name], spellings(number))
                assert terminal.events.last == since, "what is the POS program's is no event"
        for path in ("/v1/events?wait_ms=0", "/v1/devices", "/v1/devices/scans?wait_ms=0", "/v1/status", "/health"):
            said.append(pos.get(path).text)
        assert_nothing(files(tmp_path), "a file of a running agent")
    assert_nothing(files(tmp_path), "a file")
    assert_nothing("".join(said).encode(), "an answer or an event")
    assert_nothing(caplog.text.encode(), "a log")
    assert "a listener failed (RuntimeError)" in caplog.text
    out, err = capfd.readouterr()
    assert_nothing((out + err + "".join(crashes)).encode(), "what was printed")


def failing(
    name: str, outcome: Symbol | GateRefusal, read: Callable[[Symbol], Reading], at: datetime
) -> dict[str, Any]:
    """What a broken part of the agent does, with what it was given in its text."""
    if isinstance(outcome, GateRefusal):
        return masked(name, outcome, read, at)
    raise RuntimeError(outcome.text)


def asked(pos: Caller, text: str, key: str) -> Iterator[Any]:
    """Everything in which a POS program may send a card; each is refused for what it is."""
    answers = {
        "inquire, as a member": pos.post("inquire", {"scan": text, "kind": "member"}),
        "inquire, from a QR code": pos.post("inquire", {"scan": f"]Q1{text}"}),
        "quote": pos.post("quote", basket(card=text)),
        "commit": pos.post("commit", check(card=text), key=f"c {key}"),
        "coupons": pos.post("commit", check(coupons=[text]), key=f"p {key}"),
        "codes": pos.post("commit", check(codes=[text]), key=f"d {key}"),
        "enrol": pos.post("enrol", {"card": text, "nickname": "A"}, key=f"e {key}"),
        "nickname": pos.post("enrol", {"card": CARD, "nickname": text}, key=f"n {key}"),
    }
    for verb, answer in answers.items():
        assert answer.json()["refused"] == "payment_card", verb
        yield answer


def swiped(pos: Caller, text: str, key: str) -> Iterator[Any]:
    """Everything that a POS program may have taken a swipe for: the cursor is anywhere when somebody swipes."""
    line = {"line": 1, "item": "x", "quantity_milli": 1_000, "amount_minor": 500}
    back = {"item": "x", "quantity_milli": 1_000, "amount_minor": 500, "reason": "no_receipt"}
    names = ("host", "operator", "shift", "check_id", "host_guid", "payment_set", "fiscal_document_id", "quote")
    answers = {name: pos.post("commit", check() | {name: text}, key=f"{name} {key}") for name in names}
    for name in ("item", "name", "category"):
        lines = {"lines": [{**line, name: text}]}
        answers[f"lines[1].{name}"] = pos.post("commit", check() | lines, key=f"l {name} {key}")
    for name in ("item", "name", "reason"):
        unmatched = {"check_id": "r", "currency": "KZT", "unmatched": [{**back, name: text}]}
        answers[f"unmatched[1].{name}"] = pos.post("return", unmatched, key=f"u {name} {key}")
    answers |= {
        "lines[1].tags[2]": pos.post("commit", check() | {"lines": [{**line, "tags": ["a", text]}]}, key=f"t {key}"),
        "redeem[1].reward": pos.post("commit", check(redeem=[{"reward": text}]), key=f"r {key}"),
        "about": pos.post("action", {"card": CARD, "action": "feedback", "about": text}, key=f"b {key}"),
        "consent_text_version": pos.post("enrol", {"card": CARD, "consent_text_version": text}, key=f"v {key}"),
        "Idempotency-Key": pos.post("commit", check(), key=text),
    }
    for field, answer in (*answers.items(), ("shift", pos.post("shift", {"shift": text}))):
        assert (answer.json()["refused"], answer.json()["field"]) == ("payment_card", field)
        yield answer


def test_digits_alone_are_no_payment_card_where_they_may_be_anything(tmp_path: Path) -> None:
    with Terminal(shop(tmp_path)) as terminal, Caller.of(terminal) as pos:
        sold = pos.post("commit", check(operator="4000001234567899", check_id="4000001234567899"), key="k")
        assert "entry" in sold.json()


def files(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_search_would_find_a_number(tmp_path: Path) -> None:
    (tmp_path / "book").write_bytes(b"\0card:" + SCHEMES["Visa"].encode())
    with pytest.raises(AssertionError, match="Visa: digits in a file"):
        assert_nothing(files(tmp_path), "a file")
