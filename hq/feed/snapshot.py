"""Making the snapshot that a new till begins with: a few bytes of every member, and what is everybody's, as of one position.

It is built beside a running HQ from one state of the book, and replaces the one before in a single step.
"""

import json
import re
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from hq.book.schema import programme, programme_release
from hq.feed.log import RELEASE_BYTES, head_position
from hq.feed.programmes import programme_rows, release_rows
from hq.feed.reach import base_unit
from hq.feed.replica import About, ReplicaWriter
from hq.feed.streaming import stream
from hq.feed.values import forgotten_rows
from sync.protocol.errors import SyncRefused
from sync.protocol.replica import MAX_TIERS, worth
from sync.protocol.snapshots import FRAME_BYTES, Frame, Manifest, decode_manifest, encode_manifest, signed_bytes
from sync.protocol.values import FeedBalance, FeedLot, FeedRow
from sync.protocol.wire import row_out

FOLDER = "snapshots"
_MANIFEST, _FRAMES, _DRAFT = "manifest.json", ".frames", "draft"
_NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LEVEL = 1
_PACKERS = 4
_MEMBERS = """
    SELECT member.member_id, member.canonical_id, member.tier, balance.amount
    FROM member LEFT JOIN balance ON balance.account_id = member.member_id AND balance.unit = ?
    ORDER BY member.member_id
"""
_CARDS = "SELECT card_key, member_id FROM card WHERE member_id IS NOT NULL ORDER BY card_key + 0"
_BALANCES = """
    SELECT balance.account_id, balance.unit, balance.amount
    FROM account JOIN balance ON balance.account_id = account.account_id WHERE account.kind <> 'member'
"""
_LOTS = """
    SELECT lot.account_id, lot.unit, lot.lot_id, lot.amount, lot.usable_at_s, lot.expires_at_s
    FROM account JOIN lot ON lot.account_id = account.account_id WHERE account.kind <> 'member'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A snapshot that was made."""

    manifest: Manifest
    members: int


def make_snapshot(connection: Connection, data_dir: Path, *, hq_epoch: str, signing_key: bytes) -> Made:
    """Make a snapshot of the state that ``connection`` sees and put it in the place of the one before.

    The one before the last one stays until then, so that a till that reads from it may end.

    Raises:
        OSError: the folder cannot be written; the snapshot before stays.
    """
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / _DRAFT
    draft.unlink(missing_ok=True)
    about = About(hq_epoch=hq_epoch, position=head_position(connection), unit=base_unit(connection))
    try:
        members = _write(connection, draft, about)
        manifest = _pack(draft, folder, about, Ed25519PrivateKey.from_private_bytes(signing_key).sign)
    finally:
        draft.unlink(missing_ok=True)
    before = read_manifest(data_dir)
    staged = folder / f"{_MANIFEST}.new"
    staged.write_bytes(encode_manifest(manifest))
    staged.replace(folder / _MANIFEST)
    kept = {one.name + _FRAMES for one in (manifest, before) if one is not None}
    for path in folder.glob(f"*{_FRAMES}"):
        if path.name not in kept:
            with suppress(OSError):  # on Windows while somebody reads it
                path.unlink()
    return Made(manifest=manifest, members=members)


def read_manifest(data_dir: Path) -> Manifest | None:
    """Give the description of the snapshot that is there, or None."""
    try:
        return decode_manifest((data_dir / FOLDER / _MANIFEST).read_bytes())
    except (FileNotFoundError, SyncRefused):
        return None


def frames_path(data_dir: Path, name: str) -> Path:
    """Give the file of frames of a snapshot; ``name`` is hexadecimal."""
    return data_dir / FOLDER / f"{name}{_FRAMES}"


