"""What must hold of every quote, whatever the programme and the question; each check says in its fault what does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from random import Random

from loyalty.explain import Message
from loyalty.holding.accounts import pool_account
from loyalty.holding.ledger import Ledger
from loyalty.holding.standing import Holdings
from loyalty.holding.units import is_hidden
from loyalty.journal.entry import Lot, Posting
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.quote import Quote
from loyalty.quote.posting import Posted, post
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.redemption import Redemption, Settle
from loyalty.rules.stages import Terms
from loyalty.sale.ask import Ask
from loyalty.sale.basket import make_basket
from messages.catalogue import LANGUAGES, Catalogue
from tests.loyalty.whole.visits import MEMBER, Visit

ENTRY = b"\x0e" * 16


def messages_in(value: object) -> Iterator[Message]:
    """Every message anywhere in a value."""
    if isinstance(value, Message):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from messages_in(getattr(value, one.name))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from messages_in(item)


def said(answer: Quote | Refusal) -> None:
    """Every explanation has words in every language, long and short; a refusal has a code with words."""
    found = set(messages_in(answer))
    codes = {answer.code} if isinstance(answer, Refusal) else {one.refusal.code for one in answer.declined}
    for language in LANGUAGES:
        catalogue = Catalogue.load(language)
        for message in found:
            assert catalogue.say(message)
            assert catalogue.brief(message)
        for code in codes:
            assert code in RefusalCode
            assert catalogue.text(f"refusal.{code}")


def money(programme: Programme, visit: Visit, answer: Quote) -> None:
    """No line is charged below zero, its floor or its deposit, nor above its price; parts sum up; tenders fit."""
    lines = {line.line: line for line in visit.basket.lines}
    policies = programme.policies
    assert [one.line for one in answer.lines] == list(lines)
    discounts = [one for one in answer.redemptions if one.settle is Settle.LINE_DISCOUNT]
    tenders = [one for one in answer.redemptions if one.settle is Settle.TENDER]
    cut = _by_line(discounts)
    paid = _by_line(tenders)
    for total in answer.lines:
        line = lines[total.line]
        assert 0 <= total.amount_minor <= line.amount_minor, "a charge is between zero and the price"
        assert 0 <= total.tax_minor <= total.amount_minor, "the tax is in the charge"
        assert total.amount_minor + total.discount_minor == line.amount_minor
        assert paid.get(total.line, 0) <= total.amount_minor, "a tender pays no more of a line than is left"
        if line.gift is not None:
            assert total.amount_minor == 0
            continue
        assert total.amount_minor >= line.floor_minor, "a line keeps its floor"
        assert total.amount_minor >= line.deposit_minor, "a deposit is left alone"
        if policies.host_discounts == "before_rewards":
            assert total.discount_minor == cut.get(total.line, 0), "discounts sum up line by line"
            if total.discount_minor:
                assert total.amount_minor >= min(policies.line_floor_minor, line.amount_minor), "the least charge"
            if total.discount_minor and policies.divisible_lines and len(discounts) == 1:
                assert total.amount_minor % line.pieces == 0, "a discounted line divides by its pieces"
    assert answer.total_minor == max(0, sum(one.amount_minor for one in answer.lines) - visit.basket.credit_minor)
    assert answer.paid_minor == sum(paid.values())
    assert 0 <= answer.to_pay_minor <= answer.total_minor, "what is left to pay is not below zero"
    for one in answer.redemptions:
        assert all(amount > 0 for _, amount in one.by_line)
        assert one.times >= 1
        terms = reward_terms(programme, one.reward)
        assert terms.most_minor is None or one.discount_minor <= terms.most_minor, "no more than the most"


def reward_terms(programme: Programme, reward: str) -> Terms:
    found = programme.reward(reward)
    assert found is not None
    return found.terms


def _by_line(redemptions: Iterable[Redemption]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for one in redemptions:
        for line, amount in one.by_line:
            sums[line] = sums.get(line, 0) + amount
    return sums


def limits(programme: Programme, visit: Visit, answer: Quote) -> None:
    """Uses, caps, budgets, seats and stocks stay within their bounds, as far as they did before."""
    pools = {name: dict(visit.pools.get(name, Holdings()).balances) for name in visit.pools}
    own = dict(visit.standing.balances) if visit.standing is not None else {}
    for count in answer.counts:
        book = pools.setdefault(count.pool, {}) if count.pool is not None else own
        before = book.get(count.unit, 0)
        book[count.unit] = before + count.amount
    before = dict(visit.standing.balances) if visit.standing is not None else {}
    for head in programme.heads:
        uses = head.uses
        for unit, amount in own.items():
            bound = {f"used.{head.id}": uses.per_member}.get(unit)
            if unit.startswith(f"used.{head.id}.2"):
                bound = uses.per_day
            assert bound is None or amount <= max(bound, before.get(unit, 0)), f"uses of {head.id}"
        name = f"uses.{head.id}"
        if uses.in_all is not None and name in pools:
            was = visit.pools[name].balance(name) if name in visit.pools else 0
            assert pools[name].get(name, 0) <= max(uses.in_all, was), f"uses in all of {head.id}"
        times = sum(one.times for one in answer.redemptions if one.reward == head.id)
        if uses.per_sale is not None and programme.reward(head.id) is not None:
            assert times <= uses.per_sale, f"uses in one sale of {head.id}"
    for name, book in pools.items():
        was = visit.pools.get(name, Holdings())
        for budget in programme.budgets:
            if name == budget.pool(visit.moment, visit.standing.member if visit.standing else None):
                assert book.get(budget.unit, 0) <= max(budget.most_minor, was.balance(budget.unit)), f"budget {name}"
        for event in programme.events:
            if name == f"seats.{event.id}":
                assert book.get(name, 0) >= min(-event.seats, was.balance(name)), f"seats of {name}"
        if name.startswith("stock."):
            unit = name.partition("/")[0]
            assert book.get(unit, 0) >= min(0, was.balance(unit)), f"stock {name}"
    for rule in programme.earn_rules:
        for award in answer.awards:
            if award.rule == rule.head.id and rule.caps.per_sale is not None:
                assert award.amount <= rule.caps.per_sale, "the cap of a sale"
            if award.rule == rule.head.id and rule.caps.per_member is not None:
                unit = f"got.{award.rule}"
                got = max(0, before.get(unit, 0))
                assert award.amount <= max(0, rule.caps.per_member - got), "the cap of a member"
    for award in answer.awards:
        assert award.amount >= 0, "no award is below zero"


def committed(programme: Programme, visit: Visit, answer: Quote) -> None:
    """Posting changes each account by exactly what the quote says, out of lots that hold as much."""
    member = visit.standing.member if visit.standing is not None else None
    ledger, accounts = _opened(programme, visit)
    before = {account: dict(held.balances) for account, held in ledger.accounts()}
    posted = post(programme, answer, ENTRY, member)
    ledger.post(ENTRY, posted.postings)
    for one in answer.redemptions:
        assert sum(use.amount for use in one.uses) == one.units or one.payer is None
        assert all(use.amount > 0 for use in one.uses)
    for account, held in ledger.accounts():
        was = before.get(account, {})
        lots = {(lot.unit, lot.lot.lot_id) for lot in accounts.get(account, Holdings()).lots if lot.amount > 0}
        for lot in held.lots:
            fresh = account not in accounts or (lot.unit, lot.lot.lot_id) not in lots
            assert lot.amount > 0 or fresh, f"a lot of {lot.unit} is below zero"
        for unit in {name for name, _ in held.balances} | set(was):
            if is_hidden(unit) and not unit.startswith("coupon."):
                continue
            change = held.balance(unit) - was.get(unit, 0)
            assert change == _said(answer, account, unit, member, posted), f"{unit} changes by what was said"
    keys = [(one.account, one.unit, one.lot.lot_id if one.lot is not None else None) for one in posted.postings]
    assert len(set(keys)) == len(keys), "one posting for each account, unit and lot"


def _said(answer: Quote, account: bytes, unit: str, member: bytes | None, posted: Posted) -> int:
    change = -sum(
        one.units for one in answer.redemptions if one.payer == account and one.unit is not None and one.unit.id == unit
    )
    change += sum(one.amount for one in answer.grants if one.account == account and one.unit.id == unit)
    left: dict[str, list[int]] = {}
    for issue in answer.issues:
        left.setdefault(issue.coupon, []).extend([issue.uses] * issue.count)
    for one in posted.coupons:
        uses = left[one.coupon].pop(0)
        change += uses if one.account == account and unit == f"coupon.{one.coupon}" else 0
    return change + (answer.earned(unit) if account == member else 0)


def _opened(programme: Programme, visit: Visit) -> tuple[Ledger, dict[bytes, Holdings]]:
    """A ledger that holds what the question says."""
    accounts: dict[bytes, Holdings] = {}
    if visit.standing is not None:
        accounts[MEMBER] = visit.standing
    for shown in (*visit.ask.coupons, *visit.ask.gift_cards):
        accounts[shown.account] = shown.holdings
    for name, held in visit.pools.items():
        accounts[pool_account(programme.id, name)] = held
    ledger = Ledger()
    for number, (account, held) in enumerate(accounts.items()):
        ledger.post(b"open" + number.to_bytes(12, "big"), _postings(account, held))
    return ledger, accounts


def _postings(account: bytes, held: Holdings) -> list[Posting]:
    lots: list[tuple[str, int, Lot | None]] = [(one.unit, one.amount, one.lot) for one in held.lots]
    loose = [
        (unit, amount - sum(one.amount for one in held.lots if one.unit == unit), None)
        for unit, amount in held.balances
    ]
    return [Posting(account=account, unit=unit, amount=amount, lot=lot) for unit, amount, lot in (*lots, *loose)]


def repeated(programme: Programme, visit: Visit, answer: Quote | Refusal) -> None:
    """The same question has the same answer."""
    assert visit.quoted(programme) == answer


def in_any_order(text: str, visit: Visit, answer: Quote | Refusal, rng: Random) -> None:
    """Neither the order of the file, of the lines, of the pools nor of what was asked changes the answer."""
    other = read_programme(text, "p")
    lines = list(visit.basket.lines)
    rng.shuffle(lines)
    basket = make_basket(visit.basket.currency, lines, visit.basket.credit_minor)
    names = list(visit.pools)
    rng.shuffle(names)
    moved = replace(visit, basket=basket, pools={name: visit.pools[name] for name in names})
    assert moved.quoted(other) == answer, "the order of tables, lines or pools changes the answer"
    ask = visit.ask
    asked = Ask(
        redeem=_moved(ask.redeem, rng),
        codes=_moved(ask.codes, rng),
        coupons=ask.coupons,
        gift_cards=ask.gift_cards,
        declined=_moved(ask.declined, rng),
        loads=ask.loads,
        actions=_moved(ask.actions, rng),
        alone=ask.alone,
    )
    said_so = replace(visit, ask=asked).quoted(other)
    if isinstance(answer, Refusal):
        assert isinstance(said_so, Refusal), "what is refused does not depend on the order of asking"
        return
    assert isinstance(said_so, Quote), "what is answered does not depend on the order of asking"
    assert replace(said_so, declined=()) == replace(answer, declined=())
    codes = sorted(one.refusal.code for one in said_so.declined)
    assert codes == sorted(one.refusal.code for one in answer.declined)


def _moved(items: tuple, rng: Random) -> tuple:  # type: ignore[type-arg]
    listed = list(items)
    rng.shuffle(listed)
    return tuple(listed)


def renumbered(programme: Programme, visit: Visit, answer: Quote, rng: Random) -> None:
    """Where no reward is at work, the numbers of the lines do not matter to what is earned."""
    if answer.redemptions or visit.ask.loads or answer.grants:
        return
    numbers = [line.line for line in visit.basket.lines]
    rng.shuffle(numbers)
    lines = [replace(line, line=number) for line, number in zip(visit.basket.lines, numbers, strict=True)]
    basket = make_basket(visit.basket.currency, lines, visit.basket.credit_minor)
    other = replace(visit, basket=basket).quoted(programme)
    assert isinstance(other, Quote)
    if visit.basket.credit_minor:
        return
    assert [(one.rule, one.amount) for one in other.awards] == [(one.rule, one.amount) for one in answer.awards]
    assert (other.total_minor, other.tax_minor) == (answer.total_minor, answer.tax_minor)
