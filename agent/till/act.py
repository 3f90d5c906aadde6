"""An action: a member did something that earns without a sale. Its entry has no goods, and its receipt is the answer.

The same action of the same member about the same thing is recorded once, whatever the key; without a thing that it is
about, every request is an action of its own, and the rules' limits decide.
"""

from dataclasses import replace
from typing import Any

from agent.book import answers as kept
from agent.book import journal, leases, members
from agent.book.book import Writing
from agent.book.journal import Draft
from agent.till import answers, telling
from agent.till.answers import Recorded
from agent.till.asking import Asked, Computed, with_rights
from agent.till.context import Context, action_key
from agent.till.drawing import NOTHING_DRAWN, drawn
from agent.till.keeping import standing_used
from agent.till.naming import refuse_card, understood
from agent.till.opening import opens
from agent.till.papers import queue_coupons
from agent.till.record import once
from agent.till.requests import ActionRequest
from agent.till.seen import Seen
from loyalty.holding.accounts import pool_account
from loyalty.holding.standing import Standing
from loyalty.journal.detail import DetailAsked
from loyalty.journal.entry import EntryKind
from loyalty.moment import Moment
from loyalty.quote import act as quote_action
from loyalty.quote.posting import post
from loyalty.quote.recording import record
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.ask import NOTHING_ASKED
from loyalty.sale.basket import Basket


def act(context: Context, request: ActionRequest) -> Recorded:
    """Record an action, once."""
    return once(context, request.key, request, lambda writing: _act(context, writing, request))


def _act(context: Context, writing: Writing, asked: ActionRequest) -> dict[str, Any] | Refusal:
    request = replace(understood(context, asked), provenance=context.settled(asked.provenance))
    refused = refuse_card(context, request.card)
    if refused is not None:
        return refused
    member = context.find_member(writing.connection, request.card)
    if member is None:
        return Refusal(code=RefusalCode.CARD_UNKNOWN, field="card", detail="enrol the card first")
    key = _key(context, request, member)
    before = journal.by_business_key(writing.connection, key) if key is not None else None
    answered = kept.find(writing.connection, before.answer_key) if before is not None and before.answer_key else None
    if answered is not None:
        return {**Recorded(body=answered.answer, fresh=False).values, "known": True}
    standing = members.standing(writing.connection, member) or Standing(member=member)
    done = _compute(context, writing, request, standing)
    return done if isinstance(done, Refusal) else _write(context, writing, request, standing, done, key)


def _compute(context: Context, writing: Writing, request: ActionRequest, standing: Standing) -> Computed | Refusal:
    programme, (at, business_date) = context.programme(request.provenance), context.when(request.provenance)
    store, till = context.config.store, context.book.head.terminal.hex()
    moment = Moment(at=at.astimezone(store.zone), business_date=business_date, store=store.id, till=till)
    names = {name: pool_account(programme.id, name) for name in programme.pools(moment, standing.member)}
    held = members.holdings_of(writing.connection, names.values())
    pools = {name: held[account] for name, account in names.items()}
    seen = with_rights(writing.connection, programme, Seen(standing=standing, pools=pools), moment, context.clock())
    quoted = quote_action(programme, standing, moment, request.action, pools, seen.rights)
    if isinstance(quoted, Refusal):
        return quoted
    nothing = Basket(currency=programme.currency, lines=())
    asked = Asked(ask=NOTHING_ASKED, seen=seen)
    return Computed(programme=programme, basket=nothing, moment=moment, asked=asked, quoted=quoted)


def _write(
    context: Context, writing: Writing, request: ActionRequest, standing: Standing, done: Computed, key: bytes | None
) -> dict[str, Any]:
    entry_id, training = context.mint(), request.provenance.training
    quoted = replace(done.quoted, issues=(), counts=(), awards=()) if training else done.quoted
    posted = post(done.programme, quoted, entry_id, standing.member)
    left = record(done.basket, quoted, posted, awarded=True)
    detail = context.detail(
        request.provenance,
        done.programme,
        member=standing.member,
        identifier=request.card,
        language=standing.language,
        nickname=standing.nickname,
        host_check_id=request.about,
        standing=standing_used(standing, done),
        asked=DetailAsked(actions=(request.action,)),
        awards=left.awards,
        issued=left.issued,
        stays=left.stays,
        remainders=left.remainders,
    )
    draws = NOTHING_DRAWN if training else drawn(done)
    leases.draw(writing.connection, draws.leases)
    stored = journal.append(
        writing,
        Draft(
            entry_id=entry_id,
            kind=EntryKind.ACTION,
            leases=draws.leases,
            leased=draws.leased,
            detail=detail,
            postings=posted.postings,
            opens=opens(writing.connection, posted),
            programme=done.programme.version,
            business_key=key,
            answer_key=request.key,
        ),
    )
    queue_coupons(context, writing, stored, detail)
    held = standing.changed(
        (one.unit, one.amount, one.lot) for one in posted.postings if one.account == standing.member
    )
    return {
        "entry": stored.entry_id.hex(),
        "sequence": stored.wire,
        "programme": done.programme.version,
        "awards": telling.awards(done.quoted.awards, context),
        "because": answers.because(done.quoted.because, context.catalogue),
        "missed": telling.missed(done.quoted, context),
        **telling.sale(done, standing, posted.coupons, context),
        "member": standing.member.hex(),
        "balances": answers.balances(dict(held.balances)),
    }


def _key(context: Context, request: ActionRequest, member: bytes) -> bytes | None:
    if request.about is None:
        return None
    return action_key(context.config.store.id, request.provenance, member, request.action, request.about)
