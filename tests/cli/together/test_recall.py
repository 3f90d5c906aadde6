"""A lease is wanted elsewhere: its holder is online and hears of it at once, by a connection that waits at a real HQ."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.recall_worker import RecallWorker
from agent.sync_worker import SyncMode, SyncWorker
from hq.leases.tables import counting
from hq.server import ServerThread
from loyalty.quote import RedeemRequest
from sync.links.http import HttpLink
from sync.protocol.leases import MAX_WAIT_S
from tests.cli.together.chains import Chain

NEVER_S = 3_600.0
SOON_S = 15.0  # far below the 3,600 s after which the till would ask by itself


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with ExitStack() as stack:
        yield Chain(tmp_path, stack)


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def waiting(chain: Chain) -> bool:
    return bool(chain.hq.leasing.calls._waiting)


@pytest.fixture
def served(chain: Chain) -> Iterator[Chain]:
    """Give a chain whose first till holds a lease and waits at HQ, over HTTP."""
    chain.buy(0, "100.00")
    chain.talk(0, 1, 0, 1)
    assert chain.leased() == [("open", 100, 0)]
    till = chain.tills[0]
    token = till.context.keys.token
    assert token is not None
    with ServerThread(chain.hq) as server:
        syncing = SyncWorker(till.context, HttpLink(server.url, token), interval_s=NEVER_S)
        syncing.start()
        wait_for(lambda: syncing.last.mode is SyncMode.ONLINE)
        recalls = RecallWorker(
            till.context,
            HttpLink(server.url, token).leases,
            nudge=syncing.nudge,
            is_online=lambda: syncing.last.mode is SyncMode.ONLINE,
            idle_s=0.05,
        )
        recalls.start()
        wait_for(lambda: waiting(chain))
        yield chain
        recalls.stop()
        syncing.stop()


def test_a_sale_that_waits_elsewhere_gets_the_units_while_their_holder_is_online(served: Chain) -> None:
    sale = served.sale("100.00", redeem=(RedeemRequest(reward="off", units=100),))
    assert served.hold(1, sale)["refused"] == "lease_required"
    wait_for(lambda: not served.leased())
    held = served.hold(1, sale)
    assert "refused" not in held
    assert "refused" not in served.commit(1, sale, hold=held["hold"])


def test_a_person_recalls_a_lease_and_it_comes_back_at_once(served: Chain) -> None:
    with served.hq.book.read() as connection:
        [kept] = counting(connection, [served.member()])[served.member(), "points"]
    served.hq.leases.recall([kept.lease.lease_id])
    wait_for(lambda: not served.leased())


def test_hq_stops_at_once_though_tills_wait(chain: Chain, served: Chain) -> None:
    assert waiting(chain)
    begun = time.monotonic()
    with ServerThread(served.hq):
        pass  # any server of this HQ that stops ends every wait
    wait_for(lambda: not waiting(chain))
    assert time.monotonic() - begun < MAX_WAIT_S / 2
