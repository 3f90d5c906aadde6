"""A fiscal receipt's code gives date, total and number of its document."""

import pytest

from drivers.scanners.decoding.fiscal import SHIPPED, ReceiptRead, ReceiptTemplate, read_receipt

RUSSIAN = "t=20200101T1200&s=100.00&fn=9999078900004792&i=12345&fp=2918241905&n=1"
KAZAKH = "http://consumer.oofd.kz?i=1734974179&f=010100465991&s=13507.0&t=20210922T224125"


def test_a_russian_receipt() -> None:
    assert read_receipt(RUSSIAN, SHIPPED) == ReceiptRead(
        value="ru:9999078900004792:12345:2918241905",
        fields={
            "template": "ru",
            "date": "2020-01-01T12:00",
            "total": "100.00",
            "number": "12345",
            "fn": "9999078900004792",
            "i": "12345",
            "fp": "2918241905",
            "operation": "1",
        },
    )


def test_a_kazakh_receipt() -> None:
    assert read_receipt(KAZAKH, SHIPPED) == ReceiptRead(
        value="kz:010100465991:1734974179",
        fields={
            "template": "kz",
            "date": "2021-09-22T22:41:25",
            "total": "13507.00",
            "number": "1734974179",
            "f": "010100465991",
            "i": "1734974179",
        },
    )


@pytest.mark.parametrize(
    "text",
    [
        "https://consumer.oofd.kz/?i=1&f=2&s=3&t=20210922T224125",
        "HTTPS://OFD.beeline.kz/t/?i=739826471308&f=010102493800&s=1000.0&t=20240111T192925",
        "https://app.kassa.wipon.kz/consumer?i=123&f=456&s=100&t=20260101T120000",
        "http://consumer.oofd.kz:80/x?t=20210922T224125&s=3&i=1&f=2&lang=kk#top",
        RUSSIAN.replace("T1200", "T120059"),
        "n=1&fp=1&i=1&fn=1&s=0.5&t=2020-01-01T12:00",
        RUSSIAN.replace("&n=1", ""),
        RUSSIAN.replace("100.00", "100,00"),
    ],
)
def test_receipts_are_written_in_several_ways(text: str) -> None:
    assert isinstance(read_receipt(text, SHIPPED), ReceiptRead)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RUSSIAN.replace("20200101", "20200231"), "receipt_date"),
        (RUSSIAN.replace("T1200", "T2460"), "receipt_date"),
        (RUSSIAN.replace("T1200", ""), "receipt_date"),
        (RUSSIAN.replace("100.00", "100.000"), "receipt_total"),
        (RUSSIAN.replace("100.00", "-100"), "receipt_total"),
        (RUSSIAN.replace("i=12345", "i=1 2"), "receipt_number"),
        (KAZAKH.replace("f=010100465991", "f=%D0%96"), "receipt_number"),
    ],
)
def test_a_receipt_with_a_part_that_cannot_be_read_says_which(text: str, fault: str) -> None:
    assert read_receipt(text, SHIPPED) == fault


@pytest.mark.parametrize(
    "text",
    [
        "",
        "t=20200101T1200&s=100.00",
        RUSSIAN + "&i=2",
        RUSSIAN.replace("&", "&&"),
        f"https://example.com/?{RUSSIAN}",
        KAZAKH.replace("oofd.kz", "oofd.kz.example.com"),
        KAZAKH.replace("consumer.oofd.kz", "notoofd.kz"),
        KAZAKH.replace("http:", "ftp:"),
        "i=1&f=2&s=3&t=20210922T224125",
        "x=" + "1" * 2_000,
    ],
)
def test_other_codes_are_no_receipts(text: str) -> None:
    assert read_receipt(text, SHIPPED) is None


def test_a_merchant_may_add_a_country() -> None:
    template = ReceiptTemplate(
        name="ex", hosts=("check.example.com",), date="d", total="sum", number="no", identity=("reg", "no")
    )
    read = read_receipt("https://check.example.com/r?d=20260301120000&sum=5&no=7&reg=A-1", (template, *SHIPPED))
    assert read == ReceiptRead(
        value="ex:A-1:7",
        fields={
            "template": "ex",
            "date": "2026-03-01T12:00:00",
            "total": "5.00",
            "number": "7",
            "reg": "A-1",
            "no": "7",
        },
    )


def test_a_template_without_an_identity_is_refused() -> None:
    with pytest.raises(ValueError, match="identifies a document"):
        ReceiptTemplate(name="ex", date="d", total="s", number="n", identity=())
