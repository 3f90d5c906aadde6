"""The figures that a case expects, and the same case with one of them changed."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def numbers(value: Any) -> Iterator[Decimal]:
    """Every decimal number in a JSON value, without its sign: products write discounts with either."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, str):
        if NUMBER.fullmatch(value):
            yield abs(Decimal(value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield abs(Decimal(str(value)))


def expectations(case: dict[str, Any]) -> list[Any]:
    """What a case expects of its steps, deferred ones included, and what it sets aside."""
    steps = [step.get("expect", {}) for step in case["steps"]]
    variants = [variant.get("expect", {}) for variant in case.get("variants", [])]
    aside = [one["figure"] for one in case.get("set_aside", [])]
    return [*steps, *variants, *aside]


def mutations(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every leaf of an expectation and another value for it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from mutations(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from mutations(inner, (*path, place))
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int):
        yield path, value + 1
    elif isinstance(value, str):
        yield path, other(path, value)


def other(path: tuple[Any, ...], value: str) -> str:
    """Another value of the same kind."""
    if NUMBER.fullmatch(value):
        return str(Decimal(value) + Decimal("0.01"))
    if path[-1] in {"expires_at", "usable_at"}:
        return "1999-01-01"
    return f"{value}x"


def put(root: Any, path: tuple[Any, ...], value: Any) -> None:
    """Set one leaf."""
    for part in path[:-1]:
        root = root[part]
    root[path[-1]] = value
