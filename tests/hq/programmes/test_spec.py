"""docs/SPEC-releases.md names every refusal and bound of publishing."""

from __future__ import annotations

import re
from pathlib import Path

from hq.feed.programmes import MOST_SOURCE_BYTES
from hq.programmes.refusals import RefusedCode
from hq.programmes.service import LEAST_PREFIX
from sync.protocol.values import MAX_PROGRAMME_BYTES, MAX_RELEASE_STORES

SPEC = (Path(__file__).parents[3] / "docs" / "SPEC-releases.md").read_text(encoding="utf-8")


def test_every_refusal_is_on_the_page() -> None:
    named = {
        code for row in re.findall(r"^\| (`[a-z_`, ]+) \| ", SPEC, re.MULTILINE) for code in re.findall("[a-z_]+", row)
    }
    assert {code.value for code in RefusedCode} <= named


def test_the_bounds_are_those_of_the_page() -> None:
    assert MAX_PROGRAMME_BYTES == 256 * 1024
    assert MOST_SOURCE_BYTES == 1024 * 1024
    assert MAX_RELEASE_STORES == 1_000
    assert LEAST_PREFIX == 4
    for words in ("at most 256 KiB", "at most 1 MiB", "at most 1,000", "at least four"):
        assert words in SPEC
