"""What every use case of one till shares, and small questions that several ask."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection

from agent.book import members
from agent.book.book import Book
from agent.config.values import TillConfig
from agent.keys import TillKeys
from agent.ports import Clock, Mint
from agent.till.requests import Provenance
from agent.till.shelf import Shelf
from drivers.scanners.cards import in_ranges
from drivers.scanners.gate import looks_like_payment_number
from loyalty.cards import card_key, is_card
from loyalty.journal.detail import EntryDetail, StandingUsed
from loyalty.programme.model import Programme
from loyalty.refusals import Refusal, RefusalCode
from loyalty.standing import Standing
from messages.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One till's parts."""

    config: TillConfig
    book: Book
    keys: TillKeys
    shelf: Shelf
    clock: Clock
    mint: Mint

    @property
    def catalogue(self) -> Catalogue:
        """The cashier's language."""
        return Catalogue.load(self.config.store.language)

    def when(self, provenance: Provenance) -> tuple[datetime, date]:
        """Give the instant (aware UTC or as the host said) and the business date of a request."""
        at = provenance.happened_at or self.clock()
        return at, provenance.business_date or at.astimezone(self.config.store.zone).date()

    def check_card(self, card: str) -> Refusal | None:
        """Refuse what cannot be a card of the merchant's; a payment card before anything else looks at it."""
        if in_ranges(card, self.config.cards.ranges):
            return None if is_card(card) else Refusal(code=RefusalCode.BAD_REQUEST, field="card")
        if looks_like_payment_number(card):
            return Refusal(code=RefusalCode.PAYMENT_CARD, field="card")
        if not is_card(card):
            detail = "expected 1 to 64 printable ASCII characters without spaces"
            return Refusal(code=RefusalCode.BAD_REQUEST, field="card", detail=detail)
        return None

    def find_member(self, connection: Connection, card: str) -> bytes | None:
        """Give the member of a card that passed `check_card`, or None."""
        return members.by_card(connection, card_key(card, self.keys.identifier_key))

    def may_enrol(self, card: str) -> bool:
        """Tell whether an unknown card becomes a member's by being used."""
        return self.config.cards.enrol_unknown and in_ranges(card, self.config.cards.ranges)

    def detail(self, provenance: Provenance, programme: Programme, **fields: object) -> EntryDetail:
        """Make a detail with what every entry says, and the given fields."""
        at, business_date = self.when(provenance)
        return EntryDetail(
            salt=self.mint(),
            local_time=at.astimezone(self.config.store.zone).isoformat(timespec="seconds"),
            business_date=business_date.isoformat(),
            store=self.config.store.id,
            currency=programme.currency.code,
            currency_scale=programme.currency.scale,
            operator=provenance.operator,
            shift=provenance.shift,
            host=provenance.host,
            training=provenance.training,
            **fields,  # type: ignore[arg-type]  # the callers name fields of EntryDetail, which checks its own
        )


def business_key(store: str, host: str, business_date: date, check_id: str, payment_set: str | None) -> bytes:
    """Digest what identifies a sale to a host that retries with new ids and restarts its numbers daily."""
    parts = [store, host, business_date.isoformat(), check_id, payment_set or ""]
    return sha256(b"\0".join(part.encode() for part in parts)).digest()[:16]


def guid_key(host: str, host_guid: str) -> bytes:
    """Digest the host's own global id of a sale."""
    return sha256(b"guid\0" + host.encode() + b"\0" + host_guid.encode()).digest()[:16]


def standing_used(standing: Standing) -> StandingUsed:
    """Keep what an entry was computed with."""
    return StandingUsed(
        tier=standing.tier,
        balances=standing.balances,
        as_of=standing.as_of.isoformat() if standing.as_of is not None else None,
    )
