"""What the merchant lost: shortfalls by tills, and not what members owe."""

from __future__ import annotations

from sqlalchemy import insert

from hq.book.schema import shortfall
from hq.leases.exposure import exposure_rows
from hq.leases.shortfalls import LOSSES, ShortfallReason
from tests.hq.houses import House


def test_what_members_owe_is_no_loss_and_the_rest_is_added_up(any_house: House) -> None:
    with any_house.hq.book.write() as connection:
        for number, reason in enumerate(ShortfallReason):
            for part in (1, 10):
                row = {
                    "entry_id": bytes([number, part]) * 8,
                    "account_id": bytes(16),
                    "unit": "points",
                    "reason": reason.value,
                    "amount": part,
                    "at_ms": 0,
                }
                connection.execute(insert(shortfall), row)
        told = exposure_rows(connection)["lost"]
    assert told == sorted(["points", reason.value, 11] for reason in LOSSES)
