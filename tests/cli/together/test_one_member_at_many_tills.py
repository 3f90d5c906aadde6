"""One member whose card is used at very many tills, none of which hears of another: no unit is given twice.

LOYALTILL_TILLS says how many; each takes a quarter of a second.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from loyalty.quote import RedeemRequest
from tests.cli.together.chains import CAPPED, CLUB, Chain

TILLS = int(os.environ.get("LOYALTILL_TILLS") or 30)
OFF = RedeemRequest(reward="off", units=100)


def test_one_member_at_very_many_tills_spends_no_unit_twice(tmp_path: Path) -> None:
    with ExitStack() as stack:
        chain = Chain(tmp_path, stack, CLUB + CAPPED, TILLS)
        chain.buy(0, "500.00")
        chain.talk(0, *range(TILLS))
        sale = chain.sale("100.00", redeem=(OFF,))
        held = {number: chain.hold(number, sale) for number in range(0, TILLS, 3)}  # every third asks HQ
        chain.cut(*range(TILLS))
        answers = [
            chain.commit(number, sale, hold=held[number]["hold"])
            if "hold" in held.get(number, {})
            else chain.spend(number, 100)
            for number in range(TILLS)
        ]
        given = [one for one in answers if "refused" not in one]
        assert len(given) == 5
        chain.cut(*range(TILLS), on=False)
        chain.talk(*reversed(range(TILLS)))
        chain.talk(*range(TILLS))
        assert chain.balance() == 500 - 100 * len(given) + 99 * len(given)
        assert chain.balance() >= 0
