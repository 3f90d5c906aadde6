"""The JSON Schema of programme files says what the readers say."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from loyalty.authoring.schema import schema
from loyalty.programme.reader import read_programme
from loyalty.reading.problems import BadFile
from tests.loyalty.authoring.writing import EARN as RULE
from tests.loyalty.authoring.writing import HEAD

ROOT = Path(__file__).parents[3]
PROGRAMMES = sorted((ROOT / "programmes").glob("*.toml"))
SPEC = (ROOT / "docs" / "SPEC-programme.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml programme\n(.*?)```", SPEC, re.DOTALL)


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    made = schema()
    Draft7Validator.check_schema(made)
    return Draft7Validator(made)


def plain(value: Any) -> Any:
    """TOML's values as JSON has them; dates are texts."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, str | int | float) else value.isoformat()


def faults(validator: Draft7Validator, text: str) -> list[str]:
    return [fault.message for fault in validator.iter_errors(plain(tomllib.loads(text)))]


def test_the_file_in_docs_is_what_the_command_prints() -> None:
    written = json.loads((ROOT / "docs" / "programme.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(schema())), "loyaltill programme schema > docs/programme.schema.json"


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem)
def test_it_accepts_every_programme_that_ships(validator: Draft7Validator, path: Path) -> None:
    assert faults(validator, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", [HEAD, HEAD + RULE, *BLOCKS])
def test_it_accepts_what_the_reader_accepts(validator: Draft7Validator, text: str) -> None:
    read_programme(text, "p.toml")
    assert faults(validator, text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is a required property"),
        (HEAD + "[prgramme]\n", "prgramme"),
        (HEAD + RULE + "unit_s = 1\n", "unit_s"),
        (HEAD + RULE.replace("units = 1\n", ""), "'units' is a required property"),
        (HEAD + RULE.replace("units = 1", 'units = "0.0"'), "'0.0'"),
        (HEAD + RULE.replace("units = 1", "units = 1.5"), "1.5"),
        (HEAD + RULE.replace("units = 1", "units = 0"), "0"),
        (HEAD + RULE.replace("per_amount", "per_amont"), "'per_amont' is not one of"),
        (HEAD + RULE.replace('"earn"', '"Earn!"'), "'Earn!' does not match"),
        (HEAD + RULE + 'rounding = "up"\n', "'up' is not one of"),
        (HEAD + RULE + "priority = 1000001\n", "1000001 is greater than the maximum"),
        (HEAD + RULE + 'when.tiers = "gold"\n', "'gold' is not of type 'array'"),
        (HEAD + RULE + "when.from = 12:00:00\n", "'12:00:00' does not match"),
        (HEAD + RULE + "when.goods.catgories = []\n", "not valid under any of the given schemas"),
        (HEAD + RULE + "uses.per_sale = 0\n", "0 is less than the minimum"),
        (HEAD + RULE + "cap.per_hour = 1\n", "per_hour"),
        (HEAD + "[policies]\nspread = true\n", "True is not one of"),
        (HEAD + '[[tier]]\nid = "gold"\nnames.english = "Gold"\n', "english"),
    ],
)
def test_it_refuses_what_the_reader_refuses(validator: Draft7Validator, text: str, said: str) -> None:
    with pytest.raises(BadFile):
        read_programme(text, "p.toml")
    assert any(said in fault for fault in faults(validator, text)), faults(validator, text)
