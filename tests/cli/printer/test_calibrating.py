"""A printer is tried and calibrated, and the profile that comes of it prints."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from agent.config.read import load_till_config
from agent.printers import profile_of
from cli.main import main
from cli.printer import pages
from cli.printer.questions import Questions
from drivers.errors import PrinterUnavailable
from drivers.printers.profiles.profile import CodePage, PrinterProfile, StatusAbilities
from drivers.printers.profiles.toml import read_profile
from tests.cli.commands import write_config
from tests.drivers.printers.fake_printer import Mood, on_network

ANSWERS = """
columns = 48
chinese = false
cp866 = 17
kz1048 = 53
styles = true
dots = 576
doubled = false
inline = true
qr = true
barcodes = false
cutter = true
drawer = false
right = true
"""


def printer_config(folder: Path, port: int, more: str = "") -> Path:
    table = f'[[printer]]\nname = "slips"\nmode = "shared"\nkind = "network"\naddress = "127.0.0.1:{port}"\n{more}'
    return write_config(folder, table)


def calibrated(tmp_path: Path, mood: Mood, answers: str = ANSWERS) -> PrinterProfile:
    file = tmp_path / "answers.toml"
    file.write_text(answers, encoding="utf-8")
    with on_network(mood) as (_, port):
        config = printer_config(tmp_path, port)
        assert main(["printer", "calibrate", "slips", "--config", str(config), "--answers", str(file)]) == 0
    return read_profile(tmp_path / "slips.toml")


def test_at_the_end_a_page_with_every_letter_is_printed_by_the_new_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text(ANSWERS.replace("right = true", "right = false"), encoding="utf-8")
    with on_network() as (fake, port):
        config = printer_config(tmp_path, port)
        assert main(["printer", "calibrate", "--config", str(config), "--answers", str(answers)]) == 1
    profile = read_profile(tmp_path / "slips.toml")
    assert b"Test page" in fake.papers[-1]
    assert profile.pages[1].codec == "kz1048"
    assert "Қазақша\n".encode("kz1048") in fake.papers[-1]
    assert capsys.readouterr().out.splitlines()[-1].startswith("do not print with it yet")


def test_a_test_page_that_is_not_printed_leaves_the_profile_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise PrinterUnavailable("slips", "no paper")

    monkeypatch.setattr("drivers.printers.escpos_printer.EscposPrinter.print", away)
    answers = tmp_path / "answers.toml"
    answers.write_text(ANSWERS, encoding="utf-8")
    with on_network() as (_, port):
        config = printer_config(tmp_path, port)
        assert main(["printer", "calibrate", "--config", str(config), "--answers", str(answers)]) == 1
    assert "the test page was not printed: slips: no paper" in capsys.readouterr().out
    assert (tmp_path / "slips.toml").exists()


def test_a_calibrated_printer_is_what_was_seen_and_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrated(tmp_path, Mood()) == PrinterProfile(
        name="slips",
        title="FAKE TM-T0",
        columns=48,
        width_dots=576,
        pages=(CodePage(number=17, codec="cp866"), CodePage(number=53, codec="kz1048")),
        text_styles=True,
        inline=True,
        qr=True,
        barcodes=False,
        cutter=True,
        drawer=False,
        status=StatusAbilities(realtime=True, automatic=True, transmitted=True, completion=True),
    )
    assert 'profile = "slips.toml"\nwidth_columns = 48' in capsys.readouterr().out


def test_a_printer_that_says_nothing_has_no_status_and_letters_all_the_same(tmp_path: Path) -> None:
    profile = calibrated(tmp_path, Mood(answers=False))
    assert (profile.status, profile.title, len(profile.pages)) == (StatusAbilities(realtime=False), "calibrated", 2)


def test_the_profile_that_was_written_is_used_by_the_till_and_the_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calibrated(tmp_path, Mood())
    with on_network() as (fake, port):
        config = printer_config(tmp_path, port, 'profile = "slips.toml"\n')
        assert profile_of(load_till_config(config).printers[0]).inline
        capsys.readouterr()
        assert main(["printer", "test", "--config", str(config)]) == 0
        assert (
            capsys.readouterr().out
            == "it is FAKE TM-T0\nit says that all is well\nthe printer says that it has printed\n"
        )
        assert len(fake.papers) == 1


def test_a_test_without_paper_prints_nothing_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with on_network(Mood(paper="out")) as (fake, port):
        assert main(["printer", "test", "--config", str(printer_config(tmp_path, port))]) == 1
        assert "nothing was printed: slips: the printer cannot print now (paper out)" in capsys.readouterr().out
        assert fake.papers == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("columns = 48\n", "without a ruler that fits"),
        ("dots = 576\n", "it prints no pictures by GS v 0"),
        ("inline = true\n", "the answers lack inline = true or false"),
    ],
)
def test_a_calibration_that_breaks_off_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str, said: str
) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(ANSWERS.replace(change, ""), encoding="utf-8")
    with on_network() as (_, port):
        config = printer_config(tmp_path, port)
        assert main(["printer", "calibrate", "--config", str(config), "--answers", str(file)]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "slips.toml").exists()


def test_a_printer_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with on_network() as (_, port):
        pass
    config = printer_config(tmp_path, port)
    for action in (["calibrate", "--answers", str(config)], ["test"]):
        assert main(["printer", *action, "--config", str(config)]) == 1
        said = capsys.readouterr()
        assert "cannot be reached" in said.out + said.err


def test_a_name_that_the_config_does_not_have_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["printer", "test", "kitchen", "--config", str(printer_config(tmp_path, 9100))]) == 2
    assert "it has: slips" in capsys.readouterr().err


def typed(*lines: str) -> Any:
    left = list(lines)
    return lambda _question: left.pop(0)


def test_what_is_typed_is_asked_again_until_it_is_an_answer() -> None:
    questions = Questions(None, typed("perhaps", "Yes", "n", "99", "x", "17", ""))
    assert questions.yes("a", "?")
    assert not questions.yes("b", "?")
    assert questions.number("c", "?", frozenset({17})) == 17
    assert questions.number("d", "?", frozenset({17})) is None


@pytest.mark.parametrize("answer", ["18", "[17]", "17.0", '"17"'])
def test_a_number_that_was_not_printed_is_refused(tmp_path: Path, answer: str) -> None:
    with on_network() as (_, port):
        config = printer_config(tmp_path, port)
        file = tmp_path / "answers.toml"
        file.write_text(ANSWERS.replace("cp866 = 17", f"cp866 = {answer}"), encoding="utf-8")
        assert main(["printer", "calibrate", "--config", str(config), "--answers", str(file)]) == 2


def test_every_sample_can_be_printed_and_every_ruler_is_as_long_as_it_says() -> None:
    assert all(pages.pages(codec) for codec in pages.SAMPLES)
    assert [len(row) for row in pages.widths()[2:].splitlines() if row] == list(pages.WIDTHS)
    assert pages.NUMBERS.keys() == pages.SAMPLES.keys()


def test_every_frame_is_closed_and_as_wide_as_it_says() -> None:
    for dots in pages.DOTS:
        width = -(-dots // 8)
        first = pages._bar(dots)[:width]
        assert sum(byte.bit_count() for byte in first) == dots


def test_the_profile_of_a_printer_is_a_known_one_or_a_file_and_wide_enough(tmp_path: Path) -> None:
    from agent.config.printers import PrinterConfig, PrinterMode
    from drivers.errors import PrinterConfig as Misconfigured

    narrow = tmp_path / "narrow.toml"
    narrow.write_text('name = "small"\ncolumns = 42\nwidth_dots = 384\n', encoding="utf-8")
    known = profile_of(PrinterConfig(mode=PrinterMode.OWN, profile="TM-T20III"))
    assert known.name == "TM-T20III"
    assert profile_of(PrinterConfig(width_columns=32)).width_dots == 384
    for profile, width, said in (
        ("TM-T999", 48, 'no printer "TM-T999" is known'),
        ("TM-T20III", 64, "has 48 columns"),
        (str(narrow), 42, "width_columns is 42, and small has 32 columns"),
        (str(tmp_path / "none.toml"), 48, "cannot be read"),
    ):
        with pytest.raises(Misconfigured, match=said):
            profile_of(PrinterConfig(profile=profile, width_columns=width))


def test_where_nobody_is_at_the_keyboard_it_ends_with_a_word_of_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("48\n"))
    with on_network() as (_, port):
        config = printer_config(tmp_path, port)
        assert main(["printer", "calibrate", "--config", str(config)]) == 2
    assert capsys.readouterr().err.endswith("`--answers FILE` gives answers from a file\n")
    assert not (tmp_path / "slips.toml").exists()
