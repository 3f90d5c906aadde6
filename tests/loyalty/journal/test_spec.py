"""docs/SPEC-journal.md says what the code does."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from loyalty.holding.accounts import AccountKind, coupon_account
from loyalty.journal.chain import first_head, head_code, next_head, terminal_id
from loyalty.journal.codec import decode_core, decode_detail, detail_digest, encode_core, encode_detail
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
from loyalty.journal.entry import EntryKind, Opened

SPEC = (Path(__file__).parents[3] / "docs" / "SPEC-journal.md").read_text(encoding="utf-8")
NESTED = {
    "override": Override,
    "consent": Consent,
    "standing": StandingUsed,
    "lines": DetailLine,
    "awards": DetailAward,
    "redemptions": DetailRedemption,
    "issued": DetailIssued,
    "asked": DetailAsked,
    "sold_cards": DetailCardSold,
    "tier": DetailTier,
    "returned": ReturnedLine,
    "reversals": DetailReversal,
    "restored": DetailRestored,
    "remainders": Remainder,
    "evidence": DetailEvidence,
}


def example(part: str) -> bytes:
    found = re.findall(rf"```json {part}\n(.*)\n```", SPEC)
    assert len(found) == 1
    return str(found[0]).encode()


def table(after: str) -> dict[str, str]:
    """The first table after some words: the first cell without quotes, and the whole row."""
    rows = re.findall(r"^\| `([^`]+)` (\|.*)$", SPEC[SPEC.index(after) :].split("\n\n")[1], re.MULTILINE)
    return dict(rows)


@pytest.mark.parametrize("names", [("core", "detail"), ("core with accounts", "detail with a redemption")])
def test_the_examples_are_canonical_and_belong_together(names: tuple[str, str]) -> None:
    of_core, of_detail = map(example, names)
    core, detail = decode_core(of_core), decode_detail(of_detail)
    assert (encode_core(core), encode_detail(detail)) == (of_core, of_detail)
    assert core.detail_digest == detail_digest(of_detail)


def test_the_richer_example_opens_what_its_code_says() -> None:
    core, detail = decode_core(example("core with accounts")), decode_detail(example("detail with a redemption"))
    (issued,) = detail.issued
    assert issued.account == coupon_account(issued.code)
    assert core.opens == (Opened(account=issued.account, kind=AccountKind.COUPON.value),)


def test_the_chain_of_the_example_is_the_one_on_the_page() -> None:
    key = bytes(range(32))
    start = first_head(key, 1)
    head = next_head(start, example("core"))
    said = re.findall(r"^\| (?:terminal id|h_0|h_1|head code) \| `([^`]+)` \|$", SPEC, re.MULTILINE)
    assert said == [terminal_id(key).hex(), start.hex(), head.hex(), head_code(head)]


def test_every_field_of_a_detail_is_on_the_page_and_no_other() -> None:
    rows = table("The **detail** is what happened")
    assert rows.keys() == {field.name for field in fields(EntryDetail)}
    for name, kind in NESTED.items():
        names = [field.name for field in fields(kind)]
        names += [field.name for field in fields(DetailGift)] if name == "redemptions" else []
        missing = [one for one in names if f"`{one}`" not in rows[name]]
        assert missing == []


def test_every_key_of_a_core_is_on_the_page() -> None:
    rows = table("The **core** says")
    full = {"v", "id", "kind", "detail", "postings", "opens", "refs", "leases", "closes", "programme"}
    assert rows.keys() == full
    assert json.loads(example("core")).keys() | json.loads(example("core with accounts")).keys() <= full
    assert all(f"`{kind}`" in rows["kind"] for kind in EntryKind)
