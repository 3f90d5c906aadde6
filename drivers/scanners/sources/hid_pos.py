"""Scans as a USB scanner in HID POS mode reports them.

Knows where a scanner's own report descriptor says that the symbology identifier, the data and the mark for "more
follows" stand, and what is known of scanners that follow their neighbours rather than the standard; refuses to know how
reports are fetched. Pure.

Sources: HID Point of Sale Usage Tables 1.02, sections 4 to 6; Device Class Definition for HID 1.11, section 6.2.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from drivers.scanners.framing import MAX_FRAME_BYTES, Ending, Frame, overwrite

USAGE_PAGE: Final = 0x8C
_SCANNER_USAGES: Final = frozenset({USAGE_PAGE << 16 | 0x01, USAGE_PAGE << 16 | 0x02})
"""Bar code badge reader, bar code scanner."""
_AIM_USAGES: Final = tuple(USAGE_PAGE << 16 | usage for usage in (0xFB, 0xFC, 0xFD))
_DATA_USAGE: Final = USAGE_PAGE << 16 | 0xFE
_MORE_USAGE: Final = USAGE_PAGE << 16 | 0xFF
_BYTE_COUNT_USAGE: Final = 0x01 << 16 | 0x3B
"""Generic desktop, byte count: not in the standard's example, and in most scanners."""

HONEYWELL_VENDORS: Final = frozenset({0x0C2E, 0x23D0})
HONEYWELL_BEGIN: Final = bytes([254, 1])
"""The feature report that makes a Honeywell scanner send its scans this way."""

AIM_LENGTH: Final = 3
MOST_BETWEEN_REPORTS_MS: Final = 500
"""Reports of one scan follow each other within milliseconds; a part that waits longer has lost the rest."""
MOST_BETWEEN_FULL_REPORTS_MS: Final = 200
"""The same, where the next report could also begin a scan of its own."""
_LONG_ITEM: Final = 0xFE
_MOST_USAGES: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLayout:
    """Where things stand in a report, counted in bytes from behind the report's id.

    Attributes:
        report_id: The first byte of the report; 0 if the device's reports have no id.
        length_at: The byte that counts the data; None if there is none and the data ends with its last non-zero byte.
        aim_at: The first of three bytes of the AIM identifier; None if there are none.
        data_at: The first byte of the data.
        data_size: Most bytes of data in one report.
        more_at: The byte that is not zero under ``more_mask`` if a further report of this scan follows; None if a scan
            is one report.
        more_mask: Which bits of it count.
    """

    report_id: int
    length_at: int | None
    aim_at: int | None
    data_at: int
    data_size: int
    more_at: int | None
    more_mask: int = 0xFF


USUAL_LAYOUT: Final = ReportLayout(report_id=2, length_at=0, aim_at=1, data_at=4, data_size=56, more_at=62)
"""What Honeywell, Zebra and Datalogic scanners send, for when the descriptor cannot be had."""


def layout_of(descriptor: bytes) -> ReportLayout | None:
    """Read where a scanner's reports hold a scan.

    Args:
        descriptor: The report descriptor as the device gives it, at most 4096 bytes.

    Returns:
        The layout of the first input report with decoded data; None if this is no scanner in HID POS mode.
    """
    fields = tuple(_input_fields(descriptor))
    data = next((found for found in fields if found.usage == _DATA_USAGE and found.is_bytes), None)
    if data is None:
        return None
    report = [found for found in fields if found.report_id == data.report_id]
    aim = [next((one for one in report if one.usage == usage and one.is_bytes), None) for usage in _AIM_USAGES]
    length = next((one for one in report if one.usage == _BYTE_COUNT_USAGE and one.is_bytes), None)
    more = next((one for one in report if one.usage == _MORE_USAGE), None)
    return ReportLayout(
        report_id=data.report_id,
        length_at=length.at_bit // 8 if length is not None else None,
        aim_at=aim[0].at_bit // 8 if aim[0] is not None else None,
        data_at=data.at_bit // 8,
        data_size=data.bits // 8,
        more_at=more.at_bit // 8 if more is not None else None,
        more_mask=((1 << min(more.bits, 8)) - 1) << more.at_bit % 8 & 0xFF if more is not None else 0xFF,
    )


