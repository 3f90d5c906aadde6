"""From a programme file to a `Programme`: every problem at once, with line, key and what was expected."""

import tomllib
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, TypeVar

from loyalty.journal.codec import canonical_json
from loyalty.parts.policies import read_policies
from loyalty.programme import parts
from loyalty.programme.model import Programme
from loyalty.reading.names import read_id, read_names
from loyalty.reading.problems import ProblemCode, nearest
from loyalty.reading.tables import Document, Table
from loyalty.rules.goods import Goods
from loyalty.rules.reading import read_unit
from loyalty.rules.reading_goods import read_goods
from loyalty.rules.registry import EARN_RULES, ISSUERS, MULTIPLIERS, REWARDS
from loyalty.rules.scope import Scope
from loyalty.rules.stages import Headed
from loyalty.rules.uses import NO_LIMITS

_VERSION_DIGITS = 32
MAX_EARN_RULES = 100
"""Each may post to a unit of its own and carry a remainder, and the postings of an entry are bounded."""
MAX_RULES = 300
"""Most tables of one kind; rules, rewards and the rest."""


_R = TypeVar("_R", bound=Headed)
_S = TypeVar("_S")


def read_programme(text: str, name: str) -> Programme:
    """Read a programme from TOML text; ``name`` is what problems call the file.

    Raises:
        BadFile: with every problem found.
    """
    document = Document(text, name)
    programme = programme_of(document.root, content_version(text))
    document.finish()
    return programme


def programme_of(root: Table, version: str) -> Programme:
    """Read a programme from its tables; faults are noted in their document."""
    head, money = root.table("programme"), root.table("currency")
    currency = parts.read_currency(money)
    units = parts.read_units(root.tables("unit"), currency)
    ladder = parts.read_tiers(root.tables("tier"), root.table("tiers"), units, currency)
    segments = parts.read_segments(root.tables("segment"), currency)
    coupons, events = parts.read_coupons(root.tables("coupon")), parts.read_events(root.tables("event"))
    budgets = parts.read_budgets(root.tables("budget"), currency)
    programme_id = read_id(head)
    scope = Scope(
        currency=currency,
        policies=read_policies(root.table("policies"), currency),
        units=units,
        tiers={tier.id: tier.names for tier in ladder.tiers},
        categories=parts.read_named(root.tables("category")),
        items=parts.read_named(root.tables("item")),
        segments={segment.id: segment.names for segment in segments.values()},
        coupons=coupons,
        budgets=budgets,
        events=events,
    )
    scope.goods.update(_goods(root.tables("goods"), scope))
    rules, rewards = root.tables("rule", most=MAX_RULES), root.tables("reward", most=MAX_RULES)
    for tables, kinds in ((rules, (*EARN_RULES, *MULTIPLIERS, *ISSUERS)), (rewards, tuple(REWARDS))):
        _check_kinds(tables, kinds)
        _check_unique(tables)
    _check_count(rules)
    names = read_names(head, "names")
    programme = Programme(
        id=programme_id,
        label=head.text("label"),
        version=version,
        names=names,
        languages=_languages(head, tuple(language for language, _ in names.by_language)),
        currency=currency,
        policies=scope.policies,
        units=tuple(sorted(units.values(), key=lambda unit: unit.id)),
        ladder=ladder,
        categories=tuple(sorted(scope.categories.items())),
        items=tuple(sorted(scope.items.items())),
        segments=_sorted(segments),
        budgets=_sorted(budgets),
        coupons=_sorted(coupons),
        events=_sorted(events),
        referral=parts.read_referral(root.table("referral"), scope, read_unit) if root.has("referral") else None,
        floors=parts.read_floors(root.table("offline"), currency) if root.has("offline") else None,
        valid_from=head.optional_date("valid_from"),
        valid_until=head.optional_date("valid_until"),
        earn_rules=_in_order(_of_kinds(rules, EARN_RULES, scope)),
        multipliers=_in_order(_of_kinds(rules, MULTIPLIERS, scope)),
        issuers=_in_order(_of_kinds(rules, ISSUERS, scope)),
        rewards=tuple(sorted(_of_kinds(rewards, REWARDS, scope), key=lambda reward: reward.head.id)),
    )
    _check_window(head, programme)
    _check_counters(rewards, programme)
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


def _languages(head: Table, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(head.texts("languages", given))))


def _goods(tables: list[Table], scope: Scope) -> dict[str, Goods]:
    found: dict[str, Goods] = {}
    for table in tables:
        goods_id = read_id(table)
        if goods_id and goods_id in found:
            table.note_repeated()
        found[goods_id] = read_goods(table, scope)
    return found


def _sorted(found: Mapping[str, _S]) -> tuple[_S, ...]:
    return tuple(thing for _, thing in sorted(found.items()))


def _of_kinds(tables: list[Table], kinds: Mapping[str, Callable[[Table, Scope], _R]], scope: Scope) -> list[_R]:
    read: list[_R] = []
    for table in tables:
        kind = table.text("kind")
        if kind in kinds:
            read_id(table)
            read.append(kinds[kind](table, scope))
    return read


def _in_order(rules: list[_R]) -> tuple[_R, ...]:
    return tuple(sorted(rules, key=lambda rule: (rule.head.priority, rule.head.id)))


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
            table.note_repeated()
        seen.add(table_id)


def _check_counters(rewards: list[Table], programme: Programme) -> None:
    """Note a reward that would share its counters with a rule: uses are counted by id alone."""
    rules: tuple[Headed, ...] = (*programme.earn_rules, *programme.multipliers, *programme.issuers)
    counted = {rule.head.id: rule.head.uses != NO_LIMITS for rule in rules}
    for table in rewards:
        reward = programme.reward(str(table.peek("id")))
        if reward is None or reward.head.id not in counted:
            continue
        if counted[reward.head.id] or reward.head.uses != NO_LIMITS:
            table.note("id", "is used by a [[rule]] too; one with uses needs an id of its own", ProblemCode.REPEATED)


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
