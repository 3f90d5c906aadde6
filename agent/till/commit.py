"""The commit of a sale: one sale entry, and before it the enrolment of a card that was not known.

Both are in one durable commit with everything that belongs to the sale.
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
from agent.till.context import Context, business_key, guid_key, queue_receipt, standing_used
from agent.till.enrol import write_enrolment
from agent.till.quoting import NOT_ENROLLED, basket_digest, compute, find_standing
from agent.till.record import once
from agent.till.requests import CommitRequest, QuoteRequest
from loyalty.journal.codec import decode_detail
from loyalty.journal.detail import DetailAward, DetailLine, EntryDetail, Remainder
from loyalty.journal.entry import EntryKind, Posting
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.refusals import Refusal, RefusalCode
from loyalty.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sale:
    """A sale that was quoted inside the commit: nothing about it can be refused any more."""

    request: CommitRequest
    programme: Programme
    standing: Standing | None
    quoted: Quote

    @property
    def enrols(self) -> bool:
        """Whether the card becomes a member's by this sale."""
        return self.standing is not None and self.standing.member == NOT_ENROLLED


def commit(context: Context, request: CommitRequest) -> Recorded:
    """Record a paid sale, once."""
    return once(context, request.key, request, lambda writing: _commit(context, writing, request))


def _commit(context: Context, writing: Writing, asked: CommitRequest) -> dict[str, Any] | Refusal:
    request = replace(asked, sale=replace(asked.sale, provenance=context.settled(asked.sale.provenance)))
    _, business_date = context.when(request.sale.provenance)
    key = _business_key(context, request, business_date)
    before = journal.by_business_key(writing.connection, key) or _of_yesterday(context, writing.connection, asked)
    if before is not None:  # first of all, so that a sale that succeeded is not refused for what has changed since
        return _known(writing, request, before)
    programme = _programme(context, request)
    if isinstance(programme, Refusal):
        return programme
    sale = _prepare(context, writing.connection, request, programme)
    if isinstance(sale, Refusal):
        return sale
    return _write(context, writing, sale, key)


def _programme(context: Context, request: CommitRequest) -> Programme | Refusal:
    if request.quote is None:
        return context.programme(request.sale.provenance)
    version, _, digest = request.quote.partition(".")
    programme = context.shelf.version(version)
    if programme is None:
        return Refusal(code=RefusalCode.QUOTE_UNKNOWN, field="quote")
    if digest != basket_digest(request.sale).hex():
        return Refusal(code=RefusalCode.QUOTE_CHANGED, field="quote", detail="quote the basket again")
    return programme


def _business_key(context: Context, request: CommitRequest, business_date: date) -> bytes:
    said = request.sale.provenance
    if request.host_guid is not None:
        return guid_key(said, request.host_guid)
    return business_key(context.config.store.id, said, business_date, request.check_id, request.payment_set)


def _of_yesterday(context: Context, connection: Connection, asked: CommitRequest) -> Stored | None:
    """Find the same sale under yesterday's date, which the till guessed before midnight as it guesses today's now.

    The host's numbers may have begun anew, so only a sale of the last hours with the same basket is the same one.
    """
    day = context.day_before(asked.sale.provenance)
    before = journal.by_business_key(connection, _business_key(context, asked, day)) if day is not None else None
    if before is None:
        return None
    detail = decode_detail(before.detail)
    recent = context.is_recent(asked.sale.provenance, detail.local_time)
    return before if recent and _said(asked.sale) == _stored(detail) else None


def _known(writing: Writing, request: CommitRequest, before: Stored) -> dict[str, Any] | Refusal:
    """Answer a sale that the host sends again under another key: as then when it is the same, else refuse."""
    if undone.is_voided(writing.connection, before.sequence):
        detail = "the check was sold and undone; to sell it again, give it another payment_set"
        return Refusal(code=RefusalCode.SALE_VOIDED, field="check_id", detail=detail)
    same = _said(request.sale) == _stored(decode_detail(before.detail))
    answer = kept.find(writing.connection, before.answer_key) if same and before.answer_key else None
    if answer is None:
        detail = "the check was sold with another basket, in this entry"
        return Refusal(code=RefusalCode.SALE_KNOWN, field="check_id", detail=detail, entry=before.entry_id.hex())
    return {**Recorded(body=answer.answer, fresh=False).values, "known": True}


def _said(sale: QuoteRequest) -> tuple[object, ...]:
    return sale.currency, sale.card, _lines(sale)


