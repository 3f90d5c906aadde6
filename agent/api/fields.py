"""Tables of fields: how a JSON value becomes a typed value, and how the OpenAPI document describes it.

One table serves both, so that the description cannot differ from what is read. Strict: unknown fields, other types,
floats and strings where an integer belongs are refused, with the field's place in the message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from loyalty.numbers.limits import INT64_MAX, MAX_TEXT, is_storable

MAX_NAME_SHOWN = 64


class BadField(Exception):
    """A field is missing, unknown or of the wrong shape.

    Attributes:
        field: Its place, as ``lines[3].amount_minor``; empty for the whole body.
        detail: What was expected, in English; never what was given.
    """

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class Kind(Protocol):
    """A kind of value."""

    def read(self, value: Any, at: str) -> Any:
        """Give the typed value of a JSON value that stands at ``at``; raises `BadField`."""

    def schema(self) -> dict[str, Any]:
        """Describe it as JSON Schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of ``least`` to ``most`` storable characters; one of ``choices`` where there are any."""

    least: int = 1
    most: int = MAX_TEXT
    choices: tuple[str, ...] = ()

    def read(self, value: Any, at: str) -> str:
        """Give the text."""
        if not isinstance(value, str) or len(value) < self.least or not is_storable(value, self.most):
            raise BadField(at, f"expected a text of {self.least} to {self.most} storable characters")
        if self.choices and value not in self.choices:
            raise BadField(at, f"expected one of {', '.join(self.choices)}")
        return value

    def schema(self) -> dict[str, Any]:
        """Describe it."""
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        return {"type": "string", "minLength": self.least, "maxLength": self.most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """An integer; without bounds the use case checks it and refuses with a code of its own."""

    least: int | None = None
    most: int | None = None

    def read(self, value: Any, at: str) -> int:
        """Give the integer; JSON's true is none, and neither is 1.0."""
        if type(value) is not int:
            raise BadField(at, "expected an integer")
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise BadField(at, f"expected an integer from {self.least} to {self.most}")
        return value

    def schema(self) -> dict[str, Any]:
        """Describe it."""
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"type": "integer", "format": "int64", **{name: at for name, at in bounds.items() if at is not None}}


COUNT = Integer(least=1, most=INT64_MAX)
AMOUNT = Integer(least=0, most=INT64_MAX)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, value: Any, at: str) -> bool:
        """Give the flag."""
        if not isinstance(value, bool):
            raise BadField(at, "expected true or false")
        return value

    def schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Day:
    """A date, as ``2026-03-05``."""

    def read(self, value: Any, at: str) -> date:
        """Give the date."""
        fault = BadField(at, 'expected a date, as "2026-03-05"')
        if not isinstance(value, str) or len(value) != 10:
            raise fault
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise fault from None

    def schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant with its offset, as ``2026-03-05T12:30:00+05:00``."""

    def read(self, value: Any, at: str) -> datetime:
        """Give the instant, aware."""
        fault = BadField(at, 'expected an instant with its offset, as "2026-03-05T12:30:00+05:00"')
        if not isinstance(value, str) or len(value) > 40:
            raise fault
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            raise fault from None
        if instant.utcoffset() is None or not 1970 < instant.year < 9999:
            raise fault
        return instant

    def schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list of at most ``most`` values of one kind."""

    of: Kind
    most: int

    def read(self, value: Any, at: str) -> tuple[Any, ...]:
        """Give the values; places count from 1."""
        if not isinstance(value, list):
            raise BadField(at, "expected a list")
        if len(value) > self.most:
            raise BadField(at, f"expected at most {self.most} values")
        return tuple(self.of.read(item, f"{at}[{place}]") for place, item in enumerate(value, start=1))

    def schema(self) -> dict[str, Any]:
        """Describe it."""
        return {"type": "array", "items": self.of.schema(), "maxItems": self.most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a shape. ``note`` is for the description; a field that is not required may be null or absent."""

    name: str
    kind: Kind
    note: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An object with named fields; ``make`` gets those that are there, by name."""

    name: str
    fields: tuple[Field, ...]
    make: Callable[..., Any]

    def read(self, value: Any, at: str = "") -> Any:
        """Give what ``make`` makes of the fields."""
        return self.make(**self.given(value, at))

    def given(self, value: Any, at: str = "") -> dict[str, Any]:
        """Read the fields without making anything of them."""
        if not isinstance(value, Mapping):
            raise BadField(at, "expected an object")
        known = {field.name for field in self.fields}
        for name in value:
            if name not in known:
                raise BadField(_place(at, _shown(name)), "no such field")
        return {
            field.name: field.kind.read(value.get(field.name), _place(at, field.name))
            for field in self.fields
            if field.required or value.get(field.name) is not None
        }

    def schema(self) -> dict[str, Any]:
        """Refer to the description, which stands among the document's components."""
        return {"$ref": f"#/components/schemas/{self.name}"}

    def component(self) -> dict[str, Any]:
        """Describe the object."""
        properties = {
            field.name: field.kind.schema() | ({"description": field.note} if field.note else {})
            for field in self.fields
        }
        return {
            "type": "object",
            "properties": properties,
            "required": [field.name for field in self.fields if field.required],
            "additionalProperties": False,
        }


def _shown(name: str) -> str:
    """Give a name from outside as it can be answered: cut, and without halves of surrogate pairs."""
    return name[:MAX_NAME_SHOWN].encode("utf-8", "replace").decode("utf-8")


def _place(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
