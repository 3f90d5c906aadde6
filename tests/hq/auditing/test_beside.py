"""An audit beside an HQ that works on: nobody waits, nothing is written, and it sees one state."""

from __future__ import annotations

import pytest
import sqlalchemy

from hq.auditing.service import audit
from hq.book.looking import book_of
from tests.hq.auditing.books import everything
from tests.hq.digests import digest
from tests.hq.houses import House


def test_an_hq_that_works_on_is_not_disturbed_and_the_audit_sees_one_state(any_house: House) -> None:
    everything(any_house)
    till = any_house.till("Till 9")
    member = till.enrol("9001")
    before = digest(any_house)
    with book_of(any_house.hq.config) as connection:
        first = audit(connection, any_house.clock())
        assert digest(any_house) == before
        till.sale(member, 5)
        assert any_house.take(till) == 2
        again = audit(connection, any_house.clock())
        assert (first.well, first) == (True, again)
        with pytest.raises(sqlalchemy.exc.DBAPIError), connection.begin_nested():
            connection.execute(sqlalchemy.text("UPDATE balance SET amount = 0"))
    with book_of(any_house.hq.config) as connection:
        after = audit(connection, any_house.clock())
    assert after.well
    assert after.tallies[0].looked_at == first.tallies[0].looked_at + 2
