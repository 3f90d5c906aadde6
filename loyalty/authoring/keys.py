"""Every key of a programme file in one sentence, for the editors' schema and for docs/SPEC-programme.md.

What a key holds, its default and its bounds are found out from the readers (`recording`); only its meaning is written
here. A key is looked up under its kind or table first (``per_amount.units``), then as one that many have (``units``).
"""

from collections.abc import Callable, Mapping
from functools import cache

from loyalty.authoring.meanings import OF_FILE, OF_KINDS
from loyalty.authoring.recording import Asked, Path, record
from loyalty.explain import Names
from loyalty.holding.units import POINTS, Unit
from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import MAX_SCALE
from loyalty.numbers.rates import Rate
from loyalty.parts.budgets import Budget
from loyalty.parts.coupons import Coupon
from loyalty.parts.events import Event
from loyalty.parts.policies import DEFAULT_POLICIES
from loyalty.programme.reader import programme_of
from loyalty.reading.tables import Table
from loyalty.rules.goods import EVERYTHING
from loyalty.rules.registry import EARN_RULES, ISSUERS, MULTIPLIERS, REWARDS
from loyalty.rules.scope import Scope

RULES: Mapping[str, Callable[[Table, Scope], object]] = {**EARN_RULES, **MULTIPLIERS, **ISSUERS}
KIND = "kind"
_NAMES = Names(by_language=(("en", "x"),))
_UNIT = {"scale": MAX_SCALE, "names": _NAMES, "value": Rate.of(1, 1)}
_CURRENCY = Currency(code="XXX", scale=MAX_SCALE)


def _scope() -> Scope:
    """Give a programme's names, in which everything that a reader may ask for is called ``x``."""
    return Scope(
        currency=_CURRENCY,
        policies=DEFAULT_POLICIES,
        units={POINTS: Unit(id=POINTS, **_UNIT), "x": Unit(id="x", **_UNIT)},  # type: ignore[arg-type]
        tiers={"x": _NAMES},
        categories={"x": _NAMES},
        items={"x": _NAMES},
        segments={"x": _NAMES},
        coupons={"x": Coupon(id="x", names=_NAMES, scale=MAX_SCALE)},
        budgets={"x": Budget(id="x", most_minor=1)},
        events={"x": Event(id="x", names=_NAMES, seats=1)},
        goods={"x": EVERYTHING},
    )


@cache
def keys_of_kind(kind: str) -> tuple[Asked, ...]:
    """Give the keys of a kind of rule or reward, inner tables included; ``kind`` itself is not among them."""
    read = REWARDS.get(kind) or RULES[kind]
    return record(lambda table: read(table, _scope()))


@cache
def keys_of_file() -> tuple[Asked, ...]:
    """Give the keys of everything but rules and rewards."""
    asked = record(lambda root: programme_of(root, ""))
    return tuple(one for one in asked if one.path[0] not in {"rule", "reward"} or len(one.path) == 1)


def meaning(path: Path, kind: str = "") -> str:
    """Say what a key means; ``kind`` is that of the rule or reward that it stands in, or empty.

    A key whose meaning nobody has written down has an empty one; tests find it, and programmes do not fail for it.
    """
    words = [part for part in path if isinstance(part, str)]
    ends = [".".join(words[place:]) for place in range(len(words))]
    if kind:
        tried = [f"{kind}.{ends[0]}", *ends]
        known = OF_KINDS
    else:
        tried = ends[:1] if words[0] not in {"goods", "names"} and words[-1] != "names" else ends
        known = {**OF_KINDS, **OF_FILE}
    return next((known[name] for name in tried if name in known), "")
