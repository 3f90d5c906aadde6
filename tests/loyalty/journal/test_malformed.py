"""Bytes that are no entry are refused whatever they are, and say nothing of a value."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.journal.codec import (
    MAX_CORE_BYTES,
    MAX_DETAIL_BYTES,
    canonical_json,
    decode_core,
    decode_detail,
    encode_core,
    encode_detail,
)
from loyalty.journal.detail import (
    EntryDetail,
)
from loyalty.journal.entry import MAX_OPENS, MAX_POSTINGS, MAX_REFERENCES, EntryCore, Lot, Posting, Reference
from loyalty.journal.shapes import MalformedEntry
from tests.loyalty.journal.examples import ACCOUNT, FULL_DETAIL, ID, SMALLEST_CORE, cores, details

SECRET = "4111111111111111"
CORE = json.loads(encode_core(SMALLEST_CORE))
DETAIL = json.loads(encode_detail(FULL_DETAIL))


def with_core(**changes: Any) -> bytes:
    return canonical_json({name: value for name, value in {**CORE, **changes}.items() if value is not ...})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"1",
        b"\xff\xfe",
        b"[" * 60_000,
        encode_core(SMALLEST_CORE) + b" ",
        b" " + encode_core(SMALLEST_CORE),
        b"\xef\xbb\xbf" + encode_core(SMALLEST_CORE),
        encode_core(SMALLEST_CORE).decode().encode("utf-16"),
        encode_core(SMALLEST_CORE).replace(b'"sale"', b'"\\u0073ale"'),
        encode_core(SMALLEST_CORE).replace(b'"v":1}', b'"v":1,"v":1}'),
        encode_core(SMALLEST_CORE).replace(b"0404", b"04 04"),
        json.dumps(CORE).encode(),
        json.dumps(CORE, separators=(",", ":"), indent=1).encode(),
        canonical_json(dict(reversed(CORE.items()))).replace(b'"v":1', b'"v":1.0'),
        with_core(kind=...),
        with_core(kind=5),
        with_core(kind=""),
        encode_core(SMALLEST_CORE).replace(b'"sale"', b'"\\ud83d"'),
        with_core(kind="x" * 33),
        with_core(id=...),
        with_core(id=SECRET),
        with_core(id="zz" * 16),
        with_core(id="01" * 15),
        with_core(id="AB" * 16),
        with_core(detail=...),
        with_core(detail=None),
        with_core(v=...),
        with_core(v=0),
        with_core(v=2),
        with_core(v=True),
        with_core(v="1"),
        with_core(unknown=SECRET),
        with_core(leases=5),
        with_core(leases=[["0", None, 1]]),
        with_core(leases=[["ab" * 16, None, 0]]),
        with_core(leases=[["ab" * 16, None, True]]),
        with_core(closes=["ab"]),
        with_core(closes=[5]),
        with_core(programme=5),
        with_core(programme=None),
        with_core(postings={}),
        with_core(postings=[]),
        with_core(postings=[5]),
        with_core(postings=[[]]),
        with_core(postings=[["02" * 16, "points"]]),
        with_core(postings=[["02" * 16, 5, 5]]),
        with_core(postings=[["02" * 16, "", 5]]),
        with_core(postings=[["02" * 16, "x" * 65, 5]]),
        with_core(postings=[["02" * 16, "points", True]]),
        with_core(postings=[["02" * 16, "points", "5"]]),
        with_core(postings=[["02" * 16, "points", 2**63]]),
        with_core(postings=[["02" * 15, "points", 5]]),
        with_core(postings=[[5, "points", 5]]),
        with_core(postings=[["02" * 16, "points", 5, None]]),
        with_core(postings=[["02" * 16, "points", 5, ["01" * 16, 1]]]),
        with_core(postings=[["02" * 16, "points", 5, ["01" * 16, "1", None]]]),
        with_core(postings=[["02" * 16, "points", 5, ["01" * 16, 2**63, None]]]),
        with_core(postings=[["02" * 16, "points", 5, ["01" * 15, 1, None]]]),
        with_core(postings=[["02" * 16, "points", 5, ["01" * 16, 1, None], 5]]),
        with_core(postings=[["02" * 16, "points", 5]] * (MAX_POSTINGS + 1)),
        with_core(opens=[]),
        with_core(opens=[["02" * 16]]),
        with_core(opens=[["02" * 16, ""]]),
        with_core(opens=[["02" * 16, "x" * 33]]),
        with_core(opens=[["02" * 16, 5]]),
        with_core(opens=[["02" * 15, "pool"]]),
        with_core(opens=[["02" * 16, "pool", 1]]),
        with_core(opens=[["02" * 16, "pool"]] * (MAX_OPENS + 1)),
        with_core(refs=[["02" * 16]]),
        with_core(refs=[["02" * 16, "1"]]),
        with_core(refs=[["02" * 16, 0]]),
        with_core(refs=[["02" * 16, True]]),
        with_core(refs=["02" * 16]),
        with_core(refs=[["02" * 16, None]] * (MAX_REFERENCES + 1)),
        b" " * (MAX_CORE_BYTES + 1),
    ],
)
def test_a_core_that_this_program_would_not_have_written_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedEntry, match=r"^core: ") as caught:
        decode_core(data)
    assert SECRET not in str(caught.value)


def test_an_unknown_format_version_says_which_one_is_read() -> None:
    with pytest.raises(MalformedEntry, match=r"^core: the format version is not known, this program reads 1$"):
        decode_core(with_core(v=2))


def test_a_kind_that_nobody_knows_yet_is_read() -> None:
    assert decode_core(with_core(kind="merge")).kind == "merge"


def with_detail(**changes: Any) -> bytes:
    return canonical_json({name: value for name, value in {**DETAIL, **changes}.items() if value is not ...})


def nested(name: str, **changes: Any) -> bytes:
    whole = DETAIL[name]
    one = whole[0] if isinstance(whole, list) else whole
    one = {key: value for key, value in {**one, **changes}.items() if value is not ...}
    return with_detail(**{name: [one] if isinstance(whole, list) else one})


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "detail: not JSON in UTF-8"),
        (b"[]", "detail: not a JSON object"),
        (b"[" * 60_000, "detail: not JSON in UTF-8"),
        (b" " * (MAX_DETAIL_BYTES + 1), "detail: 1048577 bytes, at most 1048576 are possible"),
        (with_detail(unknown=SECRET), "detail: a field is unknown"),
        (with_detail(**{SECRET: 1}), "detail: a field is unknown"),
        (with_detail(store=...), "detail: a field is missing"),
        (with_detail(store=5), "detail: store: must be a text"),
        (with_detail(store=None), "detail: store: must be a text"),
        (with_detail(nickname=None), "detail: nickname: must be a text"),
        (with_detail(training="yes"), "detail: training: must be true or false"),
        (with_detail(training=1), "detail: training: must be true or false"),
        (with_detail(training=False), "detail: not canonical"),
        (with_detail(receipt_number=True), "detail: receipt_number: must be a whole number of 64 bits"),
        (with_detail(receipt_number=2**63), "detail: receipt_number: must be a whole number of 64 bits"),
        (with_detail(salt=SECRET), "detail: a value is out of bounds"),
        (with_detail(salt="zz"), "detail: salt: must be hex"),
        (with_detail(salt=5), "detail: salt: must be a text"),
        (with_detail(member="02"), "detail: a value is out of bounds"),
        (with_detail(member="AB" * 16), "detail: not canonical"),
        (with_detail(lines=[]), "detail: not canonical"),
        (with_detail(lines={}), "detail: lines: must be a list"),
        (with_detail(lines=[5]), "detail: lines: must be an object"),
        (nested("lines", quantity_milli="x"), "detail: lines: quantity_milli: must be a whole number of 64 bits"),
        (nested("lines", item=...), "detail: lines: a field is missing"),
        (nested("lines", tax_minor=0), "detail: not canonical"),
        (nested("lines", secret=SECRET), "detail: lines: a field is unknown"),
        (nested("awards", bases=5), "detail: awards: bases: must be a list"),
        (nested("awards", bases=[[1]]), "detail: awards: bases: must be a list of 2"),
        (nested("awards", bases=[[1, "2"]]), "detail: awards: bases: must be a whole number of 64 bits"),
        (nested("awards", bases=...), "detail: awards: a field is missing"),
        (nested("redemptions", uses=[[None, 1, 2]]), "detail: redemptions: uses: must be a list of 2"),
        (nested("redemptions", uses=[["x", 1]]), "detail: redemptions: uses: must be hex"),
        (nested("redemptions", uses=[[None, None]]), "detail: redemptions: uses: must be a whole number of 64 bits"),
        (nested("redemptions", uses=[["AB", 1]]), "detail: not canonical"),
        (nested("issued", account="x"), "detail: issued: account: must be hex"),
        (nested("standing", balances=[[1, 2]]), "detail: standing: balances: must be a text"),
        (nested("override", reason=...), "detail: override: a field is missing"),
        (with_detail(override=None), "detail: override: must be an object"),
        (json.dumps(DETAIL).encode(), "detail: not canonical"),
        (json.dumps(DETAIL, ensure_ascii=False, sort_keys=True).encode(), "detail: not canonical"),
        (encode_detail(FULL_DETAIL) + b"\n", "detail: not canonical"),
        (encode_detail(FULL_DETAIL).replace("Әлия".encode(), b"\\ud83d"), "detail: not canonical"),
        (encode_detail(FULL_DETAIL).replace("Әлия".encode(), b"\xff"), "detail: not JSON in UTF-8"),
    ],
)
def test_a_detail_that_this_program_would_not_have_written_is_malformed(data: bytes, fault: str) -> None:
    with pytest.raises(MalformedEntry) as caught:
        decode_detail(data)
    assert str(caught.value) == fault


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("02" * 16),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
names_of_detail = st.sampled_from([field.name for field in fields(EntryDetail)])


def written(value: object) -> bytes:
    return json.dumps(value).encode()


@given(st.binary(max_size=200) | json_values.map(written))
def test_no_bytes_do_more_than_be_malformed(data: bytes) -> None:
    with pytest.raises(MalformedEntry):
        decode_core(data)
    with pytest.raises(MalformedEntry):
        decode_detail(data)


@given(
    st.sampled_from(["v", "id", "kind", "detail", "postings", "opens", "refs", "leases", "closes", "programme"]),
    json_values,
)
def test_any_value_in_any_field_of_a_core_is_read_or_malformed(name: str, value: object) -> None:
    data = written({**CORE, name: value})
    try:
        core = decode_core(data)
    except MalformedEntry:
        return
    assert encode_core(core) == data


@given(names_of_detail, json_values)
def test_any_value_in_any_field_of_a_detail_is_read_or_malformed(name: str, value: object) -> None:
    data = written({**DETAIL, name: value})
    try:
        detail = decode_detail(data)
    except MalformedEntry:
        return
    assert encode_detail(detail) == data


@given(details, st.data())
def test_one_changed_byte_is_another_detail_or_malformed(detail: EntryDetail, data: st.DataObject) -> None:
    whole = bytearray(encode_detail(detail))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    try:
        again = decode_detail(bytes(whole))
    except MalformedEntry:
        return
    assert encode_detail(again) == bytes(whole)


@given(cores, st.integers(0, 400))
def test_a_core_that_is_cut_short_is_malformed(core: EntryCore, cut: int) -> None:
    data = encode_core(core)
    with pytest.raises(MalformedEntry):
        decode_core(data[: min(cut, len(data) - 1)])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Posting(account=b"", unit="points", amount=1),
        lambda: Posting(account=ACCOUNT, unit="", amount=1),
        lambda: Posting(account=ACCOUNT, unit="x" * 65, amount=1),
        lambda: Posting(account=ACCOUNT, unit="points", amount=2**63),
        lambda: Lot(lot_id=b"x"),
        lambda: Lot(lot_id=ID, usable_at=2**63),
        lambda: Reference(entry_id=b"x"),
        lambda: Reference(entry_id=ID, line=0),
        lambda: EntryDetail(salt=b"x", local_time="", business_date="", store="", currency="", currency_scale=2),
    ],
)
def test_a_value_out_of_bounds_cannot_be_made(make: Any) -> None:
    with pytest.raises(ValueError, match=" "):
        make()


OLD_NAMES = {b'"base":': b'"base_minor":', b'"returned_base":': b'"returned_base_minor":'}


def with_old_names(data: bytes) -> bytes:
    for new, old in OLD_NAMES.items():
        data = data.replace(new, old)
    return data


def test_a_detail_of_the_first_agents_is_read() -> None:
    assert decode_detail(with_old_names(encode_detail(FULL_DETAIL))) == FULL_DETAIL


@pytest.mark.parametrize(
    "change",
    [
        (b'"base_minor":75100', b'"base":1,"base_minor":75100'),
        (b'"base_minor":75100', b'"base_minor":75100 '),
        (b'"base_minor":75100', b'"base_minor":"75100"'),
    ],
)
def test_old_names_excuse_nothing_else(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(MalformedEntry):
        decode_detail(with_old_names(encode_detail(FULL_DETAIL)).replace(*change))
