"""What tills say to HQ about leases, and what HQ then has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hq.accounts.holdings import holdings
from hq.leases.tables import Kept, leases_where
from loyalty.holding.lots import lot_of
from loyalty.journal.entry import LeaseDraw, Lot, Posting
from sync.protocol.leases import Lease, LeaseAnswer, LeaseRequest, Slice, Want
from tests.hq.houses import START, House
from tests.hq.tills import FakeTill

NOW = int(START.timestamp())
DAY_S = 86_400
SOON, LATER, PENDING = lot_of(None, NOW + 3_600), lot_of(None, NOW + DAY_S), lot_of(NOW + 60, None)


@dataclass
class Line:
    """One till's exchanges, with its own numbers for its wants."""

    house: House
    till: FakeTill

    def want(self, account: bytes | None, most: int, least: int = 1, **more: Any) -> Want:
        fields = {"request_id": self.house.chance.randbytes(16), "pool": None, "unit": "points", **more}
        return Want(account=account, least=least, most=most, **fields)

    def ask(self, *wants: Want, known: int = 0, held: tuple[Lease, ...] | None = None) -> LeaseAnswer:
        return self.house.hq.leasing.exchange(self.house.known(self.till), self.request(*wants, known=known, held=held))

    def request(self, *wants: Want, known: int = 0, held: tuple[Lease, ...] | None = None) -> LeaseRequest:
        till, hq_epoch = self.till, self.house.hq.hq_epoch
        return LeaseRequest(terminal=till.id, epoch=till.epoch, known=known, hq_epoch=hq_epoch, wants=wants, held=held)

    def granted(self, account: bytes | None, most: int, least: int = 1, **more: Any) -> Lease:
        """Ask for something that HQ has."""
        want = self.want(account, most, least, **more)
        answer = self.ask(want)
        assert answer.refused == ()
        (lease,) = [one.lease for one in answer.changes if one.lease.request_id == want.request_id]
        return lease

    def refused(self, want: Want) -> str | None:
        """Ask; gives why nothing was granted."""
        answer = self.ask(want)
        return dict(answer.refused)[want.request_id].value if answer.refused else None

    def send(self) -> None:
        """Send what HQ lacks."""
        self.house.take(
            self.till, self.house.hq.ingest.hello(self.house.known(self.till), self.till.hello()).resume_from
        )


def lines(house: House, many: int = 2, store: str = "S1") -> list[Line]:
    return [Line(house, house.till(f"Till {number}", store)) for number in range(1, many + 1)]


def member(line: Line, *parts: Posting, card: str = "7001") -> bytes:
    """Enrol somebody who has so much; HQ has heard of it."""
    account = line.till.enrol(card)
    if parts:
        postings = (Posting(account=account, unit=one.unit, amount=one.amount, lot=one.lot) for one in parts)
        line.till.add("sale", *postings)
    line.send()
    return account


def points(amount: int, lot: Lot | None = None) -> Posting:
    """Points for `member`, which says whose they are."""
    return Posting(account=bytes(16), unit="points", amount=amount, lot=lot)


def redeem(line: Line, lease: Lease, amount: int, lot: Lot | None = None) -> bytes:
    """Journal a redemption under a lease; HQ has not heard of it."""
    lot_id = lot.lot_id if lot is not None else None
    return line.till.add(
        "sale",
        Posting(account=lease.account, unit=lease.unit, amount=-amount, lot=lot),
        leases=(LeaseDraw(lease=lease.lease_id, lot_id=lot_id, amount=amount),),
    )


def piece(amount: int, lot: Lot | None = None, spent: int = 0) -> Slice:
    """A slice of a lot."""
    if lot is None:
        return Slice(lot_id=None, usable_at=None, expires_at=None, amount=amount, spent=spent)
    return Slice(
        lot_id=lot.lot_id,
        usable_at=lot.usable_at,
        expires_at=lot.expires_at,
        amount=amount,
        spent=spent,
    )


def all_leases(house: House) -> list[Kept]:
    with house.hq.book.read() as connection:
        return leases_where(connection)


def balance(house: House, account: bytes, unit: str = "points") -> int:
    with house.hq.book.read() as connection:
        return holdings(connection, account).balance(unit)
