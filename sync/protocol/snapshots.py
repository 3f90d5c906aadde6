"""The description of a snapshot: what a till must know to fetch one in parts, and to believe it.

A snapshot is the file of `sync.protocol.replica`, cut into frames that are compressed each by itself, so that a download
goes on at the frame where it was cut. HQ signs the description; the hashes in it vouch for the bytes.

Source: docs/SPEC-sync.md, section 3, "The snapshot".
"""

from dataclasses import dataclass
from typing import Any

from loyalty.journal.codec import canonical_json
from loyalty.numbers.limits import MAX_UNIT
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import count, hex_bytes, read_object, short_text
from sync.protocol.values import FeedPage

FRAME_BYTES = 4 * 1024 * 1024
"""Bytes of the file in each frame but the last one."""
MAX_FRAMES = 4_000
MAX_MANIFEST_BYTES = 512 * 1024
NAME_BYTES = 16
MANY = 500_000
"""From so many positions behind a snapshot a till takes it instead of the rows in between."""
_MARK = b"loyaltill snapshot 1\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One part: how many bytes it has as sent and as a part of the file, and SHA-256 of the bytes as sent."""

    packed: int
    plain: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What HQ says of its snapshot.

    Attributes:
        position: Of the feed, which goes on behind it.
        unit: Whose balance it holds, or None.
        sha256: Of the whole file.
        frames: Its parts in order, 1 to `MAX_FRAMES`.
        signature: By HQ's key over `signed_bytes`.
    """

    hq_epoch: str
    position: int
    unit: str | None
    sha256: bytes
    frames: tuple[Frame, ...]
    signature: bytes

    @property
    def name(self) -> str:
        """What the snapshot is called: the beginning of its hash."""
        return self.sha256[:NAME_BYTES].hex()

    @property
    def plain(self) -> int:
        """Bytes of the file."""
        return sum(frame.plain for frame in self.frames)

    def packed_before(self, number: int) -> int:
        """Give the bytes, as sent, of the frames before one."""
        return sum(frame.packed for frame in self.frames[:number])


def signed_bytes(manifest: Manifest) -> bytes:
    """Give what HQ signs."""
    return _MARK + canonical_json(_body(manifest))


def encode_manifest(manifest: Manifest) -> bytes:
    """Write a description."""
    return canonical_json({**_body(manifest), "signature": manifest.signature.hex()})


def decode_manifest(data: bytes) -> Manifest:
    """Read a description; the signature is the reader's to verify.

    Raises:
        SyncRefused: MALFORMED for anything else, TOO_LARGE beyond the bounds.
    """
    given = read_object(data, MAX_MANIFEST_BYTES)
    frames = given.get("frames")
    if not isinstance(frames, list) or not 1 <= len(frames) <= MAX_FRAMES:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"frames must be a list of 1 to {MAX_FRAMES}")
    return Manifest(
        hq_epoch=short_text(given, "hq_epoch", 64),
        position=count(given, "position"),
        unit=None if given.get("unit") is None else short_text(given, "unit", MAX_UNIT),
        sha256=hex_bytes(given, "sha256", 32),
        frames=tuple(_frame(frame) for frame in frames),
        signature=hex_bytes(given, "signature", 64),
    )


def is_better(after: int, page: FeedPage) -> bool:
    """Tell whether a till at position ``after`` had better take HQ's snapshot than go on with ``page``."""
    if page.complete or page.everyone or page.snapshot is None:
        return False
    return after == 0 or page.snapshot - after > MANY


def _body(manifest: Manifest) -> dict[str, object]:
    return {
        "hq_epoch": manifest.hq_epoch,
        "position": manifest.position,
        "unit": manifest.unit,
        "sha256": manifest.sha256.hex(),
        "frames": [[frame.packed, frame.plain, frame.sha256.hex()] for frame in manifest.frames],
    }


def _frame(said: Any) -> Frame:
    if not isinstance(said, list) or len(said) != 3:
        raise SyncRefused(SyncErrorCode.MALFORMED, "a frame has three parts")
    named = {"packed": said[0], "plain": said[1], "sha256": said[2]}
    return Frame(
        packed=count(named, "packed", least=1, most=2 * FRAME_BYTES),
        plain=count(named, "plain", least=1, most=FRAME_BYTES),
        sha256=hex_bytes(named, "sha256", 32),
    )
