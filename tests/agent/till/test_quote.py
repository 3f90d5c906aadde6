"""Quotes: what a basket would earn, without changing anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agent.till.requests import CommitRequest, Provenance
from agent.till.till import Till
from loyalty.quote import RedeemRequest
from tests.agent.till.world import CARD, DOUBLE, NOON, PROGRAMME, basket, goods, line, open_till, sale


def test_a_quote_changes_nothing(till: Till) -> None:
    before = till.context.book.head
    till.quote(basket())
    assert till.context.book.head == before
    assert till.member_count() == 0


def test_a_card_that_may_enrol_is_nobody_yet_and_sees_what_it_would_earn(till: Till) -> None:
    quoted = till.quote(basket())
    assert (quoted["member"], quoted["may_enrol"]) == (None, True)
    assert [award["amount"] for award in quoted["awards"]] == [12]


def test_a_sale_without_a_card_sees_what_a_member_would_earn(till: Till) -> None:
    quoted = till.quote(basket(card=None))
    assert "member" not in quoted
    assert [award["amount"] for award in quoted["awards"]] == [12]


def test_a_quote_names_the_programme_and_the_basket(till: Till) -> None:
    first, again, other = till.quote(basket()), till.quote(basket()), till.quote(basket(line(1, 1)))
    assert first["quote"] == again["quote"] != other["quote"]
    assert first["quote"].startswith(till.context.shelf.at(NOON).version + ".")


def test_a_commit_keeps_the_version_of_its_quote_though_the_programme_changed(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        quoted = till.quote(basket())
    with open_till(tmp_path, programme=DOUBLE) as till:
        pinned = till.commit(sale("k1", quote=quoted["quote"])).values
        current = till.commit(sale("k2")).values
    assert [award["amount"] for award in pinned["awards"]] == [12]
    assert [award["amount"] for award in current["awards"]] == [24]
    assert pinned["programme"] == quoted["programme"] != current["programme"]


def test_a_return_uses_the_version_of_its_sale(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        sold = till.commit(sale()).values
    with open_till(tmp_path, programme=DOUBLE.replace('code = "KZT"', 'code = "EUR"')) as till:
        back = till.return_goods(goods("r", sold["entry"], (1, 1_000))).values
    assert back["reversals"] == [{"rule": "base", "unit": "points", "amount": 12}]


def test_a_quote_of_another_basket_is_refused(till: Till) -> None:
    quoted = till.quote(basket())
    assert till.commit(sale("k", line(1, 99), quote=quoted["quote"])).refused == "quote_changed"
    assert till.commit(sale("k2", card=None, quote=quoted["quote"])).refused == "quote_changed"


@pytest.mark.parametrize("quote", ["", ".", "x", "0" * 32 + ".00", "\ud800.x", "a.b.c"])
def test_a_quote_that_this_till_never_gave_is_refused(till: Till, quote: str) -> None:
    assert till.commit(sale("k", quote=quote)).refused in {"quote_unknown", "bad_request"}


def test_what_only_hq_may_allow_is_refused_and_the_quote_says_so_already(tmp_path: Path) -> None:
    denied = PROGRAMME + 'offline = "deny"\n'
    with open_till(tmp_path, programme=denied) as till:
        till.commit(sale("k1"))
        redeem = (RedeemRequest(reward="off", units=10),)
        (offer,) = till.quote(basket())["offers"]
        assert (offer["most_units"], offer["available"], offer["refused"]) == (10, False, "lease_required")
        assert till.quote(basket(redeem=redeem))["refused"] == "lease_required"
        head = till.context.book.head
        assert till.commit(sale("k2", redeem=redeem)).refused == "lease_required"
        assert till.context.book.head == head
        assert till.member_balances(CARD) == {"points": 12}


def test_a_till_that_never_heard_of_hq_redeems_what_is_all_its_own(tmp_path: Path) -> None:
    with open_till(tmp_path, programme=PROGRAMME + 'offline = "cap"\n') as till:
        till.commit(sale("k1"))
        assert till.commit(sale("k2", redeem=(RedeemRequest(reward="off", units=10),))).refused is None
        assert till.member_balances(CARD) == {"points": 12 - 10 + 7}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 2, 18, 59, 59, tzinfo=UTC), "2026-03-02"),
        (datetime(2026, 3, 2, 19, 0, tzinfo=UTC), "2026-03-03"),
    ],
)
def test_a_programme_counts_in_business_dates_of_the_store(tmp_path: Path, at: datetime, expected: str) -> None:
    only = PROGRAMME.replace('label = "first"', f'label = "first"\nvalid_from = {expected}\nvalid_until = {expected}')
    with open_till(tmp_path, programme=only) as till:
        assert "refused" not in till.quote(basket(provenance=Provenance(happened_at=at)))
        other = Provenance(happened_at=at, business_date=date(2026, 3, 9))
        dormant = till.quote(basket(provenance=other))
        assert (dormant["awards"], dormant["offers"]) == ([], [])
        assert [said["id"] for said in dormant["because"]] == ["explain.programme_not_valid"]


@pytest.mark.parametrize(
    "at",
    [datetime(2026, 3, 2), datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)],  # noqa: DTZ001
)
def test_an_instant_that_is_none_is_refused_everywhere(till: Till, at: datetime) -> None:
    said = Provenance(happened_at=at)
    assert till.quote(basket(provenance=said))["field"] == "happened_at"
    assert till.commit(sale("k", provenance=said)).values["field"] == "happened_at"


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1969, 12, 31), date(3000, 1, 1), date(9999, 12, 31)])
def test_a_business_date_that_no_calendar_of_a_shop_has_is_refused(till: Till, day: date) -> None:
    said = Provenance(business_date=day)
    assert till.quote(basket(provenance=said))["field"] == "business_date"
    assert till.commit(sale("k", provenance=said)).values["field"] == "business_date"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"currency": "EUR"}, "currency_mismatch"),
        ({"currency": "tenge"}, "currency_mismatch"),
        ({"lines": (line(1, -1),)}, "price_negative"),
        ({"lines": (line(1, 2**63),)}, "amount_too_large"),
        ({"lines": (line(1), line(1))}, "line_repeated"),
        ({"lines": (line(1, quantity_milli=0),)}, "quantity_not_positive"),
        ({"lines": (line(1, name="\ud800"),)}, "bad_request"),
        ({"lines": (line(1, item="x" * 201),)}, "bad_request"),
        ({"card": "with space"}, "bad_request"),
        ({"card": ""}, "bad_request"),
    ],
)
def test_a_bad_basket_is_refused_the_same_way_by_quote_and_commit(
    till: Till, bad: dict[str, object], code: str
) -> None:
    request = replace(basket(), **bad)  # type: ignore[arg-type]
    assert till.quote(request)["refused"] == code
    assert till.commit(CommitRequest(key="k", check_id="c", sale=request)).refused == code
    assert till.context.book.head.sequence == 0
