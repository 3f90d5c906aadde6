"""The reference tables of docs/SPEC-programme.md: every key with its type, its default and its meaning."""

from collections.abc import Iterator, Mapping, Sequence

from loyalty.authoring.keys import RULES, keys_of_file, keys_of_kind, meaning
from loyalty.authoring.meanings import OF_KINDS
from loyalty.authoring.recording import Asked, KeyType
from loyalty.authoring.schema import derived_default
from loyalty.numbers.limits import INT64_MAX
from loyalty.rules.registry import REWARDS

_GOODS = (
    "categories",
    "exclude_categories",
    "items",
    "exclude_items",
    "tags",
    "exclude_tags",
    "least_price",
    "most_price",
    "reduced",
    "goods",
)
SHARED: Mapping[str, tuple[str, ...]] = {
    "head": ("id", "names", "priority", "group", "pick", "exclusive", "offline", "when", "uses"),
    "goods keys": _GOODS,
    "earning": ("unit", "multiplied", "rounding", "pending_days", "expires", "expires_round_up", "cap"),
    "base": ("base", "tax", "paid_with_units", "order_discounts"),
    "setting to work": ("trigger", "code", "coupon", "unit", "cost", "least_balance", "settle", "most", "restores"),
    "rounding a discount": ("rounding", "rounds", "round_at"),
}
"""Tables of keys that many kinds have, each told once."""
_SHARED_FROM = {
    "head": "per_amount",
    "goods keys": "per_amount",
    "earning": "per_amount",
    "base": "per_amount",
    "setting to work": "percent",
    "rounding a discount": "percent",
}
INNER = ("when", "uses", "cap")
FILE = (
    "programme",
    "currency",
    "unit",
    "tier",
    "tiers",
    "category",
    "item",
    "segment",
    "budget",
    "coupon",
    "event",
    "goods",
    "referral",
    "offline",
    "policies",
)
_WORDS = {
    KeyType.TEXT: "text",
    KeyType.BOOLEAN: "`true`, `false`",
    KeyType.TEXTS: "list of texts",
    KeyType.NAMES: "names",
    KeyType.DATE: "date",
    KeyType.LOCAL: "date or local time",
    KeyType.TABLE: "table",
    KeyType.TABLES: "tables",
}
_PERIODS = frozenset({"expires", "expires_when_idle", "lasts", "grace", "window"})


def tables() -> tuple[str, ...]:
    """Name every table of the reference: parts of the file, what kinds share, and kinds."""
    return (*FILE, *SHARED, *INNER, *RULES, *REWARDS)


def reference(table: str) -> str:
    """Write one table in Markdown.

    Raises:
        KeyError: there is no table of that name.
    """
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    rows += [_row(one, key, kind) for one, key, kind in _keys(table)]
    return "\n".join(rows)


def _keys(table: str) -> Iterator[tuple[Asked, str, str]]:
    """Give keys, how they are written in the table, and the kind that knows their meaning."""
    if table in FILE:
        for one in keys_of_file():
            if one.path[0] == table and len(one.path) > 1 and one.path != (table, 0) and one.types != {KeyType.TABLE}:
                yield one, ".".join(str(part) for part in one.path[1:] if part != 0), ""
    elif table in INNER:
        for one in keys_of_kind("per_amount"):
            if one.path[0] == table and len(one.path) == 2:
                yield one, f"{table}.{one.path[1]}", "per_amount"
    elif table in SHARED:
        yield from _shared(table)
    else:
        yield from _own(table)


def _shared(table: str) -> Iterator[tuple[Asked, str, str]]:
    kind = _SHARED_FROM[table]
    found = {one.path[0]: one for one in keys_of_kind(kind) if len(one.path) == 1}
    for key in SHARED[table]:
        yield found[key], key, kind


def _own(kind: str) -> Iterator[tuple[Asked, str, str]]:
    """Give the keys that only this kind has, or that mean something else in it."""
    told = told_elsewhere(kind)
    for one in keys_of_kind(kind):
        key = str(one.path[0])
        if len(one.path) == 1 and (key not in told or f"{kind}.{key}" in OF_KINDS):
            yield one, key, kind


def told_elsewhere(kind: str) -> frozenset[str]:
    """Name the keys of a kind that a shared table tells."""
    shared = ("head", "goods keys", "setting to work", "rounding a discount") if kind in REWARDS else ()
    earning = ("head", "goods keys", "earning", "base") if kind in RULES else ()
    return frozenset(key for table in (*shared, *earning) for key in SHARED[table])


def _row(one: Asked, key: str, kind: str) -> str:
    return f"| `{key}` | {_type(one)} | {_default(one)} | {meaning(one.path, kind)} |"


def _type(one: Asked) -> str:
    if one.types == {KeyType.TEXT} and one.path[-1] == "id" and one.path[0] not in {"tier", "category", "item"}:
        return "id"
    if one.types == {KeyType.TEXT} and one.path[-1] in _PERIODS:
        return "period"
    return " or ".join(_one_type(held, one) for held in sorted(one.types))


def _one_type(held: KeyType, one: Asked) -> str:
    if held is KeyType.INTEGER:
        return f"{one.least} to {one.most}" if one.most not in (None, INT64_MAX) else f"whole number from {one.least}"
    if held is KeyType.DECIMAL:
        return "decimal > 0" if one.least else "decimal"
    if held is KeyType.CHOICE:
        return ", ".join(f"`{choice}`" for choice in one.choices)
    return _WORDS[held]


def _default(one: Asked) -> str:
    derived = derived_default(one.path)
    if derived is not None:
        return derived
    if one.required:
        return "required"
    if one.default is None:
        return "none"
    return f"`{str(one.default).lower() if isinstance(one.default, bool) else one.default}`"


def keys_told(names: Sequence[str]) -> frozenset[str]:
    """Name the keys of some tables, for who checks that nothing is left out."""
    return frozenset(key for name in names for _, key, _ in _keys(name))
