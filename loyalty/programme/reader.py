"""From a programme file to a `Programme`: every problem at once, with line, key and what was expected."""

import re
import tomllib
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from loyalty.explain import Names
from loyalty.journal.codec import canonical_json
from loyalty.numbers.currency import Currency, is_currency_code
from loyalty.numbers.limits import MAX_SCALE
from loyalty.programme.model import Programme
from loyalty.reading.problems import ProblemCode, nearest
from loyalty.reading.tables import Document, Table
from loyalty.rules.registry import EARN_RULES, MULTIPLIERS, REWARDS
from loyalty.rules.stages import Scope
from loyalty.units import POINTS, Unit

_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)
_VERSION_DIGITS = 32
MAX_EARN_RULES = 100
"""Each may post to a unit of its own and carry a remainder, and an entry has at most 200 postings."""


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_R = TypeVar("_R", bound=_Identified)


def read_programme(text: str, name: str) -> Programme:
    """Read a programme from TOML text; ``name`` is what problems call the file.

    Raises:
        BadFile: with every problem found.
    """
    document = Document(text, name)
    root = document.root
    head = root.table("programme")
    currency = _currency(root.table("currency"))
    units = _units(root.tables("unit"))
    scope = Scope(
        currency=currency,
        units=units,
        tiers=_named(root.tables("tier")),
        categories=_named(root.tables("category")),
    )
    rules, rewards = root.tables("rule"), root.tables("reward")
    for tables, kinds in ((rules, (*EARN_RULES, *MULTIPLIERS)), (rewards, tuple(REWARDS))):
        _check_kinds(tables, kinds)
        _check_unique(tables)
    _check_count(rules)
    programme = Programme(
        id=_identifier(head, "id"),
        label=head.text("label"),
        version=content_version(text),
        names=_names(head, "names"),
        currency=currency,
        units=_by_id(list(units.values())),
        tiers=tuple(sorted(scope.tiers.items())),
        valid_from=head.optional_date("valid_from"),
        valid_until=head.optional_date("valid_until"),
        earn_rules=_by_id(_of_kinds(rules, EARN_RULES, scope)),
        multipliers=_by_id(_of_kinds(rules, MULTIPLIERS, scope)),
        rewards=_by_id(_of_kinds(rewards, REWARDS, scope)),
    )
    _check_window(head, programme)
    document.finish()
    return programme


def content_version(text: str) -> str:
    """Give the content address of a programme's TOML text, which must parse.

    Comments, layout, the order of keys and the order of the tables of one kind do not count.
    """
    content = canonical_json({key: _unordered(_plain(value)) for key, value in tomllib.loads(text).items()})
    return sha256(b"loyaltill programme 1\0" + content).hexdigest()[:_VERSION_DIGITS]


def _unordered(value: Any) -> Any:
    """Sort an array of tables, whose order means nothing: each table has its id."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return sorted(value, key=canonical_json)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, bool)) or type(value) is int else str(value)


def _currency(table: Table) -> Currency:
    code = table.text("code")
    if code and not is_currency_code(code):
        table.note("code", "expected three capital letters, as KZT")
    scale = table.integer("scale", 2, most=MAX_SCALE)
    return Currency(code=code if is_currency_code(code) else "XXX", scale=scale)


def _units(tables: list[Table]) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for table in tables:
        unit_id = _identifier(table, "id")
        if unit_id and unit_id in units:
            table.note("id", "is used by an earlier [[unit]]", ProblemCode.REPEATED)
        named = table.has("names") or unit_id != POINTS
        names = _names(table, "names") if named else None
        units[unit_id] = Unit(id=unit_id, scale=table.integer("scale", 0, most=MAX_SCALE), names=names)
    return units or {POINTS: Unit(id=POINTS, scale=0)}


def _named(tables: list[Table]) -> dict[str, Names]:
    found: dict[str, Names] = {}
    for table in tables:
        table_id = table.text("id")
        if table_id and table_id in found:
            table.note("id", "is used by an earlier table of this kind", ProblemCode.REPEATED)
        found[table_id] = _names(table, "names")
    return found


def _names(table: Table, key: str) -> Names:
    given = table.free_texts(key)
    for language in given:
        if not _LANGUAGE.fullmatch(language):
            table.table(key).note(language, "expected ISO 639-1 codes of languages as keys, as kk, ru, en")
    if not given:
        table.note(key, 'needs a name in at least one language, as names.en = "..."', ProblemCode.MISSING)
    return Names(by_language=tuple(sorted(given.items())) or (("en", "?"),))


def _identifier(table: Table, key: str) -> str:
    value = table.text(key)
    if value and not _ID.fullmatch(value):
        table.note(key, "expected 1 to 40 of a-z, 0-9, - and _, beginning with a letter")
    return value


def _of_kinds(tables: list[Table], kinds: Mapping[str, Callable[[Table, Scope], _R]], scope: Scope) -> list[_R]:
    read: list[_R] = []
    for table in tables:
        kind = table.text("kind")
        if kind in kinds:
            _identifier(table, "id")
            read.append(kinds[kind](table, scope))
    return read


def _by_id(rules: list[_R]) -> tuple[_R, ...]:
    return tuple(sorted(rules, key=lambda rule: rule.id))


def _check_kinds(tables: list[Table], known: tuple[str, ...]) -> None:
    for table in tables:
        kind = table.text("kind")
        if kind and kind not in known:
            table.note("kind", f"unknown kind{nearest(kind, known)}", ProblemCode.UNKNOWN_KIND)
            table.forgive()


def _check_unique(tables: list[Table]) -> None:
    seen: set[str] = set()
    for table in tables:
        table_id = table.text("id")
        if table_id and table_id in seen:
            table.note("id", "is used by an earlier table of this kind", ProblemCode.REPEATED)
        seen.add(table_id)


def _check_count(rules: list[Table]) -> None:
    earning = [table for table in rules if table.text("kind") in EARN_RULES]
    if len(earning) > MAX_EARN_RULES:
        earning[MAX_EARN_RULES].note(
            "kind", f"a programme has at most {MAX_EARN_RULES} earning rules", ProblemCode.TOO_LARGE
        )


def _check_window(head: Table, programme: Programme) -> None:
    begins, ends = programme.valid_from, programme.valid_until
    if begins is not None and ends is not None and ends < begins:
        head.note("valid_until", "ends before valid_from")
