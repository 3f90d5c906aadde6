from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.history.choice import choose_mapping
from hq.history.generator import COLUMNS, LANGUAGES, Day, card_number, write_day
from hq.history.operations import Return, Sale
from hq.history.plan import Plan, build_plan

DAY = Day(date=date(2026, 3, 20))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("day")
    write_day(folder / "day.csv", DAY, Random(7))
    return build_plan(folder / "day.csv", choose_mapping(folder / "day.csv"), folder / "work")


def test_a_seed_always_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, number in (("a", 1), ("b", 1), ("c", 2)):
        write_day(tmp_path / name, DAY, Random(number))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()


def test_every_row_of_a_made_up_day_is_good_and_every_return_finds_its_sale(made: Plan) -> None:
    assert set(made.counts.rows) == {"sale_line", "anonymous_sale_line", "cancelled_line"}
    assert made.counts.parked == made.counts.mixed_invoices == 0
    assert made.counts.returns > 0


def test_about_a_third_of_the_customers_stay_anonymous(made: Plan) -> None:
    assert made.counts.orders + made.counts.anonymous_orders == DAY.receipts
    assert 0.28 < made.counts.anonymous_orders / DAY.receipts < 0.42


def test_baskets_have_one_to_twenty_five_lines_within_opening_hours(made: Plan) -> None:
    sales = [operation for operation in made.operations() if isinstance(operation, Sale)]
    sizes = Counter(len(sale.lines) for sale in sales)
    assert min(sizes) == 1
    assert 20 <= max(sizes) <= 25
    hours = Counter(sale.local_at.hour for sale in sales)
    assert set(hours) == set(range(8, 22))
    assert hours[19] > 2 * hours[8]


def test_returns_come_later_on_the_same_day(made: Plan) -> None:
    sales = {operation.invoice: operation for operation in made.operations() if isinstance(operation, Sale)}
    for back in (operation for operation in made.operations() if isinstance(operation, Return)):
        assert sales[back.original_invoice].at < back.at
        assert back.local_at.date() == DAY.date


def test_goods_that_often_earn_nothing_are_among_the_categories(made: Plan) -> None:
    categories = Counter(
        line.category for operation in made.operations() if isinstance(operation, Sale) for line in operation.lines
    )
    assert {"alcohol", "tobacco", "gift-cards", "not-goods", "dairy", "bread"} <= set(categories)


def test_cards_have_the_prefix_of_shops_and_a_valid_check_digit(made: Plan) -> None:
    cards = {sale.customer for sale in made.operations() if isinstance(sale, Sale) and sale.customer}
    assert len(cards) > 100
    for card in cards:
        assert len(card) == 13
        assert card.startswith("29")
        assert sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(card)) % 10 == 0


def test_a_known_card_number() -> None:
    assert card_number(0) == "2900000000001"
    with pytest.raises(ValueError, match="ten digits"):
        card_number(10**10)


@given(st.integers(0, 10**10 - 1))
def test_a_digit_read_wrong_is_no_card(number: int) -> None:
    card = card_number(number)
    wrong = card[:5] + str((int(card[5]) + 1) % 10) + card[6:]
    assert sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(wrong)) % 10 != 0


def test_every_item_has_a_name_of_its_own_in_every_language() -> None:
    text = (files("hq.history") / "goods.csv").read_text(encoding="utf-8")
    goods = list(csv.DictReader(text.splitlines()))
    assert len({good["item"] for good in goods}) == len(goods)
    for language in LANGUAGES:
        names = [good[language] for good in goods]
        assert all(names)
        assert len(set(names)) == len(names), language


@pytest.mark.parametrize(("language", "letters"), [("hy", "հ"), ("kk", "қ"), ("ru", "ы"), ("az", "ə")])
def test_names_are_in_the_languages_of_the_shop(tmp_path: Path, language: str, letters: str) -> None:
    write_day(tmp_path / "day.csv", Day(date=date(2026, 3, 20), receipts=50, languages=(language,)), Random(3))
    with (tmp_path / "day.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert letters in "".join(row["description"] for row in rows)


@pytest.mark.parametrize("wrong", [{"receipts": 0}, {"members": 0}, {"languages": ()}, {"languages": ("xx",)}])
def test_a_day_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|are of"):
        Day(date=date(2026, 3, 20), **wrong)  # type: ignore[arg-type]
