"""One coupon by its code: what is left of it, and taking that back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, select

from hq.accounts.holdings import holdings
from hq.book.book import Book
from hq.book.schema import ledger
from hq.coupons.times import instant_text, last_day_text
from hq.coupons.values import MAX_BY, MAX_REASON, Shown, State
from hq.ingest.accounts import owners_of
from hq.jobs.scenes import ANYWHERE, Scenes
from hq.journaling.drafts import HqDraft
from hq.journaling.journal import HqJournal
from hq.leases.tables import counting, set_state
from hq.ports import Clock, epoch_ms
from loyalty.due.expiry import take_all
from loyalty.holding.accounts import coupon_account
from loyalty.holding.standing import Holdings
from loyalty.holding.units import coupon_unit, is_coupon, is_owner_unit, owner_of
from loyalty.journal.detail import Override
from loyalty.journal.entry import ENTRY_ID_BYTES, EntryKind
from loyalty.numbers.limits import is_storable
from loyalty.numbers.scaled import format_scaled
from loyalty.parts.coupons import Coupon
from loyalty.programme.model import Programme
from loyalty.refusals import Refusal, RefusalCode
from sync.protocol.leases import LeaseState

_MAX_HISTORY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A coupon's account, and the unit that counts its uses."""

    account: bytes
    unit: str
    held: Holdings


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupons:
    """The coupons that were issued anywhere.

    Attributes:
        ring: Called with the holders of whom leases are wanted back, once that is committed.
    """

    book: Book
    journal: HqJournal
    clock: Clock
    ring: Callable[[Iterable[bytes]], None]

    def show(self, code: str) -> Shown | Refusal:
        """Say what HQ knows of a coupon."""
        with self.book.read() as connection:
            found = _find(connection, code)
            if found is None:
                return _nobody()
            return _shown(connection, Scenes.read(connection, self.clock()), found)

    def withdraw(self, code: str, reason: str, by: str = "") -> Shown | Refusal:
        """Take back what is left of a coupon; tills refuse it as soon as they have heard of it, also who holds a lease on it.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        if not reason.strip() or not is_storable(reason, MAX_REASON):
            detail = f"say why, in at most {MAX_REASON} characters"
            return Refusal(code=RefusalCode.BAD_REQUEST, field="reason", detail=detail)
        with self.book.write() as connection:
            scenes = Scenes.read(connection, self.clock())
            found = _find(connection, code)
            if found is None:
                return _nobody()
            programme = next((one for one in scenes.programmes()), None)
            if programme is None:
                return Refusal(code=RefusalCode.BAD_REQUEST, field="code", detail="no programme is in force")
            if found.held.balance(found.unit) <= 0:
                detail = "nothing is left of it that could be taken back"
                return Refusal(code=RefusalCode.COUPON_USED_UP, field="code", detail=detail)
            override = Override(operator=by[:MAX_BY], reason=reason)
            self.journal.write_in(connection, [self._draft(scenes, programme, found, override)])
            holders = self._recall(connection, found)
            after = _find(connection, code)
            assert after is not None
            shown = _shown(connection, scenes, after)
        self.ring(holders)
        return shown

    def _recall(self, connection: Connection, found: _Found) -> list[bytes]:
        """Ask the tills that hold a right to the coupon for it; gives them."""
        held = counting(connection, [found.account]).get((found.account, found.unit), ())
        asked = [kept.lease for kept in held if kept.lease.state is LeaseState.OPEN]
        set_state(connection, [one.lease_id for one in asked], LeaseState.RECALLED, epoch_ms(self.clock()))
        return [one.terminal for one in asked]

    def _draft(self, scenes: Scenes, programme: Programme, found: _Found, override: Override) -> HqDraft:
        return HqDraft(
            entry_id=self.journal.randomness(ENTRY_ID_BYTES),
            kind=EntryKind.ADJUST,
            at=scenes.of(ANYWHERE).moment.at,
            currency=programme.currency.code,
            currency_scale=programme.currency.scale,
            postings=take_all(found.account, found.held, found.unit),
            programme=programme.version,
            override=override,
        )


def _find(connection: Connection, code: str) -> _Found | None:
    if not is_storable(code):
        return None
    account = coupon_account(code)
    held = holdings(connection, account)
    units = [unit for unit, _ in held.balances if is_coupon(unit)]
    if not units:
        return None
    return _Found(account=account, unit=max(units, key=lambda unit: (held.balance(unit), unit)), held=held)


def _shown(connection: Connection, scenes: Scenes, found: _Found) -> Shown:
    coupon = _kind(scenes, found.unit)
    scale, zone = coupon.scale if coupon is not None else 0, scenes.of(ANYWHERE).zone
    lines = _lines(connection, found)
    issued = next((line for line in lines if line.amount > 0), None)
    usable_at, expires_at = (issued.usable_at_s, issued.expires_at_s) if issued is not None else (None, None)
    owners = [unit for unit, amount in found.held.balances if amount and is_owner_unit(unit)]
    return Shown(
        coupon=found.unit.removeprefix(coupon_unit("")),
        state=_state(found, lines, scenes.at, expires_at),
        left=format_scaled(found.held.balance(found.unit), scale),
        member=_owner(connection, owners[0]) if owners else "",
        usable_at=instant_text(usable_at, zone),
        expires_at=instant_text(expires_at, zone),
        last_day=last_day_text(expires_at, zone),
        history=tuple(
            (_at(line.effective_at_ms, zone), line.kind, format_scaled(line.amount, scale))
            for line in lines[-_MAX_HISTORY:]
        ),
    )


def _owner(connection: Connection, unit: str) -> str:
    """Give the member whose coupon it is, after merges, in hex."""
    named = owner_of(unit)
    owner = owners_of(connection, [named]).get(named)
    return (owner.account if owner is not None else named).hex()


def _state(found: _Found, lines: Sequence[Any], at: datetime, expires_at: int | None) -> State:
    if found.held.usable(found.unit, at) > 0:
        return State.USABLE
    last = lines[-1].kind if lines else ""
    if found.held.balance(found.unit) <= 0 and last != EntryKind.EXPIRE:
        return State.WITHDRAWN if last == EntryKind.ADJUST else State.USED_UP
    ended = last == EntryKind.EXPIRE or (expires_at is not None and expires_at <= at.timestamp())
    return State.OVER if ended else State.NOT_YET


def _lines(connection: Connection, found: _Found) -> Sequence[Any]:
    """Give the ledger in order of time; of one instant what came goes first."""
    own = select(ledger).where(ledger.c.account_id == found.account, ledger.c.unit == found.unit)
    order = (ledger.c.effective_at_ms, ledger.c.amount.desc(), ledger.c.entry_id, ledger.c.line)
    return connection.execute(own.order_by(*order)).all()


def _kind(scenes: Scenes, unit: str) -> Coupon | None:
    return next((one for programme in scenes.programmes() for one in programme.coupons if one.unit.id == unit), None)


def _at(ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(ms // 1_000, UTC).astimezone(zone).isoformat()


def _nobody() -> Refusal:
    detail = "HQ knows no coupon with this code; a till that issued it may not have sent it yet"
    return Refusal(code=RefusalCode.COUPON_UNKNOWN, field="code", detail=detail)
