"""Check-in codes: one for each seat, found again from the entry that gave it."""

from loyalty.parts.coupons import CodeFormat
from loyalty.parts.events import check_in_code
from loyalty.quote.posting import IssuedSeat, post
from tests.loyalty.rules.rewards.tills import chosen, quoted, reward
from tests.loyalty.shop import MEMBER, programme, standing

ENTRY = b"\x0e" * 16
PARTY = '[[event]]\nid = "party"\nnames.en = "Party"\nseats = 5\n'


def test_every_seat_has_a_code_with_a_check_digit() -> None:
    codes = [
        check_in_code(event, entry, seat) for event in ("a", "b") for entry in (ENTRY, MEMBER) for seat in range(3)
    ]
    assert len(set(codes)) == 12
    assert all(CodeFormat(digits=9).fits(code) for code in codes)
    assert codes == [
        check_in_code(event, entry, seat) for event in ("a", "b") for entry in (ENTRY, MEMBER) for seat in range(3)
    ]


def test_an_entry_gives_its_seats_with_their_codes() -> None:
    tables = PARTY + reward("invitation", 'event = "party"') + reward("invitation", 'event = "party"\ncost = 1', "paid")
    found = quoted(tables, 500, member=standing(points=5), ask=chosen("paid", times=2))
    posted = post(programme(tables), found, ENTRY, MEMBER)
    assert posted.seats == tuple(
        IssuedSeat(event="party", code=check_in_code("party", ENTRY, seat)) for seat in range(2)
    )
