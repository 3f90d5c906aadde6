"""What a change of a programme changes: in its file, and for baskets."""

from datetime import datetime

import pytest

from loyalty.authoring.difference import Change, Effect, Probe, changes, effects, probes
from loyalty.authoring.difference.changes import Way
from loyalty.programme.reader import read_programme
from tests.loyalty.authoring.writing import EARN, HEAD

SPEND = '[[reward]]\nkind = "points_discount"\nid = "spend"\ncost = 100\ndiscount = "1.00"\n'
GOLD = '[[tier]]\nid = "gold"\nnames.en = "Gold"\n'
DOUBLE = '[[rule]]\nkind = "multiply"\nid = "double"\nmultiplier = 2\n'


def changed(before: str, after: str) -> tuple[Change, ...]:
    return changes(HEAD + before, HEAD + after)


def differing(before: str, after: str) -> tuple[Effect, ...]:
    texts = HEAD + before, HEAD + after
    one, other = (read_programme(text, "p.toml") for text in texts)
    return effects(one, other, probes((one, other), texts), 50)


def key(table: str, one: str, key: str, before: str | None, after: str | None) -> Change:
    return Change(way=Way.CHANGED, table=table, id=one, key=key, before=before, after=after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (EARN, EARN.replace('"1.00"', '"0.50"'), [key("rule", "earn", "per", "1", "0.5")]),
        (EARN, EARN.replace('"1.00"', "1"), []),
        (EARN, EARN + 'rounding = "floor"\nwhen.members = "any"\n', []),
        (EARN, EARN + 'when.tiers = ["gold"]\n' + GOLD, [
            Change(way=Way.ADDED, table="tier", id="gold"),
            key("rule", "earn", "when.tiers", None, "gold"),
        ]),
        (EARN + 'items = ["a", "b"]\n', EARN + 'items = ["b", "a"]\n', []),
        (GOLD, GOLD + 'names.kk = "Алтын"\n', [key("tier", "gold", "names.kk", None, "Алтын")]),
        ("", EARN, [Change(way=Way.ADDED, table="rule", id="earn", after="per_amount")]),
        (EARN, "", [Change(way=Way.REMOVED, table="rule", id="earn", before="per_amount")]),
        (EARN, DOUBLE.replace("double", "earn"), [
            Change(way=Way.REMOVED, table="rule", id="earn", before="per_amount"),
            Change(way=Way.ADDED, table="rule", id="earn", after="multiply"),
        ]),
        ("", '[policies]\nmultipliers = "additive"\n', [key("policies", "", "multipliers", "compound", "additive")]),
        ("", '[policies]\nmultipliers = "compound"\n', []),
    ],
)  # fmt: skip
def test_a_change_is_told_key_by_key(before: str, after: str, expected: list[Change]) -> None:
    assert changed(before, after) == tuple(expected)


def test_another_label_is_no_change() -> None:
    assert changes(HEAD, HEAD.replace('label = "1"', 'label = "2"')) == ()


def test_the_same_programme_answers_every_basket_alike() -> None:
    assert differing(EARN + SPEND, EARN + SPEND + "# a comment\n") == ()


def test_the_simplest_basket_that_differs_comes_first() -> None:
    first = differing(EARN, EARN.replace('"1.00"', '"0.50"'))[0]
    assert first.probe == Probe(amount_minor=50, at=datetime.fromisoformat("2026-01-05T12:00"))
    assert (first.before.earned, [units.amount for _, units in first.after.earned]) == ((), [1])


@pytest.mark.parametrize(
    ("more", "field", "value"),
    [
        ('when.tiers = ["gold"]\n' + GOLD, "tier", "gold"),
        ('when.hours = ["17:00-18:00"]\n', "at", datetime.fromisoformat("2026-01-05T17:00")),
        ("when.from = 2026-03-01\n", "at", datetime.fromisoformat("2026-03-01T00:00")),
        ('when.weekdays = ["sat"]\n', "at", datetime.fromisoformat("2026-01-10T12:00")),
        ('when.stores = ["north"]\n', "store", "north"),
        ('when.code = "SUMMER"\n', "code", "SUMMER"),
        ("when.nth_visit = 3\n", "visits", 2),
        ("when.birthday_days_after = 1\n", "birthday", True),
        ("when.absent_days = 30\n", "absent_days", 30),
        ("uses.per_member = 2\n", "used", 0),
        ('categories = ["bread"]\n', "goods", "bread"),
        ('when.segments = ["big"]\n[[segment]]\nid = "big"\nnames.en = "Big"\nexternal = true\n', "segment", "big"),
    ],
)
def test_each_condition_is_met_at_its_edge(more: str, field: str, value: object) -> None:
    found = differing(EARN, EARN + DOUBLE + more)
    assert found
    assert {getattr(effect.probe, field) for effect in found} == {value}


def test_a_threshold_is_met_to_the_minor_unit() -> None:
    found = differing(EARN, EARN + DOUBLE + 'when.least_spend = "12.34"\n')
    assert found[0].probe.amount_minor == 1234


def test_rewards_are_chosen_with_what_they_cost() -> None:
    [first, *_] = differing(EARN + SPEND, EARN + SPEND.replace("100", "90"))
    assert (first.probe.redeem, first.probe.units) == ("spend", 90)
    assert first.before.refused == "redeem_below_minimum"


def test_programmes_of_two_currencies_are_not_compared() -> None:
    texts = HEAD + EARN, HEAD.replace("KZT", "AZN") + EARN
    one, other = (read_programme(text, "p.toml") for text in texts)
    assert effects(one, other, probes((one, other), texts), 5) == ()


def test_the_same_files_give_the_same_baskets() -> None:
    text = HEAD + EARN + SPEND + GOLD + DOUBLE + 'when.tiers = ["gold"]\nwhen.hours = ["17:00-18:00"]\n'
    programme = read_programme(text, "p.toml")
    assert probes((programme, programme), (text, text)) == probes((programme,), (text,))
