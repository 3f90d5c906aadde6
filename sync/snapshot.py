"""Taking a snapshot: its description, then the frames that are missing, then it is shown to be whole."""

from typing import Protocol

from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.snapshots import Frame, Manifest

_MOST_REPLACED = 3


class SnapshotLink(Protocol):
    """The way to HQ's snapshot. Every call may raise `LinkDown` or `SyncRefused`."""

    def snapshot(self) -> Manifest:
        """Ask for the description of the newest one."""

    def snapshot_part(self, name: str, first: int, size: int) -> bytes:
        """Ask for ``size`` bytes of a snapshot from byte ``first`` on."""


class SnapshotSink(Protocol):
    """Where a snapshot goes at the till."""

    def begin(self, manifest: Manifest) -> int:
        """Make ready for a snapshot that HQ signed; gives how many of its frames are there already."""

    def keep(self, frame: Frame, packed: bytes) -> None:
        """Keep the next frame, once it is what the description says."""

    def finish(self) -> None:
        """Prove the whole and let the feed go on behind it."""


def take(sink: SnapshotSink, link: SnapshotLink) -> None:
    """Fetch HQ's snapshot; one that HQ replaced meanwhile is left for the new one.

    Raises:
        LinkDown: HQ could not be reached, or something else came; what came so far is kept.
        SyncRefused: HQ has none, or it is not HQ's.
    """
    for _ in range(_MOST_REPLACED):
        manifest = link.snapshot()
        try:
            _fetch(sink, link, manifest)
        except SyncRefused as refused:
            if refused.code is not SyncErrorCode.NO_SNAPSHOT:
                raise
            continue
        sink.finish()
        return
    raise SyncRefused(SyncErrorCode.NO_SNAPSHOT, "HQ's snapshot keeps being replaced")


def _fetch(sink: SnapshotSink, link: SnapshotLink, manifest: Manifest) -> None:
    done = sink.begin(manifest)
    first = manifest.packed_before(done)
    for frame in manifest.frames[done:]:
        sink.keep(frame, link.snapshot_part(manifest.name, first, frame.packed))
        first += frame.packed
