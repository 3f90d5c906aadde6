"""The shared scan vectors about GS1 data: every identifier and value, every reason.

Where a vector asks about one element alone, the rules between elements are waived: GS1 judges companions over all
symbols of an item (General Specifications, section 4.13), and the program that the vector comes from never does.
"""

import re
from typing import Any

import pytest

from drivers.scanners.gs1.carriers import Content, carried
from drivers.scanners.gs1.elements import (
    Element,
    ElementString,
    Gs1Fault,
    Gs1Reason,
    parse_bracketed,
    parse_elements,
)
from drivers.scanners.gs1.identifiers import IDENTIFIERS
from drivers.scanners.gs1.links import parse_link
from drivers.scanners.symbols import Symbol
from tests.drivers.scanners.gs1.samples import encoded
from tests.drivers.scanners.vectors import Vector, engine, of, scanned

OTHERWISE = {
    "gs1-digital-link-038": "words for identifiers were taken out of GS1 Digital Link URI Syntax, release 1.3 (4.1)",
    "gs1-digital-link-039": "words for identifiers were taken out of GS1 Digital Link URI Syntax, release 1.3 (4.1)",
    "gs1-digital-link-113": "GS1 Digital Link URI Syntax 4.10: names of digits alone are identifiers, and 89 is none",
    "gs1-element-string-typed-011": "GS1 General Specifications 7.9.1: a GTIN with a wrong check digit is none",
    "gs1-element-string-typed-012": "GS1 General Specifications 7.9.1: an SSCC with a wrong check digit is none",
}
"""Vectors that say ok where we say error, and the document that we follow."""


def good(read: ElementString | Gs1Fault | None) -> ElementString:
    assert isinstance(read, ElementString)
    return read


def fault(read: ElementString | Gs1Fault | None) -> Gs1Fault:
    assert isinstance(read, Gs1Fault)
    return read


def notation(message: ElementString) -> str:
    """As the vectors write it: ``^`` for FNC1."""
    return "^" + encoded(message).replace("\x1d", "^")


# ------------------------------------------------------------------------------------- element strings

ENGINE_REASONS = {
    "non-CSET": Gs1Reason.WRONG_CHARACTER,
    "non-digit": Gs1Reason.WRONG_CHARACTER,
    "check digit is incorrect": Gs1Reason.WRONG_CHECK_DIGIT,
    "No known AI": Gs1Reason.UNKNOWN_AI,
    "is too long": Gs1Reason.WRONG_LENGTH,
    "is too short": Gs1Reason.WRONG_LENGTH,
    "incorrect length": Gs1Reason.WRONG_LENGTH,
    "Unknown AI": Gs1Reason.UNKNOWN_AI,
    "No GS1 DL keys": Gs1Reason.NO_KEY,
    "illegal characters": Gs1Reason.BAD_URI,
    "illegal null character": Gs1Reason.WRONG_CHARACTER,
    "should be in the path info": Gs1Reason.NOT_IN_QUERY,
}


def engine_reason(vector: Vector) -> Gs1Reason:
    found = {reason for words, reason in ENGINE_REASONS.items() if words in engine(vector)["err"]}
    assert len(found) == 1, engine(vector)["err"]
    return found.pop()


@pytest.mark.parametrize("vector", of("gs1-element-string"))
def test_an_element_string_as_a_scanner_sends_it(vector: Vector) -> None:
    symbol = scanned(vector["scan_bytes"])
    assert isinstance(symbol, Symbol)
    data = carried(symbol)
    assert data.content is Content.ELEMENTS
    read = parse_elements(data.text, associations=False)
    if vector["expect"] == "ok":
        assert good(read).bracketed() == engine(vector)["ai"]
        assert read == parse_elements(vector["input"][1:], "^", associations=False)
    else:
        assert fault(read).reason is engine_reason(vector)


@pytest.mark.parametrize("vector", of("gs1-element-string-2"))
def test_an_element_string_of_another_library(vector: Vector) -> None:
    text = vector["input"]
    if text.startswith("("):
        read = parse_bracketed(text, associations=False)
    else:
        symbol = scanned(text)
        assert isinstance(symbol, Symbol)
        read = parse_elements(carried(symbol).text, associations=False)
    assert vector["expect"] == "ok"
    assert {element.ai: element.value for element in good(read).elements} == vector["interpretation"]["ais"]


