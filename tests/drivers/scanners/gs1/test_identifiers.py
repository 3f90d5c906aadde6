"""The table of identifiers: complete, consistent, and what GS1 says of those that a till meets."""

import re

import pytest

from drivers.scanners.gs1.contents import CHECKS
from drivers.scanners.gs1.identifiers import IDENTIFIERS, identifier_at
from drivers.scanners.gs1.table import TABLE
from drivers.scanners.gs1.values import PREDEFINED_PREFIXES

# GS1 General Specifications, table of element strings with predefined length: length with the identifier
PREDEFINED = {
    **dict.fromkeys(["01", "02", "03", "41"], 16),
    **dict.fromkeys(["11", "12", "13", "15", "16", "17"], 8),
    **dict.fromkeys(["31", "32", "33", "34", "35", "36"], 10),
    "00": 20,
    "20": 4,
}
TILL = """
00 01 02 10 11 12 13 15 16 17 20 21 22 30 37 240 241 242 243 250 251 253 254 255 400 401 402 403 410 411 412 413 414
415 416 417 420 421 422 423 424 425 426 427 7003 7007 8005 8008 8017 8018 8019 8020 8110 8111 8112 8200 90 91 92 93 94
95 96 97 98 99 3100 3105 3202 3300 3370 3569 3900 3909 3910 3922 3932 3940 3943 3953
"""


def test_the_identifiers_that_a_till_meets_are_there() -> None:
    missing = {ai for ai in TILL.split() if ai not in IDENTIFIERS}
    assert missing == {"3569"}  # measures have five decimals at most


def test_the_table_is_as_long_as_the_standard() -> None:
    assert len(TABLE.strip().splitlines()) == 206
    assert len(IDENTIFIERS) == 541


def test_an_identifier_stands_once_and_in_order() -> None:
    firsts = [line.partition("|")[0].partition("-")[0] for line in TABLE.strip().splitlines()]
    assert len(set(firsts)) == len(firsts)
    assert all(ai == identifier.ai and re.fullmatch("[0-9]{2,4}", ai) for ai, identifier in IDENTIFIERS.items())


def test_the_first_two_digits_say_how_long_an_identifier_is() -> None:
    assert [identifier_at(f"9{ai}7", 1) for ai in IDENTIFIERS] == list(IDENTIFIERS.values())
    assert [identifier_at(text) for text in ("89", "", "٠١", "310", "3106")] == [None] * 5


def test_only_the_predefined_need_no_separator_and_their_length_is_the_standards() -> None:
    found = {ai: len(ai) + identifier.predefined for ai, identifier in IDENTIFIERS.items() if identifier.predefined}
    assert found == {ai: PREDEFINED[ai[:2]] for ai in IDENTIFIERS if ai[:2] in PREDEFINED_PREFIXES}


def test_every_check_is_used_and_known() -> None:
    used = {name for line in TABLE.strip().splitlines() for name in re.findall(r":([a-z0-9_]+)", line.split("|")[2])}
    assert used == set(CHECKS)


@pytest.mark.parametrize(
    ("ai", "qualifiers"),
    [
        ("01", (("22", "10", "21"), ("235",))),
        ("8018", (("8019",),)),
        ("414", (("254",), ("7040",))),
        ("255", ((),)),
        ("02", None),
        ("8111", None),
    ],
)
def test_keys_of_links_have_their_qualifiers(ai: str, qualifiers: tuple[tuple[str, ...], ...] | None) -> None:
    assert IDENTIFIERS[ai].qualifiers == qualifiers


def test_what_may_not_stand_in_a_links_query() -> None:
    kept_out = {ai for ai, identifier in IDENTIFIERS.items() if not identifier.in_query}
    # GS1 Digital Link URI Syntax, release 1.7, section 4.10
    assert kept_out == set(
        "03 21 22 235 254 7040 7041 8011 8014 8019 8020 8040 8041 8042 8043 8200".split()  # noqa: SIM905 (a table)
    )


def test_companions_and_pairs_never_name_the_identifier_itself_alone() -> None:
    for ai, identifier in IDENTIFIERS.items():
        assert ai not in identifier.never_with
        assert identifier.companions != frozenset({ai})
        assert identifier.never_with.isdisjoint(identifier.companions)


@pytest.mark.parametrize(
    ("ai", "present", "good"),
    [
        ("01", set(), True),
        ("8111", set(), False),
        ("8111", {"255"}, True),
        ("37", {"00"}, False),
        ("37", {"00", "02"}, True),
        ("37", {"00", "8026"}, True),
        ("3922", {"01"}, False),
        ("3922", {"01", "3103"}, True),
        ("3922", {"01", "30"}, True),
        ("3922", {"3103"}, False),
        ("250", {"01"}, False),
        ("250", {"01", "21"}, True),
        ("7258", {"8018", "7259"}, True),
    ],
)
def test_a_companion_is_one_alternative(ai: str, present: set[str], good: bool) -> None:
    assert IDENTIFIERS[ai].has_companion(present | {ai}) is good
