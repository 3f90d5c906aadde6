"""The values of papers as JSON: what ``loyaltill receipt data`` prints, and reads back.

Strict: unknown and missing fields and other types are refused, with the field's place and what is expected there; never with
what was given, which may be somebody's. Amounts of money are whole minor units of the paper's ``currency``.
"""

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, cast

from agent.receipts.values import Paper
from loyalty.explain import Argument, Message, Money, Names, Units
from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import INT64_MAX
from loyalty.numbers.rates import Rate

MAX_LETTERS = 500
MAX_ITEMS = 2_000
_Paper = TypeVar("_Paper", bound=Paper)


class BadShape(ValueError):
    """A field is missing, unknown or of another shape.

    Attributes:
        field: Its place, as ``lines[3].amount_minor``; empty for the whole.
        expected: What is expected there, in English.
    """

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field or 'the whole'}: {expected}")
        self.field = field
        self.expected = expected


def to_json(value: object) -> Any:
    """Give a value as JSON; a field that has its default is left out."""
    match value:
        case None | bool() | int() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return [to_json(item) for item in value]
        case Names():
            return dict(value.by_language)
        case Units():
            said: dict[str, Any] = {"amount": value.amount, "scale": value.scale, "names": to_json(value.names)}
            return said | ({"money": True} if value.currency is not None else {})
        case Message():
            return {"id": value.id, "arguments": {name: _argument(given) for name, given in value.arguments}}
        case Currency():
            return {"code": value.code, "scale": value.scale} | ({"sign": value.sign} if value.sign else {})
    assert is_dataclass(value)
    own = ((field, getattr(value, field.name)) for field in fields(value))
    return {field.name: to_json(given) for field, given in own if given != field.default}


def from_json(shape: type[_Paper], given: object) -> _Paper:
    """Read a value.

    Raises:
        BadShape: What is given does not have the shape; carries the first fault.
    """
    held = given.get("currency") if isinstance(given, Mapping) else None
    currency = _currency(held, "currency") if held is not None else Currency(code="XXX", scale=2)
    return cast("_Paper", _Reading(currency).value(shape, given, ""))


