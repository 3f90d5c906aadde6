"""Requests and the digests by which they are compared."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime

import pytest

from agent.till.requests import CommitRequest, Provenance, request_digest
from loyalty.quote import RedeemRequest
from tests.agent.till.world import line, sale


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterRequest(CommitRequest):
    """What an update of the agent might bring."""

    coupon: str | None = None


LaterRequest.__name__ = "CommitRequest"


def test_equal_requests_have_equal_digests() -> None:
    assert request_digest(sale("k", line(1), line(2))) == request_digest(sale("k", line(1), line(2)))


@pytest.mark.parametrize(
    "other",
    [
        sale("k2", line(1), check="c-k"),
        sale("k", line(1), check="18"),
        sale("k", line(1, 1)),
        sale("k", line(1, category="x")),
        sale("k", line(1), line(2)),
        sale("k", line(1), card=None),
        sale("k", line(1), currency="EUR"),
        sale("k", line(1), quote="q"),
        sale("k", line(1), host_guid="g"),
        sale("k", line(1), payment_set="g"),
        sale("k", line(1), redeem=(RedeemRequest(reward="off", units=10),)),
        sale("k", line(1), provenance=Provenance(training=True)),
        sale("k", line(1), provenance=Provenance(operator="1")),
        sale("k", line(1), provenance=Provenance(shift="1")),
        sale("k", line(1), provenance=Provenance(business_date=date(2026, 1, 1))),
        sale("k", line(1), provenance=Provenance(happened_at=datetime(2026, 1, 1, tzinfo=UTC))),
        replace(sale("k", line(1)), fiscal_document_id="f"),
    ],
)
def test_any_other_field_gives_another_digest(other: CommitRequest) -> None:
    assert request_digest(other) != request_digest(sale("k", line(1)))


def test_an_inherited_field_counts() -> None:
    given = {field.name: getattr(sale(), field.name) for field in fields(sale())}
    other = {field.name: getattr(sale("other"), field.name) for field in fields(sale())}
    assert request_digest(LaterRequest(**given)) != request_digest(LaterRequest(**other))


def test_a_new_field_at_its_default_leaves_the_digest_of_a_retry_as_it_was() -> None:
    given = {field.name: getattr(sale(), field.name) for field in fields(sale())}
    assert request_digest(LaterRequest(**given)) == request_digest(sale())
    assert request_digest(LaterRequest(**given, coupon="c")) != request_digest(sale())
