"""The rules between elements, and which of them speaks first."""

import pytest

from drivers.scanners.gs1.rules import broken_rule
from drivers.scanners.gs1.values import Element, Gs1Fault, Gs1Reason


def elements(*ais: str) -> tuple[Element, ...]:
    return tuple(Element(ai=ai, value="1") for ai in ais)


@pytest.mark.parametrize(
    "ais",
    [
        ["01"],
        ["01", "10", "17", "21"],
        ["01", "3103", "3922"],
        ["00", "02", "37"],
        ["8018", "8019"],
        ["255", "8111"],
        ["255", "3902"],
        ["8020", "415", "3911"],
        ["01", "21", "8030"],
        ["400", "400"],
        ["90", "91", "99"],
    ],
)
def test_what_belongs_together_breaks_no_rule(ais: list[str]) -> None:
    assert broken_rule(elements(*ais)) is None


@pytest.mark.parametrize(
    ("ais", "fault"),
    [
        (["10"], Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="10")),
        (["02", "37"], Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="37")),
        (["02", "00"], Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="02")),
        (["8111"], Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="8111")),
        (["8019"], Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="8019")),
        (["01", "8111"], Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="8111")),
        (["01", "8030"], Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="8030")),
        (["01", "3922"], Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="3922")),
        (["01", "02"], Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai="02", detail="01")),
        (["8017", "8018"], Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai="8017", detail="8018")),
        (["01", "3103", "3105"], Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai="3103", detail="3105")),
        (["255", "3902", "8111"], Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai="3902", detail="8111")),
        (["01", "21", "235"], Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai="21", detail="235")),
    ],
)
def test_a_broken_rule_names_the_identifier(ais: list[str], fault: Gs1Fault) -> None:
    assert broken_rule(elements(*ais)) == fault


@pytest.mark.parametrize(
    ("key", "value", "good"),
    [
        ("253", "9520000000004", False),
        ("253", "9520000000004A", True),
        ("255", "9520000000004", False),
        ("255", "95200000000041", True),
        ("8003", "09520000000004", False),
        ("8003", "09520000000004A", True),
        ("8018", "952000000000000002", True),
    ],
)
def test_a_signature_needs_a_key_of_one_instance(key: str, value: str, good: bool) -> None:
    signed = (Element(ai=key, value=value), Element(ai="8030", value="ABC"))
    expected = None if good else Gs1Fault(reason=Gs1Reason.MISSING_SERIAL, ai=key)
    assert broken_rule(signed) == expected


def test_elements_beside_are_companions_pairs_and_repeats_but_need_none_themselves() -> None:
    assert broken_rule(elements("10"), elements("01", "8111")) is None
    assert broken_rule(elements("255"), elements("01")) == Gs1Fault(
        reason=Gs1Reason.FORBIDDEN_PAIR, ai="255", detail="01"
    )
    beside = (Element(ai="01", value="2"),)
    assert broken_rule(elements("01"), beside) == Gs1Fault(reason=Gs1Reason.REPEATED_AI, ai="01")


def test_repeats_come_first_then_pairs_then_companions() -> None:
    different = (*elements("01", "02", "10"), Element(ai="10", value="2"))
    assert broken_rule(different) == Gs1Fault(reason=Gs1Reason.REPEATED_AI, ai="10")
    assert broken_rule(elements("10", "01", "02")) == Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai="02", detail="01")
