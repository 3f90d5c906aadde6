"""The bytes between till and HQ: round trips, golden bytes, and everything that is not a message."""

import gzip
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.journal.codec import canonical_json
from loyalty.numbers.limits import INT64_MAX
from sync.protocol import wire
from sync.protocol.errors import HTTP_STATUS, TRANSIENT, SyncErrorCode, SyncRefused
from sync.protocol.packing import DICTIONARY
from sync.protocol.values import (
    MAX_BATCH_BYTES,
    MAX_BATCH_ENTRIES,
    MAX_FEED_ROWS,
    MAX_PAGE_BYTES,
    MAX_PARKED,
    Acknowledged,
    Batch,
    FeedBalance,
    FeedCard,
    FeedForgotten,
    FeedMember,
    FeedPage,
    Hello,
    HelloAnswer,
    PairAnswer,
    PairRequest,
    SentEntry,
)

storable = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
ids, heads, signatures = (st.binary(min_size=size, max_size=size) for size in (16, 32, 64))
counts, positive = st.integers(0, INT64_MAX), st.integers(1, INT64_MAX)
int64 = st.integers(-INT64_MAX - 1, INT64_MAX)


def texts(most: int) -> st.SearchStrategy[str]:
    return st.text(storable, min_size=1, max_size=most)


pair_requests = st.builds(
    PairRequest, code=texts(64), public_key=heads, proof=signatures, store=texts(64), name=texts(64)
)
pair_answers = st.builds(
    PairAnswer, token=texts(256), identifier_key=heads, hq_key=heads, hq_epoch=texts(64), merchant=texts(200)
)
hellos = st.builds(
    Hello,
    protocol_min=int64,
    protocol_max=int64,
    terminal=ids,
    epoch=positive,
    sequence=counts,
    head=heads,
    hq_epoch_seen=st.none() | texts(64),
)
hello_answers = st.builds(
    HelloAnswer,
    protocol=positive,
    epoch=positive,
    durable=counts,
    resume_from=positive,
    held_head=heads,
    hq_epoch=texts(64),
    hq_time=counts,
    max_batch_entries=positive,
    max_batch_bytes=positive,
)
acknowledgements = st.builds(Acknowledged, acked=counts, durable=counts)
lines = st.binary(max_size=60).map(lambda data: data.replace(b"\n", b""))
batches = st.builds(
    Batch,
    terminal=ids,
    epoch=positive,
    first=st.integers(1, INT64_MAX - MAX_BATCH_ENTRIES),
    head=heads,
    through=st.just(INT64_MAX),
    entries=st.lists(st.builds(SentEntry, core=lines, detail=lines), min_size=1, max_size=6).map(tuple),
    signature=signatures,
)
optional = st.none() | st.text(storable, max_size=30)
rows = st.one_of(
    st.builds(FeedMember, member=ids, canonical=ids, nickname=optional, tier=optional, language=optional),
    st.builds(FeedCard, card_key=int64, member=st.none() | ids),
    st.builds(FeedBalance, account=ids, unit=texts(64), amount=int64),
)
pages = st.builds(
    FeedPage,
    hq_epoch=texts(64),
    after=counts,
    upto=counts,
    complete=st.booleans(),
    applied=counts,
    rows=st.lists(rows, max_size=6).map(tuple),
    parked=st.lists(positive, max_size=6).map(tuple),
)

Decode = Callable[[bytes], Any]
JSON_MESSAGES: list[tuple[str, Callable[[Any], bytes], Decode, st.SearchStrategy[Any]]] = [
    ("pair request", wire.encode_pair_request, wire.decode_pair_request, pair_requests),
    ("pair answer", wire.encode_pair_answer, wire.decode_pair_answer, pair_answers),
    ("hello", wire.encode_hello, wire.decode_hello, hellos),
    ("hello answer", wire.encode_hello_answer, wire.decode_hello_answer, hello_answers),
    ("acknowledged", wire.encode_acknowledged, wire.decode_acknowledged, acknowledgements),
    ("feed page", wire.encode_feed_page, wire.decode_feed_page, pages),
]
MESSAGES = [*JSON_MESSAGES, ("batch", wire.encode_batch, wire.decode_batch, batches)]
DECODERS = [decode for _, _, decode, _ in MESSAGES]
each_message = pytest.mark.parametrize(
    ("encode", "decode", "values"), [row[1:] for row in MESSAGES], ids=[row[0] for row in MESSAGES]
)
each_decoder = pytest.mark.parametrize("decode", DECODERS, ids=[row[0] for row in MESSAGES])

