"""``loyaltill hq till``, with HQ running and without."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
import requests

from hq.config import load_hq_config
from hq.server import open_hq
from tests.cli.commands import write_config
from tests.cli.giving.test_giving import run
from tests.cli.test_hq import served
from tests.hq.houses import House, SetClock


def test_a_till_is_listed_shut_out_and_let_in_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    assert run(capsys, config, "till", "list")[0] == "no till is paired yet\n"
    with open_hq(load_hq_config(config)) as hq:
        house = House(hq, SetClock(datetime.now(UTC)), Random(5))
        till = house.till("Till 2")
        till.enrol("7001")
        house.take(till)
        token = {"Authorization": f"Bearer {house.tokens[till.id]}"}
    head, row = run(capsys, config, "till", "list")[0].splitlines()
    assert head.split()[:7] == ["till", "store", "id", "state", "epoch", "sequence", "head"]
    assert row.split()[:7] == ["Till", "2", "S1", till.id.hex(), "open", "1", "1"]
    prefix = till.id.hex()[:8]
    with served(config) as url:

        def status() -> int:
            return requests.get(f"{url}/v1/sync/feed?after=0&epoch=1", headers=token, timeout=20).status_code

        assert status() == 200
        words = ("till", "revoke", prefix, "--note", "stolen")
        told = f"Till 2 in S1 ({till.id.hex()}): "
        assert run(capsys, config, *words)[0] == f"{told}shut out\n"
        assert run(capsys, config, *words)[0] == f"{told}was shut out before\n"
        assert status() == 403
        assert run(capsys, config, *words, "--lost")[0] == f"{told}shut out; what it has not sent will never come\n"
        assert "till_revoked" in run(capsys, config, "exceptions", "list")[0]
        assert json.loads(run(capsys, config, "till", "list", "--json")[0])["tills"][0]["state"] == "lost"
        assert run(capsys, config, "till", "restore-access", "Till 2")[0] == f"{told}let in again\n"
        assert status() == 200
    assert run(capsys, config, "till", "restore-access", "Till 2")[0] == f"{told}is not shut out\n"
    assert 'no till with the name "Till 3"' in run(capsys, config, "till", "revoke", "Till 3", status=2)[1]
