"""The snapshot as HQ makes it, on every database: what is in it, who signed it, and what is left of earlier ones."""

from __future__ import annotations

import json
import sqlite3
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hq.feed import snapshot as module
from hq.feed.snapshot import Made, Snapshots, frames_path, make_snapshot, read_manifest
from loyalty.journal.detail import DetailTier
from loyalty.journal.entry import Lot, Opened, Posting
from sync.protocol.replica import unpacked
from sync.protocol.snapshots import decode_manifest, encode_manifest, signed_bytes
from sync.protocol.values import FeedBalance, FeedLot, FeedProgramme, FeedRelease
from sync.protocol.wire import row_in
from tests.hq.houses import House
from tests.hq.programmes.programmes import publish
from tests.hq.tills import POINTS

POOL = b"P" * 16


def made(house: House, folder: Path) -> Made:
    settings = house.hq.pairing.settings
    with house.hq.book.read() as connection:
        return make_snapshot(connection, folder, hq_epoch=settings.hq_epoch, signing_key=settings.signing_key)


def opened(folder: Path, one: Made) -> sqlite3.Connection:
    """Put the frames together as a till does."""
    packed = frames_path(folder, one.manifest.name).read_bytes()
    plain, first = b"", 0
    for frame in one.manifest.frames:
        part = packed[first : first + frame.packed]
        assert sha256(part).digest() == frame.sha256
        plain += zlib.decompress(part)
        first += frame.packed
    assert (first, len(plain)) == (len(packed), one.manifest.plain)
    assert sha256(plain).digest() == one.manifest.sha256
    path = folder / "whole.db"
    path.write_bytes(plain)
    return sqlite3.connect(path)


def test_a_snapshot_holds_everybody_and_what_is_everybodys(
    any_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRAME_BYTES", 4_096)
    publish(any_house, "v1")
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    anna, boris = one.enrol("7001"), one.enrol("7002")
    alias = two.enrol("7001")
    one.sale(anna, 40)
    one.sale(boris, -3)
    one.add("tier", member=boris, tier=DetailTier(after="gold"))
    stock = Posting(account=POOL, unit="stock", amount=3, lot=Lot(lot_id=b"L" * 16, expires_at=9))
    one.add("issue", stock, opens=(Opened(account=POOL, kind="pool"),))
    any_house.take(one)
    any_house.take(two)
    keys = {member: key for key, member in any_house.rows("SELECT card_key, member_id FROM card")}

    snapshot = made(any_house, tmp_path)
    file = opened(tmp_path, snapshot)
    tiers = dict(file.execute("SELECT number, name FROM tier"))
    assert {
        member: (amount, tiers.get(tier))
        for member, (amount, tier) in (
            (member, unpacked(worth)) for member, worth in file.execute("SELECT * FROM base")
        )
    } == {anna: (40, None), boris: (-3, "gold"), alias: (0, None)}
    assert file.execute("SELECT * FROM alias").fetchall() == [(alias, anna)]
    assert dict(file.execute("SELECT * FROM base_card")) == {keys[anna]: anna[:4], keys[boris]: boris[:4]}
    head = any_house.hq.feed.page(terminal=one.id, epoch=1, after=0).upto
    assert file.execute("SELECT * FROM about").fetchall() == [(1, any_house.hq.hq_epoch, head, POINTS, 2)]
    rows = [row_in(json.loads(row)) for (row,) in file.execute("SELECT row FROM control ORDER BY number")]
    assert [type(row) for row in rows] == [FeedProgramme, FeedRelease, FeedBalance, FeedLot]
    assert rows[2:] == [
        FeedBalance(account=POOL, unit="stock", amount=3, common=True),
        FeedLot(account=POOL, unit="stock", lot_id=b"L" * 16, amount=3, expires_at=9, common=True),
    ]
    file.close()
    assert (snapshot.members, snapshot.manifest.position) == (2, head)


def test_the_description_is_signed_by_the_key_that_tills_learn_when_they_pair(house: House, tmp_path: Path) -> None:
    manifest = made(house, tmp_path).manifest
    key = Ed25519PublicKey.from_public_bytes(house.hq.pairing.settings.public_key)
    key.verify(manifest.signature, signed_bytes(manifest))
    assert decode_manifest(encode_manifest(manifest)) == manifest == read_manifest(tmp_path)


def test_the_one_before_stays_for_those_who_read_it_and_older_ones_go(house: House, tmp_path: Path) -> None:
    names = []
    for number in range(3):
        till = house.till(f"Till {number}")
        till.enrol(f"70{number}")
        house.take(till)
        names.append(made(house, tmp_path).manifest.name)
    offered = Snapshots(tmp_path, house.hq.hq_epoch)
    assert [offered.frames(name) is not None for name in names] == [False, True, True]
    newest = offered.newest()
    assert newest is not None
    assert newest.name == names[2]
    assert (tmp_path / "snapshots" / "draft").exists() is False


def test_the_same_state_gives_the_same_snapshot(house: House, tmp_path: Path) -> None:
    assert made(house, tmp_path) == made(house, tmp_path)


def test_one_of_another_epoch_or_a_damaged_description_is_not_offered(house: House, tmp_path: Path) -> None:
    made(house, tmp_path)
    assert Snapshots(tmp_path, "another").newest() is None
    (tmp_path / "snapshots" / "manifest.json").write_bytes(b"{")
    assert Snapshots(tmp_path, house.hq.hq_epoch).newest() is None


@pytest.mark.parametrize("name", ["", "..", "../manifest", "A" * 32, "0" * 31, "manifest.json"])
def test_no_name_leads_out_of_the_folder(house: House, tmp_path: Path, name: str) -> None:
    made(house, tmp_path)
    assert Snapshots(tmp_path, house.hq.hq_epoch).frames(name) is None
