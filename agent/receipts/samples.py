"""A realistic paper of every kind, in every language: for trying a template without a sale, and for checking one.

The samples are kept in pounds; each language has them in the money of its country, every amount times a round number, so
that sums and explanations stay right.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from agent.receipts.names import TEMPLATES
from agent.receipts.printer_page import printer_page
from agent.receipts.shape import from_json, to_json
from agent.receipts.values import Paper
from drivers.printers.profiles.profile import PrinterProfile

_HERE = Path(__file__).parent / "samples"
_FILES = {"appended": "slip"}
"""Templates that are given the sample of another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Money:
    """The money of a country: its minor units for each penny of the sample."""

    code: str
    scale: int
    times: int


_MONEY = {
    "kk": _Money(code="KZT", scale=2, times=500),
    "az": _Money(code="AZN", scale=2, times=2),
    "ru": _Money(code="RUB", scale=2, times=100),
    "hy": _Money(code="AMD", scale=0, times=5),
    "en": _Money(code="GBP", scale=2, times=1),
    "ka": _Money(code="GEL", scale=2, times=3),
    "tr": _Money(code="TRY", scale=2, times=40),
    "uz": _Money(code="UZS", scale=0, times=160),
}


def sample(template: str, language: str, profile: PrinterProfile, columns: int) -> Paper:
    """Give a paper for a template, in the money of a language's country.

    Args:
        template: A key of `TEMPLATES`.
        language: One of the languages of paper.
        profile: What a test page tells of.
        columns: Characters in a line of it.
    """
    if template == "test":
        shown = from_json(TEMPLATES["slip"].shape, _read("slip"))
        at = datetime.fromisoformat("2026-03-05T18:42:00+05:00")
        return printer_page(profile, columns, shop=shown.shop, till="2", at=at)
    given = _priced(_read(_FILES.get(template, template)), _MONEY[language])
    return from_json(TEMPLATES[template].shape, given)


def sample_json(template: str, language: str, profile: PrinterProfile, columns: int) -> dict[str, Any]:
    """Give the same as JSON, each name in one language."""
    said: dict[str, Any] = _in_language(to_json(sample(template, language, profile, columns)), language)
    return said


@lru_cache(maxsize=8)
def _read(name: str) -> Any:
    return json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))


def _priced(given: Any, money: _Money, name: str = "") -> Any:
    """Give the same in another currency."""
    match given:
        case {"code": str(), "scale": int()}:
            return {"code": money.code, "scale": money.scale}
        case {"money": True}:
            return given | {"amount": given["amount"] * money.times, "scale": money.scale}
        case dict():
            return {key: _priced(value, money, key) for key, value in given.items()}
        case list():
            return [_priced(item, money) for item in given]
        case int() if name.endswith("_minor"):
            return given * money.times
    return given


def _in_language(given: Any, language: str) -> Any:
    match given:
        case {"en": _}:
            return {language: given[language]}
        case dict():
            return {key: _in_language(value, language) for key, value in given.items()}
        case list():
            return [_in_language(item, language) for item in given]
    return given
