"""What a reader asks of a table: found out by letting it read tables that were never written.

A reader asks for keys by name and type, and some of its questions depend on what is written. So it reads many times:
nothing written, everything written, each optional key alone, everything but that key, and each choice. What it asked
in any of these is what the file may say. It knows no TOML and no JSON Schema.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from loyalty.holding.units import POINTS
from loyalty.numbers.limits import INT64_MAX, MAX_SCALE, MAX_TEXT
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Document, Table

Path = tuple[str | int, ...]
_E = TypeVar("_E", bound=StrEnum)
_STAND_INS = (POINTS, "x")
"""What a text is taken to say: the unit that every programme has, and an id of anything else."""


class KeyType(StrEnum):
    """What a key holds."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    TEXTS = "texts"
    NAMES = "names"
    DATE = "date"
    LOCAL = "local"
    """A date, or an instant of the store's own clock."""
    TABLE = "table"
    TABLES = "tables"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One key that a reader asks for.

    Attributes:
        path: Keys from the table that was read; 0 stands for any element of an array of tables.
        types: Usually one; a key that may be of several has several.
        required: It must be written wherever its table is.
        default: As written in a file, or None for none.
        least: Of a whole number, or of a decimal in steps; 1 means more than zero.
        most: Of a whole number, or characters of a text, or None.
        scale: Decimals of a decimal.
        choices: What a choice may be.
    """

    path: Path
    types: frozenset[KeyType]
    required: bool = False
    default: str | int | bool | tuple[str, ...] | None = None
    least: int | None = None
    most: int | None = None
    scale: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    """What one reading takes the tables to hold.

    Attributes:
        text: What every text says.
        everything: Every optional key is written, but for ``but``; else none is, but for ``but`` and where it stands.
        chosen: (path, choice) of the one key that does not stand at its default.
    """

    text: str
    everything: bool
    but: Path | None = None
    chosen: tuple[Path, str] | None = None

    def has(self, path: Path) -> bool:
        if self.everything:
            return path != self.but
        wanted = self.but or (self.chosen[0] if self.chosen is not None else ())
        return path == wanted[: len(path)]


def record(read: Callable[[Table], object]) -> tuple[Asked, ...]:
    """Let ``read`` read one table again and again; gives all that it asked for, in the order of asking.

    Raises:
        ValueError: ``read`` does not read what stands in for a value; a reader must read anything.
    """
    found: dict[Path, Asked] = {}
    must: set[Path] = set()
    may: set[Path] = set()
    planned: set[object] = set()
    waiting = deque(_Guess(text=text, everything=everything) for text in _STAND_INS for everything in (False, True))
    while waiting:
        log = _Log(waiting.popleft())
        read(_Recording(log, ()))
        must |= log.demanded()
        may |= log.spared()
        for asked in log.asked.values():
            found[asked.path] = _merged(found.get(asked.path), asked)
        waiting.extend(_further(log, planned))
    return tuple(replace(one, required=one.path in must - may) for one in found.values())


def _further(log: "_Log", planned: set[object]) -> Iterator[_Guess]:
    """Plan readings for what was asked for the first time."""
    for path in log.seen:
        asked = log.asked.get(path)
        choices = asked.choices if asked is not None else ()
        for chosen in (None, *choices):
            if (path, chosen) in planned:
                continue
            planned.add((path, chosen))
            for everything in (False, True):
                guess = _Guess(text=_STAND_INS[-1], everything=everything)
                yield replace(guess, but=path) if chosen is None else replace(guess, chosen=(path, chosen))


def _merged(before: Asked | None, asked: Asked) -> Asked:
    if before is None or before == asked:
        return asked
    full = before if before.types - {KeyType.TABLE} else asked
    return replace(full, types=before.types | asked.types)


class _Silence(Document):
    """A document that nobody wrote: whatever is wrong with it is no matter."""

    def __init__(self) -> None:
        self.name = ""
        self.problems = []

    def note(self, path: Path, fault: str, code: ProblemCode = ProblemCode.WRONG_VALUE) -> None:
        pass


class _Log:
    """What one reading asked for."""

    def __init__(self, guess: _Guess) -> None:
        self.guess = guess
        self.document = _Silence()
        self.asked: dict[Path, Asked] = {}
        self._optional: dict[Path, None] = {}

    def allow(self, path: Path) -> bool:
        """Note that the reader asked whether a key is written, and tell it."""
        self._optional[path] = None
        return self.guess.has(path)

    def note(self, path: Path, kind: KeyType, **more: Any) -> None:
        """Note that the reader asked for a value."""
        before = self.asked.get(path)
        more["required"] = more.get("required", False) or (before is not None and before.required)
        merged = _merged(before, Asked(path=path, types=frozenset({kind}), **more))
        self.asked[path] = replace(merged, required=more["required"])

    @property
    def seen(self) -> list[Path]:
        """All keys that were asked for in any way, in the order of asking."""
        return list({**self._optional, **dict.fromkeys(self.asked)})

    def demanded(self) -> set[Path]:
        """Give the keys that the reader wanted though they were not written and have no default."""
        return {path for path, one in self.asked.items() if one.required and not self._written(path)}

    def spared(self) -> set[Path]:
        """Give the keys that were not written and that the reader did without."""
        return {path for path in self.seen if not self._written(path)} - self.demanded()

    def _written(self, path: Path) -> bool:
        return path in self._optional and self.guess.has(path)


class _Recording(Table):
    """A table that answers every question with something that fits, and writes the question down."""

    def __init__(self, log: _Log, path: Path) -> None:
        super().__init__(log.document, path, {})
        self._log = log

    def has(self, key: str) -> bool:
        return self._log.allow(self._at(key))

    def peek(self, key: str) -> Any:  # noqa: ARG002  # its type is what is being found out
        return self._log.guess.text if self._log.guess.text == POINTS else None

    def written(self) -> list[str]:
        return []

    def text(self, key: str, default: str | None = None, *, most: int = MAX_TEXT) -> str:
        self._log.note(self._at(key), KeyType.TEXT, required=default is None, default=default, most=most)
        return default if default is not None else self._log.guess.text

    def integer(self, key: str, default: int | None = None, *, least: int = 0, most: int = INT64_MAX) -> int:
        self._log.note(
            self._at(key), KeyType.INTEGER, required=default is None, default=default, least=least, most=most
        )
        if key == "scale":
            return MAX_SCALE  # so that every amount that is counted with it is asked for with the most decimals
        return default if default is not None else least

    def boolean(self, key: str, default: bool | None = None) -> bool:
        self._log.note(self._at(key), KeyType.BOOLEAN, required=default is None, default=default)
        return bool(default)

    def scaled(self, key: str, scale: int, default: str | None = None, *, least: int = 0) -> int:
        self._log.note(
            self._at(key), KeyType.DECIMAL, required=default is None, default=default, least=least, scale=scale
        )
        return max(least, 1)

    def choice(self, key: str, kind: type[_E], default: _E | None = None) -> _E:
        path = self._at(key)
        said = str(default) if default is not None else None
        self._log.note(path, KeyType.CHOICE, required=default is None, default=said, choices=tuple(kind))
        chosen = self._log.guess.chosen
        if chosen is not None and chosen[0] == path:
            return kind(chosen[1])
        return default if default is not None else next(iter(kind))

    def texts(self, key: str, default: Sequence[str] | None = None, *, most: int = 1_000) -> tuple[str, ...]:
        given = tuple(default) if default is not None else None
        self._log.note(self._at(key), KeyType.TEXTS, required=default is None, default=given or None, most=most)
        return given or ()

    def table(self, key: str) -> Table:
        self._log.note(self._at(key), KeyType.TABLE)
        return self._inner((*self.path, key))

    def tables(self, key: str, *, most: int = 1_000) -> list[Table]:
        self._log.note(self._at(key), KeyType.TABLES, most=most)
        return [self._inner((*self.path, key, 0))]

    def free_texts(self, key: str) -> dict[str, str]:
        self._log.note(self._at(key), KeyType.NAMES, required=True)
        return {"en": self._log.guess.text}

    def optional_date(self, key: str) -> date | None:
        self.has(key)
        self._log.note(self._at(key), KeyType.DATE)
        return None

    def optional_local(self, key: str, expected: str) -> date | datetime | None:  # noqa: ARG002  # nothing is wrong
        self.has(key)
        self._log.note(self._at(key), KeyType.LOCAL)
        return None

    def _at(self, key: str) -> Path:
        return (*self.path, key)

    def _inner(self, path: Path) -> Table:
        return self._children.setdefault(path, _Recording(self._log, path))


def by_table(asked: Sequence[Asked]) -> Mapping[Path, tuple[Asked, ...]]:
    """Give the keys of each table by the table's path."""
    tables: dict[Path, list[Asked]] = {}
    for one in asked:
        tables.setdefault(one.path[:-1], []).append(one)
    return {path: tuple(found) for path, found in tables.items()}
