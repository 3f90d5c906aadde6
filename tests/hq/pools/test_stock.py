"""Stock: what people set, what sales take, and what is refused."""

from __future__ import annotations

import threading

import pytest

from hq.pools.stock import Stock, StockChange, StockDo, Stocked
from loyalty.holding.accounts import pool_account
from loyalty.journal.codec import decode_detail
from loyalty.journal.detail import Override
from loyalty.journal.entry import Opened, Posting
from loyalty.refusals import Refusal, RefusalCode
from tests.hq.houses import House
from tests.hq.jobs.shops import held, kinds, shop
from tests.hq.programmes.programmes import till_of

GIFTS = """
[[reward]]
kind = "gift"
id = "mug"
items = ["MUG", "CAP"]
stock = true
[[reward]]
kind = "gift"
id = "sticker"
items = ["STICKER"]
"""
POOL = pool_account("club", "stock.mug/MUG/S1")


def change(house: House, do: str, quantity: str, **more: str) -> Stocked | Refusal:
    asked = {"reward": "mug", "item": "MUG", "store": "S1", "by": "Aliya", **more}
    return house.hq.stock.change(StockChange(do=StockDo(do), quantity=quantity, **asked))


def left(house: House) -> dict[tuple[str, str], int]:
    return {(row.store, row.item): row.left_milli for row in house.hq.stock.rows()}


def test_stock_is_set_and_added_to_and_every_store_has_its_own(any_house: House) -> None:
    shop(any_house, GIFTS)
    till_of(any_house, "S2", "Till 2")
    assert left(any_house) == {("S1", "MUG"): 0, ("S1", "CAP"): 0, ("S2", "MUG"): 0, ("S2", "CAP"): 0}
    first = change(any_house, "set", "20")
    assert isinstance(first, Stocked)
    assert (first.before_milli, first.left_milli) == (0, 20_000)
    more = change(any_house, "add", "-2.5", reason="broken")
    assert isinstance(more, Stocked)
    assert (more.before_milli, more.left_milli) == (20_000, 17_500)
    assert left(any_house) == {("S1", "MUG"): 17_500, ("S1", "CAP"): 0, ("S2", "MUG"): 0, ("S2", "CAP"): 0}
    assert held(any_house, POOL).balances == (("stock.mug", 17_500),)
    assert kinds(any_house) == ["adjust", "adjust"]
    details = any_house.rows(
        "SELECT detail FROM journal JOIN terminal ON terminal.terminal_id = journal.terminal_id"
        " WHERE role = 'hq' ORDER BY sequence"
    )
    assert [decode_detail(row[0]).override for row in details] == [
        Override(operator="Aliya", reason="stock set"),
        Override(operator="Aliya", reason="broken"),
    ]


def test_what_sales_took_is_made_good_to_what_was_counted(house: House) -> None:
    till = shop(house, GIFTS)
    taken = Posting(account=POOL, unit="stock.mug", amount=-3_000)
    till.add("sale", taken, opens=(Opened(account=POOL, kind="pool"),))
    house.take(till)
    assert left(house)["S1", "MUG"] == -3_000
    counted = change(house, "set", "5")
    assert isinstance(counted, Stocked)
    assert (counted.before_milli, counted.left_milli) == (-3_000, 5_000)
    assert held(house, POOL).balance("stock.mug") == 5_000


def test_a_count_that_changes_nothing_writes_nothing(house: House) -> None:
    shop(house, GIFTS)
    assert isinstance(change(house, "set", "5"), Stocked)
    again = change(house, "set", "5.000")
    assert isinstance(again, Stocked)
    assert (again.entry_id, again.left_milli) == (None, 5_000)
    assert kinds(house) == ["adjust"]


def test_one_delivery_is_added_once_under_its_key(any_house: House) -> None:
    shop(any_house, GIFTS)
    for known in (False, True, True):
        answer = change(any_house, "add", "4", once="delivery 17")
        assert isinstance(answer, Stocked)
        assert (answer.known, answer.left_milli) == (known, 4_000)
    assert isinstance(change(any_house, "add", "4", once="delivery 18"), Stocked)
    assert isinstance(change(any_house, "add", "4", once="delivery 17", item="CAP"), Stocked)
    assert left(any_house) == {("S1", "MUG"): 8_000, ("S1", "CAP"): 4_000}


def test_of_many_who_take_the_last_piece_at_once_one_has_it(any_house: House) -> None:
    shop(any_house, GIFTS)
    change(any_house, "set", "1")
    answers: list[Stocked | Refusal] = []
    threads = [threading.Thread(target=lambda: answers.append(change(any_house, "add", "-1"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["Refusal", "Refusal", "Refusal", "Stocked"]
    assert left(any_house)["S1", "MUG"] == 0


@pytest.mark.parametrize(
    ("do", "quantity", "more", "code", "field", "says"),
    [
        ("set", "5", {"store": "S9"}, RefusalCode.BAD_REQUEST, "store", 'a store "S9"; there are: S1'),
        ("set", "5", {"reward": "cup"}, RefusalCode.REWARD_UNKNOWN, "reward", 'stock "cup"; there are: mug'),
        ("set", "5", {"reward": "sticker"}, RefusalCode.REWARD_UNKNOWN, "reward", "there are: mug"),
        ("set", "5", {"item": "PEN"}, RefusalCode.CHOICE_UNKNOWN, "item", 'give out "PEN"; there are: CAP, MUG'),
        ("set", "-5", {}, RefusalCode.BAD_REQUEST, "quantity", "less than nothing"),
        ("add", "0", {}, RefusalCode.BAD_REQUEST, "quantity", "other than zero"),
        ("add", "-1", {}, RefusalCode.STOCK_EMPTY, "quantity", "there are 0"),
        ("add", "1.2345", {}, RefusalCode.BAD_REQUEST, "quantity", "at most 3 decimals"),
        ("add", "many", {}, RefusalCode.BAD_REQUEST, "quantity", "a number of pieces"),
        ("add", "9" * 18, {}, RefusalCode.BAD_REQUEST, "quantity", "a number of pieces"),
        ("add", "9" * 15, {}, RefusalCode.AMOUNT_TOO_LARGE, "quantity", "too much"),
        ("add", "1", {"reason": "x" * 501}, RefusalCode.BAD_REQUEST, "reason", "at most 500"),
        ("add", "1", {"once": " "}, RefusalCode.BAD_REQUEST, "once", "1 to 100"),
    ],
)
def test_each_refusal_names_its_field_and_what_there_is(
    house: House, do: str, quantity: str, more: dict[str, str], code: RefusalCode, field: str, says: str
) -> None:
    shop(house, GIFTS)
    answer = change(house, do, quantity, **more)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.field) == (code, field)
    assert says in answer.detail
    assert kinds(house) == []


def test_a_store_without_a_programme_has_no_stock(house: House) -> None:
    till_of(house, "S1")
    assert isinstance(house.hq.stock, Stock)
    assert house.hq.stock.rows() == []
    answer = change(house, "set", "5")
    assert isinstance(answer, Refusal)
    assert "no programme is in force" in answer.detail
