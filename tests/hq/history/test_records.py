from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.history.errors import ReceiptFileError
from hq.history.mapping import FileFormat
from hq.history.reasons import DirtyReason
from hq.history.records import MAX_LINE_CHARS, Record, RecordReader

PLAIN = FileFormat(delimiter=",", encoding="utf-8", decimal_separator=".")


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "receipts.bin"
    path.write_bytes(content)
    return path


def _read(path: Path, form: FileFormat = PLAIN) -> list[Record]:
    with RecordReader(path, form) as reader:
        return list(reader)


def _refusal(path: Path, form: FileFormat = PLAIN) -> str:
    with pytest.raises(ReceiptFileError) as caught:
        _read(path, form)
    return str(caught.value).removeprefix(str(path))


def test_rows_carry_physical_line_numbers_also_behind_a_cell_of_several_lines(tmp_path: Path) -> None:
    path = _file(tmp_path, b'a,b\n1,2\n"x\ny",3\n4,5\n')
    assert _read(path) == [Record(2, ["1", "2"], None), Record(3, ["x\ny", "3"], None), Record(5, ["4", "5"], None)]


def test_gzip_is_known_by_its_magic_bytes_not_by_the_name(tmp_path: Path) -> None:
    path = _file(tmp_path, gzip.compress(b"a,b\n1,2\n"))
    assert _read(path) == [Record(2, ["1", "2"], None)]


def test_a_name_that_ends_in_gz_does_not_make_gzip(tmp_path: Path) -> None:
    path = tmp_path / "receipts.csv.gz"
    path.write_bytes(b"a,b\n1,2\n")
    assert _read(path) == [Record(2, ["1", "2"], None)]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    with RecordReader(_file(tmp_path, b"\xef\xbb\xbf a ,b\n"), PLAIN) as reader:
        assert reader.header == ("a", "b")


