"""Digital Links of any host are read; other web addresses and broken links say why; anything else is no link."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.gs1.elements import Element, ElementString, Gs1Fault, Gs1Reason
from drivers.scanners.gs1.links import parse_link

GTIN = "09506000134352"
GSRN = "952000000000000002"


def pairs(*found: tuple[str, str]) -> ElementString:
    return ElementString(elements=tuple(Element(ai=ai, value=value) for ai, value in found))


@pytest.mark.parametrize(
    "host",
    [
        "id.gs1.org",
        "example.com",
        "a",
        "a.",
        "xn--fsq.xn--0zwm56d",
        "1.2.3.4",
        "shop_1.example.am:65535",
        "[2001:db8::1]",
        "[2001:db8::1]:443",
        "shop:",
        "user:x@shop",
        "%C3%A9.example",
    ],
)
@pytest.mark.parametrize("stem", ["", "/stem", "/a/b/c", "/01", "/8018", "/01/x", "/2026/11/28"])
@pytest.mark.parametrize("scheme", ["https", "HTTPS", "http", "HTTP", "Https"])
def test_any_scheme_host_and_stem_will_do(scheme: str, host: str, stem: str) -> None:
    assert parse_link(f"{scheme}://{host}{stem}/01/{GTIN}/10/AB") == pairs(("01", GTIN), ("10", "AB"))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"01/{GTIN}", pairs(("01", GTIN))),
        (f"01/{GTIN}/22/2A/10/AB/21/X", pairs(("01", GTIN), ("22", "2A"), ("10", "AB"), ("21", "X"))),
        (f"01/{GTIN}/22/2A/21/X", pairs(("01", GTIN), ("22", "2A"), ("21", "X"))),
        (f"01/{GTIN}/235/TPX", pairs(("01", GTIN), ("235", "TPX"))),
        (f"8018/{GSRN}", pairs(("8018", GSRN))),
        (f"8018/{GSRN}/8019/12", pairs(("8018", GSRN), ("8019", "12"))),
        (f"8017/{GSRN}/8019/12", pairs(("8017", GSRN), ("8019", "12"))),
        ("255/9520000000004123", pairs(("255", "9520000000004123"))),
        ("414/9520000000004/254/32a%2Fb", pairs(("414", "9520000000004"), ("254", "32a/b"))),
        ("415/9520000000004/8020/R-1", pairs(("415", "9520000000004"), ("8020", "R-1"))),
        ("417/9520000000004/7040/1ABC", pairs(("417", "9520000000004"), ("7040", "1ABC"))),
        ("8004/9520614141234567/7040/1ABC", pairs(("8004", "9520614141234567"), ("7040", "1ABC"))),
        ("8010/9520%23A/8011/7", pairs(("8010", "9520#A"), ("8011", "7"))),
        (f"8006/{GTIN}0102/10/AB", pairs(("8006", f"{GTIN}0102"), ("10", "AB"))),
        (f"01/{GTIN}/10/A+B", pairs(("01", GTIN), ("10", "A+B"))),
        (f"01/{GTIN}/10/%41%2b", pairs(("01", GTIN), ("10", "A+"))),
        (f"01/{GTIN}/10/00", pairs(("01", GTIN), ("10", "00"))),
    ],
)
def test_keys_and_their_qualifiers_are_read(path: str, message: ElementString) -> None:
    assert parse_link(f"https://id.gs1.org/{path}") == message


@pytest.mark.parametrize(
    ("query", "attributes"),
    [
        ("17=261231", [("17", "261231")]),
        ("17=261231&3103=000195", [("17", "261231"), ("3103", "000195")]),
        ("&&17=261231&&", [("17", "261231")]),
        ("linkType=gs1:pip&17=261231&lang=hy", [("17", "261231")]),
        ("17", []),
        ("flag&=x", []),
        ("99=A%26B%3DC", [("99", "A&B=C")]),
        ("99=A=B", [("99", "A=B")]),
        ("99=A/B?C", [("99", "A/B?C")]),
        ("", []),
    ],
)
@pytest.mark.parametrize("fragment", ["", "#", "#part?17=1&8018=2"])
def test_attributes_are_read_and_other_words_and_the_fragment_are_not(
    query: str, attributes: list[tuple[str, str]], fragment: str
) -> None:
    assert parse_link(f"https://id.gs1.org/01/{GTIN}?{query}{fragment}") == pairs(("01", GTIN), *attributes)


def test_a_lot_may_stand_in_the_query_where_the_path_has_no_place_for_it() -> None:
    assert parse_link(f"https://a/01/{GTIN}/235/X?10=AB") == pairs(("01", GTIN), ("235", "X"), ("10", "AB"))
    assert parse_link("https://a/00/952012345678912345?02=09506000134352&37=2&10=AB") == pairs(
        ("00", "952012345678912345"), ("02", "09506000134352"), ("37", "2"), ("10", "AB")
    )


REST = base64.urlsafe_b64encode(bytes.fromhex("17CB3A10E5A2B4")).decode().rstrip("=")
"""A date (17) and a lot (10) as release 1.1 of the standard writes them behind a key: identifiers as hexadecimal, values in bits."""


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        ("/", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        ("/promo/autumn?99=A", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        ("/01", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        (f"/gtin/{GTIN}", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        (f"/01/{GTIN}/", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        (f"/01/{GTIN}/buy", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        (f"/01/{GTIN}/ser/X", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        ("/10/AB", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        ("/17/261231", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        ("/01/", Gs1Fault(reason=Gs1Reason.WRONG_LENGTH, ai="01", detail="short")),
        ("/01/9506000134352", Gs1Fault(reason=Gs1Reason.WRONG_LENGTH, ai="01", detail="short")),
        ("/01/09506000134353", Gs1Fault(reason=Gs1Reason.WRONG_CHECK_DIGIT, ai="01")),
        (f"/01/{GTIN}/10/A%20B", Gs1Fault(reason=Gs1Reason.WRONG_CHARACTER, ai="10")),
        (f"/01/{GTIN}/10/%C3%A9", Gs1Fault(reason=Gs1Reason.WRONG_CHARACTER, ai="10")),
        (f"/01/{GTIN}/10/%1D21X", Gs1Fault(reason=Gs1Reason.WRONG_CHARACTER, ai="10")),
        (f"/01/{GTIN}/10/A~", Gs1Fault(reason=Gs1Reason.WRONG_CHARACTER, ai="10")),
        (f"/01/{GTIN}?99=A+B", Gs1Fault(reason=Gs1Reason.WRONG_CHARACTER, ai="99")),
        (f"/01/{GTIN}/21/X/10/AB", Gs1Fault(reason=Gs1Reason.KEY_ORDER, ai="01")),
        (f"/01/{GTIN}/10/AB/10/AB", Gs1Fault(reason=Gs1Reason.KEY_ORDER, ai="01")),
        (f"/01/{GTIN}/10/AB/235/X", Gs1Fault(reason=Gs1Reason.KEY_ORDER, ai="01")),
        (f"/01/{GTIN}/8019/1", Gs1Fault(reason=Gs1Reason.KEY_ORDER, ai="01")),
        (f"/8018/{GSRN}/10/AB", Gs1Fault(reason=Gs1Reason.KEY_ORDER, ai="8018")),
        (f"/8018/{GSRN}/17/261231", Gs1Fault(reason=Gs1Reason.KEY_ORDER, ai="8018")),
        (f"/01/{GTIN}?10=AB", Gs1Fault(reason=Gs1Reason.NOT_IN_QUERY, ai="10")),
        (f"/01/{GTIN}/22/2A?10=AB", Gs1Fault(reason=Gs1Reason.NOT_IN_QUERY, ai="10")),
        (f"/01/{GTIN}?21=X", Gs1Fault(reason=Gs1Reason.NOT_IN_QUERY, ai="21")),
        (f"/01/{GTIN}?8200=X", Gs1Fault(reason=Gs1Reason.NOT_IN_QUERY, ai="8200")),
        (f"/8018/{GSRN}?8019=1", Gs1Fault(reason=Gs1Reason.NOT_IN_QUERY, ai="8019")),
        (f"/01/{GTIN}?999=X", Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai="999")),
        (f"/01/{GTIN}?8999=X", Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai="8999")),
        (f"/01/{GTIN}?12345=X", Gs1Fault(reason=Gs1Reason.UNKNOWN_AI)),
        (f"/01/{GTIN}/22/A/10/B/21/C?10=B", Gs1Fault(reason=Gs1Reason.NOT_IN_QUERY, ai="10")),
        (f"/01/{GTIN}?1=X", Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai="1")),
        (f"/01/{GTIN}?401200206001=X", Gs1Fault(reason=Gs1Reason.UNKNOWN_AI)),
        (f"/01/{GTIN}?99=A&99=B", Gs1Fault(reason=Gs1Reason.REPEATED_AI, ai="99")),
        (f"/01/{GTIN}?99=A&99=A", Gs1Fault(reason=Gs1Reason.REPEATED_AI, ai="99")),
        (f"/01/{GTIN}?01={GTIN}", Gs1Fault(reason=Gs1Reason.REPEATED_AI, ai="01")),
        (f"/01/{GTIN}?17=", Gs1Fault(reason=Gs1Reason.WRONG_LENGTH, ai="17", detail="short")),
        (f"/01/{GTIN}?17=261301", Gs1Fault(reason=Gs1Reason.BAD_DATE, ai="17")),
        (f"/01/{GTIN}?37=2", Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai="01", detail="37")),
        (f"/01/{GTIN}?8111=0500", Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai="8111")),
        ("/AN2yxDhfaiaw", Gs1Fault(reason=Gs1Reason.COMPRESSED)),
        ("/stem/DBHKVAdpQgqrCZBQhB?17=1", Gs1Fault(reason=Gs1Reason.COMPRESSED)),
        (f"/01/{GTIN}/{REST}", Gs1Fault(reason=Gs1Reason.COMPRESSED)),
        (f"/stem/01/{GTIN}/{REST}?99=A", Gs1Fault(reason=Gs1Reason.COMPRESSED)),
        (f"/8018/952012345678912345/{REST}", Gs1Fault(reason=Gs1Reason.COMPRESSED)),
        (f"/01/{GTIN}/reviews", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        (f"/01/{GTIN}/about us".replace(" ", "%20"), Gs1Fault(reason=Gs1Reason.NO_KEY)),
        (f"/01/{GTIN[:-1]}{(int(GTIN[-1]) + 1) % 10}/{REST}", Gs1Fault(reason=Gs1Reason.NO_KEY)),
        (f"/10/ABC/{REST}", Gs1Fault(reason=Gs1Reason.NO_KEY)),
    ],
)
def test_what_is_no_good_link_says_why(path: str, fault: Gs1Fault) -> None:
    assert parse_link(f"https://example.com{path}") == fault


@pytest.mark.parametrize(
    "uri",
    [
        "https://",
        "https:///01/09506000134352",
        "https://a b/01/09506000134352",
        "https://a:65536/01/09506000134352",
        "https://a:123456/01/09506000134352",
        "https://a:1x/01/09506000134352",
        "https://[2001:db8::1/01/09506000134352",
        "https://[2001:db8::1]x/01/09506000134352",
        "https://[]/01/09506000134352",
        "https://a@b@c/01/09506000134352",
        "https://.a/01/09506000134352",
        "https://a..b/01/09506000134352",
        "https://./01/09506000134352",
        "https://example.com/01/09506000134352/10/%4",
        "https://example.com/01/09506000134352/10/%zz",
        "https://example.com/01/09506000134352\n",
        "https://example.com/01/09506000134352 ",
        "https://example.com/01/09506000134352?99=^",
        "https://example.com/01/09506000134352#a#b",
        "https://example.com/01/09506000134352?99=é",
        "https://exаmple.com/01/09506000134352",
        "https://example.com\\01\\09506000134352",
    ],
)
def test_what_no_uri_may_hold_is_refused(uri: str) -> None:
    assert parse_link(uri) == Gs1Fault(reason=Gs1Reason.BAD_URI)


@pytest.mark.parametrize(
    "text",
    ["", "https", "https:/a/01/09506000134352", "httpſ://a/01/09506000134352", "ftp://a/01/09506000134352",
     " https://a/01/09506000134352", "id.gs1.org/01/09506000134352", "(01)09506000134352", "8018" + GSRN],
)  # fmt: skip
def test_what_is_no_web_address_is_no_link(text: str) -> None:
    assert parse_link(text) is None


@pytest.mark.parametrize("number", ["96385074", "036000291452", "4006381333931"])
def test_short_item_numbers_are_no_keys(number: str) -> None:
    link = f"https://example.com/01/{number}/10/12345678"
    assert parse_link(link) == Gs1Fault(reason=Gs1Reason.WRONG_LENGTH, ai="01", detail="short")


ESCAPED = st.text("!\"%&'()*+,-./:;<=>?ABCabc019_", min_size=1, max_size=20)


def escape(value: str) -> str:
    return "".join(char if char.isalnum() else f"%{ord(char):02X}" for char in value)


@given(lot=ESCAPED, serial=ESCAPED, note=ESCAPED)
def test_what_is_written_is_read_back(lot: str, serial: str, note: str) -> None:
    link = f"https://example.com/01/{GTIN}/10/{escape(lot)}/21/{escape(serial)}?99={escape(note)}"
    assert parse_link(link) == pairs(("01", GTIN), ("10", lot), ("21", serial), ("99", note))


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    for link in (
        text,
        f"https://{text}",
        f"https://a/{text}",
        f"https://a/01/{GTIN}{text}",
        f"https://a/01/{GTIN}?{text}",
    ):
        assert parse_link(link) is None or isinstance(parse_link(link), ElementString | Gs1Fault)


@pytest.mark.parametrize("part", ["/01", "a", "a@", "%41", "%4", "&99=1", "?", "/", "[", ":1", "#"])
def test_a_full_frame_is_read_to_its_end(part: str) -> None:
    for start in ("https://", "https://a/", f"https://a/01/{GTIN}?"):
        text = (start + part * 4096)[:4096]
        assert isinstance(parse_link(text), ElementString | Gs1Fault)
