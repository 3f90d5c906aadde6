"""A UID says who it is, earns, and takes nothing of a member's: docs/SPEC-uids.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from agent.book.schema import card as cards
from agent.receipts.proof import prove
from agent.till.requests import ActionRequest, CommitRequest, EnrolRequest, GiftCardPays, GiftCardSold, HoldRequest
from agent.till.till import Till
from agent.till.uids import uid_card
from drivers.scanners.gate import DeviceKind
from drivers.scanners.symbols import Medium, Symbol
from loyalty.cards import card_key
from loyalty.quote import RedeemRequest
from tests.agent.receipts.test_proof import source_of
from tests.agent.till.cafe import CAFE, COFFEE, quoted
from tests.agent.till.test_commit import entry
from tests.agent.till.world import CARD, OTHER_CARD, Mint, basket, goods, line, open_till, sale

UID = "uid:04A2B3C4D5E680"
OTHER_UID = "uid:9A2BC4D1"
OFF = (RedeemRequest(reward="off", units=10),)
BY_THEMSELVES = (
    CAFE
    + """
[[reward]]
id = "always"
trigger = "auto"
kind = "percent"
percent = 10
cost = 5
[[reward]]
id = "typed"
kind = "percent"
percent = 20
cost = 5
code = "SPRING"
[[reward]]
id = "once"
kind = "percent"
percent = 30
uses.per_member = 1
[[reward]]
id = "tiers"
kind = "percent"
percent = 1
when.tiers = ["gold"]
"""
)


def link(till: Till, uid: str, card: str = CARD) -> None:
    """Let a UID lead to the member of a card, as the feed does when HQ has joined two members."""
    key = till.context.keys.identifier_key
    with till.context.book.write() as writing:
        member = till.context.find_member(writing.connection, card)
        writing.connection.execute(insert(cards).values(card_key=card_key(uid, key), member=member))


@pytest.fixture
def known(cafe: Till) -> Till:
    """A café whose member has points and a card, and the UID of a chip."""
    quoted(cafe, "rich", line(1, 60_000))
    link(cafe, UID)
    return cafe


def test_the_uid_of_a_card_reader_and_of_a_host_are_one_card_number() -> None:
    assert uid_card(Symbol(text="04A2B3C4D5E680", medium=Medium.UID)) == UID
    assert uid_card(Symbol(text="uid:04a2b3c4d5e680")) == UID
    assert uid_card(Symbol(text="UID:04A2B3C4D5E680")) == UID
    assert uid_card(Symbol(text="uid:04A2")) is None
    for device in set(DeviceKind) - {DeviceKind.HOST}:
        assert uid_card(Symbol(text="uid:04a2b3c4d5e680"), device) is None, "a printed QR code is no tap"
        assert uid_card(Symbol(text="04A2B3C4D5E680", medium=Medium.UID), device) == UID
    assert uid_card(Symbol(text="04A2B3C4D5E680")) is None


def test_a_uid_says_who_it_is_and_that_it_does_not_redeem(known: Till) -> None:
    told = known.identify("uid:04a2b3c4d5e680")
    assert told == {**known.identify(CARD), "card": UID, "may_redeem": False}


def test_digits_of_a_uid_are_no_card_of_the_merchants(cafe: Till) -> None:
    from agent.till.identify import identify_admitted

    told = identify_admitted(cafe.context, Symbol(text="21001234", medium=Medium.UID))
    assert (told["refused"], told["card"]) == ("card_unknown", "uid:21001234")


def test_an_unknown_uid_enrols_nobody_by_itself(cafe: Till) -> None:
    told = cafe.identify(UID)
    assert (told["refused"], told["card"]) == ("card_unknown", UID)
    assert cafe.quote(basket(card=UID))["refused"] == "card_unknown"
    assert cafe.commit(sale(card=UID)).refused == "card_unknown"
    assert cafe.context.book.head.sequence == 0


def test_an_unknown_uid_enrols_where_the_merchant_says_so(tmp_path: Path) -> None:
    with open_till(tmp_path, enrol_unknown_uids=True) as till:
        assert till.identify(UID) == {"card": UID, "member": None, "may_enrol": True, "may_redeem": False}
        sold = till.commit(sale(card=UID)).values
        assert (sold["enrolled"], sold["balances"]) == (True, {"points": 12})


def test_a_uid_is_enrolled_on_purpose_and_earns(cafe: Till) -> None:
    enrolled = cafe.enrol(EnrolRequest(key="e", card=UID)).values
    sold = quoted(cafe, "k", line(1, 20_000), card=UID)
    assert (sold["member"], sold["balances"]["points"]) == (enrolled["member"], 10)
    _, detail = entry(cafe, cafe.context.book.head.sequence)
    assert detail.identifier == UID


@pytest.mark.parametrize(
    ("uid", "code"),
    [
        ("uid:08A1B2C3", "not_a_card"),
        ("uid:80A1B2C3", "not_a_card"),
        ("uid:00000000", "not_a_card"),
        ("uid:08a1b2c3\r", "not_a_card"),
        ("uid:9A", "bad_request"),
        ("UID:9A2BC4D1F", "bad_request"),
    ],
)
def test_a_made_up_or_badly_written_uid_is_no_card(cafe: Till, uid: str, code: str) -> None:
    requests = {
        "quote": cafe.quote(basket(card=uid)),
        "commit": cafe.commit(sale("c", card=uid)).values,
        "enrol": cafe.enrol(EnrolRequest(key="e", card=uid)).values,
        "return": cafe.return_goods(goods("r", None, card=uid)).values,
        "action": cafe.act(ActionRequest(key="a", card=uid, action="sign_up")).values,
    }
    assert {name: answer["refused"] for name, answer in requests.items()} == dict.fromkeys(requests, code)
    assert cafe.context.book.head.sequence == 0


@pytest.mark.parametrize("scan", ["uid:08A1B2C3", "uid:80a1b2c3\r", "uid:00000000"])
def test_the_cashier_is_told_that_a_tapped_phone_is_no_loyalty_card(cafe: Till, scan: str) -> None:
    told = cafe.identify(scan)
    assert (told["refused"], told["text"]) == ("not_a_card", "This is not a loyalty card.")
    assert "read" not in told, "it is nobody's number"


def test_a_uid_earns(known: Till) -> None:
    before = known.member_balances(CARD)["points"]  # type: ignore[index]
    sold = quoted(known, "k", line(1, 20_000), card=UID)
    assert sold["balances"]["points"] == before + 10


@pytest.mark.parametrize("sent", ["uid:04a2b3c4d5e680", "UID:04A2B3C4D5E680", f"{UID}\r\n"])
def test_a_uid_is_a_card_as_the_hosts_reader_sends_it_and_redeems_no_more_than_any(known: Till, sent: str) -> None:
    assert quoted(known, "k", line(1, 20_000), card=sent)["member"] == known.identify(UID)["member"]
    assert known.quote(basket(line(1, 50_000), card=sent, redeem=OFF))["refused"] == "uid_needs_card"
    assert known.quote(basket(line(1, 50_000), card=UID, second_card=sent, redeem=OFF))["refused"] == "uid_needs_card"
    assert known.commit(sale("c", line(1, 50_000), card=sent, redeem=OFF)).refused == "uid_needs_card"


def test_a_uid_redeems_nothing(known: Till) -> None:
    asked = basket(line(1, 50_000), card=UID, redeem=OFF)
    told = known.quote(asked)
    assert (told["refused"], told["field"]) == ("uid_needs_card", "redeem")
    assert told["text"] == "The chip of a card only says who it is. To redeem, scan the member's card or code."
    assert known.hold(HoldRequest(key="h", sale=asked)).refused == "uid_needs_card"
    assert known.commit(CommitRequest(key="c", check_id="c", sale=asked)).refused == "uid_needs_card"
    assert known.context.book.head.sequence == 2  # the enrolment and the sale of before


def test_a_uid_with_a_card_of_the_same_member_redeems_and_the_card_is_what_is_kept(known: Till) -> None:
    asked = basket(line(1, 50_000), card=UID, second_card=CARD, redeem=OFF)
    told = known.quote(asked)
    assert told["discount_minor"] == 10_000
    assert "may_redeem" not in told
    held = known.hold(HoldRequest(key="h", sale=asked)).values
    sold = known.commit(CommitRequest(key="c", check_id="c", sale=asked, hold=held["hold"])).values
    assert sold["redemptions"][0]["units"] == 10
    _, detail = entry(known, known.context.book.head.sequence)
    assert detail.identifier == CARD
    again = known.commit(CommitRequest(key="c2", check_id="c", sale=basket(line(1, 50_000), redeem=OFF))).values
    assert (again["entry"], again["known"]) == (sold["entry"], True)


def test_a_card_redeems_as_ever(known: Till) -> None:
    assert quoted(known, "k", line(1, 50_000), redeem=OFF)["redemptions"][0]["units"] == 10


def test_a_quote_by_card_does_not_serve_a_commit_by_uid(known: Till) -> None:
    name = known.quote(basket(line(1, 50_000), redeem=OFF))["quote"]
    asked = basket(line(1, 50_000), card=UID, redeem=OFF)
    assert known.commit(CommitRequest(key="c", check_id="c", sale=asked, quote=name)).refused == "quote_changed"


def test_a_hold_by_card_does_not_serve_a_commit_by_uid(known: Till) -> None:
    held = known.hold(HoldRequest(key="h", sale=basket(line(1, 50_000), redeem=OFF))).values["hold"]
    asked = basket(line(1, 50_000), card=UID, redeem=OFF)
    assert known.commit(CommitRequest(key="c", check_id="c", sale=asked, hold=held)).refused == "quote_changed"


@pytest.mark.parametrize(
    ("second", "refused"),
    [
        (OTHER_CARD, "cards_differ"),
        (OTHER_UID, "uid_needs_card"),
        ("2100 1", "bad_request"),
        ("4111111111111111", "payment_card"),
    ],
)
def test_a_second_card_must_be_a_card_of_the_same_member(known: Till, second: str, refused: str) -> None:
    quoted(known, "other", line(1, 20_000), card=OTHER_CARD)
    link(known, OTHER_UID)
    told = known.quote(basket(card=UID, second_card=second, redeem=OFF))
    assert (told["refused"], told["field"]) == (refused, "second_card")


def test_a_second_card_without_a_first_is_a_mistake(known: Till) -> None:
    told = known.quote(basket(card=None, second_card=CARD))
    assert (told["refused"], told["field"]) == ("bad_request", "second_card")


def test_a_second_card_does_not_matter_to_a_card(known: Till) -> None:
    quoted(known, "other", line(1, 20_000), card=OTHER_CARD)
    assert known.quote(basket(second_card=OTHER_CARD))["refused"] == "cards_differ"
    assert "refused" not in known.quote(basket(second_card=CARD))


@pytest.fixture
def by_themselves(tmp_path: Path) -> Iterator[Till]:
    with open_till(tmp_path, programme=BY_THEMSELVES, mint=Mint()) as till:
        quoted(till, "rich", line(1, 200_000), declined=("once", "always"))
        link(till, UID)
        yield till


def test_rewards_that_apply_by_themselves_take_nothing_of_a_member_who_is_named_by_a_uid(by_themselves: Till) -> None:
    told = by_themselves.quote(basket(line(1, 10_000), card=UID))
    assert [one["reward"] for one in told["redemptions"]] == ["tiers"]
    assert told["may_redeem"] is False
    missed = {one["id"]: one["because"][0]["text"] for one in told["missed"]}
    assert missed["always"] == missed["once"] == "A card or code of the member is needed"
    by_card = by_themselves.quote(basket(line(1, 10_000)))
    assert {one["reward"] for one in by_card["redemptions"]} == {"once", "always", "tiers"}


def test_a_word_that_costs_points_is_declined_and_the_sale_goes_on(by_themselves: Till) -> None:
    told = by_themselves.quote(basket(line(1, 10_000), card=UID, codes=("spring",)))
    assert [(one["asked"], one["refused"]) for one in told["declined"]] == [("codes[1]", "uid_needs_card")]
    assert [one["reward"] for one in told["redemptions"]] == ["tiers"]


def test_a_sale_by_uid_is_explained_again_as_it_was(by_themselves: Till) -> None:
    sold = quoted(by_themselves, "k", line(1, 10_000), card=UID)
    assert [one["reward"] for one in sold["redemptions"]] == ["tiers"]
    proof = prove(source_of(by_themselves, sold["entry"]))
    assert proof is not None
    assert {one.message.id for one in proof.missed if one.id in {"always", "once"}} == {"explain.missing_card"}


def test_a_coupon_is_what_redeems_and_not_the_uid_beside_it(known: Till, clock: Any) -> None:
    from datetime import timedelta

    (coupon,) = quoted(known, "k1", line(1, 60_000))["coupons"]
    clock.now += timedelta(days=1)
    used = quoted(known, "k2", line(1, 10_000), card=UID, coupons=(coupon["code"],))
    assert used["redemptions"][0]["coupon"] == coupon["code"]


@pytest.mark.parametrize("uid", [OTHER_UID, "UID:9a2bc4d1"])
def test_a_uid_is_no_gift_card_and_no_coupon(known: Till, uid: str) -> None:
    told = [
        known.quote(basket(gift_cards=(GiftCardPays(number=uid, reward="gift"),))),
        known.quote(basket(sold_cards=(GiftCardSold(number=uid, line=1),))),
        known.quote(basket(coupons=(uid,))),
    ]
    assert [(one["refused"], one["field"]) for one in told] == [
        ("uid_needs_card", "gift_cards[1].number"),
        ("uid_needs_card", "sold_cards[1].number"),
        ("uid_needs_card", "coupons[1]"),
    ]


def test_an_action_by_uid_earns(known: Till) -> None:
    assert "refused" not in known.act(ActionRequest(key="a", card=UID, action="feedback")).values


def test_stamps_are_collected_by_uid_and_pay_by_card(cafe: Till) -> None:
    quoted(cafe, "first", COFFEE)
    link(cafe, UID)
    for number in range(3):
        quoted(cafe, f"k{number}", COFFEE, card=UID)
    redeem = (RedeemRequest(reward="free"),)
    assert cafe.quote(basket(COFFEE, card=UID, redeem=redeem))["refused"] == "uid_needs_card"
    assert quoted(cafe, "free", COFFEE, redeem=redeem)["redemptions"][0]["units"] == 3
