"""Config files of tests: the least that they must say, what they are read as, and the faults that are found in them."""

from pathlib import Path

import pytest

from agent.config.read import load_till_config
from agent.config.values import TillConfig
from loyalty.reading.problems import BadFile

PROGRAMME = '[programme]\nfile = "p.toml"\n'
STORE = '[store]\nid = "S1"\nname = "Corner shop"\ntime_zone = "Asia/Almaty"\n'


def load(folder: Path, text: str) -> TillConfig:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_till_config(path)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(BadFile) as raised:
        load(folder, text)
    return [line.removeprefix(str(folder / "config.toml") + ":") for line in raised.value.lines()]
