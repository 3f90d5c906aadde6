"""A detail as people may see it: card numbers and codes that are worth money are masked, whatever else there is stays.

Pure. Nothing of a detail that this program does not know is shown, since it may be anything.
"""

import json
from dataclasses import fields, is_dataclass
from typing import Any

from loyalty.cards import last_four
from loyalty.journal import detail as shapes

_KNOWN = frozenset(
    field.name
    for shape in vars(shapes).values()
    if isinstance(shape, type) and is_dataclass(shape)
    for field in fields(shape)
)
_CARDS = frozenset({"identifier"})
_CODES = frozenset({"code", "codes", "coupons", "withdrawn"})
_SECRET = frozenset({"salt"})
_DOTS = "••••"
NOT_SHOWN = "(not shown: unknown to this program)"


def masked_detail(detail: bytes) -> dict[str, Any] | None:
    """Give the fields of a detail for people; None where it is no JSON object."""
    try:
        given = json.loads(detail)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    card = given.get("identifier")
    hidden = card if isinstance(card, str) and card else None
    return _shown(given, hidden)


def _shown(given: dict[str, Any], card: str | None) -> dict[str, Any]:
    return {
        name: _masked(name, value, card) if name in _KNOWN else NOT_SHOWN
        for name, value in given.items()
        if name not in _SECRET
    }


def _masked(name: str, value: Any, card: str | None) -> Any:
    match value:
        case str():
            if name in _CARDS:
                return f"{_DOTS} {last_four(value)}".strip()
            if name in _CODES:
                return _DOTS
            return value.replace(card, _DOTS) if card is not None else value
        case list():
            return [_masked(name, one, card) for one in value]
        case dict():
            return _shown(value, card)
    return value
