"""Programme sources for the tests of what HQ publishes, and a house with tills in two zones."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from typing import Any

from hq.programmes.values import Published, When
from loyalty.programme.schedule import Effective
from sync.protocol.values import TillFacts
from tests.hq.houses import House
from tests.hq.tills import FakeTill

SOURCE = """
[programme]
id = "club"
label = "v1"
names.en = "The Club"
[currency]
code = "KZT"
scale = 2
[[unit]]
id = "points"
scale = 0
[[rule]]
kind = "per_amount"
id = "base"
units = 1
per = "20.00"
"""


def source(label: str = "v1", **changes: str) -> str:
    """A programme; ``changes`` replace what stands in the first one."""
    text = SOURCE.replace('label = "v1"', f'label = "{label}"')
    for old, new in changes.items():
        text = text.replace(OLD[old], new)
    return text


OLD = {"currency": 'code = "KZT"', "currency_scale": "scale = 2", "unit_scale": "scale = 0", "id": 'id = "club"'}


def till_of(house: House, store: str, name: str = "Till 1", *, zone: str | None = None, **facts: Any) -> FakeTill:
    """Pair a till, and have it say hello with its zone."""
    till = FakeTill(random.Random(house.chance.getrandbits(64)))
    request = till.pair_request(house.hq.make_pairing_code(), store=store, name=name)
    house.tokens[till.id] = house.hq.pairing.pair(request).token
    house.hq.ingest.hello(house.known(till), replace(till.hello(), facts=TillFacts(zone=zone, **facts)))
    return till


def publish(house: House, label: str, effective: Effective | None = None, *stores: str, **when: bool) -> Published:
    """Publish the version of a label."""
    asked = When(effective=effective, stores=stores, **when)  # type: ignore[arg-type]
    return house.hq.programmes.publish(source(label), "club.toml", asked)


def at(text: str) -> datetime:
    """An aware instant."""
    return datetime.fromisoformat(text)
