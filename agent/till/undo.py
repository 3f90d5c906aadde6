"""Void and return: undoing sales from what was stored at the sale.

A return under another key, with the same number and lines at the same host, is the same return sent again.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from agent.book import answers as kept
from agent.book import journal, members, undone
from agent.book.book import Writing
from agent.book.journal import Draft, Stored
from agent.till import answers
from agent.till.answers import Recorded
from agent.till.context import Context, business_key
from agent.till.keeping import standing_used
from agent.till.naming import refuse_card, understood
from agent.till.papers import queue_papers
from agent.till.parking import park
from agent.till.record import once
from agent.till.requests import Provenance, ReturnRequest, VoidRequest, request_digest
from agent.till.rights import end_uncovered_holds
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import DetailRestored, EntryDetail, ReturnedLine
from loyalty.journal.entry import EntryCore, EntryKind, Reference
from loyalty.moment import Moment
from loyalty.numbers.limits import MAX_BASKET_LINES
from loyalty.refusals import Refusal, RefusalCode
from loyalty.returns import ReturnPlan, SoldSale, Undoing, plan_return, plan_void, sold_sale


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    """A sale of this till's journal, and what became of it since."""

    stored: Stored
    core: EntryCore
    detail: EntryDetail
    sale: SoldSale


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """How a return is known when the host sends it again."""

    check_id: str
    business_key: bytes
    answer_key: str


def void(context: Context, request: VoidRequest) -> Recorded:
    """Undo a whole sale, once."""
    return once(context, request.key, request, lambda writing: _void(context, writing, request))


def return_goods(context: Context, request: ReturnRequest) -> Recorded:
    """Take goods back, once."""
    return once(context, request.key, request, lambda writing: _return(context, writing, request))


def _void(context: Context, writing: Writing, request: VoidRequest) -> dict[str, Any] | Refusal:
    original = _find(writing.connection, request.sale)
    if original is None:
        return Refusal(code=RefusalCode.SALE_UNKNOWN, field="sale")
    if isinstance(original, Refusal):
        return original
    pinned = context.shelf.version(original.core.programme or "")
    plan = plan_void(original.sale, pinned, _undoing(context, writing.connection, request.provenance, original.sale))
    if isinstance(plan, Refusal):
        return plan
    everything = tuple(
        ReturnedLine(line=line.line, quantity_milli=line.quantity_milli) for line in original.detail.lines
    )
    stored = _write(context, writing, EntryKind.VOID, request.provenance, original, plan, everything)
    if _counts(request.provenance, original):
        undone.set_voided(writing.connection, original.stored.sequence, stored.sequence)
    return _answer(writing.connection, stored, plan, original)


def _return(context: Context, writing: Writing, asked: ReturnRequest) -> dict[str, Any] | Refusal:
    request = understood(context, asked)
    refused = refuse_card(context, request.card) if request.card is not None else None
    if refused is not None:
        return refused
    _, business_date = context.when(request.provenance)
    key = _business_key(context, request, business_date)
    before = journal.by_business_key(writing.connection, key) or _of_yesterday(context, writing.connection, request)
    answered = kept.find(writing.connection, before.answer_key) if before is not None and before.answer_key else None
    if answered is not None:
        return {**Recorded(body=answered.answer, fresh=False).values, "known": True}
    original = _find(writing.connection, request.sale) if request.sale is not None else None
    if isinstance(original, Refusal):
        return original
    if original is None:
        return park(context, writing, request, key)
    refused = _refuse(request, original)
    if refused is not None:
        return refused
    pinned = context.shelf.version(original.core.programme or "")
    undoing = _undoing(context, writing.connection, request.provenance, original.sale)
    plan = plan_return(original.sale, request.lines, pinned, undoing)
    if isinstance(plan, Refusal):
        return plan
    returned = tuple(ReturnedLine(line=line, quantity_milli=quantity) for line, quantity in request.lines)
    kind = EntryKind.RETURN
    again = _Again(check_id=request.check_id, business_key=key, answer_key=request.key)
    stored = _write(context, writing, kind, request.provenance, original, plan, returned, again)
    if _counts(request.provenance, original):
        undone.add_returned(writing.connection, original.stored.sequence, list(request.lines))
    return _answer(writing.connection, stored, plan, original)


def _of_yesterday(context: Context, connection: Connection, request: ReturnRequest) -> Stored | None:
    """Find the same return under yesterday's date, which the till guessed before midnight."""
    day = context.day_before(request.provenance)
    before = journal.by_business_key(connection, _business_key(context, request, day)) if day is not None else None
    if before is None or not context.is_recent(request.provenance, decode_detail(before.detail).local_time):
        return None
    return before


def _business_key(context: Context, request: ReturnRequest, business_date: date) -> bytes:
    lines = request_digest((request.lines, request.unmatched)).hex()
    store = context.config.store.id
    return business_key(store, request.provenance, business_date, request.check_id, f"return {request.sale} {lines}")


