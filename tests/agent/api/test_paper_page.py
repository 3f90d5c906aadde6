"""The page's buttons print what a shift did, in a real browser: with the page's own cookie and under its own policy."""

from __future__ import annotations

import time
from pathlib import Path

from agent.terminal import Terminal
from tests.agent.api.browser import browser
from tests.agent.callers import Caller, check
from tests.agent.shops import shop


def test_a_button_prints_the_report_and_the_page_says_so(tmp_path: Path) -> None:
    with Terminal(shop(tmp_path)) as terminal, browser() as tab:
        with Caller.of(terminal) as pos:
            assert pos.post("commit", check(shift="evening"), key="c").status_code == 200
        tab.open(terminal.url)
        tab.wait_for(
            "document.querySelectorAll('button[data-report]').length == 2 && document.readyState == 'complete'"
        )
        tab.run("document.querySelectorAll('button[data-report]')[1].click()")
        said = terminal.till.context.catalogue.text("till.report_queued")
        tab.wait_for(f"document.getElementById('report_said').textContent == '{said}'")
        printed, end = Path(terminal.config.printers[0].address) / "shift-000002.txt", time.monotonic() + 10
        while not printed.exists():
            assert time.monotonic() < end, "not printed within 10 s"
            time.sleep(0.02)


def test_a_button_below_a_receipt_prints_it_again_as_a_copy(tmp_path: Path) -> None:
    with Terminal(shop(tmp_path)) as terminal, browser() as tab:
        folder, end = Path(terminal.config.printers[0].address), time.monotonic() + 20
        with Caller.of(terminal) as pos:
            assert pos.post("commit", check(), key="c").status_code == 200
        while not (folder / "receipt-000002.txt").exists():
            assert time.monotonic() < end, "not printed in time"
            time.sleep(0.02)
        tab.open(terminal.url)
        tab.wait_for(
            "document.querySelectorAll('button[data-reprint]').length == 1 && document.readyState == 'complete'"
        )
        tab.run("document.querySelector('button[data-reprint]').click()")
        said = terminal.till.context.catalogue.text("till.receipt_queued")
        tab.wait_for(f"document.getElementById('report_said').textContent == '{said}'")
        while not (folder / "receipt-000002-copy-1.txt").exists():
            assert time.monotonic() < end, "not printed in time"
            time.sleep(0.02)


def test_a_page_that_was_renewed_in_place_has_the_button_of_the_shift_that_now_is(tmp_path: Path) -> None:
    with Terminal(shop(tmp_path)) as terminal, browser() as tab, Caller.of(terminal) as pos:
        pos.post("commit", check(1, shift="morning"), key="c1")
        tab.open(terminal.url)
        tab.wait_for(
            "document.querySelectorAll('button[data-report]').length == 2 && document.readyState == 'complete'"
        )
        pos.post("commit", check(2, shift="evening"), key="c2")
        tab.run(
            """fetch("/").then((answer) => answer.text()).then((text) => {
                const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("news");
                document.getElementById("news").replaceWith(fresh);
            })"""
        )
        tab.wait_for("document.querySelectorAll('button[data-report]')[1].textContent.includes('evening')")
        tab.run("document.querySelectorAll('button[data-report]')[1].click()")
        said = terminal.till.context.catalogue.text("till.report_queued")
        tab.wait_for(f"document.getElementById('report_said').textContent == '{said}'")
