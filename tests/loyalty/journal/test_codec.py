"""The bytes of an entry: golden, canonical, and refused when they are anything else."""

import json
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.journal.codec import (
    MAX_CORE_BYTES,
    MAX_DETAIL_BYTES,
    canonical_json,
    decode_core,
    decode_detail,
    detail_digest,
    encode_core,
    encode_detail,
)
from loyalty.journal.detail import (
    Consent,
    DetailAsked,
    DetailAward,
    DetailCardSold,
    DetailGift,
    DetailIssued,
    DetailLine,
    DetailRedemption,
    DetailRestored,
    DetailReversal,
    DetailTier,
    EntryDetail,
    Override,
    Remainder,
    ReturnedLine,
    StandingUsed,
)
from loyalty.journal.entry import MAX_OPENS, MAX_POSTINGS, MAX_REFERENCES, EntryCore, Lot, Opened, Posting, Reference
from loyalty.journal.shapes import MalformedEntry
from loyalty.numbers.limits import INT64_MAX, MAX_UNIT

ID, ACCOUNT, OTHER = b"\x01" * 16, b"\x02" * 16, b"\x03" * 16
DIGEST, SALT = b"\x04" * 16, b"\x05" * 16

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(-INT64_MAX - 1, INT64_MAX)
ids = st.binary(min_size=16, max_size=16)
instants = st.none() | numbers
lots = st.builds(Lot, lot_id=ids, usable_at=instants, expires_at=instants)
units = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=MAX_UNIT)
postings = st.builds(Posting, account=ids, unit=units, amount=numbers, lot=st.none() | lots)
references = st.builds(Reference, entry_id=ids, line=st.none() | st.integers(1, INT64_MAX))
kinds = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=32)
opens = st.builds(Opened, account=ids, kind=kinds)
cores = st.builds(
    EntryCore,
    entry_id=ids,
    kind=kinds,
    postings=st.lists(postings, max_size=4).map(tuple),
    references=st.lists(references, max_size=4).map(tuple),
    opens=st.lists(opens, max_size=4).map(tuple),
    lease=st.none() | st.binary(max_size=32),
    programme=st.none() | texts,
    detail_digest=ids,
)


PLAIN = {str: texts, int: numbers, bool: st.booleans(), str | None: st.none() | texts, int | None: st.none() | numbers}