def _stored(detail: EntryDetail) -> tuple[object, ...]:
    return detail.currency, detail.identifier, detail.lines


def _prepare(context: Context, connection: Connection, request: CommitRequest, programme: Programme) -> _Sale | Refusal:
    standing = find_standing(context, connection, request.sale)
    if isinstance(standing, Refusal):
        return standing
    quoted = compute(context, programme, request.sale, standing)
    if isinstance(quoted, Refusal):
        return quoted
    return _Sale(request=request, programme=programme, standing=standing, quoted=quoted)


def _write(context: Context, writing: Writing, sale: _Sale, key: bytes) -> dict[str, Any]:
    request, standing = sale.request.sale, sale.standing
    if sale.enrols and request.provenance.training:
        standing = None  # nobody becomes a member by an exercise
    elif sale.enrols and request.card is not None:
        standing = write_enrolment(context, writing, request.card, request.provenance, member=context.mint())
    posts = standing is not None and not request.provenance.training
    postings = _postings(standing.member, sale.quoted) if standing is not None and posts else ()
    detail = _detail(context, writing, sale, standing)
    stored = journal.append(
        writing,
        Draft(
            entry_id=context.mint(),
            kind=EntryKind.SALE,
            detail=detail,
            postings=postings,
            programme=sale.programme.version,
            business_key=key,
            answer_key=sale.request.key,
        ),
    )
    queue_receipt(context, writing, stored)
    if standing is not None and not request.provenance.training:
        members.visited(writing.connection, standing, date.fromisoformat(detail.business_date))
    return _answer(context, sale, standing, stored, postings)


def _postings(account: bytes, quoted: Quote) -> tuple[Posting, ...]:
    """Post the sum of every unit once, whatever the number of rules that award it."""
    sums: dict[str, int] = {}
    for award in quoted.awards:
        sums[award.unit.id] = sums.get(award.unit.id, 0) + award.amount
    for award in quoted.awards:
        if (left := award.remainder) is not None:
            sums[left.unit] = sums.get(left.unit, 0) + left.after - left.before
    return tuple(Posting(account=account, unit=unit, amount=amount) for unit, amount in sums.items() if amount)


def _detail(context: Context, writing: Writing, sale: _Sale, standing: Standing | None) -> EntryDetail:
    request = sale.request
    return context.detail(
        request.sale.provenance,
        sale.programme,
        receipt_number=writing.head.receipts + 1,
        member=standing.member if standing is not None else None,
        identifier=request.sale.card,
        language=standing.language if standing is not None else None,
        nickname=standing.nickname if standing is not None else None,
        host_check_id=request.check_id,
        host_guid=request.host_guid,
        payment_set=request.payment_set,
        fiscal_document_id=request.fiscal_document_id,
        standing=standing_used(standing) if standing is not None else None,
        lines=_lines(request.sale),
        awards=_awards(sale.quoted) if standing is not None else (),
        remainders=_remainders(sale.quoted) if standing is not None else (),
    )


def _lines(request: QuoteRequest) -> tuple[DetailLine, ...]:
    return tuple(
        DetailLine(
            line=line.line,
            item=line.item,
            name=line.name,
            category=line.category,
            quantity_milli=line.quantity_milli,
            amount_minor=line.amount_minor,
            tax_minor=line.tax_minor,
            discount_minor=line.discount_minor,
        )
        for line in request.lines
    )


def _awards(quoted: Quote) -> tuple[DetailAward, ...]:
    return tuple(
        DetailAward(
            rule=award.rule,
            unit=award.unit.id,
            amount=award.amount,
            base=award.base,
            bases=award.bases,
        )
        for award in quoted.awards
    )


def _remainders(quoted: Quote) -> tuple[Remainder, ...]:
    return tuple(
        Remainder(
            rule=award.rule,
            unit=award.unit.id,
            numerator=left.after - left.before,
            denominator=left.denominator,
        )
        for award in quoted.awards
        if (left := award.remainder) is not None
    )


def _answer(
    context: Context, sale: _Sale, standing: Standing | None, stored: Stored, postings: tuple[Posting, ...]
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        **answers.entry(stored),
        "programme": sale.programme.version,
        "awards": answers.awards(sale.quoted.awards, context.catalogue) if standing is not None else [],
    }
    if standing is not None:
        held = dict(standing.balances)
        for posting in postings:
            held[posting.unit] = held.get(posting.unit, 0) + posting.amount
        answer["member"] = standing.member.hex()
        answer["enrolled"] = sale.enrols
        answer["balances"] = answers.balances(held)
    return answer
