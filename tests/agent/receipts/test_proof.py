"""Explanations of sales that asked for more than goods: given where they follow from what is stored, else less is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.book import journal
from agent.book.journal import Stored
from agent.receipts.finding import receipt_of_entry
from agent.receipts.proof import prove
from agent.receipts.source import Read, Source
from agent.till.requests import CommitRequest, EnrolRequest
from agent.till.till import Till
from drivers.printers.layout import lay_out
from drivers.printers.text_preview import preview_text
from loyalty.journal.codec import encode_detail
from loyalty.quote import RedeemRequest
from tests.agent.till.cafe import CAFE
from tests.agent.till.world import CARD, Clock, Mint, basket, line, open_till, sale

MORE = """
[[budget]]
id = "pot"
most = "25.00"
per = "day"
scope = "till"
[[rule]]
id = "bonus"
kind = "add"
units = 20
uses.budget = "pot"
[[rule]]
id = "birthday"
kind = "add"
units = 7
when.birthday_days_before = 3
when.birthday_days_after = 3
[[rule]]
id = "daily"
kind = "add"
units = 3
uses.per_day = 1
[[rule]]
id = "hour"
kind = "multiply"
multiplier = "2"
of_rules = ["base"]
when.hours = ["12:00-13:00"]
"""


@pytest.fixture
def till(tmp_path: Path, clock: Clock) -> Iterator[Till]:
    with open_till(tmp_path, programme=CAFE + MORE, clock=clock, mint=Mint()) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sell(till: Till, key: str, *lines: Any, **fields: Any) -> dict[str, Any]:
    request = basket(*lines, **fields)
    name = till.quote(request)["quote"]
    return till.commit(CommitRequest(key=key, check_id=key, sale=request, quote=name)).values


def source_of(till: Till, entry: str, **changed: Any) -> Source:
    with till.context.book.read() as connection:
        stored = journal.by_id(connection, bytes.fromhex(entry))
    assert stored is not None
    programme = till.context.shelf.at(till.context.clock())
    terminal = till.context.book.head.terminal.hex()
    source = Source.of(Read.of(stored), programme, till.context.config.store, "till", terminal=terminal)
    return replace(source, detail=replace(source.detail, **changed)) if changed else source


def text_of(till: Till, entry: str) -> str:
    document = receipt_of_entry(till.context, bytes.fromhex(entry), copy=False)
    assert document is not None
    return preview_text(lay_out(document, 48))


def test_a_sale_that_drew_from_a_budget_is_explained_also_when_the_budget_is_spent(till: Till) -> None:
    sold = [sell(till, f"k{number}", line(1, 10_000))["entry"] for number in range(3)]
    plain = till.commit(sale("plain", line(1, 10_000))).values["entry"]
    for entry in (*sold, plain):
        assert prove(source_of(till, entry)) is not None


def test_a_birthday_and_what_is_counted_by_the_day_are_remembered(till: Till, clock: Clock) -> None:
    till.enrol(EnrolRequest(key="e", card=CARD, birthday="03-04"))
    first, second = (sell(till, key, line(1, 10_000))["entry"] for key in ("k1", "k2"))
    clock.now += timedelta(days=40)
    third = sell(till, "k3", line(1, 10_000))["entry"]
    assert [prove(source_of(till, entry)) is not None for entry in (first, second, third)] == [True, True, True]
    used = source_of(till, third).detail.standing
    assert used is not None
    assert used.birthday == "03-04"
    assert [unit for unit, _ in used.balances if "202603" in unit] == []


def test_a_sale_that_was_quoted_within_the_hour_is_explained_by_the_hour(till: Till, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 2, 7, 59, 50, tzinfo=UTC)
    request = basket(line(1, 10_000))
    name = till.quote(request)["quote"]
    clock.now += timedelta(minutes=1)
    sold = till.commit(CommitRequest(key="k", check_id="k", sale=request, quote=name)).values
    assert "x2" in text_of(till, sold["entry"])


def test_pending_points_do_not_hide_why_others_were_spent(tmp_path: Path, clock: Clock) -> None:
    pending = CAFE.replace('expires = "P12M"', 'expires = "P12M"\npending_days = 2')
    with open_till(tmp_path, programme=pending, clock=clock) as till:
        sell(till, "k1", line(1, 40_000))
        clock.now += timedelta(days=3)
        sell(till, "k2", line(1, 40_000))
        sold = sell(till, "k3", line(1, 40_000), redeem=(RedeemRequest(reward="off", units=20),))
        used = source_of(till, sold["entry"]).detail.standing
        assert used is not None
        assert ("points", 20) in used.unusable
        assert "20 points used for a discount of ₸200.00" in text_of(till, sold["entry"])


@pytest.mark.parametrize("field", ["asked", "standing", "redemptions", "awards"])
def test_what_does_not_follow_from_what_is_stored_is_not_explained(till: Till, field: str) -> None:
    sell(till, "k1", line(1, 90_000))
    sold = sell(till, "k2", line(1, 60_000), redeem=(RedeemRequest(reward="off", units=20),))
    assert prove(source_of(till, sold["entry"])) is not None
    nothing = None if field in {"asked", "standing"} else ()
    assert prove(source_of(till, sold["entry"], **{field: nothing})) is None


def test_what_a_personal_coupon_took_off_is_explained(tmp_path: Path, clock: Clock) -> None:
    personal = CAFE.replace('id = "next"', 'id = "next"\nbearer = false')
    with open_till(tmp_path, programme=personal, clock=clock) as till:
        [coupon] = sell(till, "k1", line(1, 60_000))["coupons"]
        clock.now += timedelta(days=2)
        sold = sell(till, "k2", line(1, 60_000), coupons=(coupon["code"],))
        assert [one["reward"] for one in sold["redemptions"]] == ["tenth"]
        assert prove(source_of(till, sold["entry"])) is not None


def test_a_plain_sale_that_was_quoted_costs_few_bytes_more(till: Till) -> None:
    lines = tuple(line(number, 10_000 + number, name=f"Goods {number}") for number in range(1, 21))
    entry = sell(till, "k1", *lines)["entry"]
    bare = source_of(till, entry).detail
    assert len(encode_detail(bare)) - len(encode_detail(replace(bare, asked=None))) < 32


def test_entries_of_the_first_agents_are_explained_as_ever(till: Till) -> None:
    sold = till.commit(sale("k", line(1, 10_000))).values
    with till.context.book.read() as connection:
        stored = journal.by_id(connection, bytes.fromhex(sold["entry"]))
    assert isinstance(stored, Stored)
    assert b'"asked"' not in stored.detail
    assert "1 point per ₸20.00" in text_of(till, sold["entry"])
