"""The bytes of an entry: canonical JSON, written once and kept as written.

Canonical means: UTF-8, keys sorted, no white space, integers only, byte strings as lower-case hex, absent
values left out. Bytes are never rebuilt from values to be compared or hashed: what was stored is what counts.

Source: docs/SPEC-journal.md, section 3.
"""

import json
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any

from loyalty.journal import detail as detail_values
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import DIGEST_BYTES, FORMAT_VERSION, EntryCore, Lot, Posting, Reference
from loyalty.journal.shapes import Fields, MalformedEntry

MAX_CORE_BYTES = 64 * 1024
MAX_DETAIL_BYTES = 1024 * 1024


def canonical_json(value: object) -> bytes:
    """Write a JSON value of dicts, lists, strings, integers, booleans and None in the one canonical way."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def detail_digest(detail: bytes) -> bytes:
    """Give the digest that a core carries of its detail: the first 16 bytes of SHA-256 over the detail's bytes."""
    return sha256(detail).digest()[:DIGEST_BYTES]


def encode_core(core: EntryCore) -> bytes:
    """Write a core as canonical bytes."""
    value: dict[str, object] = {
        "v": core.format_version,
        "id": core.entry_id.hex(),
        "kind": core.kind,
        "detail": core.detail_digest.hex(),
    }
    if core.postings:
        value["postings"] = [_posting_out(posting) for posting in core.postings]
    if core.references:
        value["refs"] = [[ref.entry_id.hex(), ref.line] for ref in core.references]
    if core.lease is not None:
        value["lease"] = core.lease.hex()
    if core.programme is not None:
        value["programme"] = core.programme
    return canonical_json(value)


def decode_core(data: bytes) -> EntryCore:
    """Read a core from its bytes.

    Raises:
        MalformedEntry: not an entry core of a format version that this program knows.
    """
    given = Fields.read(data, limit=MAX_CORE_BYTES, what="core")
    version = given.integer("v")
    if version != FORMAT_VERSION:
        raise MalformedEntry(f"core: format version {version} is not known, this program reads {FORMAT_VERSION}")
    try:
        return EntryCore(
            format_version=version,
            entry_id=given.hex("id"),
            kind=given.text("kind"),
            detail_digest=given.hex("detail"),
            postings=tuple(_posting_in(item) for item in given.items("postings")),
            references=tuple(_reference_in(item) for item in given.items("refs")),
            lease=given.optional_hex("lease"),
            programme=given.optional_text("programme"),
        )
    except MalformedEntry:
        raise
    except (ValueError, TypeError) as fault:
        raise MalformedEntry(f"core: {fault}") from fault


def encode_detail(detail: EntryDetail) -> bytes:
    """Write a detail as canonical bytes; fields at their default are left out."""
    return canonical_json(_plain(detail))


def decode_detail(data: bytes) -> EntryDetail:
    """Read a detail from its bytes.

    Raises:
        MalformedEntry: not a detail, or one with a field that this program does not know.
    """
    given = Fields.read(data, limit=MAX_DETAIL_BYTES, what="detail")
    try:
        return _detail_in(given)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise MalformedEntry("detail: a field is unknown or has another shape") from fault


def _posting_out(posting: Posting) -> list[object]:
    out: list[object] = [posting.account.hex(), posting.unit, posting.amount]
    if posting.lot is not None:
        out.append([posting.lot.lot_id.hex(), posting.lot.usable_at, posting.lot.expires_at])
    return out


def _posting_in(item: Any) -> Posting:
    account, unit, amount, *lot = item
    if not (isinstance(unit, str) and type(amount) is int and len(lot) <= 1):
        raise MalformedEntry("core: a posting is [account, unit, amount] with a lot or without")
    return Posting(account=bytes.fromhex(account), unit=unit, amount=amount, lot=_lot_in(lot[0]) if lot else None)


def _lot_in(item: Any) -> Lot:
    lot_id, usable_at, expires_at = item
    return Lot(lot_id=bytes.fromhex(lot_id), usable_at=usable_at, expires_at=expires_at)


def _reference_in(item: Any) -> Reference:
    entry_id, line = item
    if line is not None and type(line) is not int:
        raise MalformedEntry("core: a reference's line is a number or null")
    return Reference(entry_id=bytes.fromhex(entry_id), line=line)


def _plain(value: Any) -> Any:
    """Turn a dataclass into JSON values, leaving out fields at their default; field names are the keys."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        kept = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: _plain(item) for field, item in kept if item is not None and item != field.default}
    return value


_NESTED: dict[str, Any] = {
    "override": detail_values.Override,
    "consent": detail_values.Consent,
}
_NESTED_LISTS: dict[str, Any] = {
    "lines": detail_values.DetailLine,
    "returned": detail_values.ReturnedLine,
    "reversals": detail_values.DetailReversal,
    "remainders": detail_values.Remainder,
}
_HEX = {"salt", "member"}


def _detail_in(given: Fields) -> EntryDetail:
    built: dict[str, Any] = {}
    for name, value in given.values.items():
        if name in _HEX:
            built[name] = bytes.fromhex(value)
        elif name in _NESTED:
            built[name] = _NESTED[name](**value)
        elif name in _NESTED_LISTS:
            built[name] = tuple(_with_category(name, item) for item in value)
        elif name == "awards":
            built[name] = tuple(_award_in(item) for item in value)
        elif name == "standing":
            built[name] = _standing_in(value)
        else:
            built[name] = value
    return EntryDetail(**built)


def _with_category(name: str, item: dict[str, Any]) -> Any:
    if name == "lines":
        item = {"category": None, **item}
    return _NESTED_LISTS[name](**item)


def _award_in(item: dict[str, Any]) -> detail_values.DetailAward:
    return detail_values.DetailAward(**{**item, "bases": tuple((line, base) for line, base in item["bases"])})


def _standing_in(item: dict[str, Any]) -> detail_values.StandingUsed:
    return detail_values.StandingUsed(
        tier=item.get("tier"),
        balances=tuple((unit, amount) for unit, amount in item.get("balances", ())),
        as_of=item.get("as_of"),
    )
