"""The commit of a sale: one sale entry, and before it the enrolment of a card that was not known.

Both are in one durable commit with everything that belongs to the sale.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from agent.book import answers as kept
from agent.book import holds, journal, leases, members, undone
from agent.book.book import Writing
from agent.book.journal import Draft, Stored
from agent.till import answers, telling
from agent.till.answers import Recorded
from agent.till.asking import Computed
from agent.till.context import Context, business_key, guid_key
from agent.till.drawing import NOTHING_DRAWN, Drawn, beyond_of, drawn, drawn_of
from agent.till.enrol import write_enrolment
from agent.till.holding import Kept, take
from agent.till.keeping import asked_of, asks_in, asks_of, cards_named, standing_used
from agent.till.naming import understood
from agent.till.opening import opens
from agent.till.papers import queue_papers
from agent.till.quoting import NOT_ENROLLED, compute, find_standing, quoted_at
from agent.till.record import once
from agent.till.requests import CommitRequest, QuoteRequest
from agent.till.seen import as_member
from loyalty.holding.standing import Standing
from loyalty.journal.codec import decode_detail
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import MAX_LEASES, MAX_POSTINGS, EntryKind
from loyalty.programme.model import Programme
from loyalty.quote.posting import Posted, post
from loyalty.quote.recording import basket_lines, cards_sold, record
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.basket import BasketLine

_NOTHING = Posted(postings=(), opens=(), coupons=())
"""What an exercise posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pinned:
    """By which version and as of when a sale is computed: as it was quoted, where it names a quote.

    Attributes:
        quoted_at: Epoch seconds of the quote, or None.
        hold: What was set aside, where it still is.
    """

    programme: Programme
    at: datetime
    quoted_at: int | None = None
    hold: Kept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sale:
    """A sale that was quoted inside the commit.

    Attributes:
        enrols: The card becomes a member's by this sale.
    """

    request: CommitRequest
    pinned: _Pinned
    standing: Standing | None
    enrols: bool
    done: Computed


def commit(context: Context, request: CommitRequest) -> Recorded:
    """Record a paid sale, once."""
    return once(context, request.key, request, lambda writing: _commit(context, writing, request))


def _commit(context: Context, writing: Writing, asked: CommitRequest) -> dict[str, Any] | Refusal:
    asked = replace(asked, sale=understood(context, asked.sale))
    request = replace(asked, sale=replace(asked.sale, provenance=context.settled(asked.sale.provenance)))
    _, business_date = context.when(request.sale.provenance)
    key = _business_key(context, request, business_date)
    before = journal.by_business_key(writing.connection, key) or _of_yesterday(context, writing.connection, asked)
    if before is not None:  # first of all, so that a sale that succeeded is not refused for what has changed since
        return _known(writing, request, before)
    pinned = _pinned(context, writing, request)
    if isinstance(pinned, Refusal):
        return pinned
    sale = _prepare(context, writing.connection, request, pinned)
    if isinstance(sale, Refusal):
        return sale
    return _write(context, writing, sale, key)


def _pinned(context: Context, writing: Writing, request: CommitRequest) -> _Pinned | Refusal:
    at, _ = context.when(request.sale.provenance)
    if request.hold is not None:
        return _held(context, writing, request, request.hold)
    if request.quote is None:
        programme = context.programme(request.sale.provenance)
        if not request.sale.asks and programme.rewards:
            programme = replace(programme, rewards=())  # the customer has paid the lines as they are
        return _Pinned(programme=programme, at=at)
    known = context.shelf.version(request.quote.partition(".")[0])
    if known is None:
        return Refusal(code=RefusalCode.QUOTE_UNKNOWN, field="quote")
    named = quoted_at(request.quote, request.sale)
    if named is None:
        return Refusal(code=RefusalCode.QUOTE_CHANGED, field="quote", detail="quote the basket again")
    return _Pinned(programme=known, at=named[1], quoted_at=int(named[1].timestamp()))


def _held(context: Context, writing: Writing, request: CommitRequest, hold: str) -> _Pinned | Refusal:
    """Take a hold: by its version and as of its instant, from what was seen then."""
    kept = take(writing.connection, hold, request.sale, context.clock())
    if isinstance(kept, Refusal):
        return kept
    programme = context.shelf.version(kept.programme)
    if programme is None:
        return Refusal(code=RefusalCode.QUOTE_UNKNOWN, field="hold")
    return _Pinned(programme=programme, at=kept.at, quoted_at=int(kept.at.timestamp()), hold=kept)


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
    return sale.currency, sale.named, sale.credit_minor, _by_number(sale.lines), asks_of(sale), cards_named(sale)


def _stored(detail: EntryDetail) -> tuple[object, ...]:
    asked = asks_in(detail.asked)
    return (
        detail.currency,
        detail.identifier,
        detail.credit_minor,
        basket_lines(detail.lines),
        asked,
        {(one.account, one.line) for one in detail.sold_cards},
    )


def _by_number(lines: tuple[BasketLine, ...]) -> tuple[BasketLine, ...]:
    return tuple(sorted(lines, key=lambda line: line.line))


