"""`loyaltill hq audit` has nothing to say of what real tills and a real HQ do together."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from hq.auditing.service import audit
from hq.auditing.values import Audit
from hq.book.looking import book_of
from hq.members.values import Erase, Erased, Merge, Merged
from tests.cli.together.chains import CARD, OTHER, Chain
from tests.cli.together.resting import at_rest

THIRD = "290000000003"


def audited(chain: Chain) -> Audit:
    with book_of(chain.hq.config) as connection:
        return audit(connection, chain.clock())


def wrong(chain: Chain) -> list[tuple[str, list[str]]]:
    return [(one.check.value, one.examples) for one in audited(chain).tallies if one.wrong]


def test_sales_redemptions_returns_merges_and_an_erasure_leave_a_book_that_is_well(tmp_path: Path) -> None:
    with ExitStack() as stack:
        chain = Chain(tmp_path, stack)
        chain.talk()
        sold = chain.buy(0, "300.00")
        chain.buy(1, "200.00", card=OTHER)
        chain.buy(1, "100.00", card=THIRD)
        chain.talk()
        assert wrong(chain) == []
        chain.cut(0, 1)
        assert "refused" not in chain.spend(0, 100)
        assert "refused" not in chain.bring_back(0, sold["entry"])
        chain.cut(0, 1, on=False)
        chain.talk(0)
        assert wrong(chain) == []  # while the one has told HQ and the other has not
        assert isinstance(chain.hq.merging.merge(Merge(card=CARD, into=OTHER, reason="one person")), Merged)
        assert wrong(chain) == []
        assert isinstance(chain.hq.erasing.erase(Erase(card=THIRD, reason="request 17")), Erased)
        chain.buy(0, "50.00")
        at_rest(chain)
        chain.later(days=30)
        at_rest(chain)
        assert wrong(chain) == []
        looked_at = {one.check.value: one.looked_at for one in audited(chain).tallies}
    assert min(looked_at[name] for name in ("chains", "postings", "balances", "merges", "pools", "draws")) > 0
