"""Formats say what a value looks like; a value that does not says whether it is its length or its characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.gs1.formats import parse_format
from drivers.scanners.gs1.identifiers import IDENTIFIERS
from drivers.scanners.gs1.values import Gs1Reason

SHORT = (Gs1Reason.WRONG_LENGTH, "short")
LONG = (Gs1Reason.WRONG_LENGTH, "long")
CHARACTER = (Gs1Reason.WRONG_CHARACTER, "")


@pytest.mark.parametrize(
    ("layout", "value", "problem"),
    [
        ("N6", "123456", None),
        ("N6", "", SHORT),
        ("N6", "12345", SHORT),
        ("N6", "1234567", LONG),
        ("N6", "12345A", CHARACTER),
        ("N6", "12345٦", CHARACTER),
        ("N6", "A", CHARACTER),
        ("N6", "123456\n", LONG),
        ("X..3", "aZ_", None),
        ("X..3", "aZ_~", LONG),
        ("X..3", "a~", CHARACTER),
        ("X..3", "a b", CHARACTER),
        ("Y..4", "A-#/", None),
        ("Y..4", "a", CHARACTER),
        ("Z..4", "aB-_", None),
        ("Z..4", "a+", CHARACTER),
        ("N6:date [N4:time]", "261231", None),
        ("N6:date [N4:time]", "2612312359", None),
        ("N6:date [N4:time]", "26123123", SHORT),
        ("N6:date [N4:time]", "2612312360", (Gs1Reason.BAD_TIME, "")),
        ("N6:date [N4:time]", "2613312360", (Gs1Reason.BAD_DATE, "")),
        ("N3:country [N3:country] [N3:country]", "051643", None),
        ("N3:country [N3:country] [N3:country]", "05164", SHORT),
        ("N3:country [N3:country] [N3:country]", "051643051643", LONG),
        ("N3:country [N3:country] [N3:country]", "051643000", (Gs1Reason.BAD_VALUE, "country")),
        ("N1:zero N13:mod10 [X..16]", "04006381333931", None),
        ("N1:zero N13:mod10 [X..16]", "04006381333931AB", None),
        ("N1:zero N13:mod10 [X..16]", "14006381333931AB", (Gs1Reason.BAD_VALUE, "not_zero")),
        ("N1:zero N13:mod10 [X..16]", "04006381333932AB", (Gs1Reason.WRONG_CHECK_DIGIT, "")),
        ("X2 X..28", "AB", SHORT),
        ("X2 X..28", "ABC", None),
    ],
)
def test_a_value_is_held_against_its_format(layout: str, value: str, problem: tuple[Gs1Reason, str] | None) -> None:
    assert parse_format(layout).problem(value) == problem


@pytest.mark.parametrize("layout", ["Q6", "N", "N..", "6", "N6,date", "[N6"])
def test_a_format_that_is_not_written_right_is_refused(layout: str) -> None:
    if layout == "[N6":
        layout = "[N6]]"
    with pytest.raises(ValueError, match="no field"):
        parse_format(layout)


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(KeyError):
        parse_format("N6:moon")


def test_the_longest_value_is_told() -> None:
    assert parse_format("N13 [X..17]").longest == 30
    assert max(identifier.format.longest for identifier in IDENTIFIERS.values()) == 90


@given(st.sampled_from(sorted(IDENTIFIERS)), st.text(max_size=100))
def test_no_text_makes_it_raise(ai: str, text: str) -> None:
    problem = IDENTIFIERS[ai].format.problem(text)
    assert problem is None or problem[0] in Gs1Reason
