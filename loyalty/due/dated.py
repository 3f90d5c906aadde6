"""What HQ gives by the date, without a sale: for a birthday, to win somebody back, to welcome.

A rule that earns, or that issues coupons, is HQ's when its ``when.action`` is ``hq``: no till ever says that action, and
HQ says it of every member, every day. Its other conditions, limits and budgets are as everywhere. It is given once for
each occasion: a birthday of a year, an absence, a joining; a rule that names none of them once a day. Source:
docs/SPEC-programme.md, section "What HQ gives by the date".
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from loyalty.holding.periods import birthday_in
from loyalty.holding.standing import Holdings, Standing
from loyalty.moment import Moment
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.quote.acting import act
from loyalty.refusals import Refusal
from loyalty.rules.stages import Head
from loyalty.sale.ask import BY_HQ

_YEARS = (-1, 0, 1)


def dated_heads(programme: Programme) -> tuple[Head, ...]:
    """Give the heads of the rules that HQ runs, in order of priority and id."""
    heads = (*(rule.head for rule in programme.earn_rules), *(rule.head for rule in programme.issuers))
    return tuple(sorted((one for one in heads if one.when.action == BY_HQ), key=lambda one: (one.priority, one.id)))


def occasion(head: Head, standing: Standing, today: date) -> date:
    """Give the day that an occasion is named by; what is given for one is given once.

    The next or last birthday, whichever the rule's days reach; else the last visit before the absence; else the day of
    joining; else today.
    """
    when = head.when
    if when.birthday is not None and standing.birthday is not None:
        before, after = when.birthday
        days = [birthday_in(today.year + years, standing.birthday) for years in _YEARS]
        near = [one for one in days if one - timedelta(days=before) <= today <= one + timedelta(days=after)]
        if near:
            return near[0]
    if when.absent_days is not None and standing.last_visit_on is not None:
        return standing.last_visit_on
    if when.joined_within_days is not None and standing.joined_on is not None:
        return standing.joined_on
    return today


def ask_dated(
    programme: Programme, head: Head, standing: Standing, moment: Moment, pools: Mapping[str, Holdings]
) -> Quote | None:
    """Ask one of HQ's rules about one member; None where it gives nothing now.

    Args:
        programme: The version in force in the member's store.
        head: One of `dated_heads`.
        standing: The member's.
        moment: Now, by the store's clock; ``business_date`` is its date.
        pools: What is known of the programme's pools.
    """
    if head.when.joined_within_days is not None and standing.joined_on is None:
        return None  # a till takes such a member for a new one; here that would be every day
    alone = replace(
        programme,
        earn_rules=tuple(rule for rule in programme.earn_rules if rule.head is head),
        issuers=tuple(rule for rule in programme.issuers if rule.head is head),
        multipliers=(),
        rewards=(),
    )
    answer = act(alone, standing, moment, BY_HQ, pools)
    if isinstance(answer, Refusal):
        return None
    given = any(award.amount for award in answer.awards) or bool(answer.issues)
    return answer if given else None
