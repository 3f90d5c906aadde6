"""What differs between two programme files, table by table and key by key.

A key written at its default is no change, nor is another way to write a number or another order of a list.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from loyalty.authoring.keys import KIND, keys_of_file, keys_of_kind
from loyalty.authoring.recording import Asked, KeyType, Path
from loyalty.numbers.scaled import format_scaled

_WITHOUT_ID = ("programme", "currency", "policies", "tiers", "referral", "offline")
_WITH_ID = ("unit", "tier", "category", "item", "segment", "budget", "coupon", "event", "goods", "rule", "reward")
_IGNORED = frozenset({"programme.label"})
"""A version has a label of its own: that is no change of what it does."""


class Way(StrEnum):
    """How something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        table: The kind of table, as ``rule``.
        id: The table's id; empty where there is one table of the kind.
        key: The dotted key that changed; empty where the whole table came or went.
        before: As text, or None where it was not written and has no default; so is ``after``.
    """

    way: Way
    table: str
    id: str = ""
    key: str = ""
    before: str | None = None
    after: str | None = None


def changes(before: str, after: str) -> tuple[Change, ...]:
    """Compare two programme files, which must be valid; in the order of the reference, then by id and key."""
    old, new = tomllib.loads(before), tomllib.loads(after)
    found: list[Change] = []
    for table in _WITHOUT_ID:
        found += _keys_changed(table, "", _table(old, table), _table(new, table))
    for table in _WITH_ID:
        found += _tables_changed(table, _by_id(old, table), _by_id(new, table))
    return tuple(found)


def _tables_changed(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for one in sorted(old.keys() | new.keys()):
        kind_before, kind_after = old.get(one, {}).get(KIND), new.get(one, {}).get(KIND)
        if one in old and (one not in new or kind_before != kind_after):
            yield Change(way=Way.REMOVED, table=table, id=one, before=kind_before)
        if one in new and (one not in old or kind_before != kind_after):
            yield Change(way=Way.ADDED, table=table, id=one, after=kind_after)
        elif one in old and one in new:
            yield from _keys_changed(table, one, old[one], new[one])


def _keys_changed(table: str, one: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before, after = _flat(table, old), _flat(table, new)
    for key in sorted(before.keys() | after.keys()):
        was, is_ = before.get(key), after.get(key)
        if was != is_ and f"{table}.{key}" not in _IGNORED:
            yield Change(way=Way.CHANGED, table=table, id=one, key=key, before=was, after=is_)


def _flat(table: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Give the keys of a table with their values as text, defaults included."""
    found: dict[str, str] = {}
    for asked, path in _asked(table, values):
        value = _at(values, path)
        if isinstance(value, Mapping) and KeyType.NAMES in asked.types:
            found |= {f"{_dotted(path)}.{language}": str(name) for language, name in value.items()}
        elif not isinstance(value, Mapping) and (value is not None or asked.default is not None):
            found[_dotted(path)] = _text(value if value is not None else asked.default, asked)
    return found


def _asked(table: str, values: Mapping[str, Any]) -> Iterator[tuple[Asked, Path]]:
    if table in {"rule", "reward"}:
        yield from ((one, one.path) for one in keys_of_kind(str(values[KIND])))
        return
    for one in keys_of_file():
        if one.path[0] == table and len(one.path) > 1:
            inner = one.path[2:] if one.path[1] == 0 else one.path[1:]
            if inner:
                yield one, inner


def _at(values: Any, path: Path) -> Any:
    for part in path:
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def _text(value: Any, asked: Asked) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, bool):
        return "true" if value else "false"
    if KeyType.DECIMAL in asked.types:
        return _decimal(Fraction(str(value)))
    return str(value)


def _decimal(value: Fraction) -> str:
    scale = next(scale for scale in range(20) if (value * 10**scale).denominator == 1)
    return format_scaled(int(value * 10**scale), scale)


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def _table(values: Mapping[str, Any], table: str) -> Mapping[str, Any]:
    found = values.get(table, {})
    return found if isinstance(found, Mapping) else {}


def _by_id(values: Mapping[str, Any], table: str) -> dict[str, Any]:
    return {str(one["id"]): one for one in values.get(table, [])}
