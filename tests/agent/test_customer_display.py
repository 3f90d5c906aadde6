"""The customer reads a greeting, what the basket earns and thanks, in their language and the display's letters."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.printers import DisplayConfig, DisplayLanguage
from agent.terminal import Terminal
from tests.agent.callers import Caller, basket, check
from tests.agent.shops import CARD, enrolment, shop
from tests.drivers.displays.test_line_display import Glass
from tests.drivers.printers.printing import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no pseudo terminals")


@pytest.fixture
def pole() -> Iterator[tuple[Glass, str]]:
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield Glass(ours), os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize("language", list(DisplayLanguage))
def test_a_sale_as_the_customer_reads_it(tmp_path: Path, pole: tuple[Glass, str], language: DisplayLanguage) -> None:
    glass, path = pole
    display = DisplayConfig(port=path, language=language, character_set="cp866", code_page=17)
    settings = replace(shop(tmp_path, printer=False), display=display)
    with Terminal(settings) as terminal, Caller.of(terminal) as pos:
        until(lambda: glass.has("Алия".encode("cp866")))  # the shop's name
        terminal.till.enrol(enrolment(language="kk"))
        assert pos.post("inquire", {"scan": CARD}).json()["nickname"] == "Әлия"
        until(lambda: glass.has("Салем, Алия!".encode("cp866")))
        assert pos.post("quote", basket()).status_code == 200
        until(lambda: glass.has("+28 балл".encode("cp866")))
        assert pos.post("commit", check(), key="k").status_code == 200
        until(lambda: glass.has("Ракмет!".encode("cp866")))
        until(lambda: glass.has("28 балл".encode("cp866")))


def test_a_display_that_is_away_delays_no_sale(tmp_path: Path) -> None:
    settings = replace(shop(tmp_path, printer=False), display=DisplayConfig(port="/dev/none-such"))
    with Terminal(settings) as terminal, Caller.of(terminal) as pos:
        assert pos.post("commit", check(), key="k").status_code == 200
        assert terminal.display is not None
        display = terminal.display
        until(lambda: "cannot be reached" in display.fault)
