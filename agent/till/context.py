"""What every use case of one till shares, and small questions that several ask."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from agent.book import base_stage, members, sync_state
from agent.book.book import Book
from agent.config.values import TillConfig
from agent.keys import TillKeys
from agent.ports import Clock, Mint
from agent.till.line import Line
from agent.till.requests import Provenance
from agent.till.shelf import Shelf
from agent.till.uids import names_uid, refuse_made_up
from agent.till.wanting import Wanted
from drivers.scanners.cards import in_ranges
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal, holds_payment_track
from drivers.scanners.passed_on import read_passed_on
from drivers.scanners.symbols import Symbol
from loyalty.cards import card_key, is_card, is_uid
from loyalty.journal.detail import EntryDetail
from loyalty.programme.model import Programme
from loyalty.refusals import Refusal, RefusalCode
from messages.catalogue import Catalogue
from sync.protocol.values import TillFacts

LATE_RETRY = timedelta(hours=4)
"""How long after the store's midnight a request without a business date may be a retry of one from before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One till's parts."""

    config: TillConfig
    book: Book
    keys: TillKeys
    shelf: Shelf
    clock: Clock
    mint: Mint
    line: Line = field(default_factory=Line)
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def catalogue(self) -> Catalogue:
        """The cashier's language."""
        return Catalogue.load(self.config.store.language)

    def settled(self, provenance: Provenance) -> Provenance:
        """Fill in the instant (UTC) and the business date: the clock is read once for all that a request writes."""
        at = (provenance.happened_at or self.clock()).astimezone(UTC)
        return replace(
            provenance,
            happened_at=at,
            business_date=provenance.business_date or at.astimezone(self.config.store.zone).date(),
        )

    def when(self, provenance: Provenance) -> tuple[datetime, date]:
        """Give the instant (aware UTC) and the business date of a request."""
        settled = provenance if provenance.happened_at and provenance.business_date else self.settled(provenance)
        assert settled.happened_at is not None
        assert settled.business_date is not None
        return settled.happened_at, settled.business_date

    def programme(self, provenance: Provenance) -> Programme:
        """Give the programme in force at the instant of a request."""
        at, _ = self.when(provenance)
        return self.shelf.at(at)

    def facts(self) -> TillFacts:
        """Give what the till tells people at HQ of itself."""
        now = self.clock()
        zone, wanted = self.config.store.zone.key, self.shelf.unreadable(now)
        with self.book.read() as connection:
            old = sync_state.state(connection).rolled_back
            bucket, _ = base_stage.mismatch(connection)
        return TillFacts(
            zone=zone,
            programme=self.shelf.at(now).version,
            unreadable=wanted,
            rolled_back=old,
            mismatch=str(bucket) if bucket is not None else None,
        )

    def day_before(self, asked: Provenance) -> date | None:
        """Give the day under which a retry may be known too: the one before, for `LATE_RETRY` after midnight.

        None where the host says the business date, as it should: then a retry has the date of the first sending.
        """
        if asked.business_date is not None:
            return None
        at, zone = asked.happened_at or self.clock(), self.config.store.zone
        day = (at - LATE_RETRY).astimezone(zone).date()
        return day if day != at.astimezone(zone).date() else None

    def is_recent(self, asked: Provenance, local_time: str) -> bool:
        """Tell whether an entry of ``local_time`` is so young that a request may be its retry."""
        return (asked.happened_at or self.clock()) - datetime.fromisoformat(local_time) <= LATE_RETRY

    def admit(self, scan: str) -> Symbol | Refusal:
        """Read a scan that a host passes on, with its framing or without; a payment card is refused before anything else."""
        symbol = read_passed_on(scan)
        gate = Gate(device="host", kind=DeviceKind.HOST, ranges=self.config.cards.ranges)
        admitted = gate.admit(symbol if isinstance(symbol, Symbol) else Symbol(text=scan))
        if isinstance(admitted, GateRefusal):
            return Refusal(code=RefusalCode.PAYMENT_CARD, field="scan")
        if isinstance(symbol, str):
            return Refusal(code=RefusalCode.BAD_REQUEST, field="scan", detail=f"misread: {symbol}")
        return admitted

    def check_card(self, card: str) -> Refusal | None:
        """Refuse what cannot be a card of the merchant's; a payment card before anything else looks at it.

        A host may pass on what its reader gave, so this is the scanner's gate: tracks, and numbers with spaces and
        dashes, are payment cards too.
        """
        ranges = self.config.cards.ranges
        if is_uid(card):
            return refuse_made_up(card)
        if in_ranges(card, ranges):
            return None if is_card(card) else Refusal(code=RefusalCode.BAD_REQUEST, field="card")
        admitted = self.admit(card)
        if isinstance(admitted, Refusal) and (admitted.code is RefusalCode.PAYMENT_CARD or is_card(card)):
            return replace(admitted, field="card")
        if not is_card(card):
            detail = "expected 1 to 64 printable ASCII characters without spaces, or uid: and upper-case hexadecimal"
            return Refusal(code=RefusalCode.BAD_REQUEST, field="card", detail=detail)
        return None

    def check_shown(self, shown: Iterable[tuple[str, str]]) -> Refusal | None:
        """Refuse (field, text) of something read by a scanner that is a payment card, or no text of one line."""
        for place, text in shown:
            admitted = self.admit(text)
            if isinstance(admitted, Refusal) and admitted.code is RefusalCode.PAYMENT_CARD:
                return replace(admitted, field=place)
            if names_uid(text) and not place.startswith("codes"):
                detail = "whoever reads a UID can copy it, so it is worth nothing by itself"
                return Refusal(code=RefusalCode.UID_NEEDS_CARD, field=place, detail=detail)
            if not (text and text.isprintable()):
                detail = "expected printable characters"
                return Refusal(code=RefusalCode.BAD_REQUEST, field=place, detail=detail)
        return None

    def holds_track(self, text: str) -> bool:
        """Tell whether a payment card was swiped into a text; digits alone are no reason, since they may be anything."""
        return holds_payment_track(text, self.config.cards.ranges)

    def find_member(self, connection: Connection, card: str) -> bytes | None:
        """Give the member of a card that passed `check_card`, or None."""
        member = members.by_card(connection, card_key(card, self.keys.identifier_key))
        if member is not None and not members.is_own(connection, member):
            self.wanted.add(member)
        return member

    def may_enrol(self, card: str) -> bool:
        """Tell whether an unknown card becomes a member's by being used; a UID only where the merchant says so."""
        if is_uid(card):
            return self.config.cards.enrol_unknown_uids
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


def business_key(store: str, said: Provenance, business_date: date, check_id: str, payment_set: str | None) -> bytes:
    """Digest what identifies a sale to a host that retries with new ids and restarts its numbers daily."""
    return _key("check", store, said.host, business_date.isoformat(), check_id, payment_set or "", _mode(said))


def action_key(store: str, said: Provenance, member: bytes, action: str, about: str) -> bytes:
    """Digest what makes an action one: who did what about which thing."""
    return _key("action", store, said.host, member.hex(), action, about, _mode(said))


def guid_key(said: Provenance, host_guid: str) -> bytes:
    """Digest the host's own global id of a sale."""
    return _key("guid", said.host, host_guid, _mode(said))


def _mode(said: Provenance) -> str:
    """Tell sales of the training mode apart: their numbers are not taken from the real ones."""
    return "training" if said.training else ""


def _key(*parts: str) -> bytes:
    return sha256(b"\0".join(part.encode() for part in parts)).digest()[:16]
