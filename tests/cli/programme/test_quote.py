"""``loyaltill programme quote``: one basket in, what it earns and what could be redeemed on it out."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.loyalty.authoring.writing import EARN, HEAD

SPEND = '[[reward]]\nkind = "points_discount"\nid = "spend"\ncost = 100\ndiscount = "1.00"\n'
HAPPY = (
    '[[rule]]\nkind = "multiply"\nid = "happy"\nmultiplier = 2\nwhen.hours = ["17:00-18:00"]\nwhen.stores = ["north"]\n'
)
BREAD = {"item": "A1", "name": "Bread", "price": "4.00", "quantity": "2"}


def quote(tmp_path: Path, basket: Any, *options: str, programme: str = HEAD + EARN + SPEND + HAPPY) -> int:
    file, asked = tmp_path / "club.toml", tmp_path / "basket.json"
    file.write_text(programme, encoding="utf-8")
    asked.write_text(basket if isinstance(basket, str) else json.dumps(basket), encoding="utf-8")
    return main(["programme", "quote", str(file), "--basket", str(asked), *options])


def test_people_read_lines_awards_and_offers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    member = {"balances": {"points": "250"}}
    basket = {
        "at": "2026-03-04T12:00",
        "member": member,
        "lines": [BREAD],
        "redeem": [{"reward": "spend", "units": "200"}],
    }
    assert quote(tmp_path, basket) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[:3] == [
        "   item   quantity  price  discount  to pay",
        "1  Bread         2  ₸8.00    -₸2.00   ₸6.00",
        "total ₸6.00, of it tax ₸0.00",
    ]
    assert "earned:\n  earn: 6 points\n    6 points: 1 point per ₸1.00 on ₸6.00\n" in said
    assert "at work:\n  spend: -₸2.00\n    200 points used for a discount of ₸2.00\n" in said
    assert "could be redeemed:\n  spend\n    200 points can be used for a discount of ₸2.00" in said


def test_programs_get_one_object_with_ids_and_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert quote(tmp_path, {"at": "2026-03-04", "lines": [BREAD]}, "--json", "--lang", "ru") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["total"], said["to_pay"], said["discount"], said["redemptions"]) == ("8.00", "8.00", "0.00", [])
    [award] = said["awards"]
    assert (award["rule"], award["unit"], award["amount"]) == ("earn", "points", "8")
    assert award["because"][0] == {
        "id": "explain.per_amount",
        "text": "8 баллов: 1 балл за 1,00\u00a0₸, сумма 8,00\u00a0₸",
    }


def test_time_and_store_of_the_command_line_replace_those_of_the_basket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    basket = {"at": "2026-03-04T12:00", "store": "south", "lines": [BREAD], "member": {}}
    for options, earned in (((), "8"), (("--at", "2026-03-04T17:30", "--store", "north"), "16")):
        assert quote(tmp_path, basket, "--json", *options) == 0
        assert json.loads(capsys.readouterr().out)["awards"][0]["amount"] == earned


def test_a_refusal_is_told_with_its_code_and_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    basket = {"at": "2026-03-04", "lines": [BREAD], "member": {}, "redeem": [{"reward": "spend", "units": "100"}]}
    assert quote(tmp_path, basket) == 1
    assert capsys.readouterr().out.endswith("[insufficient_units]\n")
    assert quote(tmp_path, basket, "--json") == 1
    assert json.loads(capsys.readouterr().out)["refused"]["code"] == "insufficient_units"


@pytest.mark.parametrize(
    ("lines", "off", "code"),
    [
        ([BREAD, {**BREAD, "quantity": "-1"}], {"percent": "5"}, "quantity_not_positive"),
        ([{**BREAD, "quantity": "0"}], {"percent": "5"}, "quantity_not_positive"),
        ([{**BREAD, "host_discount": "9.00"}], {"amount": "1.00"}, "price_negative"),
        ([BREAD], {"percent": "-5"}, "price_negative"),
        ([BREAD], {"amount": "-0.01"}, "price_negative"),
    ],
)
def test_what_the_host_takes_off_a_basket_that_is_none_hides_no_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: Any, off: Any, code: str
) -> None:
    assert quote(tmp_path, {"lines": lines, "host_discount": off}) == 1
    assert capsys.readouterr().out.endswith(f"[{code}]\n")


@pytest.mark.parametrize(
    ("basket", "said"),
    [
        ("{", "not JSON"),
        ({"lines": [BREAD], "membr": {}}, 'membr: unknown key; did you mean "member"? [unknown_key]'),
        ({"lines": [{"item": "A"}]}, "lines[1].price: is missing [missing]"),
        ({"lines": [{"item": "A", "price": 4}]}, "lines[1].price: expected a decimal number as a text"),
        ({"lines": [{**BREAD, "tax": "12"}]}, 'lines[1].tax: expected "none", "15% incl"'),
        ({"lines": [BREAD], "member": {"visits": 10**30}}, "member.visits: expected at most"),
        ({"lines": [BREAD], "coupons": [{"code": "A", "coupon": "none"}]}, 'the programme has no coupon "none"'),
        ({"lines": [BREAD], "zone": "Mars/Olympus"}, "zone: is no time zone"),
        ({"lines": [BREAD], "member": {"balances": {"points": "0.5"}}}, "0.5 has more decimals than points"),
    ],
)
def test_a_basket_that_cannot_be_used_is_told_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], basket: Any, said: str
) -> None:
    assert quote(tmp_path, basket) == 2
    assert said in capsys.readouterr().err
