"""What a host may hand over as a basket."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import INT64_MAX, MAX_BASKET_LINES
from loyalty.refusals import Refusal, RefusalCode, first
from loyalty.sale.basket import MAX_BASKET_TEXT, Basket, BasketLine, make_basket

KZT = Currency(code="KZT", scale=2)
TOO_LARGE = INT64_MAX + 1


def line(number: int = 1, **fields: Any) -> BasketLine:
    return BasketLine(**{"line": number, "item": "milk", "quantity_milli": 1000, "amount_minor": 500, **fields})


def refused(*lines: BasketLine) -> tuple[RefusalCode, str]:
    answer = make_basket(KZT, lines)
    assert isinstance(answer, Refusal)
    return answer.code, answer.field


def test_a_good_basket_orders_its_lines_and_knows_its_total() -> None:
    lines = (line(1, amount_minor=150, tax_minor=150, discount_minor=20, category="food"), line(2, amount_minor=0))
    basket = make_basket(KZT, [lines[1], lines[0]])
    assert basket == Basket(currency=KZT, lines=lines)
    assert isinstance(basket, Basket)
    assert basket.total_minor == 150


def test_an_empty_basket_is_refused() -> None:
    assert refused() == (RefusalCode.BASKET_EMPTY, "lines")


def test_a_basket_has_at_most_2000_lines() -> None:
    lines = [line(number) for number in range(1, MAX_BASKET_LINES + 2)]
    assert isinstance(make_basket(KZT, lines[:-1]), Basket)
    assert refused(*lines) == (RefusalCode.BASKET_TOO_LONG, "lines")


def test_the_texts_of_a_basket_are_bounded_together() -> None:
    lines = [line(number, item="x" * 100, name="y" * 100) for number in range(1, MAX_BASKET_TEXT // 200 + 1)]
    assert isinstance(make_basket(KZT, lines), Basket)
    assert refused(*lines, line(2000, item="x", name="")) == (RefusalCode.BASKET_TOO_LONG, "lines")


def test_a_line_number_is_used_once() -> None:
    assert refused(line(1), line(2), line(1)) == (RefusalCode.LINE_REPEATED, "lines")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"line": 0}, RefusalCode.BAD_REQUEST, "line"),
        ({"line": -1}, RefusalCode.BAD_REQUEST, "line"),
        ({"item": "x" * 201}, RefusalCode.BAD_REQUEST, "item"),
        ({"item": "\ud800"}, RefusalCode.BAD_REQUEST, "item"),
        ({"name": "a\0b"}, RefusalCode.BAD_REQUEST, "name"),
        ({"category": "\udfff"}, RefusalCode.BAD_REQUEST, "category"),
        ({"quantity_milli": 0}, RefusalCode.QUANTITY_NOT_POSITIVE, "quantity_milli"),
        ({"quantity_milli": -1000}, RefusalCode.QUANTITY_NOT_POSITIVE, "quantity_milli"),
        ({"amount_minor": -1}, RefusalCode.PRICE_NEGATIVE, "amount_minor"),
        ({"discount_minor": -1}, RefusalCode.PRICE_NEGATIVE, "discount_minor"),
        ({"tax_minor": -1}, RefusalCode.TAX_EXCEEDS_AMOUNT, "tax_minor"),
        ({"tax_minor": 501}, RefusalCode.TAX_EXCEEDS_AMOUNT, "tax_minor"),
        ({"amount_minor": TOO_LARGE}, RefusalCode.AMOUNT_TOO_LARGE, "amount_minor"),
        ({"quantity_milli": TOO_LARGE}, RefusalCode.AMOUNT_TOO_LARGE, "amount_minor"),
        ({"discount_minor": TOO_LARGE}, RefusalCode.AMOUNT_TOO_LARGE, "amount_minor"),
        ({"line": TOO_LARGE}, RefusalCode.AMOUNT_TOO_LARGE, "amount_minor"),
    ],
)
def test_each_fault_of_a_line_has_its_code_and_names_the_line(
    fields: dict[str, Any], code: RefusalCode, field: str
) -> None:
    assert refused(line(7), line(**{"line": 8, **fields})) in {(code, f"lines[2].{field}"), (code, "lines")}


def test_lines_that_fit_may_still_be_too_much_together() -> None:
    whole = line(1, amount_minor=INT64_MAX)
    assert isinstance(make_basket(KZT, [whole]), Basket)
    assert refused(whole, line(2, amount_minor=1)) == (RefusalCode.AMOUNT_TOO_LARGE, "lines")


def test_the_refusal_that_is_listed_first_is_answered_whatever_the_order_of_lines() -> None:
    bad = [
        line(1, amount_minor=-1, tax_minor=9),
        line(2, quantity_milli=0),
        line(2, name="\0"),
        line(3, amount_minor=TOO_LARGE),
    ]
    assert refused(*bad) == (RefusalCode.BAD_REQUEST, "lines[3].name")
    assert refused(*bad[:2], bad[3]) == (RefusalCode.QUANTITY_NOT_POSITIVE, "lines[2].quantity_milli")
    assert refused(bad[3], bad[0]) == (RefusalCode.PRICE_NEGATIVE, "lines[2].amount_minor")


def test_of_equal_codes_the_first_line_is_named() -> None:
    assert refused(line(1), line(2, quantity_milli=0), line(3, quantity_milli=0)) == (
        RefusalCode.QUANTITY_NOT_POSITIVE,
        "lines[2].quantity_milli",
    )


def test_a_refusals_detail_never_repeats_what_the_host_sent() -> None:
    answer = make_basket(KZT, [line(1, item="4111111111111111\0", name="Aliya\0")])
    assert isinstance(answer, Refusal)
    assert "4111" not in answer.detail
    assert "Aliya" not in answer.detail


@given(st.lists(st.sampled_from(RefusalCode), max_size=6))
def test_precedence_is_the_order_in_which_codes_are_listed(codes: list[RefusalCode]) -> None:
    order = list(RefusalCode)
    refusals = [Refusal(code=code, field=str(place)) for place, code in enumerate(codes)]
    answer = first(refusals)
    assert (answer is None) == (not codes)
    if answer is not None:
        assert answer.code == min(codes, key=order.index)
        assert answer.field == str(codes.index(answer.code))


def test_idempotence_comes_before_every_other_refusal() -> None:
    assert next(iter(RefusalCode)) is RefusalCode.KEY_REUSED
