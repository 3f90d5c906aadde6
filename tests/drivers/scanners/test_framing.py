"""A byte stream becomes the same frames however it was cut into reads."""

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.framing import MAX_FRAME_BYTES, STX, TERMINATORS, Ending, Frame, Framer, FramingSettings, Swipe

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
    framer = Framer(FramingSettings(idle_ms=IDLE_MS))
    assert framer.feed(b"21123", 0) == ()
    assert framer.tick(199) == ()
    assert framer.feed(b"45\r", 199) == (whole(b"2112345"),)


def test_a_late_reader_does_not_cut_a_frame() -> None:
    framer = Framer(FramingSettings(idle_ms=IDLE_MS))
    framer.feed(b"21123", 0)
    assert framer.feed(b"45\r", 5000) == (whole(b"2112345"),)


def test_silence_ends_the_frame_of_a_scanner_without_terminator() -> None:
    framer = Framer(FramingSettings(idle_ms=IDLE_MS))
    framer.feed(b"2112345", 1000)
    assert framer.tick(1199) == ()
    assert framer.tick(1200) == (Frame(data=b"2112345", ending=Ending.IDLE),)
    assert framer.tick(1400) == ()


def test_silence_inside_a_frame_of_a_scanner_with_terminator_is_a_cut() -> None:
    framer = Framer(FramingSettings(idle_ms=IDLE_MS))
    framer.feed(b"2112345\r", 0)
    framer.tick(200)
    framer.feed(b"211", 300)
    (frame,) = framer.tick(500)
    assert (frame.ending, frame.incomplete) == (Ending.CUT, True)


def test_one_symbol_with_line_ends_in_it_does_not_silence_a_scanner_without_terminator() -> None:
    framer = Framer(FramingSettings(idle_ms=IDLE_MS))
    framer.feed(b"line one\nline two\n", 0)
    framer.tick(200)
    framer.feed(b"111", 300)
    assert framer.tick(500)[0].incomplete
    framer.feed(b"222", 1_300)
    assert framer.tick(1_500) == (Frame(data=b"222", ending=Ending.IDLE),)


def played(settings: FramingSettings | None, *pieces: tuple[bytes, int]) -> list[tuple[bytes, Ending]]:
    """What a scanner's bytes become: each piece is followed by so much silence, in which the reader looks often."""
    framer, now_ms, frames = Framer(settings), 0, list[Frame]()
    for piece, silence_ms in pieces:
        frames += framer.feed(piece, now_ms)
        for _ in range(silence_ms // 10):
            now_ms += 10
            frames += framer.tick(now_ms)
    return [(bytes(frame.data), frame.ending) for frame in frames]


GOOD = (b"2100345\r", 500)


@pytest.mark.parametrize(
    ("pieces", "ends"),
    [
        ([b"21003", b"4567\r"], [Ending.CUT, Ending.CUT]),
        ([b"21", b"003", b"4567\r"], [Ending.CUT, Ending.CUT, Ending.CUT]),
        ([b"\x0221", b"003\x03"], [Ending.CUT, Ending.CUT]),
        ([b"\x0221", b"003", b"4567\x03\r"], [Ending.CUT, Ending.CUT, Ending.CUT]),
        ([b";4111111111", b"111111=2512?\r\n"], [Ending.CUT, Ending.CUT]),
        ([b"9" * (MAX_FRAME_BYTES + 1), b"210\r"], [Ending.OVERFLOW, Ending.CUT]),
        ([b"21003", b"\r"], [Ending.CUT]),
    ],
)
def test_no_piece_of_a_scan_that_stalled_is_a_scan_and_the_next_is(pieces: list[bytes], ends: list[Ending]) -> None:
    for stall_ms in (210, 300, 900, 30_000) if len(pieces) == 2 else (210, 300, 900):
        came = played(None, GOOD, *((piece, stall_ms) for piece in pieces), (b"", 500), (b"2100999\r", 500))
        assert [ending for _, ending in came] == [Ending.TERMINATOR, *ends, Ending.TERMINATOR]
        assert came[-1] == (b"2100999", Ending.TERMINATOR)


def test_a_new_stx_ends_the_wait_for_the_rest_of_a_scan() -> None:
    came = played(None, (b"\x0221", 300), (b"\x022100999\x03", 300))
    assert came == [(b"21", Ending.CUT), (b"2100999", Ending.TERMINATOR)]


def test_before_it_is_known_how_a_scanner_ends_a_scan_the_rest_at_least_is_none() -> None:
    assert played(None, (b"21003", 300), (b"4567\r", 300)) == [(b"21003", Ending.IDLE), (b"4567", Ending.CUT)]
    assert played(None, (b"21003", 1_100), (b"4567\r", 300))[1] == (b"4567", Ending.TERMINATOR)


def test_silence_never_makes_a_scan_of_a_scanner_that_is_set_to_send_terminators() -> None:
    settings = FramingSettings(terminators=b"\r", always_terminated=True)
    came = played(settings, (b"21003", 300), (b"45", 3_000), (b"67\r", 300), (b"2100345\r", 300))
    assert came == [*((piece, Ending.CUT) for piece in (b"21003", b"45", b"67")), (b"2100345", Ending.TERMINATOR)]


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b""])
def test_what_comes_at_once_of_a_device_that_is_opened_in_mid_scan_is_no_scan(end: bytes) -> None:
    for joined in (True, False):
        framer = Framer(FramingSettings(joined=joined))
        framer.opened(1_000)
        (rest,) = (*framer.feed(b"15690016" + end, 1_030), *framer.tick(1_300))
        assert rest.incomplete is joined
        (scan,) = (*framer.feed(b"2100999" + end, 3_000), *framer.tick(3_300))
        assert (scan.data, scan.incomplete) == (b"2100999", False)


