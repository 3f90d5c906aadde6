"""The shop's font draws what the atlas lacks, wherever a receipt comes out; without it the paper is refused by the letter."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from agent.config.receipts import ReceiptsConfig
from agent.printers import make_printer
from agent.receipts.font import ShopFont, font_fault, font_of
from agent.terminal import Terminal
from drivers.errors import UnprintableCharacter
from drivers.printers.document import Cut, Document, Line
from drivers.printers.port import PrintState
from tests.agent.callers import Caller, check
from tests.agent.shops import LINES, shop
from tests.apt import need_file

DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
GREEK = Document(blocks=(Line(text="Ούζο"), Cut()), language="en")


@pytest.fixture(scope="module")
def font() -> Path:
    return Path(need_file("fonts-dejavu-core", path=DEJAVU))


@pytest.mark.parametrize("kind", [PrinterKind.PREVIEW, PrinterKind.FILE])
def test_every_printer_of_the_agents_draws_with_it(tmp_path: Path, font: Path, kind: PrinterKind) -> None:
    config = PrinterConfig(name="slips", mode=PrinterMode.SHARED, kind=kind, address=str(tmp_path / "paper"))
    with pytest.raises(UnprintableCharacter):
        make_printer(config).print(GREEK, "job")
    outcome = make_printer(config, font=font).print(GREEK, "job")
    assert outcome.state in {PrintState.SENT, PrintState.CONFIRMED}


def sold(pos: Caller) -> dict[str, Any]:
    lines = (replace(LINES[0], name="Ούζο"),)
    answer: dict[str, Any] = pos.post("commit", check(lines=lines), key="c").json()
    return answer


def test_a_host_and_the_page_get_its_letters(tmp_path: Path, font: Path) -> None:
    settings = replace(shop(tmp_path, printer=False), receipts=ReceiptsConfig(font=font))
    with Terminal(settings) as terminal, Caller.of(terminal) as pos:
        entry = sold(pos)["entry"]
        rows = pos.get(f"/v1/receipt/{entry}?character_set=cp866").json()
        assert "unprintable" not in rows
        assert [row for row in rows["rows"] if "png" in row and "Ούζο" in row["text"]]
        assert pos.get(f"/v1/receipt/{entry}.png").status_code == 200


def test_without_it_both_are_told_which_letter_it_is(tmp_path: Path) -> None:
    with Terminal(shop(tmp_path, printer=False)) as terminal, Caller.of(terminal) as pos:
        entry = sold(pos)["entry"]
        assert "Ο" in pos.get(f"/v1/receipt/{entry}?character_set=cp866").json()["unprintable"]
        assert pos.get(f"/v1/receipt/{entry}.png").status_code == 422


def test_one_that_cannot_be_used_draws_nothing_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "font.ttf"
    broken.write_bytes(b"no font")
    with caplog.at_level(logging.ERROR):
        drawing = ShopFont(broken)
        assert [drawing.draw("Ο", width_dots=12, height_dots=24, bold=False) for _ in range(2)] == [None, None]
    assert len(caplog.records) == 1
    assert font_fault(broken).startswith(f"{broken}: is no font that can be read")


def test_no_font_is_nobody_who_draws_and_one_font_is_read_once(font: Path) -> None:
    assert font_of(None) is None
    assert font_of(font) is font_of(font)
    assert font_fault(font) == ""
