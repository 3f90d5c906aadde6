"""Making members of enrolments.

A till enrols without asking, so two tills may enrol one card. The first to arrive has it; the later member
becomes an alias, and what is posted to it goes to the first one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from hq.book.dialects import among, in_chunks, insert_rows, put_rows
from hq.book.schema import account, card, member
from hq.feed.log import Change, card_change, member_change
from hq.feed.values import MEMBER
from hq.ingest.accounts import stores_of
from hq.ingest.arrivals import Arrived
from hq.texts import plain_text
from loyalty.cards import card_key, is_card, last_four
from loyalty.journal.detail import EntryDetail

MAX_NICKNAME = 64
MAX_LANGUAGE = 16
_BIRTHDAY = re.compile(r"[0-9]{2}-[0-9]{2}", re.ASCII)
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What enrolling changed: the accounts that exist now, each with where its postings go, and feed changes."""

    accounts: dict[bytes, bytes]
    changes: tuple[Change, ...]

    def aliases(self) -> Iterator[tuple[bytes, bytes]]:
        """Give those who are another from the first, each with whom."""
        return ((own, to) for own, to in self.accounts.items() if own != to)


def enrol(connection: Connection, enrolments: Sequence[Arrived], identifier_key: bytes) -> Enrolled:
    """Make a member and an account of each enrolment, in order; the entry's id is the member's and account's."""
    details = [one.detail for one in enrolments]
    cards = [_card_of(detail) for detail in details]
    keys = [None if number is None else card_key(number, identifier_key) for number in cards]
    holders = _holders(connection, {key for key in keys if key is not None})
    accounts: dict[bytes, bytes] = {}
    new_cards = []
    for one, number, key in zip(enrolments, cards, keys, strict=True):
        assert one.core is not None
        own = one.core.entry_id
        if number is not None and key is not None and key not in holders:
            holders[key] = own
            new_cards.append({"card_key": key, "member_id": own, "last_four": last_four(number)})
        accounts[own] = own if key is None else holders[key]
    stores = stores_of(connection, {one.terminal for one in enrolments})
    rows = [
        {**_member_row(one, detail, accounts), "home": stores.get(one.terminal)}
        for one, detail in zip(enrolments, details, strict=True)
    ]
    insert_rows(connection, member, rows)
    named = [{"account_id": own, "canonical_id": to, "kind": MEMBER} for own, to in accounts.items()]
    put_rows(connection, account, named, change=("canonical_id", "kind"))  # a till may have opened it as another kind
    put_rows(connection, card, new_cards, change=("member_id", "last_four"))
    changes = (*map(member_change, accounts), *(card_change(key) for key in keys if key is not None))
    return Enrolled(accounts=accounts, changes=changes)


def _card_of(detail: EntryDetail | None) -> str | None:
    number = detail.identifier if detail else None
    return number if number is not None and is_card(number) else None


def _holders(connection: Connection, keys: set[int]) -> dict[int, bytes]:
    """Give the member to whom each known card belongs, after merges; a withdrawn card belongs to nobody."""
    query = select(card.c.card_key, member.c.canonical_id).join(member, member.c.member_id == card.c.member_id)
    return {
        row.card_key: row.canonical_id
        for some in in_chunks(keys)
        for row in connection.execute(query.where(among(connection, card.c.card_key, some)))
    }


def _member_row(one: Arrived, detail: EntryDetail | None, accounts: dict[bytes, bytes]) -> dict[str, object]:
    assert one.core is not None
    own = one.core.entry_id
    return {
        "member_id": own,
        "canonical_id": accounts[own],
        "nickname": plain_text(detail.nickname, MAX_NICKNAME) if detail else None,
        "language": plain_text(detail.language, MAX_LANGUAGE) if detail else None,
        "joined_at_ms": one.effective_ms(),
        "birthday": _birthday(detail.birthday) if detail else None,
        "joined_on": one.business_date,
        "referrer": detail.referrer if detail else None,
    }


def _birthday(said: str | None) -> str | None:
    if said is None or _BIRTHDAY.fullmatch(said) is None:
        return None
    month, day = said.split("-")
    try:
        date(_LEAP_YEAR, int(month), int(day))
    except ValueError:
        return None
    return said
