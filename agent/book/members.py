"""Members, cards and balances as this till knows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, union_all, update
from sqlalchemy import func as sql

from agent.book.schema import card, member, pending, posted, sync_state, terminal
from agent.book.statements import Prepared
from loyalty.standing import Standing

_FIND = Prepared(
    select(sql.coalesce(member.c.canonical, card.c.member))
    .select_from(card.outerjoin(member, member.c.member == card.c.member))
    .where(card.c.card_key == bindparam("card_key"))
)
_MEMBER = Prepared(
    select(member.c.canonical, member.c.nickname, member.c.tier, member.c.language).where(
        member.c.member == bindparam("member")
    )
)
_both = union_all(
    select(posted.c.unit, posted.c.amount).where(posted.c.account == bindparam("account")),
    select(pending.c.unit, pending.c.amount).where(pending.c.account == bindparam("account")),
).subquery()
_BALANCES = Prepared(select(_both.c.unit, sql.sum(_both.c.amount)).group_by(_both.c.unit).order_by(_both.c.unit))
_AS_OF = Prepared(select(sync_state.c.as_of).where(sync_state.c.id == 1))
_INSERT_MEMBER = Prepared(insert(member))
_INSERT_CARD = Prepared(insert(card))
_COUNT = Prepared(select(sql.count()).select_from(member).where(member.c.member == member.c.canonical))
_posted = select(sql.coalesce(sql.sum(posted.c.amount), 0)).where(posted.c.unit == bindparam("unit")).scalar_subquery()
_pending = (
    select(sql.coalesce(sql.sum(pending.c.amount), 0)).where(pending.c.unit == bindparam("unit")).scalar_subquery()
)
_PENDING = Prepared(select(sql.count()).select_from(pending))
_OUTSTANDING = Prepared(select(_posted + _pending))

_every = union_all(
    select(posted.c.account, posted.c.unit, posted.c.amount),
    select(pending.c.account, pending.c.unit, pending.c.amount),
).subquery()
_ALL_BALANCES = Prepared(
    select(_every.c.account, _every.c.unit, sql.sum(_every.c.amount))
    .group_by(_every.c.account, _every.c.unit)
    .order_by(_every.c.account, _every.c.unit)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A member who enrols at this till."""

    member: bytes
    card_key: int
    nickname: str | None
    language: str | None


def by_card(connection: Connection, card_key: int) -> bytes | None:
    """Give the member of a card, after merges, or None for an unknown card."""
    found: bytes | None = _FIND.scalar(connection, card_key=card_key)
    return found


def canonical(connection: Connection, account: bytes) -> bytes:
    """Give the account that another became by a merge, or the same one."""
    row = _MEMBER.one(connection, member=account)
    return account if row is None else bytes(row[0])


def standing(connection: Connection, member_id: bytes) -> Standing | None:
    """Give a member's standing, own unsent entries included, or None for an unknown member."""
    row = _MEMBER.one(connection, member=member_id)
    if row is None:
        return None
    _, nickname, tier, language = row
    balances = _BALANCES.rows(connection, account=member_id)
    as_of = _AS_OF.scalar(connection)
    return Standing(
        member=member_id,
        balances=tuple((unit, int(amount)) for unit, amount in balances),
        tier=tier,
        nickname=nickname,
        language=language,
        as_of=datetime.fromisoformat(as_of) if as_of is not None else None,
    )


def enrol(connection: Connection, new: NewMember) -> None:
    """Make a member known; the card must be unknown."""
    _INSERT_MEMBER.run(
        connection,
        member=new.member,
        canonical=new.member,
        nickname=new.nickname,
        tier=None,
        language=new.language,
    )
    _INSERT_CARD.run(connection, card_key=new.card_key, member=new.member)


def count(connection: Connection) -> int:
    """Give the number of members, merged ones counted once."""
    return int(_COUNT.scalar(connection))


def outstanding(connection: Connection, unit: str) -> int:
    """Give the sum of all balances of ``unit``, own unsent entries included."""
    return int(_OUTSTANDING.scalar(connection, unit=unit))


def pending_count(connection: Connection) -> int:
    """Count the own postings that HQ's balances do not show yet."""
    return int(_PENDING.scalar(connection))


def all_balances(connection: Connection) -> Iterator[tuple[bytes, str, int]]:
    """Stream (account, unit, smallest steps) of every balance, own unsent entries included, in that order."""
    for account, unit, amount in _ALL_BALANCES.stream(connection):
        yield bytes(account), unit, int(amount)


def replace_cards(connection: Connection, cards: dict[int, bytes], identifier_key_id: bytes) -> None:
    """Replace the hashes of all cards, after the identifier key changed."""
    connection.execute(card.delete())
    rows = [{"card_key": key, "member": member_id} for key, member_id in cards.items()]
    _INSERT_CARD.run_many(connection, rows)
    connection.execute(update(terminal).values(identifier_key_id=identifier_key_id))
