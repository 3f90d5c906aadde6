"""In which languages a paper speaks, and how two stand together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.config.receipts import ReceiptLanguage
from agent.receipts.render import Templates
from agent.receipts.speech import BETWEEN, Speech, Unprintable, speech
from agent.receipts.values import Goods
from loyalty.explain import Names, Units, message
from loyalty.numbers.currency import Currency
from messages.languages import PAPER_LANGUAGES
from tests.agent.receipts.papers import slip, text, written

TENGE = Currency(code="KZT", scale=2)
CASHBACK = Names(by_language=(("kk", "кэшбэк"), ("ru", "кешбэк")))


def words(member: str | None, store: str, choice: ReceiptLanguage = ReceiptLanguage.BOTH) -> Speech:
    return speech(TENGE, member, store, choice)


@pytest.mark.parametrize(
    ("member", "store", "choice", "spoken"),
    [
        ("hy", "ru", ReceiptLanguage.MEMBER, ["hy"]),
        (None, "ru", ReceiptLanguage.MEMBER, ["ru"]),
        ("de", "ru", ReceiptLanguage.MEMBER, ["en"]),
        ("hy", "ru", ReceiptLanguage.STORE, ["ru"]),
        ("hy", "ru", ReceiptLanguage.BOTH, ["hy", "ru"]),
        ("ru", "ru", ReceiptLanguage.BOTH, ["ru"]),
        (None, "ka", ReceiptLanguage.BOTH, ["ka"]),
        ("uz-Latn-UZ", "tr", ReceiptLanguage.BOTH, ["uz", "tr"]),
    ],
)
def test_the_members_language_comes_first_and_the_shops_second(
    member: str | None, store: str, choice: ReceiptLanguage, spoken: list[str]
) -> None:
    assert [one.language for one in words(member, store, choice).catalogues] == spoken


def test_short_labels_stand_side_by_side_and_long_ones_below_each_other() -> None:
    said = words("kk", "ru")
    assert said.t("receipt.total") == f"Барлығы{BETWEEN}Итого"
    assert said.t("receipt.thanks") == "Сатып алғаныңызға рақмет!\nСпасибо за покупку!"


def test_a_stroke_in_the_name_of_goods_stays_where_labels_are_broken_at_theirs() -> None:
    milk = replace(
        slip("kk").lines[0], name="Молоко / Milk пастеризованное 3,2 %, 930 мл", quantity_milli=1_000, cuts=()
    )
    both = text(written(Templates(None), "slip", replace(slip("kk"), lines=(milk,)), "kk", "ru"))
    assert "Молоко / Milk пастеризованное 3,2 %," in both
    assert "Барлығы\nИтого " in both


def test_what_is_the_same_in_both_is_said_once() -> None:
    assert words("kk", "ru").t("receipt.number", number=7) == "Чек № 7"


def test_figures_are_written_once_and_names_in_each_language() -> None:
    said = words("kk", "ru")
    assert said.money(123_450) == "1\xa0234,50\xa0₸"
    assert said.amount(Units(amount=5, scale=0, names=None)) == "5 балл"
    units = Units(amount=500, scale=2, names=CASHBACK, currency=TENGE)
    assert said.label("receipt.earned", "receipt.earned_of", units) == "Есептелді: кэшбэк\nНачислено: кешбэк"
    assert (
        said.label("receipt.earned", "receipt.earned_of", replace(units, currency=None))
        == f"Есептелді{BETWEEN}Начислено"
    )


def test_a_sentence_within_a_sentence_is_said_in_its_language() -> None:
    missing = message("explain.missing_units", units=Units(amount=2, scale=0, names=None))
    said = words("en", "ru").t("receipt.nearest", name="X", missing=missing)
    assert said == "X. 2 points more needed\nX. Не хватает: 2 балла"


def test_labels_that_leave_no_room_for_the_amount_stand_below_each_other() -> None:
    both = text(written(Templates(None), "slip", slip("kk"), "kk", "ru"))
    assert "Барлығы\nИтого                                67 340,00 ₸\n" in both
    assert "Төлеуге / К оплате                   63 590,00 ₸\n" in both


def test_a_slip_in_two_languages_says_everything_twice_and_the_sum_once() -> None:
    short = replace(slip("kk"), lines=(Goods(name="Нан", amount_minor=100),))
    both = text(written(Templates(None), "slip", short, "kk", "ru"))
    for language in ("kk", "ru"):
        alone = speech(short.currency, language, language, ReceiptLanguage.MEMBER)
        assert all(alone.t(label) in both for label in ("receipt.total", "receipt.to_pay", "receipt.not_fiscal"))
    assert both.count("67\xa0".replace("\xa0", " ")) == 1


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_every_language_writes_what_templates_print(language: str) -> None:
    said = words(language, language)
    assert [said.write(value) for value in ("a", None, "")] == ["a", "", ""]
    assert said.write(CASHBACK) == CASHBACK.in_language(language)
    with pytest.raises(Unprintable, match="a Currency cannot be printed"):
        said.write(TENGE)
