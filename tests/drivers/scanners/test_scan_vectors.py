"""The project's shared scan vectors, as far as framing, identifiers and the gate reach.

What the vectors say about GS1, GTIN, Digital Link, key codes and NFC waits for the decoders; each such group is named
in ``NOT_YET`` so that nothing is left out quietly.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from drivers.scanners.framing import Framer
from drivers.scanners.gate import DeviceKind, Gate, GateReason, GateRefusal
from drivers.scanners.numbers.check_digits import passes_luhn
from drivers.scanners.symbols import Symbol, read_symbol, read_text
from drivers.scanners.tracks import track_accounts

FILE = Path(__file__).resolve().parents[4] / "shared" / "cases" / "scan_vectors.json"
COVERED = {"scan-aim", "aim-id", "magstripe", "luhn"}
NOT_YET = {
    "scan-encode": "composites and check digits need the GS1 decoder",
    "gs1-digital-link": "needs the GS1 decoder",
    "gs1-digital-link-2": "needs the GS1 decoder",
    "gs1-element-string": "needs the GS1 decoder",
    "gs1-element-string-2": "needs the GS1 decoder",
    "gs1-element-string-typed": "needs the GS1 decoder",
    "gs1-message": "needs the GS1 decoder",
    "gs1-ai-association": "needs the GS1 decoder",
    "gs1-check-digit": "needs the GS1 decoder",
    "gs1-lint": "needs the GS1 decoder",
    "gs1-lint-coupon": "needs the GS1 decoder",
    "gtin": "needs the EAN decoder",
    "upc": "needs the EAN decoder",
    "in-store-ean": "needs in-store templates",
    "wedge-layout": "needs key codes",
    "nfc-uid": "needs the PC/SC source",
}
EMPTY_CARRIERS = {"Empty GS1 data", None, "Long", "Non-numeric", "Bad check digit"}
"""Reasons of scan-aim errors that lie in the data after the identifier, which the decoders will judge."""


if not FILE.exists():
    pytest.skip("shared: the scan vectors are not beside this checkout", allow_module_level=True)
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["vectors"]


def of(*groups: str) -> list[Any]:
    return [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["group"] in groups]


def scanned(text: str) -> Symbol | str:
    """The symbol that comes out of the framer when a scanner sends ``text`` and CR; else why not."""
    frames = Framer().feed(text.encode("latin-1") + b"\r", 0)
    assert len(frames) == 1
    outcome = read_symbol(frames[0])
    return outcome if isinstance(outcome, Symbol) else outcome.value


COUNTED = Counter(vector["group"] for vector in VECTORS)


@pytest.mark.parametrize(
    "group", [pytest.param(group, id=f"{group}: {COUNTED[group]} wait, {why}") for group, why in NOT_YET.items()]
)
def test_a_group_that_waits_for_a_decoder_is_named(group: str) -> None:
    assert COUNTED[group] > 0


def test_every_group_of_vectors_is_covered_or_named_as_waiting() -> None:
    assert set(COUNTED) == COVERED | set(NOT_YET)


@pytest.mark.parametrize("vector", of("scan-aim"))
def test_an_aim_identifier_is_split_off(vector: dict[str, Any]) -> None:
    outcome = scanned(vector["input"])
    if vector["expect"] == "error" and vector["interpretation"]["reason"] not in EMPTY_CARRIERS:
        assert isinstance(outcome, str)
    else:
        assert outcome == Symbol(aim=vector["input"][:3], text=vector["input"][3:])


@pytest.mark.parametrize("vector", of("aim-id"))
def test_an_identifier_has_the_length_that_biip_gives_it(vector: dict[str, Any]) -> None:
    outcome = read_text(vector["input"])
    assert isinstance(outcome, Symbol)
    expected = vector["interpretation"].get("expected")
    if isinstance(expected, dict):
        assert outcome.aim == expected["value"]
    assert outcome.aim + outcome.text == vector["input"]


@pytest.mark.parametrize("kind", list(DeviceKind))
@pytest.mark.parametrize("vector", of("magstripe"))
def test_a_payment_swipe_is_refused_and_an_error_swipe_has_no_account(vector: dict[str, Any], kind: DeviceKind) -> None:
    symbol = scanned(vector["input"])
    assert isinstance(symbol, Symbol)
    outcome = Gate(device="reader", kind=kind).admit(symbol)
    if vector["expect"] == "error":
        assert outcome is symbol
        assert track_accounts(symbol.text) == ()
    else:
        expected = GateRefusal(device="reader", reason=GateReason.PAYMENT_TRACK, length=len(vector["input"]))
        assert outcome == expected


@pytest.mark.parametrize("vector", of("luhn"))
def test_luhn_agrees(vector: dict[str, Any]) -> None:
    assert passes_luhn(vector["input"]) is (vector["expect"] == "ok")
