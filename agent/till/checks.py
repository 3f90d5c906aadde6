"""What every request keeps before anything looks at it: texts that every book can hold, and instants that are ones.

Baskets have checks of their own (`loyalty.sale.basket`), which name the line.
"""

from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import date, datetime
from typing import Any

from agent.till.requests import field_names
from loyalty.numbers.limits import MAX_TEXT, is_storable
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.ask import BY_HQ
from loyalty.sale.basket import BasketLine

_GROUPS = frozenset({"sale", "provenance"})
"""Parts that a request has for order's sake: the host sends what is in them beside everything else."""
_YEARS = range(1970, 3000)
_TEXT = f"expected at most {MAX_TEXT} characters, all of them storable"
_DATE = f"expected a date in the years {_YEARS.start} to {_YEARS.stop - 1}"
_HQ = f'"{BY_HQ}" is said by HQ alone, by the date'
_INSTANT = f"expected an instant with its offset from UTC, in the years {_YEARS.start} to {_YEARS.stop - 1}"


def check(request: object) -> Refusal | None:
    """Give the first field of a request that cannot be kept, or None."""
    return next(_faults(request, ""), None)


def _faults(value: Any, path: str) -> Iterator[Refusal]:
    for name in field_names(type(value)):
        item, place = getattr(value, name), f"{path}{name}"
        if isinstance(item, str):
            yield from _faults_in_text(item, place)
        elif isinstance(item, datetime):
            if item.utcoffset() is None or item.year not in _YEARS:
                yield Refusal(code=RefusalCode.BAD_REQUEST, field=place, detail=_INSTANT)
        elif isinstance(item, date):
            if item.year not in _YEARS:
                yield Refusal(code=RefusalCode.BAD_REQUEST, field=place, detail=_DATE)
        elif is_dataclass(item):
            yield from _faults(item, path if name in _GROUPS else f"{place}.")
        elif isinstance(item, tuple) and item and not isinstance(item[0], BasketLine):
            yield from _faults_in_list(item, place)


def _faults_in_list(items: tuple[Any, ...], place: str) -> Iterator[Refusal]:
    for number, one in enumerate(items, start=1):
        if is_dataclass(one):
            yield from _faults(one, f"{place}[{number}].")
        elif isinstance(one, str):
            yield from _faults_in_text(one, f"{place}[{number}]")


def _faults_in_text(text: str, place: str) -> Iterator[Refusal]:
    if not is_storable(text):
        yield Refusal(code=RefusalCode.BAD_REQUEST, field=place, detail=_TEXT)
    elif text == BY_HQ and place.startswith("action"):
        yield Refusal(code=RefusalCode.BAD_REQUEST, field=place, detail=_HQ)
