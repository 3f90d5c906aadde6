"""One-time links and sessions, on every database."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from tests.hq.houses import House


def link(house: House) -> str:
    return parse_qs(urlsplit(house.hq.make_login_link("http://hq")).query)["link"][0]


def test_a_link_opens_one_session(any_house: House) -> None:
    sign_in = any_house.hq.sign_in
    made = link(any_house)
    session = sign_in.open_session(made)
    assert session is not None
    assert sign_in.is_open(session)
    assert sign_in.open_session(made) is None


def test_a_link_dies_after_a_quarter_of_an_hour(any_house: House) -> None:
    made = link(any_house)
    any_house.clock.pass_time(minutes=15)
    assert any_house.hq.sign_in.open_session(made) is None


def test_a_session_ends_by_itself_and_by_signing_out(any_house: House) -> None:
    sign_in = any_house.hq.sign_in
    first, second = sign_in.open_session(link(any_house)), sign_in.open_session(link(any_house))
    assert first is not None
    assert second is not None
    sign_in.close_session(first)
    assert (sign_in.is_open(first), sign_in.is_open(second)) == (False, True)
    any_house.clock.pass_time(hours=12)
    assert not sign_in.is_open(second)


def test_a_link_is_no_session_and_a_guess_is_neither(house: House) -> None:
    made = link(house)
    assert not house.hq.sign_in.is_open(made)
    assert house.hq.sign_in.open_session("guess") is None
    assert house.hq.sign_in.open_session(made) is not None
