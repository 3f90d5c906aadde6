"""Giving units to a member, or taking them, by a person's word: checked and written in one transaction."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from hq.accounts.holdings import holdings_of
from hq.book.book import Book
from hq.book.schema import account, card
from hq.jobs.scenes import ANYWHERE, Scene, Scenes, home_stores
from hq.journaling.drafts import HqDraft
from hq.journaling.journal import HqJournal
from hq.leases.free import less_leased, why_not_taken
from hq.ports import Clock
from loyalty.cards import card_key, is_card
from loyalty.holding.adjusting import plan_adjustment
from loyalty.holding.lots import lot_of
from loyalty.holding.units import Holder, Unit
from loyalty.journal.detail import Override
from loyalty.journal.entry import ENTRY_ID_BYTES, EntryKind, Lot
from loyalty.numbers.scaled import parse_scaled
from loyalty.refusals import Refusal, RefusalCode

MAX_REASON = 500
MAX_BY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What a person asks.

    Attributes:
        card: The member's card.
        unit: The unit's id.
        amount: A figure of the unit, below zero to take (``-40``, ``2.5``).
        reason: Why; kept with the entry.
        by: Who.
    """

    card: str
    unit: str
    amount: str
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """What was written: the entry's id, and the balance of the unit after it in smallest steps of ``scale`` decimals."""

    entry_id: bytes
    balance: int
    scale: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusting:
    """Adjusts accounts."""

    book: Book
    journal: HqJournal
    clock: Clock

    def adjust(self, asked: Adjustment) -> Adjusted | Refusal:
        """Adjust a member's units; what is taken must be there to be spent, and nothing can come between look and deed.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        if not asked.reason.strip() or len(asked.reason) > MAX_REASON:
            detail = f"say why, in at most {MAX_REASON} characters"
            return Refusal(code=RefusalCode.BAD_REQUEST, field="reason", detail=detail)
        with self.book.write() as connection:
            member = self._member(connection, asked.card)
            if member is None:
                return Refusal(code=RefusalCode.CARD_UNKNOWN, field="card", detail="no member has this card")
            home = home_stores(connection, [member]).get(member, ANYWHERE)
            scene = Scenes.read(connection, self.clock()).of(home)
            return self._adjust(connection, member, scene, asked)

    def _adjust(self, connection: Connection, member: bytes, scene: Scene, asked: Adjustment) -> Adjusted | Refusal:
        unit = scene.programme.unit(asked.unit) if scene.programme is not None else None
        if scene.programme is None or unit is None:
            detail = "the programme in force in the member's store has no such unit"
            return Refusal(code=RefusalCode.BAD_REQUEST, field="unit", detail=detail)
        if unit.holder is Holder.CARD:
            detail = "it stands on gift cards, and no member has it"
            return Refusal(code=RefusalCode.BAD_REQUEST, field="unit", detail=detail)
        try:
            amount = parse_scaled(asked.amount, unit.scale)
        except ValueError:
            amount = 0
        if not amount:
            detail = f"expected a number other than zero, with at most {unit.scale} decimals"
            return Refusal(code=RefusalCode.BAD_REQUEST, field="amount", detail=detail)
        held = holdings_of(connection, [member])[member]
        free = less_leased(connection, {member: held})[member] if amount < 0 else held
        postings = plan_adjustment(member, free, unit.id, amount, scene.moment.at, _lot(unit, scene))
        if isinstance(postings, Refusal):
            return postings
        if amount < 0:
            left = free.usable(unit.id, scene.moment.at) + amount
            why = why_not_taken(connection, (member, unit.id), left, self.journal.settings.hq_epoch)
            if why:
                return Refusal(code=RefusalCode.INSUFFICIENT_UNITS, field="amount", detail=why)
        draft = HqDraft(
            entry_id=self.journal.randomness(ENTRY_ID_BYTES),
            kind=EntryKind.ADJUST,
            at=scene.moment.at,
            store=scene.moment.store,
            currency=scene.programme.currency.code,
            currency_scale=scene.programme.currency.scale,
            postings=postings,
            programme=scene.programme.version,
            member=member,
            override=Override(operator=asked.by[:MAX_BY], reason=asked.reason),
        )
        self.journal.write_in(connection, [draft])
        return Adjusted(entry_id=draft.entry_id, balance=held.balance(unit.id) + amount, scale=unit.scale)

    def _member(self, connection: Connection, number: str) -> bytes | None:
        if not is_card(number):
            return None
        key = card_key(number, self.journal.settings.identifier_key)
        query = select(account.c.canonical_id).join(card, card.c.member_id == account.c.account_id)
        found: bytes | None = connection.execute(query.where(card.c.card_key == key)).scalar_one_or_none()
        return found


def _lot(unit: Unit, scene: Scene) -> Lot | None:
    if unit.lasting is None:
        return None
    return lot_of(None, int(unit.lasting.ends_at(scene.moment.business_date, scene.zone).timestamp()))
