"""A scan is read from key codes, whatever layout the host has."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.framing import Framer
from drivers.scanners.sources.keys import TYPING_KEYS, Keyboard
from drivers.scanners.symbols import Symbol, read_symbol, read_text
from tests.drivers.scanners.sources.typed import ALT, CHORDS, CODES, CONTROL, SHIFT, alt_number, strokes, typed

SHARED = Path(__file__).resolve().parents[5] / "shared" / "cases"


def read(events: Iterable[tuple[int, int]]) -> bytes:
    keyboard = Keyboard()
    return b"".join(keyboard.key(code, value) for code, value in events)


def test_every_character_of_a_us_keyboard_is_read() -> None:
    text = "".join(CHORDS)
    assert {char for char in text if char.isprintable()} == {chr(code) for code in range(0x20, 0x7F)}
    assert read(typed(text)) == text.encode("ascii")


@given(text=st.text(alphabet=sorted(CHORDS), max_size=60))
def test_any_text_that_a_scanner_types_is_read(text: str) -> None:
    assert read(typed(text)) == text.encode("ascii")


@given(events=st.lists(st.tuples(st.integers(0, 0x2FF), st.integers(-1, 3))))
def test_no_sequence_of_keys_is_too_strange(events: list[tuple[int, int]]) -> None:
    assert len(read(events)) <= len(events)


def test_both_enter_keys_and_tab_end_a_scan() -> None:
    assert read(strokes(("1",), ("ENTER",), ("2",), ("KPENTER",), ("3",), ("TAB",))) == b"1\r2\r3\t"


def test_the_keypad_types_digits_and_signs() -> None:
    keypad = [f"KP{digit}" for digit in "0123456789"] + ["KPSLASH", "KPASTERISK", "KPMINUS", "KPPLUS", "KPDOT"]
    assert read(strokes(*((key,) for key in keypad))) == b"0123456789/*-+."


def test_caps_lock_swaps_letters_and_nothing_else_until_it_is_pressed_again() -> None:
    chords = [("CAPSLOCK",), *(CHORDS[char] for char in "aB1;]"), ("CAPSLOCK",), *(CHORDS[char] for char in "aB")]
    assert read(strokes(*chords)) == b"Ab1;]aB"


def test_the_right_shift_and_a_shift_that_stays_down_count_too() -> None:
    right, a, b = CODES["RIGHTSHIFT"], CODES["A"], CODES["B"]
    assert read([(right, 1), (a, 1), (b, 1), (a, 0), (b, 0), (right, 0), (a, 1), (a, 0)]) == b"ABa"


def test_a_key_that_repeats_itself_types_once() -> None:
    assert read([(CODES["A"], 1), (CODES["A"], 2), (CODES["A"], 2), (CODES["A"], 0)]) == b"a"


@pytest.mark.parametrize(
    ("chord", "byte"),
    [
        ((CONTROL, "RIGHTBRACE"), 0x1D),
        ((CONTROL, "LEFTBRACE"), 0x1B),
        ((CONTROL, "BACKSLASH"), 0x1C),
        ((CONTROL, SHIFT, "6"), 0x1E),
        ((CONTROL, "6"), 0x1E),
        ((CONTROL, SHIFT, "MINUS"), 0x1F),
        ((CONTROL, "MINUS"), 0x1F),
        ((CONTROL, SHIFT, "2"), 0x00),
        ((CONTROL, "B"), 0x02),
        ((CONTROL, "C"), 0x03),
        ((CONTROL, "M"), 0x0D),
        ((CONTROL, SHIFT, "Z"), 0x1A),
    ],
)
def test_ctrl_and_a_key_are_a_control_character(chord: tuple[str, ...], byte: int) -> None:
    assert read(strokes(("A",), chord, ("B",))) == b"a" + bytes([byte]) + b"b"


@pytest.mark.parametrize("key", ["1", "SPACE", "SLASH", "F"])
def test_ctrl_and_a_key_that_has_no_control_character_give_none_or_its_own(key: str) -> None:
    assert read(strokes((CONTROL, key))) == (b"\x06" if key == "F" else b"")


@pytest.mark.parametrize(
    ("digits", "byte"), [("29", 0x1D), ("029", 0x1D), ("0029", 0x1D), ("65", 0x41), ("0233", 0xE9), ("321", 0x41)]
)
def test_alt_and_a_number_on_the_keypad_are_the_byte_of_that_number(digits: str, byte: int) -> None:
    assert read([*typed("A"), *alt_number(digits), *typed("B")]) == b"A" + bytes([byte]) + b"B"


def test_a_scan_of_alt_numbers_is_read_as_the_bytes_it_is() -> None:
    events = [event for byte in "кг".encode() for event in alt_number(f"{byte:04}")]
    assert read(events) == "кг".encode()


def test_alt_and_another_key_type_nothing() -> None:
    assert read(strokes((ALT, "A"), (ALT, "ENTER"), (ALT, CONTROL, "KP2"))) == b"\x02"


def test_after_lost_events_a_shift_that_is_held_counts_and_a_started_number_is_void() -> None:
    keyboard = Keyboard()
    for code, value in list(alt_number("2"))[:-1]:
        keyboard.key(code, value)
    keyboard.resume([CODES[SHIFT], CODES["A"]])
    events = [*strokes(("B",)), (CODES[SHIFT], 0), *strokes(("B",)), (CODES[ALT], 0)]
    assert b"".join(keyboard.key(*event) for event in events) == b"Bb"


def test_the_keys_that_type_are_those_of_the_kernels_names() -> None:
    named = set(CODES.values()) - {CODES[key] for key in (SHIFT, "RIGHTSHIFT", CONTROL, ALT, "CAPSLOCK")}
    assert named <= TYPING_KEYS


def wedge_vectors() -> list[Any]:
    """Group ``wedge-layout`` of the shared scan vectors, and the shared keyboard layouts."""
    if not SHARED.exists():
        return [pytest.param("", "", marks=pytest.mark.skip("shared: the vectors are not beside this checkout"))]
    vectors = json.loads((SHARED / "scan_vectors.json").read_text(encoding="utf-8"))["vectors"]
    layouts = json.loads((SHARED / "keyboard_layouts.json").read_text(encoding="utf-8"))
    found = [
        pytest.param(vector["input"], vector["interpretation"]["host_sees"], id=vector["id"])
        for vector in vectors
        if vector["group"] == "wedge-layout"
    ]
    return found + [
        pytest.param(one["scan"], one["typed"], id=f"{one['layout']} {one['scan'][:12]}") for one in layouts
    ]


@pytest.mark.parametrize(("scan", "host_sees"), wedge_vectors())
def test_a_scan_typed_on_a_us_keyboard_is_the_scan_whatever_the_host_would_see(scan: str, host_sees: str) -> None:
    (frame,) = Framer().feed(read(typed(scan + "\r")), 0)
    symbol = read_symbol(frame)
    assert isinstance(symbol, Symbol)
    assert symbol == read_text(scan)
    assert symbol.aim + symbol.text == scan
    assert host_sees == scan or read_text(host_sees) != symbol
