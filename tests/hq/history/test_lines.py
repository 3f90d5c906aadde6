from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hq.history.errors import ReceiptFileError
from hq.history.lines import DirtyRow, ReceiptLine, read_lines
from hq.history.mapping import ReceiptMapping
from hq.history.mapping_reader import parse_mapping
from hq.history.reasons import DirtyReason, LineClass

HEADER = "invoice,item,description,quantity,at,price,customer"
GOOD = "1,A,Tea,2,2010-01-05 10:00,1.25,K1"
RICH = """
format = 1
name = "Rich"
[file]
delimiter = ";"
decimal_separator = ","
[columns]
invoice = "no"
item = "sku"
quantity = "qty"
timestamp = "at"
unit_price = "price"
amount = "paid"
customer = "card"
category = "group"
tax = "vat"
[time]
format = "%d.%m.%Y %H:%M%z"
zone = "Asia/Yerevan"
[money]
currency = "AMD"
scale = 0
[cancellation]
column = "kind"
values = ["return"]
quantity = "positive"
[not_goods]
patterns = ["SRV[0-9]+"]
"""


def _read(tmp_path: Path, mapping: ReceiptMapping, *rows: str, header: str = HEADER) -> list[ReceiptLine | DirtyRow]:
    path = tmp_path / "receipts.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8", newline="")
    return list(read_lines(path, mapping))


