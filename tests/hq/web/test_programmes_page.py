"""The page of programmes: releases, pilots, rollbacks, and by what each till counts, in every language."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from hq.programmes.values import When
from hq.web.pages import STATE_OF
from messages.catalogue import LANGUAGES, Catalogue
from tests.hq.programmes.programmes import at, publish, source, till_of
from tests.hq.web.conftest import Site


def fill(site: Site) -> str:
    house = site.house
    version = publish(house, "v1").row.release.version
    till_of(house, "s1", "Left <till>", zone="Asia/Almaty", programme=version)
    till_of(house, "s1", "Right till", zone="Asia/Almaty", programme="f" * 32, unreadable="a" * 32)
    till_of(house, "s2", "Old till")
    till_of(house, "s2", "Far till", zone="Asia/Baku", programme="f" * 32)
    house.clock.pass_time(hours=1)
    note = When(stores=("s1",), effective=date(2026, 4, 1), note="<b>double</b>", by="aida")
    house.hq.programmes.publish(source("v2"), "club.toml", note)
    publish(house, "v3", at("2026-05-01T00:00+00:00"))
    house.hq.programmes.withdraw(3)
    publish(house, "v3", out_of_order=True)
    house.clock.pass_time(hours=1)
    house.hq.programmes.rollback("v1", When(out_of_order=True))
    return version


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_everything_in_every_language(site: Site, language: str) -> None:
    version = fill(site)
    words = Catalogue.load(language)
    raw = site.signed_in().get(site.url + "/programmes", params={"lang": language}, timeout=20).text
    page = unescape(raw)
    for state in STATE_OF.values():
        assert words.text(state) in page
    for name in ("pilot", "rollback", "all_stores", "own_file", "not_said", "not_switched"):
        assert words.text(f"hq.programme.{name}") in page
    assert words.text("hq.programme.midnight", date=words.date(date(2026, 4, 1))) in page
    assert words.text("hq.programme.unreadable", version="a" * 12) in page
    assert "&lt;b&gt;double&lt;/b&gt;" in raw
    assert "Left &lt;till&gt;" in raw
    assert version[:12] in page
    rows = re.findall(r'<tr>\s*<td class="n">(\d+)</td>', page)
    assert rows == ["5", "4", "3", "2", "1"]


def test_the_overview_says_by_what_each_till_counts(site: Site) -> None:
    fill(site)
    browser = site.signed_in()
    for path in ("/", "/tills"):
        page = browser.get(site.url + path, params={"lang": "en"}, timeout=20).text
        assert "<td>v1</td>" in page
        assert page.count("the till's own file".replace("'", "&#39;")) == 2


def test_a_stranger_does_not_see_it(site: Site) -> None:
    assert site.ask("GET", "/programmes").headers["Location"] == "/sign-in"
