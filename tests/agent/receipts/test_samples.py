"""The samples: sums that add up, every name in every language, every template written in each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from agent.receipts.names import TEMPLATES
from agent.receipts.render import Templates
from agent.receipts.values import Slip
from drivers.printers.document import Align, Line
from loyalty.explain import Message, Names
from messages.checks import ALPHABETS
from messages.languages import PAPER_LANGUAGES
from tests.agent.receipts.papers import paper, slip, text, written


def names_in(value: object) -> Iterator[Names]:
    """Every name that a paper holds."""
    if isinstance(value, Names):
        yield value
    elif isinstance(value, Message):
        yield from (name for _, argument in value.arguments for name in names_in(argument))
    elif isinstance(value, tuple):
        yield from (name for item in value for name in names_in(item))
    elif is_dataclass(value):
        yield from (name for field in fields(value) for name in names_in(getattr(value, field.name)))


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_the_sum_of_the_goods_is_what_is_to_pay(language: str) -> None:
    shown = slip(language)
    net = sum(goods.amount_minor - sum(cut.amount_minor for cut in goods.cuts) for goods in shown.lines)
    assert len(shown.lines) == 40
    assert shown.total_minor == net - shown.credit_minor
    assert shown.to_pay_minor == shown.total_minor - sum(one.amount_minor for one in shown.payments)
    priced = [goods for goods in shown.lines if goods.price_minor is not None]
    assert all(goods.price_minor * goods.quantity_milli == goods.amount_minor * 1_000 for goods in priced)  # type: ignore[operator]


def test_balances_are_those_before_with_what_was_earned_and_used() -> None:
    member = slip().member
    assert member is not None
    change = {one.names: one.amount for one in member.earned}
    for used in member.spent:
        change[used.names] -= used.amount
    moved = {one.after.names: one.after.amount - one.before.amount for one in member.balances if one.before is not None}
    assert moved == change


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_name_is_given_in_every_language_in_its_own_letters(template: str) -> None:
    for names in names_in(paper(template)):
        assert {language for language, _ in names.by_language} == set(PAPER_LANGUAGES)
        for language, name in names.by_language:
            letters = {letter for letter in name.lower() if letter.isalpha()}
            assert letters <= ALPHABETS[language] | {"é"}, name


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", PAPER_LANGUAGES)
@pytest.mark.parametrize("columns", [32, 48])
def test_every_paper_fits_its_width_and_says_nothing_strange(template: str, language: str, columns: int) -> None:
    said = text(written(Templates(None), template, paper(template, language, columns), language), columns)
    assert all(len(line) <= columns for line in said.splitlines())
    assert not any(strange in said for strange in ("None", "{", "}", "Undefined", "\ue000", "\ue001"))


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_a_title_is_never_broken_within_a_word_on_narrow_paper(language: str) -> None:
    for template in TEMPLATES:
        document = written(Templates(None), template, paper(template, language, 32), language)
        for block in document.blocks:
            if isinstance(block, Line) and block.align is Align.CENTER and block.style.value == "double":
                assert max(map(len, block.text.split())) <= 16, block.text


def test_the_currency_is_that_of_the_languages_country() -> None:
    found = {language: slip(language).currency.code for language in PAPER_LANGUAGES}
    assert found == {
        "kk": "KZT",
        "az": "AZN",
        "ru": "RUB",
        "hy": "AMD",
        "en": "GBP",
        "ka": "GEL",
        "tr": "TRY",
        "uz": "UZS",
    }
    assert all(isinstance(paper("appended", language), Slip) for language in found)
