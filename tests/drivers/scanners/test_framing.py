"""A byte stream becomes the same frames however it was cut into reads."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.framing import MAX_FRAME_BYTES, STX, TERMINATORS, Ending, Frame, Framer

IDLE_MS = 200


def whole(data: bytes) -> Frame:
    return Frame(data=data)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(at % (len(data) + 1) for at in cuts)})
    return [data[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b"\x03", b"\x04", b"\x00"])
def test_every_terminator_ends_one_frame(end: bytes) -> None:
    assert Framer().feed(b"2112345678900" + end, 0) == (whole(b"2112345678900"),)


def test_stx_and_etx_are_not_part_of_the_frame() -> None:
    assert Framer().feed(b"\x02A1\x03\x02B2\x04", 0) == (whole(b"A1"), whole(b"B2"))


def test_the_fnc1_separator_is_data() -> None:
    assert Framer().feed(b"]C110AB\x1d21X\r", 0) == (whole(b"]C110AB\x1d21X"),)


def test_a_frame_cut_in_two_by_a_slow_scanner_is_one_frame() -> None:
    framer = Framer(idle_ms=IDLE_MS)
    assert framer.feed(b"21123", 0) == ()
    assert framer.tick(199) == ()
    assert framer.feed(b"45\r", 199) == (whole(b"2112345"),)


def test_a_late_reader_does_not_cut_a_frame() -> None:
    framer = Framer(idle_ms=IDLE_MS)
    framer.feed(b"21123", 0)
    assert framer.feed(b"45\r", 5000) == (whole(b"2112345"),)


def test_silence_ends_the_frame_of_a_scanner_without_terminator() -> None:
    framer = Framer(idle_ms=IDLE_MS)
    framer.feed(b"2112345", 1000)
    assert framer.tick(1199) == ()
    assert framer.tick(1200) == (Frame(data=b"2112345", ending=Ending.IDLE),)
    assert framer.tick(1400) == ()


def test_silence_inside_a_frame_of_a_scanner_with_terminator_is_a_cut() -> None:
    framer = Framer(idle_ms=IDLE_MS)
    framer.feed(b"2112345\r", 0)
    framer.tick(200)
    framer.feed(b"211", 300)
    (frame,) = framer.tick(500)
    assert (frame.ending, frame.incomplete) == (Ending.CUT, True)


def test_one_symbol_with_line_ends_in_it_does_not_silence_a_scanner_without_terminator() -> None:
    framer = Framer(idle_ms=IDLE_MS)
    framer.feed(b"line one\nline two\n", 0)
    framer.tick(200)
    framer.feed(b"111", 300)
    assert framer.tick(500)[0].incomplete
    framer.feed(b"222", 600)
    assert framer.tick(800) == (Frame(data=b"222", ending=Ending.IDLE),)


def test_silence_after_stx_is_always_a_cut() -> None:
    framer = Framer(idle_ms=IDLE_MS)
    framer.feed(b"\x02211", 0)
    assert framer.tick(200) == (Frame(data=b"211", ending=Ending.CUT),)


def test_a_new_stx_marks_the_frame_before_it_as_cut() -> None:
    assert Framer().feed(b"211\x02B2\x03", 0) == (Frame(data=b"211", ending=Ending.CUT), whole(b"B2"))


def test_empty_frames_do_not_exist() -> None:
    assert Framer().feed(b"\r\n\r\n\x02\x03\x00\t", 0) == ()


def test_a_flood_without_terminator_costs_one_incomplete_frame() -> None:
    framer = Framer()
    frames = [frame for _ in range(100) for frame in framer.feed(b"9" * 10_000, 0)]
    assert frames == [Frame(data=b"9" * MAX_FRAME_BYTES, ending=Ending.OVERFLOW)]
    assert framer.feed(b"9\rA\r", 0) == (whole(b"A"),)


def test_a_frame_of_the_greatest_length_is_whole() -> None:
    assert Framer().feed(b"9" * MAX_FRAME_BYTES + b"\r", 0) == (whole(b"9" * MAX_FRAME_BYTES),)


def test_a_reset_forgets_the_half_read_frame_and_overwrites_it() -> None:
    framer = Framer()
    framer.feed(b"211", 0)
    framer.reset()
    assert framer.feed(b"45\r", 1) == (whole(b"45"),)


def test_a_frame_never_shows_its_bytes() -> None:
    assert "4012" not in repr(Frame(data=b"4012002000060016"))


stream = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from([b"\r", b"\n", b"\r\n", b"\t", b"\x02", b"\x03", b"2112345678900\r", b"9" * 5000]),
    ),
    max_size=30,
).map(b"".join)


@given(data=stream, cuts=st.lists(st.integers(min_value=0, max_value=100_000), max_size=60))
def test_any_chunking_gives_the_same_frames(data: bytes, cuts: list[int]) -> None:
    chunked, at_once = Framer(idle_ms=IDLE_MS), Framer(idle_ms=IDLE_MS)
    frames: list[Frame] = []
    for at_ms, piece in enumerate(cut(data, cuts)):
        frames += chunked.feed(piece, at_ms)
        frames += chunked.tick(at_ms + 1)
    assert frames == list(at_once.feed(data, 0))
    assert chunked.tick(10_000) == at_once.tick(10_000)


@given(data=stream)
def test_no_byte_is_invented_and_no_frame_is_too_long(data: bytes) -> None:
    frames = Framer().feed(data, 0)
    for frame in frames:
        assert 0 < len(frame.data) <= MAX_FRAME_BYTES
        assert frame.data in data
        assert not TERMINATORS.intersection(frame.data)
        assert STX not in frame.data
