"""The audit: a book that HQ wrote is well; whatever of it is spoilt is found, and named by ids."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from hq.auditing.values import PROMISES, Audit, Check
from hq.book.schema import journal
from hq.jobs.values import Job
from hq.server import declare_restored
from loyalty.journal.entry import Posting, Reference
from tests.hq.auditing.books import audited, everything, wrong
from tests.hq.auditing.spoils import SPOILS, Spoilt
from tests.hq.houses import House
from tests.hq.jobs.shops import run, shop
from tests.hq.leasing.exchanges import LATER, Line, lines, member, points

SPEC = Path(__file__).parents[3] / "docs/SPEC-journal.md"


def looked_at(house: House) -> dict[str, int]:
    return {one.check.value: one.looked_at for one in audited(house).tallies}


def test_an_empty_book_is_well(any_house: House) -> None:
    found = audited(any_house)
    assert found.well
    assert [one.check for one in found.tallies] == list(Check) == list(PROMISES)
    assert not any(one.looked_at for one in found.tallies)


def test_a_book_with_something_of_everything_is_well(any_house: House) -> None:
    everything(any_house)
    found = audited(any_house)
    assert wrong(found) == {}
    notes = {one.check.value: one.note for one in found.tallies if one.note}
    assert notes == {"details": "1 erased, 1 different when they came", "parked": "2 of them wait"}
    counts = {
        "entries": "SELECT count(*) FROM journal",
        "postings": "SELECT count(*) FROM ledger",
        "balances": "SELECT count(*) FROM balance",
        "lots": "SELECT count(*) FROM lot",
        "leases": "SELECT count(*) FROM lease",
    }
    rows = {name: any_house.rows(sql)[0][0] for name, sql in counts.items()}
    said = looked_at(any_house)
    assert said["chains"] == said["entries"] == rows["entries"]
    assert (said["postings"], said["balances"], said["lots"]) == (rows["postings"], rows["balances"], rows["lots"])
    assert (said["closes"], said["merges"], said["parked"], said["pools"]) == (rows["leases"], 1, 3, 2)


def test_time_that_passes_makes_nothing_wrong(any_house: House) -> None:
    everything(any_house)
    for days in (1, 400):
        assert wrong(audited(any_house, days=days)) == {}


class Undo(Exception):
    """Ends a transaction without a trace."""


def audit_of(house: House, spoilt: Spoilt) -> Audit:
    """Spoil the book, audit it as it is then, and put it right again."""
    found: list[Audit] = []
    with suppress(Undo), house.hq.book.write() as connection:
        assert connection.execute(sqlalchemy.text(spoilt.sql), spoilt.given).rowcount
        found.append(audited(house, connection))
        raise Undo
    return found[0]


def test_whatever_is_spoilt_is_found_and_named(any_house: House) -> None:
    one = everything(any_house)
    failed = {}
    for spoil in SPOILS:
        spoilt = spoil(one)
        found = audit_of(any_house, spoilt)
        counts = {tally.check.value: tally.wrong for tally in found.tallies if tally.wrong}
        expected = {check: count for check, (count, _) in spoilt.says.items()}
        unsaid = [said for check, (_, said) in spoilt.says.items() if said not in str(wrong(found).get(check))]
        if counts != expected or unsaid:
            failed[spoil.__name__] = (counts, expected, unsaid, wrong(found))
    assert failed == {}
    assert {check for spoil in SPOILS for check in spoil(one).says} == {check.value for check in Check}
    assert audited(any_house).well


def test_examples_are_few_and_say_no_card_and_no_name(house: House) -> None:
    (line,) = lines(house, 1)
    for number in range(9):
        card = f"29000000000{number}"
        account = line.till.enrol(card, nickname="Dananame")
        line.till.add("sale", Posting(account=account, unit="points", amount=3), identifier=card)
    line.send()
    with house.hq.book.write() as connection:
        connection.execute(sqlalchemy.text("UPDATE balance SET amount = 4"))
        connection.execute(journal.update().values(detail=b"another"))
    found = audited(house)
    tallies = {one.check: one for one in found.tallies}
    assert (tallies[Check.BALANCES].wrong, len(tallies[Check.BALANCES].examples)) == (9, 5)
    assert (tallies[Check.DETAILS].wrong, len(tallies[Check.DETAILS].examples)) == (18, 5)
    assert "2900000000" not in str(found)
    assert "Dananame" not in str(found)


def test_more_entries_than_a_page_and_more_accounts_than_are_kept_at_a_time(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hq.auditing.journals.AT_ONCE", 7)
    monkeypatch.setattr("hq.auditing.journals._ENTRIES", _entries_by(7))
    monkeypatch.setattr("hq.auditing.sums._AT_ONCE", 3)
    monkeypatch.setattr("hq.auditing.pools._AT_ONCE", 1)
    monkeypatch.setattr("hq.auditing.leases._AT_ONCE", 2)
    one = everything(any_house)
    till = any_house.till("Till 4")
    for number in range(20):
        till.sale(till.enrol(f"80{number}"), number + 1)
    any_house.take(till)
    assert wrong(audited(any_house)) == {}
    with any_house.hq.book.write() as connection:
        connection.execute(sqlalchemy.text("UPDATE balance SET amount = amount + 1"))
    found = {tally.check: tally.wrong for tally in audited(any_house).tallies}
    assert found[Check.BALANCES] == any_house.rows("SELECT count(*) FROM balance")[0][0]
    assert found[Check.MERGES] == 1
    assert one.gone.hex() in str(wrong(audited(any_house))["merges"])


def _entries_by(many: int) -> Any:
    from hq.auditing import journals

    return journals._ENTRIES.limit(many)


def test_while_hq_is_recovering_pools_are_not_asked_and_that_is_said(build: Callable[..., House]) -> None:
    house = build()
    (line,) = lines(house, 1)
    account = member(line, points(10))
    line.granted(account, 8)
    with house.hq.book.write() as connection:
        connection.execute(sqlalchemy.text("UPDATE lease_slice SET amount = 80"))
    house.hq.close()
    declare_restored(house.hq.config, clock=house.clock)
    again = build(None, data_dir=house.hq.config.data_dir)
    again.tokens, line.house = house.tokens, again
    found = audited(again)
    assert found.well
    [left_out] = [one for one in found.tallies if one.left_out]
    said = "HQ was restored, and 1 tills have not said yet what they hold"
    assert (left_out.check, left_out.looked_at, left_out.note) == (Check.POOLS, 0, said)
    line.ask(held=())
    assert list(wrong(audited(again))) == ["pools"]


def test_a_lot_that_is_over_counts_until_hq_has_taken_it_since_it_first_pays_what_is_owed(any_house: House) -> None:
    line = Line(any_house, shop(any_house))
    account = member(line, points(10, LATER))
    line.granted(account, 8)
    line.till.add("return", Posting(account=account, unit="points", amount=-5), refs=(Reference(entry_id=account),))
    line.send()
    assert any_house.rows("SELECT amount, reason FROM shortfall") == [(3, "clawback")]
    for _ in range(2):
        assert wrong(audited(any_house)) == {}
        assert wrong(audited(any_house, days=2)) == {}
        any_house.clock.pass_time(days=2)
        assert run(any_house, any_house.clock().isoformat(), Job.EXPIRY)


def test_the_spec_says_of_every_check_what_the_audit_says_of_it() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ([\w ]+) \| (.+) \|$", SPEC.read_text(encoding="utf-8").split("## 10. ")[1], re.MULTILINE
    )
    assert rows == [(check.value, of, text) for check, (of, text) in PROMISES.items()]
