"""Scans with their framing, as a point of sale passes them on."""

from __future__ import annotations

import pytest

from drivers.scanners.framing import MAX_FRAME_BYTES
from drivers.scanners.passed_on import read_passed_on
from drivers.scanners.symbols import Symbol

FRAMINGS = [
    pytest.param(before, after, id=repr(before + after) or "nothing")
    for before, after in (
        ("", ""),
        ("", "\r"),
        ("", "\n"),
        ("", "\r\n"),
        ("", "\t"),
        ("", "\x04"),
        ("", "\0"),
        ("\x02", "\x03"),
        ("\x02", "\r"),
        ("\x02", "\x03\r\n"),
    )
]


@pytest.mark.parametrize(("before", "after"), FRAMINGS)
@pytest.mark.parametrize("aim", ["", "]E0", "]C1"])
def test_what_stands_around_a_scan_is_taken_off(before: str, after: str, aim: str) -> None:
    scan = f"{before}{aim}2100000000012{after}"
    expected = Symbol(aim=aim, text="2100000000012")
    assert read_passed_on(scan) == expected
    assert read_passed_on(scan.encode()) == expected


def test_an_fnc1_inside_is_kept_and_letters_come_as_they_are() -> None:
    assert read_passed_on("]C18018952012345678912345\x1d10A\r") == Symbol(
        aim="]C1", text="8018952012345678912345\x1d10A"
    )
    assert read_passed_on("Ծ-1\r") == Symbol(text="Ծ-1")


def test_the_tracks_of_one_swipe_may_stand_in_several_lines() -> None:
    assert read_passed_on("%B21^A?\r;21=2512?\r\n") == Symbol(text="%B21^A?;21=2512?")


@pytest.mark.parametrize(
    ("scan", "why"),
    [
        ("", "empty"),
        ("\r\n", "empty"),
        ("2100\r2101\r", "several_scans"),
        ("\x022100", "cut"),
        ("x" * (MAX_FRAME_BYTES + 1), "overflow"),
        ("]\r", "short_aim"),
        ("]-1abc\r", "unknown_aim"),
    ],
)
def test_what_is_no_one_scan_says_why(scan: str, why: str) -> None:
    assert read_passed_on(scan) == why
