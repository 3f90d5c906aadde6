"""Looking through what waits for a person, settling it, and posting what can be posted now."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, update

from hq.attention.parking import ItemState, ParkReason, Place
from hq.book.book import Book
from hq.book.schema import exception, parked
from hq.book.settings import Settings
from hq.ingest.journals import stored_at
from hq.ingest.posting import post_again
from hq.ports import Clock, epoch_ms
from hq.reviewing.finding import find_item, items_after, page_of
from hq.reviewing.showing import shown
from hq.reviewing.values import (
    MAX_BY,
    MAX_NOTE,
    SLICE,
    Item,
    ItemPage,
    Pile,
    Replayed,
    Settled,
    Shown,
    Tried,
    Wanted,
)
from loyalty.numbers.limits import is_storable
from loyalty.refusals import Refusal, RefusalCode

_TABLES = {Pile.EXCEPTIONS: exception, Pile.PARKED: parked}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """What a person does about parked entries and exceptions."""

    book: Book
    settings: Settings
    clock: Clock

    def page(self, pile: Pile, wanted: Wanted) -> ItemPage | Refusal:
        """List a pile, the newest first."""
        with self.book.read() as connection:
            return page_of(connection, pile, wanted)

    def show(self, pile: Pile, which: str) -> Shown | Refusal:
        """Show everything about one; see `find_item` for what ``which`` may be."""
        with self.book.read() as connection:
            item = find_item(connection, pile, which)
            return item if isinstance(item, Refusal) else shown(connection, item)

    def settle(self, pile: Pile, which: str, *, note: str, by: str) -> Settled | Refusal:
        """Note that a person has dealt with one; settling it again changes nothing, the first note stays.

        Of parked entries only a return that names no sale is settled so: it has nothing to post. Every other one
        holds units that its till goes on counting until HQ has posted them.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        if not note.strip() or len(note) > MAX_NOTE or not is_storable(note, MAX_NOTE):
            return _refused("note", f"expected a text of 1 to {MAX_NOTE} characters")
        with self.book.write() as connection:
            item = find_item(connection, pile, which)
            if isinstance(item, Refusal):
                return item
            if item.state is ItemState.SETTLED:
                return Settled(item=item, known=True)
            if pile is Pile.PARKED and item.reason is not ParkReason.UNKNOWN_ORIGINAL:
                return _refused("which", f"it is parked as {item.reason.value} and is settled by posting it: replay it")
            return Settled(item=_settle(connection, pile, item, note, by[:MAX_BY], self.clock()), known=False)

    def replay(
        self, wanted: Wanted, *, after: Place | None = None, upto_ms: int, most: int = SLICE
    ) -> Replayed | Refusal:
        """Post what can be posted now of one slice of the open parked entries, in the order of their journals.

        Args:
            wanted: Which of them; its state and page do not count.
            after: Where the slice before this one ended.
            upto_ms: Entries that were parked later are left out, so that a replay ends while tills go on sending.
            most: Entries of the slice.

        Raises:
            BookBusy: the book could not be written just now; nothing of this slice was.
        """
        with self.book.write() as connection:
            items = items_after(
                connection, replace(wanted, state=ItemState.OPEN), after=after, upto_ms=upto_ms, most=most
            )
            if isinstance(items, Refusal):
                return items
            tried = self._try(connection, list(items))
        return Replayed(tried=tried, next=items[-1].place if len(items) == most else None)

    def replay_one(self, which: str) -> Replayed | Refusal:
        """Post one parked entry if it can be posted now; one that is settled is only looked at."""
        with self.book.write() as connection:
            item = find_item(connection, Pile.PARKED, which)
            if isinstance(item, Refusal):
                return item
            if item.state is ItemState.SETTLED:
                return Replayed(tried=(_tried(item, posted=True),), next=None)
            return Replayed(tried=self._try(connection, [item]), next=None)

    def now_ms(self) -> int:
        """Give the instant from which a replay looks back."""
        return epoch_ms(self.clock())

    def _try(self, connection: Connection, items: list[Item]) -> tuple[Tried, ...]:
        kept = [stored_at(connection, item.place) for item in items]
        key = self.settings.identifier_key
        done = post_again(connection, kept, identifier_key=key, now_ms=self.now_ms())
        after = (item if item.place in done else _again(connection, item) for item in items)
        return tuple(_tried(item, posted=item.place in done) for item in after)


def _tried(item: Item, *, posted: bool) -> Tried:
    assert isinstance(item.reason, ParkReason)
    return Tried(place=item.place, till=item.till, entry_id=item.entry_id, posted=posted, reason=item.reason)


def _again(connection: Connection, item: Item) -> Item:
    """Read the reason that holds now."""
    found = connection.execute(parked.select().where(_own(Pile.PARKED, item))).one()
    return replace(item, reason=ParkReason(found.reason), entry_id=found.entry_id, waits_for=found.waits_for)


def _settle(connection: Connection, pile: Pile, item: Item, note: str, by: str, at: datetime) -> Item:
    values = {"state": ItemState.SETTLED.value, "settled_at_ms": epoch_ms(at), "settled_by": by, "settled_note": note}
    connection.execute(update(_TABLES[pile]).where(_own(pile, item)).values(**values))
    return replace(item, state=ItemState.SETTLED, settled_at=at, settled_by=by, settled_note=note)


def _own(pile: Pile, item: Item) -> ColumnElement[bool]:
    table = _TABLES[pile]
    owner, epoch, sequence = item.place
    same = and_(table.c.terminal_id == owner, table.c.epoch == epoch, table.c.sequence == sequence)
    return and_(same, table.c.reason == item.reason.value) if pile is Pile.EXCEPTIONS else same


def _refused(field: str, detail: str) -> Refusal:
    return Refusal(code=RefusalCode.BAD_REQUEST, field=field, detail=detail)
