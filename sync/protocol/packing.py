"""Making entries small before they are compressed, so that what is unpacked is what was stored, byte for byte. Pure.

Deflate sees 32 KiB at a time and takes every hex digit for a letter. So ids leave the text and follow it as bytes, the digest
of the detail is left out of a core, since the detail tells it, and what stands between the values of every basket line
becomes one byte. Canonical JSON holds no control characters, so these bytes mean nothing else; entries that do hold some,
which no till writes, are sent unpacked.

Source: docs/SPEC-sync.md, section 2.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.journal.codec import detail_digest
from loyalty.numbers.limits import require

ID_BYTES = 16
_ID, _DIGEST = b"\x01", b"\x02"
_QUOTED_ID = re.compile(rb'"([0-9a-f]{32})"')
_CONTROL = re.compile(rb"[\x00-\x1f]")
_CODES = bytes(code for code in range(0x03, 0x20) if code != ord("\n"))
_PHRASES = (
    b'","quantity_milli":1000,"tax_minor":',
    b'","quantity_milli":1000},{"amount_minor":',
    b'","quantity_milli":1000',
    b'","quantity_milli":',
    b'},{"amount_minor":',
    b'{"amount_minor":',
    b',"category":"',
    b',"charged_minor":',
    b',"deposit_minor":',
    b',"discount_minor":',
    b'","item":"',
    b',"item":"',
    b'","line":',
    b',"line":',
    b',"name":"',
    b',"tags":["',
    b',"tax_minor":',
    b',"tax_ppm":',
    b"],[",
    b',"bases":[[',
    b'{"amount":',
    b',"rule":"',
    b',"unit":"',
    b',"usable_at":',
    b',"expires_at":',
    b',"redemptions":[{',
    b'"points",',
    b'[["',
)
"""What becomes one byte, the longest first where one begins as another does; an order that may never change."""
_SKELETON = (
    b'"kind":"return","kind":"enrol","kind":"void","opens":[["pool"],["coupon"]],"refs":[[,1],[,2]],"lease":'
    b'{"asked":{"at":17,"actions":[],"cards":[],"codes":[],"coupons":[],"declined":[],"held":[[,"redeem":[["refused":['
    b'"claimed_original":"consent":{"given_by":"text_version":"credit_minor":"fiscal_document_id":"host_guid":"issued":[{'
    b'"code":"coupon":"nickname":"override":{"operator":"reason":"payment_set":"remainders":[{"denominator":"numerator":'
    b'"account":,"amount_minor":,"by_line":[[1,"free":[["gifts":[{"reward":"settle":"line_discount","tender","units":,"uses":[['
    b'"returned":[{"returned_base":"reversals":[{"restored":[{"stays":["tier":{"after":"before":"training":true'
    b'{"detail":\x02,"id":\x01,"kind":"sale","postings":[[\x01,"points",1],[\x01,"visits",1]],"programme":\x01,"v":1}\n'
    b'{"awards":[{"amount":100,"base":10000,"bases":[[1,10000],[2,10000],[3,10000],[4,10000],[5,10000],[6,10000],[7,10000],[8,'
    b"10000],[9,10000],[10,10000],[11,10000],[12,10000],[13,10000],[14,10000],[15,10000],[16,10000],[17,10000],[18,10000],[19,"
    b'10000],[20,10000]],"rule":"points-per-amount","unit":"points"}],"business_date":"2026-01-01","currency":"KZT",'
    b'"currency_scale":2,"host":"pos","host_check_id":"1","identifier":"29000000000","language":"kk","lines":[{"amount_minor":10000,'
    b'"category":"","item":"487000","line":1,"name":"","quantity_milli":1000,"tax_minor":1000},{"amount_minor":1000,"category":"",'
    b'"item":"487000","line":20,"name":"","quantity_milli":2000,"tax_minor":1000}],"local_time":"2026-01-01T12:00:00+05:00",'
    b'"member":\x01,"operator":"1","receipt_number":1,"salt":\x01,"shift":"1","standing":{"as_of":"2026-01-01T00:00:00+00:00",'
    b'"balances":[["points",1000]],"joined_on":"2026-01-01","last_visit_on":"2026-01-01","segments":[],"unusable":[]},"store":"s1"}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Lines of text and the ids that left them, in order."""

    lines: tuple[bytes, ...]
    ids: bytes


class NotPacked(ValueError):
    """What came was not made by `pack`."""


class UnpackedTooLarge(NotPacked):
    """More would come of it than may."""


def pack(entries: Sequence[tuple[bytes, bytes]]) -> Packed | None:
    """Make cores and details small; None where one of them holds a control character and has to be sent as it is."""
    if any(_CONTROL.search(part) for entry in entries for part in entry):
        return None
    ids: list[bytes] = []

    def leave(found: re.Match[bytes]) -> bytes:
        ids.append(bytes.fromhex(found[1].decode()))
        return _ID

    lines = []
    for core, detail in entries:
        digest = b'"%s"' % detail_digest(detail).hex().encode()
        lines.append(_short(_QUOTED_ID.sub(leave, core.replace(digest, _DIGEST))))
        lines.append(_short(_QUOTED_ID.sub(leave, detail)))
    return Packed(lines=tuple(lines), ids=b"".join(ids))


def unpack(packed: Packed, most: int) -> list[tuple[bytes, bytes]]:
    """Give the cores and details again.

    Args:
        packed: What `pack` made; an even number of lines.
        most: Most bytes of all parts together.

    Raises:
        NotPacked: the ids are not as many as the text needs; `UnpackedTooLarge` where more than ``most`` bytes would
            come of it, and nothing was unpacked.
    """
    size = sum(_full_size(line) for line in packed.lines)
    if size > most:
        raise UnpackedTooLarge(f"at most {most} bytes unpacked")
    if len(packed.ids) != ID_BYTES * sum(line.count(_ID) for line in packed.lines):
        raise NotPacked("as many ids as the text needs")
    places = iter(range(0, len(packed.ids), ID_BYTES))

    def come_back(_: re.Match[bytes]) -> bytes:
        place = next(places)
        return b'"%s"' % packed.ids[place : place + ID_BYTES].hex().encode()

    parts = [re.sub(_ID, come_back, _long(line)) for line in packed.lines]
    return [
        (core.replace(_DIGEST, b'"%s"' % detail_digest(detail).hex().encode()), detail)
        for core, detail in zip(parts[0::2], parts[1::2], strict=True)
    ]


def _short(text: bytes) -> bytes:
    for code, phrase in _TABLE:
        text = text.replace(phrase, code)
    return text


def _long(text: bytes) -> bytes:
    for code, phrase in _TABLE:
        text = text.replace(code, phrase)
    return text


def _full_size(line: bytes) -> int:
    quoted = 2 + 2 * ID_BYTES
    ids = line.count(_ID) + line.count(_DIGEST)
    return len(line) + ids * (quoted - 1) + sum(line.count(code) * (len(phrase) - 1) for code, phrase in _TABLE)


require(len(_PHRASES) == len(_CODES), "each code has its phrase")
_TABLE = tuple((_CODES[place : place + 1], phrase) for place, phrase in enumerate(_PHRASES))
DICTIONARY = _short(_SKELETON)
"""What both ends take as if it had been sent before a batch: the shape of a sale, packed."""
