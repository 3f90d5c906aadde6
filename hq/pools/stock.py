"""Stock of gifts and merchandise: what each store has to hand out, set by people and lowered by sales."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from hq.accounts.holdings import holdings, holdings_of
from hq.book.book import Book
from hq.jobs.scenes import Scene, Scenes
from hq.journaling.drafts import HqDraft
from hq.journaling.journal import HqJournal
from hq.journaling.once import MAX_ONCE, is_once, once_entry_id
from hq.leases.free import why_not_taken
from hq.leases.tables import Pool, leased_of
from hq.pools.stores import known_stores
from hq.ports import Clock
from loyalty.holding.accounts import AccountKind, pool_account
from loyalty.journal.detail import Override
from loyalty.journal.entry import ENTRY_ID_BYTES, EntryKind, Opened, Posting
from loyalty.numbers.limits import MAX_BALANCE, QUANTITY_SCALE, is_storable
from loyalty.numbers.scaled import format_scaled, parse_scaled
from loyalty.programme.model import Programme
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.rewards.gift import GiftReward, stock_pool, stock_unit

MAX_REASON = 500
MAX_BY = 64


class StockDo(StrEnum):
    """What a person does to a stock."""

    SET = "set"
    """It was counted."""
    ADD = "add"
    """Something came, or was taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChange:
    """What a person asks.

    Attributes:
        quantity: Pieces, with at most 3 decimals; below zero only to take some away.
        reason: Why, kept with the entry; may be empty.
        by: Who.
        once: A key under which the change is made once, or empty.
    """

    do: StockDo
    reward: str
    item: str
    store: str
    quantity: str
    reason: str = ""
    by: str = ""
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """What one store has of one gift, in thousandths of a piece; below zero where tills gave out more than there was."""

    programme: str
    reward: str
    item: str
    store: str
    left_milli: int

    @property
    def account(self) -> bytes:
        """The pool that counts it."""
        return pool_account(self.programme, stock_pool(self.reward, self.item, self.store))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked:
    """What came of a change: what there was and is, in thousandths of a piece.

    Attributes:
        entry_id: The entry, or None where there was nothing to write.
        known: It had been done before under the same key.
    """

    before_milli: int
    left_milli: int
    entry_id: bytes | None
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The stock of every store."""

    book: Book
    journal: HqJournal
    clock: Clock

    def rows(self) -> list[StockRow]:
        """Give what each store has of each gift that is given from stock, by the programme in force there."""
        with self.book.read() as connection:
            scenes = Scenes.read(connection, self.clock())
            empty = [
                StockRow(programme=programme.id, reward=gift.head.id, item=item, store=store, left_milli=0)
                for store in known_stores(connection)
                if (programme := scenes.of(store).programme) is not None
                for gift in stocked(programme)
                for item, _ in gift.items
            ]
            held = holdings_of(connection, {row.account for row in empty})
        return [
            StockRow(
                programme=row.programme,
                reward=row.reward,
                item=row.item,
                store=row.store,
                left_milli=held[row.account].balance(stock_unit(row.reward)),
            )
            for row in empty
        ]

    def change(self, asked: StockChange) -> Stocked | Refusal:
        """Set or add; what there is cannot change between the look and the deed.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        if len(asked.reason) > MAX_REASON or not is_storable(asked.reason, MAX_REASON):
            return _refused("reason", f"at most {MAX_REASON} characters")
        if asked.once and not is_once(asked.once):
            return _refused("once", f"expected a text of 1 to {MAX_ONCE} characters")
        quantity_milli = _quantity(asked)
        if isinstance(quantity_milli, Refusal):
            return quantity_milli
        with self.book.write() as connection:
            scenes = Scenes.read(connection, self.clock())
            refusal = _unknown(connection, scenes, asked)
            if refusal is not None:
                return refusal
            return self._change(connection, scenes.of(asked.store), asked, quantity_milli)

    def _change(
        self, connection: Connection, scene: Scene, asked: StockChange, quantity_milli: int
    ) -> Stocked | Refusal:
        assert scene.programme is not None
        pool = stock_pool(asked.reward, asked.item, asked.store)
        account, unit = pool_account(scene.programme.id, pool), stock_unit(asked.reward)
        before = holdings(connection, account).balance(unit)
        after = quantity_milli if asked.do is StockDo.SET else before + quantity_milli
        postings = (Posting(account=account, unit=unit, amount=after - before),) if after != before else ()
        own = once_entry_id(self.journal.settings.own_key, f"{asked.do.value}\0{pool}", asked.once)
        draft = HqDraft(
            entry_id=own if asked.once else self.journal.randomness(ENTRY_ID_BYTES),
            kind=EntryKind.ADJUST,
            at=scene.moment.at,
            store=asked.store,
            currency=scene.programme.currency.code,
            currency_scale=scene.programme.currency.scale,
            postings=postings,
            opens=(Opened(account=account, kind=AccountKind.POOL.value),) if postings else (),
            programme=scene.programme.version,
            override=Override(operator=asked.by[:MAX_BY], reason=asked.reason or f"stock {asked.do.value}"),
        )
        if asked.once and self.journal.known(connection, [own]):
            return Stocked(before_milli=before, left_milli=before, entry_id=own, known=True)
        if quantity_milli < 0 and after < 0:
            return Refusal(code=RefusalCode.STOCK_EMPTY, field="quantity", detail=f"there are {pieces(before)}")
        detail = self._not_taken(connection, (account, unit), after) if after < before else ""
        if detail:
            return Refusal(code=RefusalCode.STOCK_EMPTY, field="quantity", detail=detail)
        if abs(after) > MAX_BALANCE:
            return Refusal(code=RefusalCode.AMOUNT_TOO_LARGE, field="quantity", detail="that is too much")
        if not postings and not asked.once:
            return Stocked(before_milli=before, left_milli=after, entry_id=None)
        self.journal.write_in(connection, [draft])
        return Stocked(before_milli=before, left_milli=after, entry_id=draft.entry_id)

    def _not_taken(self, connection: Connection, pool: Pool, after: int) -> str:
        free = after - leased_of(connection, pool)
        if free < 0:
            return "tills hold leases on more than would be left; recall them with `loyaltill hq leases recall`"
        return why_not_taken(connection, pool, free, self.journal.settings.hq_epoch)


