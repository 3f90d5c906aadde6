"""The commit of a sale: once, durable, as quoted."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.book import journal, print_jobs
from agent.config.printers import PrinterMode
from agent.till.requests import EnrolRequest, Provenance
from agent.till.till import Till
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryCore, Posting
from loyalty.sale.basket import BasketLine
from tests.agent.till.world import (
    CARD,
    CARRYING,
    NOON,
    OTHER_CARD,
    PROGRAMME,
    Clock,
    line,
    open_till,
    sale,
    training,
    void,
)


def entry(till: Till, sequence: int) -> tuple[EntryCore, EntryDetail]:
    with till.context.book.read() as connection:
        stored = journal.by_sequence(connection, sequence)
    assert stored is not None
    return decode_core(stored.core), decode_detail(stored.detail)


def test_the_first_sale_of_a_card_enrols_it_in_the_same_commit(till: Till) -> None:
    sold = till.commit(sale()).values
    enrolled, _ = entry(till, 1)
    core, detail = entry(till, 2)
    assert (enrolled.kind, core.kind) == ("enrol", "sale")
    assert enrolled.entry_id.hex() == sold["member"]
    assert core.postings == (Posting(account=enrolled.entry_id, unit="points", amount=12),)
    assert (detail.identifier, detail.member, detail.receipt_number) == (CARD, enrolled.entry_id, 1)
    assert (sold["enrolled"], sold["balances"], sold["sequence"]) == (True, {"points": 12}, 2)


def test_the_second_sale_of_a_card_enrols_nobody(till: Till) -> None:
    first, second = till.commit(sale("k1")).values, till.commit(sale("k2")).values
    assert (second["enrolled"], second["balances"], second["member"]) == (False, {"points": 24}, first["member"])


def test_a_sale_without_a_card_is_journaled_and_posts_nothing(till: Till) -> None:
    sold = till.commit(sale(card=None)).values
    core, detail = entry(till, 1)
    assert (core.kind, core.postings, detail.member, detail.awards) == ("sale", (), None, ())
    assert (sold["awards"], sold.get("member"), sold["receipt_number"]) == ([], None, 1)


def test_the_same_key_and_request_get_the_same_bytes_though_time_went_by(till: Till, clock: Clock) -> None:
    first = till.commit(sale())
    till.commit(sale("k2", line(1, 50_000)))
    clock.now += timedelta(days=3)
    again = till.commit(sale())
    assert (again.body, again.fresh, first.fresh) == (first.body, False, True)
    assert till.context.book.head.sequence == 3


def test_the_same_key_and_request_get_the_same_bytes_after_a_restart(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        first = till.commit(sale())
    with open_till(tmp_path) as till:
        assert till.commit(sale()).body == first.body


@pytest.mark.parametrize("at", ["2026-03-02T12:00:00+05:00", "2026-03-02T07:00:00+00:00"])
def test_the_same_instant_in_another_offset_is_the_same_request(till: Till, at: str) -> None:
    first = till.commit(sale(provenance=Provenance(happened_at=NOON)))
    assert till.commit(sale(provenance=Provenance(happened_at=datetime.fromisoformat(at)))).body == first.body


def test_a_key_used_for_another_request_is_refused_and_the_first_answer_stays(till: Till) -> None:
    first = till.commit(sale())
    assert till.commit(sale("k1", line(1, 1))).refused == "key_reused"
    assert till.enrol(EnrolRequest(key="k1", card=OTHER_CARD)).refused == "key_reused"
    assert till.commit(sale()).body == first.body


def test_another_key_for_the_same_check_gets_the_answer_of_then(till: Till) -> None:
    first = till.commit(sale("k1", check="17"))
    known = till.commit(sale("k2", check="17"))
    assert known.values == {**first.values, "known": True}
    assert till.commit(sale("k2", check="17")).body == known.body
    assert till.member_balances(CARD) == {"points": 12}


@pytest.mark.parametrize("other", [{"card": None}, {"card": OTHER_CARD}])
def test_another_basket_or_card_under_a_known_check_is_refused(till: Till, other: dict[str, str | None]) -> None:
    till.commit(sale("k1", check="17"))
    assert till.commit(sale("k2", line(1, 99), check="17")).refused == "sale_known"
    assert till.commit(sale("k3", check="17", **other)).refused == "sale_known"
    assert till.member_balances(CARD) == {"points": 12}


def test_check_numbers_may_start_again_every_business_date_host_and_payment(till: Till, clock: Clock) -> None:
    till.commit(sale("k1", check="17"))
    till.commit(sale("k2", check="17", payment_set="2"))
    till.commit(sale("k3", check="17", provenance=Provenance(host="kiosk")))
    clock.now += timedelta(days=1)
    till.commit(sale("k4", check="17"))
    assert till.member_balances(CARD) == {"points": 48}


def test_a_hosts_own_guid_is_the_business_key_whatever_the_check_says(till: Till, clock: Clock) -> None:
    first = till.commit(sale("k1", check="17", host_guid="g"))
    clock.now += timedelta(days=1)
    assert till.commit(sale("k2", check="18", host_guid="g")).values == {**first.values, "known": True}


def test_a_late_retry_under_another_key_is_the_same_sale_though_the_quote_is_of_another_till(till: Till) -> None:
    first = till.commit(sale("k1", check="17"))
    retried = till.commit(sale("k2", check="17", quote="0" * 32 + ".00"))
    assert retried.values == {**first.values, "known": True}


def test_a_check_that_was_sold_and_undone_is_not_answered_as_sold(till: Till) -> None:
    sold = till.commit(sale("k1", check="17")).values
    till.void(void("v", sold["entry"]))
    assert till.commit(sale("k2", check="17")).refused == "sale_voided"
    assert till.commit(sale("k3", check="17", payment_set="again")).refused is None


def test_a_refusal_stays_a_refusal(till: Till) -> None:
    with till.context.book.alone():
        refused = till.commit(sale(currency="EUR"))
    unknown = till.commit(sale("k9", card="9999"))
    assert (refused.refused, unknown.refused) == ("currency_mismatch", "card_unknown")
    till.enrol(EnrolRequest(key="e", card="9999"))
    again = till.commit(sale("k9", card="9999"))
    assert (again.body, again.fresh) == (unknown.body, False)


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_1_to_200_characters(till: Till, key: str) -> None:
    assert till.commit(sale(key)).values["field"] == "key"


@pytest.mark.parametrize("field", ["check_id", "host_guid", "payment_set", "fiscal_document_id", "quote", "key"])
@pytest.mark.parametrize("text", ["\ud800", "\0", "x" * 201])
def test_a_text_that_no_book_can_hold_is_refused(till: Till, field: str, text: str) -> None:
    refused = till.commit(replace(sale(), **{field: text}))  # type: ignore[arg-type]
    assert (refused.refused, refused.values["field"]) == ("bad_request", field)
    assert till.context.book.head.sequence == 0


def test_a_basket_larger_than_an_entry_is_refused_as_a_whole_and_stays_refused(till: Till) -> None:
    lines = [line(number, 2**40, name="\x01" * 99, discount_minor=2**60) for number in range(1, 2_001)]
    refused = till.commit(sale("k", *lines))
    assert refused.refused == "basket_too_long"
    assert till.commit(sale("k", *lines)).body == refused.body
    assert (till.context.book.head.sequence, till.member_count()) == (0, 0)


def test_training_is_journaled_and_changes_nobody(till: Till) -> None:
    till.commit(sale("k1"))
    sold = till.commit(sale("k2", provenance=training())).values
    core, detail = entry(till, 3)
    assert (core.postings, detail.training) == ((), True)
    assert sold["balances"] == {"points": 12}


def test_training_enrols_nobody(till: Till) -> None:
    sold = till.commit(sale(provenance=training())).values
    assert (till.member_count(), sold.get("member")) == (0, None)
    assert entry(till, 1)[1].identifier == CARD
    refused = till.enrol(EnrolRequest(key="e", card=CARD, provenance=training()))
    assert (refused.refused, till.member_count()) == ("bad_request", 0)


def test_the_number_of_a_training_check_is_free_for_a_real_one(till: Till) -> None:
    till.commit(sale("k1", check="17", provenance=training()))
    real = till.commit(sale("k2", check="17")).values
    assert "known" not in real
    assert real["balances"] == {"points": 12}


def test_a_sale_reported_late_keeps_its_own_time_and_business_date(till: Till, clock: Clock) -> None:
    clock.now = NOON + timedelta(days=2)
    till.commit(sale(provenance=Provenance(happened_at=NOON)))
    _, detail = entry(till, 2)
    assert (detail.local_time, detail.business_date) == ("2026-03-02T12:00:00+05:00", "2026-03-02")


def test_the_hosts_business_date_wins(till: Till) -> None:
    till.commit(sale(provenance=Provenance(business_date=date(2026, 3, 1))))
    assert entry(till, 2)[1].business_date == "2026-03-01"


@pytest.mark.parametrize(
    ("at", "local", "business_date"),
    [
        ("2026-10-24T23:59:59+00:00", "2026-10-25T01:59:59+02:00", "2026-10-25"),
        ("2026-10-25T00:30:00+00:00", "2026-10-25T02:30:00+02:00", "2026-10-25"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25T02:30:00+01:00", "2026-10-25"),
        ("2026-10-25T23:00:00+00:00", "2026-10-26T00:00:00+01:00", "2026-10-26"),
    ],
)
def test_the_hour_that_comes_twice_is_told_apart(tmp_path: Path, at: str, local: str, business_date: str) -> None:
    clock = Clock(datetime.fromisoformat(at))
    with open_till(tmp_path, clock=clock, zone=ZoneInfo("Europe/Berlin")) as till:
        till.commit(sale())
        _, detail = entry(till, 2)
    assert (detail.local_time, detail.business_date) == (local, business_date)


def test_one_sale_has_one_instant_though_the_clock_goes_on(tmp_path: Path) -> None:
    ticking = iter(datetime(2026, 3, 2, 18, 59, 59, 999_999, tzinfo=UTC) + timedelta(microseconds=n) for n in range(99))
    with open_till(tmp_path, clock=lambda: next(ticking)) as till:  # type: ignore[arg-type]
        till.commit(sale("k1", check="17"))
        dates = {entry(till, sequence)[1].business_date for sequence in (1, 2)}
        known = till.commit(sale("k2", check="17", provenance=Provenance(business_date=date(2026, 3, 2))))
    assert dates == {"2026-03-02"}
    assert known.values["known"] is True


def test_a_remainder_is_carried_and_never_shown_as_a_balance(tmp_path: Path) -> None:
    with open_till(tmp_path, programme=CARRYING) as till:
        sold = [till.commit(sale(f"k{n}", line(1, 1_100))).values for n in range(4)]
    assert [answer["balances"] for answer in sold] == [{}, {"points": 1}, {"points": 1}, {"points": 2}]


def test_a_receipt_is_queued_in_the_commit_where_the_printer_is_the_agents(tmp_path: Path) -> None:
    with open_till(tmp_path, printer=PrinterMode.OWN) as till:
        till.commit(sale("k1"))
        till.commit(sale("k2", currency="EUR"))
        with till.context.book.read() as connection:
            job = print_jobs.next_queued(connection)
            assert (print_jobs.waiting(connection), job.sequence if job else None) == (1, 2)


def test_many_threads_commit_one_key_once_and_other_keys_all(till: Till) -> None:
    bodies: list[bytes] = []

    def work(own: int) -> None:
        bodies.append(till.commit(sale("shared")).body)
        till.commit(sale(f"own{own}"))
        till.quote(sale("x").sale)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 12
    assert len(set(bodies)) == 1
    assert till.member_balances(CARD) == {"points": 12 * 13}
    assert till.context.book.head.sequence == 1 + 13


BEFORE_MIDNIGHT = datetime(2026, 3, 2, 18, 58, tzinfo=UTC)
"""Two minutes before the store's midnight."""


