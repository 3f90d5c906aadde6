"""Hello and batches, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loyalty.journal.entry import Posting, Reference
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import Acknowledged
from tests.hq.houses import House
from tests.hq.tills import POINTS


def test_a_first_hello_is_told_to_begin_at_one(any_house: House) -> None:
    till = any_house.till()
    answer = any_house.hq.ingest.hello(any_house.known(till), till.hello())
    assert (answer.resume_from, answer.held_head) == (1, till.heads[0])


def test_entries_are_stored_verbatim_and_posted(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.sale(member, 120)
    answer = any_house.hq.ingest.batch(any_house.known(till), till.batch())
    assert answer == Acknowledged(acked=2, durable=2)
    stored = any_house.rows("SELECT core, detail, hash FROM journal ORDER BY sequence")
    assert stored == [(sent.core, sent.detail, head) for sent, head in zip(till.entries, till.heads[1:], strict=True)]
    assert any_house.points("7001") == 120
    assert any_house.points(member) == 120
