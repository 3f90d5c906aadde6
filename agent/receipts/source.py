"""What a receipt is made from: one stored entry, the programme version that it names, and the shop."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from agent.book.journal import Stored
from agent.config.values import StoreConfig
from loyalty.explain import Money, Names, Units
from loyalty.holding.standing import NOTHING, Holdings
from loyalty.holding.units import UnitKind
from loyalty.journal.chain import head_code
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryCore
from loyalty.numbers.currency import Currency
from loyalty.programme.model import Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What a receipt says of the day on which it is printed.

    Attributes:
        copy: It may have been printed before.
        page: Address of the page where members see their balance, or empty.
        apart: The templates of what has a paper of its own beside the slip.
        holdings: What the member has.
    """

    copy: bool = False
    page: str = ""
    apart: frozenset[str] = frozenset()
    holdings: Holdings = NOTHING


_PLAIN = Today()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A stored entry and what its bytes say."""

    stored: Stored
    core: EntryCore
    detail: EntryDetail

    @classmethod
    def of(cls, stored: Stored) -> Self:
        """Read an entry.

        Raises:
            MalformedEntry: its bytes are not an entry's.
        """
        return cls(stored=stored, core=decode_core(stored.core), detail=decode_detail(stored.detail))

    @property
    def undoes(self) -> bytes | None:
        """The id of the entry that a void or a return undoes."""
        return self.core.references[0].entry_id if self.core.references else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One entry, read, and what its receipt needs besides.

    Attributes:
        entry_id: Of the entry, with its ``sequence`` and the ``code`` of the journal's head after it.
        core: The chained part.
        detail: What happened at the till.
        programme: The version that the core names.
        store: The shop; its zone and its language where the member has none.
        till: The till's name, with ``terminal``, its id in hex.
        original: The detail of the sale that a void or a return undoes, where this till has it.
        today: What is of the day of printing.
        currency: The currency of the amounts.
    """

    entry_id: bytes
    sequence: int
    code: str
    core: EntryCore
    detail: EntryDetail
    programme: Programme
    store: StoreConfig
    till: str
    terminal: str
    original: EntryDetail | None
    today: Today
    currency: Currency

    @classmethod
    def of(
        cls,
        entry: Read,
        programme: Programme,
        store: StoreConfig,
        till: str,
        *,
        terminal: str = "",
        original: Stored | None = None,
        today: Today = _PLAIN,
    ) -> Self:
        """Give what an entry's papers are made from.

        Raises:
            MalformedEntry: the bytes of the original are not an entry's.
        """
        return cls(
            entry_id=entry.stored.entry_id,
            sequence=entry.stored.wire,
            code=head_code(entry.stored.hash),
            core=entry.core,
            detail=entry.detail,
            programme=programme,
            store=store,
            till=till,
            terminal=terminal,
            original=decode_detail(original.detail) if original is not None else None,
            today=today,
            currency=_currency(programme, entry.detail),
        )

    @property
    def at(self) -> datetime:
        """When it happened, in the store's time of then."""
        return datetime.fromisoformat(self.detail.local_time)

    @property
    def card(self) -> str | None:
        """The card of the sale, also on the receipt of what undoes it."""
        shown = self.detail.identifier
        return shown or (self.original.identifier if self.original is not None else None)

    def as_money(self, amount_minor: int) -> Money:
        """Give an amount as an argument of a message."""
        return Money(amount_minor=amount_minor, currency=self.currency)

    def units(self, unit_id: str, amount: int) -> Units:
        """Give an amount of a unit; a unit that the programme does not know is called by its id."""
        unit = self.programme.unit(unit_id)
        if unit is None:
            return Units(amount=amount, scale=0, names=Names(by_language=(("en", unit_id),)))
        return unit.amount(amount)

    def money_name(self, unit_id: str | None) -> Names | None:
        """Give the name of a unit that is money; None for any other."""
        unit = self.programme.unit(unit_id) if unit_id is not None else None
        return unit.names if unit is not None and unit.kind is UnitKind.MONEY else None

    def day(self, seconds: int) -> date:
        """Give the store's day of an instant in epoch seconds."""
        return datetime.fromtimestamp(seconds, UTC).astimezone(self.store.zone).date()


def _currency(programme: Programme, detail: EntryDetail) -> Currency:
    """Give the sale's currency, as the programme wants it written where it is the programme's."""
    sold_in = Currency(code=detail.currency, scale=detail.currency_scale)
    return programme.currency if programme.currency == sold_in else sold_in