TERMINAL, HEAD = b"\x01" * 16, b"\x02" * 32
BATCH = Batch(
    terminal=TERMINAL,
    epoch=1,
    first=7,
    head=HEAD,
    through=9,
    entries=(SentEntry(core=b'{"c":1}', detail=b'{"d":1}'),),
    signature=b"\x03" * 64,
)
HEADER = {
    "terminal": "01" * 16,
    "epoch": 1,
    "first": 7,
    "count": 1,
    "head": "02" * 32,
    "through": 9,
    "signature": "03" * 64,
    "ids": None,
}


def refused(decode: Decode, data: bytes) -> tuple[SyncErrorCode, str]:
    with pytest.raises(SyncRefused) as caught:
        decode(data)
    return caught.value.code, caught.value.detail


def packed(*parts: bytes) -> bytes:
    return gzip.compress(b"\n".join(parts), mtime=0)


def header(**changes: object) -> bytes:
    return canonical_json({**HEADER, **changes})


@each_message
@given(data=st.data())
def test_a_message_comes_back_as_it_went(
    encode: Callable[[Any], bytes], decode: Decode, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    assert decode(encode(value)) == value
    assert encode(value) == encode(value)


@each_message
@given(data=st.data())
def test_a_message_that_is_cut_short_is_malformed(
    encode: Callable[[Any], bytes], decode: Decode, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    whole = encode(data.draw(values))
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert refused(decode, whole[:cut])[0] is SyncErrorCode.MALFORMED


@each_message
@given(data=st.data())
def test_a_changed_byte_is_another_message_or_refused(
    encode: Callable[[Any], bytes], decode: Decode, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    whole = bytearray(encode(data.draw(values)))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        value = decode(bytes(whole))
    except SyncRefused:
        return
    assert decode(encode(value)) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@each_decoder
@given(data=st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_refused_and_never_anything_else(decode: Decode, data: bytes) -> None:
    assert refused(decode, data)[0] in {SyncErrorCode.MALFORMED, SyncErrorCode.TOO_LARGE}


@pytest.mark.parametrize(("encode", "decode", "values"), [row[1:] for row in JSON_MESSAGES])
@given(data=st.data(), other=json_values)
def test_any_value_in_any_field_is_read_or_refused(
    encode: Callable[[Any], bytes],
    decode: Decode,
    values: st.SearchStrategy[Any],
    data: st.DataObject,
    other: object,
) -> None:
    fields = json.loads(encode(data.draw(values)))
    fields[data.draw(st.sampled_from(sorted(fields)))] = other
    try:
        value = decode(json.dumps(fields).encode())
    except SyncRefused as no:
        assert no.code is SyncErrorCode.MALFORMED  # noqa: PT017
    else:
        assert decode(encode(value)) == value


@each_decoder
@pytest.mark.parametrize("data", [b"", b"[]", b"5", b"null", b"\xff", b"{}", b"[" * 50_000, b"{" + b'"a":' * 10_000])
def test_what_is_no_message_is_malformed(decode: Decode, data: bytes) -> None:
    assert refused(decode, data)[0] is SyncErrorCode.MALFORMED


@pytest.mark.parametrize("decode", [row[2] for row in JSON_MESSAGES])
def test_a_message_beyond_its_bound_is_too_large_before_it_is_parsed(decode: Decode) -> None:
    assert refused(decode, b"[" * (MAX_PAGE_BYTES + 1))[0] is SyncErrorCode.TOO_LARGE
    if decode is not wire.decode_feed_page:
        assert refused(decode, b"[" * (wire.MAX_MESSAGE_BYTES + 1))[0] is SyncErrorCode.TOO_LARGE


def test_a_hello_has_exactly_these_bytes() -> None:
    hello = Hello(protocol_min=1, protocol_max=1, terminal=TERMINAL, epoch=1, sequence=0, head=HEAD, hq_epoch_seen=None)
    assert wire.encode_hello(hello) == (
        b'{"epoch":1,"head":"' + b"02" * 32 + b'","hq_epoch_seen":null,"protocol":[1,1],"sequence":0,'
        b'"terminal":"' + b"01" * 16 + b'"}'
    )


def test_a_feed_page_has_exactly_these_bytes() -> None:
    page = FeedPage(
        hq_epoch="e",
        after=3,
        upto=9,
        complete=True,
        applied=7,
        rows=(
            FeedMember(member=TERMINAL, canonical=TERMINAL, nickname="Әлия", tier=None, language="kk"),
            FeedCard(card_key=-5, member=None),
            FeedBalance(account=TERMINAL, unit="points", amount=-1),
            FeedBalance(account=TERMINAL, unit="stock", amount=2, common=True),
        ),
        parked=(2, 5),
        everyone=False,
        unit="points",
        told=(TERMINAL,),
        snapshot=4,
        check=(63, 2**64 - 1),
    )
    one = "01" * 16
    assert wire.encode_feed_page(page).decode() == (
        '{"after":3,"applied":7,"check":[63,18446744073709551615],"complete":true,"everyone":false,"hq_epoch":"e","parked":[2,5],"rows":'
        f'[["member","{one}","{one}","Әлия",null,"kk"],["card",-5,null],["balance","{one}","points",-1],'
        f'["balance","{one}","stock",2,true]],"snapshot":4,"told":["{one}"],"unit":"points","upto":9}}'
    )


def expanded(data: bytes) -> bytes:
    return zlib.decompressobj(zdict=DICTIONARY).decompress(data)


def test_a_batch_is_a_header_and_packed_parts_and_then_their_ids() -> None:
    assert expanded(wire.encode_batch(BATCH)) == header(ids=0) + b'\n{"c":1}\n{"d":1}\n'
    one = SentEntry(core=b'{"id":"%s"}' % (b"ab" * 16), detail=b'{"item":"1","line":2}')
    assert expanded(wire.encode_batch(replace(BATCH, entries=(one,)))) == (
        header(ids=1) + b'\n{"id":\x01}\n{"item":"1\x10' + b"2}\n" + b"\xab" * 16
    )


def test_parts_with_control_characters_go_verbatim() -> None:
    one = SentEntry(core=b"\x01", detail=b'"%s"' % (b"ab" * 16))
    data = wire.encode_batch(replace(BATCH, entries=(one,)))
    assert expanded(data) == header() + b"\n" + one.core + b"\n" + one.detail
    assert wire.decode_batch(data).entries == (one,)


def test_gzip_is_as_good() -> None:
    assert wire.decode_batch(packed(header(), b'{"c":1}', b'{"d":1}')) == BATCH


def test_the_proof_of_a_pairing_binds_code_and_key() -> None:
    assert wire.pairing_proof_bytes("AB-12", HEAD) == b"loyaltill pairing 1\x00" + HEAD + b"AB-12"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (packed(header(count=2), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(), b"c"), SyncErrorCode.MALFORMED),
        (packed(header(), b"c", b"d", b""), SyncErrorCode.MALFORMED),
        (packed(header(count=0)), SyncErrorCode.TOO_LARGE),
        (packed(header(count=MAX_BATCH_ENTRIES + 1), *([b"x"] * 2 * (MAX_BATCH_ENTRIES + 1))), SyncErrorCode.TOO_LARGE),
        (packed(header(epoch=0), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(first=0), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(first=INT64_MAX), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(head="02" * 31), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(signature="00"), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(signature=None), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(through=6), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(through=INT64_MAX + 1), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(b"", b"c", b"d"), SyncErrorCode.MALFORMED),
        (header() + b"\nc\nd", SyncErrorCode.MALFORMED),
        (zlib.compress(header() + b"\nc\nd")[2:], SyncErrorCode.MALFORMED),
        (packed(header(ids=0), b"c", b"d"), SyncErrorCode.MALFORMED),
        (packed(header(ids=0), b"c", b"d", b"x"), SyncErrorCode.MALFORMED),
        (packed(header(ids=1), b"c", b"d", b""), SyncErrorCode.MALFORMED),
        (packed(header(ids=1), b"c", b"d", b"x" * 16), SyncErrorCode.MALFORMED),
        (packed(header(ids=0), b"\x01", b"d", b""), SyncErrorCode.MALFORMED),
        (packed(header(ids=-1), b"c", b"d", b""), SyncErrorCode.MALFORMED),
        (packed(header(ids=10**12), b"c", b"d", b""), SyncErrorCode.MALFORMED),
        (packed(header(ids=True), b"c", b"d", b""), SyncErrorCode.MALFORMED),
        (packed(header(ids=0), b"\x03" * 1_000_000, b"d", b""), SyncErrorCode.TOO_LARGE),
        (packed(header(ids=0), b"\x02" * 1_000_000, b"d", b""), SyncErrorCode.TOO_LARGE),
        (packed(header(), b"c", b"d") + b"x", SyncErrorCode.MALFORMED),
        (packed(header(), b"c", b"d") * 2, SyncErrorCode.MALFORMED),
    ],
)
def test_a_batch_of_another_shape_is_refused(data: bytes, code: SyncErrorCode) -> None:
    assert refused(wire.decode_batch, data)[0] is code


def test_a_bomb_is_refused_before_it_is_expanded() -> None:
    bomb = gzip.compress(b"0" * (64 * 1024 * 1024), mtime=0)
    assert len(bomb) < wire.MAX_COMPRESSED_BYTES
    assert refused(wire.decode_batch, bomb) == (
        SyncErrorCode.TOO_LARGE,
        f"at most {MAX_BATCH_BYTES} bytes before compression",
    )


def test_more_compressed_bytes_than_any_batch_has_are_refused_unseen() -> None:
    data = b"\x1f\x8b" + bytes(wire.MAX_COMPRESSED_BYTES)
    assert refused(wire.decode_batch, data) == (SyncErrorCode.TOO_LARGE, f"at most {wire.MAX_COMPRESSED_BYTES} bytes")


def test_the_largest_batch_passes_even_when_gzip_cannot_shrink_it() -> None:
    room = MAX_BATCH_BYTES - len(header(count=4, through=10)) - 8
    noise = random.Random(1).randbytes(room // 8).replace(b"\n", b" ")
    batch = replace(BATCH, through=10, entries=(SentEntry(core=noise, detail=noise),) * 4)
    data = wire.encode_batch(batch)
    assert len(data) > MAX_BATCH_BYTES // 8
    assert wire.decode_batch(data) == batch


def test_the_most_entries_of_a_batch_pass() -> None:
    entries = (SentEntry(core=b"c", detail=b"d"),) * MAX_BATCH_ENTRIES
    batch = replace(BATCH, first=1, through=MAX_BATCH_ENTRIES, entries=entries)
    assert wire.decode_batch(wire.encode_batch(batch)) == batch


@pytest.mark.parametrize(
    "row",
    [
        [],
        ["x"],
        ["member", "01" * 16, "01" * 16, None, None],
        ["member", "01" * 15, "01" * 16, None, None, None],
        ["member", 5, "01" * 16, None, None, None],
        ["member", "01" * 16, "01" * 16, 5, None, None],
        ["member", "01" * 16, "01" * 16, "\ud800", None, None],
        ["member", "01" * 16, "01" * 16, "x" * 201, None, None],
        ["card", True, None],
        ["card", 2**63, None],
        ["card", "5", None],
        ["card", 5, "01"],
        ["balance", "01" * 16, "", 5],
        ["balance", "01" * 16, "x" * 65, 5],
        ["balance", "01" * 16, "points", False],
        ["balance", "01" * 16, "points", 1.0],
        {"member": 1},
        "member",
        None,
        ["forgotten", "aa" * 16],
        ["forgotten", "aa" * 16, [2**63]],
        ["forgotten", "aa", []],
    ],
)
def test_a_feed_row_of_another_shape_is_refused(row: object) -> None:
    page = {"hq_epoch": "e", "after": 0, "upto": 1, "complete": True, "applied": 0, "rows": [row], "parked": []}
    assert refused(wire.decode_feed_page, json.dumps(page).encode()) == (
        SyncErrorCode.MALFORMED,
        "a feed row of another shape",
    )


def test_who_is_forgotten_comes_back_as_it_went() -> None:
    row = FeedForgotten(member=b"\xaa" * 16, cards=(-(2**63), 7))
    assert wire.row_out(row) == ["forgotten", "aa" * 16, [-(2**63), 7]]
    assert wire.row_in(wire.row_out(row)) == row


@pytest.mark.parametrize("parked", [None, 1, [0], [-1], ["1"], [True], [2**63], [1] * (MAX_PARKED + 1)])
def test_what_a_page_says_is_parked_must_be_a_bounded_list_of_sequences(parked: object) -> None:
    page = {"hq_epoch": "e", "after": 0, "upto": 1, "complete": True, "applied": 0, "rows": [], "parked": parked}
    code, said = refused(wire.decode_feed_page, json.dumps(page).encode())
    assert (code, said.split()[0]) == (SyncErrorCode.MALFORMED, "parked")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig"])
def test_json_in_another_encoding_is_refused(encoding: str) -> None:
    said = '{"acked":1,"durable":1}'
    assert wire.decode_acknowledged(said.encode()) == Acknowledged(acked=1, durable=1)
    assert refused(wire.decode_acknowledged, said.encode(encoding)) == (SyncErrorCode.MALFORMED, "not JSON in UTF-8")


def test_a_feed_page_has_a_bounded_number_of_rows() -> None:
    page = FeedPage(hq_epoch="e", after=0, upto=1, complete=True, applied=0, rows=(FeedCard(card_key=1, member=None),))
    most = FeedPage(hq_epoch="e", after=0, upto=1, complete=True, applied=0, rows=page.rows * MAX_FEED_ROWS)
    more = FeedPage(hq_epoch="e", after=0, upto=1, complete=True, applied=0, rows=page.rows * (MAX_FEED_ROWS + 1))
    assert wire.decode_feed_page(wire.encode_feed_page(most)) == most
    assert refused(wire.decode_feed_page, wire.encode_feed_page(more))[0] is SyncErrorCode.MALFORMED


def test_a_refusals_detail_never_repeats_a_value() -> None:
    data = json.dumps({"code": "secret-code", "public_key": "secret-key", "proof": 5, "store": "s", "name": "n"})
    assert "secret" not in refused(wire.decode_pair_request, data.encode())[1]


@given(st.sampled_from(SyncErrorCode), st.text(storable, max_size=200), st.none() | positive)
def test_a_refusal_comes_back_as_it_went(code: SyncErrorCode, detail: str, need: int | None) -> None:
    again = wire.decode_refused(wire.encode_refused(SyncRefused(code, detail, need=need)))
    assert again is not None
    assert (again.code, again.detail, again.need) == (code, detail, need)


@given(st.binary(max_size=100) | json_values.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_refusal_of_hq_is_none(data: bytes) -> None:
    assert wire.decode_refused(data) is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"<html>502</html>", None),
        (b'{"error":"unheard_of"}', None),
        (b'{"error":["busy"]}', None),
        (b'{"error":"busy","need":"7"}', None),
        (b'{"error":"busy","detail":[5]}', ("busy", "")),
        (b'{"error":"busy","detail":"' + b"x" * 300 + b'"}', ("busy", "x" * 200)),
    ],
)
def test_only_a_known_code_is_a_refusal(data: bytes, found: tuple[str, str] | None) -> None:
    no = wire.decode_refused(data)
    assert (None if no is None else (no.code.value, no.detail)) == found


def test_every_code_has_a_status_and_only_waiting_helps_transient_ones() -> None:
    assert HTTP_STATUS.keys() == set(SyncErrorCode)
    assert all(400 <= status < 600 for status in HTTP_STATUS.values())
    assert set(SyncErrorCode) > TRANSIENT
    assert str(SyncRefused(SyncErrorCode.GAP, "from 5", need=5)) == "gap: from 5"
    assert str(SyncRefused(SyncErrorCode.BUSY)) == "busy"
