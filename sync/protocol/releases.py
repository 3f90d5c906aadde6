"""Programmes, their releases and what a till says of itself, as values of JSON messages."""

import re
from collections.abc import Sequence
from typing import Any

from loyalty.numbers.limits import is_storable, require
from loyalty.programme.schedule import Release, effective_text, parse_effective
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import int64, short_text
from sync.protocol.values import MAX_PROGRAMME_BYTES, MAX_RELEASE_STORES, FeedProgramme, FeedRelease, TillFacts

MAX_STORE = 64
"""Most characters of a store's id, as in pairing."""
_VERSION = re.compile(r"[0-9a-f]{32}", re.ASCII)
_MAX_ID = 64
_FACTS = ("zone", "programme", "unreadable", "mismatch")
_MOST_AHEAD_S = 400 * 366 * 86_400


def programme_out(row: FeedProgramme) -> list[object]:
    """Write a programme row without its entity."""
    return [row.version, row.source]


def programme_in(rest: Sequence[Any]) -> FeedProgramme:
    """Read a programme row without its entity; ValueError or TypeError for another shape, as in `release_in`."""
    version, source = rest
    require(isinstance(source, str) and is_storable(source, MAX_PROGRAMME_BYTES), "a source")
    return FeedProgramme(version=_version(version), source=source)


def release_out(row: FeedRelease) -> list[object]:
    """Write a release row without its entity; no stores means all."""
    one = row.release
    return [one.number, one.programme, one.version, effective_text(one.effective), list(one.stores), row.withdrawn]


def release_in(rest: Sequence[Any]) -> FeedRelease:
    """Read a release row without its entity."""
    number, programme, version, effective, stores, withdrawn = rest
    require(isinstance(stores, list) and len(stores) <= MAX_RELEASE_STORES, "a list of stores")
    require(isinstance(effective, str) and isinstance(withdrawn, bool), "an effective instant, and true or false")
    release = Release(
        number=int64(number),
        programme=_text(programme, _MAX_ID),
        version=_version(version),
        effective=parse_effective(effective),
        stores=tuple(_text(store, MAX_STORE) for store in stores),
    )
    return FeedRelease(release=release, withdrawn=withdrawn)


def facts_out(facts: TillFacts) -> dict[str, object]:
    """Write what a till says of itself; what it does not say is not there."""
    said = {name: getattr(facts, name) for name in _FACTS}
    told: dict[str, object] = {name: value for name, value in said.items() if value is not None}
    if facts.clock_ahead_s is not None:
        told["clock_ahead_s"] = facts.clock_ahead_s
    return {**told, "rolled_back": True} if facts.rolled_back else told


def facts_in(given: dict[str, Any]) -> TillFacts:
    """Read what a till says of itself.

    Raises:
        SyncRefused: MALFORMED for what is no short text, or no number of seconds.
    """
    said = {name: short_text(given, name, 64) for name in _FACTS if given.get(name) is not None}
    ahead_s = given.get("clock_ahead_s")
    if ahead_s is not None and (type(ahead_s) is not int or abs(ahead_s) > _MOST_AHEAD_S):
        raise SyncRefused(SyncErrorCode.MALFORMED, "clock_ahead_s must be a number of seconds")
    return TillFacts(**said, rolled_back=given.get("rolled_back") is True, clock_ahead_s=ahead_s)


def _version(value: Any) -> str:
    require(isinstance(value, str) and _VERSION.fullmatch(value) is not None, "a version is 32 hex digits")
    return str(value)


def _text(value: Any, most: int) -> str:
    require(isinstance(value, str) and value != "" and is_storable(value, most), "a short text")
    return str(value)
