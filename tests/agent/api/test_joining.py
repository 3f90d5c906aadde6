"""Pairing through the local API, while the till runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.values import SyncConfig
from agent.sync_worker import SyncMode
from agent.terminal import Terminal
from hq.config import HqConfig
from hq.server import Hq, ServerThread, open_hq
from tests.agent.callers import Caller
from tests.agent.shops import shop


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Hq]:
    with open_hq(HqConfig(data_dir=tmp_path / "hq", port=0, merchant="Head")) as opened:
        yield opened


@pytest.fixture
def paired_by_hand(tmp_path: Path, hq: Hq) -> Iterator[Terminal]:
    with ServerThread(hq) as server:
        config = replace(shop(tmp_path), sync=SyncConfig(hq_url=server.url, interval_s=1))
        with Terminal(config) as running:
            yield running


def test_a_running_till_pairs_by_the_code_and_syncs_from_then_on(paired_by_hand: Terminal, hq: Hq) -> None:
    with Caller.of(paired_by_hand) as pos:
        answer = pos.post("pair", {"code": hq.make_pairing_code()})

    assert answer.status_code == 200
    assert answer.json() == {"merchant": "Head", "terminal": paired_by_hand.till.context.keys.terminal.hex()}
    assert paired_by_hand.sync_mode in {SyncMode.ONLINE, SyncMode.OFFLINE}
    assert [row.terminal_id for row in hq.overview.tills()] == [paired_by_hand.till.context.keys.terminal]


def test_a_wrong_code_is_refused_with_hqs_own_code(paired_by_hand: Terminal) -> None:
    with Caller.of(paired_by_hand) as pos:
        answer = pos.post("pair", {"code": "0000000000"})

    assert (answer.status_code, answer.json()["error"]) == (403, "pairing_refused")
    assert paired_by_hand.sync_mode is SyncMode.UNPAIRED


def test_a_till_without_an_hq_in_its_settings_says_so(pos: Caller) -> None:
    answer = pos.post("pair", {"code": "0000000000"})

    assert (answer.status_code, answer.json()["error"]) == (409, "no_hq")