@pytest.mark.parametrize("vector", of("gs1-message"))
def test_a_message_of_many_elements(vector: Vector) -> None:
    asked = vector["interpretation"]
    if vector["input"].startswith("("):
        message = good(parse_bracketed(vector["input"], associations=False))
    else:
        separators = "".join(asked.get("separator_chars", ["\x1d"]))
        message = good(parse_elements(vector["input"], separators, associations=False))
    assert answer(message, asked) == asked.get("expected", asked.get("expected_hri"))


def answer(message: ElementString, asked: dict[str, Any]) -> Any:
    """What the other library was asked about a message, answered by ours."""
    test = asked["test"]
    if test == "test_parse_hri":
        return as_biip_tells(message, asked["expected"])
    by_title = [
        element.value
        for element in message.elements
        if IDENTIFIERS[element.ai].title.startswith(asked.get("data_title", "-"))
    ]
    by_ai = [element.value for element in message.elements if element.ai.startswith(asked.get("ai", "-"))]
    answers = {
        "test_filter_element_strings_by_ai": by_ai,
        "test_filter_element_strings_by_data_title": by_title,
        "test_get_element_string_by_ai": message.get(asked.get("ai", "-")),
        "test_get_element_string_by_data_title": next(iter(by_title), None),
    }
    return answers.get(test, message.bracketed())


def as_biip_tells(message: ElementString, told: dict[str, Any]) -> dict[str, Any]:
    """The message in the other library's words, as far as both have them; its names of things are taken as told."""
    elements = [
        {
            "ai": {**theirs["ai"], "ai": element.ai},
            "value": element.value,
            "pattern_groups": [element.value],
            **{name: theirs[name] for name in ("date",) if name in theirs},
        }
        for element, theirs in zip(message.elements, told["element_strings"], strict=True)
    ]
    return {"value": encoded(message), "element_strings": elements}


# --------------------------------------------------------------------------------------- one element

TYPED = "gs1-element-string-typed"


def only_element(vector: Vector) -> Element:
    message = good(parse_elements(vector["input"], associations=False))
    assert len(message.elements) == 1
    return message.elements[0]


@pytest.mark.parametrize("vector", of(TYPED, test="test_extract"))
def test_an_element_by_itself(vector: Vector) -> None:
    asked = vector["interpretation"]
    if vector["id"] in OTHERWISE:
        assert asked["test"] == "test_extract_with_nested_error"
        assert fault(parse_elements(vector["input"])).reason is Gs1Reason.WRONG_CHECK_DIGIT
        return
    element = only_element(vector)
    expected = asked.get("expected")
    if isinstance(expected, dict):
        assert (element.ai, element.value) == (expected["ai"]["ai"], expected["value"])
        assert (IDENTIFIERS[element.ai].predefined == 0) is expected["ai"]["separator_required"]
        gtin = expected.get("gtin") or expected.get("sscc")
        assert gtin is None or gtin["value"] == element.value
    else:  # an amount or a day, which the till never reckons with
        assert vector["input"] == element.ai + element.value


@pytest.mark.parametrize("vector", of(TYPED, test="test_as_hri"))
def test_an_element_for_people(vector: Vector) -> None:
    message = good(parse_elements(vector["input"], associations=False))
    assert message.bracketed() == vector["interpretation"]["expected"]


# ------------------------------------------------------------------------------ values, coupons, rules