class Snapshots:
    """The snapshot that HQ offers just now; looks at the file again when it changed."""

    def __init__(self, data_dir: Path, hq_epoch: str) -> None:
        self._data_dir = data_dir
        self._hq_epoch = hq_epoch
        self._stamp: int | None = None
        self._manifest: Manifest | None = None

    def newest(self) -> Manifest | None:
        """Give its description; None while there is none of this HQ's epoch."""
        try:
            stamp = (self._data_dir / FOLDER / _MANIFEST).stat().st_mtime_ns
        except OSError:
            return None
        if stamp != self._stamp:
            self._manifest, self._stamp = read_manifest(self._data_dir), stamp
        found = self._manifest
        return found if found is not None and found.hq_epoch == self._hq_epoch else None

    def frames(self, name: str) -> Path | None:
        """Give the file of frames of a snapshot that is still there, or None."""
        path = frames_path(self._data_dir, name)
        return path if _NAME.fullmatch(name) and path.exists() else None


def _write(connection: Connection, path: Path, about: About) -> int:
    tiers: dict[str, int] = {}
    aliases: list[tuple[bytes, bytes]] = []

    def members() -> Iterator[tuple[bytes, int]]:
        for member, canonical, tier, amount in stream(connection, _MEMBERS, about.unit or ""):
            if member != canonical:
                aliases.append((member, canonical))
            number = 0
            if tier is not None and (number := tiers.get(tier, 0)) == 0 and len(tiers) < MAX_TIERS:
                tiers[tier] = number = len(tiers) + 1
            yield member, worth(amount or 0, number)

    with ReplicaWriter(path, about) as writer:
        writer.members(members())
        writer.tiers(tiers)
        writer.aliases(aliases)
        writer.cards(stream(connection, _CARDS))
        writer.control(_json(row) for row in _control(connection))
        return writer.finish()


def _control(connection: Connection) -> Iterator[FeedRow]:
    versions = connection.execute(select(programme.c.version)).scalars().all()
    numbers = (
        connection.execute(select(programme_release.c.number).order_by(programme_release.c.number)).scalars().all()
    )
    yield from programme_rows(connection, [version.encode() for version in versions]).values()
    yield from release_rows(connection, [number.to_bytes(RELEASE_BYTES, "big") for number in numbers]).values()
    yield from forgotten_rows(connection).values()
    for account, unit, amount in stream(connection, _BALANCES):
        yield FeedBalance(account=account, unit=unit, amount=amount, common=True)
    for account, unit, lot_id, amount, usable_at, expires_at in stream(connection, _LOTS):
        yield FeedLot(
            account=account, unit=unit, lot_id=lot_id, amount=amount,
            usable_at=usable_at, expires_at=expires_at, common=True,
        )  # fmt: skip


def _json(row: FeedRow) -> str:
    return json.dumps(row_out(row), ensure_ascii=False, separators=(",", ":"))


def _pack(draft: Path, folder: Path, about: About, sign: Callable[[bytes], bytes]) -> Manifest:
    """Cut the file into frames, several being packed at once, and describe them."""
    whole, frames = sha256(), list[Frame]()
    staged = folder / f"{_DRAFT}{_FRAMES}"
    with draft.open("rb") as plain, staged.open("wb") as packed, ThreadPoolExecutor(_PACKERS) as pool:
        while parts := _parts(plain):
            for part, data in zip(parts, pool.map(lambda one: zlib.compress(one, _LEVEL), parts), strict=True):
                whole.update(part)
                packed.write(data)
                frames.append(Frame(packed=len(data), plain=len(part), sha256=sha256(data).digest()))
    unsigned = Manifest(
        hq_epoch=about.hq_epoch,
        position=about.position,
        unit=about.unit,
        sha256=whole.digest(),
        frames=tuple(frames),
        signature=b"",
    )
    staged.replace(frames_path(folder.parent, unsigned.name))
    return replace(unsigned, signature=sign(signed_bytes(unsigned)))


def _parts(file: BinaryIO) -> list[bytes]:
    parts = (file.read(FRAME_BYTES) for _ in range(_PACKERS))
    return [part for part in parts if part]