@pytest.mark.parametrize("encoding", ["utf_8", "U8", "utf-8-sig", "cp1251", "ascii"])
@pytest.mark.parametrize("header", [b"a,b\n", b'"a",b\n'])
def test_a_byte_order_mark_is_left_out_whatever_the_encoding_is_called(
    tmp_path: Path, encoding: str, header: bytes
) -> None:
    form = FileFormat(delimiter=",", encoding=encoding, decimal_separator=".")
    with RecordReader(_file(tmp_path, gzip.compress(b"\xef\xbb\xbf" + header + b"1,2\n")), form) as reader:
        assert reader.header == ("a", "b")
        assert list(reader) == [Record(2, ["1", "2"], None)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_byte_order_mark_of_utf_16_is_left_out_too(tmp_path: Path, encoding: str) -> None:
    form = FileFormat(delimiter=",", encoding=encoding, decimal_separator=".")
    with RecordReader(_file(tmp_path, "\ufeffa,b\n".encode("utf-16-le")), form) as reader:
        assert reader.header == ("a", "b")


def test_another_encoding_and_delimiter_are_read_as_the_mapping_says(tmp_path: Path) -> None:
    form = FileFormat(delimiter=";", encoding="cp1251", decimal_separator=",")
    assert _read(_file(tmp_path, "a;b\nХлеб;2,5\n".encode("cp1251")), form) == [Record(2, ["Хлеб", "2,5"], None)]


def test_bytes_that_are_no_text_cost_their_row_only_and_can_be_shown(tmp_path: Path) -> None:
    rows = _read(_file(tmp_path, b"a,b\n1,\xff\n2,3\n"))
    assert rows == [Record(2, ["1", "\\udcff"], DirtyReason.BAD_ENCODING), Record(3, ["2", "3"], None)]


def test_a_stray_quote_costs_its_line_and_swallows_nothing(tmp_path: Path) -> None:
    rows = _read(_file(tmp_path, b'a,b\n1,"x\n2,3\n4,"5"\n6,7\n'))
    assert rows == [
        Record(2, ['1,"x'], DirtyReason.MALFORMED_ROW),
        Record(3, ["2", "3"], None),
        Record(4, ["4", "5"], None),
        Record(5, ["6", "7"], None),
    ]


def test_a_quote_that_never_closes_costs_its_line_only(tmp_path: Path) -> None:
    tail = [f"{number},x".encode() for number in range(200)]
    rows = _read(_file(tmp_path, b'a,b\n1,"x\n' + b"\n".join(tail)))
    assert rows[0] == Record(2, ['1,"x'], DirtyReason.MALFORMED_ROW)
    assert [row.cells[0] for row in rows[1:]] == [str(number) for number in range(200)]
    assert [row.row for row in rows[1:]] == list(range(3, 203))


def test_an_empty_line_is_a_row(tmp_path: Path) -> None:
    assert _read(_file(tmp_path, b"a,b\n\n1,2\n")) == [
        Record(2, [], DirtyReason.EMPTY_ROW),
        Record(3, ["1", "2"], None),
    ]


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    assert "cannot be opened: " in _refusal(tmp_path / "none.csv")


def test_an_empty_file_says_what_was_expected(tmp_path: Path) -> None:
    assert _refusal(_file(tmp_path, b"")) == ": is empty; expected a header with the names of the columns"


@pytest.mark.parametrize(
    ("start", "kind"), [(b"PK\x03\x04....", "a ZIP or XLSX file"), (b"\xd0\xcf\x11\xe0....", "an XLS file")]
)
def test_a_spreadsheet_is_told_apart_from_text(tmp_path: Path, start: bytes, kind: str) -> None:
    assert kind in _refusal(_file(tmp_path, start))


def test_utf_16_where_utf_8_was_promised_names_both(tmp_path: Path) -> None:
    path = _file(tmp_path, "a,b\n".encode("utf-16"))
    assert _refusal(path) == ":1: is text in utf-16; expected utf-8, as the mapping says"


def test_utf_16_is_read_where_the_mapping_says_so(tmp_path: Path) -> None:
    form = FileFormat(delimiter=",", encoding="utf-16", decimal_separator=".")
    assert _read(_file(tmp_path, "a,b\nՀաց,2\n".encode("utf-16")), form) == [Record(2, ["Հաց", "2"], None)]


def test_a_header_that_is_no_text_stops_reading(tmp_path: Path) -> None:
    assert _refusal(_file(tmp_path, b"a,\xff\n")) == ":1: expected a header in utf-8, found bad_encoding"


def test_a_name_twice_in_the_header_is_refused(tmp_path: Path) -> None:
    assert _refusal(_file(tmp_path, b"a,b,a\n")) == ":1: column 3: has the name of column 1; expected one of its own"


@pytest.mark.parametrize("lines", [1, 50, 5_000])
def test_a_truncated_gzip_names_the_line_where_it_breaks(tmp_path: Path, lines: int) -> None:
    text = b"a,b\n" + b"".join(f"{number},{number * 7919 % 10007}\n".encode() for number in range(lines))
    path = _file(tmp_path, gzip.compress(text)[:-9])
    assert _refusal(path).endswith("the gzip data ends or breaks here; expected a whole file")
    with RecordReader(path, PLAIN) as reader, pytest.raises(ReceiptFileError) as caught:
        list(reader)
    assert caught.value.line is not None
    assert 2 <= caught.value.line <= lines + 2


def test_a_damaged_gzip_names_file_and_line(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"a,b\n" + bytes(range(40, 90)) * 3_000))
    packed[-6] ^= 0xFF
    assert "the gzip data ends or breaks here" in _refusal(_file(tmp_path, bytes(packed)))


def test_a_line_without_end_stops_reading_before_it_fills_the_memory(tmp_path: Path) -> None:
    assert _refusal(_file(tmp_path, b"a,b\n" + b"x" * (MAX_LINE_CHARS + 1))).startswith(
        ":2: expected lines of less than"
    )


@given(st.lists(st.text(alphabet=',"\nab\r \x00é', max_size=12), max_size=30))
def test_any_text_is_read_to_its_end_with_rows_in_order(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    path = _file(tmp_path_factory.mktemp("any"), ("a,b\n" + "\n".join(cells)).encode())
    rows = [record.row for record in _read(path)]
    assert rows == sorted(set(rows))
    assert all(row >= 2 for row in rows)
