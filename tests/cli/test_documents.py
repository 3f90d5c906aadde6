"""The commands that the documents name are there, by the names that they have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.main import main

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (ROOT / "README.md", ROOT / "config.example.toml", *sorted((ROOT / "docs").rglob("*.md")))
NAMED = re.compile(r"`(?:python3 start\.py run|loyaltill)((?: [a-z][a-z-]+)+)")
NO_COMMANDS = {"member code"}
"""What stands before the signed bytes of a member code."""


def commands() -> list[str]:
    found = (named for file in DOCUMENTS for named in NAMED.finditer(file.read_text(encoding="utf-8")))
    return sorted({named[1].strip() for named in found} - NO_COMMANDS)


def test_the_documents_name_commands() -> None:
    assert {"decode", "devices watch", "hq member merge"} <= set(commands())


@pytest.mark.parametrize("words", commands())
def test_a_command_that_a_document_names_is_there(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), "--help"])
    assert ended.value.code == 0, capsys.readouterr().err
