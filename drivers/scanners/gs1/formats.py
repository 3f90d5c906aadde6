"""Formats of values: fields of a character set, a length and checks, such as ``N13:mod10 [N..12]``.

Knows how a format is written in the table and how a value is held against it; refuses to know identifiers. Pure.
A good value costs one match of a pattern and its checks; only a bad one is looked at closely, to say what is wrong.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from drivers.scanners.gs1.contents import CHECKS, Check, Problem
from drivers.scanners.gs1.values import Gs1Reason

CSETS: Final = {
    "N": "0-9",
    "X": r"!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z",
    "Y": r"#\-/0-9A-Z",
    "Z": r"0-9A-Z_a-z\-=",
}
"""Digits, and the sets 82, 39 and 64, as insides of a class in a pattern (General Specifications, section 7.11)."""
_FIELD: Final = re.compile(r"(\[?)([NXYZ])(\.\.)?([0-9]+)((?::[a-z0-9_]+)*)\]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A part of a value.

    Attributes:
        characters: Pattern of its characters.
        shortest: Fewest characters, at least 1.
        longest: Most characters.
        optional: True if a value may end before it.
    """

    characters: re.Pattern[str]
    shortest: int
    longest: int
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What a value looks like.

    Attributes:
        fields: In order; only the last one that is not optional may vary in length.
    """

    fields: tuple[Field, ...]
    _pattern: re.Pattern[str] = field(repr=False)
    _checks: tuple[tuple[int, Check], ...] = field(repr=False)

    @property
    def longest(self) -> int:
        """How many characters a value has at most."""
        return sum(part.longest for part in self.fields)

    def problem(self, value: str) -> Problem | None:
        """What is wrong with ``value``; None if nothing is."""
        match = self._pattern.fullmatch(value)
        if match is None:
            return self._shape_problem(value)
        for group, check in self._checks:
            text = match[group]
            if text is not None:
                found = check(text)
                if found is not None:
                    return found
        return None

    def _shape_problem(self, value: str) -> Problem:
        at = 0
        for part in self.fields:
            if part.optional and at == len(value):
                break
            text = value[at : at + part.longest]
            if part.characters.fullmatch(text) is None:
                return Gs1Reason.WRONG_CHARACTER, ""
            if len(text) < part.shortest:
                return Gs1Reason.WRONG_LENGTH, "short"
            at += len(text)
        return Gs1Reason.WRONG_LENGTH, "long"


def parse_format(text: str) -> Format:
    """Read a format as the table writes it.

    Raises:
        ValueError: It is not written so.
    """
    fields: list[Field] = []
    pattern, closing = "", ""
    checks: list[tuple[int, Check]] = []
    for word in text.split():
        match = _FIELD.fullmatch(word)
        if match is None:
            raise ValueError(f"no field: {word}")
        optional, cset, varies, length, names = match.groups()
        shortest = 1 if varies else int(length)
        fields.append(
            Field(
                characters=re.compile(f"[{CSETS[cset]}]*"),
                shortest=shortest,
                longest=int(length),
                optional=bool(optional),
            )
        )
        pattern += f"{'(?:' if optional else ''}([{CSETS[cset]}]{{{shortest},{length}}})"
        closing += ")?" if optional else ""
        checks += [(len(fields), CHECKS[name]) for name in names.split(":")[1:]]
    return Format(fields=tuple(fields), _pattern=re.compile(pattern + closing), _checks=tuple(checks))
