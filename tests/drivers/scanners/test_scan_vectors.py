"""The project's shared scan vectors: framing, identifiers, carriers, numbers and the gate.

Those about GS1 data alone are in ``gs1/test_vectors.py``. Groups that another test runs, and vectors that nobody can
run on a till, are named below with the reason, so that nothing is left out quietly.
"""

from collections import Counter

import pytest

from drivers.scanners.framing import Framer
from drivers.scanners.gate import DeviceKind, Gate, GateReason, GateRefusal
from drivers.scanners.gs1.carriers import Carried, Content, Symbology, carried, item_of
from drivers.scanners.gs1.elements import ElementString, Gs1Fault, Gs1Reason, parse_elements
from drivers.scanners.gs1.links import parse_link
from drivers.scanners.numbers.check_digits import (
    gs1_check_digit,
    luhn_check_digit,
    passes_gs1,
    passes_luhn,
    passes_price_check,
    price_check_digit,
)
from drivers.scanners.numbers.gtin import (
    Circulation,
    Gtin,
    GtinFault,
    GtinKind,
    GtinReason,
    parse_gtin,
    parse_upc_e,
)
from drivers.scanners.symbols import Symbol, read_text
from drivers.scanners.tracks import track_accounts
from tests.drivers.scanners.vectors import Vector, engine, of, scanned, vectors

HERE = {"scan-aim", "scan-encode", "aim-id", "magstripe", "luhn", "gs1-check-digit", "gtin", "upc", "in-store-ean"}
ELSEWHERE = {
    "gs1-digital-link": "gs1/test_vectors.py",
    "gs1-digital-link-2": "gs1/test_vectors.py",
    "gs1-element-string": "gs1/test_vectors.py",
    "gs1-element-string-2": "gs1/test_vectors.py",
    "gs1-element-string-typed": "gs1/test_vectors.py",
    "gs1-message": "gs1/test_vectors.py",
    "gs1-ai-association": "gs1/test_vectors.py",
    "gs1-lint": "gs1/test_vectors.py",
    "gs1-lint-coupon": "gs1/test_vectors.py",
    "wedge-layout": "typed as key codes in sources/test_keys.py",
    "nfc-uid": "what a UID may do, which the PC/SC source decides",
}
LEFT_OUT = {
    "test_rcn_region_can_be_specified_as_string": "names of regions in another program's own interface; no number",
    "scan-encode-044": "a rule of DataBar Limited's encoder (a GTIN must begin with 0 or 1); no scanner sends such data",
}


def test_every_group_of_vectors_is_run_somewhere() -> None:
    assert {vector["group"] for vector in vectors()} == HERE | set(ELSEWHERE)


@pytest.mark.parametrize("why", [pytest.param(why, id=f"{name}: {why}") for name, why in LEFT_OUT.items()])
def test_what_is_left_out_is_said(why: str) -> None:
    names = Counter(name for vector in vectors() for name in (vector["id"], vector["interpretation"].get("test")))
    assert names[next(name for name, reason in LEFT_OUT.items() if reason == why)] > 0


def symbol_of(text: str) -> Symbol:
    symbol = scanned(text)
    assert isinstance(symbol, Symbol)
    return symbol


# ----------------------------------------------------------------------------- identifiers and carriers

SYMBOLOGIES = {
    "QR": Symbology.QR_CODE,
    "DM": Symbology.DATA_MATRIX,
    "DotCode": Symbology.DOTCODE,
    "DataBarExpanded": Symbology.DATABAR,
    "DataBarOmni": Symbology.DATABAR,
    "DataBarLimited": Symbology.DATABAR,
    "EAN13": Symbology.EAN_UPC,
    "EAN8": Symbology.EAN_UPC,
    "UPCA": Symbology.EAN_UPC,
}
GS1_128 = {"]C1": Symbology.CODE_128, "]e0": Symbology.DATABAR}
"""A GS1-128 symbol; with a composite component it arrives as ``]e0`` (ISO/IEC 24723), and no scanner tells it apart."""