def _prepare(context: Context, connection: Connection, request: CommitRequest, pinned: _Pinned) -> _Sale | Refusal:
    standing = find_standing(context, connection, request.sale)
    if isinstance(standing, Refusal):
        return standing
    enrols = standing is not None and standing.member == NOT_ENROLLED
    if standing is not None and enrols:
        standing = replace(standing, member=context.mint())  # pools of a member are named by the id
    seen = pinned.hold.seen if pinned.hold is not None else None
    if seen is not None and standing is not None:
        seen = as_member(seen, standing.member)
    done = compute(context, connection, pinned.programme, request.sale, standing, pinned.at, seen)
    if isinstance(done, Refusal):
        return done
    return _Sale(request=request, pinned=pinned, standing=standing, enrols=enrols, done=done)


def _write(context: Context, writing: Writing, sale: _Sale, key: bytes) -> dict[str, Any] | Refusal:
    training, entry_id = sale.request.sale.provenance.training, context.mint()
    standing = None if sale.enrols and training else sale.standing  # nobody becomes a member by an exercise
    posted = _NOTHING if training else _post(sale, entry_id, standing)
    if len(posted.postings) > MAX_POSTINGS:
        detail = f"the sale would change more than {MAX_POSTINGS} balances at once"
        return Refusal(code=RefusalCode.BASKET_TOO_LONG, field="redeem", detail=detail)
    if sale.enrols and standing is not None and sale.request.sale.card is not None:
        card, provenance = sale.request.sale.card, sale.request.sale.provenance
        standing = write_enrolment(context, writing, card, provenance, member=standing.member)
    draws = NOTHING_DRAWN if training else _drawn(sale)
    if len(draws.leases) > MAX_LEASES:
        detail = f"the sale would draw on more than {MAX_LEASES} leases at once"
        return Refusal(code=RefusalCode.BASKET_TOO_LONG, field="redeem", detail=detail)
    leases.draw(writing.connection, draws.leases)
    written = _detail(context, writing, sale, standing, posted)
    stored = journal.append(
        writing,
        Draft(
            entry_id=entry_id,
            kind=EntryKind.SALE,
            leases=draws.leases,
            leased=draws.leased,
            detail=written,
            postings=posted.postings,
            opens=opens(writing.connection, posted),
            programme=sale.pinned.programme.version,
            business_key=key,
            answer_key=sale.request.key,
        ),
    )
    if sale.pinned.hold is not None:
        journal.pend_where_they_are(writing.connection, stored, (one.account for one in posted.postings))
    queue_papers(context, writing, stored, written)
    _note_beyond(writing, sale, stored, training=training)
    if standing is not None and not training:
        members.visited(writing.connection, standing, sale.done.moment.business_date)
        if context.programme(sale.request.sale.provenance).needs_rights:
            leases.visited(writing.connection, standing.member, sale.done.moment.business_date.isoformat())
    return _answer(context, sale, standing, stored, posted)


def _drawn(sale: _Sale) -> Drawn:
    kept = sale.pinned.hold
    return drawn(sale.done) if kept is None else drawn_of(kept.draws, sale.done.asked.seen.slices)


def _note_beyond(writing: Writing, sale: _Sale, stored: Stored, *, training: bool) -> None:
    if sale.done.programme.floors is None or training:
        return
    day = sale.done.moment.business_date.isoformat()
    for account, worth_minor in beyond_of(sale.done).items():
        holds.note_beyond(writing.connection, stored.sequence, account, day, worth_minor)


def _post(sale: _Sale, entry_id: bytes, standing: Standing | None) -> Posted:
    member = standing.member if standing is not None else None
    return post(sale.done.programme, sale.done.quoted, entry_id, member)


def _detail(context: Context, writing: Writing, sale: _Sale, standing: Standing | None, posted: Posted) -> EntryDetail:
    request, done = sale.request, sale.done
    quoted = done.quoted if posted is not _NOTHING else replace(done.quoted, issues=())
    kept = record(done.basket, quoted, posted, awarded=standing is not None)
    return context.detail(
        request.sale.provenance,
        done.programme,
        receipt_number=writing.head.receipts + 1,
        member=standing.member if standing is not None else None,
        identifier=request.sale.named,
        language=standing.language if standing is not None else None,
        nickname=standing.nickname if standing is not None else None,
        host_check_id=request.check_id,
        host_guid=request.host_guid,
        payment_set=request.payment_set,
        fiscal_document_id=request.fiscal_document_id,
        standing=standing_used(standing, done) if standing is not None else None,
        asked=asked_of(request.sale, done, sale.pinned.quoted_at),
        credit_minor=request.sale.credit_minor,
        lines=kept.lines,
        awards=kept.awards,
        redemptions=kept.redemptions,
        issued=kept.issued,
        sold_cards=cards_sold(done.quoted),
        stays=kept.stays,
        remainders=kept.remainders,
    )


def _answer(context: Context, sale: _Sale, standing: Standing | None, stored: Stored, posted: Posted) -> dict[str, Any]:
    answer: dict[str, Any] = {
        **answers.entry(stored),
        "programme": sale.done.programme.version,
        "awards": telling.awards(sale.done.quoted.awards, context) if standing is not None else [],
        **telling.sale(sale.done, standing, posted.coupons, context),
    }
    if standing is not None:
        held = dict(standing.balances)
        for posting in posted.postings:
            if posting.account == standing.member:
                held[posting.unit] = held.get(posting.unit, 0) + posting.amount
        answer["member"] = standing.member.hex()
        answer["enrolled"] = sale.enrols
        answer["balances"] = answers.balances(held)
    return answer