@pytest.mark.parametrize(
    ("rest", "raws"), [(b"6385074\r\n", [b"", b"\n"]), (b"638", [b""]), (b"638\x022100\x03", [b"", b"\x022100\x03"])]
)
def test_the_rest_of_a_scan_that_began_before_the_opening_is_not_kept_as_it_came(
    rest: bytes, raws: list[bytes]
) -> None:
    framer = Framer(FramingSettings(joined=True), keeps_all=True)
    framer.opened(1_000)
    assert [frame.raw for frame in (*framer.feed(rest, 1_030), *framer.tick(1_300))] == raws


def test_a_click_on_the_line_at_the_opening_costs_no_scan() -> None:
    for settings in (
        FramingSettings(joined=True),
        FramingSettings(joined=True, terminators=b"\r", always_terminated=True),
    ):
        framer = Framer(settings)
        framer.opened(1_000)
        (click,) = (*framer.feed(b"\xff", 1_001), *framer.tick(1_300))
        assert click.incomplete
        assert framer.feed(b"2100345\r", 2_500) == (Frame(data=b"2100345"),)


def test_what_begins_a_while_after_the_opening_is_a_scan() -> None:
    framer = Framer(FramingSettings(joined=True))
    framer.opened(1_000)
    framer.tick(1_050)
    assert framer.feed(b"2100345\r", 1_100) == (Frame(data=b"2100345"),)


def test_how_a_scanner_ends_a_scan_stays_known_when_it_is_opened_again() -> None:
    framer = Framer(FramingSettings(idle_ms=IDLE_MS))
    framer.feed(b"2112345\r", 0)
    framer.tick(200)
    framer.reset()
    framer.feed(b"211", 300)
    assert framer.tick(500)[0].incomplete


def test_silence_after_stx_is_always_a_cut() -> None:
    framer = Framer(FramingSettings(idle_ms=IDLE_MS))
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


def test_only_the_terminators_that_are_set_end_a_frame() -> None:
    framer = Framer(FramingSettings(terminators=b"\x03"))
    assert framer.feed(b"\x02line one\r\nline two\x03\r", 0) == (whole(b"line one\r\nline two"),)


def test_without_terminators_only_silence_ends_a_frame() -> None:
    framer = Framer(FramingSettings(terminators=b"", idle_ms=IDLE_MS))
    assert framer.feed(b"a\rb\x00", 0) == ()
    assert framer.tick(IDLE_MS) == (Frame(data=b"a\rb\x00", ending=Ending.IDLE),)


AFFIXED = FramingSettings(prefix=b"~[", suffix=b"#", idle_ms=IDLE_MS)