def built(kind: type, **chosen: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of a detail class: any plain value where nothing else is chosen, and defaults now and then."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    hints = get_type_hints(kind)
    for field in fields(kind):
        strategy = chosen[field.name] if field.name in chosen else PLAIN[hints[field.name]]
        drawn[field.name] = strategy if field.default is MISSING else st.just(field.default) | strategy
    return st.builds(kind, **drawn)


def several(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


details = built(
    EntryDetail,
    salt=ids,
    member=st.none() | ids,
    override=st.none() | built(Override),
    consent=st.none() | built(Consent),
    standing=st.none()
    | built(
        StandingUsed,
        balances=several(st.tuples(texts, numbers)),
        unusable=several(st.tuples(texts, numbers)),
        segments=several(texts),
    ),
    asked=st.none()
    | built(
        DetailAsked,
        redeem=several(st.tuples(texts, st.none() | numbers, numbers, st.none() | texts)),
        codes=several(texts),
        coupons=several(texts),
        cards=several(st.tuples(ids, texts, st.none() | numbers)),
        declined=several(texts),
        actions=several(texts),
        held=several(st.tuples(ids, texts, numbers)),
        refused=several(st.tuples(texts, texts)),
    ),
    lines=several(built(DetailLine, tags=several(texts))),
    awards=several(built(DetailAward, bases=several(st.tuples(numbers, numbers)))),
    redemptions=several(
        built(
            DetailRedemption,
            account=st.none() | ids,
            uses=several(st.tuples(st.none() | ids, numbers)),
            by_line=several(st.tuples(numbers, numbers)),
            free=several(st.tuples(numbers, numbers)),
            gifts=several(built(DetailGift)),
            seats=several(st.tuples(texts, numbers)),
        )
    ),
    issued=several(built(DetailIssued, account=ids)),
    sold_cards=several(built(DetailCardSold, account=ids)),
    referrer=st.none() | ids,
    tier=st.none() | built(DetailTier),
    returned=several(built(ReturnedLine)),
    reversals=several(built(DetailReversal)),
    restored=several(built(DetailRestored, account=ids)),
    withdrawn=several(texts),
    stays=several(texts),
    remainders=several(built(Remainder)),
)

SMALLEST_CORE = EntryCore(
    entry_id=ID, kind="sale", postings=(), references=(), lease=None, programme=None, detail_digest=DIGEST
)
SMALLEST_DETAIL = EntryDetail(
    salt=SALT,
    local_time="2026-01-31T12:00:00+05:00",
    business_date="2026-01-31",
    store="s1",
    currency="KZT",
    currency_scale=2,
)


def test_the_smallest_core_has_exactly_these_bytes() -> None:
    assert encode_core(SMALLEST_CORE) == (
        b'{"detail":"04040404040404040404040404040404","id":"01010101010101010101010101010101","kind":"sale","v":1}'
    )


def test_a_full_core_has_exactly_these_bytes() -> None:
    core = EntryCore(
        entry_id=ID,
        kind="return",
        postings=(
            Posting(account=ACCOUNT, unit="points", amount=-12),
            Posting(account=OTHER, unit="cashback", amount=5, lot=Lot(lot_id=ID, usable_at=1, expires_at=None)),
        ),
        opens=(Opened(account=OTHER, kind="gift_card"),),
        references=(Reference(entry_id=OTHER, line=3), Reference(entry_id=OTHER)),
        lease=b"\xab\xcd",
        programme="0f" * 16,
        detail_digest=DIGEST,
    )
    assert encode_core(core) == (
        b'{"detail":"04040404040404040404040404040404",'
        b'"id":"01010101010101010101010101010101",'
        b'"kind":"return",'
        b'"lease":"abcd",'
        b'"opens":[["03030303030303030303030303030303","gift_card"]],'
        b'"postings":[["02020202020202020202020202020202","points",-12],'
        b'["03030303030303030303030303030303","cashback",5,["01010101010101010101010101010101",1,null]]],'
        b'"programme":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",'
        b'"refs":[["03030303030303030303030303030303",3],["03030303030303030303030303030303",null]],'
        b'"v":1}'
    )


def test_the_smallest_detail_has_exactly_these_bytes() -> None:
    assert encode_detail(SMALLEST_DETAIL) == (
        b'{"business_date":"2026-01-31","currency":"KZT","currency_scale":2,'
        b'"local_time":"2026-01-31T12:00:00+05:00","salt":"05050505050505050505050505050505","store":"s1"}'
    )


FULL_DETAIL = EntryDetail(
    salt=SALT,
    local_time="2026-01-31T12:00:00+05:00",
    business_date="2026-01-31",
    store="s1",
    currency="KZT",
    currency_scale=2,
    receipt_number=7,
    member=ACCOUNT,
    identifier="2900000000017",
    language="kk",
    nickname="Әлия",
    operator="o1",
    shift="3",
    host="pos",
    host_check_id="99",
    host_guid="g",
    payment_set="p",
    fiscal_document_id="f",
    training=True,
    override=Override(operator="o2", reason="r"),
    consent=Consent(text_version="1", given_by="pin"),
    standing=StandingUsed(
        tier=None,
        balances=(("points", 5),),
        as_of=None,
        unusable=(("points", 2),),
        segments=("vip",),
        birthday="02-29",
        joined_on="2025-01-01",
        last_visit_on="2026-01-30",
    ),
    asked=DetailAsked(
        at=4,
        redeem=(("bread", None, 1, "rye"),),
        codes=("SUMMER",),
        coupons=("C1",),
        cards=((ID, "pay", None),),
        declined=("auto",),
        actions=("feedback",),
        held=((ID, "money", 500),),
        refused=(("coupons[1]", "coupon_unknown"),),
    ),
    credit_minor=50,
    sold_cards=(DetailCardSold(account=ID, unit="money", units=500, line=2),),
    lines=(
        DetailLine(line=1, item="4870", name='Сүт "2,5%"', category=None, quantity_milli=1500, amount_minor=75000),
        DetailLine(
            line=2,
            item="b",
            name="",
            category="food",
            quantity_milli=1000,
            amount_minor=100,
            tax_minor=11,
            discount_minor=9,
        ),
    ),
    awards=(
        DetailAward(rule="r", unit="points", amount=751, base=75100, bases=((1, 75000), (2, 100))),
        DetailAward(rule="s", unit="stamps", amount=1, base=1, bases=(), usable_at=5, expires_at=9),
    ),
    redemptions=(
        DetailRedemption(
            reward="bread",
            settle="line_discount",
            account=OTHER,
            unit="stamps",
            units=6,
            uses=((ID, 5), (None, 1)),
            amount_minor=38000,
            by_line=((1, 38000),),
            free=((1, 1000),),
            gifts=(DetailGift(item="cup", quantity_milli=1000),),
            seats=(("opening", 2),),
            worth_minor=700,
        ),
        DetailRedemption(reward="auto", settle="tender"),
    ),
    issued=(DetailIssued(coupon="next", code="C0123456789", account=ID, rule="i"),),
    birthday="02-29",
    referrer=OTHER,
    tier=DetailTier(before="silver", after="gold", until=1_800_000_000),
    returned=(ReturnedLine(line=1, quantity_milli=500), ReturnedLine(line=2, quantity_milli=1, reason="no_sale")),
    reversals=(DetailReversal(rule="r", unit="points", amount=0, returned_base=3, lost=True),),
    restored=(DetailRestored(reward="bread", account=OTHER, unit="stamps", units=6, amount_minor=38000),),
    charged_minor=-700,
    withdrawn=("C0123456789",),
    stays=("used.bread",),
    claimed_original="A-17",
    remainders=(Remainder(rule="r", unit="points", numerator=-1, denominator=100),),
)


def test_a_full_detail_has_exactly_these_bytes() -> None:
    assert encode_detail(FULL_DETAIL).decode() == (
        '{"asked":{"actions":["feedback"],"at":4,"cards":[["01010101010101010101010101010101","pay",null]],'
        '"codes":["SUMMER"],"coupons":["C1"],"declined":["auto"],'
        '"held":[["01010101010101010101010101010101","money",500]],"redeem":[["bread",null,1,"rye"]],'
        '"refused":[["coupons[1]","coupon_unknown"]]},'
        '"awards":[{"amount":751,"base":75100,"bases":[[1,75000],[2,100]],"rule":"r","unit":"points"},'
        '{"amount":1,"base":1,"bases":[],"expires_at":9,"rule":"s","unit":"stamps","usable_at":5}],'
        '"birthday":"02-29","business_date":"2026-01-31","charged_minor":-700,'
        '"claimed_original":"A-17",'
        '"consent":{"given_by":"pin","text_version":"1"},'
        '"credit_minor":50,"currency":"KZT","currency_scale":2,"fiscal_document_id":"f",'
        '"host":"pos","host_check_id":"99","host_guid":"g",'
        '"identifier":"2900000000017",'
        '"issued":[{"account":"01010101010101010101010101010101","code":"C0123456789","coupon":"next","rule":"i"}],'
        '"language":"kk",'
        '"lines":[{"amount_minor":75000,"item":"4870","line":1,"name":"Сүт \\"2,5%\\"","quantity_milli":1500},'
        '{"amount_minor":100,"category":"food","discount_minor":9,"item":"b","line":2,"name":"",'
        '"quantity_milli":1000,"tax_minor":11}],'
        '"local_time":"2026-01-31T12:00:00+05:00",'
        '"member":"02020202020202020202020202020202","nickname":"Әлия","operator":"o1",'
        '"override":{"operator":"o2","reason":"r"},"payment_set":"p","receipt_number":7,'
        '"redemptions":[{"account":"03030303030303030303030303030303","amount_minor":38000,"by_line":[[1,38000]],'
        '"free":[[1,1000]],"gifts":[{"item":"cup","quantity_milli":1000}],"reward":"bread","seats":[["opening",2]],'
        '"settle":"line_discount",'
        '"unit":"stamps","units":6,"uses":[["01010101010101010101010101010101",5],[null,1]],"worth_minor":700},'
        '{"reward":"auto","settle":"tender"}],"referrer":"03030303030303030303030303030303",'
        '"remainders":[{"denominator":100,"numerator":-1,"rule":"r","unit":"points"}],'
        '"restored":[{"account":"03030303030303030303030303030303","amount_minor":38000,"reward":"bread",'
        '"unit":"stamps","units":6}],'
        '"returned":[{"line":1,"quantity_milli":500},{"line":2,"quantity_milli":1,"reason":"no_sale"}],'
        '"reversals":[{"amount":0,"lost":true,"returned_base":3,"rule":"r","unit":"points"}],'
        '"salt":"05050505050505050505050505050505","shift":"3",'
        '"sold_cards":[{"account":"01010101010101010101010101010101","line":2,"unit":"money","units":500}],'
        '"standing":{"balances":[["points",5]],"birthday":"02-29","joined_on":"2025-01-01",'
        '"last_visit_on":"2026-01-30","segments":["vip"],"unusable":[["points",2]]},"stays":["used.bread"],"store":"s1",'
        '"tier":{"after":"gold","before":"silver","until":1800000000},"training":true,"withdrawn":["C0123456789"]}'
    )
    assert decode_detail(encode_detail(FULL_DETAIL)) == FULL_DETAIL


def test_every_field_of_a_detail_is_in_the_golden_example() -> None:
    assert {field.name for field in fields(EntryDetail)} == json.loads(encode_detail(FULL_DETAIL)).keys()


def test_a_digest_is_the_first_16_bytes_of_sha_256_of_the_detail() -> None:
    assert detail_digest(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223"


@given(cores)
def test_a_core_comes_back_as_it_went(core: EntryCore) -> None:
    data = encode_core(core)
    assert decode_core(data) == core
    assert b"\n" not in data


@given(details)
def test_a_detail_comes_back_as_it_went(detail: EntryDetail) -> None:
    data = encode_detail(detail)
    assert decode_detail(data) == detail
    assert b"\n" not in data


def test_the_largest_core_is_written_and_read() -> None:
    posting = Posting(
        account=ACCOUNT, unit="Ә" * MAX_UNIT, amount=-INT64_MAX - 1, lot=Lot(lot_id=ID, usable_at=INT64_MAX)
    )
    core = EntryCore(
        entry_id=ID,
        kind="return",
        postings=(posting,) * MAX_POSTINGS,
        opens=(Opened(account=ACCOUNT, kind="Ә" * 32),) * MAX_OPENS,
        references=tuple(Reference(entry_id=OTHER, line=10**9 + line) for line in range(1, MAX_REFERENCES + 1)),
        lease=None,
        programme="0f" * 16,
        detail_digest=DIGEST,
    )
    assert decode_core(encode_core(core)) == core


def test_a_detail_that_could_not_be_read_back_is_not_written() -> None:
    lines = tuple(
        DetailLine(line=n, item="x" * 200, name="😀" * 200, category=None, quantity_milli=1, amount_minor=1)
        for n in range(1, 1500)
    )
    detail = EntryDetail(
        salt=SALT, local_time="t", business_date="d", store="s", currency="KZT", currency_scale=2, lines=lines
    )
    with pytest.raises(ValueError, match="at most 1048576 bytes"):
        encode_detail(detail)


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
        with_core(lease=5),
        with_core(lease="0"),
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


@given(st.sampled_from(["v", "id", "kind", "detail", "postings", "opens", "refs", "lease", "programme"]), json_values)
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
