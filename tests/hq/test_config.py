"""HQ's part of config.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from hq.config import DEFAULT_PORT, DurableRule, HqConfig, load_hq_config
from loyalty.reading.problems import BadFile


def load(tmp_path: Path, text: str) -> HqConfig:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_hq_config(path)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(BadFile) as caught:
        load(tmp_path, text)
    return [line.removeprefix(str(tmp_path / "config.toml")) for line in caught.value.lines()]


def test_everything_has_a_default(tmp_path: Path) -> None:
    assert load(tmp_path, "") == HqConfig(data_dir=tmp_path / "hq-data")
    assert HqConfig(data_dir=tmp_path).port == DEFAULT_PORT


def test_every_key_is_read(tmp_path: Path) -> None:
    text = """
[hq]
data_dir = "/srv/hq"
database_url = "postgresql://hq@db/hq"
host = "0.0.0.0"
port = 9000
merchant = "Dastarkhan"
public_url = "https://hq.example/"
durable = "commit"
[store]
anything = 1
"""
    assert load(tmp_path, text) == HqConfig(
        data_dir=tmp_path / "/srv/hq",
        database_url="postgresql://hq@db/hq",
        host="0.0.0.0",
        port=9000,
        merchant="Dastarkhan",
        public_url="https://hq.example",
        durable=DurableRule.COMMIT,
    )


def test_faults_name_line_key_and_what_is_expected(tmp_path: Path) -> None:
    text = '[hq]\nprot = 1\nport = 70000\ndatabase_url = "mysql://x"\n[hqq]\n'
    expected = [
        ':2: hq.prot: unknown key; did you mean "port"?',
        ":3: hq.port: expected a whole number from 0 to 65535",
        ":4: hq.database_url: expected an address that begins with postgresql:// or postgres://",
        ':5: hqq: unknown key; did you mean "hq"?',
    ]
    found = problems(tmp_path, text)
    assert [line[: len(start)] for line, start in zip(found, expected, strict=True)] == expected


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        load_hq_config(tmp_path / "none.toml")
