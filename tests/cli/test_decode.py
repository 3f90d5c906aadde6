"""``loyaltill decode``: one line in, one reading out, and never a payment card's number."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from drivers.scanners.numbers.check_digits import gs1_check_digit
from tests.cli.commands import command, environment, write_config

Decode = Callable[..., list[dict[str, Any]]]
PAYMENT = "4012002000060016"
VECTORS = Path(__file__).resolve().parents[3] / "shared" / "cases" / "scan_vectors.json"

_SHORT_GTIN = "GS1 Digital Link: URI Syntax 1.7, 4.3: a GTIN has 14 digits; shorter ones went in release 1.3, off in GS1's engine too"
_WORDS = "GS1 Digital Link: URI Syntax 1.7: words such as /gtin/ went in release 1.3, off in GS1's engine too"
_UNKNOWN_AI = (
    "GS1 General Specifications, 3: identifiers that are not assigned are no GS1 data; GS1's engine needs an option"
)
_CARRIER = (
    "GS1 General Specifications, 5.1.3: GS1-128 and EAN always hold data; the vector asks for the identifier alone"
)
_COMPANION = (
    "GS1 General Specifications, 4.13: an identifier needs its companions; the vector only asks how text is split"
)
_ENCODING = "the vector is about making a symbol; as a scan it claims nothing, or is a good GTIN-14 (General Specifications, 2.1)"
_FUNCTION = "the vector calls a function for check digits; as a scan it claims nothing (docs/SPEC-scans.md, section 2)"
_UID = (
    "docs/SPEC-scans.md, section 2: only a reader that says so has read a UID; which may identify, its source decides"
)
DIFFERENT = {
    "gs1-digital-link-038": _WORDS,
    "gs1-digital-link-039": _WORDS,
    "gs1-digital-link-043": _SHORT_GTIN,
    "gs1-digital-link-047": _SHORT_GTIN,
    "gs1-digital-link-049": _SHORT_GTIN,
    "gs1-digital-link-094": _SHORT_GTIN,
    "gs1-digital-link-113": _UNKNOWN_AI,
    "aim-id-003": _CARRIER,
    "aim-id-008": _CARRIER,
    "aim-id-011": _CARRIER,
    "aim-id-012": _CARRIER,
    "gs1-message-015": _COMPANION,
    "gs1-element-string-2-002": _COMPANION,
    "scan-encode-036": _ENCODING,
    "scan-encode-039": _ENCODING,
    "scan-encode-042": _ENCODING,
    "scan-encode-044": _ENCODING,
    "gs1-check-digit-009": _FUNCTION,
    "gs1-check-digit-012": _FUNCTION,
    "luhn-006": _FUNCTION,
    "nfc-uid-003": _UID,
}
"""Vectors that are answered otherwise on purpose, each with the document that the answer rests on."""


def number(payload: str) -> str:
    return payload + gs1_check_digit(payload)


@pytest.fixture
def decode(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Decode:
    def run(lines: Sequence[str | bytes], *options: str) -> list[dict[str, Any]]:
        data = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert main(["decode", "--json", *options]) == 0
        said = capsys.readouterr()
        assert said.err == ""
        return [json.loads(line) for line in said.out.splitlines()]

    return run


def test_every_shared_vector_is_answered_as_it_expects_or_a_document_says_otherwise(decode: Decode) -> None:
    if not VECTORS.exists():
        pytest.skip("shared: the scan vectors are not beside this checkout")
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    answers = decode([vector["input"] for vector in vectors])
    assert len(answers) == len(vectors) == 411
    different = {
        vector["id"]
        for vector, answer in zip(vectors, answers, strict=True)
        if (answer["kind"] == "error") != (vector["expect"] == "error")
    }
    assert different == set(DIFFERENT)
    for answer in answers:
        assert ("reason" in answer) == (answer["kind"] in {"error", "payment_refused"})


def test_what_the_wire_carries_is_answered_like_the_notation_for_it(decode: Decode) -> None:
    if not VECTORS.exists():
        pytest.skip("shared: the scan vectors are not beside this checkout")
    vectors = [one for one in json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"] if "scan_bytes" in one]
    assert len(vectors) == 28
    written, sent = decode([one["input"] for one in vectors]), decode([one["scan_bytes"] for one in vectors])
    for by_hand, by_wire in zip(written, sent, strict=True):
        assert by_hand["kind"] == by_wire["kind"]
        if by_wire["kind"] != "error":
            assert (by_hand["value"], by_hand["fields"]) == (by_wire["value"], by_wire["fields"])


def test_one_object_for_each_line(decode: Decode) -> None:
    assert decode(["]E05901234123457", "]E05901234123458", "]C18018952012345678912345\u001d80197"]) == [
        {"symbology": "ean_13", "kind": "item", "value": "05901234123457", "fields": {}},
        {"symbology": "ean_13", "kind": "error", "value": "", "fields": {}, "reason": "check_digit"},
        {
            "symbology": "gs1_code_128",
            "kind": "member",
            "value": "8018952012345678912345",
            "fields": {"8018": "952012345678912345", "8019": "7"},
        },
    ]


def test_an_ambiguous_line_has_its_readings(decode: Decode) -> None:
    (found,) = decode(["96385074"])
    assert (found["kind"], [one["kind"] for one in found["readings"]]) == ("ambiguous", ["item", "gs1"])


@pytest.mark.parametrize(
    ("line", "kind", "value"),
    [
        (b"5901234123457", "item", "05901234123457"),
        (b"]E05901234123457\r", "item", "05901234123457"),
        (b"\xef\xbb\xbf]E05901234123457", "item", "05901234123457"),
        (b'"]E05901234123457\\r\\n"', "item", "05901234123457"),
        (b'"\\u0002]E05901234123457\\u0003"', "item", "05901234123457"),
        (b'"broken', "unknown", '"broken'),
        (b'"LOY-\\u041a"', "unknown", "LOY-К"),
        (b"\xd0\x9a", "unknown", "К"),
        (b"null", "unknown", "null"),
        (b"[1]", "unknown", "[1]"),
        (b"[" * 5000, "error", ""),
        (b'"' + b"9" * 5000 + b'"', "error", ""),
        (b'"\\ud800"', "unknown", "í\xa0\x80"),
        (b"\xff\xfe", "unknown", "ÿþ"),
        (b"", "error", ""),
        (b'""', "error", ""),
        (b"]", "error", ""),
        (b"]-1abc", "error", ""),
        (b'"one\\rtwo"', "error", ""),
        (b'"\\u0002cut"', "error", ""),
        (b"(01)05901234123457", "item", "05901234123457"),
        (b"^0105901234123457^10ABC", "item", "05901234123457"),
        (b"010590123412345710ABC^99X", "item", "05901234123457"),
    ],
)
def test_a_line_is_a_json_string_or_what_stands_there(decode: Decode, line: bytes, kind: str, value: str) -> None:
    (found,) = decode([line])
    assert (found["kind"], found["value"]) == (kind, value)


@pytest.mark.parametrize(
    ("line", "device", "kind", "reason"),
    [
        (PAYMENT, "host", "payment_refused", "payment_number"),
        (PAYMENT, "keyed", "payment_refused", "payment_number"),
        (PAYMENT, "wedge", "payment_refused", "payment_number"),
        (PAYMENT, "magstripe", "payment_refused", "payment_number"),
        (PAYMENT, "barcode", "unknown", None),
        (f";{PAYMENT}=2512101?", "barcode", "payment_refused", "payment_track"),
        (f"%B{PAYMENT}^DOE/J^2512101?", "host", "payment_refused", "payment_track"),
        (f"card {PAYMENT} please", "host", "payment_refused", "payment_number"),
        ("4012 0020 0006 0016 12-25", "keyed", "payment_refused", "payment_number"),
    ],
)
def test_no_digit_of_a_payment_card_comes_out(
    decode: Decode, line: str, device: str, kind: str, reason: str | None
) -> None:
    (found,) = decode([line], "--device", device)
    assert (found["kind"], found.get("reason"), found["value"], found["fields"]) == (kind, reason, "", {})


def test_the_country_says_what_is_dialled(decode: Decode) -> None:
    assert decode(["87071234567"])[0]["kind"] == "unknown"
    assert decode(["87071234567"], "--country", "kz")[0]["value"] == "+77071234567"
    assert decode(["87071234567"], "--country", "KZ", "--device", "barcode")[0]["kind"] == "unknown"


def test_the_settings_of_a_till_say_the_rest(decode: Decode, tmp_path: Path) -> None:
    config = write_config(
        tmp_path,
        """
