"""What the tests of the catalogues share."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from messages.checks import Entry
from messages.compile import entries, read_catalog
from messages.languages import PAPER_LANGUAGES


@pytest.fixture(scope="session")
def house() -> Path:
    """The top folder of the source."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def catalogs() -> dict[str, Catalog]:
    """Every language's catalogue as Babel reads it."""
    return {language: read_catalog(language) for language in PAPER_LANGUAGES}


@pytest.fixture(scope="session")
def spoken(catalogs: dict[str, Catalog]) -> dict[str, dict[str, Entry]]:
    """Every language's messages by id."""
    return {language: entries(catalog) for language, catalog in catalogs.items()}
