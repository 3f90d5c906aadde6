"""Reading what arrived, as far as it goes."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from hq.ingest.arrivals import chain, read_arrived
from loyalty.journal.chain import next_head
from loyalty.journal.codec import canonical_json
from loyalty.journal.entry import Posting
from sync.protocol.values import SentEntry
from tests.hq.tills import FakeTill


def read(sent: SentEntry) -> object:
    return read_arrived((b"t" * 16, 1, 1), sent, hash_after=bytes(32), received_ms=1_000)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_make_reading_raise(core: bytes, detail: bytes) -> None:
    one = read_arrived((b"t" * 16, 1, 1), SentEntry(core=core, detail=detail), hash_after=bytes(32), received_ms=1_000)
    assert one.core is None
    assert one.detail is None
    assert not one.kind_known
    assert one.effective_ms() == 1_000


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["v", "id", "kind", "detail", "refs"]), inner)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["v", "id", "kind", "detail", "postings", "refs", "lease"]), _json))
def test_no_json_makes_reading_raise(fields: dict[str, object]) -> None:
    read(SentEntry(core=canonical_json({"v": 1, **fields}), detail=b"{}"))


def test_a_unit_with_letters_that_cannot_be_shown_is_not_readable() -> None:
    till = FakeTill(random.Random(1))
    till.add("sale", Posting(account=bytes(16), unit="a\u0000b", amount=1))
    one = read_arrived((till.id, 1, 1), till.entries[0], hash_after=till.heads[1], received_ms=0)
    assert one.core is None


def test_the_chain_goes_on_from_a_head() -> None:
    entries = (SentEntry(core=b"a", detail=b""), SentEntry(core=b"b", detail=b""))
    first = next_head(bytes(32), b"a")
    assert chain(bytes(32), entries) == [first, next_head(first, b"b")]
