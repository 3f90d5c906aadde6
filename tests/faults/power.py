"""What a disk holds after the power went: from a record of every write and sync of a process, at any of its moments.

A write counts as on the disk once a sync of its file, begun after it, has ended; so does a file's name, once its folder was
synced. Of everything later each piece is there, missing or torn at a sector, as a seed decides. The record is strace's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

TRACED = "openat,write,pwrite64,fsync,fdatasync,ftruncate,unlink,sendto"
STRACE = ("strace", "-D", "-f", "-y", "-qq", "-xx", "-s", "1100000", "-e", f"trace={TRACED}")
"""``-D`` makes the process itself the child, so that it is ended as without strace; ``-o FILE`` is to follow."""
SECTOR = 512
_SYNCS = frozenset({"fsync", "fdatasync"})
_BOOK = frozenset({"till.db", "till.db-wal", "till.db-journal"})
_CALL = re.compile(r"(\d+) +(\w+)\((.*)$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>.*= (-?\d+)")
_RESULT = re.compile(r"\) += (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OF_FILE = re.compile(r"\d+<((?:\\x[0-9a-f]{2})*)>")
_OFFSET = re.compile(r", (\d+)(?=\)| <unfinished)")
_ENTRY = re.compile(rb'"entry":"([0-9a-f]{32})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Bytes at an offset of a file; ``data`` None cuts the file there."""

    path: str
    offset: int
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A file is made, or removed."""

    path: str
    made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """A sync of a file or a folder has ended; it covers the events before ``begun``."""

    path: str
    begun: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer that names an entry begins to leave the process."""

    entry: bytes


Event = Write | Named | Synced | Told


def read_trace(trace: Path, folder: Path) -> list[Event]:
    """Read a record: what happened to files of ``folder``, in order, and what was answered."""
    events: list[Event] = []
    begun: dict[tuple[str, str], tuple[str, int]] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            resumed, call = _RESUMED.match(line), _CALL.match(line)
            if resumed is not None and (resumed[1], resumed[2]) in begun:
                path, place = begun.pop((resumed[1], resumed[2]))
                found: list[Event] = [Synced(path=path, begun=place)] if resumed[3] == "0" else []
            elif call is not None and call[2] in _SYNCS and "<unfinished" in call[3]:
                begun[call[1], call[2]] = _path(call[3]), len(events)
                continue
            else:
                found = list(_events(call[2], call[3], len(events))) if call is not None else []
            events += [event for event in found if isinstance(event, Told) or _is_of(Path(event.path), folder)]
    return events


def _is_of(path: Path, folder: Path) -> bool:
    return path == folder or (path.parent == folder and path.name in _BOOK)


def _events(name: str, rest: str, place: int) -> Iterator[Event]:
    """Give what a call did. One that failed did nothing; one that had not ended yet may have done it."""
    result = _RESULT.search(rest)
    if result is not None and result[1].startswith("-"):
        return
    match name:
        case "pwrite64":
            yield Write(path=_path(rest), offset=int(_OFFSET.findall(rest)[-1]), data=_text(rest))
        case "ftruncate":
            yield Write(path=_path(rest), offset=int(_OFFSET.findall(rest)[-1]), data=None)
        case "fsync" | "fdatasync":
            yield Synced(path=_path(rest), begun=place)
        case "unlink":
            yield Named(path=_text(rest).decode(errors="replace"), made=False)
        case "openat" if "O_CREAT" in rest:
            yield Named(path=_text(rest).decode(errors="replace"), made=True)
        case "sendto":
            yield from (Told(entry=bytes.fromhex(entry.decode())) for entry in _ENTRY.findall(_text(rest)))


def _path(rest: str) -> str:
    found = _OF_FILE.match(rest)
    return _unhex(found[1]).decode(errors="replace") if found is not None else ""


def _text(rest: str) -> bytes:
    found = _TEXT.search(rest)
    return _unhex(found[1]) if found is not None else b""


def _unhex(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass(slots=True)
class _File:
    there: bool = False
    data: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, Write]] = field(default_factory=list)
    names: list[tuple[int, bool]] = field(default_factory=list)


class Disk:
    """A disk on which events happen one after the other.

    Attributes:
        told: Entries whose answers have left.
    """

    def __init__(self, files: dict[str, bytes], *, honest: bool = True) -> None:
        """Begin with files that are safe; a disk that is not ``honest`` says that it has synced and has not."""
        self.told: set[bytes] = set()
        self._files: dict[str, _File] = defaultdict(_File)
        for path, data in files.items():
            self._files[path] = _File(there=True, data=bytearray(data))
        self._honest = honest

    def happen(self, place: int, event: Event) -> None:
        """Let the event with this place in the record happen."""
        match event:
            case Told():
                self.told.add(event.entry)
            case Write():
                self._files[event.path].waiting.append((place, event))
            case Named():
                self._files[event.path].names.append((place, event.made))
            case Synced() if self._honest:
                self._sync(event)

    def after_power_loss(self, rng: Random) -> dict[str, bytes]:
        """Give what the files hold if the power goes now; nothing that happened is changed."""
        left: dict[str, bytes] = {}
        for path, file in self._files.items():
            there, data = file.there, bytearray(file.data)
            for _, made in file.names:
                there = made if rng.random() < 0.5 else there
            for _, write in file.waiting:
                _apply(data, write, rng)
            if there:
                left[path] = bytes(data)
        return left

    def _sync(self, event: Synced) -> None:
        file = self._files.get(event.path)
        if file is None:
            for one in self._files.values():  # a folder: its names are safe now
                one.there, one.names = _settled(one, event.begun)
            return
        for place, write in file.waiting:
            if place < event.begun:
                _apply(file.data, write, None)
        file.waiting = [one for one in file.waiting if one[0] >= event.begun]


def _settled(file: _File, begun: int) -> tuple[bool, list[tuple[int, bool]]]:
    safe = [made for place, made in file.names if place < begun]
    return (safe[-1] if safe else file.there), [one for one in file.names if one[0] >= begun]


def _apply(data: bytearray, write: Write, rng: Random | None) -> None:
    """Do a write: whole where there is no chance, else whole, not at all, or only some of its sectors."""
    fate = rng.choice(("whole", "missing", "torn")) if rng is not None else "whole"
    if fate == "missing":
        return
    if write.data is None:
        del data[write.offset :]
        return
    for start, piece in _sectors(write.offset, write.data):
        if fate == "torn" and rng is not None and rng.random() < 0.5:
            continue
        if len(data) < start:
            data.extend(bytes(start - len(data)))
        data[start : start + len(piece)] = piece


def _sectors(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(data):
        size = min(SECTOR - (offset + place) % SECTOR, len(data) - place)
        yield offset + place, data[place : place + size]
        place += size


def answers_in(events: Sequence[Event]) -> int:
    """Count the answers that name an entry."""
    return sum(isinstance(event, Told) for event in events)
