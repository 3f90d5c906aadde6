"""Packing: what is unpacked is what was packed, byte for byte, and never more than it may be."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.journal.codec import detail_digest
from sync.protocol.packing import _PHRASES as PHRASES
from sync.protocol.packing import DICTIONARY, ID_BYTES, NotPacked, Packed, UnpackedTooLarge, pack, unpack

MOST = 2**24
PRINTABLE = st.binary(max_size=60).map(lambda data: bytes(byte for byte in data if byte >= 0x20))
IDS = st.binary(min_size=ID_BYTES, max_size=ID_BYTES).map(lambda one: b'"%s"' % one.hex().encode())
PIECES = st.one_of(PRINTABLE, IDS, st.sampled_from(PHRASES), st.sampled_from([b'"', b"0123456789abcdef" * 2, b"\\"]))
PARTS = st.lists(PIECES, max_size=12).map(b"".join)


@given(st.lists(st.tuples(PARTS, PARTS), min_size=1, max_size=6), st.data())
def test_what_is_unpacked_is_what_was_packed(entries: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    told = [
        (core + b'"%s"' % detail_digest(detail).hex().encode() if data.draw(st.booleans()) else core, detail)
        for core, detail in entries
    ]
    packed = pack(told)
    assert packed is not None
    size = sum(len(core) + len(detail) for core, detail in told)
    assert unpack(packed, size) == told
    if size:
        with pytest.raises(UnpackedTooLarge):
            unpack(packed, size - 1)
    assert all(b"\n" not in line for line in packed.lines)


@pytest.mark.parametrize("byte", range(0x20))
def test_what_holds_a_control_character_is_not_packed(byte: int) -> None:
    assert pack([(b"{}", b"{}"), (b"{}", bytes([byte]))]) is None


def test_an_entry_becomes_its_values() -> None:
    detail = b'{"lines":[{"amount_minor":5,"category":"a","item":"1","line":1,"name":"b","quantity_milli":1000,"tax_minor":0}]}'
    core = b'{"detail":"%s","id":"%s"}' % (detail_digest(detail).hex().encode(), b"ab" * 16)
    packed = pack([(core, detail)])
    assert packed is not None
    assert packed.ids == b"\xab" * 16
    assert packed.lines[0] == b'{"detail":\x02,"id":\x01}'
    assert len(packed.lines[1]) == len(b'{"lines":[') + len(b"5a11b0") + 6 + len(b"}]}")


def test_ids_that_are_too_few_or_too_many_are_refused() -> None:
    for ids in (b"", bytes(15), bytes(17), bytes(32)):
        with pytest.raises(NotPacked):
            unpack(Packed(lines=(b"\x01", b"{}"), ids=ids), MOST)


def test_the_dictionary_and_the_phrases_are_those_of_protocol_version_1() -> None:
    """Another one is another version: tills and HQs of different ages would not understand each other."""
    assert sha256(DICTIONARY + b"\n".join(PHRASES)).hexdigest() == PINNED


PINNED = "026dc50a93c3965da76ec60558573c55b41cd1639c26208e7a0eb991f45d9171"
