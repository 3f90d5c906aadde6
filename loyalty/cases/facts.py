"""What a step came to, under the keys by which it can be expected: texts, numbers, flags, maps and lists."""

from collections.abc import Mapping
from typing import Any

from loyalty.cases.bills import OF_BASKETS, Fact, money
from loyalty.cases.expected import Expect, LotExpect, MemberExpect
from loyalty.cases.world import Done, World
from loyalty.holding.accounts import gift_card_account, pool_account
from loyalty.holding.lots import lot_of
from loyalty.holding.standing import LotBalance
from loyalty.holding.units import coupon_unit, is_hidden
from loyalty.numbers.scaled import format_scaled


def facts(world: World, done: Done, expected: Expect) -> dict[str, Any]:
    """Give what came of everything that ``expected`` says something about."""
    found: dict[str, Any] = {}
    for key, make in _FACTS.items():
        if getattr(expected, key) is not None:
            found[key] = make(world, done, expected)
    return found


def _changes(world: World, done: Done, _: Expect) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for unit, amount in done.changes:
        found.setdefault(unit, []).append(format_scaled(amount, world.scale(unit)))
    return found


def _net(world: World, done: Done, _: Expect) -> dict[str, str]:
    sums: dict[str, int] = {}
    for unit, amount in done.changes:
        sums[unit] = sums.get(unit, 0) + amount
    return world.written(sums)


def _balances(world: World, done: Done, member: str | None) -> dict[str, str]:
    if member is None:
        return {}
    held = done.ledger.holdings(world.account(member))
    return world.written(dict(held.balances))


def _usable(world: World, done: Done, member: str | None) -> dict[str, str]:
    if member is None:
        return {}
    held, at = done.ledger.holdings(world.account(member)), world.moment(None).at
    return world.written({unit: held.usable(unit, at) for unit, _ in held.balances})


def _lots(world: World, done: Done, member: str | None, expected: Mapping[str, LotExpect] | None) -> dict[str, Any]:
    held = done.ledger.holdings(world.account(member)).lots if member is not None else ()
    by_id = {(one.unit, one.lot.lot_id): one for one in held}
    found: dict[str, Any] = {}
    for name, wanted in (expected or {}).items():
        lot_id = world.lots.get(name, {}).get(wanted.unit)
        one = by_id.get((wanted.unit, lot_id)) if lot_id is not None else None
        if one is not None:
            found[name] = _lot(world, one)
        elif lot_id is not None:
            found[name] = {"unit": wanted.unit, "amount": "0"}
    return found


def _lot(world: World, one: LotBalance) -> dict[str, Any]:
    usable, ends = one.lot.usable_at, one.lot.expires_at
    return {
        "unit": one.unit,
        "amount": format_scaled(one.amount, world.scale(one.unit)),
        "usable_at": world.local(usable) if usable is not None else None,
        "expires_at": world.local(ends) if ends is not None else None,
    }


def _taken(world: World, done: Done, _: Expect) -> dict[str, str]:
    """What the step took from each lot; what it earned into the same lot is not counted against it."""
    if done.quote is None or done.member is None or done.entry_id is None:
        return {}
    account = world.account(done.member)
    sums: dict[tuple[str, bytes], int] = {}
    for posting in done.ledger.postings(done.entry_id):
        if posting.account == account and posting.lot is not None:
            sums[posting.unit, posting.lot.lot_id] = -posting.amount
    for award in done.quote.awards:
        lot = lot_of(award.usable_at, award.expires_at)
        if lot is not None:
            key = award.unit.id, lot.lot_id
            sums[key] = sums.get(key, 0) + award.amount
    return {
        name: format_scaled(sums[unit, lot_id], world.scale(unit))
        for name, lots in world.lots.items()
        for unit, lot_id in lots.items()
        if (unit, lot_id) in sums
    }


def _person(world: World, done: Done, member: str, expected: MemberExpect) -> dict[str, Any]:
    return {
        "balances": _balances(world, done, member),
        "usable": _usable(world, done, member),
        "lots": _lots(world, done, member, expected.lots),
        "tier": done.persons[member].tier or "",
        "segments": done.persons[member].segments,
    }


def _coupons(world: World, done: Done, expected: Expect) -> dict[str, str]:
    found = {}
    for code in expected.coupons or ():
        if code in world.coupons:
            account, kind = world.coupons[code]
            unit = coupon_unit(kind)
            found[code] = format_scaled(done.ledger.holdings(account).balance(unit), world.scale(unit))
    return found


def _gift_cards(world: World, done: Done, expected: Expect) -> dict[str, str]:
    found = {}
    for number in expected.gift_cards or ():
        held = done.ledger.holdings(gift_card_account(number)).balances
        visible = {unit: amount for unit, amount in held if not is_hidden(unit)}
        found[number] = next(iter(world.written(visible).values()), "0")
    return found


def _pools(world: World, done: Done, expected: Expect) -> dict[str, str]:
    found = {}
    for name in expected.pools or ():
        unit = name.partition("/")[0]
        held = done.ledger.holdings(pool_account(done.programme.id, name))
        found[name] = format_scaled(held.balance(unit), world.scale(unit))
    return found


def _entries(world: World, done: Done, _: Expect) -> int:
    if done.member is None:
        return len(done.ledger.entries()) - world.started
    begun = world.name(f"begin member {done.member}")
    return sum(one != begun for one in done.ledger.entries(world.account(done.member)))


_FACTS: dict[str, Fact] = {
    **OF_BASKETS,
    "refused": lambda _, done, __: done.refusal.code if done.refusal is not None else "",
    "balances": lambda world, done, _: _balances(world, done, done.member),
    "usable": lambda world, done, _: _usable(world, done, done.member),
    "lots": lambda world, done, expected: _lots(world, done, done.member, expected.lots),
    "tier": lambda _, done, __: (done.persons[done.member].tier or "") if done.member is not None else None,
    "taken": _taken,
    "changes": _changes,
    "net": _net,
    "members": lambda world, done, expected: {
        one: _person(world, done, one, wanted)
        for one, wanted in (expected.members or {}).items()
        if one in done.persons
    },
    "coupons": _coupons,
    "gift_cards": _gift_cards,
    "pools": _pools,
    "entries": _entries,
    "recorded": lambda _, done, __: done.entry_id is not None,
    "expired": lambda world, done, _: world.written(done.extra.get("expired", {})),
    "refunded": lambda _, done, __: _optional_money(done, "refunded"),
    "refunded_so_far": lambda _, done, __: _optional_money(done, "refunded_so_far"),
    "report": lambda _, done, __: done.extra.get("report"),
    "revenue": lambda _, done, __: done.extra.get("revenue"),
    "put_off": lambda _, done, __: done.extra.get("put_off"),
}


def _optional_money(done: Done, key: str) -> str | None:
    amount = done.extra.get(key)
    return money(done, amount) if amount is not None else None
