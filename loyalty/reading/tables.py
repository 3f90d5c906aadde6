"""Strict tables: each value is asked for by name and type, and what nobody asked for is a problem.

Reading never stops at the first fault. A value that is missing or wrong is noted and replaced by a stand-in of
the right type, and `Document.finish` raises when anything was noted; so a stand-in is never used.
"""

import re
import tomllib
from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from loyalty.numbers.limits import INT64_MAX, MAX_TEXT, is_storable
from loyalty.numbers.scaled import NotScaled, parse_scaled
from loyalty.reading.places import Path, Places
from loyalty.reading.problems import BadFile, Problem, ProblemCode, nearest

_E = TypeVar("_E", bound=StrEnum)
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_TOML_END = "(at end of document)"
_KEY_END = re.compile("[=#]")
_MAX_PARTS = 1_000
"""Most dots before the value of a line: the parser takes the square of them in time, and so do `Places`."""
_MAX_DEPTH = 50
"""Most tables and arrays in each other."""


class Document:
    """One TOML text being read."""

    def __init__(self, text: str, name: str) -> None:
        """Parse ``text``; ``name`` is what problems call the file.

        Raises:
            BadFile: the text is not TOML.
        """
        self.name = name
        self.problems: list[Problem] = []
        try:
            values = _loaded(text)
        except (ValueError, RecursionError) as fault:
            raise BadFile(name, [_not_toml(fault, text)]) from fault
        self.places = Places(text)
        self.root = Table(self, (), values)

    def note(self, path: Path, fault: str, code: ProblemCode = ProblemCode.WRONG_VALUE) -> None:
        """Note a problem at ``path``."""
        problem = Problem(line=self.places.line(path), key=dotted(path), fault=fault, code=code)
        if problem not in self.problems:
            self.problems.append(problem)

    def finish(self) -> None:
        """Raise `BadFile` with every problem noted, in the order of the file's lines."""
        self.root.close()
        if self.problems:
            raise BadFile(self.name, sorted(self.problems, key=lambda problem: problem.line or 0))


