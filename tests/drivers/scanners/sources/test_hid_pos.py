"""A scan is put together from HID POS reports, wherever a scanner's descriptor says that things stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.framing import MAX_FRAME_BYTES, Ending, Frame
from drivers.scanners.sources.hid_pos import (
    MOST_BETWEEN_FULL_REPORTS_MS,
    MOST_BETWEEN_REPORTS_MS,
    USUAL_LAYOUT,
    ReportLayout,
    ScanAssembler,
    layout_of,
)

HONEYWELL = bytes.fromhex(
    "058C0902A1010912A1028502150026FF00750895010501093B81029503058C09FB09FC09FD8102953809FE8202020666FF95020900090081"
    "02058C25017501950809FF8102C00914A10285041500250175019508095F0960098509869186C006FFFF0901A10285F0150026FF00750895"
    "3F0902820202953F0903920202C0C0"
)
"""A bar code scanner's, published as the example of a reader of descriptors in Java, org.blom.martin.usb."""

STANDARD = bytes.fromhex(
    "058C0902A101"  # usage page bar code scanner, usage bar code scanner, application
    "8502"  # report id 2
    "0912A102"  # scanned data report, logical
    "150026FF007508"  # bytes
    "950319FB29FD8102"  # three symbology identifiers, as a range
    "953209FE820201"  # 50 bytes of data
    "2501750195010 9FF8102".replace(" ", "")  # one bit: decoded data continued
    + "75078103"  # seven bits of nothing
    "C0C0"
)
"""The example of HID Point of Sale Usage Tables 1.02, figure 2."""

KEYBOARD = bytes.fromhex(
    "05010906A101050719E029E71500250175019508810295017508810195057501050819012905910295017503910195067508150025650507"
    "190029658100C0"
)


NO_AIM = b"\0\0\0"


def report(data: bytes, *, aim: bytes = b"]E0", more: bool = False, shift: int = 0) -> bytes:
    body = bytearray(63)
    body[0] = len(data)
    body[1 + shift : 4 + shift] = aim
    body[4 + shift : 4 + shift + len(data)] = data
    body[62] = int(more)
    return bytes([2]) + bytes(body)


def frames(*reports: bytes, layout: ReportLayout = USUAL_LAYOUT, apart_ms: int = 8) -> list[Frame]:
    assembler = ScanAssembler(layout)
    given = [assembler.take(one, 1000 + place * apart_ms) for place, one in enumerate(reports)]
    return [frame for frame in given if frame is not None]


def test_the_descriptor_of_a_real_scanner_tells_the_usual_layout() -> None:
    assert layout_of(HONEYWELL) == USUAL_LAYOUT


def test_the_descriptor_of_the_standard_has_no_length_and_one_bit_for_more() -> None:
    assert layout_of(STANDARD) == ReportLayout(
        report_id=2, length_at=None, aim_at=0, data_at=3, data_size=50, more_at=53, more_mask=1
    )


def test_fields_of_other_reports_and_collections_move_nothing() -> None:
    without_id = STANDARD.replace(bytes.fromhex("8502"), b"")
    other = bytes.fromhex("06FFFF0901A10185047508950 40901810 2C0".replace(" ", ""))
    found = layout_of(other + without_id)
    assert found is not None
    assert (found.report_id, found.data_at) == (4, 3 + 4), "a report id stays in force, and so does its length"
    assert layout_of(other + STANDARD) == layout_of(STANDARD)


@pytest.mark.parametrize(
    "descriptor", [b"", KEYBOARD, b"\xfe", STANDARD[:20], HONEYWELL.replace(b"\x05\x8c", b"\x05\x8d")]
)
def test_what_is_no_scanner_has_no_layout(descriptor: bytes) -> None:
    assert layout_of(descriptor) is None


@given(descriptor=st.binary(max_size=300), cut=st.integers(0, 200))
def test_no_descriptor_is_too_strange(descriptor: bytes, cut: int) -> None:
    for one in (descriptor, HONEYWELL[:cut] + descriptor):
        found = layout_of(one)
        assert found is None or found.data_size >= 0


def test_one_report_is_one_scan_with_its_identifier() -> None:
    assert frames(report(b"2112345678900")) == [Frame(data=b"]E02112345678900")]


def test_a_scan_of_the_standards_layout_ends_with_its_last_byte() -> None:
    layout = layout_of(STANDARD)
    assert layout is not None
    first = bytes([2]) + b"]Q1" + b"A" * 50 + b"\x01"
    last = bytes([2]) + b"]Q1" + b"B2".ljust(50, b"\0") + b"\xfe"
    assert frames(first, last, layout=layout) == [Frame(data=b"]Q1" + b"A" * 50 + b"B2")]


def test_a_long_scan_comes_in_several_reports() -> None:
    text = b"".join(b"%d," % number for number in range(40))
    pieces = [text[at : at + 56] for at in range(0, len(text), 56)]
    reports = [report(piece, aim=b"]Q3", more=piece != pieces[-1]) for piece in pieces]
    assert len(reports) == 2
    assert frames(*reports) == [Frame(data=b"]Q3" + text)]


def test_a_scanner_that_shifts_by_one_byte_is_understood() -> None:
    assert frames(report(b"2112345678900", shift=1)) == [Frame(data=b"]E02112345678900")]


