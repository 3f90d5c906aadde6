"""Papers to print in tests, and what comes out as text."""

from __future__ import annotations

from pathlib import Path

from agent.config.receipts import ReceiptLanguage
from agent.receipts.render import Templates
from agent.receipts.samples import sample
from agent.receipts.speech import speech
from agent.receipts.values import Paper, Slip
from drivers.printers.document import Document
from drivers.printers.layout import lay_out
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.text_preview import preview_text


def paper(template: str, language: str = "en", columns: int = 48) -> Paper:
    """The sample of a template."""
    return sample(template, language, UNKNOWN, columns)


def slip(language: str = "en") -> Slip:
    """The sample of a slip."""
    found = paper("slip", language)
    assert isinstance(found, Slip)
    return found


def written(templates: Templates, template: str, value: Paper, language: str = "en", second: str = "") -> Document:
    """The document of a paper, in one language or two."""
    choice = ReceiptLanguage.BOTH if second else ReceiptLanguage.MEMBER
    return templates.document(template, value, speech(value.currency, language, second or language, choice))


def text(document: Document, columns: int = 48) -> str:
    """What is on the paper."""
    return preview_text(lay_out(document, columns))


def own(folder: Path, name: str, source: str) -> Templates:
    """A shop with one template of its own."""
    (folder / f"{name}.jinja").write_text(source, encoding="utf-8")
    return Templates(folder)