def _us(*parts: int) -> int:
    return int((datetime(*parts, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000  # type: ignore[arg-type,misc]


def test_a_sale_line_is_read_whole(tmp_path: Path, mapping: ReceiptMapping) -> None:
    assert _read(tmp_path, mapping, "489434 , 85048,Xmas,12,2010-06-01 07:45,6.95,13085") == [
        ReceiptLine(
            row=2,
            line_class=LineClass.SALE_LINE,
            invoice="489434",
            day=0,
            customer="13085",
            item="85048",
            description="Xmas",
            category=None,
            quantity_milli=12_000,
            amount_minor=8_340,
            tax_minor=None,
            at_us=_us(2010, 6, 1, 6, 45),
            utc_offset_s=3600,
        )
    ]


def test_where_numbers_restart_daily_a_line_names_its_date_on_the_shops_clock(
    tmp_path: Path, daily: ReceiptMapping
) -> None:
    zoned = replace(daily, timestamp_format="%Y-%m-%d %H:%M%z")
    (late,) = _read(tmp_path, daily, "1,A,Tea,2,2010-06-05 23:59,1.25,K1")
    (written_elsewhere,) = _read(tmp_path, zoned, "1,A,Tea,2,2010-06-06 02:59+0400,1.25,K1")
    assert isinstance(late, ReceiptLine)
    assert isinstance(written_elsewhere, ReceiptLine)
    assert late.day == written_elsewhere.day == date(2010, 6, 5).toordinal()


@pytest.mark.parametrize(
    ("row", "line_class"),
    [
        ("1,A,Tea,2,2010-01-05 10:00,1.25,K1", LineClass.SALE_LINE),
        ("1,A,Tea,2,2010-01-05 10:00,1.25,", LineClass.ANONYMOUS_SALE_LINE),
        ("1,A,Tea,2,2010-01-05 10:00,1.25,  ", LineClass.ANONYMOUS_SALE_LINE),
        ("C1,A,Tea,-2,2010-01-05 10:00,1.25,K1", LineClass.CANCELLED_LINE),
    ],
)
def test_a_good_row_has_one_class(tmp_path: Path, mapping: ReceiptMapping, row: str, line_class: LineClass) -> None:
    (line,) = _read(tmp_path, mapping, row)
    assert isinstance(line, ReceiptLine)
    assert line.line_class is line_class
    assert (line.quantity_milli, line.amount_minor) == (2_000, 250)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("", DirtyReason.EMPTY_ROW),
        (",,,,,,", DirtyReason.MISSING_INVOICE),
        (" , ", DirtyReason.EMPTY_ROW),
        ("1,A,Tea,2,2010-01-05 10:00,1.25", DirtyReason.TOO_FEW_COLUMNS),
        ("1,A,Tea,2,2010-01-05 10:00,1.25,K1,extra", DirtyReason.TOO_MANY_COLUMNS),
        (" ,A,Tea,2,2010-01-05 10:00,1.25,K1", DirtyReason.MISSING_INVOICE),
        ("1,,Tea,2,2010-01-05 10:00,1.25,K1", DirtyReason.MISSING_ITEM),
        (f"1,{'A' * 201},Tea,2,2010-01-05 10:00,1.25,K1", DirtyReason.CELL_TOO_LONG),
        ("1,A\0,Tea,2,2010-01-05 10:00,1.25,K1", DirtyReason.CELL_WITH_NUL),
        ("1\0,A,Tea,2,2010-01-05 10:00,1.25,K1", DirtyReason.CELL_WITH_NUL),
        ("1,A,Tea,2,2010-01-05 10:00,1.25,K\0", DirtyReason.CELL_WITH_NUL),
        ("1,A,Tea,2,2010-13-05 10:00,1.25,K1", DirtyReason.BAD_TIMESTAMP),
        ("1,A,Tea,2,2010-01-05,1.25,K1", DirtyReason.BAD_TIMESTAMP),
        ("1,A,Tea,2,0001-01-01 00:00,1.25,K1", None),
        ("1,A,Tea,2,２０１０-01-05 10:00,1.25,K1", DirtyReason.BAD_TIMESTAMP),
        ("1,A,Tea,two,2010-01-05 10:00,1.25,K1", DirtyReason.BAD_QUANTITY),
        ("1,A,Tea,1e3,2010-01-05 10:00,1.25,K1", DirtyReason.BAD_QUANTITY),
        ("1,A,Tea,0.0001,2010-01-05 10:00,1.25,K1", DirtyReason.BAD_QUANTITY),
        ("1,A,Tea,٢,2010-01-05 10:00,1.25,K1", DirtyReason.BAD_QUANTITY),
        ("1,A,Tea,9223372036854775.808,2010-01-05 10:00,1.25,K1", DirtyReason.QUANTITY_TOO_LARGE),
        ("1,A,Tea,2,2010-01-05 10:00,NaN,K1", DirtyReason.BAD_PRICE),
        ("1,A,Tea,2,2010-01-05 10:00,Infinity,K1", DirtyReason.BAD_PRICE),
        ("1,A,Tea,2,2010-01-05 10:00,,K1", DirtyReason.BAD_PRICE),
        ("1,A,Tea,0,2010-01-05 10:00,1.25,K1", DirtyReason.QUANTITY_ZERO),
        ("1,A,Tea,-2,2010-01-05 10:00,0,K1", DirtyReason.QUANTITY_NEGATIVE_WITHOUT_CANCELLATION),
        ("C1,A,Tea,2,2010-01-05 10:00,1.25,", DirtyReason.CANCELLATION_QUANTITY_NOT_NEGATIVE),
        ("1,A,Tea,2,2010-01-05 10:00,-1.25,K1", DirtyReason.PRICE_NEGATIVE),
        ("1,A,Tea,2,2010-01-05 10:00,0.00,K1", DirtyReason.PRICE_ZERO),
        ("1,A,Tea,9223372036854775.807,2010-01-05 10:00,1000000,K1", DirtyReason.AMOUNT_TOO_LARGE),
        ("C1,A,Tea,-2,2010-01-05 10:00,1.25,", DirtyReason.CANCELLATION_WITHOUT_CUSTOMER),
        ('1,"A,Tea,2,2010-01-05 10:00,1.25,K1', DirtyReason.MALFORMED_ROW),
    ],
)
def test_a_dirty_row_has_one_reason(
    tmp_path: Path, mapping: ReceiptMapping, row: str, reason: DirtyReason | None
) -> None:
    dirty, good = _read(tmp_path, mapping, row, GOOD)
    assert isinstance(good, ReceiptLine)
    assert good.row == 3
    assert (dirty.reason if isinstance(dirty, DirtyRow) else None) is reason


def test_a_dirty_row_keeps_its_cells_as_written(tmp_path: Path, mapping: ReceiptMapping) -> None:
    assert _read(tmp_path, mapping, ' 1,A,"T, ea",0,2010-01-05 10:00,1.25,') == [
        DirtyRow(row=2, reason=DirtyReason.QUANTITY_ZERO, raw=(" 1", "A", "T, ea", "0", "2010-01-05 10:00", "1.25", ""))
    ]


def test_the_reasons_stand_in_the_order_of_their_precedence(tmp_path: Path, mapping: ReceiptMapping) -> None:
    """A row with everything wrong is mended fault by fault; each time the next reason in the list shows."""
    steps = [
        ",,x,x,x,x,,extra",
        ",,x,x,x,x,",
        f"C1,,{'x' * 201},x,x,x,",
        f"C1,A,{'x' * 201},x,x,x,",
        "C1,A,x,x,x,x,",
        "C1,A,x,x,2010-01-05 10:00,x,",
        "C1,A,x,99999999999999999999,2010-01-05 10:00,x,",
        "C1,A,x,0,2010-01-05 10:00,x,",
        "C1,A,x,0,2010-01-05 10:00,-1,",
        "C1,A,x,9223372036854775,2010-01-05 10:00,-1,",
        "C1,A,x,-9223372036854775,2010-01-05 10:00,-1,",
        "C1,A,x,-9223372036854775,2010-01-05 10:00,0,",
        "C1,A,x,-9223372036854775,2010-01-05 10:00,1000000,",
        "C1,A,x,-9,2010-01-05 10:00,1000000,",
    ]
    rows = _read(tmp_path, mapping, *steps)
    reasons = [row.reason for row in rows if isinstance(row, DirtyRow)]
    order = list(DirtyReason)
    assert len(reasons) == len(steps)
    assert reasons == sorted(set(reasons), key=order.index)


def test_quantity_times_price_is_rounded_half_up(tmp_path: Path, mapping: ReceiptMapping) -> None:
    rows = ("1,A,T,0.5,2010-01-05 10:00,0.01,K", "1,A,T,1,2010-01-05 10:00,0.004,K", "1,A,T,3,2010-01-05 10:00,0.055,K")
    amounts = [line.amount_minor for line in _read(tmp_path, mapping, *rows) if isinstance(line, ReceiptLine)]
    assert amounts == [1, 0, 17]


def test_what_is_not_goods_gets_its_category(tmp_path: Path, mapping: ReceiptMapping) -> None:
    (line,) = _read(tmp_path, mapping, "1,POST,Postage,1,2010-01-05 10:00,18.00,K1")
    assert isinstance(line, ReceiptLine)
    assert line.category == "not-goods"


@pytest.mark.parametrize("written", ["T\0ea", "T\x1b\x07ea", '"T\n\tea"', "\0T\x9fea\x7f"])
def test_control_characters_are_left_out_of_a_description(
    tmp_path: Path, mapping: ReceiptMapping, written: str
) -> None:
    (line,) = _read(tmp_path, mapping, GOOD.replace("Tea", written))
    assert isinstance(line, ReceiptLine)
    assert line.description == "T ea"


@pytest.mark.parametrize(
    ("tax", "kind", "reason"),
    [("100", "sale", None), ("101", "sale", DirtyReason.TAX_MORE_THAN_AMOUNT), ("101", "return", None)],
)
def test_the_tax_of_a_sale_is_a_part_of_its_amount(
    tmp_path: Path, tax: str, kind: str, reason: DirtyReason | None
) -> None:
    header, mapping = "no;sku;qty;at;price;paid;card;group;vat;kind", parse_mapping(RICH, "rich.toml")
    row = f"1;A;1;05.01.2010 10:00+0400;100;100;K1;x;{tax};{kind}"
    (line,) = _read(tmp_path, mapping, row, header=header)
    assert (line.reason if isinstance(line, DirtyRow) else None) is reason


@pytest.mark.parametrize(
    ("local", "utc", "offset_s"),
    [
        ("2010-03-28 00:59", (2010, 3, 28, 0, 59), 0),
        ("2010-03-28 01:30", (2010, 3, 28, 1, 30), 0),  # the clock skips this half hour
        ("2010-03-28 02:00", (2010, 3, 28, 1, 0), 3600),
        ("2010-10-31 01:30", (2010, 10, 31, 0, 30), 3600),  # and shows this one twice
        ("2010-10-31 02:00", (2010, 10, 31, 2, 0), 0),
    ],
)
def test_local_times_around_a_clock_change_have_one_meaning(
    tmp_path: Path, mapping: ReceiptMapping, local: str, utc: tuple[int, ...], offset_s: int
) -> None:
    (line,) = _read(tmp_path, mapping, f"1,A,T,1,{local},1,K")
    assert isinstance(line, ReceiptLine)
    assert (line.at_us, line.utc_offset_s) == (_us(*utc), offset_s)


def test_every_feature_of_a_mapping_at_once(tmp_path: Path) -> None:
    rows = _read(
        tmp_path,
        parse_mapping(RICH, "rich.toml"),
        "7;SRV12;1,5;05.01.2024 10:00+0300;1000,5;1501;29;food;250;sale",
        "8;B;1;05.01.2024 10:00+0400;10;-10;29;food;;return",
        "8;B;-1;05.01.2024 10:00+0400;10;10;29;food;;return",
        "8;B;1;05.01.2024 10:00+0400;10;0;29;food;;sale",
        "8;B;1;05.01.2024 10:00+0400;10;1,5;29;food;;sale",
        "8;B;1;05.01.2024 10:00+0400;10;10;29;food;x;sale",
        header="no;sku;qty;at;price;paid;card;group;vat;kind",
    )
    first, second, *dirty = rows
    assert isinstance(first, ReceiptLine)
    assert (first.quantity_milli, first.amount_minor, first.tax_minor) == (1_500, 1_501, 250)
    assert (first.category, first.description) == ("not-goods", "")
    assert (first.at_us, first.utc_offset_s) == (_us(2024, 1, 5, 7), 3 * 3600)
    assert isinstance(second, ReceiptLine)
    assert (second.line_class, second.amount_minor, second.category) == (LineClass.CANCELLED_LINE, 10, "food")
    assert second.tax_minor is None
    assert [row.reason for row in dirty if isinstance(row, DirtyRow)] == [
        DirtyReason.CANCELLATION_QUANTITY_NOT_POSITIVE,
        DirtyReason.AMOUNT_NOT_POSITIVE,
        DirtyReason.BAD_AMOUNT,
        DirtyReason.BAD_TAX,
    ]


def test_a_negative_quantity_can_be_all_that_marks_a_cancellation(tmp_path: Path) -> None:
    text = RICH.replace('column = "kind"\nvalues = ["return"]\nquantity = "positive"', "negative_quantity = true")
    header = "no;sku;qty;at;price;paid;card;group;vat"
    rows = ("1;A;-2;05.01.2024 10:00+0400;5;-10;29;;", "1;A;2;05.01.2024 10:00+0400;5;10;29;;")
    lines = _read(tmp_path, parse_mapping(text, "x"), *rows, header=header)
    assert [line.line_class for line in lines if isinstance(line, ReceiptLine)] == [
        LineClass.CANCELLED_LINE,
        LineClass.SALE_LINE,
    ]


def test_a_header_without_a_mapped_column_names_file_line_column_and_the_nearest(
    tmp_path: Path, mapping: ReceiptMapping
) -> None:
    with pytest.raises(ReceiptFileError) as caught:
        _read(tmp_path, mapping, header="invoice,item,description,quantty,at,price,customer")
    assert str(caught.value) == (
        f"{tmp_path / 'receipts.csv'}:1: column quantity: is missing; "
        'the mapping names it as columns.quantity; did you mean "quantty"?'
    )


def test_an_error_never_shows_a_cell(tmp_path: Path, mapping: ReceiptMapping) -> None:
    path = tmp_path / "receipts.csv"
    path.write_text("4111111111111111,A,T\n", encoding="utf-8")
    with pytest.raises(ReceiptFileError) as caught:
        list(read_lines(path, mapping))
    assert "4111" not in str(caught.value)
