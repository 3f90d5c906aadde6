"""What helps authors holds for the programme of every case: real programmes of many products."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from cli.programme.terms import write_terms
from loyalty.authoring.advice import advise
from loyalty.authoring.difference import changes, effects, probes
from loyalty.authoring.schema import schema
from loyalty.authoring.terms import sections_of
from loyalty.cases.programmes import programme_text
from loyalty.cases.reading import read_cases
from loyalty.programme.reader import read_programme
from messages.catalogue import LANGUAGES, Catalogue
from tests.loyalty.authoring.test_schema import plain

FOLDER = Path(__file__).parents[2] / "cases"


def texts() -> Iterator[str]:
    for path in sorted(FOLDER.rglob("*.json")):
        for case in read_cases(path.read_text(encoding="utf-8"), path.name):
            yield programme_text(case.programme, case.id)


TEXTS = sorted(set(texts()))


def test_there_are_cases() -> None:
    assert len(TEXTS) > 50


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_advice_terms_and_differences_can_be_had(text: str) -> None:
    programme = read_programme(text, "p.toml")
    advise(programme, text)
    for language in LANGUAGES:
        written = write_terms(programme.names, sections_of(programme, text), Catalogue.load(language))
        assert not re.search(r"\{|: *$", written, re.MULTILINE)
    assert changes(text, text) == ()
    met = probes((programme,), (text,))
    assert met
    assert effects(programme, programme, met[:200], 1) == ()


def test_the_schema_accepts_every_programme_that_the_reader_accepts() -> None:
    validator = Draft7Validator(schema())
    faults = [fault.message for text in TEXTS for fault in validator.iter_errors(plain(tomllib.loads(text)))]
    assert faults == []
