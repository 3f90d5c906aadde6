"""What holds of earning for every programme and every basket."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from loyalty.holding.ledger import Ledger
from loyalty.holding.standing import Standing
from loyalty.numbers.limits import INT64_MAX, MAX_BALANCE
from loyalty.programme.model import Programme
from loyalty.quote import Ask, Quote, act, quote
from loyalty.quote.posting import post
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.basket import Basket, BasketLine
from tests.loyalty.shop import KZT, MEMBER, NOW, basket, earned, earning, programme, quoted, sold, standing

CATEGORIES = st.sampled_from([None, "tea", "wine", "bread"])
LINES = st.lists(
    st.tuples(st.integers(0, 10**7), CATEGORIES, st.integers(1, 5_000), st.integers(0, 1)), min_size=1, max_size=8
)
GROUP = st.sampled_from(["", 'group = "g"', 'group = "g"\npick = "last"', "exclusive = true", "priority = 3"])
GOODS = st.sampled_from(["", 'categories = ["tea"]', 'exclude_categories = ["wine"]', 'reduced = "skip"'])
CAPS = st.sampled_from(["", "cap.per_sale = 25", "cap.per_line = 7", "cap.per_day = 40", "cap.least_per_sale = 3"])
WHEN = st.sampled_from(
    ["", 'when.least_spend = "50.00"', 'when.tiers = ["gold"]', "when.least_items = 3", "when.every_nth_visit = 2"]
)
KINDS = st.sampled_from(
    [
        'kind = "per_amount"\nunits = 3\nper = "7.00"',
        'kind = "per_amount"\nunits = 1\nper = "0.50"\nremainder = "carry"',
        'kind = "per_amount"\nunits = 2\nper = "3.00"\nround_at = "line"\nrounding = "half_up"',
        'kind = "per_step"\nunits = 5\nstep = "11.00"\nmost_steps = 4',
        'kind = "per_item"\nunits = 2',
        'kind = "per_item"\nunits = 2\npieces = "exact"\nrounding = "half_even"',
        'kind = "per_visit"\nunits = 9',
        'kind = "add"\nunits = 4',
        'kind = "per_action"\nunits = 6\nwhen.action = "feedback"',
    ]
)
TIMES = st.sampled_from(['multiplier = "1.5"', 'multiplier = "2"\ncombine = "additive"', 'multiplier = "0.3333"'])


@st.composite
def rule_tables(draw: st.DrawFn) -> list[str]:
    tables = ['[[tier]]\nid = "gold"\nnames.en = "Gold"']
    for number in range(draw(st.integers(1, 6))):
        kind = draw(KINDS)
        more = [draw(GROUP), draw(GOODS), draw(CAPS), "" if "when." in kind else draw(WHEN)]
        tables.append("\n".join([f'[[rule]]\nid = "r{number}"\n{kind}', *more]))
    for number in range(draw(st.integers(0, 3))):
        more = [draw(GROUP), draw(GOODS), draw(WHEN)]
        tables.append("\n".join([f'[[rule]]\nid = "m{number}"\nkind = "multiply"\n{draw(TIMES)}', *more]))
    return tables


def read(tables: list[str]) -> Programme:
    return programme("\n" + "\n".join(tables))


def lines_of(drawn: list[tuple[int, str | None, int, int]]) -> list[BasketLine]:
    return [
        sold(number, amount, category=category, quantity_milli=pieces * (1000 if pieces < 9 else 1), discount_minor=off)
        for number, (amount, category, pieces, off) in enumerate(drawn, start=1)
    ]


@given(rule_tables(), LINES, st.data())
def test_neither_the_order_of_lines_nor_that_of_the_file_changes_what_is_earned(
    tables: list[str], drawn: list[tuple[int, str | None, int, int]], data: st.DataObject
) -> None:
    lines, member = lines_of(drawn), standing("gold", **{"visit.count": 1})
    asked = Ask(actions=("feedback",))
    one = quote(read(tables), basket(*lines), member, NOW, asked)
    other = read(data.draw(st.permutations(tables)))
    assert quote(other, basket(*data.draw(st.permutations(lines))), member, NOW, asked) == one


@given(rule_tables(), LINES)
def test_every_award_is_within_its_caps_and_comes_with_a_reason(
    tables: list[str], drawn: list[tuple[int, str | None, int, int]]
) -> None:
    rules = read(tables)
    answer = quoted(rules, basket(*lines_of(drawn)), standing("gold"))
    caps = {rule.head.id: rule.caps for rule in rules.earn_rules}
    for award in answer.awards:
        cap = caps[award.rule]
        assert award.amount >= 0
        assert award.because
        assert cap.per_sale is None or award.amount <= cap.per_sale
        assert cap.per_day is None or award.amount <= cap.per_day
        assert award.amount == 0 or award.amount >= (cap.least_per_sale or 0)
        assert all(base > 0 for _, base in award.bases)


@given(
    st.lists(st.integers(0, 10**8), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 10_000)), min_size=1, max_size=4),
)
def test_one_sale_earns_no_more_than_the_sum_of_its_rates(amounts: list[int], rates: list[tuple[int, int]]) -> None:
    rules = "".join(
        f'[[rule]]\nkind = "per_amount"\nid = "r{number}"\nunits = {units}\nper = "{per // 100}.{per % 100:02}"\n'
        for number, (units, per) in enumerate(rates)
    )
    exact = sum(Fraction(units * sum(amounts), per) for units, per in rates)
    assert exact - len(rates) < earned(programme(rules), *amounts) <= exact


@given(
    st.lists(st.integers(0, 10**6), min_size=2, max_size=10),
    st.integers(1, 9),
    st.sampled_from(["7.00", "0.03", "100.00"]),
    st.data(),
)
def test_a_basket_split_in_two_sales_earns_the_same_where_the_remainder_is_carried(
    amounts: list[int], units: int, per: str, data: st.DataObject
) -> None:
    rules = earning('remainder = "carry"', units=str(units), per=per)
    cut = data.draw(st.integers(1, len(amounts) - 1))
    whole, parts = sell(rules, [amounts]), sell(rules, [amounts[:cut], amounts[cut:]])
    assert parts.holdings(MEMBER).balance("points") == whole.holdings(MEMBER).balance("points")
    assert balances_of(parts) == balances_of(whole)


@given(st.lists(st.lists(st.integers(0, 10**5), min_size=1, max_size=3), min_size=1, max_size=8))
def test_caps_beyond_a_sale_hold_over_any_number_of_sales(sales: list[list[int]]) -> None:
    ledger = sell(earning("cap.per_day = 500\ncap.per_member = 700\ncap.per_month = 600"), sales)
    uncapped = sum(sum(amounts) // 100 for amounts in sales)
    assert ledger.holdings(MEMBER).balance("points") == min(500, uncapped)


def sell(rules: Programme, sales: list[list[int]]) -> Ledger:
    ledger = Ledger()
    for number, amounts in enumerate(sales):
        held = ledger.holdings(MEMBER)
        member = Standing(member=MEMBER, balances=held.balances, lots=held.lots)
        entry = number.to_bytes(16, "big")
        ledger.post(entry, post(rules, quoted(rules, basket(*amounts), member), entry, MEMBER).postings)
    return ledger


def balances_of(ledger: Ledger) -> dict[str, int]:
    return {unit: amount for unit, amount in ledger.holdings(MEMBER).balances if amount}


HUGE = st.sampled_from([0, 1, 99, 10**15, 10**18, INT64_MAX])


@given(
    rule_tables(),
    st.lists(st.tuples(HUGE, CATEGORIES, HUGE.map(lambda milli: max(1, milli)), HUGE), min_size=1, max_size=4),
    st.sampled_from([0, 1, -(10**15), 10**15]),
    st.integers(0, 10**6),
)
def test_absurd_amounts_are_quoted_or_refused_and_never_raise(
    tables: list[str], drawn: list[tuple[int, str | None, int, int]], balance: int, credit: int
) -> None:
    lines = tuple(
        sold(number, amount, category=category, quantity_milli=milli, discount_minor=off)
        for number, (amount, category, milli, off) in enumerate(drawn, start=1)
    )
    rules, goods = read(tables), Basket(currency=KZT, lines=lines, credit_minor=credit)
    member = standing("gold", points=balance, **{"got.r0.20260131": balance})
    answer = quote(rules, goods, member, NOW, Ask(actions=("feedback",)))
    if isinstance(answer, Refusal):
        assert answer.code is RefusalCode.AMOUNT_TOO_LARGE
    else:
        postings = post(rules, answer, b"\x01" * 16, MEMBER).postings
        assert all(abs(posting.amount) <= MAX_BALANCE for posting in postings)
    assert isinstance(act(rules, member, NOW, "feedback"), Quote | Refusal)


@given(rule_tables(), LINES)
def test_a_quote_without_a_member_says_what_a_new_one_would_get_of_rules_for_all(
    tables: list[str], drawn: list[tuple[int, str | None, int, int]]
) -> None:
    for_all = [table for table in tables if "when.every_nth" not in table and "carry" not in table]
    rules = read(for_all)
    goods = basket(*lines_of(drawn))
    alone, member = quoted(rules, goods), quoted(rules, goods, standing())
    assert [replace(award, remainder=None) for award in alone.awards] == list(member.awards)