LINTS = {
    "INVALID_CSET39_CHARACTER": (Gs1Reason.WRONG_CHARACTER, ""),
    "INVALID_CSET64_PADDING": (Gs1Reason.BAD_VALUE, "padding"),
    "INCORRECT_CHECK_PAIR": (Gs1Reason.WRONG_CHECK_DIGIT, "pair"),
    "INCORRECT_CHECK_DIGIT": (Gs1Reason.WRONG_CHECK_DIGIT, ""),
    "TOO_SHORT_FOR_GCP": (Gs1Reason.BAD_VALUE, "company_prefix_short"),
    "INVALID_GCP_PREFIX": (Gs1Reason.BAD_VALUE, "company_prefix"),
    "INVALID_IMPORT_IDX_CHARACTER": (Gs1Reason.BAD_VALUE, "importer_index"),
    "NOT_ISO3166": (Gs1Reason.BAD_VALUE, "country"),
    "NOT_ISO3166_OR_999": (Gs1Reason.BAD_VALUE, "country"),
    "NOT_ISO4217": (Gs1Reason.BAD_VALUE, "currency"),
    "INVALID_IBAN_CHARACTER": (Gs1Reason.WRONG_CHARACTER, "iban"),
    "ILLEGAL_IBAN_COUNTRY_CODE": (Gs1Reason.BAD_VALUE, "iban_country"),
    "ILLEGAL_MONTH": (Gs1Reason.BAD_DATE, ""),
    "ILLEGAL_DAY": (Gs1Reason.BAD_DATE, ""),
    "ILLEGAL_SECOND": (Gs1Reason.BAD_TIME, "second"),
    "ZERO_TOTAL_PIECES": (Gs1Reason.BAD_VALUE, "piece_zero"),
    "PIECE_NUMBER_EXCEEDS_TOTAL": (Gs1Reason.BAD_VALUE, "piece_beyond_total"),
    "INVALID_PERCENT_SEQUENCE": (Gs1Reason.BAD_VALUE, "percent_code"),
    "INVALID_LATITUDE": (Gs1Reason.BAD_VALUE, "latitude"),
    "COUPON_INVALID_FORMAT_CODE": (Gs1Reason.BAD_COUPON, "format:invalid"),
    "COUPON_TRUNCATED_FUNDER": (Gs1Reason.BAD_COUPON, "company:truncated"),
    "COUPON_TRUNCATED_OFFER_CODE": (Gs1Reason.BAD_COUPON, "offer:truncated"),
    "COUPON_INVALID_GCP_LENGTH": (Gs1Reason.BAD_COUPON, "company:invalid"),
    "COUPON_TRUNCATED_GCP": (Gs1Reason.BAD_COUPON, "company:truncated"),
    "COUPON_TRUNCATED_SAVE_VALUE": (Gs1Reason.BAD_COUPON, "save_value:truncated"),
    "COUPON_TRUNCATED_1ST_PURCHASE_REQUIREMENT": (Gs1Reason.BAD_COUPON, "first_requirement:truncated"),
    "COUPON_TRUNCATED_1ST_PURCHASE_FAMILY_CODE": (Gs1Reason.BAD_COUPON, "first_family:truncated"),
    "COUPON_MISSING_ADDITIONAL_PURCHASE_RULES_CODE": (Gs1Reason.BAD_COUPON, "purchase_rules:missing"),
    "COUPON_TRUNCATED_2ND_PURCHASE_REQUIREMENT": (Gs1Reason.BAD_COUPON, "second_requirement:truncated"),
    "COUPON_MISSING_2ND_PURCHASE_REQUIREMENT_CODE": (Gs1Reason.BAD_COUPON, "second_requirement_code:missing"),
    "COUPON_INVALID_2ND_PURCHASE_GCP_LENGTH": (Gs1Reason.BAD_COUPON, "second_company:invalid"),
    "COUPON_TRUNCATED_2ND_PURCHASE_GCP": (Gs1Reason.BAD_COUPON, "second_company:truncated"),
    "COUPON_TRUNCATED_3RD_PURCHASE_REQUIREMENT": (Gs1Reason.BAD_COUPON, "third_requirement:truncated"),
    "COUPON_INVALID_3RD_PURCHASE_REQUIREMENT_CODE": (Gs1Reason.BAD_COUPON, "third_requirement_code:invalid"),
    "COUPON_TRUNCATED_3RD_PURCHASE_FAMILY_CODE": (Gs1Reason.BAD_COUPON, "third_family:truncated"),
    "COUPON_MISSING_3RD_PURCHASE_GCP_VLI": (Gs1Reason.BAD_COUPON, "third_company:missing"),
    "COUPON_TRUNCATED_3RD_PURCHASE_GCP": (Gs1Reason.BAD_COUPON, "third_company:truncated"),
    "COUPON_TOO_SHORT_FOR_EXPIRATION_DATE": (Gs1Reason.BAD_COUPON, "expiry:truncated"),
    "COUPON_INVALID_START_DATE": (Gs1Reason.BAD_COUPON, "start:invalid"),
    "COUPON_EXPIRATION_BEFORE_START": (Gs1Reason.BAD_COUPON, "expiry:before_start"),
    "COUPON_MISSING_RETAILER_GCP_OR_GLN_VLI": (Gs1Reason.BAD_COUPON, "retailer:missing"),
    "COUPON_INVALID_RETAILER_GCP_OR_GLN_LENGTH": (Gs1Reason.BAD_COUPON, "retailer:invalid"),
    "COUPON_INVALID_SAVE_VALUE_APPLIES_TO_ITEM": (Gs1Reason.BAD_COUPON, "applies_to:invalid"),
    "COUPON_MISSING_STORE_COUPON_FLAG": (Gs1Reason.BAD_COUPON, "store_coupon:missing"),
    "COUPON_MISSING_DONT_MULTIPLY_FLAG": (Gs1Reason.BAD_COUPON, "multiplies:missing"),
    "COUPON_INVALID_DONT_MULTIPLY_FLAG": (Gs1Reason.BAD_COUPON, "multiplies:invalid"),
}
"""GS1's names of what can be wrong with a value, and ours."""


