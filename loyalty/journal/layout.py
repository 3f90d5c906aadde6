"""From frozen dataclasses to JSON objects and back, by tables that are built once from their fields.

Field names are the keys. Written: whole numbers, texts, booleans, bytes as lower-case hex, nested classes and
tuples; a field that is None or at its default is left out. Reading checks every type, so that what comes out is
what the annotations say, whoever sent the bytes.

Source: docs/SPEC-journal.md, section 3.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from loyalty.journal.shapes import MalformedEntry
from loyalty.numbers.limits import fits_int64

_T = TypeVar("_T")
_Write = Callable[[Any], object]
_Read = Callable[[Any], Any]


class Layout(Generic[_T]):
    """How the values of one dataclass stand in JSON."""

    def __init__(self, kind: type[_T]) -> None:
        """Build the tables; the annotations may use only the types that the module's docstring names."""
        self._kind = kind
        types = get_type_hints(kind)
        named = sorted(fields(kind), key=lambda field: field.name)  # type: ignore[arg-type]
        self._writes = tuple((field.name, field.default, _writer(types[field.name])) for field in named)
        self._reads = {field.name: _reader(types[field.name]) for field in named}
        self._needed = {field.name for field in named if field.default is MISSING}
        self._absent: dict[str, Any] = {name: None for name in self._needed if _may_be_none(types[name])}
        self._needed -= self._absent.keys()

    def write(self, value: _T) -> dict[str, object]:
        """Give ``value`` as a JSON object, keys sorted."""
        written: dict[str, object] = {}
        for name, default, write in self._writes:
            item = getattr(value, name)
            if item is None or item is default or item == default:
                continue
            written[name] = item if write is None else write(item)
        return written

    def read(self, given: object) -> _T:
        """Read a JSON object.

        Raises:
            MalformedEntry: a field is missing, unknown or of another type.
        """
        if not isinstance(given, dict):
            raise MalformedEntry("must be an object")
        if not given.keys() <= self._reads.keys():
            raise MalformedEntry("a field is unknown")
        if not self._needed <= given.keys():
            raise MalformedEntry("a field is missing")
        read = dict(self._absent)
        for name, value in given.items():
            try:
                read[name] = self._reads[name](value)
            except MalformedEntry as fault:
                raise MalformedEntry(f"{name}: {fault}") from fault
        try:
            return self._kind(**read)
        except ValueError as fault:
            raise MalformedEntry("a value is out of bounds") from fault


def _may_be_none(hint: Any) -> bool:
    return NoneType in get_args(hint)


def _without_none(hint: Any) -> Any:
    return next(part for part in get_args(hint) if part is not NoneType) if _may_be_none(hint) else hint


def _writer(hint: Any) -> _Write | None:
    """Give what turns a value into JSON, or None where the value is JSON already."""
    kind = _without_none(hint)
    if kind is bytes:
        return bytes.hex
    if is_dataclass(kind):
        return Layout(kind).write  # type: ignore[arg-type]
    if get_origin(kind) is tuple:
        return _writer_of_items(get_args(kind)[0])
    return None


def _writer_of_items(kind: Any) -> _Write:
    if kind in _PLAIN and kind is not bytes:
        return list
    one = _writer(kind) if is_dataclass(kind) else _writer_of_pair(get_args(kind))
    return lambda items: [one(item) for item in items]  # type: ignore[misc]


def _writer_of_pair(parts: tuple[Any, ...]) -> _Write:
    writers = [_writer(part) for part in parts]
    if not any(writers):
        return list
    return lambda pair: [
        item if write is None or item is None else write(item) for write, item in zip(writers, pair, strict=True)
    ]


def _reader(hint: Any) -> _Read:
    kind = _without_none(hint)
    if is_dataclass(kind):
        return Layout(kind).read  # type: ignore[arg-type]
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        return _reader_of_items(_reader(parts[0])) if parts[-1] is ... else _reader_of_pair(parts)
    return _PLAIN[kind]


def _reader_of_items(one: _Read) -> _Read:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise MalformedEntry("must be a list")
        return tuple(one(item) for item in value)

    return read


def _reader_of_pair(parts: tuple[Any, ...]) -> _Read:
    readers = [_or_none(_reader(part)) if _may_be_none(part) else _reader(part) for part in parts]

    def read(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(readers):
            raise MalformedEntry(f"must be a list of {len(readers)}")
        return tuple(reader(item) for reader, item in zip(readers, value, strict=True))

    return read


def _or_none(read: _Read) -> _Read:
    """Nothing can be left out of a pair: there ``null`` stands for None."""
    return lambda value: None if value is None else read(value)


def _integer(value: Any) -> int:
    if type(value) is not int or not fits_int64(value):
        raise MalformedEntry("must be a whole number of 64 bits")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise MalformedEntry("must be a text")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise MalformedEntry("must be true or false")
    return value


def _hex(value: Any) -> bytes:
    digits = _text(value)
    try:
        return bytes.fromhex(digits)
    except ValueError as fault:
        raise MalformedEntry("must be hex") from fault


_PLAIN: dict[Any, _Read] = {int: _integer, str: _text, bool: _boolean, bytes: _hex}
