from __future__ import annotations

from pathlib import Path

import pytest

from hq.history.mapping import InvoiceRestart, ReceiptMapping
from hq.history.mapping_reader import parse_mapping, read_mapping, shipped_mappings
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rounding
from loyalty.reading.problems import BadFile

GOOD = """\
format = 1
name = "Plain"

[columns]
invoice = "invoice"
item = "item"
quantity = "quantity"
timestamp = "at"
unit_price = "price"
customer = "customer"

[time]
format = "%d.%m.%Y %H:%M"
zone = "Asia/Baku"

[money]
currency = "AZN"
scale = 2

[cancellation]
invoice_prefix = "C"
"""


def _problems(text: str) -> list[str]:
    with pytest.raises(BadFile) as caught:
        parse_mapping(text, "shop.toml")
    assert caught.value.name == "shop.toml"
    return [f"{problem.line}: {problem.key}: {problem.fault}" for problem in caught.value.problems]


def test_the_shipped_mappings_read_and_have_names_of_their_own() -> None:
    assert [mapping.name for mapping in shipped_mappings()] == ["Generated receipts", "Online Retail II"]


@pytest.mark.parametrize(
    "item",
    [
        "POST",
        "DOT",
        "C2",
        "C3",
        "M",
        "m",
        "D",
        "S",
        "B",
        "BANK CHARGES",
        "ADJUST",
        "ADJUST2",
        "AMAZONFEE",
        "TEST001",
        "TEST002",
        "GIFT",
        "gift_0001_20",
        "gift_0001_90",
    ],
)
def test_online_retail_knows_what_is_not_goods(online_retail: ReceiptMapping, item: str) -> None:
    assert online_retail.not_goods.matches(item)


@pytest.mark.parametrize("item", ["PADS", "DCGS0058", "DCGSSGIRL", "SP1002", "85123A", "21232", "gift", "C", "post"])
def test_online_retail_takes_all_else_for_goods(online_retail: ReceiptMapping, item: str) -> None:
    assert not online_retail.not_goods.matches(item)


def test_online_retail_reads_pounds_on_londons_clock(online_retail: ReceiptMapping) -> None:
    assert online_retail.zone.key == "Europe/London"
    assert online_retail.currency == Currency(code="GBP", scale=2)
    assert online_retail.rounding is Rounding.HALF_UP


def test_defaults_are_a_comma_utf_8_a_point_and_half_up() -> None:
    mapping = parse_mapping(GOOD, "shop.toml")
    assert (mapping.file.delimiter, mapping.file.encoding, mapping.file.decimal_separator) == (",", "utf-8", ".")
    assert mapping.rounding is Rounding.HALF_UP
    assert mapping.not_goods.category == "not-goods"


def test_comments_and_the_name_do_not_change_the_digest_and_everything_else_does() -> None:
    same = parse_mapping("# mine\n" + GOOD.replace("Plain", "Mine"), "x.toml")
    other = parse_mapping(GOOD.replace("Asia/Baku", "Asia/Yerevan"), "x.toml")
    mapping = parse_mapping(GOOD, "shop.toml")
    assert mapping.digest() == same.digest() != other.digest()


def test_the_digest_does_not_depend_on_the_run() -> None:
    patterns = GOOD + '[not_goods]\nitems = ["b", "a", "c"]\n'
    swapped = GOOD + '[not_goods]\nitems = ["c", "b", "a"]\n'
    assert parse_mapping(patterns, "x").digest() == parse_mapping(swapped, "x").digest()


def test_invoice_numbers_restart_never_or_daily_and_the_digest_tells() -> None:
    never, daily = (parse_mapping(GOOD + f'[invoices]\nrestart = "{word}"\n', "x") for word in ("never", "daily"))
    assert (never.restart, daily.restart) == (InvoiceRestart.NEVER, InvoiceRestart.DAILY)
    assert parse_mapping(GOOD, "x").digest() == never.digest() != daily.digest()
    assert _problems(GOOD + '[invoices]\nrestart = "weekly"\n') == [
        "23: invoices.restart: expected one of never, daily"
    ]


def test_an_unknown_key_names_file_line_and_the_nearest_known_key() -> None:
    assert _problems(GOOD.replace("invoice_prefix", "invoice_prefx")) == [
        "20: cancellation: expected exactly one of invoice_prefix, negative_quantity = true, or column with values",
        '21: cancellation.invoice_prefx: unknown key; did you mean "invoice_prefix"?',
    ]


def test_every_problem_is_told_at_once_in_the_order_of_the_lines() -> None:
    text = (
        GOOD.replace('quantity = "quantity"\n', "")
        .replace("Asia/Baku", "Mars/Olympus")
        .replace("scale = 2", "scale = 7")
    )
    assert _problems(text) == [
        "4: columns.quantity: is missing; expected a text",
        "13: time.zone: is no time zone; expected an IANA name, as Asia/Baku",
        "17: money.scale: expected a whole number from 0 to 6",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('unit_price = "price"', 'description = "price"', "columns.unit_price: is missing; expected a column for"),
        ('item = "item"', 'item = "invoice"', "columns.item: names the same column as invoice"),
        ("%d.%m.%Y %H:%M", "%d %B %Y %H:%M", "time.format: %B is not known; expected digits"),
        ("%d.%m.%Y %H:%M", "%d.%m.%Y", "time.format: expected year, month, day, hour and minute"),
        ('"AZN"', '"manat"', "money.currency: expected three capital letters"),
        (
            "scale = 2",
            'scale = 2\nrounding = "up"',
            "money.rounding: expected one of floor, ceiling, half_up, half_down, half_even",
        ),
        ('invoice_prefix = "C"', 'column = "kind"', "cancellation.values: expected together with column"),
        (
            'invoice_prefix = "C"',
            'invoice_prefix = "C"\nnegative_quantity = true',
            "cancellation: expected exactly one of",
        ),
        (
            'invoice_prefix = "C"',
            'negative_quantity = true\nquantity = "positive"',
            "cancellation.quantity: expected neg",
        ),
        ("[columns]", '[file]\ndelimiter = "||"\n[columns]', "file.delimiter: expected a text of 1 to 1 characters"),
        ("[columns]", '[file]\nencoding = "klingon"\n[columns]', "file.encoding: expected the name of a text encoding"),
        ("[columns]", '[file]\ndecimal_separator = ";"\n[columns]', 'file.decimal_separator: expected "." or ","'),
        ("[time]", '[not_goods]\npatterns = ["("]\n[time]', "not_goods.patterns: has no regular expression"),
        ("format = 1", "format = 2", "format: expected a whole number from 1 to 1"),
    ],
)
def test_a_wrong_value_says_what_was_expected(old: str, new: str, problem: str) -> None:
    assert any(problem in line for line in _problems(GOOD.replace(old, new, 1)))


def test_what_is_not_toml_names_the_line() -> None:
    (problem,) = _problems("format = 1\nname = \n")
    assert problem.startswith("2: : not TOML: ")


def test_a_mapping_that_is_not_there_is_a_bad_file(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"cannot be read: .*; expected a TOML file"):
        read_mapping(tmp_path / "none.toml")


def test_a_mapping_in_another_encoding_is_a_bad_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(BadFile, match="expected text in UTF-8"):
        read_mapping(path)


def test_a_byte_order_mark_before_a_mapping_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert read_mapping(path) == parse_mapping(GOOD, "shop.toml")