def stocked(programme: Programme) -> list[GiftReward]:
    """Give the rewards that hand out what a store must have."""
    return [one for one in programme.rewards if isinstance(one, GiftReward) and one.stock]


def pieces(milli: int) -> str:
    """Write thousandths of a piece without needless zeros."""
    return format_scaled(milli, QUANTITY_SCALE).rstrip("0").rstrip(".")


def _quantity(asked: StockChange) -> int | Refusal:
    try:
        quantity_milli = parse_scaled(asked.quantity, QUANTITY_SCALE)
    except ValueError:
        return _refused("quantity", f"expected a number of pieces, with at most {QUANTITY_SCALE} decimals")
    if asked.do is StockDo.SET and quantity_milli < 0:
        return _refused("quantity", "nobody has less than nothing")
    if asked.do is StockDo.ADD and not quantity_milli:
        return _refused("quantity", "expected a number other than zero")
    return quantity_milli


def _unknown(connection: Connection, scenes: Scenes, asked: StockChange) -> Refusal | None:
    """Refuse a store, reward or item that there is not, and say which there are."""
    stores = known_stores(connection)
    if asked.store not in stores:
        return _refused("store", f'no till is paired for a store "{asked.store}"; {_there_are(stores)}')
    programme = scenes.of(asked.store).programme
    if programme is None:
        return _refused("store", f'no programme is in force in the store "{asked.store}" yet')
    gifts = {gift.head.id: [item for item, _ in gift.items] for gift in stocked(programme)}
    if asked.reward not in gifts:
        detail = f'the programme in force has no gift from stock "{asked.reward}"; {_there_are(gifts)}'
        return Refusal(code=RefusalCode.REWARD_UNKNOWN, field="reward", detail=detail)
    if asked.item not in gifts[asked.reward]:
        detail = f'"{asked.reward}" does not give out "{asked.item}"; {_there_are(gifts[asked.reward])}'
        return Refusal(code=RefusalCode.CHOICE_UNKNOWN, field="item", detail=detail)
    return None


def _there_are(names: Iterable[str]) -> str:
    found = sorted(names)
    return f"there are: {', '.join(found)}" if found else "there are none"


def _refused(field: str, detail: str) -> Refusal:
    return Refusal(code=RefusalCode.BAD_REQUEST, field=field, detail=detail)
