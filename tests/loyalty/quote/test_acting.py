"""What members get for doing something without buying."""

from dataclasses import replace
from datetime import date

from loyalty.explain import message
from loyalty.holding.standing import Standing
from loyalty.holding.units import TIER_PROGRESS, used_unit
from loyalty.journal.entry import Posting
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.programme.model import Programme
from loyalty.quote import Quote, act
from loyalty.quote.posting import post
from loyalty.refusals import Refusal, RefusalCode
from tests.loyalty.shop import MEMBER, NOW, programme, standing

RULES = """
[[rule]]
kind = "per_action"
id = "rating"
units = 20
when.action = "feedback"
uses.per_day = 1
[[rule]]
kind = "per_action"
id = "gold-rating"
units = 5
when.action = "feedback"
when.tiers = ["gold"]
[[rule]]
kind = "per_amount"
id = "earn"
units = 1
per = "1.00"
[[rule]]
kind = "add"
id = "bonus"
units = 7
[[tier]]
id = "gold"
names.en = "Gold"
[[rule]]
kind = "issue_coupon"
id = "thanks"
coupon = "tea"
when.action = "check_in"
[[coupon]]
id = "tea"
names.en = "Tea"
"""


def acted(rules: Programme, action: str, member: Standing) -> Quote:
    answer = act(rules, member, NOW, action)
    assert isinstance(answer, Quote)
    return answer


def test_only_the_rules_of_the_action_give_something() -> None:
    answer = acted(programme(RULES), "feedback", standing("gold"))
    assert [(award.rule, award.amount) for award in answer.awards] == [("gold-rating", 5), ("rating", 20)]
    assert (answer.lines, answer.total_minor, answer.issues) == ((), 0, ())


def test_what_it_gives_is_posted_with_its_counter() -> None:
    rules = programme(RULES)
    answer = acted(rules, "feedback", standing())
    assert post(rules, answer, b"\x01" * 16, MEMBER).postings == (
        Posting(account=MEMBER, unit="points", amount=20),
        Posting(account=MEMBER, unit=used_unit("rating", "20260131"), amount=1),
    )


def test_a_second_time_on_one_day_gives_nothing_and_says_why() -> None:
    member = Standing(member=MEMBER, balances=((used_unit("rating", "20260131"), 1),))
    answer = acted(programme(RULES), "feedback", member)
    assert (answer.awards, answer.counts) == ((), ())
    assert {one.id for one in answer.missed} == {"rating", "gold-rating"}
    assert message("explain.missing_used_up") in [one.message for one in answer.missed]


def test_an_action_may_give_a_coupon() -> None:
    answer = acted(programme(RULES), "check_in", standing())
    assert [(issue.coupon, issue.count) for issue in answer.issues] == [("tea", 1)]


def test_what_nobody_rewards_gives_nothing_and_says_so() -> None:
    answer = acted(programme(RULES), "jump", standing())
    assert (answer.awards, answer.because) == ((), (message("explain.action_earns_nothing"),))
    over = replace(programme(RULES), valid_until=date(2026, 1, 1))
    assert acted(over, "feedback", standing()).because == (message("explain.programme_not_valid"),)


def test_the_tier_that_the_progress_reaches_counts_and_stays() -> None:
    rules = programme(RULES.replace('names.en = "Gold"', 'names.en = "Gold"\nfrom = 3') + '[tiers]\nby = "visits"\n')
    member = Standing(member=MEMBER, balances=((TIER_PROGRESS, 3),))
    answer = acted(rules, "feedback", member)
    assert "gold-rating" in [award.rule for award in answer.awards]
    assert answer.tier == "gold"
    assert acted(rules, "jump", member).tier == "gold"
    assert acted(programme(RULES), "feedback", standing("gold")).tier == "gold"
    assert acted(replace(rules, valid_until=date(2026, 1, 1)), "feedback", member).tier == "gold"


def test_a_balance_beyond_all_bounds_is_refused() -> None:
    answer = act(programme(RULES), standing(points=MAX_BALANCE), NOW, "feedback")
    assert isinstance(answer, Refusal)
    assert answer.code is RefusalCode.AMOUNT_TOO_LARGE
