"""Advice on keys that change nothing where they stand, so that whoever wrote them is not misled."""

from collections.abc import Iterator, Mapping
from typing import Any

from loyalty.authoring.advice.values import Advice, AdviceCode, Written
from loyalty.parts.tiers import Progress

_FLAT = frozenset({"per_visit", "add", "per_action", "per_step"})
_HANDED_OUT = frozenset({"gift", "invitation"})
_GOODS = (
    "goods",
    "categories",
    "exclude_categories",
    "exclude_items",
    "tags",
    "exclude_tags",
    "least_price",
    "most_price",
    "reduced",
)


def without_effect(written: Written) -> Iterator[Advice]:
    """Find keys that no rule, reward, unit or coupon of their kind looks at, and grace that no review gives."""
    for table, head in written.heads():
        raw = written.raw(table, head.id)
        for path, text in (*_bounds(table, raw), *_goods(raw), *_ends(raw, "expires"), *_most(raw)):
            yield written.about(AdviceCode.NO_EFFECT, table, head.id, f"changes nothing: {text}", *path)
    for unit in written.programme.units:
        for path, text in _ends(written.raw("unit", unit.id), "expires"):
            yield written.about(AdviceCode.NO_EFFECT, "unit", unit.id, f"changes nothing: {text}", *path)
    for coupon in written.programme.coupons:
        for path, text in _ends(written.raw("coupon", coupon.id), "lasts"):
            yield written.about(AdviceCode.NO_EFFECT, "coupon", coupon.id, f"changes nothing: {text}", *path)
    ladder = written.programme.ladder
    if ladder.grace is not None and (ladder.by is Progress.BALANCE or ladder.resets_units):
        text = "changes nothing: a tier by balance, or with reset_units, is kept for its whole window; take it out"
        yield written.say(AdviceCode.NO_EFFECT, ("tiers", "grace"), text)


def _bounds(table: str, raw: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    kind, uses, cap = raw.get("kind"), _inner(raw, "uses"), _inner(raw, "cap")
    if table == "rule" and "per_sale" in uses:
        yield ("uses", "per_sale"), "a rule is at work once in a sale; take it out, or bound it with cap or most"
    if kind == "issue_coupon" and "budget" in uses:
        yield ("uses", "budget"), "coupons cost nothing yet; give the budget to the reward that they open"
    if kind in _FLAT:
        for key in ("per_line", "least_per_line"):
            if key in cap:
                yield ("cap", key), "what this kind gives follows from no line; bound the sale"
    if kind in {"add", "per_action"} and "rounding" in raw:
        yield ("rounding",), "there is no fraction; take it out"


def _goods(raw: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    kind = raw.get("kind")
    keys = _GOODS if kind == "gift" else (*_GOODS, "items") if kind in {"invitation", "per_action"} else ()
    for key in keys:
        if key in raw:
            yield (key,), "it is for no goods of the basket; what must be in the basket stands in when.goods"


def _ends(raw: Mapping[str, Any], key: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if f"{key}_round_up" in raw and key not in raw:
        yield (f"{key}_round_up",), f"there is no end here that it could move; give {key} too"


def _most(raw: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    handed_out = raw.get("kind") in _HANDED_OUT or (raw.get("kind") == "free_item" and raw.get("counts") == "on_top")
    if handed_out and "most" in raw:
        yield ("most",), "it takes no money off; bound it with most_times"


def _inner(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = raw.get(key, {})
    return inner if isinstance(inner, Mapping) else {}
