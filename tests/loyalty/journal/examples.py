"""Entries for the tests of their bytes: golden ones, and strategies for any."""

from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from hypothesis import strategies as st

from loyalty.journal.detail import (
    Consent,
    DetailAsked,
    DetailAward,
    DetailCardSold,
    DetailEvidence,
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
from loyalty.journal.entry import EntryCore, LeaseDraw, Lot, Opened, Posting, Reference
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
draws = st.builds(LeaseDraw, lease=ids, lot_id=st.none() | ids, amount=st.integers(1, INT64_MAX))
opens = st.builds(Opened, account=ids, kind=kinds)
cores = st.builds(
    EntryCore,
    entry_id=ids,
    kind=kinds,
    postings=st.lists(postings, max_size=4).map(tuple),
    references=st.lists(references, max_size=4).map(tuple),
    opens=st.lists(opens, max_size=4).map(tuple),
    leases=st.lists(draws, max_size=3).map(tuple),
    closes=st.lists(ids, max_size=3).map(tuple),
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
        referrer=st.none() | ids,
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
    awards=several(built(DetailAward, bases=several(st.tuples(numbers, numbers)), account=st.none() | ids)),
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
    evidence=st.none()
    | built(
        DetailEvidence,
        hash=st.binary(min_size=32, max_size=32),
        core=st.binary(max_size=40),
        detail=st.binary(max_size=40),
        postings=several(st.tuples(ids, texts, numbers)),
    ),
)

SMALLEST_CORE = EntryCore(entry_id=ID, kind="sale", postings=(), references=(), programme=None, detail_digest=DIGEST)
SMALLEST_DETAIL = EntryDetail(
    salt=SALT,
    local_time="2026-01-31T12:00:00+05:00",
    business_date="2026-01-31",
    store="s1",
    currency="KZT",
    currency_scale=2,
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
        referrer=OTHER,
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
    evidence=DetailEvidence(hash=b"h" * 32, core=b"\x00{", detail=b"", postings=((ACCOUNT, "points", 5),)),
)
