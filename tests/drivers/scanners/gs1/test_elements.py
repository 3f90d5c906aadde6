"""Element strings and bracketed text: what is good is read whole, what is bad says why and shows no value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.gs1.elements import (
    Element,
    ElementString,
    Gs1Fault,
    Gs1Reason,
    check_element,
    parse_bracketed,
    parse_elements,
)
from drivers.scanners.gs1.identifiers import IDENTIFIERS
from tests.drivers.scanners.gs1.samples import encoded, messages

GS = "\x1d"


def pairs(*found: tuple[str, str]) -> ElementString:
    return ElementString(elements=tuple(Element(ai=ai, value=value) for ai, value in found))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0109506000134352", pairs(("01", "09506000134352"))),
        ("010950600013435210AB-12", pairs(("01", "09506000134352"), ("10", "AB-12"))),
        (
            f"010950600013435217261231{'10AB'}{GS}21XYZ",
            pairs(("01", "09506000134352"), ("17", "261231"), ("10", "AB"), ("21", "XYZ")),
        ),
        ("8018952000000000000002", pairs(("8018", "952000000000000002"))),
        (f"8018952000000000000002{GS}801912", pairs(("8018", "952000000000000002"), ("8019", "12"))),
        (f"2559520000000004123{GS}81110500", pairs(("255", "9520000000004123"), ("8111", "0500"))),
        (
            "0109506000134352310300019539220299",
            pairs(("01", "09506000134352"), ("3103", "000195"), ("3922", "0299")),
        ),
    ],
)
def test_a_good_text_is_read_whole(text: str, message: ElementString) -> None:
    assert parse_elements(text) == message


@pytest.mark.parametrize(
    "text", [f"0109506000134352{GS}10AB", f"010950600013435210AB{GS}", f"0109506000134352{GS}10AB{GS}"]
)
def test_a_separator_too_many_does_no_harm(text: str) -> None:
    assert parse_elements(text) == pairs(("01", "09506000134352"), ("10", "AB"))


@pytest.mark.parametrize("separator", ["|", "|^", "^|\x1d"])
def test_another_separator_may_be_told(separator: str) -> None:
    text = f"010950600013435210AB{separator[0]}21X{separator[-1]}17261231"
    message = pairs(("01", "09506000134352"), ("10", "AB"), ("21", "X"), ("17", "261231"))
    assert parse_elements(text, separator) == message


FAULTS = [
    ("", Gs1Reason.EMPTY, "", ""),
    (GS, Gs1Reason.EMPTY, "", ""),
    (f"10AB{GS}{GS}21X", Gs1Reason.EMPTY, "", ""),
    ("0", Gs1Reason.UNKNOWN_AI, "", ""),
    ("A1", Gs1Reason.UNKNOWN_AI, "", ""),
    ("٠١09506000134352", Gs1Reason.UNKNOWN_AI, "", ""),
    ("04123456", Gs1Reason.UNKNOWN_AI, "04", ""),
    ("8999", Gs1Reason.UNKNOWN_AI, "89", ""),
    ("3108000195", Gs1Reason.UNKNOWN_AI, "31", ""),
    ("01", Gs1Reason.WRONG_LENGTH, "01", "short"),
    ("010950600013435", Gs1Reason.WRONG_LENGTH, "01", "short"),
    (f"010950600013435{GS}10A", Gs1Reason.WRONG_LENGTH, "01", "short"),
    ("10", Gs1Reason.WRONG_LENGTH, "10", "short"),
    (f"10{GS}", Gs1Reason.WRONG_LENGTH, "10", "short"),
    ("10" + "A" * 21, Gs1Reason.WRONG_LENGTH, "10", "long"),
    ("80189520000000000000021", Gs1Reason.WRONG_LENGTH, "8018", "long"),
    ("0109506000134353", Gs1Reason.WRONG_CHECK_DIGIT, "01", ""),
    ("8018952000000000000003", Gs1Reason.WRONG_CHECK_DIGIT, "8018", ""),
    ("10AB CD", Gs1Reason.WRONG_CHARACTER, "10", ""),
    ("10ABé", Gs1Reason.WRONG_CHARACTER, "10", ""),
    ("10AB^", Gs1Reason.WRONG_CHARACTER, "10", ""),
    ("01٠9506000134352", Gs1Reason.WRONG_CHARACTER, "01", ""),
    ("17261301", Gs1Reason.BAD_DATE, "17", ""),
    ("17270229", Gs1Reason.BAD_DATE, "17", ""),
    ("7003261231240000", Gs1Reason.WRONG_LENGTH, "7003", "long"),
    ("70032612312400", Gs1Reason.BAD_TIME, "7003", ""),
    ("4261234", Gs1Reason.WRONG_LENGTH, "426", "long"),
    ("426987", Gs1Reason.BAD_VALUE, "426", "country"),
]


@pytest.mark.parametrize(("text", "reason", "ai", "detail"), FAULTS)
def test_a_bad_text_says_what_is_wrong_and_where(text: str, reason: Gs1Reason, ai: str, detail: str) -> None:
    assert parse_elements(text) == Gs1Fault(reason=reason, ai=ai, detail=detail)


def test_what_is_left_over_behind_a_fixed_length_is_no_identifier() -> None:
    assert parse_elements("01095060001343522") == Gs1Fault(reason=Gs1Reason.UNKNOWN_AI)


def test_a_day_may_be_left_open_where_the_identifier_allows_it() -> None:
    assert isinstance(parse_elements("010950600013435217260200"), ElementString)
    assert parse_elements("01095060001343527006260200") == Gs1Fault(reason=Gs1Reason.BAD_DATE, ai="7006")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("81110500", Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="8111")),
        ("0209506000134352", Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="02")),
        ("21XYZ", Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="21")),
        (f"10AB{GS}10AC", Gs1Fault(reason=Gs1Reason.REPEATED_AI, ai="10")),
        (
            f"0109506000134352255{'9520000000004123'}",
            Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai="01", detail="255"),
        ),
    ],
)
def test_rules_between_elements_hold_unless_the_caller_waives_them(text: str, fault: Gs1Fault) -> None:
    assert parse_elements(text) == fault
    assert isinstance(parse_elements(text, associations=False), ElementString)


def test_elements_of_the_items_other_symbols_are_companions() -> None:
    beside = (Element(ai="01", value="09506000134352"),)
    assert parse_elements("21XYZ", beside=beside) == pairs(("21", "XYZ"))
    assert parse_bracketed("(21)XYZ", beside=beside) == pairs(("21", "XYZ"))
    assert parse_elements("2559520000000004123", beside=beside) == Gs1Fault(
        reason=Gs1Reason.FORBIDDEN_PAIR, ai="255", detail="01"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(01)09506000134352(10)AB", pairs(("01", "09506000134352"), ("10", "AB"))),
        (r"(01)09506000134352(10)A\(B)", pairs(("01", "09506000134352"), ("10", "A(B)"))),
        (r"(01)09506000134352(10)\(10)\((21)1", pairs(("01", "09506000134352"), ("10", "(10)("), ("21", "1"))),
    ],
)
def test_brackets_are_read_and_written_again(text: str, message: ElementString) -> None:
    assert parse_bracketed(text) == message
    assert message.bracketed() == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Gs1Fault(reason=Gs1Reason.EMPTY)),
        ("0109506000134352", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        (" (01)09506000134352", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        ("(01", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        ("()", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        ("(1)2", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        ("(01234)2", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        ("(1٠)2", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        ("(99)A(B)C", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        ("(99)A(98", Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)),
        ("(01)", Gs1Fault(reason=Gs1Reason.WRONG_LENGTH, ai="01", detail="short")),
        ("(99)(98)X", Gs1Fault(reason=Gs1Reason.WRONG_LENGTH, ai="99", detail="short")),
        ("(89)X", Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai="89")),
        ("(99)A\x1d98B", Gs1Fault(reason=Gs1Reason.WRONG_CHARACTER, ai="99")),
        ("(01)09506000134353", Gs1Fault(reason=Gs1Reason.WRONG_CHECK_DIGIT, ai="01")),
        ("(01)095060001343521", Gs1Fault(reason=Gs1Reason.WRONG_LENGTH, ai="01", detail="long")),
        ("(21)XYZ", Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="21")),
    ],
)
def test_bad_bracketed_text_says_what_is_wrong(text: str, fault: Gs1Fault) -> None:
    assert parse_bracketed(text) == fault


def test_values_are_got_by_identifier() -> None:
    message = pairs(("7230", "EM123"), ("7231", "EM456"), ("7230", "EM123"))
    assert message.get("7231") == "EM456"
    assert message.get("72") is None


def test_what_was_read_shows_no_value_in_logs() -> None:
    assert "952000" not in repr(pairs(("8018", "952000000000000002")))
    assert "952000" not in repr(Element(ai="8018", value="952000000000000002"))


@given(messages())
def test_what_is_encoded_is_read_back(elements: tuple[Element, ...]) -> None:
    message = ElementString(elements=elements)
    assert parse_elements(encoded(message), associations=False) == message
    assert parse_bracketed(message.bracketed(), associations=False) == message


@given(messages(), st.integers(0, 200), st.characters())
def test_no_change_makes_it_raise_or_shows_a_value_in_a_fault(
    elements: tuple[Element, ...], at: int, char: str
) -> None:
    text = encoded(ElementString(elements=elements))
    for changed in (text[: at % len(text)] + char + text[at % len(text) + 1 :], text[at % len(text) :]):
        read = parse_elements(changed)
        assert isinstance(read, ElementString) or read.ai in {*IDENTIFIERS, ""} or len(read.ai) == 2


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    for read in (parse_elements(text), parse_bracketed(text), parse_bracketed("(10)" + text)):
        assert isinstance(read, ElementString | Gs1Fault)


@pytest.mark.parametrize("text", ["99A\x1d" * 1024, "(99)A" * 820, r"(99)\(" * 680, "(" * 4096, "\x1d" * 4096])
def test_a_full_frame_is_read_to_its_end(text: str) -> None:
    for read in (parse_elements(text), parse_bracketed(text)):
        assert isinstance(read, ElementString | Gs1Fault)


@pytest.mark.parametrize(
    ("ai", "fault_ai"), [("89", "89"), ("8999", "8999"), ("1", "1"), ("12345", ""), ("", ""), ("٠١", ""), ("ab", "")]
)
def test_an_unknown_identifier_is_named_only_if_it_could_be_one(ai: str, fault_ai: str) -> None:
    assert check_element(ai, "1") == Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai=fault_ai)
