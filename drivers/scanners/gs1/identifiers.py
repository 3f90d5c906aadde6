"""Application identifiers: what each means, what its value looks like, and what must and must not stand beside it.

Knows every identifier of the table; refuses to know how identifiers follow one another in a text. Pure.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from drivers.scanners.gs1.formats import Format, parse_format
from drivers.scanners.gs1.table import TABLE
from drivers.scanners.gs1.values import PREDEFINED_PREFIXES


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One application identifier.

    Attributes:
        ai: 2 to 4 digits.
        title: GS1's data title, such as ``GTIN``; empty for coupons, which have none.
        format: What its value looks like.
        predefined: Length of the value if no FNC1 is needed behind it; 0 otherwise.
        companions: Single identifiers of which one is companion enough.
        companion_groups: The other alternatives; each takes one identifier out of every set of it.
        never_with: Identifiers that the item must not carry as well.
        qualifiers: If it is a key of Digital Links, the orders in which qualifiers may follow it; else None.
        in_query: True if it may stand in a Digital Link's query.
    """

    ai: str
    title: str
    format: Format = field(repr=False)
    predefined: int
    companions: frozenset[str] = field(repr=False)
    companion_groups: tuple[tuple[frozenset[str], ...], ...] = field(repr=False)
    never_with: frozenset[str] = field(repr=False)
    qualifiers: tuple[tuple[str, ...], ...] | None
    in_query: bool

    def has_companion(self, present: AbstractSet[str]) -> bool:
        """True if no companion is required, or one is among the identifiers that are there."""
        if not self.companions.isdisjoint(present):
            return True
        if not self.companion_groups:
            return not self.companions
        return any(not any(choice.isdisjoint(present) for choice in group) for group in self.companion_groups)


def identifier_at(text: str, at: int = 0) -> Identifier | None:
    """The identifier that begins at a place of ``text``; None if there is none. Its first two digits tell its length.

    Source: GS1 General Specifications, section 7.8.
    """
    return IDENTIFIERS.get(text[at : at + _LENGTHS.get(text[at : at + 2], 0)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A line of the table, unread but for its identifiers."""

    ais: tuple[str, ...]
    title: str
    format: str
    companions: str
    never_with: str
    link: str


def _row(line: str) -> _Row:
    ais, title, layout, companions, never_with, link = line.split("|")
    return _Row(ais=_run(ais), title=title, format=layout, companions=companions, never_with=never_with, link=link)


def _run(ais: str) -> tuple[str, ...]:
    first, _, last = ais.partition("-")
    if not last:
        return (first,)
    return tuple(str(ai).zfill(len(first)) for ai in range(int(first), int(last) + 1))


def _read(lines: Iterable[str]) -> Mapping[str, Identifier]:
    rows = [_row(line) for line in lines]
    known = _Known([ai for row in rows for ai in row.ais])
    formats = {text: parse_format(text) for text in {row.format for row in rows}}
    found: dict[str, Identifier] = {}
    for row in rows:
        groups = [[known.matching(pattern) for pattern in choice.split("+")] for choice in row.companions.split()]
        companions = frozenset().union(*(group[0] for group in groups if len(group) == 1))
        companion_groups = tuple(tuple(group) for group in groups if len(group) > 1)
        never_with = frozenset().union(*(known.matching(pattern) for pattern in row.never_with.split()))
        layout = formats[row.format]
        predefined = layout.longest if row.ais[0][:2] in PREDEFINED_PREFIXES else 0
        qualifiers, in_query = _qualifiers(row.link), "query" in row.link.split()
        for ai in row.ais:
            found[ai] = Identifier(
                ai=ai,
                title=row.title,
                format=layout,
                predefined=predefined,
                companions=companions,
                companion_groups=companion_groups,
                never_with=never_with - {ai},
                qualifiers=qualifiers,
                in_query=in_query,
            )
    return found


class _Known:
    """The identifiers of the table, for patterns such as ``31nn``."""

    def __init__(self, ais: Iterable[str]) -> None:
        self._sets: dict[str, set[str]] = {}
        for ai in ais:
            for end in range(2, len(ai) + 1):
                self._sets.setdefault(ai[:end].ljust(len(ai), "n"), set()).add(ai)

    def matching(self, pattern: str) -> frozenset[str]:
        return frozenset(self._sets[pattern])


def _qualifiers(link: str) -> tuple[tuple[str, ...], ...] | None:
    words = [word for word in link.split() if word != "query"]
    if words[:1] != ["key"]:
        return None
    return tuple(tuple(order.split()) for order in " ".join(words[1:]).split("/"))


IDENTIFIERS: Final = _read(TABLE.strip().splitlines())
"""Every application identifier, by its digits."""
_LENGTHS: Final = {ai[:2]: len(ai) for ai in IDENTIFIERS}
