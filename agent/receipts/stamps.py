"""Whether a file of the shop's is still as it was when it was read."""

from pathlib import Path

Stamp = tuple[int, int]
"""When a file was changed, in nanoseconds since 1970, and its size in bytes; zeros for one that is not there."""


def stamp_of(path: Path) -> Stamp:
    """Give the stamp of a file as it is now."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
