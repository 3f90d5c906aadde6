"""Status, receipts, reprints, events, the page and the description."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from agent.book import print_jobs
from agent.book.journal import Stored
from agent.book.print_jobs import JobState
from agent.errors import BookBusy, BookFull, BookUnusable
from agent.receipts.finding import receipt_of
from agent.terminal import Terminal
from agent.till.context import Context
from drivers.printers.document import Document
from drivers.scanners.sources.simulated import SimulatedSource
from messages.languages import LANGUAGES
from tests.agent.callers import Caller, check
from tests.agent.shops import CARD, OTHER_CARD, shop


def printed(terminal: Terminal, count: int) -> list[str]:
    folder = Path(terminal.config.printers[0].address)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = sorted(path.name for path in folder.glob("*.txt"))
        noted = (
            terminal.printing is None or not terminal.printing.status.queue.jobs.waiting
        )  # the file is there a little before
        if len(found) == count and noted:
            return found
        time.sleep(0.01)
    raise AssertionError("not printed within 10 s")


def test_the_status_says_where_the_till_stands(pos: Caller, terminal: Terminal) -> None:
    sold = pos.post("commit", check(), key="c").json()
    printed(terminal, 1)
    said = pos.get("/v1/status").json()
    assert said == {
        "mode": "unpaired",
        "as_of": None,
        "clock_ahead_s": None,
        "clock_off": False,
        "terminal": terminal.till.context.book.head.terminal.hex(),
        "epoch": 1,
        "sequence": 2,
        "code": sold["code"],
        "rolled_back": False,
        "pending": 2,
        "programme": sold["programme"],
        "programme_unreadable": None,
        "printing": {
            "working": True,
            "waiting": 0,
            "unknown": 0,
            "refused": 0,
            "late": 0,
            "papers": {},
            "printers": [{"printer": "receipts", "ready": True, "troubles": []}],
        },
        "scanners": {"counter": "ready"},
    }


@pytest.mark.parametrize("query", ["key=c", "check_id=1", "check_id=1&host=pos"])
def test_a_lost_answer_is_fetched(pos: Caller, query: str) -> None:
    sold = pos.post("commit", check(), key="c").json()
    assert pos.get(f"/v1/status?{query}").json()["outcome"] == {"key": "c", "answer": sold}


def test_a_lost_answer_is_fetched_by_the_hosts_own_id(pos: Caller) -> None:
    sold = pos.post("commit", check(host_guid="g1", host="kassa"), key="c").json()
    assert pos.get("/v1/status?host_guid=g1&host=kassa").json()["outcome"]["answer"] == sold


@pytest.mark.parametrize(
    "query",
    ["key=d", "check_id=2", "check_id=1&host=other", "check_id=1&payment_set=2", "check_id=1&business_date=2020-01-01"],
)
def test_what_never_came_has_no_outcome(pos: Caller, query: str) -> None:
    pos.post("commit", check(), key="c")
    answer = pos.get(f"/v1/status?{query}").json()
    assert answer["outcome"] is None


@pytest.mark.parametrize("query", ["unknown=1", "host=pos", "check_id=1&business_date=today", "key="])
def test_a_status_of_nothing_is_refused(pos: Caller, query: str) -> None:
    assert pos.get(f"/v1/status?{query}").status_code == 400


def test_a_receipt_comes_as_rows_as_text_and_as_a_picture(pos: Caller) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    rows = pos.get(f"/v1/receipt/{entry}?width=32").json()
    assert (rows["width"], rows["language"], rows["rows"][-1]) == (32, "en", {"cut": True})
    assert rows["rows"][0] == {"text": "Әлия", "align": "center", "style": "double"}
    assert all(len(row["text"]) <= 32 for row in rows["rows"] if "text" in row)
    text = pos.get(f"/v1/receipt/{entry}", Accept="text/plain")
    assert text.headers["content-type"].startswith("text/plain")
    assert "Earned" in text.text
    assert text.text == pos.get(f"/v1/receipt/{entry}.txt").text
    for picture in (pos.get(f"/v1/receipt/{entry}.png"), pos.get(f"/v1/receipt/{entry}", Accept="image/png")):
        assert picture.headers["content-type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")


def test_a_copy_is_marked(pos: Caller) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    assert "COPY" in pos.get(f"/v1/receipt/{entry}.txt?copy=1").text
    assert "COPY" not in pos.get(f"/v1/receipt/{entry}.txt").text


@pytest.mark.parametrize("path", ["zz", "00?width=47", "00?width=9000", "00?width=a", "00?width=14"])
def test_a_receipt_that_cannot_be_asked_for_is_refused(pos: Caller, path: str) -> None:
    assert pos.get(f"/v1/receipt/{path}").status_code == 400


def test_other_papers_of_an_entry_are_asked_for_by_their_template(pos: Caller) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    appended = pos.get(f"/v1/receipt/{entry}.txt?template=appended").text
    assert "Balance" in appended
    assert "WHITE HANGING HEART" not in appended
    assert pos.get(f"/v1/receipt/{entry}?template=coupon").status_code == 404
    refused = pos.get(f"/v1/receipt/{entry}?template=shift")
    assert refused.status_code == 400
    assert "slip, appended, coupon, gift_card, invitation" in refused.text


def test_a_shift_is_reported_as_rows_as_text_and_as_a_picture(pos: Caller) -> None:
    pos.post("commit", check(shift="7", business_date="2026-03-05"), key="c")
    said = pos.get("/v1/shift?date=2026-03-05&shift=7&width=32", Accept="text/plain").text
    assert re.search(r"^Sales +1$", said, re.MULTILINE)
    assert re.search(r"^Shift +7$", said, re.MULTILINE)
    rows = pos.get("/v1/shift?date=2026-03-05&width=32").json()
    assert (rows["language"], rows["width"], rows["rows"][-1]) == ("en", 32, {"cut": True})
    assert pos.get("/v1/shift", Accept="image/png").content.startswith(b"\x89PNG")
    assert re.search(r"^Sales +0$", pos.get("/v1/shift?date=2026-01-01", Accept="text/plain").text, re.MULTILINE)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_shift_of_any_day_is_reported(pos: Caller, day: str) -> None:
    pos.post("commit", check(), key="c")
    assert re.search(r"^Sales +0$", pos.get(f"/v1/shift?date={day}", Accept="text/plain").text, re.MULTILINE)
    assert pos.post("shift", {"date": day}).status_code == 200


@pytest.mark.parametrize("query", ["date=yesterday", "date=5.3.2026", "width=33", "width=x"])
def test_a_shift_that_cannot_be_asked_for_is_refused(pos: Caller, query: str) -> None:
    assert pos.get(f"/v1/shift?{query}").status_code == 400


def test_an_entry_without_a_receipt_is_not_found(pos: Caller) -> None:
    enrolled = pos.post("enrol", {"card": CARD}, key="e").json()["entry"]
    assert {pos.get(f"/v1/receipt/{entry}").status_code for entry in (enrolled, "00" * 16)} == {404}
    assert pos.post("reprint", {"entry": enrolled}).status_code == 404


def test_a_reprint_is_queued_as_a_copy(pos: Caller, terminal: Terminal) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    printed(terminal, 1)
    assert pos.post("reprint", {"entry": entry}).json() == {"entry": entry, "queued": True}
    assert printed(terminal, 2) == ["receipt-000002-copy-1.txt", "receipt-000002.txt"]


@pytest.fixture
def host_prints(tmp_path: Path) -> Iterator[Caller]:
    settings = shop(tmp_path, printer=False)
    with Terminal(settings) as terminal, Caller.of(terminal) as caller:
        yield caller


def test_where_the_host_prints_a_reprint_is_rows(host_prints: Caller) -> None:
    entry = host_prints.post("commit", check(), key="c").json()["entry"]
    answer = host_prints.post("reprint", {"entry": entry, "width": 32}).json()
    assert answer["rows"][0]["text"] == "COPY"
    assert host_prints.post("reprint", {"entry": entry, "width": 33}).status_code == 400
    assert host_prints.get("/v1/status").json()["printing"] is None


def test_a_shift_report_is_printed_where_the_agent_prints(pos: Caller, terminal: Terminal) -> None:
    pos.post("commit", check(), key="c")
    printed(terminal, 1)
    today = terminal.till.context.clock().astimezone(terminal.config.store.zone).date()
    answer = pos.post("shift", {"shift": "evening"})
    assert answer.json() == {"date": today.isoformat(), "shift": "evening", "queued": True}
    assert printed(terminal, 2) == ["receipt-000002.txt", "shift-000002.txt"]
    assert "evening" in (Path(terminal.config.printers[0].address) / "shift-000002.txt").read_text(encoding="utf-8")


def test_where_the_host_prints_a_shift_report_is_rows(host_prints: Caller) -> None:
    said = host_prints.post("shift?width=32", {"date": "2026-03-05"}).json()
    assert (said["width"], said["rows"][-1]) == (32, {"cut": True})


@pytest.mark.parametrize("body", [{"date": "yesterday"}, {"shift": ""}, {"shift": "x" * 65}, {"day": "2026-03-05"}])
def test_a_shift_report_that_cannot_be_asked_for_is_refused(pos: Caller, body: dict[str, str]) -> None:
    assert pos.post("shift", body).status_code == 400


def test_one_kind_of_paper_that_was_not_printed_is_not_reprinted(pos: Caller, terminal: Terminal) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    printed(terminal, 1)
    assert pos.post("reprint", {"entry": entry, "paper": "coupon"}).status_code == 404
    assert pos.post("reprint", {"entry": entry, "paper": "shift"}).status_code == 400
    assert pos.post("reprint", {"entry": entry, "paper": "slip"}).json() == {"entry": entry, "queued": True}


@pytest.mark.parametrize("state", [JobState.UNKNOWN, JobState.REFUSED, JobState.LATE])
def test_the_page_asks_about_a_report_until_a_person_has_seen_to_it(
    pos: Caller, terminal: Terminal, state: JobState
) -> None:
    pos.post("shift", {})
    printed(terminal, 1)
    job(terminal, state)
    terminal.nudge()
    say = terminal.till.context.catalogue
    words = say.text(f"till.paper_{state.value}", paper=say.text("receipt.shift_title"), number="1")
    assert words in pos.get("/").text
    one = {"waiting": 0, "unknown": 0, "refused": 0, "late": 0} | {state.value: 1}
    assert pos.get("/v1/status").json()["printing"]["papers"] == {"shift": one}
    end = time.monotonic() + 10
    while (health := pos.get("/health").json()["printing"]) != {"working": True, **one, "papers": {"shift": one}}:
        assert time.monotonic() < end, health
        time.sleep(0.01)
    for unclear in ({}, {"entry": "00" * 16, "paper": "shift"}):
        assert pos.post("printed", unclear).status_code == 400
    assert pos.post("printed", {"paper": "shift"}).json() == {"printed": True}
    assert words not in pos.get("/").text


def test_the_page_has_a_button_for_the_shift_that_now_is(pos: Caller) -> None:
    assert 'data-report="{}"' in pos.get("/").text
    assert "shift&#34;" not in pos.get("/").text
    pos.post("commit", check(shift='<b>"7"</b>'), key="c")
    page = pos.get("/").text
    shown = re.findall(r'data-report="([^"]*)"', page)
    assert json.loads(unescape(shown[1])) == {"shift": '<b>"7"</b>'}
    assert "<b>" not in page


def test_where_the_host_prints_the_page_has_no_such_button(host_prints: Caller) -> None:
    host_prints.post("commit", check(), key="c")
    page = host_prints.get("/").text.split("<script>")[0]
    assert "data-entry=" in page
    assert "<button" not in page


def test_the_page_has_a_button_that_prints_each_receipt_again_in_the_shops_words(
    pos: Caller, terminal: Terminal
) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    words = terminal.till.context.catalogue.text("till.print_again")
    assert f'data-reprint="{entry}">{words}</button>' in pos.get("/").text


def test_events_are_waited_for(pos: Caller, scanner: SimulatedSource) -> None:
    threading.Timer(0.2, lambda: scanner.scan(CARD)).start()
    began = time.monotonic()
    said = pos.get("/v1/events?after=0").json()
    assert time.monotonic() - began < 10
    assert [(event["number"], event["card"]) for event in said["events"]] == [(1, CARD)]
    scanner.scan(OTHER_CARD)
    following = pos.get(f"/v1/events?after={said['last']}").json()
    assert [event["number"] for event in following["events"]] == [2]


def test_a_wait_without_events_ends_empty(pos: Caller) -> None:
    assert pos.get("/v1/events?wait_ms=20").json() == {"events": [], "last": 0}


@pytest.mark.parametrize("query", ["after=-1", "after=x", "wait_ms=30001", "wait_ms=1.5"])
def test_a_wait_has_bounds(pos: Caller, query: str) -> None:
    assert pos.get(f"/v1/events?{query}").status_code == 400


def test_a_stop_does_not_wait_for_those_who_wait_for_events(tmp_path: Path) -> None:
    terminal = Terminal(shop(tmp_path))
    terminal.start()
    with Caller.of(terminal) as waiting:
        listener = threading.Thread(target=_quietly, args=(waiting,))
        listener.start()
        time.sleep(0.2)
        began = time.monotonic()
        terminal.stop()
        assert time.monotonic() - began < 2.5
        listener.join()


def _quietly(waiting: Caller) -> None:
    import requests

    try:
        waiting.get("/v1/events")
    except requests.RequestException:
        return


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_stores_language(tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = shop(tmp_path, language=language)
    with Terminal(settings) as terminal, Caller.of(terminal) as caller:
        empty = caller.get("/").text
        for number in range(3):
            caller.post("commit", check(number), key=f"c{number}")
        page = caller.get("/")
        with terminal.till.context.book.write() as writing:
            writing.connection.exec_driver_sql("UPDATE sync_state SET rolled_back = 1")
        old = caller.get("/").text
        monkeypatch.setattr("agent.api.status.is_off", lambda _: True)
        off = caller.get("/").text
        say = terminal.till.context.catalogue.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in page.text
    assert say("till.no_receipts") in empty
    assert say("till.last_receipts") in page.text
    assert say("till.pending", count=4) in page.text
    assert page.text.count('<img src="/v1/receipt/') == 3
    assert CARD not in page.text
    assert [say("till.rolled_back") in text for text in (page.text, old)] == [False, True]
    assert [html.escape(say("till.clock_off"), quote=False) in html.unescape(text) for text in (old, off)] == [
        False,
        True,
    ]


def test_the_page_escapes_what_a_host_sends(pos: Caller) -> None:
    pos.post("commit", check(operator="<script>\"'"), key="c")
    assert pos.get("/").text.count("<script>") == 1, "the page's own"


def test_the_description_is_made_from_what_is_read(pos: Caller) -> None:
    described = pos.get("/v1/openapi.json").json()
    assert described["openapi"] == "3.1.0"
    commit = described["paths"]["/v1/commit"]["post"]
    assert commit["parameters"][0]["name"] == "Idempotency-Key"
    assert set(commit["responses"]) == {"200", "400", "401", "409", "422", "503"}
    schemas = described["components"]["schemas"]
    assert schemas["Commit"]["required"] == ["currency", "lines", "check_id"]
    assert schemas["Line"]["properties"]["amount_minor"]["type"] == "integer"
    assert schemas["Line"]["additionalProperties"] is False
    assert "payment_card" in schemas["Refusal"]["properties"]["refused"]["enum"]
    used = {ref for ref in _refs(described) if ref.startswith("#/components/schemas/")}
    assert {ref.rpartition("/")[2] for ref in used} <= set(schemas)


def _refs(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield str(inner)
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


def test_a_receipt_that_has_no_picture_says_which_character_it_is(pos: Caller) -> None:
    entry = pos.post("commit", check(operator="ツ"), key="c").json()["entry"]
    answer = pos.get(f"/v1/receipt/{entry}.png")
    assert (answer.status_code, answer.json()["error"]) == (422, "unprintable")
    assert "U+30C4" in answer.json()["detail"]
    assert "ツ" in pos.get(f"/v1/receipt/{entry}.txt").text
    assert pos.get("/").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (ZeroDivisionError(), 500, "till.fault"),
        (BookUnusable("closed"), 503, "till.fault"),
        (BookFull("full"), 503, "till.not_recorded"),
        (BookBusy("locked"), 503, "till.not_recorded"),
    ],
)
def test_a_fault_says_that_nothing_was_recorded_only_where_that_is_known(
    pos: Caller, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, words: str
) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("agent.till.commit._write", fail)
    answer = pos.post("commit", check(), key="c")
    assert (answer.status_code, answer.json()["text"]) == (status, terminal.till.context.catalogue.text(words))


def job(terminal: Terminal, state: JobState) -> None:
    with terminal.till.context.book.write() as writing:
        print_jobs.set_state(writing.connection, 1, state)


@pytest.mark.parametrize("state", [JobState.UNKNOWN, JobState.REFUSED])
def test_the_page_asks_about_a_receipt_until_a_person_has_seen_to_it(
    pos: Caller, terminal: Terminal, state: JobState
) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    printed(terminal, 1)
    job(terminal, state)
    catalogue = terminal.till.context.catalogue
    words = {
        JobState.UNKNOWN: catalogue.text("till.printer_unknown"),
        JobState.REFUSED: catalogue.text("till.printer_refused", count=1),
    }
    assert words[state] in pos.get("/").text
    assert pos.post("printed", {"entry": entry}).json() == {"entry": entry, "printed": True}
    assert words[state] not in pos.get("/").text
    assert pos.post("printed", {"entry": entry}).status_code == 200


def test_what_waits_for_the_printer_cannot_be_said_to_be_printed(pos: Caller, terminal: Terminal) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    printed(terminal, 1)
    job(terminal, JobState.SENDING)
    assert pos.post("printed", {"entry": entry}).status_code == 409
    assert pos.post("printed", {"entry": "00" * 16}).status_code == 404


def test_a_receipt_that_cannot_be_written_leaves_the_page_and_the_others(
    pos: Caller, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        pos.post("commit", check(number), key=f"c{number}")

    def broken(context: Context, stored: Stored, *, copy: bool) -> Document | None:
        if stored.sequence == 2:
            raise ZeroDivisionError
        return receipt_of(context, stored, copy=copy)

    monkeypatch.setattr("agent.api.page.receipt_of", broken)
    assert pos.get("/").text.count('<img src="/v1/receipt/') == 1


def test_a_lost_answer_from_before_midnight_is_fetched_after_it(tmp_path: Path) -> None:
    now = [datetime(2026, 3, 2, 18, 58, tzinfo=UTC)]
    with Terminal(shop(tmp_path), clock=lambda: now[0]) as terminal, Caller.of(terminal) as caller:
        sold = caller.post("commit", check(), key="c").json()
        now[0] += timedelta(minutes=5)
        assert caller.get("/v1/status?check_id=1").json()["outcome"]["answer"] == sold
        now[0] += timedelta(hours=4)
        assert caller.get("/v1/status?check_id=1").json()["outcome"] is None