def _refuse(request: ReturnRequest, original: _Original) -> Refusal | None:
    if request.unmatched:
        detail = "what comes back without a sale is a return of its own"
        return Refusal(code=RefusalCode.BAD_REQUEST, field="unmatched", detail=detail)
    if request.currency != original.detail.currency:
        detail = f"the sale was in {original.detail.currency}"
        return Refusal(code=RefusalCode.CURRENCY_MISMATCH, field="currency", detail=detail)
    if len(request.lines) > MAX_BASKET_LINES:
        detail = f"a return has at most {MAX_BASKET_LINES} lines"
        return Refusal(code=RefusalCode.BASKET_TOO_LONG, field="lines", detail=detail)
    return None


def _counts(provenance: Provenance, original: _Original) -> bool:
    """Whether goods of the sale are gone by this: an exercise takes nothing off a sale that was none."""
    return original.detail.training or not provenance.training


def _find(connection: Connection, sale: str) -> _Original | Refusal | None:
    try:
        entry_id = bytes.fromhex(sale)
    except ValueError:
        return Refusal(code=RefusalCode.BAD_REQUEST, field="sale", detail="expected an entry id in hex")
    stored = journal.by_id(connection, entry_id)
    if stored is None:
        return None
    if stored.kind != EntryKind.SALE:
        return Refusal(code=RefusalCode.NOT_A_SALE, field="sale")
    core, detail = decode_core(stored.core), decode_detail(stored.detail)
    account = members.canonical(connection, detail.member) if core.postings and detail.member is not None else None
    sale_now = sold_sale(
        core,
        detail,
        account=account,
        returned_milli=undone.returned_milli(connection, stored.sequence),
        voided=undone.is_voided(connection, stored.sequence),
    )
    return _Original(stored=stored, core=core, detail=detail, sale=sale_now)


def _undoing(context: Context, connection: Connection, provenance: Provenance, sale: SoldSale) -> Undoing:
    at, business_date = context.when(provenance)
    store = context.config.store
    moment = Moment(at=at.astimezone(store.zone), business_date=business_date, store=store.id)
    return Undoing(moment=moment, accounts=members.holdings_of(connection, sale.accounts))


def _write(
    context: Context,
    writing: Writing,
    kind: EntryKind,
    provenance: Provenance,
    original: _Original,
    plan: ReturnPlan,
    returned: tuple[ReturnedLine, ...],
    again: _Again | None = None,
) -> Stored:
    standing = members.standing(writing.connection, original.sale.account) if original.sale.account else None
    detail = context.detail(
        provenance,
        context.shelf.version(original.core.programme or "") or context.programme(provenance),
        receipt_number=writing.head.receipts + 1,
        member=original.detail.member,
        language=original.detail.language,
        nickname=original.detail.nickname,
        host_check_id=again.check_id if again is not None else None,
        standing=standing_used(standing) if standing is not None else None,
        returned=returned,
        reversals=plan.reversals if original.sale.account is not None else (),
        remainders=plan.remainders,
        restored=plan.restored,
        charged_minor=plan.charged_minor,
        withdrawn=plan.withdrawn,
    )
    detail = replace(detail, currency=original.detail.currency, currency_scale=original.detail.currency_scale)
    postings = () if provenance.training or original.detail.training else plan.postings
    stored = journal.append(
        writing,
        Draft(
            entry_id=context.mint(),
            kind=kind,
            detail=detail,
            postings=postings,
            references=tuple(Reference(entry_id=original.stored.entry_id, line=line.line) for line in returned),
            programme=original.core.programme,
            business_key=again.business_key if again is not None else None,
            answer_key=again.answer_key if again is not None else None,
        ),
    )
    queue_papers(context, writing, stored, detail)
    end_uncovered_holds(writing.connection, postings, context.clock())
    return stored


def _answer(connection: Connection, stored: Stored, plan: ReturnPlan, original: _Original) -> dict[str, Any]:
    answer: dict[str, Any] = {
        **answers.entry(stored),
        "refunded_minor": plan.refunded_minor,
        "reversals": [
            {"rule": item.rule, "unit": item.unit, "amount": item.amount}
            for item in plan.reversals
            if original.sale.account is not None
        ],
    }
    if plan.restored:
        answer["restored"] = [_restored(one) for one in plan.restored]
    if plan.charged_minor:
        answer["charged_minor"] = plan.charged_minor
    if plan.withdrawn:
        answer["withdrawn"] = list(plan.withdrawn)
    account = original.sale.account
    standing = members.standing(connection, account) if account is not None else None
    if standing is not None:
        answer["member"] = standing.member.hex()
        answer["balances"] = answers.balances(dict(standing.balances))
    return answer


def _restored(one: DetailRestored) -> dict[str, Any]:
    return {"reward": one.reward, "unit": one.unit, "units": one.units, "paid_minor": one.amount_minor}
