"""The pages: signing in, what they show, in every language, and that nothing foreign gets in."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape

import pytest

from hq.attention.parking import HQ_ITSELF, ExceptionReason, raise_exception
from hq.web.pages import SAID_OF, link_in
from messages.catalogue import LANGUAGES, Catalogue
from tests.hq.web.conftest import Site


def fill(site: Site) -> str:
    till = site.house.till('<script>alert("till")</script>')
    for number in range(60):
        till.enrol(f"97001234{number:04}", nickname=f"<b>Aida {number}</b>")
    till.sale(till.enrol("970012349999", nickname="Әсел"), 1_234_567)
    till.add("teleport")
    site.house.take(till)
    return till.id.hex()


def button_of(page: str) -> dict[str, str]:
    """What the one form of a page sends when its button is pressed."""
    assert page.count("<form ") == page.count("<button ") == 1
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_a_link_keeps_when_another_language_is_chosen_and_is_shown_as_text(site: Site) -> None:
    page = site.ask("GET", "/sign-in", params={"link": 'a"><script>'}).text
    assert "<script" not in page
    assert 'href="/sign-in?link=a%22%3E%3Cscript%3E&amp;lang=hy"' in page


def test_a_link_signs_in_once(site: Site) -> None:
    link = site.house.hq.make_login_link(site.url).removeprefix(site.url)
    looks = [site.ask("GET", link) for _ in range(3)]
    assert [(look.status_code, look.headers.get("Set-Cookie")) for look in looks] == [(200, None)] * 3
    form = button_of(looks[-1].text)
    answer = site.ask("POST", "/sign-in", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    again = site.ask("POST", "/sign-in", data=form)
    assert again.status_code == 403
    assert Catalogue.load("en").text("hq.link_used_or_expired") in again.text


def test_a_pasted_link_or_its_end_signs_in(site: Site) -> None:
    link = site.house.hq.make_login_link(site.url)
    assert site.ask("POST", "/sign-in", data={"link": link}).headers["Location"] == "/"
    assert link_in("  abc ") == "abc"
    assert link_in("http://hq/sign-in?link=abc") == "abc"


def test_signing_out_ends_the_session(site: Site) -> None:
    browser = site.signed_in()
    kept = browser.cookies["loyaltill_session"]
    assert browser.post(site.url + "/sign-out", timeout=20).url.endswith("/sign-in")
    assert site.ask("GET", "/", headers={"Cookie": f"loyaltill_session={kept}"}).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_a_form_of_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    browser = site.signed_in()
    assert browser.post(site.url + "/sign-out", headers=headers, timeout=20).status_code == 403
    link = site.house.hq.make_login_link(site.url)
    assert browser.post(site.url + "/sign-in", data={"link": link}, headers=headers, timeout=20).status_code == 403
    assert browser.get(site.url + "/", timeout=20).status_code == 200


def test_the_overview_shows_totals_and_tills(site: Site) -> None:
    terminal = fill(site)
    page = site.signed_in().get(site.url + "/", timeout=20).text
    assert page.count("1,234,567") == 2
    assert terminal in page
    assert "2 Mar 2026, 06:00 UTC" in page


def test_a_tills_name_is_not_headed_as_a_persons(site: Site) -> None:
    fill(site)
    page = site.signed_in().get(site.url + "/tills", headers={"Accept-Language": "ru"}, timeout=20).text
    assert re.findall(r"<th [^>]*>(.*?)</th>", page)[0] == "Касса"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_says_what_needs_attention(site: Site, language: str) -> None:
    words = Catalogue.load(language)
    till = site.house.till("Corner <till>")
    browser = site.signed_in()
    assert browser.get(site.url + "/", params={"lang": language}).text.count(words.text("hq.exceptions")) == 1
    with site.house.hq.book.write() as connection:
        for place, reason in enumerate(ExceptionReason):
            owner = HQ_ITSELF if reason is ExceptionReason.HQ_RESTORED else till.id
            raise_exception(connection, reason, place=(owner, 1, place), at_ms=place)
    page = unescape(browser.get(site.url + "/", params={"lang": language}).text)
    assert [words.text(SAID_OF[reason]) in page for reason in ExceptionReason] == [True] * 5
    assert page.count("Corner <till>") == 1 + 4
    assert page.count(words.text("hq.exceptions")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/tills", "/programmes", "/members", "/members?page=2"])
def test_every_page_speaks_every_language_and_shows_no_foreign_markup(site: Site, language: str, path: str) -> None:
    fill(site)
    browser = site.signed_in()
    page = browser.get(site.url + path, headers={"Accept-Language": language}, timeout=20)
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert Catalogue.load(language).text("hq.sign_out") in page.text
    assert "<script" not in page.text
    assert "<b>" not in page.text
    assert not re.search(r'(?:src|href|action)="(?!/)', page.text), "an address outside HQ"
    assert "hq." not in re.sub(r"<style>.*?</style>", "", page.text, flags=re.DOTALL)


def test_members_are_shown_with_the_last_four_of_their_card_only(site: Site) -> None:
    fill(site)
    browser = site.signed_in()
    pages = [browser.get(site.url + f"/members?page={number}", timeout=20).text for number in (1, 2)]
    assert "•••• 9999" in pages[0] + pages[1]
    assert "97001234" not in pages[0] + pages[1]
    assert "Page 1 of 2" in pages[0]
    assert "/members?page=2" in pages[0]
    assert "/members?page=1" in pages[1]


@pytest.mark.parametrize("page", ["0", "-3", "x", "999999999", "9" * 40, "٢"])
def test_a_page_that_is_not_there_shows_one_that_is(site: Site, page: str) -> None:
    fill(site)
    assert site.signed_in().get(site.url + "/members", params={"page": page}, timeout=20).status_code == 200


def test_a_chosen_language_is_remembered(site: Site) -> None:
    browser = site.signed_in()
    assert '<html lang="hy">' in browser.get(site.url + "/tills?lang=hy", timeout=20).text
    assert '<html lang="hy">' in browser.get(site.url + "/", headers={"Accept-Language": "ru"}, timeout=20).text
    assert '<html lang="ru">' in site.ask("GET", "/sign-in", headers={"Accept-Language": "ru;q=0.9, de"}).text
    assert '<html lang="en">' in site.ask("GET", "/sign-in?lang=xx").text


def test_a_large_form_is_refused(site: Site) -> None:
    assert site.ask("POST", "/sign-in", data={"link": "x" * 10_000}).status_code == 413


def test_the_style_of_every_page_is_the_one_that_the_policy_allows(site: Site) -> None:
    answer = site.ask("GET", "/sign-in")
    style = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert len(style) == 1
    assert "style=" not in answer.text.split("</style>")[1]
    digest = b64encode(sha256(style[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