class ScanAssembler:
    """Puts the reports of one scan together.

    Half a scan is no scan. A report with an AIM identifier begins one, but for a scanner that repeats the identifier in each
    report: behind a full one the same identifier goes on. A report without identifier is the rest of the scan before it; of
    a scanner that sends identifiers, and right after its opening, it is dropped where nothing is before it.

    Args:
        layout: Where things stand in a report.
        opened_at_ms: Monotonic milliseconds at which the scanner was opened, perhaps in mid scan; None if it was silent.
    """

    def __init__(self, layout: ReportLayout, *, opened_at_ms: int | None = None) -> None:
        self._layout = layout
        self._sends_aim = False
        self._rest_until_ms = -1 if opened_at_ms is None else opened_at_ms + MOST_BETWEEN_REPORTS_MS
        self._full = False
        self._scan = bytearray()
        self._aim = b""
        self._open = False
        self._overflowed = False
        self._shifted = 0
        self._last_at_ms = 0

    def take(self, report: bytes, at_ms: int) -> Frame | None:
        """Take a report.

        Args:
            report: One whole report, with its id.
            at_ms: Monotonic milliseconds at which it came.

        Returns:
            The scan that it ends, AIM identifier first, without the line end that some scanners add; None if more is
            to come, or the report holds no scan, or less than it says. What breaks off is dropped.
        """
        layout = self._layout
        if layout.report_id:
            if not report or report[0] != layout.report_id:
                return None
            report = report[1:]
        shift = self._shift(report) or (self._shifted if self._open else 0)
        aim = self._aim_of(report, shift)
        data = self._data_of(report, shift)
        if self._open and (data is None or not self._goes_on(aim, at_ms)):
            self.reset()
        self._last_at_ms = at_ms
        if data is None or (not self._open and self._is_rest(aim, at_ms)):
            return None
        if not self._open:
            self._aim, self._shifted = aim, shift
            self._scan += aim
        self._append(data)
        self._full = len(data) >= layout.data_size - shift
        self._open = self._more_follows(report)
        return None if self._open else self._whole()

    def _goes_on(self, aim: bytes, at_ms: int) -> bool:
        """True if a report can belong to the scan that is open."""
        waited_ms = at_ms - self._last_at_ms
        if not aim:
            return waited_ms <= MOST_BETWEEN_REPORTS_MS
        return aim == self._aim and self._full and waited_ms <= MOST_BETWEEN_FULL_REPORTS_MS

    def _is_rest(self, aim: bytes, at_ms: int) -> bool:
        """True for a report whose scan began before we heard of it, or broke off; so may be what follows it."""
        if aim or self._layout.aim_at is None:
            self._sends_aim = self._sends_aim or bool(aim)
            return False
        if not self._sends_aim and at_ms > self._rest_until_ms:
            return False
        self._rest_until_ms = at_ms + MOST_BETWEEN_REPORTS_MS
        return True

    def reset(self) -> None:
        """Forget what came of a scan; the bytes are overwritten."""
        overwrite(self._scan)
        self._aim = b""
        self._open = self._overflowed = False

    def _shift(self, report: bytes) -> int:
        """1 for scanners that put one byte more before the AIM identifier than their report descriptor says."""
        at = self._layout.aim_at
        return int(at is not None and report[at : at + 1] != b"]" and report[at + 1 : at + 2] == b"]")

    def _aim_of(self, report: bytes, shift: int) -> bytes:
        if self._layout.aim_at is None:
            return b""
        at = self._layout.aim_at + shift
        aim = report[at : at + AIM_LENGTH]
        return aim if len(aim) == AIM_LENGTH and aim.startswith(b"]") else b""

    def _data_of(self, report: bytes, shift: int) -> bytes | None:
        """The data; None where there is less of it than the report says."""
        layout = self._layout
        at = layout.data_at + shift
        data = report[at : at + layout.data_size]
        if layout.length_at is None or layout.length_at >= len(report):
            return data.rstrip(b"\0")
        length = report[layout.length_at]
        return data[:length] if length <= len(data) else None

    def _more_follows(self, report: bytes) -> bool:
        at = self._layout.more_at
        return at is not None and at < len(report) and bool(report[at] & self._layout.more_mask)

    def _append(self, data: bytes) -> None:
        room = MAX_FRAME_BYTES - len(self._scan)
        self._scan += data[:room]
        self._overflowed = self._overflowed or len(data) > room

    def _whole(self) -> Frame | None:
        data, ending = bytes(self._scan), Ending.OVERFLOW if self._overflowed else Ending.TERMINATOR
        aim_length = len(self._aim)
        self.reset()
        text = data[aim_length:].rstrip(b"\r\n")
        return Frame(data=data[:aim_length] + text, ending=ending) if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A run of bits in an input report that one usage names."""

    report_id: int
    usage: int
    at_bit: int
    bits: int
    element_bits: int

    @property
    def is_bytes(self) -> bool:
        return self.element_bits == 8 and self.at_bit % 8 == 0


@dataclass(slots=True, kw_only=True)
class _Globals:
    """The items that stay in force (HID 1.11, 6.2.2.7)."""

    page: int = 0
    size: int = 0
    count: int = 0
    report_id: int = 0

    def copy(self) -> "_Globals":
        return _Globals(page=self.page, size=self.size, count=self.count, report_id=self.report_id)


@dataclass(slots=True, kw_only=True)
class _Walk:
    """What has been read of a descriptor so far."""

    standing: _Globals = field(default_factory=_Globals)
    kept: list[_Globals] = field(default_factory=list)
    usages: list[int] = field(default_factory=list)
    least: int = 0
    depth: int = 0
    scanner_depth: int = 0
    bits: dict[int, int] = field(default_factory=dict)

    def full_usage(self, value: int, size: int) -> int:
        """A usage with its page; four bytes bring a page of their own."""
        return value if size == 4 else self.standing.page << 16 | value

    def take_global(self, tag: int, value: int) -> None:
        match tag:
            case 0x0:
                self.standing.page = value
            case 0x7:
                self.standing.size = value
            case 0x8:
                self.standing.report_id = value
            case 0x9:
                self.standing.count = value
            case 0xA:
                self.kept.append(self.standing.copy())
            case 0xB if self.kept:
                self.standing = self.kept.pop()

    def take_local(self, tag: int, value: int, size: int) -> None:
        usage = self.full_usage(value, size)
        match tag:
            case 0x0:
                self.usages.append(usage)
            case 0x1:
                self.least = usage
            case 0x2 if 0 <= usage - self.least < _MOST_USAGES:
                self.usages += range(self.least, usage + 1)

    def take_main(self, tag: int) -> Iterator[_Field]:
        """Input, output, feature, or the beginning or end of a collection (HID 1.11, 6.2.2.4)."""
        if tag == 0x8:
            yield from self._fields()
        elif tag == 0xA:
            self.depth += 1
            if self.depth == 1 and _SCANNER_USAGES.intersection(self.usages):
                self.scanner_depth = self.depth
        elif tag == 0xC:
            self.depth = max(0, self.depth - 1)
            if not self.depth:
                self.scanner_depth = 0
        self.usages = []
        self.least = 0

    def _fields(self) -> Iterator[_Field]:
        """Neighbours of the same usage are one field; a usage that is missing is the last one (HID 1.11, 6.2.2.8)."""
        standing = self.standing
        at_bit = self.bits.get(standing.report_id, 0)
        self.bits[standing.report_id] = at_bit + standing.size * standing.count
        if not self.scanner_depth or not self.usages:
            return
        named = self.usages[: standing.count]
        for place, usage in enumerate(named):
            count = standing.count - place if place == len(named) - 1 else 1
            yield _Field(
                report_id=standing.report_id,
                usage=usage,
                at_bit=at_bit + place * standing.size,
                bits=count * standing.size,
                element_bits=standing.size,
            )


def _input_fields(descriptor: bytes) -> Iterator[_Field]:
    """The named fields of input reports inside a scanner's collection; whatever is no descriptor has none."""
    walk, at = _Walk(), 0
    while at < len(descriptor):
        prefix = descriptor[at]
        if prefix == _LONG_ITEM:
            at += 3 + (descriptor[at + 1] if at + 1 < len(descriptor) else 0)
            continue
        size = (0, 1, 2, 4)[prefix & 3]
        value = int.from_bytes(descriptor[at + 1 : at + 1 + size], "little")
        tag = prefix >> 4
        match prefix >> 2 & 3:
            case 0:
                yield from walk.take_main(tag)
            case 1:
                walk.take_global(tag, value)
            case 2:
                walk.take_local(tag, value, size)
        at += 1 + size