@pytest.mark.parametrize("vector", of("scan-aim", "scan-encode", expect="ok"))
def test_a_symbol_is_taken_apart(vector: Vector) -> None:
    symbol = symbol_of(vector["input"])
    told = vector["interpretation"]
    data = carried(symbol)
    expected = SYMBOLOGIES.get(told["symbology"]) or GS1_128[symbol.aim]
    assert data.symbology is expected
    assert written(data) == elements_in(told["data_fnc1_notation"], data)
    if "ai" in engine(vector):
        assert elements_of(data).bracketed() == engine(vector)["ai"]


def written(data: Carried) -> str | ElementString | tuple[str, ElementString | None]:
    """What a symbol holds: text, elements, or the 14 digits of an item and the elements of its composite component."""
    if data.content is Content.TEXT:
        return data.text
    if data.content is Content.ELEMENTS:
        return elements_of(data)
    item = item_of(data)
    assert isinstance(item, Gtin)
    return item.gtin14, None if data.composite is None else elements_of(data)


def elements_of(data: Carried) -> ElementString:
    if data.content is Content.TEXT:
        read = parse_link(data.text)
    else:
        read = parse_elements(data.text if data.composite is None else data.composite)
    assert isinstance(read, ElementString)
    return read


def elements_in(notation: str, data: Carried) -> str | ElementString | tuple[str, ElementString | None]:
    """The same out of a vector: ``^`` is FNC1, ``|`` a composite component, a backslash before ``^`` an escape."""
    if data.content is Content.TEXT:
        return notation[1:] if notation.lstrip("\\").startswith("^") else notation
    linear, _, composite = notation.partition("|^")
    if data.content is Content.ELEMENTS:
        joined = parse_elements(notation[1:].replace("|^", "^"), "^")
        assert isinstance(joined, ElementString)
        return joined
    component = parse_elements(composite, "^")
    return linear.removeprefix("^01").zfill(14), component if isinstance(component, ElementString) else None


AIM_ERRORS = {
    "Short": "short_aim",
    "Empty GS1 data": Gs1Reason.EMPTY,
    None: GtinReason.LENGTH,
    "Long": GtinReason.LENGTH,
    "Non-numeric": GtinReason.NOT_DIGITS,
    "Bad check digit": GtinReason.CHECK_DIGIT,
}


@pytest.mark.parametrize("vector", of("scan-aim", expect="error"))
def test_a_symbol_that_holds_nothing_good_says_why(vector: Vector) -> None:
    symbol = scanned(vector["input"])
    assert reason_of(symbol) == AIM_ERRORS[vector["interpretation"]["reason"]]


def reason_of(symbol: Symbol | str) -> str:
    if isinstance(symbol, str):
        return symbol
    data = carried(symbol)
    read = parse_elements(data.text) if data.content is Content.ELEMENTS else item_of(data)
    assert isinstance(read, Gs1Fault | GtinFault)
    return read.reason


@pytest.mark.parametrize("vector", of("scan-encode", expect="error", but=LEFT_OUT))
def test_data_that_no_symbol_can_hold_is_no_good_data(vector: Vector) -> None:
    text, symbology = vector["input"], vector["interpretation"]["symbology"]
    if symbology == "NONE":
        assert Framer().feed(text.encode() + b"\r", 0) == ()
    elif symbology == "GS1_128_CCA":
        assert isinstance(parse_elements(text), Gs1Fault)
    else:
        assert symbology == "EAN13"
        assert isinstance(parse_gtin(text), GtinFault)


BIIP_SYMBOLOGIES = {"CODE_128": Symbology.CODE_128, "SYSTEM_EXPANSION": Symbology.SYSTEM_EXPANSION}


@pytest.mark.parametrize("vector", of("aim-id"))
def test_an_identifier_has_the_length_that_biip_gives_it(vector: Vector) -> None:
    outcome = read_text(vector["input"])
    assert isinstance(outcome, Symbol)
    expected = vector["interpretation"].get("expected")
    if isinstance(expected, dict):
        assert outcome.aim == expected["value"] == f"]{outcome.aim[1]}{expected['modifiers']}"
        assert carried(outcome).symbology is BIIP_SYMBOLOGIES[expected["iso_symbology"]]
        assert (carried(outcome).content is Content.ELEMENTS) is ("gs1_symbology" in expected)
    assert outcome.aim + outcome.text == vector["input"]


# --------------------------------------------------------------------------------------------- cards


