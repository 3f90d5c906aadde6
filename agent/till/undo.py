"""Void and return: undoing sales from what was stored at the sale.

A return of a sale that this till does not know is journaled all the same, without postings and without a
reference, so that HQ parks it for a person; nothing that a customer brought back is forgotten.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from agent.book import journal, members, print_jobs, undone
from agent.book.book import Writing
from agent.book.journal import Draft, Stored
from agent.config.values import DeviceMode
from agent.till import answers
from agent.till.answers import Recorded
from agent.till.context import Context, standing_used
from agent.till.record import once
from agent.till.requests import Provenance, ReturnRequest, UnmatchedLine, VoidRequest
from loyalty.basket import BasketLine, make_basket
from loyalty.journal.chain import head_code
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import DetailLine, EntryDetail, ReturnedLine
from loyalty.journal.entry import EntryCore, EntryKind, Reference
from loyalty.numbers.limits import MAX_BASKET_LINES
from loyalty.refusals import Refusal, RefusalCode
from loyalty.returns import ReturnPlan, SoldSale, plan_return, plan_void

UNKNOWN_ORIGINAL = "unknown_original"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    """A sale of this till's journal, and what became of it since."""

    stored: Stored
    core: EntryCore
    detail: EntryDetail
    sale: SoldSale


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
    plan = plan_void(original.sale)
    if isinstance(plan, Refusal):
        return plan
    everything = tuple(
        ReturnedLine(line=line.line, quantity_milli=line.quantity_milli) for line in original.detail.lines
    )
    stored = _write(context, writing, EntryKind.VOID, request.provenance, original, plan, everything)
    if _counts(request.provenance, original):
        undone.set_voided(writing.connection, original.stored.sequence, stored.sequence)
    return _answer(writing.connection, stored, plan, original)


def _return(context: Context, writing: Writing, request: ReturnRequest) -> dict[str, Any] | Refusal:
    refused = context.check_card(request.card) if request.card is not None else None
    if refused is not None:
        return refused
    original = _find(writing.connection, request.sale) if request.sale is not None else None
    if isinstance(original, Refusal):
        return original
    if original is None:
        return _park(context, writing, request)
    refused = _refuse(request, original)
    if refused is not None:
        return refused
    plan = plan_return(original.sale, request.lines)
    if isinstance(plan, Refusal):
        return plan
    returned = tuple(ReturnedLine(line=line, quantity_milli=quantity) for line, quantity in request.lines)
    kind = EntryKind.RETURN
    stored = _write(context, writing, kind, request.provenance, original, plan, returned, check_id=request.check_id)
    if _counts(request.provenance, original):
        undone.add_returned(writing.connection, original.stored.sequence, list(request.lines))
    return _answer(writing.connection, stored, plan, original)


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
    sale_now = SoldSale(
        account=account,
        lines=detail.lines,
        awards=detail.awards,
        remainders=detail.remainders,
        returned_milli=undone.returned_milli(connection, stored.sequence),
        voided=undone.is_voided(connection, stored.sequence),
    )
    return _Original(stored=stored, core=core, detail=detail, sale=sale_now)


def _write(
    context: Context,
    writing: Writing,
    kind: EntryKind,
    provenance: Provenance,
    original: _Original,
    plan: ReturnPlan,
    returned: tuple[ReturnedLine, ...],
    *,
    check_id: str | None = None,
) -> Stored:
    standing = members.standing(writing.connection, original.sale.account) if original.sale.account else None
    detail = context.detail(
        provenance,
        context.shelf.version(original.core.programme or "") or context.shelf.current,
        receipt_number=writing.head.receipts + 1,
        member=original.detail.member,
        language=original.detail.language,
        nickname=original.detail.nickname,
        host_check_id=check_id,
        standing=standing_used(standing) if standing is not None else None,
        returned=returned,
        reversals=plan.reversals if original.sale.account is not None else (),
        remainders=plan.remainders,
    )
    stored = journal.append(
        writing,
        Draft(
            entry_id=context.mint(),
            kind=kind,
            detail=detail,
            postings=() if provenance.training else plan.postings,
            references=tuple(Reference(entry_id=original.stored.entry_id, line=line.line) for line in returned),
            programme=original.core.programme,
        ),
    )
    _queue(context, writing, stored)
    return stored


