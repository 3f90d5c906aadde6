"""Good values of every identifier, made from the table by the formats' own words, for property tests."""

import re
from typing import Final

from hypothesis import strategies as st

from drivers.scanners.gs1.codes import COUNTRIES, COUNTRIES_ALPHA_2, CURRENCIES, PACKAGE_TYPES
from drivers.scanners.gs1.table import TABLE
from drivers.scanners.gs1.values import FNC1, PREDEFINED_PREFIXES, Element, ElementString
from drivers.scanners.numbers.check_digits import gs1_check_digit, gs1_check_pair

CSET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz"
ALPHABETS: Final = {"N": "0123456789", "X": CSET_82, "Y": "#-/0123456789ABCXYZ", "Z": "-0123456789ABCXYZ_abcxyz"}
FIELD: Final = re.compile(r"(\[?)([NXYZ])(\.\.)?([0-9]+)((?::[a-z0-9_]+)*)\]?")


def _yymmdd() -> st.SearchStrategy[str]:
    return st.dates().map(lambda day: f"{day.year % 4 + 20}{day.month:02}{min(day.day, 28):02}")


SPECIAL: Final[dict[str, st.SearchStrategy[str]]] = {
    "date": _yymmdd(),
    "date0": _yymmdd() | st.just("260200"),
    "date8": st.dates().map(lambda day: f"{day.year:04}{day.month:02}{day.day:02}"),
    "time": st.times().map(lambda at: f"{at.hour:02}{at.minute:02}"),
    "time_or_none": st.just("9999"),
    "hour": st.integers(0, 23).map("{:02}".format),
    "minute": st.integers(0, 59).map("{:02}".format),
    "second": st.integers(0, 59).map("{:02}".format),
    "country": st.sampled_from(sorted(COUNTRIES)),
    "country_or_999": st.sampled_from([*sorted(COUNTRIES), "999"]),
    "country2": st.sampled_from(sorted(COUNTRIES_ALPHA_2)),
    "currency": st.sampled_from(sorted(CURRENCIES)),
    "percent": st.sampled_from(["ABC", "A%20B", "%C3%A9", "x"]),
    "latitude": st.integers(0, 1_800_000_000).map("{:010}".format),
    "longitude": st.integers(0, 3_600_000_000).map("{:010}".format),
    "flag": st.sampled_from("01"),
    "minus": st.just("-"),
    "importer": st.sampled_from("0aZ_-"),
    "package": st.sampled_from(sorted(PACKAGE_TYPES)),
    "media": st.sampled_from(["01", "10", "80", "99"]),
    "sex": st.sampled_from("0129"),
    "sequence": st.sampled_from(["1/1", "1/2", "2/2"]),
    "nonzero": st.just("1"),
    "zero": st.just("0"),
    "winding": st.sampled_from("019"),
    "no_zero_first": st.sampled_from(["0", "1", "123456789012"]),
    "pieces": st.sampled_from(["0101", "0510", "9999"]),
    "iban": st.sampled_from(["GB82WEST12345698765432", "DE89370400440532013000"]),
    "padding": st.sampled_from(["ABC", "AB=", "A==", "ABCDE"]),
    "coupon": st.sampled_from(["012345612345611110123", "0123456123456111101233261231"]),
    "offer": st.sampled_from(["001234561234560123456", "101234561234560123456"]),
}


def _field(cset: str, shortest: int, longest: int, checks: list[str]) -> st.SearchStrategy[str]:
    plain = st.text(ALPHABETS[cset], min_size=shortest, max_size=longest)
    if checks[:1] == ["mod10"]:
        return st.text("0123456789", min_size=longest - 1, max_size=longest - 1).map(
            lambda payload: payload + gs1_check_digit(payload)
        )
    if checks[:1] == ["pair"]:
        return (
            st.text("ABCxyz019", min_size=1, max_size=19)
            .map(lambda rest: f"1234{rest}" + gs1_check_pair(f"1234{rest}"))
            .filter(lambda text: not text.isdigit())
        )
    if checks[:1] == ["company_prefix"]:
        return st.text(ALPHABETS[cset], max_size=longest - 4).map(lambda rest: "1234" + rest)
    if not checks:
        return plain
    return SPECIAL[checks[0]].map(lambda text: text.rjust(shortest, "0") if checks[0] == "nonzero" else text)


def _value(layout: str) -> st.SearchStrategy[str]:
    """Values of a format; what is optional is there or not, but nothing stands behind what is not."""
    required: list[st.SearchStrategy[str]] = []
    optional: list[st.SearchStrategy[str]] = []
    for word in layout.split():
        match = FIELD.fullmatch(word)
        assert match is not None
        bracket, cset, varies, length, names = match.groups()
        part = _field(cset, 1 if varies else int(length), int(length), names.split(":")[1:])
        (optional if bracket else required).append(part)
    return st.integers(0, len(optional)).flatmap(lambda more: st.tuples(*required, *optional[:more]).map("".join))


def _formats() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in TABLE.strip().splitlines():
        ais, _, layout, *_ = line.split("|")
        found[ais.partition("-")[0]] = layout
    return found


VALUES: Final = {ai: _value(layout) for ai, layout in _formats().items()}
"""A strategy of good values for the first identifier of every line of the table."""


@st.composite
def messages(draw: st.DrawFn) -> tuple[Element, ...]:
    """One to six good elements, in any order, of any identifiers, whatever the rules between them say."""
    ais = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=6))
    return tuple(Element(ai=ai, value=draw(VALUES[ai])) for ai in ais)


def encoded(message: ElementString) -> str:
    """The text as a scanner sends it, without a symbology identifier: FNC1 where it is needed and nowhere else."""
    last = len(message.elements) - 1
    return "".join(
        element.ai + element.value + ("" if place == last or element.ai[:2] in PREDEFINED_PREFIXES else FNC1)
        for place, element in enumerate(message.elements)
    )
