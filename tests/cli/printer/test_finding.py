"""What is plugged in is told with the lines to paste."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from agent.config.read import load_till_config
from cli.main import main
from cli.printer.finding import Found, device_files, lines_for, on_usb
from tests.cli.commands import write_config


def usb(system: Path, name: str, interface: str, **texts: str) -> None:
    (system / name / f"{name}:1.0").mkdir(parents=True)
    (system / name / f"{name}:1.0" / "bInterfaceClass").write_text(interface + "\n")
    for key, text in texts.items():
        (system / name / key).write_text(text + "\n")


def test_usb_devices_of_the_printer_class_are_found_and_no_others(tmp_path: Path) -> None:
    usb(tmp_path, "1-1", "07", idVendor="04b8", idProduct="0e15", manufacturer="EPSON", product="TM-T20III")
    usb(tmp_path, "1-2", "03", idVendor="05e0", idProduct="1200", product="Scanner")
    usb(tmp_path, "1-3", "07", idVendor="0416", idProduct="5011")
    assert list(on_usb(tmp_path)) == [
        Found(kind="usb", address="04b8:0e15", what="EPSON TM-T20III"),
        Found(kind="usb", address="0416:5011"),
    ]
    assert list(on_usb(tmp_path / "none")) == []


def test_device_files_of_printers_are_found(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    for name in ("usb/lp0", "lp1", "lpx", "ttyS0"):
        (tmp_path / name).touch()
    assert [found.address for found in device_files(tmp_path)] == [
        str(tmp_path / "usb" / "lp0"),
        str(tmp_path / "lp1"),
    ]


@pytest.mark.parametrize("address", ["04b8:0e15", 'C:\\printers\\"Slips"', "/dev/usb/lp0"])
def test_the_lines_to_paste_are_a_printer_of_the_config(address: str) -> None:
    table = tomllib.loads(lines_for(Found(kind="windows", address=address)))["printer"][0]
    assert table == {"name": "receipts", "mode": "shared", "kind": "windows", "address": address}


def test_what_is_listed_can_be_pasted(tmp_path: Path) -> None:
    config = write_config(tmp_path, lines_for(Found(kind="usb", address="04b8:0e15")))
    assert load_till_config(config).printers[0].address == "04b8:0e15"


def test_the_command_says_what_there_is_or_that_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["printer", "list"]) == 0
    said = capsys.readouterr().out
    assert "[[printer]]" in said or "no printer and no serial port is there" in said


def test_the_known_printers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["printer", "profiles"]) == 0
    assert "TM-T20III " in capsys.readouterr().out.replace(os.linesep, " ")
