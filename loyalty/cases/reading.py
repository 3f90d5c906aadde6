"""From JSON to cases: strict, with every problem at once and the key that it is about.

The fields of the values are the keys of the format, so a key that is no field is unknown.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from loyalty.cases.baskets import BadTax, parse_tax
from loyalty.cases.case import FORMAT, Case
from loyalty.cases.figures import Figure, LocalTime, TaxText, is_figure
from loyalty.cases.steps import STEPS, Step
from loyalty.reading.problems import BadFile, Problem, ProblemCode, nearest

MAX_REPEAT = 1_000
MAX_COUNT = 10**15 - 1
_V = TypeVar("_V")


class _Reader:
    """Notes what is wrong and goes on; a value that could not be read is None and never used."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, key: str, fault: str, code: ProblemCode = ProblemCode.WRONG_VALUE) -> None:
        self.problems.append(Problem(line=None, key=key, fault=fault, code=code))

    def read(self, hint: Any, value: Any, key: str) -> Any:
        origin = get_origin(hint)
        if origin in (UnionType, Union):
            [hint] = [one for one in get_args(hint) if one is not NoneType]
            return self.read(hint, value, key)
        if origin is tuple:
            return self._list(get_args(hint)[0], value, key)
        if origin is Mapping:
            return self._map(get_args(hint)[1], value, key)
        if hint is Any:
            return value
        if hint is Step:
            return self._step(value, key)
        if is_dataclass(hint):
            return self._table(hint, value, key)
        return self._plain(hint, value, key)

    def _plain(self, hint: Any, value: Any, key: str) -> Any:
        if hint is Figure or hint is TaxText:
            return self._written(hint, value, key)
        if hint is LocalTime or hint is date:
            return self._time(hint, value, key)
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            if value in list(hint):
                return hint(value)
            return self.note(key, "expected one of " + ", ".join(hint))
        if type(value) is hint:
            return self._bounded(value, key)
        name = {str: "a text", int: "a whole number", bool: "true or false"}[hint]
        return self.note(key, f"expected {name}")

    def _written(self, hint: Any, value: Any, key: str) -> Any:
        text = value if isinstance(value, str) else ""
        try:
            if hint is Figure and not is_figure(text):
                return self.note(key, 'expected a decimal number as a text, as "12.50"')
            if hint is TaxText:
                parse_tax(text)
        except BadTax as fault:
            return self.note(key, str(fault))
        return value

    def _bounded(self, value: Any, key: str) -> Any:
        if isinstance(value, int) and abs(value) > MAX_COUNT:
            return self.note(key, f"expected at most {MAX_COUNT}", ProblemCode.TOO_LARGE)
        return value

    def _time(self, hint: Any, value: Any, key: str) -> Any:
        try:
            if hint is date:
                return date.fromisoformat(value)
            read = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            read = None
        if read is None or read.tzinfo is not None:
            return self.note(key, 'expected a date or the store\'s time as a text, as "2026-01-31T12:00"')
        return read

    def _list(self, hint: Any, value: Any, key: str) -> Any:
        if not isinstance(value, list):
            return self.note(key, "expected a list")
        return tuple(self.read(hint, item, f"{key}[{place}]") for place, item in enumerate(value, start=1))

    def _map(self, hint: Any, value: Any, key: str) -> Any:
        if not isinstance(value, dict):
            return self.note(key, "expected an object")
        return {name: self.read(hint, item, f"{key}.{name}") for name, item in value.items()}

    def _step(self, value: Any, key: str) -> Any:
        if not isinstance(value, dict):
            return self.note(key, "expected an object")
        kind = STEPS.get(str(value.get("do", "")))
        if kind is None:
            return self.note(f"{key}.do", "expected one of " + ", ".join(STEPS), ProblemCode.UNKNOWN_KIND)
        return self._table(kind, value, key)

    def _table(self, kind: Any, value: Any, key: str) -> Any:
        if not isinstance(value, dict):
            return self.note(key, "expected an object")
        before = len(self.problems)
        hints = _hints(kind)
        for name in sorted(value.keys() - hints.keys()):
            fault = f"unknown key{nearest(name, list(hints))}"
            self.note(f"{key}.{name}".lstrip("."), fault, ProblemCode.UNKNOWN_KEY)
        for name in sorted(_required(kind) - value.keys()):
            self.note(f"{key}.{name}".lstrip("."), "is missing", ProblemCode.MISSING)
        given = {
            name: self.read(hint, value[name], f"{key}.{name}".lstrip("."))
            for name, hint in hints.items()
            if name in value
        }
        return kind(**given) if len(self.problems) == before else None


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _required(kind: Any) -> frozenset[str]:
    return frozenset(one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING)


def read_cases(text: str, name: str) -> tuple[Case, ...]:
    """Read a file of one case or of a list of cases; ``name`` is what problems call the file.

    Raises:
        BadFile: with every problem found.
    """
    raw = _parsed(text, name)
    reader = _Reader()
    whole = raw if isinstance(raw, list) else [raw]
    cases = [
        reader.read(Case, one, f"[{place}]" if isinstance(raw, list) else "") for place, one in enumerate(whole, 1)
    ]
    if not reader.problems:
        _check(reader, cases)
    if reader.problems:
        raise BadFile(name, reader.problems)
    return tuple(cases)


def read_value(kind: type[_V], text: str, name: str) -> _V:
    """Read a file of one value whose fields are its keys, as strictly as cases; ``kind`` is a dataclass.

    Raises:
        BadFile: with every problem found.
    """
    reader = _Reader()
    value: _V = reader.read(kind, _parsed(text, name), "")
    if reader.problems:
        raise BadFile(name, reader.problems)
    return value


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError) as fault:
        line = fault.lineno if isinstance(fault, json.JSONDecodeError) else None
        said = fault.msg if isinstance(fault, json.JSONDecodeError) else str(fault)
        raise BadFile(name, [Problem(line=line, key="", fault=f"not JSON: {said}")]) from fault


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is a floating number; write decimals as texts")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _check(reader: _Reader, cases: list[Case]) -> None:
    """Check what lies between the keys of a case."""
    for case in cases:
        if case.format != FORMAT:
            reader.note(f"{case.id}.format", f"expected {FORMAT}")
        if not case.steps:
            reader.note(f"{case.id}.steps", "a case has at least one step")
        known: set[str] = set()
        for number, step in enumerate(case.steps, start=1):
            _check_step(reader, step, f"{case.id}.steps[{number}]", step_id(step, number), known)
            known.add(step_id(step, number))
        for variant in case.variants:
            for label in sorted({*variant.expect, *variant.skip} - known):
                key = f"{case.id}.variants.{variant.id}.{label}"
                reader.note(key, "names no step", ProblemCode.UNKNOWN_REFERENCE)


def _check_step(reader: _Reader, step: Step, key: str, label: str, known: set[str]) -> None:
    if label in known:
        reader.note(f"{key}.id", "is used by an earlier step", ProblemCode.REPEATED)
    of = getattr(step, "of", ())
    for one in (of,) if isinstance(of, str) else of:
        if one not in known:
            reader.note(f"{key}.of", "names no earlier step", ProblemCode.UNKNOWN_REFERENCE)
    if not 1 <= step.repeat <= MAX_REPEAT:
        reader.note(f"{key}.repeat", f"expected 1 to {MAX_REPEAT}")
    if step.at is not None and step.after is not None:
        reader.note(f"{key}.after", "stands beside at; give one or the other")


def step_id(step: Step, number: int) -> str:
    """Give what other steps call a step: its id, or its number from 1."""
    return step.id or str(number)
