"""An audit of many entries needs no more memory than one of few."""

from __future__ import annotations

import tracemalloc

from bench.journals import Journal
from hq.pairing.terminals import authenticate
from tests.hq.auditing.books import audited
from tests.hq.houses import House

BATCHES, TIMES = 3, 5


def peak(house: House) -> int:
    """The most bytes that an audit holds at one time."""
    audited(house)  # what is made once is there
    tracemalloc.start()
    try:
        assert audited(house).well
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_five_times_the_entries_take_no_more_memory(house: House) -> None:
    journal = Journal(seed=1)
    till = authenticate(house.hq.book, house.hq.pairing.pair(journal.pair_request(house.hq.make_pairing_code())).token)
    peaks = []
    for batches in (BATCHES, BATCHES * (TIMES - 1)):
        for _ in range(batches):
            house.hq.ingest.batch(till, journal.enrolments(100))
            house.hq.ingest.batch(till, journal.sales(500))
        peaks.append(peak(house))
    assert peaks[1] < 1.3 * peaks[0]
