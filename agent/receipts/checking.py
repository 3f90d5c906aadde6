"""Looking at a shop's own templates before a customer waits for paper: at the agent's start, and by ``loyaltill doctor``."""

import logging
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from pathlib import Path

from agent.config.receipts import ReceiptLanguage, ReceiptsConfig
from agent.receipts.faults import BrokenTemplate, TemplateFault
from agent.receipts.names import SUFFIX, TEMPLATES
from agent.receipts.render import Templates, templates_in
from agent.receipts.samples import sample
from agent.receipts.speech import speech
from agent.receipts.values import Paper
from drivers.printers.profiles.listing import UNKNOWN
from messages.languages import PAPER_LANGUAGES, nearest_language

_LOG = logging.getLogger(__name__)


def faults(settings: ReceiptsConfig, language: str) -> list[TemplateFault]:
    """Write each of the shop's templates on a full paper and on an empty one; give what is wrong, a fault for each file.

    Args:
        settings: Of the shop.
        language: Of the shop.
    """
    folder = settings.templates
    if folder is None:
        return []
    templates = templates_in(folder, settings.logo)
    try:
        names = templates.own_names()
    except OSError as fault:
        return [TemplateFault(file=folder, line=None, reason=f"the folder cannot be read: {fault.strerror}")]
    helping = templates.extended().difference(TEMPLATES)
    spoken = nearest_language(language, PAPER_LANGUAGES)
    found = (_fault(templates, folder, name, spoken) for name in names if name not in helping)
    return [fault for fault in found if fault is not None]


def log_faults(settings: ReceiptsConfig, language: str) -> None:
    """Write what is wrong into the log."""
    for fault in faults(settings, language):
        _LOG.error("%s; the built-in template prints instead", fault)


def _fault(templates: Templates, folder: Path, name: str, language: str) -> TemplateFault | None:
    file = folder / f"{name}{SUFFIX}"
    if name not in TEMPLATES:
        return TemplateFault(
            file=file, line=None, reason=f"no template is called {name}; there are {', '.join(TEMPLATES)}"
        )
    for paper in _papers(name, language):
        try:
            templates.own(name, paper, speech(paper.currency, language, language, ReceiptLanguage.MEMBER))
        except BrokenTemplate as fault:
            return templates.fault_of(name, fault)
    return None


def _papers(name: str, language: str) -> Iterator[Paper]:
    full = sample(name, language, UNKNOWN, UNKNOWN.columns)
    yield full
    yield replace(full, **{field.name: field.default for field in fields(full) if field.default is not MISSING})
