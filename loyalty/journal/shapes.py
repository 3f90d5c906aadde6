"""Reading untrusted JSON with known shapes: one error type that names the field, never the value."""

import json
from dataclasses import dataclass
from typing import Any, Self, TypeVar

_T = TypeVar("_T")


class MalformedEntry(ValueError):
    """Bytes that are not an entry part; the message names the part and field, never a value in it."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one JSON object, each read with the type that it must have."""

    values: dict[str, Any]
    what: str

    @classmethod
    def read(cls, data: bytes, *, limit: int, what: str) -> Self:
        """Parse ``data`` as one JSON object of at most ``limit`` bytes."""
        if len(data) > limit:
            raise MalformedEntry(f"{what}: {len(data)} bytes, at most {limit} are possible")
        try:
            values = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as fault:
            raise MalformedEntry(f"{what}: not JSON in UTF-8") from fault
        if not isinstance(values, dict):
            raise MalformedEntry(f"{what}: not a JSON object")
        return cls(values, what)

    def integer(self, name: str) -> int:
        """Give a whole number; a boolean is none."""
        return self._typed(name, int)

    def text(self, name: str) -> str:
        """Give a string."""
        return self._typed(name, str)

    def hex(self, name: str) -> bytes:
        """Give a byte string written as hex."""
        return bytes.fromhex(self._typed(name, str))

    def optional_text(self, name: str) -> str | None:
        """Give a string, or None where the field is absent."""
        return self.text(name) if name in self.values else None

    def optional_hex(self, name: str) -> bytes | None:
        """Give a byte string, or None where the field is absent."""
        return self.hex(name) if name in self.values else None

    def items(self, name: str) -> list[Any]:
        """Give a list; an absent one is empty."""
        return self._typed(name, list) if name in self.values else []

    def _typed(self, name: str, kind: type[_T]) -> _T:
        value = self.values.get(name)
        if type(value) is not kind:
            raise MalformedEntry(f"{self.what}: field {name!r} must be of type {kind.__name__}")
        return value