def test_a_retry_after_midnight_is_the_same_sale(till: Till, clock: Clock) -> None:
    clock.now = BEFORE_MIDNIGHT
    first = till.commit(sale("k1", check="17")).values
    clock.now += timedelta(minutes=5)
    assert till.commit(sale("k2", check="17")).values == {**first, "known": True}
    assert till.member_balances(CARD) == {"points": 12}


@pytest.mark.parametrize(
    ("lines", "later", "fields"),
    [
        ((line(1, 99_900),), timedelta(minutes=5), {}),
        ((), timedelta(hours=4, minutes=10), {}),
        ((), timedelta(minutes=5), {"provenance": Provenance(business_date=date(2026, 3, 3))}),
    ],
)
def test_another_basket_after_midnight_or_a_later_one_or_one_with_a_date_is_another_sale(
    till: Till, clock: Clock, lines: tuple[BasketLine, ...], later: timedelta, fields: dict[str, Any]
) -> None:
    clock.now = BEFORE_MIDNIGHT
    till.commit(sale("k1", check="17"))
    clock.now += later
    again = till.commit(sale("k2", *lines, check="17", **fields)).values
    assert (again["receipt_number"], "known" in again) == (2, False)


def test_a_number_that_begins_anew_after_midnight_is_not_yesterdays_morning(till: Till, clock: Clock) -> None:
    till.commit(sale("k1", check="1"))
    clock.now = BEFORE_MIDNIGHT + timedelta(minutes=5)
    assert till.commit(sale("k2", check="1")).values["receipt_number"] == 2


def test_another_basket_under_a_known_check_names_the_entry(till: Till) -> None:
    first = till.commit(sale("k1", check="17")).values
    assert till.commit(sale("k2", line(1, 99), check="17")).values["entry"] == first["entry"]


def test_a_unit_is_posted_once_however_many_rules_award_it(tmp_path: Path) -> None:
    rules = "".join(
        f'[[rule]]\nkind = "per_amount"\nid = "r{number}"\nunits = 1\nper = "20.00"\n' for number in range(90)
    )
    with open_till(tmp_path, programme=PROGRAMME.replace("[[reward]]", rules + "[[reward]]")) as till:
        sold = till.commit(sale()).values
        assert len(sold["awards"]) == 91
        assert len(entry(till, 2)[0].postings) == 1
        assert till.member_balances(CARD) == {"points": 12 * 91}
        till.void(void("v", sold["entry"]))
        assert till.member_balances(CARD) == {"points": 0}
