"""`loyaltill policy explain` says in money what tills without HQ may cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cli.policy
from cli.main import main
from tests.loyalty.authoring.test_exposure import HEAD, OFF, TENTH

FLOORS = '[offline]\nfloor_per_sale = "1.00"\nfloor_per_member = "2.00"\nfloor_per_till_day = "3.00"\n'
KNOWN: dict[str, Any] = {
    "tills": 2,
    "lost": [["points", "late", 1]],
    "written_off": [["points", 20]],
    "one_disk": [["budget.b", 5_000], ["coupon.next", 3], ["points", 7]],
}


def explained(tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    (tmp_path / "club.toml").write_text(source)
    monkeypatch.setattr(cli.policy, "_known", lambda _: KNOWN)
    return main(["policy", "explain", "--programme", str(tmp_path / "club.toml"), *more])


def test_what_is_known_of_hqs_leases_is_said_in_money_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(tmp_path, HEAD + FLOORS + OFF, monkeypatch) == 0
    assert capsys.readouterr().out.splitlines()[4:] == [
        "THE WHOLE CHAIN: at most 6.00 KZT",
        "written off, and may still come: 20 of points, worth at most 200.00 KZT",
        "a disk that is put back may give again: 50.00 KZT of budget.b",
        "a disk that is put back may give again: 3 of coupon.next",
        "a disk that is put back may give again: 7 of points, worth at most 70.00 KZT",
        "THE WHOLE CHAIN, with what was written off: at most 206.00 KZT",
        "each disk that is put back, besides: at most 120.00 KZT, and 3 of coupon.next, which have no price",
        "so far late: 1 of points, worth at most 10.00 KZT",
    ]
    assert explained(tmp_path, HEAD + FLOORS + OFF, monkeypatch, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["chain_minor"], said["written_off_minor"], said["one_disk_minor"]) == (600, 20_000, 12_000)


def test_a_share_of_the_basket_is_no_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(tmp_path, HEAD + FLOORS + OFF + TENTH, monkeypatch) == 0
    said = capsys.readouterr().out.splitlines()
    assert "written off, and may still come: 20 of points" in said
    assert "THE WHOLE CHAIN, with what was written off: at most 6.00 KZT, and 20 of points, which have no price" in said
