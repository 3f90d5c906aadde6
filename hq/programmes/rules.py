"""What publishing must not do: break balances that outlive versions, or surprise the shops. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from hq.programmes.refusals import RefusedCode, ReleaseRefused
from hq.programmes.tables import Held
from loyalty.programme.model import Programme
from loyalty.programme.schedule import Effective, Release, begins_at, effective_text, in_force
from loyalty.reading.problems import nearest

ALL_STORES = ""
"""Stands for the stores that HQ does not know yet."""
_LATE = timedelta(days=1)
Zones = dict[str, tzinfo]
"""The known stores and their zones."""


def check_continuity(new: Held, live: Iterable[Held]) -> None:
    """Refuse a version under which balances would mean something else.

    Currency and its scale stay the same for a programme's id. A unit keeps its scale, kind and holder in all
    programmes, since balances name units and no programme.

    Raises:
        ReleaseRefused: CURRENCY_CHANGED or UNIT_CHANGED.
    """
    for old in live:
        said = f'as in version {old.version[:12]} ("{old.label}")'
        if old.programme == new.programme and (old.currency, old.currency_scale) != (new.currency, new.currency_scale):
            raise ReleaseRefused(
                RefusedCode.CURRENCY_CHANGED,
                f'programme "{new.programme}" counts in {old.currency} with scale {old.currency_scale}, {said}, and what '
                f"members have was counted so; give the new one another id",
            )
        for unit in sorted(old.units.keys() & new.units.keys()):
            if old.units[unit] != new.units[unit]:
                raise ReleaseRefused(
                    RefusedCode.UNIT_CHANGED,
                    f'unit "{unit}" has {_unit(old.units[unit])}, {said}, and cannot become {_unit(new.units[unit])}: '
                    f"balances outlive versions; give the new unit another id",
                )


def doubts(new: Held, live: Iterable[Held]) -> tuple[str, ...]:
    """Give what may not be meant: units that members may have and the version lacks, and a label used before."""
    others = [old for old in live if old.programme == new.programme and old.version != new.version]
    lost = sorted({unit for old in others for unit in old.units} - new.units.keys())
    said = [
        f'this version has no unit "{unit}", which an earlier one has: what members have of it stays and cannot be used'
        for unit in lost
    ]
    said += [
        f'version {old.version[:12]} has the label "{new.label}" too; to name either, use its first digits'
        for old in others
        if old.label == new.label
    ]
    return tuple(said)


def idle_days(programme: Programme, effective: Effective) -> tuple[str, ...]:
    """Say where a version awards nothing when it begins, by its own dates."""
    day = effective.date() if isinstance(effective, datetime) else effective
    if programme.valid_until is not None and programme.valid_until < day:
        return (f"this version awards nothing: its valid_until, {programme.valid_until}, is over when it begins",)
    if programme.valid_from is not None and programme.valid_from > day + _LATE:
        return (f"this version awards nothing before its valid_from, {programme.valid_from}",)
    return ()


def check_stores(stores: Collection[str], known: Collection[str]) -> None:
    """Refuse stores that HQ does not know.

    Raises:
        ReleaseRefused: UNKNOWN_STORE, with the one that was meant.
    """
    unknown = sorted(set(stores) - set(known))
    if unknown:
        meant = nearest(unknown[0], sorted(known)) if known else "; no till was paired yet"
        raise ReleaseRefused(
            RefusedCode.UNKNOWN_STORE,
            f"no till was paired for store {', '.join(unknown)} (to name it all the same, say --new-store){meant}",
        )


def check_order(new: Release, live: Sequence[Release], zones: Zones, now: datetime) -> None:
    """Refuse a beginning in the past, or before one that is planned already for the same stores.

    Raises:
        ReleaseRefused: OUT_OF_ORDER, with what stands in the way.
    """
    places = zones_of(new, zones)
    if all(begins_at(new.effective, zone) < now - _LATE for zone in places):
        raise ReleaseRefused(
            RefusedCode.OUT_OF_ORDER,
            f"{effective_text(new.effective)} is past: tills would switch at once, and sales that they report late would "
            "count by it; without --effective it begins now, and --out-of-order begins it then all the same",
        )
    for old in reversed(live):
        shared = zones_of(replace(new, stores=_shared(new, old)), zones) if meet(new, old) else ()
        if any(begins_at(new.effective, zone) < begins_at(old.effective, zone) for zone in shared):
            raise ReleaseRefused(
                RefusedCode.OUT_OF_ORDER,
                f"release {old.number} begins {effective_text(old.effective)} in {stores_text(old)} and would replace "
                f"this one then; withdraw it first, choose a later --effective, or say --out-of-order",
            )


def meet(one: Release, other: Release) -> bool:
    """Tell whether two releases are for some of the same stores."""
    return not one.stores or not other.stores or bool(set(one.stores) & set(other.stores))


def zones_of(release: Release, zones: Zones) -> tuple[tzinfo, ...]:
    """Give the known zones of a release's stores; UTC where no till said one."""
    return tuple(zone for store, zone in zones.items() if release.covers(store)) or (UTC,)


def has_begun(release: Release, zones: Zones, now: datetime) -> bool:
    """Tell whether a release has begun in one of its stores."""
    return any(begins_at(release.effective, zone) <= now for zone in zones_of(release, zones))


def in_force_at(effective: Effective, stores: Sequence[str], live: Sequence[Release], zones: Zones) -> set[str | None]:
    """Give the versions in force in some stores (none: all known ones) when a release of theirs would begin."""
    places = {store: zones.get(store, UTC) for store in stores} or zones or {ALL_STORES: UTC}
    found = (in_force(live, store, zone, begins_at(effective, zone)) for store, zone in places.items())
    return {release.version if release is not None else None for release in found}


def stores_text(release: Release) -> str:
    """Write where a release is."""
    return ", ".join(release.stores) if release.stores else "all stores"


def _shared(one: Release, other: Release) -> tuple[str, ...]:
    if not one.stores or not other.stores:
        return one.stores or other.stores
    return tuple(sorted(set(one.stores) & set(other.stores)))


def _unit(facts: tuple[int, str, str]) -> str:
    scale, kind, holder = facts
    return f"scale {scale}, kind {kind} and holder {holder}"
