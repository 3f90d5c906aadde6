"""Voids and returns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.book.sync_state import BookFeed
from agent.receipts.finding import receipt_of_sequence
from agent.till.requests import UnmatchedLine
from agent.till.till import Till
from drivers.printers.document import Document
from drivers.printers.layout import Row, lay_out
from loyalty.journal.entry import Reference
from sync.protocol.values import FeedCard, FeedMember, FeedPage
from tests.agent.till.test_commit import entry
from tests.agent.till.world import CARD, CARRYING, DOUBLE, Clock, goods, line, open_till, sale, training, void


def unmatched(**fields: Any) -> UnmatchedLine:
    return UnmatchedLine(**{"item": "i1", "quantity_milli": 1_000, "amount_minor": 500, "reason": "no_sale", **fields})


def test_a_void_takes_back_everything_once(till: Till) -> None:
    sold = till.commit(sale("k1", line(1), line(2))).values
    undone = till.void(void("v1", sold["entry"]))
    assert undone.values["balances"] == {"points": 0}
    assert undone.values["reversals"] == [{"rule": "base", "unit": "points", "amount": 24}]
    assert undone.values["refunded_minor"] == 49_200
    assert till.void(void("v1", sold["entry"])).body == undone.body
    assert till.void(void("v2", sold["entry"])).refused == "sale_voided"
    assert till.return_goods(goods("r", sold["entry"], (1, 1))).refused == "sale_voided"
    core, _ = entry(till, 3)
    original = bytes.fromhex(sold["entry"])
    assert core.references == (Reference(entry_id=original, line=1), Reference(entry_id=original, line=2))


def test_returns_in_any_number_of_steps_take_back_what_was_earned_and_no_more(till: Till) -> None:
    sold = till.commit(sale("k1", line(1, 24_600, quantity_milli=3_000))).values
    taken = [till.return_goods(goods(f"r{n}", sold["entry"], (1, 1_000))).values for n in range(3)]
    assert [answer["balances"]["points"] for answer in taken] == [8, 4, 0]
    assert sum(answer["refunded_minor"] for answer in taken) == 24_600
    assert till.return_goods(goods("r9", sold["entry"], (1, 1))).refused == "return_exceeds_sale"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (((1, 1_001),), "return_exceeds_sale"),
        (((1, 600), (1, 600)), "return_exceeds_sale"),
        (((2, 1),), "line_unknown"),
        (((1, 0),), "quantity_not_positive"),
        (((1, -5),), "quantity_not_positive"),
        (((1, 2**70),), "return_exceeds_sale"),
        ((), "basket_empty"),
        (((1, 1),) * 2_001, "basket_too_long"),
    ],
)
def test_a_return_beyond_the_sale_is_refused_and_changes_nothing(
    till: Till, lines: tuple[tuple[int, int], ...], code: str
) -> None:
    sold = till.commit(sale()).values
    head = till.context.book.head
    assert till.return_goods(goods("r", sold["entry"], *lines)).refused == code
    assert till.context.book.head == head
    assert till.return_goods(goods("r2", sold["entry"], (1, 1_000))).refused is None


def test_a_return_says_the_currency_of_its_sale(till: Till) -> None:
    sold = till.commit(sale()).values
    assert till.return_goods(goods("r", sold["entry"], (1, 1), currency="EUR")).refused == "currency_mismatch"


def test_a_sale_of_which_goods_came_back_is_not_voided(till: Till) -> None:
    sold = till.commit(sale()).values
    till.return_goods(goods("r", sold["entry"], (1, 1)))
    assert till.void(void("v", sold["entry"])).refused == "sale_returned"


def test_only_a_sale_can_be_undone(till: Till) -> None:
    sold = till.commit(sale()).values
    assert till.void(void("v1", sold["member"])).refused == "not_a_sale"
    undone = till.return_goods(goods("r", sold["entry"], (1, 1))).values
    assert till.return_goods(goods("r2", undone["entry"], (1, 1))).refused == "not_a_sale"
    assert till.void(void("v2", "00" * 16)).refused == "sale_unknown"
    assert till.void(void("v3", "nonsense")).refused == "bad_request"
    assert till.void(void("v4", "")).refused == "sale_unknown"


def test_a_return_of_a_sale_without_a_member_is_journaled_and_takes_from_nobody(till: Till) -> None:
    sold = till.commit(sale(card=None)).values
    back = till.return_goods(goods("r", sold["entry"], (1, 500))).values
    core, detail = entry(till, 2)
    assert (back["reversals"], back.get("member"), back["refunded_minor"]) == ([], None, 12_300)
    assert (core.postings, core.references[0].line, detail.reversals) == ((), 1, ())


def test_what_comes_back_without_a_known_sale_is_journaled_and_parked(till: Till) -> None:
    claimed = "ab" * 16
    back = till.return_goods(goods("r", claimed, card=CARD, unmatched=(unmatched(), unmatched(item="i2"))))
    core, detail = entry(till, 1)
    assert (back.values["parked"], back.values["reversals"]) == ("unknown_original", [])
    assert (core.kind, core.postings, core.references) == ("return", (), ())
    assert (detail.claimed_original, detail.identifier, detail.member) == (claimed, CARD, None)
    assert [(item.line, item.quantity_milli, item.reason) for item in detail.returned] == [
        (1, 1_000, "no_sale"),
        (2, 1_000, "no_sale"),
    ]
    assert till.member_count() == 0


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        ({"quantity_milli": 0}, "quantity_not_positive", "unmatched[1].quantity_milli"),
        ({"amount_minor": -1}, "price_negative", "unmatched[1].amount_minor"),
        ({"amount_minor": 2**63}, "amount_too_large", "unmatched"),
        ({"reason": "\0"}, "bad_request", "unmatched[1].reason"),
        ({"item": "\ud800"}, "bad_request", "unmatched[1].item"),
    ],
)
def test_what_comes_back_is_checked_like_what_is_sold(till: Till, bad: dict[str, Any], code: str, field: str) -> None:
    refused = till.return_goods(goods("r", None, unmatched=(unmatched(**bad),)))
    assert (refused.refused, refused.values["field"].startswith(field)) == (code, True)
    assert till.context.book.head.sequence == 0


def test_a_return_without_a_sale_needs_what_comes_back_and_no_lines(till: Till) -> None:
    sold = till.commit(sale()).values
    assert till.return_goods(goods("r1", None)).refused == "sale_unknown"
    assert till.return_goods(goods("r2", "00" * 16, (1, 1))).refused == "sale_unknown"
    assert till.return_goods(goods("r3", None, (1, 1), unmatched=(unmatched(),))).refused == "bad_request"
    assert till.return_goods(goods("r4", sold["entry"], (1, 1), unmatched=(unmatched(),))).refused == "bad_request"
    assert till.return_goods(goods("r5", None, currency="EUR", unmatched=(unmatched(),))).refused == "currency_mismatch"


def test_an_exercise_takes_nothing_off_a_real_sale(till: Till) -> None:
    sold = till.commit(sale()).values
    till.return_goods(goods("t1", sold["entry"], (1, 1_000), provenance=training()))
    till.void(void("t2", sold["entry"], provenance=training()))
    assert till.member_balances(CARD) == {"points": 12}
    back = till.return_goods(goods("r", sold["entry"], (1, 1_000)))
    assert (back.refused, back.values["balances"]) == (None, {"points": 0})


def test_an_exercise_can_be_undone_as_an_exercise(till: Till) -> None:
    till.commit(sale("k0"))
    sold = till.commit(sale("k1", provenance=training())).values
    assert till.void(void("v1", sold["entry"], provenance=training())).refused is None
    assert till.void(void("v2", sold["entry"], provenance=training())).refused == "sale_voided"
    assert till.member_balances(CARD) == {"points": 12}


def test_the_return_of_everything_gives_the_remainder_back(tmp_path: Path) -> None:
    with open_till(tmp_path, programme=CARRYING) as till:
        kept = till.commit(sale("k1", line(1, 1_500))).values
        sold = till.commit(sale("k2", line(1, 1_500))).values
        till.void(void("v", sold["entry"]))
        again = till.commit(sale("k3", line(1, 500))).values
    assert (kept["balances"], sold["balances"], again["balances"]) == ({}, {"points": 1}, {"points": 1})


def test_a_return_after_a_merge_takes_from_the_member_that_is_left(till: Till, clock: Clock) -> None:
    sold = till.commit(sale()).values
    old, new = bytes.fromhex(sold["member"]), b"N" * 16
    gone = FeedMember(member=old, canonical=new, nickname=None, tier=None, language=None)
    left = FeedMember(member=new, canonical=new, nickname="Asel", tier="gold", language="kk")
    page = FeedPage(hq_epoch="e1", after=0, upto=2, complete=True, applied=0, rows=(gone, left))
    BookFeed(till.context.book, clock).stage(page)
    assert till.member_balances(CARD) == {"points": 12}
    back = till.return_goods(goods("r", sold["entry"], (1, 500))).values
    assert (back["member"], back["balances"]) == (new.hex(), {"points": 6})
    assert entry(till, 3)[0].postings[0].account == new
    assert till.commit(sale("k2")).values["member"] == new.hex()


def test_a_card_whose_member_never_came_is_still_the_members(till: Till, clock: Clock) -> None:
    key = till.context.keys.identifier_key
    from loyalty.cards import card_key

    row = FeedCard(card_key=card_key(CARD, key), member=b"M" * 16)
    BookFeed(till.context.book, clock).stage(
        FeedPage(hq_epoch="e1", after=0, upto=1, complete=True, applied=0, rows=(row,))
    )
    sold = till.commit(sale()).values
    assert (sold["member"], sold["enrolled"], sold["balances"]) == ((b"M" * 16).hex(), False, {"points": 12})


def test_a_return_sent_again_under_another_key_is_the_same_return(till: Till) -> None:
    sold = till.commit(sale("k1", line(1, 24_600, quantity_milli=3_000))).values
    first = till.return_goods(goods("r1", sold["entry"], (1, 1_000), check_id="R-7"))
    known = till.return_goods(goods("r2", sold["entry"], (1, 1_000), check_id="R-7"))
    assert known.values == {**first.values, "known": True}
    other_lines = till.return_goods(goods("r3", sold["entry"], (1, 500), check_id="R-7"))
    other_check = till.return_goods(goods("r4", sold["entry"], (1, 1_000), check_id="R-8"))
    assert "known" not in other_lines.values
    assert "known" not in other_check.values
    assert till.context.book.head.receipts == 4


def test_what_came_back_without_a_sale_is_parked_once_under_two_keys(till: Till) -> None:
    first, known = (
        till.return_goods(goods(key, None, unmatched=(unmatched(),), check_id="R-9")) for key in ("u1", "u2")
    )
    assert known.values == {**first.values, "known": True}
    assert till.context.book.head.sequence == 1


def test_a_return_sent_again_after_midnight_is_the_same_return(till: Till, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 2, 18, 58, tzinfo=UTC)
    sold = till.commit(sale("k1", line(quantity_milli=3_000))).values["entry"]
    first = till.return_goods(goods("r1", sold, (1, 1_000), check_id="9")).values
    clock.now += timedelta(minutes=5)
    assert till.return_goods(goods("r2", sold, (1, 1_000), check_id="9")).values == {**first, "known": True}


def test_an_earlier_programme_that_cannot_be_read_any_more_blocks_no_void(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        sold = till.commit(sale()).values
    with open_till(tmp_path, programme=DOUBLE.replace('"KZT"\nscale = 2', '"AZN"\nscale = 3')) as till:
        with till.context.book.write() as writing:
            writing.connection.exec_driver_sql(
                "UPDATE programme SET source = 'kind = \"of an older agent\"' WHERE version = ?", (sold["programme"],)
            )
        assert till.context.shelf.version(sold["programme"]) is None
        undone = till.void(void("v", sold["entry"])).values
        assert undone["balances"] == {"points": 0}
        detail = entry(till, undone["sequence"])[1]
        assert (detail.currency, detail.currency_scale) == ("KZT", 2)
        text = "\n".join(row.text for row in lay_out(receipt(till, sold["sequence"]), 48).rows if isinstance(row, Row))
        assert "12 points" in text


def receipt(till: Till, sequence: int) -> Document:
    document = receipt_of_sequence(till.context, sequence, copy=False)
    assert document is not None
    return document