def _park(context: Context, writing: Writing, request: ReturnRequest) -> dict[str, Any] | Refusal:
    refused = _refuse_unmatched(context, request)
    if refused is not None:
        return refused
    detail = context.detail(
        request.provenance,
        context.shelf.current,
        receipt_number=writing.head.receipts + 1,
        identifier=request.card,
        host_check_id=request.check_id,
        claimed_original=request.sale,
        lines=_unmatched(request),
        returned=tuple(
            ReturnedLine(line=place, quantity_milli=item.quantity_milli, reason=item.reason)
            for place, item in enumerate(request.unmatched, start=1)
        ),
    )
    stored = journal.append(writing, Draft(entry_id=context.mint(), kind=EntryKind.RETURN, detail=detail))
    _queue(context, writing, stored)
    return {**_named(stored), "parked": UNKNOWN_ORIGINAL, "reversals": []}


def _refuse_unmatched(context: Context, request: ReturnRequest) -> Refusal | None:
    if not request.unmatched:
        return Refusal(code=RefusalCode.SALE_UNKNOWN, field="sale", detail="give what comes back under unmatched")
    if request.sale is None and request.lines:
        detail = "lines are those of a sale, and none is named"
        return Refusal(code=RefusalCode.BAD_REQUEST, field="lines", detail=detail)
    currency = context.shelf.current.currency
    if request.currency != currency.code:
        detail = f"the programme counts in {currency.code}"
        return Refusal(code=RefusalCode.CURRENCY_MISMATCH, field="currency", detail=detail)
    checked = make_basket(currency, [_as_basket_line(place, item) for place, item in enumerate(request.unmatched, 1)])
    return (
        replace(checked, field=checked.field.replace("lines", "unmatched", 1)) if isinstance(checked, Refusal) else None
    )


def _as_basket_line(place: int, item: UnmatchedLine) -> BasketLine:
    return BasketLine(
        line=place,
        item=item.item,
        name=item.name,
        quantity_milli=item.quantity_milli,
        amount_minor=item.amount_minor,
    )


def _unmatched(request: ReturnRequest) -> tuple[DetailLine, ...]:
    return tuple(
        DetailLine(
            line=place,
            item=item.item,
            name=item.name,
            category=None,
            quantity_milli=item.quantity_milli,
            amount_minor=item.amount_minor,
        )
        for place, item in enumerate(request.unmatched, start=1)
    )


def _queue(context: Context, writing: Writing, stored: Stored) -> None:
    if context.config.printer.mode is DeviceMode.OWN:
        print_jobs.queue(writing.connection, stored.sequence)


def _named(stored: Stored) -> dict[str, Any]:
    return {
        "entry": stored.entry_id.hex(),
        "sequence": stored.sequence,
        "receipt_number": stored.receipt_number,
        "code": head_code(stored.hash),
    }


def _answer(connection: Connection, stored: Stored, plan: ReturnPlan, original: _Original) -> dict[str, Any]:
    answer: dict[str, Any] = {
        **_named(stored),
        "refunded_minor": plan.refunded_minor,
        "reversals": [
            {"rule": item.rule, "unit": item.unit, "amount": item.amount}
            for item in plan.reversals
            if original.sale.account is not None
        ],
    }
    account = original.sale.account
    standing = members.standing(connection, account) if account is not None else None
    if standing is not None:
        answer["member"] = standing.member.hex()
        answer["balances"] = answers.balances(dict(standing.balances))
    return answer
