"""Looking through what waits for a person: lists by reason, till and state, one with everything about it, nothing in clear."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from hq.attention.parking import HQ_ITSELF, ExceptionReason, ItemState, ParkReason, raise_exception
from hq.reviewing.desk import answer
from hq.reviewing.reasons import WORDS
from hq.reviewing.values import PAGE_ROWS, ItemPage, Pile, Shown, Wanted
from loyalty.holding.lots import lot_of
from loyalty.journal.detail import DetailAsked, DetailIssued, DetailLine, Override
from loyalty.journal.entry import Posting
from loyalty.refusals import Refusal
from tests.hq.houses import START, House
from tests.hq.tills import POINTS, FakeTill

CARD = "9700123456789012"
STRANGER = bytes.fromhex("aa" * 16)


def listed(house: House, pile: Pile, **wanted: object) -> ItemPage:
    found = house.hq.reviewing.page(pile, Wanted(**wanted))  # type: ignore[arg-type]
    assert isinstance(found, ItemPage)
    return found


def refused(found: object) -> str:
    assert isinstance(found, Refusal)
    return found.detail


def shown(house: House, pile: Pile, which: str) -> Shown:
    found = house.hq.reviewing.show(pile, which)
    assert isinstance(found, Shown)
    return found


def till_with_trouble(house: House) -> FakeTill:
    """One parked entry of each reason but one, at sequences 1 to 4."""
    till = house.till()
    till.add_raw(b"no core", b"no detail")
    till.add("teleport")
    till.sale(STRANGER, 5)
    till.add("return")
    house.take(till)
    return till


def test_every_reason_has_its_words() -> None:
    assert WORDS.keys() == {*ExceptionReason, *ParkReason}


def test_parked_entries_are_listed_newest_first_by_reason_till_and_state(any_house: House) -> None:
    till = till_with_trouble(any_house)
    any_house.clock.pass_time(minutes=1)
    other = any_house.till("Till 2")
    other.add("teleport")
    any_house.take(other)
    every = listed(any_house, Pile.PARKED)
    assert [(one.till, one.place[2], one.reason) for one in every.rows] == [
        ("Till 2", 1, ParkReason.UNKNOWN_KIND),
        ("Till 1", 4, ParkReason.UNKNOWN_ORIGINAL),
        ("Till 1", 3, ParkReason.UNKNOWN_ACCOUNT),
        ("Till 1", 2, ParkReason.UNKNOWN_KIND),
        ("Till 1", 1, ParkReason.MALFORMED),
    ]
    assert every.rows[2].waits_for == STRANGER
    assert every.rows[0].at == START + timedelta(minutes=1)
    assert [one.place[0] for one in listed(any_house, Pile.PARKED, reason="unknown_kind").rows] == [other.id, till.id]
    for said in ("Till 2", other.id.hex()[:6], other.id.hex()[:6].upper(), other.id.hex()):
        assert [one.place[0] for one in listed(any_house, Pile.PARKED, till=said).rows] == [other.id]
    assert listed(any_house, Pile.PARKED, state=ItemState.SETTLED).rows == ()
    assert listed(any_house, Pile.PARKED, state=None).count == 5


def test_pages_hold_fifty_and_one_past_the_end_is_the_last(house: House) -> None:
    till = house.till()
    for _ in range(PAGE_ROWS + 3):
        till.add("teleport")
    house.take(till)
    first, second = (listed(house, Pile.PARKED, page=page) for page in (1, 99))
    assert (len(first.rows), len(second.rows), second.page, second.pages, second.count) == (50, 3, 2, 2, 53)
    assert [one.place[2] for one in (*first.rows, *second.rows)] == list(range(53, 0, -1))


def test_what_is_asked_wrongly_is_said(house: House) -> None:
    till_with_trouble(house)
    reviewing = house.hq.reviewing
    assert "there are: amount_too_large, malformed" in refused(reviewing.page(Pile.PARKED, Wanted(reason="fork")))
    assert 'no till with the name "Till 9"' in refused(reviewing.page(Pile.PARKED, Wanted(till="Till 9")))
    assert "expected TILL/EPOCH/SEQUENCE as in the list" in refused(reviewing.show(Pile.PARKED, "17"))
    assert "there is no such one" in refused(reviewing.show(Pile.PARKED, "Till 1/1/99"))
    assert "there is no such one" in refused(reviewing.show(Pile.PARKED, "ff" * 16))


def test_an_exception_is_found_by_place_and_reason_and_one_of_hq_by_hqs_name(house: House) -> None:
    till = house.till()
    with house.hq.book.write() as connection:
        for reason in (ExceptionReason.FORK, ExceptionReason.DETAIL_MISMATCH):
            raise_exception(connection, reason, place=(till.id, 1, 7), at_ms=5)
        raise_exception(
            connection, ExceptionReason.HQ_RESTORED, place=(HQ_ITSELF, 0, 1), at_ms=6, note="it lies behind"
        )
    several = refused(house.hq.reviewing.show(Pile.EXCEPTIONS, "Till 1/1/7"))
    assert f"{till.id.hex()[:12]}/1/7/fork" in several
    assert shown(house, Pile.EXCEPTIONS, "Till 1/1/7/fork").item.reason is ExceptionReason.FORK
    restored = shown(house, Pile.EXCEPTIONS, "hq/0/1")
    assert (restored.item.till, restored.item.note, restored.kind) == (None, "it lies behind", None)


def test_one_is_shown_with_its_postings_what_it_changed_and_a_masked_detail(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol(CARD)
    posting = Posting(account=member, unit=POINTS, amount=-40, lot=lot_of(None, 1_798_830_000))
    entry_id = till.add(
        "sale",
        Posting(account=member, unit=POINTS, amount=3),
        posting,
        identifier=CARD,
        nickname="Aida",
        asked=DetailAsked(codes=("SECRET",), coupons=("C0123",)),
        issued=(DetailIssued(coupon="next", code="C999", account=member, rule="r"),),
        lines=(
            DetailLine(line=1, item="4870012345678", name="Milk", category=None, quantity_milli=1000, amount_minor=5),
        ),
        override=Override(operator="77", reason=f"card {CARD} was typed"),
    )
    any_house.take(till)
    found = shown(any_house, Pile.EXCEPTIONS, entry_id.hex()[:10])
    assert found.item.reason == ExceptionReason.OVERSPENT
    assert found.item.note == f"unleased: 37 of points, {member.hex()}"
    assert (found.kind, found.detail_proven, found.first_at) == ("sale", True, (till.id, 1, 2))
    assert found.postings == (
        f"+3 points to {member.hex()} (member)",
        f"-40 points good until 2027-01-01 19:00 UTC from {member.hex()} (member)",
    )
    assert found.ledger == (f"+3 points to {member.hex()}", f"-40 points from {member.hex()}")
    assert found.detail is not None
    assert found.detail["identifier"] == "•••• 9012"
    assert found.detail["override"] == {"operator": "77", "reason": "card •••• was typed"}
    assert found.detail["lines"][0]["item"] == "4870012345678"
    said = json.dumps(found.detail)
    for secret in (CARD, "SECRET", "C0123", "C999", "salt"):
        assert secret not in said


def test_one_that_cannot_be_read_says_why_and_shows_nothing_unknown(house: House) -> None:
    till = house.till()
    till.add_raw(b'{"v":1}', b'{"identifier":"%s","new_field":"%s"}' % (CARD.encode(), CARD.encode()))
    till.add_raw(b"\xff", b"\xff")
    house.take(till)
    first, second = (shown(house, Pile.PARKED, f"Till 1/1/{sequence}") for sequence in (1, 2))
    assert (first.kind, first.postings, first.ledger, first.detail_proven) == (None, (), (), False)
    assert first.fault is not None
    assert first.fault.endswith("(7 bytes)")
    assert first.detail == {"identifier": "•••• 9012", "new_field": "(not shown: unknown to this program)"}
    assert (second.detail, second.received_at) == (None, START)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"do": "list"},
        {"do": "list", "pile": "x"},
        {"do": "replay", "pile": "exceptions"},
        {"do": "list", "page": "x"},
    ],
)
def test_a_question_of_another_version_is_refused(house: House, asked: dict[str, object]) -> None:
    assert answer(house.hq.reviewing, asked)["refused"] == "bad_request"
    assert answer(house.hq.reviewing, {"pile": "parked", "do": "replay", "after": "x/1"})["refused"] == "bad_request"
