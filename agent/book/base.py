"""Members who are not this till's own: of each one balance, the tier and the cards.

What HQ said last of them stands in the book; of whom it says nothing there, the file that ``reach`` names holds what was so
when it was made. Where every till holds everything of everyone there is nothing of all this.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, exists, select

from agent.book.base_file import BaseFile, BaseMember, folder_of, opened
from agent.book.schema import base, base_card, member, reach
from agent.book.statements import Prepared

_REACH = Prepared(select(reach.c.everyone, reach.c.unit, reach.c.file).where(reach.c.id == 1))
_CARD = Prepared(select(base_card.c.member).where(base_card.c.card_key == bindparam("card_key")))
_MEMBER = Prepared(select(base.c.canonical, base.c.tier, base.c.amount).where(base.c.member == bindparam("member")))
_EVERY = Prepared(select(base.c.member))
_OWN = Prepared(select(exists().where(member.c.member == bindparam("member"))))
_BETWEEN = Prepared(
    select(base.c.member, base.c.amount).where(base.c.member.between(bindparam("first"), bindparam("last")))
)
_OWN_BETWEEN = Prepared(select(member.c.member).where(member.c.member.between(bindparam("first"), bindparam("last"))))
_EVERY_OWN = Prepared(select(member.c.member))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How much the till holds of others: see the table of that name."""

    everyone: bool
    unit: str | None
    file: str | None


def reach_of(connection: Connection) -> Reach:
    """Read how much the till holds of others."""
    ((everyone, unit, file),) = _REACH.rows(connection)
    return Reach(everyone=bool(everyone), unit=unit, file=file)


def by_card(connection: Connection, card_key: int) -> bytes | None:
    """Give the member of a card that is not one of the till's own members', after merges, or None."""
    held = reach_of(connection)
    if held.everyone:
        return None
    row, file = _CARD.one(connection, card_key=card_key), opened(connection, held.file)
    named = row[0] if row is not None else file.card(card_key) if file is not None else None
    if named is None:
        return None
    said = _MEMBER.one(connection, member=named)
    if said is not None and said[0] is not None:
        return bytes(said[0])
    return file.canonical(named) if file is not None else named


def find(connection: Connection, member_id: bytes, held: Reach | None = None) -> BaseMember | None:
    """Give what is held of a member who is not the till's own; None for an own or unknown one, or an account of another kind."""
    held = held or reach_of(connection)
    return None if held.everyone or _OWN.scalar(connection, member=member_id) else other(connection, member_id, held)


def other(connection: Connection, member_id: bytes, held: Reach) -> BaseMember | None:
    """Give what is held of a member who is known not to be the till's own; None for an unknown one."""
    return None if held.everyone else _find(connection, opened(connection, held.file), member_id)


def _find(connection: Connection, file: BaseFile | None, member_id: bytes) -> BaseMember | None:
    row = _MEMBER.one(connection, member=member_id)
    filed = None
    if file is not None and (row is None or None in row):
        filed = file.member(member_id)
    if row is None:
        return filed
    canonical, tier, amount = row
    return BaseMember(
        canonical=canonical if canonical is not None else filed.canonical if filed is not None else member_id,
        tier=(tier or None) if tier is not None else filed.tier if filed is not None else None,
        amount=amount if amount is not None else filed.amount if filed is not None else 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many members are not the till's own, merged ones counted once, and what they have of the unit that is held."""

    members: int = 0
    amount: int = 0


def totals(connection: Connection) -> Totals:
    """Add up what is held of others; reads all of it."""
    held = reach_of(connection)
    if held.everyone:
        return Totals()
    file = opened(connection, held.file)
    members, amount = (file.members, file.outstanding()) if file is not None else (0, 0)
    own = {row[0] for row in _EVERY_OWN.stream(connection)}
    changed = {row[0] for row in _EVERY.stream(connection)}
    for one in own | changed:
        was = file.member(one) if file is not None else None
        now = _find(connection, file, one) if one not in own else None
        for found, sign in ((was, -1), (now, 1)):
            if found is not None and found.canonical == one:
                members, amount = members + sign, amount + sign * found.amount
    return Totals(members=members, amount=amount)


def lost_file(connection: Connection) -> bool:
    """Tell whether the book stands on a file that is not there any more."""
    name = reach_of(connection).file
    return name is not None and not (folder_of(connection) / name).exists()


def amounts_between(connection: Connection, first: bytes, last: bytes) -> Iterator[tuple[bytes, int]]:
    """Give HQ's balance of each other from one id to another, as `find` finds it, in no order."""
    held = reach_of(connection)
    own = {row[0] for row in _OWN_BETWEEN.run(connection, first=first, last=last)}
    changed = {row[0]: row[1] for row in _BETWEEN.run(connection, first=first, last=last)}
    file = opened(connection, held.file)
    for member_id, amount in file.amounts_between(first, last) if file is not None else ():
        if member_id not in own:
            now = changed.pop(member_id, None)
            yield member_id, amount if now is None else now
    for member_id, now in changed.items():
        if now is not None and member_id not in own:
            yield member_id, now
