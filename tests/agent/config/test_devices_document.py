"""docs/DEVICES.md: its settings load, and its driver reads."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.config.read import load_till_config
from agent.config.scanners import ScannerMode
from drivers.errors import DeviceGone

DOCUMENT = (Path(__file__).parents[3] / "docs" / "DEVICES.md").read_text(encoding="utf-8")
STORE = '[store]\nid = "s1"\nname = "Shop"\ntime_zone = "Asia/Almaty"\n[programme]\nfile = "p.toml"\n'


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, flags=re.DOTALL)


def test_the_settings_of_the_document_load(tmp_path: Path) -> None:
    (written,) = blocks("toml")
    file = tmp_path / "config.toml"
    file.write_text(STORE + written, encoding="utf-8")
    counter, cards = load_till_config(file).scanners
    assert (counter.name, counter.mode) == ("counter", ScannerMode.SHARED)
    assert (cards.device, cards.magstripe) == ("0801:0001", True)


@pytest.mark.skipif(sys.platform == "win32", reason="platform: named pipes of this kind are POSIX's")
def test_the_driver_of_the_document_reads(tmp_path: Path) -> None:
    (written,) = blocks("python")
    room: dict[str, Any] = {}
    exec(written, room)
    path = tmp_path / "scanner"
    os.mkfifo(path)
    source = room["PipeSource"](str(path), name="pipe")
    source.open()
    source.interrupt()
    assert source.read(60_000) == b""
    writer = os.open(path, os.O_WRONLY)
    os.write(writer, b"2100000000042\r")
    assert source.read(60_000) == b"2100000000042\r"
    os.close(writer)
    with pytest.raises(DeviceGone, match="nobody writes"):
        source.read(60_000)
    source.close()
    source.close()
    with pytest.raises(DeviceGone, match="does not open"):
        room["PipeSource"](str(tmp_path / "none"), name="pipe").open()
