"""Papers as JSON: read back as they were written, and every fault with its place and the way out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from agent.receipts.names import TEMPLATES
from agent.receipts.samples import sample_json
from agent.receipts.shape import BadShape, from_json, to_json
from agent.receipts.values import Slip
from drivers.printers.profiles.listing import UNKNOWN
from messages.languages import PAPER_LANGUAGES
from tests.agent.receipts.papers import paper


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_what_is_written_is_read_back(template: str, language: str) -> None:
    value = paper(template, language)
    assert from_json(TEMPLATES[template].shape, to_json(value)) == value


def test_a_start_for_ones_own_has_each_name_in_one_language() -> None:
    given = sample_json("coupon", "ru", UNKNOWN, 48)
    assert given["coupon"]["name"] == {"ru": "Десерт в кафе"}
    assert given["currency"] == {"code": "RUB", "scale": 2}
    from_json(TEMPLATES["coupon"].shape, given)


Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> BadShape:
    given = copy.deepcopy(sample_json("slip", "en", UNKNOWN, 48))
    change(given)
    with pytest.raises(BadShape) as caught:
        from_json(Slip, given)
    return caught.value


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        (lambda it: it.pop("shop"), "shop", "is missing"),
        (lambda it: it.update(shop=7), "shop", "expected an object with named fields"),
        (lambda it: it.update(shop="a\nb"), "shop", "expected a text of one line, at most 500 characters"),
        (lambda it: it.update(shop={}), "shop", 'expected at least one name by language, as {"en": "stamps"}'),
        (lambda it: it.update(shpo="x"), "shpo", "there is no such field; there are shop, till, at,"),
        (lambda it: it.update(at="2026-03-05"), "at", "expected a date and time with its offset"),
        (lambda it: it.update(at="5 March"), "at", "expected a date and time with its offset"),
        (lambda it: it.update(total_minor=12.5), "total_minor", "expected a whole number (money in its smallest unit"),
        (lambda it: it.update(total_minor=True), "total_minor", "expected a whole number"),
        (lambda it: it.update(total_minor=1 << 70), "total_minor", "expected a whole number"),
        (lambda it: it.update(copy=1), "copy", "expected true or false"),
        (lambda it: it.update(lines={}), "lines", "expected a list of at most 2,000"),
        (lambda it: it.update(lines=[{}] * 2_001), "lines", "expected a list of at most 2,000"),
        (lambda it: it["lines"][2].pop("name"), "lines[3].name", "is missing"),
        (lambda it: it["lines"][2].update(amount_minor="12,00"), "lines[3].amount_minor", "expected a whole number"),
        (lambda it: it["lines"].insert(0, "Milk"), "lines[1]", "expected an object with named fields"),
        (lambda it: it["member"]["earned"][0].pop("amount"), "member.earned[1].amount", "is missing"),
        (
            lambda it: it["member"]["earned"][0].update(scale=9),
            "member.earned[1].scale",
            "expected a whole number from 0 to 6",
        ),
        (lambda it: it["member"]["earned"][0].update(unit="x"), "member.earned[1].unit", "there is no such field"),
        (lambda it: it["member"]["way"].pop("id"), "member.way.id", "is missing"),
        (
            lambda it: it["member"]["way"]["arguments"].update(missing=1.5),
            "member.way.arguments.missing",
            "expected an object with named fields",
        ),
        (
            lambda it: it["member"]["way"]["arguments"].update(missing={}),
            "member.way.arguments.missing",
            "expected a text, a whole number, or one of money_minor, units, names, rate",
        ),
        (
            lambda it: it["member"]["because"][2]["arguments"].update(multiplier={"rate": "3/0"}),
            "member.because[3].arguments.multiplier.rate",
            "expected a rate of two whole numbers",
        ),
        (
            lambda it: it["member"]["expires_next"].update(until="soon"),
            "member.expires_next.until",
            "expected a date, as",
        ),
        (lambda it: it["currency"].update(code="tenge"), "currency.code", "expected three capital letters"),
        (lambda it: it["currency"].update(scale=-1), "currency.scale", "expected a whole number from 0 to 6"),
        (lambda it: it.pop("currency"), "currency", "is missing"),
    ],
)
def test_a_fault_names_its_field_and_what_is_expected_there(change: Change, field: str, expected: str) -> None:
    fault = changed(change)
    assert fault.field == field
    assert expected in fault.expected


def test_no_fault_shows_what_was_given() -> None:
    fault = changed(lambda it: it["member"].update(card=["4000000000000002"]))
    assert str(fault) == "member.card: expected a text of one line, at most 500 characters"


@pytest.mark.parametrize("given", [None, [], "slip", 7])
def test_the_whole_must_be_an_object(given: object) -> None:
    with pytest.raises(BadShape, match="the whole: expected an object with named fields"):
        from_json(Slip, given)
