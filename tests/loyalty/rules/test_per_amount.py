"""Earning per amount."""

from hypothesis import given
from hypothesis import strategies as st

from loyalty.explain import Message, Money, Names, Units, message
from loyalty.numbers.rates import Rounding, divide
from tests.loyalty.shop import KZT, SPEND, basket, earned, earning, quoted, sold, standing

EXCLUDING = """exclude_categories = ["alcohol", "tobacco"]
[[category]]
id = "alcohol"
names.en = "alcohol"
"""
amounts = st.lists(st.integers(0, 10**9), min_size=1, max_size=10)


def money(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency=KZT)


def points(amount: int) -> Units:
    return Units(amount=amount, scale=0, names=None)


def said(more: str, *lines: object, **how: str) -> tuple[Message, ...]:
    [award] = quoted(earning(more, **how), basket(*lines)).awards  # type: ignore[arg-type]
    return award.because


def test_246_at_1_per_20_is_12_points() -> None:
    assert earned(earning(per="20.00"), 24_600) == 12
    assert said("", 24_600, per="20.00") == (
        message(
            "explain.per_amount", units=points(12), per_units=points(1), per_amount=money(2000), base=money(24_600)
        ),
    )


def test_the_sum_of_the_lines_is_floored_not_each_line() -> None:
    assert earned(earning(), 150, 150, 199) == 4
    assert earned(earning(), 99) == 0


@given(amounts, st.sampled_from(Rounding))
def test_the_sale_is_rounded_once_as_the_rule_says(parts: list[int], rounding: Rounding) -> None:
    assert earned(earning(f'rounding = "{rounding}"', units="3", per="7.00"), *parts) == divide(
        3 * sum(parts), 700, rounding
    )


def test_a_base_without_tax_leaves_out_what_the_line_says_is_tax() -> None:
    with_tax = sold(1, 11_200, tax_minor=1_200)
    assert earned(earning(), with_tax) == 112
    assert earned(earning('tax = "excluded"'), with_tax) == 100
    assert said('tax = "excluded"', with_tax)[1:] == (message("explain.before_tax"),)


def test_excluded_categories_earn_nothing_and_are_named_in_words_or_by_their_id() -> None:
    lines = (
        sold(1, 500, category="food"),
        sold(2, 300, category="alcohol"),
        sold(3, 40, category="tobacco"),
        sold(4, 60, category="alcohol"),
        sold(5, 100),
    )
    assert earned(earning(EXCLUDING), *lines) == 6
    names = Names(by_language=(("en", "alcohol"),))
    assert said(EXCLUDING, *lines)[1:] == (
        message("explain.excluded", categories=names, amount=money(360)),
        message("explain.excluded", categories="tobacco", amount=money(40)),
    )


def test_a_category_is_compared_letter_by_letter() -> None:
    assert earned(earning(EXCLUDING), sold(1, 500, category="Alcohol")) == 5


def test_a_basket_of_nothing_but_excluded_goods_says_so() -> None:
    assert said(EXCLUDING, sold(1, 500, category="alcohol"))[0] == message("explain.nothing_excluded")


def test_lines_that_cost_nothing_have_no_base() -> None:
    [award] = quoted(earning(), basket(sold(2, 0), sold(1, 250))).awards
    assert award.bases == ((1, 250),)


def test_what_is_missing_for_the_first_point_is_said_for_each_rounding() -> None:
    def missing(rounding: str) -> Message:
        return said(f'rounding = "{rounding}"', 3, per="0.10")[0]

    assert [missing(rounding) for rounding in ("floor", "half_up", "half_even")] == [
        message("explain.nothing_below", missing=money(7)),
        message("explain.nothing_below", missing=money(2)),
        message("explain.nothing_below", missing=money(3)),
    ]


@given(
    st.integers(1, 10**6),
    st.integers(1, 1000),
    st.integers(1, 10**6),
    st.sampled_from([Rounding.FLOOR, Rounding.HALF_UP, Rounding.HALF_EVEN]),
)
def test_what_is_said_to_be_missing_is_exactly_enough(amount: int, units: int, per: int, rounding: Rounding) -> None:
    rules = earning(f'rounding = "{rounding}"', units=str(units), per=f"{per // 100}.{per % 100:02}")
    if earned(rules, amount) == 0:
        [award] = quoted(rules, basket(amount)).awards
        [(_, missing)] = award.because[0].arguments
        assert isinstance(missing, Money)
        assert earned(rules, amount + missing.amount_minor) > 0
        assert earned(rules, amount + missing.amount_minor - 1) == 0


def test_what_points_paid_for_earns_nothing() -> None:
    rules = earning(SPEND)
    member = standing(points=1_000)
    assert quoted(rules, basket(1_000), member).earned("points") == 10
    assert quoted(rules, basket(1_000), member, ("spend", 300)).earned("points") == 7
    assert quoted(rules, basket(1_000), member, ("spend", 1_000)).earned("points") == 0


def test_the_tax_of_a_line_paid_partly_with_points_shrinks_with_it() -> None:
    rules = earning('tax = "excluded"\n' + SPEND)
    answer = quoted(rules, basket(sold(1, 1_120, tax_minor=120)), standing(points=500), ("spend", 500))
    assert answer.awards[0].bases == ((1, 620 - 120 * 620 // 1_120),)


def test_units_may_have_decimals() -> None:
    tables = 'unit = "points"\n[[unit]]\nid = "points"\nscale = 2\n'
    [award] = quoted(earning(tables, units="0.01"), basket(16_100)).awards
    assert (award.amount, award.unit.scale) == (161, 2)
