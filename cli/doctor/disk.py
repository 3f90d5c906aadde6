"""Where a book is kept: may this user write there, is there room, and does what is written stay.

Writes one small file without a name and lets it go; makes no folder.
"""

import errno
import os
import shutil
import tempfile
import time
from pathlib import Path

from cli.doctor.findings import Finding, fail, ok, warn

LEAST_BYTES, SCARCE_BYTES = 64 * 2**20, 2**30
SLOW_US, INSTANT_US = 100_000, 20
"""A sale waits for one fsync, 20 ms on the reference till; a disk that needs no time at all is memory."""
_TRIES = 5
_NO_ROOM = frozenset(
    number for name in ("ENOSPC", "EDQUOT") if (number := getattr(errno, name, None)) is not None
)  # Windows may have no EDQUOT
_PAGE = bytes(4096)


def check_folder(about: str, folder: Path) -> list[Finding]:
    """Try the folder, or the one in which it will be made at the first start."""
    place = nearest(folder)
    if not place.is_dir():
        return [fail(about, f"{folder} cannot be a folder, since {place} is a file", "move the file away")]
    try:
        took_us = fsync_us(place)
    except OSError as fault:
        return [fail(about, f"{place} cannot be written to: {fault.strerror or fault}", _advice(fault))]
    begun = f"{folder} can be written to" if place == folder.absolute() else f"{folder} will be made at the first start"
    return [_written(about, begun, took_us), _room(about, place)]


def nearest(folder: Path) -> Path:
    """Give the folder, or the nearest one above it that exists."""
    for place in (folder.absolute(), *folder.absolute().parents):
        if place.exists():
            return place
    return folder.absolute()


def fsync_us(folder: Path) -> int:
    """Write and fsync a page a few times; gives the median in microseconds.

    Raises:
        OSError: the folder or its disk does not take it.
    """
    took = []
    with tempfile.TemporaryFile(dir=folder, prefix=".loyaltill-doctor-") as file:
        for _ in range(_TRIES):
            begun = time.perf_counter_ns()
            file.write(_PAGE)
            file.flush()
            os.fsync(file.fileno())
            took.append((time.perf_counter_ns() - begun) // 1_000)
    return sorted(took)[_TRIES // 2]


def _advice(fault: OSError) -> str:
    if fault.errno in _NO_ROOM:
        return "free some space on its disk, or set a folder on another disk in the config"
    if fault.errno == errno.EROFS:
        return "let its disk be written to, or set a folder on another disk in the config"
    return "let this user write there, or set another folder in the config"


def _written(about: str, begun: str, took_us: int) -> Finding:
    took = f"{took_us // 1000}.{took_us % 1000 // 100} ms"
    if took_us > SLOW_US:
        advice = "each sale waits for this: use another disk, or find out what keeps this one busy"
        return warn(about, f"{begun}, but the disk needs {took} to keep a page", advice)
    if took_us < INSTANT_US:
        advice = "if this is memory and no disk, a power cut loses the sales; set a folder on a disk"
        return warn(about, f"{begun}, and an fsync there takes no time", advice)
    return ok(about, f"{begun}, and the disk keeps a page in {took}")


def _room(about: str, place: Path) -> Finding:
    free = shutil.disk_usage(place).free
    shown = f"{free // 2**20:,} MB are free on its disk"
    if free < LEAST_BYTES:
        return fail(about, f"only {shown}", "make room, else sales cannot be recorded soon")
    return warn(about, f"only {shown}", "make room") if free < SCARCE_BYTES else ok(about, shown)
