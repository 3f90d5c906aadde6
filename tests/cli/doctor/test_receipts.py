"""What the doctor says of a shop's own receipt templates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from cli.doctor.findings import Finding, Level
from tests.cli.commands import write_config
from tests.cli.doctor.looking import about

Examined = Callable[[Path], list[Finding]]
OWN = '[receipts]\ntemplates = "own"\n'


def test_without_templates_of_its_own_nothing_is_said(config: Path, examined: Examined) -> None:
    assert about(examined(config), "receipts") == []


def test_templates_that_work_are_named(tmp_path: Path, examined: Examined) -> None:
    config = write_config(tmp_path, OWN)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "slip.jinja").write_text("{{ slip.till }}", encoding="utf-8")
    [(level, text)] = [found[:2] for found in about(examined(config), "receipts")]
    assert (level, text) == (Level.OK, f"the templates in {tmp_path / 'own'} work: slip")


def test_a_broken_one_is_named_with_file_and_line(tmp_path: Path, examined: Examined) -> None:
    config = write_config(tmp_path, OWN)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "slip.jinja").write_text("a\n{{ slip.tyll }}", encoding="utf-8")
    [(level, text)] = [found[:2] for found in about(examined(config), "receipts")]
    assert level is Level.WARN
    assert text.startswith(f"{tmp_path / 'own' / 'slip.jinja'}:2: ")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, examined: Examined) -> None:
    config = write_config(tmp_path, OWN)
    [(level, text)] = [found[:2] for found in about(examined(config), "receipts")]
    assert (level, text) == (Level.WARN, f"{tmp_path / 'own'}: the folder cannot be read: No such file or directory")


def test_a_logo_that_can_be_printed_and_one_that_cannot(tmp_path: Path, examined: Examined) -> None:
    config = write_config(tmp_path, '[receipts]\nlogo = "logo.png"\n')
    [(level, text)] = [found[:2] for found in about(examined(config), "receipts")]
    missing = f"the logo {tmp_path / 'logo.png'} cannot be read (No such file or directory)"
    assert (level, text) == (Level.WARN, missing)
    Image.new("1", (80, 40)).save(tmp_path / "logo.png")
    [(level, text)] = [found[:2] for found in about(examined(config), "receipts")]
    assert (level, text) == (Level.OK, f"the logo {tmp_path / 'logo.png'} can be printed")


def test_a_table_of_letters_that_can_be_used_and_one_that_cannot(tmp_path: Path, examined: Examined) -> None:
    config = write_config(tmp_path, '[[printer]]\nsubstitutions = "letters.toml"\n')
    (tmp_path / "letters.toml").write_text('"Ә" = "А', encoding="utf-8")
    [(level, text)] = [found[:2] for found in about(examined(config), "receipts")]
    assert level is Level.WARN
    assert text.startswith(f"the table of letters {tmp_path / 'letters.toml'}: is not TOML: ")
    (tmp_path / "letters.toml").write_text('"Ә" = "А"', encoding="utf-8")
    [(level, text)] = [found[:2] for found in about(examined(config), "receipts")]
    assert (level, text) == (Level.OK, f"the table of letters {tmp_path / 'letters.toml'} can be used")


def test_a_font_that_is_none_is_named(tmp_path: Path, examined: Examined) -> None:
    config = write_config(tmp_path, '[receipts]\nfont = "letters.ttf"\n')
    (tmp_path / "letters.ttf").write_bytes(b"no font")
    [(level, text)] = [found[:2] for found in about(examined(config), "receipts")]
    assert level is Level.WARN
    assert text.startswith(f"{tmp_path / 'letters.ttf'}: is no font that can be read")
