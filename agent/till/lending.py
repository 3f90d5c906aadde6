"""Leases on their way: what a sale lacks is asked for at once, and every round takes in what HQ says and gives back what ended.

Source: docs/SPEC-leases.md, sections 3 and 4.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from agent.book import holds, journal, leases
from agent.book.book import Writing
from agent.book.journal import Draft
from agent.till.asking import Computed
from agent.till.context import Context
from agent.till.quoting import quote_now
from agent.till.requests import Provenance, QuoteRequest
from agent.till.rights import takes_of
from agent.till.seen import Seen
from loyalty.holding.accounts import pool_account
from loyalty.journal.entry import MAX_CLOSES, EntryKind
from loyalty.refusals import Refusal
from loyalty.rules.stages import Offline
from sync.protocol.errors import SyncRefused
from sync.protocol.leases import MAX_WANTS, LeaseAnswer, LeaseRequest, Want, told_at_once

_MOST_ROUNDS = 100
"""A bound on the exchanges of one round, so that a faulty HQ cannot keep a till busy for ever."""


def lend(context: Context, sale: QuoteRequest) -> bool:
    """Ask HQ for the rights that a sale lacks; True where HQ has answered.

    HQ is asked only where something that must not be overspent, or only within the floor limits, would be given, and a right
    to it is missing, or where only HQ can allow it.
    """
    if not context.programme(sale.provenance).needs_rights:
        return False
    with context.book.read() as connection:
        freely = quote_now(context, connection, sale, free=True)
    if isinstance(freely, Refusal):
        return False
    done = freely[1]
    wants = _wants(context, done, done.asked.seen)
    if not wants and not _only_hq_allows(done):
        return False
    answer = context.line.ask(_request(context, wants), context.clock())
    if answer is None or answer.recovering:
        return False
    _take_in(context, answer)
    return True


def exchange(context: Context, ask: Callable[[LeaseRequest], LeaseAnswer], wants: tuple[Want, ...] = ()) -> int:
    """Hear what became of the till's leases, tell HQ what it holds where HQ asks, and give back what ended.

    Gives how many leases were given back: their entry waits for the upload.
    """
    _hear(context, ask, wants)
    return give_back(context)


def meet(context: Context, ask: Callable[[LeaseRequest], LeaseAnswer], hq_epoch: str) -> None:
    """Tell an HQ that is another than the one the leases are from what the till holds, before it sees their draws.

    An HQ that was restored takes a lease in as it was granted, and counts what its entries draw as they come.
    """
    with context.book.read() as connection:
        of, _ = leases.known(connection)
    if of not in (None, hq_epoch):
        with suppress(SyncRefused):  # the journal is mended first, or HQ does not want it: the round says so
            _hear(context, ask, ())


def _hear(context: Context, ask: Callable[[LeaseRequest], LeaseAnswer], wants: tuple[Want, ...]) -> None:
    for _ in range(_MOST_ROUNDS):
        answer = ask(_request(context, wants))
        _take_in(context, answer)
        if answer.recovering:
            answer = _tell(context, ask)
        wants = ()
        if not answer.more:
            return


def _tell(context: Context, ask: Callable[[LeaseRequest], LeaseAnswer]) -> LeaseAnswer:
    """Say what the till holds, in as many messages as it takes; gives the answer to the last one."""
    with context.book.read() as connection:
        held = leases.every(connection, context.book.head.terminal)
    while True:
        first = told_at_once(held)
        part, held = held[:first], held[first:]
        answer = ask(replace(_request(context, ()), held=part, held_more=bool(held)))
        _take_in(context, answer)
        if not held:
            return answer


def news_of_leases(context: Context, ask: Callable[[LeaseRequest], LeaseAnswer], wait_s: int) -> bool:
    """Let HQ wait up to ``wait_s`` seconds for news of the till's leases; True when there are some.

    They are not taken in: the next `exchange` does that.
    """
    return ask(replace(_request(context, ()), wait_s=wait_s)).is_news


def give_back(context: Context) -> int:
    """End the holds whose time is over, and journal the close of leases that were recalled or have ended; gives how many."""
    now_s = int(context.clock().timestamp())
    with context.book.read() as connection:
        if not leases.ending(connection, now_s, 1) and not holds.ended(connection, now_s):
            return 0
    with context.book.write() as writing:
        for hold_id in holds.ended(writing.connection, now_s):
            holds.drop(writing.connection, hold_id)
        ended = leases.ending(writing.connection, now_s, MAX_CLOSES)
        if ended:
            _close(context, writing, ended)
    return len(ended)


def _close(context: Context, writing: Writing, ended: list[bytes]) -> None:
    provenance = context.settled(Provenance(host="agent"))
    detail = context.detail(provenance, context.programme(provenance))
    journal.append(writing, Draft(entry_id=context.mint(), kind=EntryKind.CLOSE, detail=detail, closes=tuple(ended)))
    leases.gone(writing.connection, ended)


def _request(context: Context, wants: tuple[Want, ...]) -> LeaseRequest:
    head = context.book.head
    with context.book.read() as connection:
        of, known = leases.known(connection)
    return LeaseRequest(terminal=head.terminal, epoch=head.epoch, known=known, hq_epoch=of, wants=wants)


def _take_in(context: Context, answer: LeaseAnswer) -> None:
    with context.book.read() as connection:
        if not answer.changes and leases.known(connection) == (answer.hq_epoch, answer.upto):
            return
    with context.book.write() as writing:
        head = writing.head
        leases.take_in(writing.connection, answer, terminal=head.terminal, epoch=head.epoch)


def _wants(context: Context, done: Computed, seen: Seen) -> tuple[Want, ...]:
    """Name what the sale would take of guarded pools beyond the rights of the till."""
    guarded = _guarded(done)
    names = {pool_account(done.programme.id, name): name for name in seen.pools}
    missing: dict[tuple[bytes, str], int] = {}
    for take in takes_of(done.programme, done.quoted):
        if (take.account, take.unit) in guarded:
            missing[take.account, take.unit] = missing.get((take.account, take.unit), 0) + take.amount
    wants = []
    for (account, unit), amount in sorted(missing.items()):
        have = sum(one.left for one in seen.slices if (one.account, one.unit) == (account, unit))
        have += sum(own for (of, what, _), own in seen.own.items() if (of, what) == (account, unit))
        if amount > have:
            wants.append(
                Want(
                    request_id=context.mint(),
                    account=None if account in names else account,
                    pool=names.get(account),
                    unit=unit,
                    least=amount - have,
                    most=amount - have,
                    urgent=True,
                )
            )
    return tuple(wants[:MAX_WANTS])


def _guarded(done: Computed) -> set[tuple[bytes, str]]:
    """Give the pools that rules and rewards at work draw from and must not overspend, or only within the floor limits."""
    programme, quoted = done.programme, done.quoted
    leased = programme.leased
    redeemed = [one for one in quoted.redemptions if one.reward in leased]
    found = {(one.payer, one.unit.id) for one in redeemed if one.payer is not None and one.unit is not None}
    if redeemed or any(head.offline is not Offline.ALLOW for head in programme.heads):
        found |= {
            (pool_account(programme.id, count.pool), count.unit) for count in quoted.counts if count.pool is not None
        }
    return found


def _only_hq_allows(done: Computed) -> bool:
    denied = {head.id for head in done.programme.heads if head.offline is Offline.DENY}
    return any(one.reward in denied for one in done.quoted.redemptions) or any(
        award.rule in denied for award in done.quoted.awards
    )
