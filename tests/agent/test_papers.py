"""Papers beside the slip, and shift reports: each a print job of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.book import print_jobs
from agent.book.print_jobs import JobState, PrintJob
from agent.book.statements import driver
from agent.config.receipts import OwnPaper, ReceiptsConfig
from agent.print_worker import JobCounts, PrintWorker, job_name
from agent.receipts.finding import paper_of_job, queue_shift_report
from agent.receipts.shift import Asked
from agent.terminal import Terminal
from agent.till.papers import print_again
from agent.till.requests import ActionRequest, CommitRequest, GiftCardSold, Provenance, QuoteRequest
from agent.till.till import Till
from drivers.errors import UnprintableCharacter
from drivers.printers.document import Barcode, Document, Qr
from drivers.printers.port import PrintState
from loyalty.quote import RedeemRequest
from loyalty.sale.basket import BasketLine
from tests.agent.callers import Caller
from tests.agent.receipts.cafe import CAKE, COFFEE, PROGRAMME, Day
from tests.agent.receipts.papers import text
from tests.agent.receipts.test_papers_of_entries import EVENING
from tests.agent.shops import CARD, NOON, programme, shop
from tests.agent.test_print_worker import Paper, printed_by, states, until

CARD_SOLD = BasketLine(line=3, item="gc", name="Gift card", category="card", quantity_milli=1_000, amount_minor=500_000)
EVERY = tuple(OwnPaper)
TODAY = Asked(day=date(2026, 3, 5))


def a_day(folder: Path, own_paper: tuple[OwnPaper, ...]) -> Day:
    return Day(folder, "en", more=EVENING, receipts=ReceiptsConfig(own_paper=own_paper))


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with a_day(tmp_path, EVERY) as opened:
        yield opened


def rich_sale(day: Day) -> dict[str, Any]:
    """A sale with a coupon, a gift card and a seat; the member has points for the seat from the sale before."""
    return day.sell(
        COFFEE,
        CAKE,
        CARD_SOLD,
        sold_cards=(GiftCardSold(number="G-1", line=3),),
        redeem=(RedeemRequest(reward="seats"),),
    )


def jobs(till: Till) -> list[PrintJob]:
    """Every job, as the queue gives them if each is taken in turn."""
    found: list[PrintJob] = []
    with till.context.book.write() as writing:
        while (job := print_jobs.next_queued(writing.connection)) is not None:
            found.append(job)
            print_jobs.set_state(writing.connection, job.job, JobState.SENT)
    return found


def written(till: Till) -> list[Document]:
    """What those jobs print."""
    found = [paper_of_job(till.context, job) for job in jobs(till)]
    return [one for one in found if one is not None]


def sales_in(report: Document) -> str:
    return next(line.split()[-1] for line in text(report).splitlines() if line.startswith("Sales "))


def test_each_of_them_is_queued_behind_the_slip_in_the_sales_own_commit(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    jobs(day.till)
    statements: list[str] = []
    with day.till.context.book.write() as writing:
        driver(writing.connection).set_trace_callback(statements.append)
    statements.clear()
    rich_sale(day)
    assert [one for one in statements if one.startswith("COMMIT")] == ["COMMIT"]
    assert [(one.paper, one.place) for one in jobs(day.till)] == [
        ("slip", 0),
        ("coupon", 1),
        ("gift_card", 1),
        ("invitation", 1),
    ]


def test_without_the_setting_a_sale_has_its_slip_with_coupons_and_seats_on_it_and_nothing_more(tmp_path: Path) -> None:
    with a_day(tmp_path, ()) as day:
        day.sell(COFFEE, CAKE)
        rich_sale(day)
        _, document = written(day.till)
        kinds = [type(block) for block in document.blocks if isinstance(block, Barcode | Qr)]
        assert kinds == [Barcode, Qr]


def test_what_has_a_paper_of_its_own_is_not_on_the_slip_also_when_the_setting_has_changed_since(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    sold = rich_sale(day)
    *_, slip, coupon, card, seat = written(day.till)
    assert not [block for block in slip.blocks if isinstance(block, Barcode | Qr)]
    codes = [block.data for block in coupon.blocks if isinstance(block, Barcode)]
    assert codes == [one["code"] for one in sold["coupons"]]
    assert "Loaded" in text(card)
    assert [type(block) for block in seat.blocks if isinstance(block, Qr)] == [Qr]
    context = day.till.context
    day.till.context = replace(context, config=replace(context.config, receipts=ReceiptsConfig()))
    assert text(day.paper(sold)) == text(slip)


def test_a_sale_for_practice_prints_nothing_that_could_be_taken_for_worth_something(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    jobs(day.till)
    sale = QuoteRequest(
        currency="KZT",
        lines=(CARD_SOLD,),
        sold_cards=(GiftCardSold(number="G-1", line=3),),
        provenance=Provenance(training=True),
    )
    quoted = day.till.quote(sale)
    sold = day.till.commit(CommitRequest(key="t", check_id="t", sale=sale, quote=quoted["quote"])).values
    assert [one.paper for one in jobs(day.till)] == ["slip"]
    with pytest.raises(AssertionError):
        day.paper(sold, "gift_card")


VOICE = """
[[coupon]]
id = "voice"
names.en = "A coffee for your word"
[[rule]]
id = "voice"
kind = "issue_coupon"
coupon = "voice"
when.action = "feedback"
"""


@pytest.mark.parametrize("own_paper", [(), EVERY])
def test_what_a_member_gets_without_buying_comes_out_as_a_coupon(
    tmp_path: Path, own_paper: tuple[OwnPaper, ...]
) -> None:
    with Day(tmp_path, "en", more=VOICE, receipts=ReceiptsConfig(own_paper=own_paper)) as day:
        done = day.till.act(ActionRequest(key="a", card=CARD, action="feedback", about="sale 1")).values
        day.till.act(ActionRequest(key="b", card=CARD, action="dance"))
        (code,) = [coupon["code"] for coupon in done["coupons"]]
        assert states(day.till) == {"queued": 1}
        paper = Paper()
        printed_by(day.till, paper, jobs=1)
        print_again(day.till.context, done["sequence"], "coupon")
        printed_by(day.till, paper, jobs=2)
    sequence = f"coupon-{done['sequence']:06}-1"
    assert [name for name, _ in paper.printed] == [sequence, f"{sequence}-copy-1"]
    assert all("A coffee for your word" in said and code in said for _, said in paper.printed)
    assert ["COPY" in said for _, said in paper.printed] == [False, True]


def test_a_program_has_the_coupons_of_an_action_printed_again_and_no_slip_of_it(tmp_path: Path) -> None:
    settings = shop(tmp_path)
    programme(tmp_path, PROGRAMME + VOICE)
    with Terminal(settings) as terminal, Caller.of(terminal) as pos:
        pos.post("enrol", {"card": CARD}, key="e")
        given = pos.post("action", {"card": CARD, "action": "feedback"}, key="a").json()["entry"]
        nothing = pos.post("action", {"card": CARD, "action": "dance"}, key="b").json()["entry"]
        until(lambda: states(terminal.till) == {"confirmed": 1})
        assert pos.post("printed", {"entry": given}).json() == {"entry": given, "printed": True}
        assert pos.post("reprint", {"entry": given}).json() == {"entry": given, "queued": True}
        until(lambda: states(terminal.till) == {"confirmed": 1})
        for asked in (
            {"entry": given, "paper": "slip"},
            *({"entry": nothing, **which} for which in ({}, {"paper": "slip"}, {"paper": "coupon"})),
        ):
            assert pos.post("reprint", asked).status_code == 404
        assert pos.post("printed", {"entry": nothing}).status_code == 404
        assert len(list(Path(terminal.config.printers[0].address).glob("coupon-*-copy-1.txt"))) == 1


def test_one_that_cannot_be_printed_keeps_no_other_from_it_and_prints_none_twice(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    jobs(day.till)
    rich_sale(day)
    paper = Paper(PrintState.SENT, UnprintableCharacter("paper", "ツ"), PrintState.UNKNOWN)
    worker = printed_by(day.till, paper, jobs=3)
    assert [name for name, _ in paper.printed] == ["receipt-000003", "gift_card-000003-1", "invitation-000003-1"]
    assert worker.status.papers == {
        "coupon": JobCounts(refused=1),
        "gift_card": JobCounts(unknown=1),
    }
    assert worker.status.jobs == JobCounts(refused=1, unknown=1)
    assert worker.last_status == worker.status


def test_what_was_printed_is_printed_again_as_copies_and_one_kind_of_it_alone_where_that_is_asked(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    jobs(day.till)
    rich_sale(day)
    paper = Paper()
    printed_by(day.till, paper, jobs=4)
    assert print_again(day.till.context, 3)
    printed_by(day.till, paper, jobs=8)
    assert print_again(day.till.context, 3, "coupon")
    printed_by(day.till, paper, jobs=9)
    assert [name for name, _ in paper.printed[4:]] == [
        "receipt-000003-copy-1",
        "coupon-000003-1-copy-1",
        "gift_card-000003-1-copy-1",
        "invitation-000003-1-copy-1",
        "coupon-000003-1-copy-2",
    ]
    assert ["COPY" in said for _, said in paper.printed] == [False] * 4 + [True] * 5
    assert not print_again(day.till.context, 2, "gift_card")
    assert states(day.till).keys() == {"sent"}


def test_after_a_crash_in_the_middle_of_one_the_others_are_as_they_were(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    with day.till.context.book.write() as writing:
        for state in (JobState.CONFIRMED, JobState.SENDING):
            job = print_jobs.next_queued(writing.connection)
            assert job is not None
            print_jobs.set_state(writing.connection, job.job, state)
    printed_by(day.till, Paper(), jobs=0)
    assert states(day.till) == {"confirmed": 1, "unknown": 1}


def test_a_report_says_the_figures_of_when_it_was_asked_for(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    queue_shift_report(day.till.context, TODAY)
    day.sell(COFFEE, CAKE)
    report = next(job for job in jobs(day.till) if job.paper == "shift")
    document = paper_of_job(day.till.context, report)
    assert document is not None
    assert (sales_in(document), report.sequence, job_name(report)) == ("1", None, f"shift-{report.job:06}")


def test_a_report_that_still_waits_gives_way_to_a_newer_one_about_the_same_and_to_no_other(day: Day) -> None:
    for asked in (TODAY, replace(TODAY, name="evening"), TODAY):
        queue_shift_report(day.till.context, asked)
        day.sell(COFFEE)
    reports = [one for one in written(day.till) if "Shift report" in text(one)]
    assert [sales_in(one) for one in reports] == ["0", "2"]  # that of the evening, and the second of the day


@pytest.mark.parametrize("state", [JobState.UNKNOWN, JobState.REFUSED, JobState.LATE, JobState.CONFIRMED])
def test_a_report_that_is_done_with_is_forgotten_with_the_next(day: Day, state: JobState) -> None:
    queue_shift_report(day.till.context, TODAY)
    with day.till.context.book.write() as writing:
        job = print_jobs.next_queued(writing.connection)
        assert job is not None
        print_jobs.set_state(writing.connection, job.job, state)
    queue_shift_report(day.till.context, replace(TODAY, name="evening"))
    assert states(day.till) == {"queued": 1}


def test_a_report_never_has_the_number_of_the_one_that_gave_way_to_it(day: Day) -> None:
    numbers = []
    for _ in range(3):
        queue_shift_report(day.till.context, TODAY)
        numbers += [job.job for job in jobs(day.till) if job.paper == "shift"]
    assert len(numbers) == len(set(numbers)) == 3


def test_a_report_that_is_being_printed_stays_when_another_is_asked_for(day: Day) -> None:
    queue_shift_report(day.till.context, TODAY)
    with day.till.context.book.write() as writing:
        job = print_jobs.next_queued(writing.connection)
        assert job is not None
        print_jobs.set_state(writing.connection, job.job, JobState.SENDING)
    queue_shift_report(day.till.context, TODAY)
    assert states(day.till) == {"queued": 1, "sending": 1}


def test_a_report_does_not_come_out_late(day: Day) -> None:
    queue_shift_report(day.till.context, TODAY)
    day.now = NOON + timedelta(minutes=11)
    paper = Paper()
    worker = PrintWorker(day.till.context, [paper])
    worker.start()
    until(lambda: states(day.till) == {"late": 1})
    worker.stop()
    assert paper.printed == []


def test_a_report_prints_once_and_survives_a_start(day: Day) -> None:
    queue_shift_report(day.till.context, TODAY)
    paper = Paper()
    printed_by(day.till, paper, jobs=1)
    printed_by(day.till, paper, jobs=1)
    assert [name for name, _ in paper.printed] == ["shift-000001"]
    assert "Shift report" in paper.printed[0][1]
