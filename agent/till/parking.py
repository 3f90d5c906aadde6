"""Goods that come back without a known sale: journaled without postings and without a reference.

HQ parks such an entry for a person, so nothing that a customer brought back is forgotten.
"""

from dataclasses import replace
from typing import Any

from agent.book import journal
from agent.book.book import Writing
from agent.book.journal import Draft
from agent.till import answers
from agent.till.context import Context
from agent.till.papers import queue_papers
from agent.till.requests import ReturnRequest, UnmatchedLine
from loyalty.journal.detail import DetailLine, ReturnedLine
from loyalty.journal.entry import EntryKind
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.basket import BasketLine, make_basket

UNKNOWN_ORIGINAL = "unknown_original"


def park(context: Context, writing: Writing, request: ReturnRequest, key: bytes) -> dict[str, Any] | Refusal:
    """Journal what came back without a known sale, in a transaction under way."""
    refused = _refuse(context, request)
    if refused is not None:
        return refused
    detail = context.detail(
        request.provenance,
        context.programme(request.provenance),
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
    stored = journal.append(
        writing,
        Draft(
            entry_id=context.mint(),
            kind=EntryKind.RETURN,
            detail=detail,
            business_key=key,
            answer_key=request.key,
        ),
    )
    queue_papers(context, writing, stored, detail)
    return {**answers.entry(stored), "parked": UNKNOWN_ORIGINAL, "reversals": []}


def _refuse(context: Context, request: ReturnRequest) -> Refusal | None:
    if not request.unmatched:
        return Refusal(code=RefusalCode.SALE_UNKNOWN, field="sale", detail="give what comes back under unmatched")
    if request.sale is None and request.lines:
        detail = "lines are those of a sale, and none is named"
        return Refusal(code=RefusalCode.BAD_REQUEST, field="lines", detail=detail)
    currency = context.programme(request.provenance).currency
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
