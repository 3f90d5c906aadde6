"""Which catalogue a reader gets."""

from __future__ import annotations

import pytest

from messages.checks import ALPHABETS
from messages.languages import LANGUAGES, OWN_NAMES, PAPER_LANGUAGES, nearest_language, negotiate, says


def test_every_language_says_its_own_name_in_its_own_letters() -> None:
    assert tuple(OWN_NAMES) == PAPER_LANGUAGES
    for language, name in OWN_NAMES.items():
        assert set(name.lower()) <= ALPHABETS[language]


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("kk", "kk"),
        ("kk-KZ", "kk"),
        ("ru_RU.UTF-8", "ru"),
        (" HY ", "hy"),
        ("az-Latn-AZ", "az"),
        ("de", "en"),
        ("", "en"),
        ("C", "en"),
        ("kkk", "en"),
    ],
)
def test_a_tag_gives_its_language_and_any_other_gives_english(tag: str, language: str) -> None:
    assert nearest_language(tag) == language


@pytest.mark.parametrize(
    ("tag", "page", "paper"), [("ka", "en", "ka"), ("tr-TR", "en", "tr"), ("uz-Latn-UZ", "en", "uz")]
)
def test_a_language_of_paper_is_english_on_a_page(tag: str, page: str, paper: str) -> None:
    assert (nearest_language(tag), nearest_language(tag, PAPER_LANGUAGES)) == (page, paper)


def test_a_language_of_paper_says_what_stands_on_paper_and_nothing_else() -> None:
    ids = ("receipt.total", "explain.per_visit", "refusal.coupon_expired", "unit.points", "till.title", "hq.title")
    assert [says("ka", id_) for id_ in ids] == [True, True, True, True, False, False]
    assert all(says(language, id_) for language in LANGUAGES for id_ in ids)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("kk-KZ,kk;q=0.9,ru;q=0.8,en;q=0.7", "kk"),
        ("de, hy;q=0.3, az;q=0.31", "az"),
        ("ru;q=0.5,kk;q=0.5", "ru"),
        ("ru;q=0", "en"),
        ("*", "en"),
        ("ka, tr, uz", "en"),
        ("ru;q=abc, kk;q=0.1", "kk"),
        ("ru;q=-1, kk;q=0.001", "kk"),
        ("ru;level=1, hy ; q = 0.2", "hy"),
        (";;;,,,;q=1", "en"),
        ("de," * 5_000 + "ru", "en"),
    ],
)
def test_a_browsers_wish_is_weighed(header: str, language: str) -> None:
    assert negotiate(header) == language
