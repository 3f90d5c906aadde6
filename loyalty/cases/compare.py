"""What was expected against what came: differences as values.

Both sides are texts, numbers, flags, maps and lists. A map on the expected side is a part of the other; a figure, flag
or map that did not come counts as zero, false or empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

UNORDERED = frozenset({"changes", "segments"})
"""Keys whose lists may come in any order."""
PARTS = frozenset({"says"})
"""Keys whose lists are parts of what came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that came otherwise.

    Attributes:
        step: The step's id.
        key: What is expected, as ``rewards.ten.discount``.
        expected: As the case writes it.
        got: What came, as text.
    """

    step: str
    key: str
    expected: str
    got: str


def differences(step: str, expected: Any, got: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Compare all that an `Expect` says with what came."""
    return tuple(
        Difference(step=step, key=key, expected=_text(one), got=_text(other))
        for key, one, other in _compare("", expected, got)
    )


def said(expected: Any) -> Iterator[tuple[str, Any]]:
    """Give the fields of an expectation that say something."""
    for one in fields(expected):
        value = getattr(expected, one.name)
        if value is not None:
            yield one.name, value


def _compare(key: str, expected: Any, got: Any) -> Iterator[tuple[str, Any, Any]]:
    if is_dataclass(expected) or isinstance(expected, Mapping):
        other = got if isinstance(got, Mapping) else {}
        inner = dict(said(expected)) if is_dataclass(expected) else dict(expected)
        if not isinstance(got, (Mapping, type(None))):
            yield key, expected, got
        for name, value in inner.items():
            yield from _compare(f"{key}.{name}".lstrip("."), value, other.get(name))
    elif isinstance(expected, tuple):
        yield from _lists(key, expected, got)
    elif not _same(expected, got):
        yield key, expected, got


def _lists(key: str, expected: tuple[Any, ...], got: Any) -> Iterator[tuple[str, Any, Any]]:
    other = list(got) if isinstance(got, (list, tuple)) else []
    parts = set(key.split("."))
    if parts & PARTS:
        missing = [one for one in expected if one not in other]
        if missing:
            yield key, expected, got
        return
    if parts & UNORDERED:
        expected, other = tuple(sorted(expected, key=_order)), sorted(other, key=_order)
    if len(expected) != len(other):
        yield key, expected, got
        return
    for place, (one, another) in enumerate(zip(expected, other, strict=True), start=1):
        yield from _compare(f"{key}[{place}]", one, another)


def _same(expected: Any, got: Any) -> bool:
    if isinstance(expected, bool):
        return expected is (got if got is not None else False)
    if isinstance(expected, int):
        return expected == (got if got is not None else 0)
    if isinstance(expected, datetime):
        return bool(expected == got)
    number = _number(expected)
    if number is None:
        return bool(expected == (got if got is not None else ""))
    return number == (_number(got) if got is not None else 0)


def _number(text: Any) -> Fraction | None:
    try:
        return Fraction(text)
    except (TypeError, ValueError):
        return None


def _order(value: Any) -> tuple[Fraction, str]:
    return _number(value) or Fraction(0), str(value)


def _text(value: Any) -> str:
    if is_dataclass(value):
        return _text(dict(said(value)))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_text(inner) for inner in value) + "]"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return str(value) or '""'
