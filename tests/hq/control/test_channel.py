"""Codes and links while HQ runs: the running one is asked; nobody opens its book beside it."""

from __future__ import annotations

import os
import stat

import pytest
import requests

from hq.asking import make_login_link, make_pairing_code
from hq.control.channel import CONTROL_FILE, Channel, Wanted, ask, find_channel
from hq.errors import BookInUse, HqError
from hq.server import ServerThread
from tests.hq.houses import House
from tests.hq.tills import FakeTill


def test_the_running_hq_makes_the_code(house: House) -> None:
    with ServerThread(house.hq):
        code = make_pairing_code(house.hq.config)
    assert house.hq.pairing.pair(FakeTill(house.chance).pair_request(code)).token


def test_the_running_hq_makes_the_link_to_itself(house: House) -> None:
    with ServerThread(house.hq, port=0) as server:
        link = make_login_link(house.hq.config)
        assert link.startswith(server.url + "/sign-in?link=")
        answer = requests.post(server.url + "/sign-in", data={"link": link}, timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_without_a_running_hq_the_book_is_opened(house: House) -> None:
    house.hq.close()
    assert len(make_pairing_code(house.hq.config)) == 11
    assert "/sign-in?link=" in make_login_link(house.hq.config)


def test_an_hq_that_has_the_book_but_serves_nobody_is_said(house: House) -> None:
    with pytest.raises(BookInUse, match="stop it first"):
        make_pairing_code(house.hq.config)


def test_the_channel_is_for_the_owner_only_and_goes_with_the_server(house: House) -> None:
    path = house.hq.config.data_dir / CONTROL_FILE
    with ServerThread(house.hq):
        assert path.exists()
        if os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_a_wrong_secret_gets_nothing(house: House) -> None:
    with ServerThread(house.hq) as server:
        for wanted in Wanted:
            with pytest.raises(HqError, match=r"refused \(401\)"):
                ask(Channel(url=server.url, token="guess"), wanted)
    assert house.rows("SELECT * FROM pairing_code") == []


def test_the_channel_of_an_hq_that_was_killed_is_said(house: House) -> None:
    path = house.hq.config.data_dir / CONTROL_FILE
    path.write_text('{"url": "http://127.0.0.1:1", "token": "x"}', encoding="utf-8")
    with pytest.raises(HqError, match="does not answer"):
        make_pairing_code(house.hq.config)
    path.write_text("[]", encoding="utf-8")
    assert find_channel(house.hq.config.data_dir) is None
