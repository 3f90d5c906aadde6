"""Two lines reach a pole display; nobody waits for one that is not there."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterator

import pytest

from drivers.displays.commands import Commands, show
from drivers.displays.line_display import DisplaySettings, LineDisplay
from tests.drivers.printers.printing import until

linux = pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no pseudo terminals")


def test_both_kinds_get_two_whole_lines_in_place_of_the_old_ones() -> None:
    upper, lower = "Сәлем, Әлия!", "+12"
    assert show(Commands.ESCPOS, upper, lower, columns=20, codec="cp866") == (
        b"\x1f$\x01\x01" + "Салем, Алия!        ".encode("cp866") + b"\x1f$\x01\x02+12                 "
    )
    assert show(Commands.CD5220, "x" * 30, lower, columns=16, codec="ascii") == (
        b"\x1bQA" + b"x" * 16 + b"\r\x1bQB+12             \r"
    )


def test_the_letters_are_chosen_with_all_lines_since_a_display_that_was_switched_off_and_on_has_forgotten_them() -> (
    None
):
    escpos, cd5220 = (show(commands, "Сәлем", "", columns=16, codec="cp866", code_page=17) for commands in Commands)
    assert escpos.startswith(b"\x1bt\x11\x1f$\x01\x01" + "Салем".encode("cp866"))
    assert cd5220.startswith(b"\x1bc\x11\x1bQA" + "Салем".encode("cp866"))


@pytest.fixture
def pole() -> Iterator[tuple[int, str]]:
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield ours, os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


class Glass:
    """What was written to a display."""

    def __init__(self, ours: int) -> None:
        self._ours = ours
        self.seen = b""

    def has(self, what: bytes) -> bool:
        while select.select([self._ours], [], [], 0)[0]:
            self.seen += os.read(self._ours, 4096)
        return what in self.seen


@linux
def test_a_display_shows_the_last_lines_and_goes_back_to_the_idle_ones(pole: tuple[int, str]) -> None:
    ours, path = pole
    glass = Glass(ours)
    display = LineDisplay(DisplaySettings(port=path, idle_s=0.3), ("The Shop", ""))
    display.start()
    until(lambda: glass.has(b"The Shop"))
    assert glass.seen.startswith(b"\x1b@")
    for number in range(50):
        display.show("Welcome", f"+{number}")
    until(lambda: glass.has(b"+49"))
    glass.seen = b""
    until(lambda: glass.has(b"The Shop"))
    time.sleep(0.5)
    assert not glass.has(b"Welcome")
    assert glass.seen.count(b"The Shop") == 1  # and then nothing is written any more
    display.show("Welcome", "+50")
    until(lambda: glass.has(b"+50"))
    glass.seen = b""
    display.stop()
    assert glass.has(b"The Shop")
    assert display.fault == ""


@linux
def test_a_display_gets_its_letters_anew_with_each_lines(pole: tuple[int, str]) -> None:
    ours, path = pole
    glass = Glass(ours)
    display = LineDisplay(DisplaySettings(port=path, codec="cp866", code_page=17), ("The Shop", ""))
    display.start()
    until(lambda: glass.has(b"The Shop"))
    glass.seen = b""
    display.show("Welcome", "+1")
    until(lambda: glass.has(b"+1"))
    assert glass.seen.startswith(b"\x1bt\x11")
    display.stop()


def test_a_display_that_is_not_there_keeps_nobody_waiting_and_is_told() -> None:
    display = LineDisplay(DisplaySettings(port="/dev/none-such"), ("The Shop", ""))
    display.start()
    begun = time.monotonic()
    display.show("Welcome", "")
    assert time.monotonic() - begun < 0.1
    until(lambda: display.fault != "")
    assert display.fault.startswith("/dev/none-such: the display cannot be reached")
    display.stop()


@linux
def test_a_display_that_takes_nothing_is_given_up_and_tried_again_with_the_next_lines(pole: tuple[int, str]) -> None:
    ours, path = pole
    display = LineDisplay(DisplaySettings(port=path, columns=40), ("The Shop", ""))
    display.start()
    for number in range(200):
        display.show(f"{number}" * 10, "x" * 40)
        time.sleep(0.002)
    glass = Glass(ours)
    until(lambda: glass.has(b"199199"))
    display.stop()


def test_a_display_that_never_began_can_be_stopped() -> None:
    LineDisplay(DisplaySettings(port="COM9")).stop()
