"""Members, balances and lots of the feed as values of JSON messages."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from loyalty.numbers.limits import MAX_UNIT, is_storable, require
from sync.protocol.fields import account_id, int64, optional_text
from sync.protocol.values import LAST_SECOND, MAX_SEGMENTS, FeedBalance, FeedLot, FeedMember

_BIRTHDAY = re.compile(r"[0-9]{2}-[0-9]{2}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LEAP_YEAR = "2000-"
_MAX_ID = 64
_UNKNOWN: list[Any] = [None, None, None, [], None, None, None]
_COMMON = True
"""What a row ends with whose account is no member's."""


def member_out(row: FeedMember) -> list[object]:
    """Write a member row without its entity; the last seven are left out where HQ knows none of them."""
    said = [row.member.hex(), row.canonical.hex(), row.nickname, row.tier, row.language]
    referrer = row.referrer.hex() if row.referrer is not None else None
    more = [row.birthday, row.joined_on, row.last_visit_on, list(row.segments), row.tier_until, referrer, row.home]
    return [*said, *more] if more != _UNKNOWN else [*said]


def member_in(rest: Sequence[Any]) -> FeedMember:
    """Read a member row without its entity; ValueError or TypeError for another shape, as in all readers here."""
    member, canonical, nickname, tier, language, *more = rest
    birthday, joined_on, last_visit_on, segments, tier_until, referrer, home = more or _UNKNOWN
    require(isinstance(segments, list) and len(segments) <= MAX_SEGMENTS, "a list of segments")
    return FeedMember(
        member=account_id(member),
        canonical=account_id(canonical),
        nickname=optional_text(nickname),
        tier=optional_text(tier),
        language=optional_text(language),
        birthday=_date(_BIRTHDAY, birthday, in_year=_LEAP_YEAR),
        joined_on=_date(_DATE, joined_on),
        last_visit_on=_date(_DATE, last_visit_on),
        segments=tuple(_id(segment) for segment in segments),
        tier_until=None if tier_until is None else _instant(tier_until),
        referrer=None if referrer is None else account_id(referrer),
        home=None if home is None else _id(home),
    )


def balance_out(row: FeedBalance) -> list[object]:
    """Write a balance row without its entity."""
    return [row.account.hex(), row.unit, row.amount, *_marks(row.common)]


def balance_in(rest: Sequence[Any]) -> FeedBalance:
    """Read a balance row without its entity."""
    account, unit, amount, *marks = rest
    return FeedBalance(account=account_id(account), unit=_unit(unit), amount=int64(amount), common=_is_common(marks))


def lot_out(row: FeedLot) -> list[object]:
    """Write a lot row without its entity."""
    said = [row.account.hex(), row.unit, row.lot_id.hex(), row.amount, row.usable_at, row.expires_at]
    return [*said, *_marks(row.common)]


def lot_in(rest: Sequence[Any]) -> FeedLot:
    """Read a lot row without its entity."""
    account, unit, lot_id, amount, usable_at, expires_at, *marks = rest
    return FeedLot(
        account=account_id(account),
        unit=_unit(unit),
        lot_id=account_id(lot_id),
        amount=int64(amount),
        usable_at=None if usable_at is None else int64(usable_at),
        expires_at=None if expires_at is None else int64(expires_at),
        common=_is_common(marks),
    )


def _marks(common: bool) -> list[bool]:
    return [_COMMON] if common else []


def _is_common(marks: Sequence[Any]) -> bool:
    require(len(marks) <= 1 and all(mark is _COMMON for mark in marks), "true, or nothing")
    return bool(marks)


def _unit(value: Any) -> str:
    require(isinstance(value, str) and value != "" and is_storable(value, MAX_UNIT), "a unit")
    return str(value)


def _id(value: Any) -> str:
    require(isinstance(value, str) and value != "" and is_storable(value, _MAX_ID), "an id")
    return str(value)


def _instant(value: Any) -> int:
    require(type(value) is int and 0 <= value <= LAST_SECOND, "an instant")
    return int(value)


def _date(shape: re.Pattern[str], value: Any, *, in_year: str = "") -> str | None:
    if value is None:
        return None
    require(isinstance(value, str) and shape.fullmatch(value) is not None, "a date")
    date.fromisoformat(in_year + value)
    return str(value)
