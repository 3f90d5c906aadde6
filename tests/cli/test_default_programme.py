"""The default programme in every currency that receipts may be in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli import default_programme as module
from cli.default_programme import default_programme
from cli.shipped import shipped_programme
from loyalty.numbers.currency import Currency
from loyalty.programme.reader import read_programme
from loyalty.rules.earning.per_amount import PerAmount

SHIPPED = shipped_programme("default.toml")


@pytest.mark.parametrize(("code", "scale"), [("KZT", 2), ("GBP", 0), ("JPY", 0), ("KWD", 3), ("XTS", 6)])
def test_it_is_the_shipped_one_in_another_currency(code: str, scale: int) -> None:
    currency = Currency(code=code, scale=scale)
    shipped = read_programme(SHIPPED.read_text(encoding="utf-8"), "shipped")
    [rule] = shipped.earn_rules
    assert isinstance(rule, PerAmount)
    given = read_programme(default_programme(currency), "given")
    own = replace(
        rule,
        head=replace(rule.head, when=replace(rule.head.when, currency=currency)),
        base=replace(rule.base, currency=currency),
        per_minor=10**scale,
    )
    assert given == replace(shipped, version=given.version, currency=currency, earn_rules=(own,))


def test_in_its_own_currency_it_is_the_shipped_file_to_the_letter() -> None:
    assert default_programme(Currency(code="GBP", scale=2)) == SHIPPED.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "spoilt"), [('code = "GBP"', 'code = "EUR"'), ("scale = 2\n", ""), ('per = "1.00"', 'per = "2.00"')]
)
def test_one_that_was_changed_does_not_count_by_surprise(
    line: str, spoilt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "default.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(line, spoilt), encoding="utf-8")
    monkeypatch.setattr(module, "shipped_programme", lambda _name: path)
    with pytest.raises(ValueError, match=r"^default\.toml "):
        default_programme(Currency(code="KZT", scale=2))
