"""``loyaltill receipt``: papers without a sale and without a printer, and what is said where something cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from agent.receipts.names import TEMPLATES
from agent.receipts.render import Templates
from cli.main import main
from drivers.printers.profiles.listing import UNKNOWN
from messages.languages import PAPER_LANGUAGES
from tests.agent.receipts.papers import paper, text, written


def run(*given: str | Path) -> int:
    return main(["receipt", *map(str, given)])


def test_the_list_names_templates_languages_and_printers(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    said = capsys.readouterr().out.splitlines()
    words = [line.split()[0] for line in said if line.startswith("  ")]
    assert set(words) >= {*TEMPLATES, *PAPER_LANGUAGES, UNKNOWN.name}
    assert [line for line in said if not line.startswith(" ")] == ["templates:", "languages:", "printers:"]


def test_a_paper_is_written_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("render", "--template", "coupon", "--lang", "kk", "--columns", "32") == 0
    expected = text(written(Templates(None), "coupon", paper("coupon", "kk", 32), "kk"), 32)
    assert capsys.readouterr().out == expected


def test_a_paper_is_written_as_bytes_and_as_a_picture_and_not_as_text_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job, picture = tmp_path / "job.bin", tmp_path / "slip.png"
    assert run("render", "--lang", "hy", "--out", job, "--png", picture) == 0
    assert capsys.readouterr().out == ""
    assert job.read_bytes().startswith(b"\x1b@")
    with Image.open(picture) as shown:
        assert shown.width == 576 + 32
    assert run("render", "--lang", "hy", "--out", job, "--text") == 0
    assert "Ընդամենը" in capsys.readouterr().out


def test_a_paper_is_written_as_a_drawing_of_the_same_size_as_its_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawing, picture = tmp_path / "slip.svg", tmp_path / "slip.png"
    assert run("render", "--lang", "hy", "--svg", drawing, "--png", picture) == 0
    assert capsys.readouterr().out == ""
    root = ET.fromstring(drawing.read_text(encoding="utf-8"))
    with Image.open(picture) as shown:
        assert (root.attrib["width"], root.attrib["height"]) == (str(shown.width), str(shown.height))


def test_a_profile_of_ones_own_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile, job, picture = tmp_path / "mine.toml", tmp_path / "job.bin", tmp_path / "slip.png"
    profile.write_text('based_on = "cp866-58mm"\nname = "mine"\n', encoding="utf-8")
    assert run("render", "--lang", "ru", "--printer", profile, "--out", job, "--png", picture) == 0
    with Image.open(picture) as shown:
        assert shown.width == 384 + 32
    assert "Итого".encode("cp866") in job.read_bytes()
    profile.write_text('based_on = "toaster"\n', encoding="utf-8")
    said = refused(capsys, "--printer", str(profile))
    assert said.startswith(f"loyaltill: --printer {profile}")


def test_a_font_that_cannot_be_used_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    font = tmp_path / "font.ttf"
    font.write_bytes(b"no font")
    assert refused(capsys, "--font", str(font)).startswith(f"loyaltill: --font {font}")


def test_a_paper_speaks_a_second_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("render", "--lang", "uz", "--second", "ru") == 0
    assert "Hisoblandi / Начислено" in capsys.readouterr().out


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_printed_as_data_is_read_back(
    template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("render", "--template", template, "--lang", "tr") == 0
    expected = capsys.readouterr().out
    assert run("data", "--template", template, "--lang", "tr") == 0
    file = tmp_path / "mine.json"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("render", "--template", template, "--lang", "tr", "--data", file) == 0
    assert capsys.readouterr().out == expected


def test_a_template_of_ones_own_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "slip.jinja").write_text("{{ slip.number|string }}", encoding="utf-8")
    assert run("render", "--templates", tmp_path) == 0
    assert capsys.readouterr().out == "10231\n"


def refused(capsys: pytest.CaptureFixture[str], *given: str | Path) -> str:
    assert run("render", *given) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_a_broken_template_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "slip.jinja"
    file.write_text("a\n{{ slip.shpo }}", encoding="utf-8")
    assert f"loyaltill: {file}:2: " in refused(capsys, "--templates", tmp_path)


def test_a_folder_without_the_template_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "--templates", tmp_path)
    assert said == f"loyaltill: --templates {tmp_path}: there is no slip.jinja in it\n"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("{}", "shop: is missing"),
        ('{"shpo": 7}', "shpo: there is no such field"),
        ("[1]", "the whole: expected an object with named fields"),
        ('{\n"shop": }', ":2: this is no JSON: Expecting value"),
        ("[" * 100_000, "this is nested too deeply"),
        (b"\xff\xfe", "the file is not UTF-8 text"),
    ],
)
def test_data_that_cannot_be_used_names_field_and_way_out(
    given: str | bytes, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(given if isinstance(given, bytes) else given.encode())
    said = refused(capsys, "--data", file)
    assert f"{file}" in said
    assert fault in said
    if "JSON" not in fault and "nested" not in fault and "UTF-8" not in fault:
        assert "loyaltill: `loyaltill receipt data --template slip` prints one that is right" in said


@pytest.mark.parametrize(
    ("template", "field", "value", "expected"),
    [
        ("coupon", ("coupon", "code"), "СКИДКА", "this is no content of a bar code of the kind code-128"),
        ("shift", ("refused", 0, "code"), "nope", "no message has the id 'refusal.nope'"),
    ],
)
def test_data_that_the_paper_cannot_say_is_named_too(
    template: str,
    field: tuple[str | int, ...],
    value: str,
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("data", "--template", template) == 0
    given = json.loads(capsys.readouterr().out)
    place = given
    for step in field[:-1]:
        place = place[step]
    place[field[-1]] = value
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    said = refused(capsys, "--template", template, "--data", file)
    assert f"{file}: {expected}" in said
    assert f"loyaltill receipt data --template {template}" in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("render", "--data", tmp_path / "none.json") == 1
    assert capsys.readouterr().err == f"loyaltill: {tmp_path / 'none.json'}: No such file or directory\n"


@pytest.mark.parametrize("columns", ["47", "14", "98", "50"])
def test_a_width_that_the_printer_has_not_is_refused(columns: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "expected an even number from 16 to 48" in refused(capsys, "--columns", columns)


def test_a_printer_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "--printer", "toaster")
    assert said == "loyaltill: --printer toaster: there is no such profile; `loyaltill receipt list` names them\n"


def test_a_letter_that_cannot_be_printed_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("data", "--template", "coupon") == 0
    given = json.loads(capsys.readouterr().out)
    given["coupon"]["name"] = "ツ"
    file, job = tmp_path / "mine.json", tmp_path / "job.bin"
    file.write_text(json.dumps(given), encoding="utf-8")
    assert run("render", "--template", "coupon", "--data", file, "--out", job) == 1
    said = capsys.readouterr().err
    assert said == "loyaltill: unknown: there is no way to print the character 'ツ' (U+30C4); nothing was written\n"
    assert not job.exists()
