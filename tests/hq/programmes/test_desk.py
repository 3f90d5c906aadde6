"""Questions about programmes as JSON: the same answers from the book and from the HQ that runs, and no other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from hq.control.channel import Channel, ask_desk, find_channel
from hq.control.desks import Desk
from hq.errors import HqError
from hq.programmes.desk import answer
from hq.server import ServerThread
from tests.hq.houses import House
from tests.hq.programmes.programmes import source

PUBLISH = {"do": "publish", "source": source("v1"), "name": "club.toml", "by": "aida", "note": "first"}


def test_the_running_hq_answers_as_the_book_does(house: House) -> None:
    with ServerThread(house.hq) as server:
        channel = find_channel(house.hq.config.data_dir)
        assert channel is not None
        said = ask_desk(channel, Desk.PROGRAMMES, PUBLISH)
        release = said["release"]
        assert (said["fresh"], release["number"], release["stores"], release["note"]) == (True, 1, [], "first")
        assert answer(house.hq.programmes, PUBLISH) == {**said, "fresh": False}
        assert ask_desk(channel, Desk.PROGRAMMES, {"do": "history"}) == answer(house.hq.programmes, {"do": "history"})
        found = {"version": release["version"], "source": source("v1")}
        assert ask_desk(channel, Desk.PROGRAMMES, {"do": "source", "version": "v1"}) == found
        bad = ask_desk(channel, Desk.PROGRAMMES, {**PUBLISH, "source": "nonsense"})
        assert (bad["refused"], bad["lines"][0].startswith("club.toml:1")) == ("bad_file", True)
        with pytest.raises(HqError, match="refused"):
            ask_desk(Channel(url=server.url, token="guessed"), Desk.PROGRAMMES, {"do": "history"})


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"do": "explode"},
        {"do": "publish"},
        {**PUBLISH, "source": 5},
        {**PUBLISH, "source": "\0"},
        {**PUBLISH, "stores": "s1"},
        {**PUBLISH, "stores": [""]},
        {**PUBLISH, "stores": ["x" * 65]},
        {**PUBLISH, "effective": "tomorrow"},
        {**PUBLISH, "effective": 5},
        {**PUBLISH, "note": "x" * 501},
        {"do": "withdraw"},
        {"do": "withdraw", "number": True},
        {"do": "rollback", "to": ""},
        {"do": "source", "version": None},
    ],
)
def test_what_is_no_question_is_refused(house: House, asked: Mapping[str, Any]) -> None:
    said = answer(house.hq.programmes, asked)
    assert said["refused"] == "bad_request"
    assert json.loads(json.dumps(said)) == said


def test_refusals_say_what_to_do(house: House) -> None:
    assert answer(house.hq.programmes, {"do": "withdraw", "number": 7}) == {
        "refused": "unknown_release",
        "lines": ["there is no release 7"],
    }
    assert answer(house.hq.programmes, {"do": "rollback"})["refused"] == "nothing_earlier"
