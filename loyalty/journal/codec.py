"""The bytes of an entry: canonical JSON, written once and kept as written.

Canonical means: UTF-8, keys sorted, no white space, integers only, byte strings as lower-case hex, absent
values left out. A reader refuses bytes that it would not have written itself, so one entry has one spelling.

Source: docs/SPEC-journal.md, section 3.
"""

import json
from hashlib import sha256
from typing import Any, TypeVar

from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import DIGEST_BYTES, FORMAT_VERSION, EntryCore, LeaseDraw, Lot, Opened, Posting, Reference
from loyalty.journal.layout import Layout
from loyalty.journal.shapes import Fields, MalformedEntry

MAX_CORE_BYTES = 512 * 1024
MAX_DETAIL_BYTES = 1024 * 1024

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_encode_sorted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
"""For what a `Layout` wrote: its keys are sorted."""
_DETAIL = Layout(EntryDetail)
_OLD_NAMES = (("awards", "base_minor", "base"), ("reversals", "returned_base_minor", "returned_base"))
_P = TypeVar("_P", EntryCore, EntryDetail)


class EntryTooLarge(ValueError):
    """A part of an entry is larger than any journal takes; a host's basket can cause it."""


def canonical_json(value: object) -> bytes:
    """Write a JSON value of dicts, lists, strings, integers, booleans and None in the one canonical way."""
    return _encode(value).encode()


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
    if core.opens:
        value["opens"] = [[opened.account.hex(), opened.kind] for opened in core.opens]
    if core.references:
        value["refs"] = [[ref.entry_id.hex(), ref.line] for ref in core.references]
    if core.leases:
        value["leases"] = [[one.lease.hex(), _hex_or_none(one.lot_id), one.amount] for one in core.leases]
    if core.closes:
        value["closes"] = [lease.hex() for lease in core.closes]
    if core.programme is not None:
        value["programme"] = core.programme
    written = canonical_json(value)
    return _bounded(written, MAX_CORE_BYTES, "a core")


def decode_core(data: bytes) -> EntryCore:
    """Read a core from its bytes.

    Raises:
        MalformedEntry: not an entry core of a format version that this program knows, or not canonical.
    """
    given = Fields.read(data, limit=MAX_CORE_BYTES, what="core")
    if given.integer("v") != FORMAT_VERSION:
        raise MalformedEntry(f"core: the format version is not known, this program reads {FORMAT_VERSION}")
    try:
        core = EntryCore(
            format_version=FORMAT_VERSION,
            entry_id=given.hex("id"),
            kind=given.text("kind"),
            detail_digest=given.hex("detail"),
            postings=tuple(_posting_in(item) for item in given.items("postings")),
            opens=tuple(_opened_in(item) for item in given.items("opens")),
            references=tuple(_reference_in(item) for item in given.items("refs")),
            leases=tuple(_draw_in(item) for item in given.items("leases")),
            closes=tuple(bytes.fromhex(item) for item in given.items("closes")),
            programme=given.optional_text("programme"),
        )
        again = encode_core(core)
    except MalformedEntry:
        raise
    except (ValueError, TypeError) as fault:
        raise MalformedEntry("core: a field has another shape") from fault
    return _as_written(core, again, data, "core")


def encode_detail(detail: EntryDetail) -> bytes:
    """Write a detail as canonical bytes; fields at their default are left out."""
    return _bounded(_encode_sorted(_DETAIL.write(detail)).encode(), MAX_DETAIL_BYTES, "a detail")


def decode_detail(data: bytes) -> EntryDetail:
    """Read a detail from its bytes.

    Raises:
        MalformedEntry: not a detail, one with a field that this program does not know, or not canonical.
    """
    given = Fields.read(data, limit=MAX_DETAIL_BYTES, what="detail")
    try:
        values, data = _with_new_names(given.values, data)
        detail = _DETAIL.read(values)
        again = encode_detail(detail)
    except MalformedEntry as fault:
        raise MalformedEntry(f"detail: {fault}") from fault
    except ValueError as fault:
        raise MalformedEntry("detail: not canonical") from fault
    return _as_written(detail, again, data, "detail")


def _with_new_names(values: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """Take a detail of the first agents for one of today's; its own spelling must be canonical too."""
    if b"base_minor" not in data:
        return values, data
    renamed = values | {
        name: [_renamed(item, old, new) for item in values[name]]
        for name, old, new in _OLD_NAMES
        if isinstance(values.get(name), list)
    }
    return renamed, canonical_json(renamed) if canonical_json(values) == data else data


def _renamed(item: object, old: str, new: str) -> object:
    if not isinstance(item, dict) or old not in item or new in item:
        return item
    return {new if name == old else name: value for name, value in item.items()}


def _bounded(written: bytes, most: int, what: str) -> bytes:
    if len(written) > most:
        raise EntryTooLarge(f"{what} has at most {most} bytes")
    return written


def _as_written(part: _P, again: bytes, data: bytes, what: str) -> _P:
    if again != data:
        raise MalformedEntry(f"{what}: not canonical")
    return part


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
    lot_id, *instants = item
    if len(instants) != 2 or not all(instant is None or type(instant) is int for instant in instants):
        raise MalformedEntry("core: a lot is [id, usable at, expires at]")
    return Lot(lot_id=bytes.fromhex(lot_id), usable_at=instants[0], expires_at=instants[1])


def _draw_in(item: Any) -> LeaseDraw:
    lease, lot_id, amount = item
    if type(amount) is not int:
        raise MalformedEntry("core: a draw is [lease, lot or null, amount]")
    return LeaseDraw(
        lease=bytes.fromhex(lease), lot_id=None if lot_id is None else bytes.fromhex(lot_id), amount=amount
    )


def _hex_or_none(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _opened_in(item: Any) -> Opened:
    account, kind = item
    if not isinstance(kind, str):
        raise MalformedEntry("core: an account to open is [id, kind]")
    return Opened(account=bytes.fromhex(account), kind=kind)


def _reference_in(item: Any) -> Reference:
    entry_id, line = item
    if line is not None and type(line) is not int:
        raise MalformedEntry("core: a reference's line is a number or null")
    return Reference(entry_id=bytes.fromhex(entry_id), line=line)