@pytest.mark.parametrize("shift", [0, 1])
def test_a_part_without_an_identifier_goes_on_with_the_scan_before_it(shift: int) -> None:
    parts = report(b"half of a ", aim=b"]Q1", more=True, shift=shift), report(b"scan", aim=b"\0\0\0", shift=shift)
    assert frames(*parts) == [Frame(data=b"]Q1half of a scan")]


def test_a_full_report_of_a_scanner_that_shifts_keeps_its_last_byte() -> None:
    text = b"A" * 55 + b"Z"
    assert frames(report(text, shift=1)) == [Frame(data=b"]E0" + text)]


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n"])
def test_the_line_end_that_a_scanner_adds_is_no_part_of_the_scan(end: bytes) -> None:
    assert frames(report(b"A\rB" + end)) == [Frame(data=b"]E0A\rB")]


def test_zero_bytes_inside_the_data_are_data() -> None:
    assert frames(report(b"a\0b\0", aim=b"]d1")) == [Frame(data=b"]d1a\0b\0")]


@pytest.mark.parametrize("aim", [b"\0\0\0", b"   ", b"E0]"])
def test_a_scan_without_an_identifier_is_its_data(aim: bytes) -> None:
    assert frames(report(b"LOY-0042", aim=aim)) == [Frame(data=b"LOY-0042")]


@pytest.mark.parametrize("other", [b"", b"\x02", b"\x04\x01\x02", report(b""), report(b"\r\n")])
def test_other_reports_and_empty_ones_are_no_scan(other: bytes) -> None:
    assert frames(other, report(b"A")) == [Frame(data=b"]E0A")]


def test_a_report_with_less_data_than_it_says_is_dropped_and_so_is_the_scan_that_it_belongs_to() -> None:
    lying = bytearray(report(b"A" * 56))
    lying[1] = 255
    assert frames(bytes(lying), report(b"B")) == [Frame(data=b"]E0B")]
    assert frames(report(b"A" * 20)[:10], report(b"B")) == [Frame(data=b"]E0B")]
    assert frames(report(b"A" * 56, more=True), bytes(lying), report(b"REST", aim=NO_AIM), report(b"B")) == [
        Frame(data=b"]E0B")
    ]


def test_a_scan_whose_rest_was_lost_is_not_glued_to_the_next_of_the_same_symbology() -> None:
    first, second = report(b"A" * 56, aim=b"]C0", more=True), report(b"2100000000012", aim=b"]C0")
    assert frames(first, second, apart_ms=MOST_BETWEEN_FULL_REPORTS_MS + 1) == [Frame(data=b"]C02100000000012")]
    short = report(b"A" * 20, aim=b"]C0", more=True)
    assert frames(short, second) == [Frame(data=b"]C02100000000012")], "only a full report goes on with an identifier"


def test_the_rest_of_a_scan_that_broke_off_is_none() -> None:
    first, rest = report(b"A" * 56, more=True), report(b"REST", aim=NO_AIM)
    assert frames(first, rest, apart_ms=MOST_BETWEEN_REPORTS_MS + 1) == []
    assert frames(report(b"B"), rest, report(b"C")) == [Frame(data=b"]E0B"), Frame(data=b"]E0C")]


def test_the_rest_of_a_scan_in_which_the_scanner_was_opened_is_none() -> None:
    parts = report(b"M" * 56, aim=NO_AIM, more=True), report(b"REST", aim=NO_AIM)
    assembler = ScanAssembler(USUAL_LAYOUT, opened_at_ms=0)
    assert [assembler.take(part, 400 * place) for place, part in enumerate(parts, 1)] == [None, None]
    assert assembler.take(report(b"LOY-0042", aim=NO_AIM), 5_000) == Frame(data=b"LOY-0042")


def test_a_part_whose_rest_never_came_is_no_part_of_the_next_scan() -> None:
    late = frames(report(b"half", more=True), report(b"B"), apart_ms=MOST_BETWEEN_REPORTS_MS + 1)
    another_symbol = frames(report(b"half", more=True), report(b"B", aim=b"]C0"))
    assert (late, another_symbol) == ([Frame(data=b"]E0B")], [Frame(data=b"]C0B")])


def test_a_reset_forgets_the_part_that_came() -> None:
    assembler = ScanAssembler(USUAL_LAYOUT)
    assembler.take(report(b"half", more=True), 0)
    assembler.reset()
    assert assembler.take(report(b"B"), 1) == Frame(data=b"]E0B")


def test_a_scan_that_never_ends_takes_bounded_memory_and_is_incomplete() -> None:
    (frame,) = frames(*[report(b"9" * 56, more=True)] * 1000, report(b"9"))
    assert (len(frame.data), frame.ending) == (MAX_FRAME_BYTES, Ending.OVERFLOW)


@given(reports=st.lists(st.binary(max_size=70)), layout=st.sampled_from([USUAL_LAYOUT, layout_of(STANDARD)]))
def test_no_report_is_too_strange(reports: list[bytes], layout: ReportLayout) -> None:
    assembler = ScanAssembler(layout)
    for place, one in enumerate(reports):
        frame = assembler.take(b"\x02" + one, place)
        assert frame is None or 0 < len(frame.data) <= MAX_FRAME_BYTES
