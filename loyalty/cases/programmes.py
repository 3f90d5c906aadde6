"""The programme of a case: JSON to the text of a programme file, so that there is one reader of programmes.

What the format lets a case leave out is filled in here; nothing else is changed.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.reading.problems import BadFile, Problem, ProblemCode

_DATES = frozenset({"valid_from", "valid_until", "from", "until", "at"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?", re.ASCII)
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_NOT_AN_ID = re.compile(r"[^a-z0-9_-]+")
_NAMED = ("unit", "tier", "category", "item", "segment", "coupon", "event")
"""Kinds of tables that need names; a case may leave them to be the ids."""


def case_programme(content: Mapping[str, Any], case: str) -> Programme:
    """Read the programme of ``case``.

    Raises:
        BadFile: with every problem; its keys are those of the programme.
    """
    return read_programme(programme_text(content, case), f"{case}: programme")


def programme_text(content: Mapping[str, Any], case: str) -> str:
    """Write the programme of ``case`` as TOML."""
    return _toml(_filled(content, case))


def changed(content: Mapping[str, Any], change: Mapping[str, Any], case: str) -> dict[str, Any]:
    """Give the programme with other values at some paths; elements of lists of tables are named by their id.

    Raises:
        BadFile: a path leads through something that is not there.
    """
    copy: dict[str, Any] = json.loads(json.dumps(content))
    for path, value in change.items():
        *way, last = path.split(".")
        place: Any = copy
        for part in way:
            place = _inside(place, part, path, case)
        if not isinstance(place, dict):
            raise _no_way(path, case)
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return copy


def _inside(place: Any, part: str, path: str, case: str) -> Any:
    if isinstance(place, list):
        found = [one for one in place if isinstance(one, dict) and one.get("id") == part]
        if len(found) == 1:
            return found[0]
    elif isinstance(place, dict):
        return place.setdefault(part, {})
    raise _no_way(path, case)


def _no_way(path: str, case: str) -> BadFile:
    problem = Problem(line=None, key=path, fault="leads nowhere in the programme", code=ProblemCode.UNKNOWN_REFERENCE)
    return BadFile(case, [problem])


def _filled(content: Mapping[str, Any], case: str) -> dict[str, Any]:
    filled: dict[str, Any] = json.loads(json.dumps(content))
    usual = {"id": f"case-{_NOT_AN_ID.sub('-', case.lower())}"[:40], "label": "1", "names": {"en": case}}
    for key, values in (("programme", usual), ("currency", {"code": "XXX"})):
        if isinstance(filled.setdefault(key, {}), dict):
            filled[key] = {**values, **filled[key]}
    for kind in _NAMED:
        tables = filled.get(kind)
        for table in tables if isinstance(tables, list) else ():
            if isinstance(table, dict) and not (kind == "unit" and table.get("id") == "points"):
                table.setdefault("names", {"en": str(table.get("id", "?"))})
    return filled


def _toml(values: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for key, value in values.items():
        if _is_tables(value):
            for table in value:
                lines += [f"[[{_key(key)}]]", *_body(table)]
        else:
            lines += [f"[{_key(key)}]", *_body(value)] if isinstance(value, Mapping) else _body({key: value})
    return "\n".join(lines) + "\n"


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _body(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(key, value)}" for key, value in table.items()]


def _value(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(name, inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value("", one) for one in value) + "]"
    if isinstance(value, str) and key in _DATES and _DATE.fullmatch(value):
        return value if "T" not in value or value.count(":") == 2 else f"{value}:00"
    return json.dumps(value, ensure_ascii=True)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key)