def _argument(given: Argument) -> Any:
    match given:
        case Money():
            return {"money_minor": given.amount_minor}
        case Units():
            return {"units": to_json(given)}
        case Names():
            return {"names": to_json(given)}
        case Rate():
            return {"rate": f"{given.numerator}/{given.denominator}"}
        case date():
            return {"date": given.isoformat()}
    return given


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads one paper, whose amounts are of ``currency``."""

    currency: Currency

    def value(self, kind: Any, given: object, at: str) -> Any:
        """Read a value of a type that a field has."""
        if kind in _READERS:
            return _READERS[kind](given, at)
        if kind is Units:
            return self._units(given, at)
        if kind is Message:
            return self._message(given, at)
        if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
            return self._either(typing.get_args(kind), given, at)
        if typing.get_origin(kind) is tuple:
            return self._list(typing.get_args(kind)[0], given, at)
        return self._fields(kind, given, at)

    def _either(self, kinds: tuple[Any, ...], given: object, at: str) -> Any:
        if given is None and type(None) in kinds:
            return None
        if str in kinds and Names in kinds:
            return _text(given, at) if isinstance(given, str) else _names(given, at)
        return self.value(next(kind for kind in kinds if kind is not type(None)), given, at)

    def _list(self, kind: Any, given: object, at: str) -> tuple[Any, ...]:
        if not isinstance(given, list) or len(given) > MAX_ITEMS:
            raise BadShape(at, f"expected a list of at most {MAX_ITEMS:,}")
        return tuple(self.value(kind, item, f"{at}[{place}]") for place, item in enumerate(given, start=1))

    def _fields(self, kind: Any, given: object, at: str) -> Any:
        known = {field.name: field for field in fields(kind)}
        held = _object(given, at, known)
        for name, field in known.items():
            if name not in held and not _has_default(field):
                raise BadShape(_in(at, name), "is missing")
        kinds = _kinds(kind)
        return kind(**{name: self.value(kinds[name], value, _in(at, name)) for name, value in held.items()})

    def _units(self, given: object, at: str) -> Units:
        held = _object(given, at, ("amount", "scale", "names", "money"))
        if "amount" not in held:
            raise BadShape(_in(at, "amount"), "is missing")
        return Units(
            amount=_integer(held["amount"], _in(at, "amount")),
            scale=_small(held.get("scale", 0), _in(at, "scale")),
            names=_names(held["names"], _in(at, "names")) if held.get("names") is not None else None,
            currency=self.currency if _flag(held.get("money", False), _in(at, "money")) else None,
        )

    def _message(self, given: object, at: str) -> Message:
        held = _object(given, at, ("id", "arguments"))
        if "id" not in held:
            raise BadShape(_in(at, "id"), "is missing")
        arguments = _object(held.get("arguments", {}), _in(at, "arguments"), None)
        read = ((name, self._argument(one, f"{at}.arguments.{name}")) for name, one in sorted(arguments.items()))
        return Message(id=_text(held["id"], _in(at, "id")), arguments=tuple(read))

    def _argument(self, given: object, at: str) -> Argument:
        if isinstance(given, str):
            return _text(given, at)
        if type(given) is int:
            return _integer(given, at)
        held = _object(given, at, ("money_minor", "units", "names", "rate", "date"))
        if len(held) != 1:
            raise BadShape(
                at, 'expected a text, a whole number, or one of money_minor, units, names, rate ("3/2"), date'
            )
        (name, value), place = next(iter(held.items())), _in(at, next(iter(held)))
        match name:
            case "money_minor":
                return Money(amount_minor=_integer(value, place), currency=self.currency)
            case "units":
                return self._units(value, place)
            case "names":
                return _names(value, place)
            case "rate":
                return _rate(value, place)
        return _date(value, place)


@cache
def _kinds(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _in(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _object(given: object, at: str, known: typing.Iterable[str] | None) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadShape(at, "expected an object with named fields")
    for name in given:
        if known is not None and name not in known:
            raise BadShape(_in(at, name), f"there is no such field; there are {', '.join(known)}")
    return given


def _text(given: object, at: str) -> str:
    if not isinstance(given, str) or len(given) > MAX_LETTERS or not given.isprintable():
        raise BadShape(at, f"expected a text of one line, at most {MAX_LETTERS} characters")
    return given


def _integer(given: object, at: str) -> int:
    if type(given) is not int or abs(given) > INT64_MAX:
        raise BadShape(at, "expected a whole number (money in its smallest unit: 12.50 is 1250)")
    return given


def _small(given: object, at: str) -> int:
    if type(given) is not int or not 0 <= given <= 6:
        raise BadShape(at, "expected a whole number from 0 to 6")
    return given


def _flag(given: object, at: str) -> bool:
    if not isinstance(given, bool):
        raise BadShape(at, "expected true or false")
    return given


def _names(given: object, at: str) -> Names:
    held = _object(given, at, None)
    if not held:
        raise BadShape(at, 'expected at least one name by language, as {"en": "stamps"}')
    return Names(by_language=tuple(sorted((code, _text(name, _in(at, code))) for code, name in held.items())))


def _rate(given: object, at: str) -> Rate:
    above, _, below = given.partition("/") if isinstance(given, str) else ("", "", "")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (above, below)) or not int(below):
        raise BadShape(at, 'expected a rate of two whole numbers, as "3/2"')
    return Rate.of(int(above), int(below))


def _date(given: object, at: str) -> date:
    try:
        return date.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise BadShape(at, 'expected a date, as "2026-03-05"') from None


def _instant(given: object, at: str) -> datetime:
    fault = BadShape(at, 'expected a date and time with its offset, as "2026-03-05T12:30:00+05:00"')
    try:
        read = datetime.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise fault from None
    if read.tzinfo is None:
        raise fault
    return read


def _currency(given: object, at: str) -> Currency:
    held = _object(given, at, ("code", "scale", "sign"))
    code, scale = held.get("code"), _small(held.get("scale", 2), _in(at, "scale"))
    if not (isinstance(code, str) and len(code) == 3 and code.isascii() and code.isupper()):
        raise BadShape(_in(at, "code"), 'expected three capital letters, as "KZT"')
    return Currency(code=code, scale=scale, sign=_text(held.get("sign", ""), _in(at, "sign")))


_READERS: dict[Any, typing.Callable[[object, str], Any]] = {
    str: _text,
    int: _integer,
    bool: _flag,
    datetime: _instant,
    date: _date,
    Names: _names,
    Currency: _currency,
}