@pytest.mark.parametrize(
    ("sent", "frame"),
    [
        (b"~[211#\r", whole(b"211")),
        (b"~[~[2#11##\r", whole(b"~[2#11#")),
        (b"11#\r", Frame(data=b"11#", ending=Ending.CUT)),
        (b"~[211\r", Frame(data=b"~[211", ending=Ending.CUT)),
        (b"~[#\r", Frame(data=b"~[#", ending=Ending.CUT)),
        (b"#\r", Frame(data=b"#", ending=Ending.CUT)),
    ],
)
def test_what_a_scanner_puts_around_every_scan_is_taken_off_and_must_be_there(sent: bytes, frame: Frame) -> None:
    assert Framer(AFFIXED).feed(sent, 0) == (frame,)


def test_prefix_and_suffix_are_taken_off_after_silence_too() -> None:
    framer = Framer(AFFIXED)
    framer.feed(b"~[211#", 0)
    assert framer.tick(IDLE_MS) == (Frame(data=b"211", ending=Ending.IDLE),)
    framer.feed(b"~[211", 300)
    assert framer.tick(300 + IDLE_MS)[0].incomplete


JOINED = FramingSettings(join_ms=100, idle_ms=IDLE_MS)


def test_the_tracks_of_one_swipe_are_one_frame() -> None:
    framer = Framer(JOINED)
    assert framer.feed(b"%B123456789^A/B^2512?\r", 0) == ()
    assert framer.tick(99) == ()
    assert framer.feed(b";123456789=2512?\r\n+E?\r", 99) == ()
    assert framer.tick(198) == ()
    assert framer.tick(199) == (whole(b"%B123456789^A/B^2512?;123456789=2512?+E?"),)
    assert framer.tick(299) == ()


def test_a_track_that_takes_long_belongs_to_the_swipe_in_which_it_began() -> None:
    framer = Framer(JOINED)
    framer.feed(b"%E?\r", 0)
    framer.feed(b";1234", 90)
    assert framer.tick(195) == ()
    framer.feed(b"56789=1?\r", 200)
    assert framer.tick(300) == (whole(b"%E?;123456789=1?"),)


def test_tracks_without_sentinels_are_kept_apart_inside_the_swipe() -> None:
    framer = Framer(JOINED)
    framer.feed(b"B123456789^A/B^2512\r123456789=2512\r", 0)
    assert framer.tick(100) == (whole(b"B123456789^A/B^2512\r123456789=2512"),)


def test_the_next_swipe_is_a_frame_of_its_own() -> None:
    framer = Framer(JOINED)
    framer.feed(b"%E?\r", 0)
    assert framer.tick(100) == (whole(b"%E?"),)
    framer.feed(b";1?\r", 101)
    assert framer.tick(201) == (whole(b";1?"),)


def test_a_swipe_with_a_track_that_lost_bytes_is_incomplete() -> None:
    framer = Framer(JOINED)
    framer.feed(b"%E?\r", 0)
    framer.tick(IDLE_MS)
    framer.feed(b"%E?\r;12345", 1000)
    assert framer.tick(1000 + IDLE_MS) == (Frame(data=b"%E?;12345", ending=Ending.CUT),)


def test_a_swipe_never_grows_without_end() -> None:
    frames = Framer(JOINED).feed(b"9" * 3000 + b"\r" + b"8" * 3000 + b"\r" + b"7" * 5000 + b"\r1\r", 0)
    assert frames == (whole(b"9" * 3000), whole(b"8" * 3000), Frame(data=b"7" * MAX_FRAME_BYTES, ending=Ending.CUT))


def test_a_reset_forgets_the_open_swipe() -> None:
    framer = Framer(JOINED)
    framer.feed(b"%E?\r", 0)
    framer.reset()
    assert framer.tick(1000) == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"idle_ms": 0}, "idle_ms"),
        ({"terminators": b"\r#"}, "terminators"),
        ({"terminators": b"", "always_terminated": True}, "terminators"),
        ({"prefix": b"\x02"}, "prefix"),
        ({"suffix": b"#\r"}, "suffix"),
        ({"suffix": b"#" * 17}, "16 bytes"),
        ({"join_ms": -1}, "join_ms"),
        ({"join_ms": 1001}, "join_ms"),
    ],
)
def test_framing_that_no_scanner_has_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FramingSettings(**wrong)


def test_a_frame_that_was_read_is_overwritten() -> None:
    data = bytearray(b"4012002000060016")
    (frame,) = (Frame(data=data, raw=b"4012002000060016\r"),)
    frame.wipe()
    assert data == bytes(16)
    assert (frame.data, frame.raw) == (bytes(16), bytes(17))


