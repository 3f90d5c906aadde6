"""Both files of a preview appear whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from drivers.errors import PrinterConfig, PrinterError, PrinterUnavailable
from drivers.printers.document import Document
from drivers.printers.layout import lay_out
from drivers.printers.picture import png
from drivers.printers.port import PrintState
from drivers.printers.preview_printer import PreviewPrinter
from drivers.printers.raster import draw
from drivers.printers.text_preview import preview_text


def test_the_files_are_the_text_and_the_dots(tmp_path: Path, english: Document) -> None:
    printer = PreviewPrinter(tmp_path / "a" / "b", columns=32)
    assert printer.print(english, "sale-1").state is PrintState.CONFIRMED
    page = lay_out(english, 32)
    assert printer.text_path("sale-1").read_text(encoding="utf-8") == preview_text(page)
    assert printer.picture_path("sale-1").read_bytes() == png(draw(page), margin_bytes=2)
    assert sorted(path.name for path in (tmp_path / "a" / "b").iterdir()) == ["sale-1.png", "sale-1.txt"]


def test_a_job_printed_again_replaces_its_files(tmp_path: Path, english: Document, document: Document) -> None:
    printer = PreviewPrinter(tmp_path)
    printer.print(english, "sale-1")
    printer.print(document, "sale-1")
    assert printer.text_path("sale-1").read_text(encoding="utf-8") == preview_text(lay_out(document, 48))


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, PrinterUnavailable, "is full"),
        (errno.EROFS, PrinterConfig, "cannot be written"),
        (errno.EACCES, PrinterConfig, "this user may not write"),
        (errno.EIO, PrinterUnavailable, "cannot write into"),
    ],
)
@pytest.mark.parametrize("step", ["write_bytes", "replace", "mkdir"])
def test_a_disk_that_fails_leaves_nothing_half_written(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    english: Document,
    number: int,
    kind: type[PrinterError],
    words: str,
    step: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    printer = PreviewPrinter(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, step, fail)
        with pytest.raises(kind, match=words):
            printer.print(english, "sale-1")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_after_the_text_leaves_no_text_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, english: Document
) -> None:
    write = Path.write_bytes

    def fill_up(path: Path, data: bytes) -> int:
        if ".png" in path.name:
            write(path, data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fill_up)
        with pytest.raises(PrinterUnavailable, match="full"):
            PreviewPrinter(tmp_path).print(english, "sale-1")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path, english: Document) -> None:
    (tmp_path / "receipts").write_text("")
    for call in (lambda p: p.print(english, "sale-1"), PreviewPrinter.check):
        with pytest.raises(PrinterConfig, match="is not a folder"):
            call(PreviewPrinter(tmp_path / "receipts"))
