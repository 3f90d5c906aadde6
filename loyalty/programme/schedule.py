"""Which release of a programme is in force in a store at an instant: a pure function of what was published.

It does not matter in which order releases arrive, nor how often: a till that was offline for a month and HQ agree.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from loyalty.numbers.limits import require

Effective = date | datetime
"""When a release begins: a date means the store's own midnight, an aware instant is the same everywhere."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1971, 2998


class BadEffective(ValueError):
    """A text says no date and no instant; the message says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One version's beginning in some stores.

    Attributes:
        number: HQ's, ascending in the order of publication from 1; of two that begin at once the later one counts.
        programme: The programme's id.
        version: The version that begins.
        effective: When.
        stores: The ids of the stores where it begins; empty for all of them.
    """

    number: int
    programme: str
    version: str
    effective: Effective
    stores: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(self.number >= 1, "releases count from 1")
        aware = not isinstance(self.effective, datetime) or self.effective.utcoffset() is not None
        require(aware, "an instant is aware")

    def covers(self, store: str) -> bool:
        """Tell whether it is for a store."""
        return not self.stores or store in self.stores


def begins_at(effective: Effective, zone: tzinfo) -> datetime:
    """Give the instant (aware UTC) at which a release begins in a zone.

    A midnight that the zone skips is the first instant after it; one that comes twice is the first.
    """
    if isinstance(effective, datetime):
        return effective.astimezone(UTC)
    return datetime.combine(effective, time(), zone).astimezone(UTC)


def in_order(releases: Iterable[Release], store: str, zone: tzinfo) -> tuple[tuple[datetime, Release], ...]:
    """Give a store's releases with the instants (UTC) at which they begin there, the earliest first."""
    own = {release.number: release for release in releases if release.covers(store)}
    begun = ((begins_at(release.effective, zone), release) for release in own.values())
    return tuple(sorted(begun, key=lambda pair: (pair[0], pair[1].number)))


def in_force(
    releases: Iterable[Release],
    store: str,
    zone: tzinfo,
    at: datetime,
    readable: Callable[[str], bool] = lambda _: True,
) -> Release | None:
    """Give the release in force in a store at an instant, or None before the first one.

    Of all that cover the store and have begun it is the one that began last, so that a release for every store ends
    a pilot that began before it, and a pilot that begins later ends nothing but in its own stores.

    Args:
        releases: All that HQ published and did not withdraw, in any order.
        store: The store's id.
        zone: The store's time zone.
        at: Aware; the instant of the sale.
        readable: Tells of a version whether this program can read it; a release of one that it cannot read does not
            begin, and the one before it goes on.

    Raises:
        ValueError: ``at`` is naive (the caller's bug).
    """
    return last_begun(in_order(releases, store, zone), at, readable)


def last_begun(
    ordered: Sequence[tuple[datetime, Release]], at: datetime, readable: Callable[[str], bool] = lambda _: True
) -> Release | None:
    """Do what `in_force` does with what `in_order` gave, for who asks often."""
    require(at.utcoffset() is not None, "an instant is aware")
    instant = at.astimezone(UTC)
    begun = (release for begins, release in reversed(ordered) if begins <= instant)
    return next((release for release in begun if readable(release.version)), None)


def parse_effective(text: str) -> Effective:
    """Read ``2026-12-01`` as a date and ``2026-12-01T06:00+05:00`` as an instant.

    Raises:
        BadEffective: it is neither; a time without its offset is refused, since stores have zones of their own.
    """
    try:
        said = date.fromisoformat(text) if _DATE.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError as fault:
        raise BadEffective("expected a date, as 2026-12-01, or an instant, as 2026-12-01T06:00+05:00") from fault
    if not _FIRST_YEAR <= said.year <= _LAST_YEAR:
        raise BadEffective(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    if not isinstance(said, datetime):
        return said
    if said.utcoffset() is None:
        raise BadEffective("expected the offset behind the time, as 2026-12-01T06:00+05:00, or a date alone")
    return said.astimezone(UTC)


def effective_text(effective: Effective) -> str:
    """Write what `parse_effective` reads, instants in UTC."""
    return (effective.astimezone(UTC) if isinstance(effective, datetime) else effective).isoformat()
