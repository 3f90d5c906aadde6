"""What `devices list` prints can be pasted into config.toml as it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.config.read import load_till_config
from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from cli.devices.listing import as_json, lines
from cli.main import main
from drivers.scanners.discovery import Found
from tests.cli.commands import write_config

FOUND = (
    Found(kind="serial", device="/dev/serial/by-id/usb-A", label="Honeywell 1900", likely=True, stays=True),
    Found(kind="serial", device="COM7", label='"Quoted" \\ port', likely=True, stays=False),
    Found(kind="hid_pos", device="0C2E:0B67", label="", likely=True, stays=True),
    Found(kind="wedge", device="/dev/input/event3", label="AT keyboard", likely=False, stays=False),
)


def test_the_lines_set_up_what_is_likely_and_show_the_rest(tmp_path: Path) -> None:
    printed = list(lines(FOUND))
    assert printed[:8] == [
        "serial port: Honeywell 1900",
        'serial port: "Quoted" \\ port',
        "  this name changes when it is plugged in elsewhere",
        "HID POS scanner: without a name",
        "keyboard: AT keyboard",
        "  a keyboard of people's, or a scanner that does not say so",
        "  this name changes when it is plugged in elsewhere",
        "",
    ]
    pasted = "\n".join(printed[printed.index("") :])
    config = load_till_config(write_config(tmp_path, pasted))
    own = ScannerMode.OWN
    assert config.scanners == (
        ScannerConfig(name="serial-1", mode=own, device="/dev/serial/by-id/usb-A"),
        ScannerConfig(name="serial-2", mode=own, device="COM7"),
        ScannerConfig(name="hid_pos-1", kind=ScannerKind.HID_POS, mode=own, device="0C2E:0B67"),
    )
    assert '# device = "/dev/input/event3"' in printed


def test_a_device_cannot_write_lines_of_its_own(tmp_path: Path) -> None:
    label = 'Scanner\n[till]\nname = "x"\x1b[2J'
    printed = "\n".join(lines([Found(kind="serial", device="COM7", label=label, likely=True, stays=True)]))
    assert "\x1b" not in printed
    assert len(load_till_config(write_config(tmp_path, printed.partition("\n")[2])).scanners) == 1


def test_nothing_plugged_in_is_said() -> None:
    assert next(lines(())) == "nothing is plugged in that looks like a scanner or a card reader"


def test_programs_get_one_json_object() -> None:
    (first, *_) = json.loads(as_json(FOUND))["found"]
    assert first == {
        "name": "serial-1",
        "kind": "serial",
        "device": "/dev/serial/by-id/usb-A",
        "label": "Honeywell 1900",
        "likely": True,
        "stays": True,
    }


@pytest.mark.parametrize("words", [[], ["list"], ["list", "--json"]])
def test_this_machine_is_listed_without_a_config(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["devices", *words]) == 0
    assert capsys.readouterr().out
