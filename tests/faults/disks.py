"""Disks that run full or break under a running process, and are mended.

`SmallDisk` is a file system of its own in a file, which needs root on Linux; it can also break as a dying disk does: the
system makes it read-only with files open. `Limit` needs nothing: the system lets a process write no file beyond a size.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

_SIZE_MB = 24
_STEP = 64 * 1024
_NARROW = 4_096


class SmallDisk:
    """An ext4 file system of a few megabytes, mounted at ``folder``."""

    def __init__(self, folder: Path) -> None:
        tools = ("mount", "umount", "mkfs.ext4")
        if sys.platform != "linux" or os.geteuid() != 0 or any(shutil.which(tool) is None for tool in tools):
            pytest.skip("platform: a disk of its own needs root and mount on Linux")
        self.folder = folder / "disk"
        self._image = folder / "disk.img"
        self.folder.mkdir()
        with self._image.open("wb") as image:
            image.truncate(_SIZE_MB * 1024 * 1024)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image))
        try:
            self._mount()
        except subprocess.CalledProcessError:
            pytest.skip("platform: this system mounts no file as a disk")

    def fill(self, _process: int) -> None:
        """Leave no room at all."""
        with (self.folder / "fill").open("wb", buffering=0) as filler, suppress(OSError):
            size = _STEP
            while size:
                try:
                    while filler.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass
                size //= 2

    def free(self, _process: int) -> None:
        """Make room again."""
        (self.folder / "fill").unlink()

    def break_down(self) -> None:
        """Make it read-only under whoever has files open, as the system does with a disk that reports errors."""
        _run("mount", "-o", "remount,abort", str(self.folder))

    def lock(self) -> None:
        """Make it read-only; nobody may have a file open."""
        _run("mount", "-o", "remount,ro", str(self.folder))

    def mend(self) -> None:
        """Put it back in order; nobody may have a file open."""
        self.close()
        self._mount()

    def close(self) -> None:
        """Take it away."""
        _run("umount", str(self.folder))

    def _mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.folder))


class Limit:
    """A bound on the size of the files that a process writes, as a quota would set."""

    def __init__(self, folder: Path) -> None:
        if sys.platform != "linux":
            pytest.skip("platform: only Linux changes the limits of a running process")
        self.folder = folder / "disk"
        self.folder.mkdir()

    def fill(self, process: int) -> None:
        """Let it write nothing beyond the first page of a file."""
        self._set(process, _NARROW)

    def free(self, process: int) -> None:
        """Let it write again."""
        self._set(process, None)

    def close(self) -> None:
        """There is nothing to take away."""

    def _set(self, process: int, most: int | None) -> None:
        import resource

        _, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
        resource.prlimit(process, resource.RLIMIT_FSIZE, (hard if most is None else most, hard))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
