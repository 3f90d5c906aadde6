"""Which texts of a device that swipes and scans are swipes."""

import pytest

from drivers.scanners.cards import CardRange
from drivers.scanners.decoding.classify import classify
from drivers.scanners.decoding.reading import Kind
from drivers.scanners.decoding.settings import DecodingSettings
from drivers.scanners.decoding.swipes import as_swiped
from drivers.scanners.gate import DeviceKind, Gate
from drivers.scanners.symbols import Medium, Symbol

OWN = CardRange(prefix="2100", min_length=13, max_length=13)
SETTINGS = DecodingSettings(country="KZ", ranges=(OWN,))


@pytest.mark.parametrize(
    "text",
    [
        "%B2100000000012^MEMBER/A^2512?;2100000000012=2512?",
        ";2100000000012?",
        "%E?;E?",
        "2100000000012",
        "2100000000012=2512",
        "12345=1234",
        "B2100000000012^MEMBER/A^2512",
        "B2100000000012^MEMBER/A^2512\r2100000000012=2512",
        "87071234567",
    ],
)
def test_a_track_with_its_sentinels_or_without_is_a_swipe(text: str) -> None:
    assert as_swiped(Symbol(text=text)) == Symbol(text=text, medium=Medium.SWIPE)


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        (Symbol(aim="]E0", text="5901234123457"), Kind.ITEM),
        (Symbol(aim="]C1", text="8018952012345678912345"), Kind.MEMBER),
        (Symbol(aim="]Q1", text="https://id.example.com/8018/952012345678912345"), Kind.MEMBER),
        (Symbol(aim="]C0", text="2100000000012"), Kind.MEMBER),
        (Symbol(text="LTM1" + "AHELM4AFGIYTAMBQ" * 9), Kind.MEMBER),
        (Symbol(text="https://id.example.com/01/05901234123457"), Kind.ITEM),
        (Symbol(text="0105901234123457^10ABC"), Kind.ITEM),
        (Symbol(text="LOY-0042"), Kind.UNKNOWN),
    ],
)
def test_what_a_combined_reader_scans_is_read_like_any_code(symbol: Symbol, kind: Kind) -> None:
    device = DeviceKind.MAGSTRIPE
    admitted = Gate(device="d", kind=device, ranges=SETTINGS.ranges).admit(symbol)
    assert admitted is symbol
    assert as_swiped(symbol) is symbol
    assert classify(symbol, SETTINGS, device).kind is kind