@pytest.mark.parametrize("vector", of("gs1-lint", "gs1-lint-coupon"))
def test_a_value_is_looked_at_as_closely_as_gs1_does(vector: Vector) -> None:
    read = parse_bracketed(vector["input"], associations=False)
    lint = vector["interpretation"]["lint"].removeprefix("GS1_LINTER_")
    if vector["expect"] == "ok":
        assert lint == "OK"
        assert good(read).bracketed() == engine(vector)["ai"] == vector["input"]
    else:
        reason, detail = LINTS[lint]
        assert read == Gs1Fault(reason=reason, ai=vector["input"][1:].partition(")")[0], detail=detail)


RULES = {
    "validateAIrepeats": Gs1Reason.REPEATED_AI,
    "validateAImutex": Gs1Reason.FORBIDDEN_PAIR,
    "validateAIrequisites": Gs1Reason.MISSING_COMPANION,
    "validateDigSigRequiresSerialisedKey": Gs1Reason.MISSING_SERIAL,
}


@pytest.mark.parametrize("vector", of("gs1-ai-association"))
def test_the_rules_between_elements(vector: Vector) -> None:
    read = parse_bracketed(vector["input"])
    if vector["expect"] == "ok":
        assert good(read).bracketed() == vector["input"]
    elif unknown := [ai for ai in re.findall(r"\((\d+)\)", vector["input"]) if ai not in IDENTIFIERS]:
        # 89 is assigned to nothing, and 333n has five decimals at most (General Specifications, section 3.2),
        # so that no rule is reached
        assert set(unknown) <= {"89", "3338"}
        assert read == Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai=unknown[0])
    else:
        assert isinstance(parse_bracketed(vector["input"], associations=False), ElementString)
        assert fault(read).reason is RULES[vector["interpretation"]["rule"]]


# --------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize("vector", of("gs1-digital-link"))
def test_a_digital_link(vector: Vector) -> None:
    options = vector["options"]
    read = parse_link(vector["input"])
    if "zero_suppressed_gtin" in options:  # what release 1.3 took out, and what the engine reads only if it is told to
        assert fault(read) == Gs1Fault(reason=Gs1Reason.WRONG_LENGTH, ai="01", detail="short")
    elif vector["id"] in OTHERWISE:
        assert fault(read).reason in {Gs1Reason.NO_KEY, Gs1Reason.UNKNOWN_AI}
    elif vector["expect"] == "ok":
        assert notation(good(read)) == vector["interpretation"]["data_fnc1_notation"]
        assert good(read).bracketed() == engine(vector).get("ai", good(read).bracketed())
    elif engine(vector):
        assert fault(read).reason is engine_reason(vector)
    else:
        assert not isinstance(read, ElementString)


@pytest.mark.parametrize("vector", of("gs1-digital-link-2"))
def test_a_digital_link_of_another_library(vector: Vector) -> None:
    assert vector["expect"] == "ok"
    read = good(parse_link(vector["input"]))
    assert {element.ai: element.value for element in read.elements} == vector["interpretation"]["ais"]
    assert read.bracketed() == engine(vector)["ai"]


def test_every_vector_that_we_answer_otherwise_exists_and_says_ok() -> None:
    ours = {vector.values[0]["id"]: vector.values[0]["expect"] for vector in of(TYPED, "gs1-digital-link")}
    assert {ours.get(name, "ok") for name in OTHERWISE} == {"ok"}