class Table:
    """One table of a document. Ask for its values, then `close` notes what nobody asked for."""

    def __init__(self, document: Document, path: Path, values: dict[str, Any]) -> None:
        self.document = document
        self.path = path
        self._values = values
        self._known: list[str] = []
        self._children: dict[Path, Table] = {}
        self._forgiven = False

    def has(self, key: str) -> bool:
        """Tell whether ``key`` is written; it counts as known from then on."""
        self._know(key)
        return key in self._values

    def peek(self, key: str) -> Any:
        """Give the value of ``key`` as TOML has it, or None; for keys that may be of several types."""
        self._know(key)
        return self._values.get(key)

    def written(self) -> list[str]:
        """Give the keys as written; for tables whose keys are free, such as languages."""
        return list(self._values)

    def note(self, key: str, fault: str, code: ProblemCode = ProblemCode.WRONG_VALUE) -> None:
        """Note a problem with ``key`` of this table."""
        self.document.note((*self.path, key), fault, code)

    def text(self, key: str, default: str | None = None, *, most: int = MAX_TEXT) -> str:
        """Give a text of 1 to ``most`` characters."""
        value = self._value(key, default, "a text")
        if isinstance(value, str) and value and is_storable(value, most):
            return value
        if value is not None:
            self.note(key, f"expected a text of 1 to {most} characters")
        return ""

    def optional_text(self, key: str, *, most: int = MAX_TEXT) -> str | None:
        """Give a text, or None where it is not written."""
        return self.text(key, most=most) if self.has(key) else None

    def integer(self, key: str, default: int | None = None, *, least: int = 0, most: int = INT64_MAX) -> int:
        """Give a whole number from ``least`` to ``most``."""
        value = self._value(key, default, "a whole number")
        if type(value) is int and least <= value <= most:
            return value
        if value is not None:
            bound = f"from {least} to {most}" if most < INT64_MAX else f"of at least {least}"
            self.note(key, f"expected a whole number {bound}")
        return least

    def boolean(self, key: str, default: bool | None = None) -> bool:
        """Give true or false."""
        value = self._value(key, default, "true or false")
        if isinstance(value, bool):
            return value
        if value is not None:
            self.note(key, "expected true or false")
        return False

    def scaled(self, key: str, scale: int, default: str | None = None, *, least: int = 0) -> int:
        """Give a decimal, written as text or as a whole number, in steps of ``10**-scale``."""
        value = self._value(key, default, 'a decimal in quotes, as "12.50"')
        if value is None:
            return max(least, 1)
        if type(value) is not int and not isinstance(value, str):
            self.note(key, 'expected a decimal in quotes, as "12.50"')
            return max(least, 1)
        try:
            steps = parse_scaled(str(value), scale)
        except NotScaled as fault:
            code = ProblemCode.TOO_LARGE if "too large" in str(fault) else ProblemCode.WRONG_VALUE
            self.note(key, str(fault) if str(fault).startswith("expected") else f"the number {fault}", code)
            return max(least, 1)
        if steps < least:
            zero = least == 1 and steps == 0
            self.note(
                key,
                "must be more than zero" if least == 1 else "must not be negative",
                ProblemCode.RATE_ZERO if zero else ProblemCode.WRONG_VALUE,
            )
            return max(least, 1)
        return steps

    def choice(self, key: str, kind: type[_E], default: _E | None = None) -> _E:
        """Give one of the values of an enumeration."""
        value = self._value(key, default, "one of " + ", ".join(kind))
        try:
            return kind(value)
        except ValueError:
            if value is not None:
                self.note(key, "expected one of " + ", ".join(kind))
            return next(iter(kind))

    def texts(self, key: str, default: Sequence[str] | None = None, *, most: int = 1_000) -> tuple[str, ...]:
        """Give a list of texts."""
        value = self._value(key, None if default is None else list(default), "a list of texts")
        if isinstance(value, list) and len(value) <= most and all(map(_is_text, value)):
            return tuple(value)
        if value is not None:
            self.note(key, f"expected a list of at most {most} texts")
        return ()

    def table(self, key: str) -> "Table":
        """Give a table; an absent one reads as empty, so that required keys in it are reported."""
        self._know(key)
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            self.note(key, f"expected a table, as [{dotted((*self.path, key))}]")
            value = {}
        return self._child((*self.path, key), value)

    def tables(self, key: str, *, most: int = 1_000) -> "list[Table]":
        """Give an array of tables; an absent one is empty."""
        self._know(key)
        value = self._values.get(key, [])
        if not isinstance(value, list) or len(value) > most or not all(isinstance(item, dict) for item in value):
            self.note(key, f"expected at most {most} tables, each as [[{dotted((*self.path, key))}]]")
            value = []
        return [self._child((*self.path, key, place), item) for place, item in enumerate(value)]

    def free_texts(self, key: str) -> dict[str, str]:
        """Give a table of texts whose keys are free."""
        inner = self.table(key)
        return {name: inner.text(name) for name in inner.written()}

    def optional_date(self, key: str) -> date | None:
        """Give a date, or None where it is not written."""
        if not self.has(key):
            return None
        value = self._values[key]
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.note(key, "expected a date without quotes, as 2026-01-31")
        return None

    def note_repeated(self) -> None:
        """Note that another table of this kind has the id already."""
        self.note("id", "is used by an earlier table of this kind", ProblemCode.REPEATED)

    def note_unknown(self, key: str, kind: str, known: Collection[str], given: str | None = None) -> None:
        """Note that ``key`` refers to a ``[[kind]]`` that there is not, and which one may be meant.

        Args:
            key: The key.
            kind: The name of the tables.
            known: Their ids.
            given: What is written, where it is one of several; else the key's value.
        """
        value = given if given is not None else self._values.get(key)
        way = nearest(value, sorted(known)) if known and isinstance(value, str) else "; add one"
        self.note(key, f"names no [[{kind}]] of this programme{way}", ProblemCode.UNKNOWN_REFERENCE)

    def optional_local(self, key: str, expected: str) -> date | datetime | None:
        """Give a date or an instant of the store's own clock (naive), or None where it is not written."""
        if not self.has(key):
            return None
        value = self._values[key]
        if isinstance(value, date) and not (isinstance(value, datetime) and value.tzinfo is not None):
            return value
        self.note(key, expected)
        return None

    def forgive(self) -> None:
        """Do not report unknown keys of this table: a fault noted before explains them."""
        self._forgiven = True

    def close(self) -> None:
        """Note every key that nobody asked for, here and in the tables inside."""
        for key in self._values:
            if key not in self._known and not self._forgiven:
                self.note(key, f"unknown key{nearest(key, self._known)}", ProblemCode.UNKNOWN_KEY)
        for child in self._children.values():
            child.close()

    def _child(self, path: Path, values: dict[str, Any]) -> "Table":
        return self._children.setdefault(path, Table(self.document, path, values))

    def _know(self, key: str) -> None:
        if key not in self._known:
            self._known.append(key)

    def _value(self, key: str, default: Any, expected: str) -> Any:
        self._know(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            self.note(key, f"is missing; expected {expected}", ProblemCode.MISSING)
        return default


def _is_text(item: object) -> bool:
    return isinstance(item, str) and item != "" and is_storable(item)


def _loaded(text: str) -> dict[str, Any]:
    """Parse a text whose nesting is within bounds, so that whoever walks its values may do so by recursion."""
    if any(_KEY_END.split(line, maxsplit=1)[0].count(".") > _MAX_PARTS for line in text.split("\n")):
        raise RecursionError
    values = tomllib.loads(text)
    level: list[Any] = [values]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return values
    raise RecursionError


def _not_toml(fault: Exception, text: str) -> Problem:
    said = str(fault) if isinstance(fault, tomllib.TOMLDecodeError) else "a number or a nesting is beyond all bounds"
    place = _TOML_LINE.search(said)
    line = int(place.group(1)) if place else text.count("\n") + 1 if _TOML_END in said else None
    reason = _TOML_LINE.sub("", said).replace(_TOML_END, "").strip()
    return Problem(line=line, key="", fault=f"not TOML: {reason}", code=ProblemCode.NOT_TOML)


def dotted(path: Path) -> str:
    """Write a path as people do: ``rule[2].when.from``; elements count from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
