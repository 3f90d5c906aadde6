"""Corrections by hand: the atomic check, the entry, and what is refused."""

from __future__ import annotations

import threading

import pytest

from hq.adjusting.service import Adjusted, Adjustment
from loyalty.journal.codec import decode_detail
from loyalty.journal.detail import Override
from loyalty.refusals import Refusal, RefusalCode
from tests.hq.houses import House
from tests.hq.jobs.shops import held, seconds, shop, units

UNIT = '[[unit]]\nid = "points"\nscale = 1\nexpires = "P0D"\nexpires_round_up = "year"\n'
CARDS = '[[unit]]\nid = "cards"\nkind = "money"\nholder = "card"\nnames.en = "Cards"\n'


def adjust(house: House, amount: str, **more: str) -> Adjusted | Refusal:
    asked = {"card": "7001", "unit": "points", "reason": "counted twice", "by": "Aliya", **more}
    return house.hq.adjusting.adjust(Adjustment(amount=amount, **asked))


def member_with(house: House, steps: int) -> bytes:
    till = shop(house, UNIT + CARDS)
    member = till.enrol("7001")
    till.add("adjust", units(member, steps))
    house.take(till)
    return member


def test_osp_003_a_decrement_that_the_balance_does_not_cover_changes_nothing(any_house: House) -> None:
    member = member_with(any_house, 200)
    answer = adjust(any_house, "-40")
    assert isinstance(answer, Refusal)
    assert answer.code is RefusalCode.INSUFFICIENT_UNITS
    assert held(any_house, member).balance("points") == 200


def test_osp_004_an_exact_decrement_is_an_entry_with_its_reason(any_house: House) -> None:
    member = member_with(any_house, 400)
    answer = adjust(any_house, "-40")
    assert isinstance(answer, Adjusted)
    assert (answer.balance, answer.scale, held(any_house, member).balance("points")) == (0, 1, 0)
    ((kind, detail),) = any_house.rows(
        "SELECT entry.kind, detail FROM journal JOIN entry ON entry.terminal_id = journal.terminal_id AND"
        " entry.epoch = journal.epoch AND entry.sequence = journal.sequence WHERE entry.entry_id = :own",
        own=answer.entry_id,
    )
    said = decode_detail(detail)
    assert (kind, said.override) == ("adjust", Override(operator="Aliya", reason="counted twice"))
    assert (said.member, said.store) == (member, "S1")


def test_what_is_given_ends_as_the_unit_says(house: House) -> None:
    member = member_with(house, 5)
    assert isinstance(adjust(house, "2.5"), Adjusted)
    (lot,) = held(house, member).lots
    assert (lot.amount, lot.lot.expires_at) == (25, seconds("2027-01-01T00:00+05:00"))


def test_of_two_that_take_the_same_points_at_once_one_is_refused(any_house: House) -> None:
    member = member_with(any_house, 100)
    answers: list[Adjusted | Refusal] = []
    threads = [threading.Thread(target=lambda: answers.append(adjust(any_house, "-7"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["Adjusted", "Refusal", "Refusal", "Refusal"]
    assert held(any_house, member).balance("points") == 30


@pytest.mark.parametrize(
    ("amount", "more", "code", "field"),
    [
        ("0", {}, RefusalCode.BAD_REQUEST, "amount"),
        ("1.25", {}, RefusalCode.BAD_REQUEST, "amount"),
        ("many", {}, RefusalCode.BAD_REQUEST, "amount"),
        ("1", {"unit": "miles"}, RefusalCode.BAD_REQUEST, "unit"),
        ("1", {"unit": "cards"}, RefusalCode.BAD_REQUEST, "unit"),
        ("1", {"card": "7009"}, RefusalCode.CARD_UNKNOWN, "card"),
        ("1", {"card": ""}, RefusalCode.CARD_UNKNOWN, "card"),
        ("1", {"reason": " "}, RefusalCode.BAD_REQUEST, "reason"),
        ("9" * 30, {}, RefusalCode.BAD_REQUEST, "amount"),
    ],
)
def test_each_refusal_names_its_field(
    house: House, amount: str, more: dict[str, str], code: RefusalCode, field: str
) -> None:
    member_with(house, 10)
    answer = adjust(house, amount, **more)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.field) == (code, field)
