"""The bytes of an entry: golden, and canonical."""

import json
from dataclasses import fields

import pytest
from hypothesis import given

from loyalty.journal.codec import (
    decode_core,
    decode_detail,
    detail_digest,
    encode_core,
    encode_detail,
)
from loyalty.journal.detail import (
    DetailLine,
    EntryDetail,
)
from loyalty.journal.entry import (
    MAX_OPENS,
    MAX_POSTINGS,
    MAX_REFERENCES,
    EntryCore,
    LeaseDraw,
    Lot,
    Opened,
    Posting,
    Reference,
)
from loyalty.numbers.limits import INT64_MAX, MAX_UNIT
from tests.loyalty.journal.examples import (
    ACCOUNT,
    DIGEST,
    FULL_DETAIL,
    ID,
    OTHER,
    SALT,
    SMALLEST_CORE,
    SMALLEST_DETAIL,
    cores,
    details,
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
        leases=(LeaseDraw(lease=b"\xab" * 16, lot_id=None, amount=5),),
        closes=(b"\xcd" * 16,),
        programme="0f" * 16,
        detail_digest=DIGEST,
    )
    assert encode_core(core) == (
        b'{"closes":["cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"],'
        b'"detail":"04040404040404040404040404040404",'
        b'"id":"01010101010101010101010101010101",'
        b'"kind":"return",'
        b'"leases":[["abababababababababababababababab",null,5]],'
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
        '"credit_minor":50,"currency":"KZT","currency_scale":2,'
        f'"evidence":{{"core":"007b","detail":"","hash":"{"68" * 32}","postings":[["{"02" * 16}","points",5]]}},'
        '"fiscal_document_id":"f","host":"pos","host_check_id":"99","host_guid":"g",'
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
        '"last_visit_on":"2026-01-30","referrer":"03030303030303030303030303030303","segments":["vip"],'
        '"unusable":[["points",2]]},"stays":["used.bread"],"store":"s1",'
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
