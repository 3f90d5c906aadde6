"""A book with something of everything that an audit looks at, and audits of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from hq.auditing.service import audit
from hq.auditing.values import Audit
from hq.members.values import Erase, Erased, Merge, Merged
from hq.reviewing.values import Pile, Settled
from loyalty.journal.entry import Posting, Reference
from tests.hq.houses import House
from tests.hq.leasing.exchanges import LATER, PENDING, lines, member, points, redeem
from tests.hq.tills import FakeTill

STRANGER = b"\x77" * 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """A house, and what is where in it.

    Attributes:
        holder: The till of all leases; its first sale is its second entry.
        forked: A till in epoch 2, which goes on behind two entries of epoch 1.
        stays, gone: Two members who are one.
        owing: A member whose purchase came back when its points were spent.
        open, closed, spent: Leases on what ``stays`` has; one of the four points of ``open`` is spent.
        waiting: The entry that is parked, second to last of the forked till.
    """

    house: House
    holder: FakeTill
    forked: FakeTill
    stays: bytes
    gone: bytes
    owing: bytes
    open: bytes
    closed: bytes
    spent: bytes
    waiting: bytes


def everything(house: House) -> Everything:
    """Let two tills live: leases, a debt, a merge, an erasure, a fork, parked entries, a detail that is another."""
    line, other = lines(house)
    stays = member(line, points(10), points(5, LATER), points(3, PENDING))
    open_, closed, spent = line.granted(stays, 4), line.granted(stays, 3), line.granted(stays, 2)
    redeem(line, open_, 1, LATER)
    redeem(line, spent, 2)
    line.till.add("close", closes=(closed.lease_id,))
    line.send()
    gone = member(other, points(7), points(2, LATER), card="7002")
    other.granted(gone, 5)
    owing = member(other, points(6), card="7003")
    other.till.add("return", Posting(account=owing, unit="points", amount=-9), refs=(Reference(entry_id=owing),))
    nobody = member(other, points(2), card="7004")
    assert isinstance(house.hq.merging.merge(Merge(card="7002", into="7001", reason="one person")), Merged)
    assert isinstance(house.hq.erasing.erase(Erase(card="7004", reason="request 17")), Erased)
    other.till.sale(gone, 20)
    other.till.sale(nobody, 30)
    other.send()
    forked, waiting = _fork(house, stays)
    return Everything(
        house=house,
        holder=line.till,
        forked=forked,
        stays=stays,
        gone=gone,
        owing=owing,
        open=open_.lease_id,
        closed=closed.lease_id,
        spent=spent.lease_id,
        waiting=waiting,
    )


def _fork(house: House, account: bytes) -> tuple[FakeTill, bytes]:
    """Let a third till's disk be put back, and go on with entries that HQ cannot post, or whose detail is another."""
    till = house.till("Till 3")
    for _ in range(3):
        till.sale(account, 1)
    house.take(till)
    image = till.copied(2)
    image.sale(account, 1)
    house.hq.epochs.open_epoch(house.known(till), image.epoch_request(2, 2))
    forked = image.reopened(2, 2)
    forked.sale(account, 2)
    other = till.copied(0)
    other.sale(account, 3)
    forked.add_raw(other.entries[0].core, till.entries[0].detail)
    forked.add("return")
    waiting = forked.add("sale", Posting(account=STRANGER, unit="points", amount=11))
    forked.add_raw(b"no core", b"no detail")
    house.take(forked)
    settled = house.hq.reviewing.settle(Pile.PARKED, f"{forked.id.hex()}/2/4", note="nothing to post", by="Aliya")
    assert isinstance(settled, Settled), settled
    return forked, waiting


def audited(house: House, connection: Connection | None = None, **later: float) -> Audit:
    """Audit the house, or its book as ``connection`` sees it."""
    at = house.clock() + timedelta(**later)
    if connection is not None:
        return audit(connection, at)
    with house.hq.book.read() as own:
        return audit(own, at)


def wrong(found: Audit) -> dict[str, list[str]]:
    """What does not hold: the examples of each such check."""
    return {one.check.value: one.examples for one in found.tallies if one.wrong}