[[cards.range]]
prefix = "LOY-"
min_length = 8
max_length = 8
[[cards.range]]
prefix = "46"
min_length = 13
[scan]
order = ["member"]
[[scan.template]]
pattern = "22IIIIIWWWWWC"
""",
    )
    lines = ["LOY-0042", "4600000000008", "]E0" + number("221234501234"), "07071234567"]
    found = decode(lines, "--config", str(config), "--country", "AZ")
    assert [(one["kind"], one["value"]) for one in found] == [
        ("member", "LOY-0042"),
        ("member", "4600000000008"),
        ("item", "0" + number("221234500000")),
        ("unknown", "07071234567"),
    ]


def test_a_swipe_is_read_as_one(decode: Decode) -> None:
    assert decode(["123456789=2512"], "--device", "magstripe")[0]["symbology"] == "magstripe"


def test_people_read_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = f"]C10105901234123457\n96385074\n]E0123\n{PAYMENT}\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    assert main(["decode"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "item 05901234123457 in gs1_code_128 01=05901234123457",
        "ambiguous",
        "  or item 00000096385074",
        "  or gs1 (96)385074 96=385074",
        "error (length) in ean_13",
        "payment_refused (payment number)",
    ]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--country", "KAZ"], "two capital letters"),
        (["--config", "nowhere.toml"], "nowhere.toml: there is no such file"),
    ],
)
def test_what_cannot_be_used_is_said(options: list[str], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", *options]) == 2
    assert fault in capsys.readouterr().err


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        command("decode", "--json"),
        input=b"]E05901234123457\n",
        capture_output=True,
        cwd=tmp_path,
        env=environment(),
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["value"] == "05901234123457"
