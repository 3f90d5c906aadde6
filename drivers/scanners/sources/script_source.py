r"""A scanner that plays a script: for demonstrations, for trying a configuration out, and for tests of whole tills.

A script is a text file with one JSON value a line. An object waits ``after_ms`` and then does one thing::

    {"after_ms": 500, "scan": "]E02112345678900"}
    {"after_ms": 200, "scan": "]C10109501101530003\u001d10AB"}
    {"after_ms": 1000, "device": "unplug"}
    {"after_ms": 3000, "device": "plug"}

``"unplug"`` and ``"plug"`` alone do that at once. Empty lines and lines that begin with ``#`` are nothing. Times count
from the first opening and go on while nobody reads; when the script has ended, the scanner stays silent.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.framing import MAX_AFFIX_BYTES, MAX_FRAME_BYTES

MAX_SCRIPT_BYTES: Final = 1_000_000
MAX_AFTER_MS: Final = 86_400_000


class Act(StrEnum):
    """What a step of a script does."""

    SCAN = "scan"
    UNPLUG = "unplug"
    PLUG = "plug"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a script.

    Attributes:
        at_ms: When, counted from the beginning of the script.
        act: What.
        scan: The bytes of a scan, without what ends it; its repr never shows them.
    """

    at_ms: int
    act: Act
    scan: bytes = field(default=b"", repr=False)


def read_script(lines: Iterable[str]) -> tuple[Step, ...]:
    """Read a script.

    Raises:
        ValueError: A line is none of those above; the message names its number and not what stands in it.
    """
    steps: list[Step] = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            try:
                steps.append(_read_step(json.loads(line), steps[-1].at_ms if steps else 0))
            except ValueError as error:
                reason = "no JSON" if isinstance(error, json.JSONDecodeError) else str(error)
                raise ValueError(f"line {number}: {reason}") from None
    return tuple(steps)


def _read_step(value: Any, from_ms: int) -> Step:
    if isinstance(value, str):
        return Step(at_ms=from_ms, act=_device_act(value))
    if not isinstance(value, dict) or not value.keys() <= {"after_ms", "scan", "device"}:
        raise ValueError("expected an object with after_ms and scan or device")
    after_ms = value.get("after_ms", 0)
    if type(after_ms) is not int or not 0 <= after_ms <= MAX_AFTER_MS:
        raise ValueError(f"after_ms must be a number from 0 to {MAX_AFTER_MS}")
    if ("scan" in value) == ("device" in value):
        raise ValueError("expected scan or device, and not both")
    if "device" in value:
        return Step(at_ms=from_ms + after_ms, act=_device_act(value["device"]))
    return Step(at_ms=from_ms + after_ms, act=Act.SCAN, scan=_scan_bytes(value["scan"]))


def _device_act(value: Any) -> Act:
    if value not in {Act.UNPLUG.value, Act.PLUG.value}:
        raise ValueError("a device is unplugged by unplug and plugged by plug")
    return Act(value)


def _scan_bytes(value: Any) -> bytes:
    try:
        data: bytes = value.encode("utf-8")
    except (AttributeError, UnicodeEncodeError):
        raise ValueError("scan must be a text that UTF-8 can hold") from None
    if not 0 < len(data) <= MAX_FRAME_BYTES:
        raise ValueError(f"a scan has 1 to {MAX_FRAME_BYTES} bytes")
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptSettings:
    """Which script is played.

    Attributes:
        path: The file, UTF-8, at most 1 MB.
        suffix: What the scanner sends after each scan, at most 16 bytes.

    Raises:
        ValueError: The suffix is too long.
    """

    path: Path
    suffix: bytes = b"\r"

    def __post_init__(self) -> None:
        if len(self.suffix) > MAX_AFFIX_BYTES:
            raise ValueError(f"the suffix must have at most {MAX_AFFIX_BYTES} bytes")


class ScriptSource:
    """A :class:`~drivers.scanners.source.ScanSource` that reads its script once, at the first opening.

    Args:
        settings: The script.
        name: The name of the device; the file's name if left out.
        clock: Monotonic nanoseconds.
    """

    def __init__(
        self, settings: ScriptSettings, *, name: str = "", clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._settings = settings
        self._name = name or settings.path.name
        self._clock = clock
        self._steps: Iterator[Step] | None = None
        self._next: Step | None = None
        self._began_ms = 0
        self._opened = False
        self._plugged = True
        self._interrupted = threading.Event()

    @property
    def name(self) -> str:
        """The configured name, or the script's."""
        return self._name

    def open(self) -> None:
        """Begin or go on.

        Raises:
            DeviceGone: At this point of the script the scanner is not plugged in.
            DeviceBusy: It is open already.
            DeviceConfig: The script cannot be read.
        """
        if self._opened:
            raise DeviceBusy(self._name, "already open here")
        if self._steps is None:
            self._begin()
        while not self._plugged and self._is_due():
            self._act()  # what is scanned while nothing is plugged in is lost
        if not self._plugged:
            raise DeviceGone(self._name, "not plugged in")
        self._interrupted.clear()
        self._opened = True

    def read(self, timeout_ms: int) -> bytes:
        """A scan with its suffix, or ``b""`` if none is due in that time.

        Raises:
            DeviceGone: It was unplugged or is not open.
        """
        if not self._opened:
            raise DeviceGone(self._name, "not open")
        due_ms = timeout_ms if self._next is None else min(timeout_ms, self._next.at_ms - self._now_ms())
        if due_ms > 0 and self._interrupted.wait(due_ms / 1000):
            self._interrupted.clear()
        if not self._is_due():
            return b""
        scan = self._act()
        if not self._plugged:
            self._opened = False
            raise DeviceGone(self._name, "unplugged")
        return scan

    def interrupt(self) -> None:
        """End the wait of a read, or of the next one."""
        self._interrupted.set()

    def close(self) -> None:
        """Stop reading; the script goes on."""
        self._opened = False

    def _begin(self) -> None:
        path = self._settings.path
        try:
            if path.stat().st_size > MAX_SCRIPT_BYTES:
                raise DeviceConfig(self._name, f"the script has more than {MAX_SCRIPT_BYTES} bytes")
            steps = read_script(path.read_text(encoding="utf-8").split("\n"))
        except OSError as error:
            raise DeviceConfig(self._name, f"the script cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise DeviceConfig(self._name, "the script is no UTF-8") from error
        except ValueError as error:
            raise DeviceConfig(self._name, f"the script cannot be read: {error}") from error
        self._steps = iter(steps)
        self._next = next(self._steps, None)
        self._began_ms = self._clock() // 1_000_000

    def _now_ms(self) -> int:
        return self._clock() // 1_000_000 - self._began_ms

    def _is_due(self) -> bool:
        return self._next is not None and self._next.at_ms <= self._now_ms()

    def _act(self) -> bytes:
        """Do the next step; the bytes of a scan."""
        step, self._next = self._next, next(self._steps or iter(()), None)
        assert step is not None
        if step.act is Act.SCAN:
            return step.scan + self._settings.suffix
        self._plugged = step.act is Act.PLUG
        return b""