def test_what_is_copied_out_of_a_frame_is_overwritten_in_it() -> None:
    track = bytearray(b";4012002000060016=2512?")
    Swipe().add(Frame(data=track, raw=track))
    assert track == bytes(23)


stream = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from([b"\r", b"\n", b"\r\n", b"\t", b"\x02", b"\x03", b"2112345678900\r", b"9" * 5000]),
    ),
    max_size=30,
).map(b"".join)


@given(
    data=stream,
    cuts=st.lists(st.integers(min_value=0, max_value=100_000), max_size=60),
    settings=st.sampled_from(
        [
            FramingSettings(idle_ms=IDLE_MS),
            FramingSettings(idle_ms=IDLE_MS, terminators=b"\x03"),
            FramingSettings(idle_ms=IDLE_MS, prefix=b"2", suffix=b"0"),
            FramingSettings(idle_ms=IDLE_MS, join_ms=100),
        ]
    ),
)
def test_any_chunking_gives_the_same_frames(data: bytes, cuts: list[int], settings: FramingSettings) -> None:
    chunked, at_once = Framer(settings), Framer(settings)
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


@pytest.mark.parametrize("join_ms", [0, 100])
def test_a_framer_that_keeps_everything_gives_the_stream_back_whatever_it_makes_of_it(join_ms: int) -> None:
    """Any stream, in any pieces, with silences: the raw bytes of its frames are the stream."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    for _ in range(15):
        framer = Framer(FramingSettings(join_ms=join_ms, prefix=b"A"), keeps_all=True)
        stream, kept, now_ms = bytearray(), bytearray(), 0
        for _ in range(chance.randrange(1, 30)):
            size = chance.choice((1, 2, 10, 5_000))
            piece = bytes(chance.choices(b"\x02\r\n\t\x03A1]", (1, 2, 1, 1, 1, 20, 20, 1), k=size))
            piece = b"A" * size if chance.random() < 0.1 else piece
            stream += piece
            now_ms += chance.choice((1, 500))
            frames = framer.feed(piece, now_ms)
            if chance.random() < 0.5:
                now_ms += 500
                frames += framer.tick(now_ms)
            kept += b"".join(frame.raw for frame in frames)
            most = 3 * MAX_FRAME_BYTES if join_ms else MAX_FRAME_BYTES
            assert all(len(frame.raw) <= most + 2 for frame in frames), f"seed {seed}"
        kept += b"".join(frame.raw for frame in framer.tick(now_ms + 1_000))
        assert kept == stream, f"seed {seed}"


def test_silence_is_due_only_while_it_would_mean_something() -> None:
    framer = Framer(FramingSettings(idle_ms=200))
    assert framer.due_ms(0) is None
    framer.feed(b"12", 100)
    assert [framer.due_ms(at_ms) for at_ms in (100, 250, 300, 900)] == [200, 50, 1, 1]
    framer.tick(300)
    assert framer.due_ms(300) is None
    framer.feed(b"3\r", 400)
    assert framer.due_ms(400) == 200, "silence behind a terminator tells what scanner this is"
    framer.reset()
    assert framer.due_ms(400) is None


def test_a_frame_knows_its_bytes_as_they_came() -> None:
    (frame,) = Framer().feed(b"\x02A1\x03\r\n", 0)
    assert (frame.data, frame.raw) == (b"A1", b"\x02A1\x03")


def test_the_end_of_a_swipe_is_due_when_no_further_track_can_come() -> None:
    framer = Framer(JOINED)
    framer.feed(b"%E?\r", 0)
    assert framer.due_ms(0) == 100
    framer.feed(b";1", 50)
    assert framer.due_ms(50) == IDLE_MS, "inside a track only the end of the scan is due"
    framer.feed(b"?\r", 60)
    assert framer.due_ms(70) == 90
    framer.tick(160)
    assert framer.due_ms(160) == 100
    framer.tick(260)
    assert framer.due_ms(260) is None


def test_a_swipe_knows_its_bytes_as_they_came() -> None:
    framer = Framer(JOINED, keeps_all=True)
    framer.feed(b"%E?\r\n;1?\r\n", 0)
    (frame,) = framer.tick(100)
    assert (frame.data, frame.raw) == (b"%E?;1?", b"%E?\r\n;1?\r\n")
