"""What must hold of every quote, whatever the programme and the question; each check says in its fault what does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from loyalty.explain import Message
from loyalty.holding.accounts import pool_account
from loyalty.holding.ledger import Ledger
from loyalty.holding.standing import Holdings
from loyalty.holding.units import is_hidden
from loyalty.journal.entry import Lot, Posting
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.quote.posting import Posted, post
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.redemption import Redemption, Settle
from loyalty.rules.stages import Terms
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
            told = any(one.asked.endswith(".gift") for one in answer.declined)
            assert total.amount_minor == 0 or told or answer.because, "a gift costs nothing, or one is told why"
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
    accounts |= {shown.account: shown.holdings for shown in visit.ask.coupons}
    accounts |= {shown.account: shown.holdings for shown in visit.ask.gift_cards}
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
