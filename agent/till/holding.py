"""Holds: what a basket will take is set aside until it is paid. Only a hold that lacks a right asks HQ, and not for long.

Source: docs/SPEC-leases.md, sections 3 and 8.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from agent.book import holds, sync_state
from agent.book.book import Writing
from agent.book.holds import Held, Hold
from agent.till import telling
from agent.till.answers import Recorded
from agent.till.asking import Computed
from agent.till.context import Context
from agent.till.drawing import beyond_of, drawn
from agent.till.lending import lend
from agent.till.naming import understood
from agent.till.quoting import quote_id, quote_now, told_member
from agent.till.record import once
from agent.till.requests import HoldRequest, Provenance, QuoteRequest, ReleaseRequest, request_digest
from agent.till.rights import takes_of
from agent.till.seen import Seen, read_seen, seen_text
from loyalty.journal.entry import ENTRY_ID_BYTES, LeaseDraw
from loyalty.refusals import Refusal, RefusalCode

LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A hold that its sale takes: what was seen, and what it draws under leases."""

    programme: str
    at: datetime
    seen: Seen
    draws: tuple[LeaseDraw, ...]


def hold(context: Context, request: HoldRequest) -> Recorded:
    """Set aside what a basket takes, once; asks HQ first where a right is missing and HQ can be asked."""
    sale = understood(context, request.sale)
    settled = replace(request, sale=replace(sale, provenance=context.settled(sale.provenance)))
    confirmed = lend(context, settled.sale)
    return once(
        context, request.key, request, lambda writing: _hold(context, writing, settled.sale, confirmed=confirmed)
    )


def release(context: Context, request: ReleaseRequest) -> Recorded:
    """Give a hold back, once; one that ended, or whose sale is paid, is no refusal."""
    return once(context, request.key, request, lambda writing: _release(writing, request))


def take(connection: Connection, named: str, sale: QuoteRequest, now: datetime) -> Kept | Refusal:
    """Take a hold for its sale, which gives it back in the same commit. One that ended is not there any more."""
    hold_id = _id(named)
    found = holds.find(connection, hold_id) if hold_id is not None else None
    if found is None or hold_id is None or found.expires_at <= int(now.timestamp()):
        return Refusal(code=RefusalCode.HOLD_UNKNOWN, field="hold", detail="hold or quote the basket again")
    if found.request_digest != _digest(sale):
        return Refusal(code=RefusalCode.QUOTE_CHANGED, field="hold", detail="it was for another basket")
    holds.drop(connection, hold_id)
    view = json.loads(found.view)
    return Kept(
        programme=view["programme"],
        at=datetime.fromtimestamp(view["at"], UTC),
        seen=read_seen(view["seen"]),
        draws=tuple(
            LeaseDraw(lease=bytes.fromhex(lease), lot_id=bytes.fromhex(lot) if lot is not None else None, amount=amount)
            for lease, lot, amount in view["draws"]
        ),
    )


def _hold(context: Context, writing: Writing, request: QuoteRequest, *, confirmed: bool) -> dict[str, Any] | Refusal:
    done = quote_now(context, writing.connection, request, confirmed=confirmed)
    if isinstance(done, Refusal):
        return done
    standing, computed, at = done
    hold_id, end = context.mint(), context.clock() + LASTS
    draws = drawn(computed).leases
    one = Hold(
        hold_id=hold_id,
        request_digest=_digest(request),
        expires_at=int(end.timestamp()),
        view=seen_text(
            computed.asked.seen,
            programme=computed.programme.version,
            at=int(at.timestamp()),
            draws=[[one.lease.hex(), one.lot_id.hex() if one.lot_id else None, one.amount] for one in draws],
        ),
        beyond=beyond_of(computed),
    )
    alone = sync_state.state(writing.connection).hq_epoch is None
    holds.keep(writing.connection, one, _parts(computed, draws, alone=alone))
    return {
        "hold": hold_id.hex(),
        "expires_at": datetime.fromtimestamp(one.expires_at, UTC).isoformat(),
        "quote": quote_id(computed.programme.version, request, at),
        **telling.quote(computed, standing, context),
        **told_member(request, standing, at),
    }


def _release(writing: Writing, request: ReleaseRequest) -> dict[str, Any] | Refusal:
    hold_id = _id(request.hold)
    if hold_id is None:
        return Refusal(code=RefusalCode.BAD_REQUEST, field="hold", detail="expected what a hold answered")
    return {"released": holds.drop(writing.connection, hold_id)}


def _parts(done: Computed, draws: Sequence[LeaseDraw], *, alone: bool) -> list[Held]:
    """Give what a quote takes, split by what pays: each lease, and the rest; all is its own to a till that is ``alone``."""
    pools = {one.lease: (one.account, one.unit) for one in done.asked.seen.slices}
    under = [
        Held(
            account=pools[one.lease][0], unit=pools[one.lease][1], lot_id=one.lot_id, lease=one.lease, amount=one.amount
        )
        for one in draws
    ]
    covered: dict[tuple[bytes, str, bytes | None], int] = {}
    for part in under:
        key = part.account, part.unit, part.lot_id
        covered[key] = covered.get(key, 0) + part.amount
    within: dict[tuple[bytes, str, bytes | None], int] = {}
    for one in takes_of(done.programme, done.quoted):
        key = one.account, one.unit, one.lot_id
        within[key] = within.get(key, 0) + one.amount
    rest = []
    for one in takes_of(done.programme, done.quoted, beyond=True):
        key = one.account, one.unit, one.lot_id
        left = one.amount - min(one.amount, covered.get(key, 0))
        covered[key] = covered.get(key, 0) - (one.amount - left)
        if left:
            own = left if alone else min(left, within.get(key, 0), done.asked.seen.own.get(key, 0))
            rest.append(Held(account=one.account, unit=one.unit, lot_id=one.lot_id, lease=None, amount=left, own=own))
    return [*under, *rest]


def _digest(sale: QuoteRequest) -> bytes:
    """Digest what is held for, without when it was asked and by whom."""
    return request_digest(replace(sale, provenance=Provenance(host=sale.provenance.host)))


def _id(named: str) -> bytes | None:
    try:
        found = bytes.fromhex(named)
    except ValueError:
        return None
    return found if len(found) == ENTRY_ID_BYTES else None
