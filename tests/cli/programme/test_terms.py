"""``loyaltill programme terms``: the customer terms of the programmes that ship, in five languages."""

from pathlib import Path

import pytest

from cli.main import main
from loyalty.authoring.keys import RULES
from loyalty.authoring.terms.kinds import OF_KINDS
from loyalty.rules.registry import REWARDS
from messages.catalogue import LANGUAGES
from tests.loyalty.authoring.writing import EARN, HEAD

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "terms"
"""Each file is what ``loyaltill programme terms programmes/NAME.toml --lang LANGUAGE`` printed when a person read it."""
PROGRAMMES = sorted((ROOT / "programmes").glob("*.toml"))


def terms(capsys: pytest.CaptureFixture[str], path: Path, language: str) -> str:
    assert main(["programme", "terms", str(path), "--lang", language]) == 0
    return capsys.readouterr().out


def test_every_kind_has_its_terms() -> None:
    assert {*RULES, *REWARDS} <= OF_KINDS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem)
def test_the_terms_of_each_programme_are_as_they_were_read(
    path: Path, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    golden = GOLDEN / f"{path.stem}.{language}.md"
    assert terms(capsys, path, language) == golden.read_text(encoding="utf-8"), (
        f"loyaltill programme terms {path} --lang {language} > {golden}"
    )


RULE = HEAD + EARN + "{}\n"
REWARD = HEAD + '[[coupon]]\nid = "c"\nnames.en = "Voucher"\n' + '[[reward]]\nid = "r"\nkind = {}\n'
TIERS = HEAD + EARN + '[[tier]]\nid = "gold"\nnames.en = "Gold"\nfrom = "1000"\n[tiers]\nby = "spend"\n{}\n'
UNIT = HEAD + '[[unit]]\nid = "points"\n{}\n' + EARN


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        (RULE, "when.from = 2026-03-01", "From: 1 Mar 2026"),
        (RULE, "when.until = 2026-03-01", "Until, this day included: 1 Mar 2026"),
        (RULE, "when.until = 2026-03-01T18:00:00", "Until, this day included: 1 Mar 2026, 18:00"),
        (RULE, 'when.weekdays = ["sun", "mon"]', "Only on: Monday, Sunday"),
        (RULE, 'when.hours = ["17:00-24:00"]', "Only at these hours: 17:00-00:00"),
        (RULE, 'when.stores = ["b", "a"]', "Only in these stores: a, b"),
        (RULE, 'when.exclude_stores = ["a"]', "Not in these stores: a"),
        (RULE, 'when.members = "none"', "Only without a member's card"),
        (RULE, "when.birthday_days_before = 3", "Around your birthday: days before 3, days after 0"),
        (RULE, "when.absent_days = 30", "After you have been away for: 30 days"),
        (RULE, "when.joined_within_days = 1", "For new members, after joining: 1 day"),
        (RULE, "when.first_purchase = true", "With your first purchase"),
        (RULE, "when.nth_visit = 5", "With your purchase number 5"),
        (RULE, "when.every_nth_visit = 5", "With one purchase in every 5"),
        (RULE, "when.least_spend = 20", "From a purchase of: ₸20.00"),
        (RULE, "when.most_spend = 20", "Up to a purchase of: ₸20.00"),
        (RULE, "when.least_items = 2", "From this many items: 2 items"),
        (RULE, 'when.code = "SUMMER"', "With the code: SUMMER"),
        (RULE, 'tags = ["bio"]', "Only on: bio"),
        (RULE, 'exclude_items = ["A1"]', "Not on: A1"),
        (RULE, "least_price = 2", "Only goods that cost at least: ₸2.00"),
        (RULE, "most_price = 2", "Only goods that cost at most: ₸2.00"),
        (RULE, 'reduced = "skip"', "Not on goods that are reduced already"),
        (RULE, 'reduced = "only"', "Only on goods that are reduced already"),
        (RULE, "cap.per_day = 50", "At most in a day: 50 points"),
        (RULE, "cap.per_month = 50", "At most in a month: 50 points"),
        (RULE, "cap.per_member = 1", "At most for one member: 1 point"),
        (RULE, "cap.least_per_sale = 5", "Not given below: 5 points"),
        (RULE, "uses.per_sale = 1", "At most in one purchase: 1 time"),
        (RULE, "uses.in_all = 100", "For everybody together at most: 100 times"),
        (RULE, "exclusive = true", "It does not combine with other offers"),
        (RULE, 'offline = "deny"', "Only while the till is connected"),
        (RULE, 'tax = "excluded"', "Counted on prices without tax"),
        (RULE, 'base = "before"', "Counted before discounts"),
        (RULE, 'paid_with_units = "included"', "What you pay with points or gift cards counts too"),
        (RULE, 'rounding = "ceiling"', "Fractions are rounded up"),
        (RULE, 'remainder = "carry"', "What is left over counts with your next purchase"),
        (RULE, "pending_days = 14", "Can be used after: 14 days"),
        (RULE, 'expires = "P1Y6M"', "Good for: 18 months"),
        (REWARD, '"percent"\npercent = "12.5"', "12.5 % off"),
        (REWARD, '"percent"\npercent = 50\ntake = "dearest"\nmost_items = 2', "50 % off the dearest item"),
        (REWARD, '"amount_off"\namount = 5\nmost = 3', "The discount is at most: ₸3.00"),
        (REWARD, '"amount_off"\namount = 5\neach = "item"', "₸5.00 off each item"),
        (REWARD, '"amount_off"\namount = 5\ncost = 10', "It costs: 10 points"),
        (REWARD, '"amount_off"\namount = 5\ncode = "HI"', "With the code: HI"),
        (REWARD, '"amount_off"\namount = 5\ncoupon = "c"', "With the coupon: Voucher"),
        (REWARD, '"free_item"\nbuy = 2\nget = 1', "Buy 2, get 1 free"),
        (REWARD, '"free_item"\nbuy = 1\npercent = 50', "Buy 1, get 1 with 50 % off"),
        (REWARD, '"gift"\nitems = ["mug"]\nstock = true', "A gift: mug"),
        (REWARD, '"gift"\nitems = ["cup", "mug"]', "A gift of your choice: cup, mug"),
        (REWARD, '"bundle_price"\ncount = 3\nprice = 10', "3 items together for ₸10.00"),
        (TIERS, "", "Gold, from: ₸1,000.00"),
        (TIERS, 'window = "calendar_year"', "The purchases of a calendar year count"),
        (TIERS, 'window = "P12M"\ngrace = "P30D"', "You keep a tier that you no longer reach for: 30 days"),
        (TIERS, 'window = "P12M"\ndowngrade = "one_step"', "Who no longer reaches a tier goes down one tier"),
        (TIERS, "counts_current_sale = true", "The purchase itself counts at once"),
        (UNIT, 'expires = "P12M"\nexpires_round_up = "quarter"', "It ends with the end of the quarter then"),
        (UNIT, 'expires_when_idle = "P6M"', "It all ends without a purchase for: 6 months"),
        (UNIT, "spendable_in_same_sale = true", "Can be used in the same purchase"),
        (UNIT, 'negative = "floor"', "The balance does not fall below zero: Points"),
        (HEAD + "{}", '[policies]\nreturn_reverses = "none"', "A return changes nothing of what was earned or used"),
        (HEAD + "{}", "[referral]\nreferrer = 100", "You get, after your friend's first purchase: 100 points"),
        (HEAD + "{}", "[referral]\nfriend = 5\nwithin_days = 30", "The purchase must follow joining within: 30 days"),
        (HEAD + "{}", '[[coupon]]\nid = "c"\nnames.en = "C"\nuses = 3', "Can be used: 3 times"),
        (HEAD + "{}", '[[event]]\nid = "e"\nnames.en = "E"\nseats = 40', "Seats: 40"),
    ],
)
def test_each_key_says_its_sentence(
    text: str, key: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text.format(key), encoding="utf-8")
    lines = [line.strip().removeprefix("- ") for line in terms(capsys, path, "en").splitlines()]
    assert said in lines