@pytest.mark.parametrize("kind", list(DeviceKind))
@pytest.mark.parametrize("vector", of("magstripe"))
def test_a_payment_swipe_is_refused_and_an_error_swipe_has_no_account(vector: Vector, kind: DeviceKind) -> None:
    symbol = symbol_of(vector["input"])
    outcome = Gate(device="reader", kind=kind).admit(symbol)
    if vector["expect"] == "error":
        assert outcome is symbol
        assert track_accounts(symbol.text) == ()
    else:
        expected = GateRefusal(device="reader", reason=GateReason.PAYMENT_TRACK, length=len(vector["input"]))
        assert outcome == expected


# ------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("vector", of("luhn"))
def test_luhn_agrees(vector: Vector) -> None:
    assert passes_luhn(vector["input"]) is (vector["expect"] == "ok")
    to_append = vector["interpretation"].get("check_digit_to_append")
    assert to_append is None or luhn_check_digit(vector["input"]) == to_append


@pytest.mark.parametrize("vector", of("gs1-check-digit", test="test_gs1_standard"))
def test_gs1_check_digits_agree(vector: Vector) -> None:
    if vector["expect"] == "ok":
        digit = str(vector["interpretation"]["expected"])
        assert gs1_check_digit(vector["input"]) == digit
        assert passes_gs1(vector["input"] + digit)
    else:
        assert not passes_gs1(vector["input"])


@pytest.mark.parametrize("vector", of("gs1-check-digit", test="test_gs1_price_weight"))
def test_price_and_weight_check_digits_agree(vector: Vector) -> None:
    if vector["expect"] == "ok":
        digit = str(vector["interpretation"]["expected"])
        assert price_check_digit(vector["input"]) == digit
        assert passes_price_check(digit, vector["input"])
    else:
        assert not any(passes_price_check(digit, vector["input"]) for digit in "0123456789")


KINDS = {"8": GtinKind.GTIN_8, "12": GtinKind.GTIN_12, "13": GtinKind.GTIN_13, "14": GtinKind.GTIN_14}


@pytest.mark.parametrize("vector", of("gtin"))
def test_a_trade_item_number_is_of_the_kind_that_biip_says(vector: Vector) -> None:
    number = parse_gtin(vector["input"])
    if vector["expect"] == "error":
        assert number == GtinFault(reason=GtinReason.NOT_DIGITS)
        return
    kind = vector["interpretation"]["test"].removeprefix("test_parse_gtin_").partition("_")[0]
    assert isinstance(number, Gtin)
    assert (number.kind, number.gtin14) == (KINDS[kind], vector["input"].zfill(14))


@pytest.mark.parametrize("vector", of("upc"))
def test_a_upc_in_every_form(vector: Vector) -> None:
    text = vector["input"]
    number = parse_gtin(text) if len(text) > 8 else parse_upc_e(text)
    if vector["expect"] == "error":
        assert number == GtinFault(reason=GtinReason.NOT_DIGITS)
        return
    assert isinstance(number, Gtin)
    expected = vector["interpretation"]["expected"]
    match vector["interpretation"]["test"]:
        case "test_parse_upc_e":
            assert text.startswith(str(expected["number_system_digit"]))
            assert number.value.endswith(str(expected["check_digit"]))
        case "test_as_upc_a" | "test_as_gtin_12":
            assert number.value == expected
        case "test_as_upc_e":
            assert expected is None or parse_upc_e(expected) == number
        case other:
            assert other == "test_as_gtin_14"
            assert number.gtin14 == expected


USAGES = {"COMPANY": Circulation.COMPANY, "GEOGRAPHICAL": Circulation.REGION}


@pytest.mark.parametrize("vector", of("in-store-ean", but=LEFT_OUT))
def test_an_in_store_number_is_told_by_its_prefix(vector: Vector) -> None:
    """Prices and weights inside it are the merchant's templates, which are tested with the decoder."""
    asked = vector["interpretation"]
    number = parse_gtin(vector["input"])
    assert vector["expect"] == "ok"
    assert isinstance(number, Gtin)
    if asked["test"] == "test_parse_rcn":
        expected = asked["expected"]
        assert number == Gtin(value=expected["value"])
        assert number.kind.value == expected["format"].lower()
        assert number.circulation is USAGES[expected["usage"]]
    else:
        assert number.is_restricted is (not asked["test"].endswith("keeps_gtin_unchanged"))
