"""Entries of members who are forgotten: which they are, whenever they come. The core stays; the detail is erased.

Source: docs/SPEC-sync.md, section 4.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from hq.book.dialects import in_chunks, insert_missing
from hq.book.schema import erased_card, erased_member
from hq.feed.log import forgotten_change, record_changes
from hq.ingest.arrivals import Arrived
from loyalty.cards import card_key
from loyalty.journal.entry import EntryKind
from loyalty.journal.naming import cards_in
from sync.protocol.values import SentEntry

_MEMBER = re.compile(rb'"member":"([0-9a-f]{32})"')
_HEX = re.compile(rb'"(?:core|detail)":"([0-9a-f]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Who is forgotten.

    Attributes:
        members: Their ids, with the erasure of each.
        cards: Hashes of their cards, with the erasure, and when it was asked for in milliseconds since 1970: what a card did
            later is somebody else's.
    """

    members: dict[bytes, bytes]
    cards: dict[int, tuple[bytes, int]]
    identifier_key: bytes

    def whose(self, one: Arrived) -> bytes | None:
        """Give the erasure to which an entry belongs, or None."""
        core = one.core
        if core is not None and core.entry_id in self.members:
            return self.members[core.entry_id]
        if core is not None and not one.sent.detail:  # a till erased it, and HQ, restored, has to be told again
            return next((self.members[to.account] for to in core.postings if to.account in self.members), None)
        found = self._in(one.sent.detail, one.effective_ms())
        if found is None and _is_evidence(one):
            for part in _HEX.finditer(one.sent.detail):
                found = found or self._in(_plain(part[1]), one.effective_ms())
        return found

    def _in(self, detail: bytes, at_ms: int) -> bytes | None:
        for said in _MEMBER.finditer(detail):
            found = self.members.get(bytes.fromhex(said[1].decode("ascii")))
            if found is not None:
                return found
        for number in cards_in(detail):
            erasure, asked_at_ms = self.cards.get(card_key(number, self.identifier_key), _NO)
            if erasure and at_ms <= asked_at_ms:
                return erasure
        return None


_NO = (b"", 0)


def forgotten_by(connection: Connection, identifier_key: bytes, erasures: Collection[bytes]) -> Forgotten:
    """Read who is forgotten by some erasures."""
    members = select(erased_member).where(erased_member.c.erasure_id.in_(erasures))
    cards = select(erased_card).where(erased_card.c.erasure_id.in_(erasures))
    return _forgotten(connection.execute(members), connection.execute(cards), identifier_key)


def _forgotten_in(connection: Connection, arrived: Sequence[Arrived], identifier_key: bytes) -> Forgotten:
    """Read which of those whom some entries name are forgotten."""
    named: set[bytes] = set()
    keys: set[int] = set()
    for one in arrived:
        if one.core is not None:
            named |= {one.core.entry_id, *(to.account for to in one.core.postings)}
        inner = (_plain(part[1]) for part in _HEX.finditer(one.sent.detail)) if _is_evidence(one) else ()
        for detail in (one.sent.detail, *inner):
            named |= {bytes.fromhex(said[1].decode("ascii")) for said in _MEMBER.finditer(detail)}
            keys |= {card_key(number, identifier_key) for number in cards_in(detail)}
    members = (
        row
        for some in in_chunks(sorted(named))
        for row in connection.execute(select(erased_member).where(erased_member.c.member_id.in_(some)))
    )
    cards = (
        row
        for some in in_chunks(sorted(keys))
        for row in connection.execute(select(erased_card).where(erased_card.c.card_key.in_(some)))
    )
    return _forgotten(members, cards, identifier_key)


def _forgotten(members: Iterable[Any], cards: Iterable[Any], identifier_key: bytes) -> Forgotten:
    return Forgotten(
        members={row.member_id: row.erasure_id for row in members},
        cards={row.card_key: (row.erasure_id, row.asked_at_ms) for row in cards},
        identifier_key=identifier_key,
    )


def without_forgotten(connection: Connection, arrived: Sequence[Arrived], identifier_key: bytes) -> list[Arrived]:
    """Erase the details of entries that come when their member is forgotten; an enrolment's id is forgotten from then on."""
    if connection.execute(select(erased_member.c.member_id).limit(1)).first() is None:
        return list(arrived)
    forgotten = _forgotten_in(connection, arrived, identifier_key)
    kept: list[Arrived] = []
    for one in arrived:
        erasure = forgotten.whose(one)
        if erasure is not None and one.core is not None and one.core.kind == EntryKind.ENROL:
            forgotten.members[one.core.entry_id] = erasure
            row = {"member_id": one.core.entry_id, "erasure_id": erasure}
            insert_missing(connection, erased_member, [row])
            record_changes(connection, [forgotten_change(one.core.entry_id)])
        kept.append(one if erasure is None else emptied(one))
    return kept


def emptied(one: Arrived) -> Arrived:
    """Give an entry with nothing in its detail; when it happened stays known."""
    return replace(one, sent=SentEntry(core=one.sent.core, detail=b""), visitor=None, erased=True)


def _is_evidence(one: Arrived) -> bool:
    return one.core is not None and one.core.kind == EntryKind.EVIDENCE


def _plain(digits: bytes) -> bytes:
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""
