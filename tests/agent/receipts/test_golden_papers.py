"""Every template in every language on three printers, as text and as bytes, as they were last reviewed.

``UPDATE_GOLDEN=1 pytest tests/agent/receipts/test_golden_papers.py`` writes both files anew; review the change of
``golden/papers.txt`` as a diff. ``golden/papers.sha256`` has the length and the digest of each job's bytes.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from functools import cache
from pathlib import Path

from agent.receipts.names import TEMPLATES
from agent.receipts.render import Templates
from agent.receipts.samples import sample
from drivers.printers.document import Document
from drivers.printers.encoders.choose import encode
from drivers.printers.layout import lay_out
from drivers.printers.profiles.listing import load
from messages.languages import PAPER_LANGUAGES
from tests.agent.receipts.papers import text, written

PRINTERS = ("cp866-80mm", "TM-T20III", "unknown")
GOLDEN = Path(__file__).parent / "golden"
MOST_LINES = 60


@cache
def document(template: str, language: str, printer: str) -> Document:
    """One paper; only a test page differs between printers."""
    profile = load(printer if template == "test" else "unknown")
    return written(Templates(None), template, sample(template, language, profile, profile.columns), language)


def changed(name: str, value: str) -> str:
    """How a golden file differs, the first lines of it; empty where it does not, or was just written."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(value, encoding="utf-8", newline="\n")
    was = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(list(difflib.unified_diff(was, value.splitlines(), name, "now", n=1, lineterm=""))[:MOST_LINES])


def papers_as_text() -> str:
    """Every paper once, under the names of the printers that print it so."""
    parts = []
    for template in TEMPLATES:
        for language in PAPER_LANGUAGES:
            said: dict[str, list[str]] = {}
            for printer in PRINTERS:
                shown = text(document(template, language, printer), load(printer).columns)
                said.setdefault(shown, []).append(printer)
            parts += [f"===== {template} {language}: {', '.join(names)}\n{shown}" for shown, names in said.items()]
    return "".join(parts)


def papers_as_digests() -> str:
    """A line for each job: template, language, printer, bytes, digest."""
    lines = []
    for template in TEMPLATES:
        for language in PAPER_LANGUAGES:
            for printer in PRINTERS:
                profile = load(printer)
                job = b"".join(encode(lay_out(document(template, language, printer), profile.columns), profile))
                lines.append(f"{template} {language} {printer} {len(job)} {hashlib.sha256(job).hexdigest()}\n")
    return "".join(lines)


def test_every_paper_reads_as_it_was_reviewed() -> None:
    assert changed("papers.txt", papers_as_text()) == ""


def test_every_job_has_the_bytes_that_were_reviewed() -> None:
    value = papers_as_digests()
    assert value.count("\n") == len(TEMPLATES) * len(PAPER_LANGUAGES) * len(PRINTERS)
    assert changed("papers.sha256", value) == ""
