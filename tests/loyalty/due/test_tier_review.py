"""The review of one member's tier."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from loyalty.due.tier_review import Review, explain_move, review
from loyalty.explain import Names, message
from loyalty.holding.lots import lot_of
from loyalty.holding.periods import Lasting, Period, RoundUp
from loyalty.holding.standing import LotBalance, Standing
from loyalty.journal.detail import DetailTier
from loyalty.journal.entry import Posting
from loyalty.parts.tiers import Downgrade, Ladder, Progress, Tier
from tests.loyalty.shop import MEMBER

ALMATY = ZoneInfo("Asia/Almaty")
AT = datetime(2026, 6, 1, 3, tzinfo=ALMATY)


def named(text: str) -> Names:
    return Names(by_language=(("en", text),))


TIERS = tuple(
    Tier(id=tier, names=named(tier.title()), from_progress=least)
    for tier, least in (("basic", 0), ("silver", 10), ("gold", 30))
)
LADDER = Ladder(tiers=TIERS, by=Progress.SPEND, lasting=Lasting(period=Period(months=12)))


def member(progress: int, tier: str | None = None, until: datetime | None = None, **more: object) -> Standing:
    given = {"balances": (("tier.progress", progress),), "tier": tier, "tier_until": until, **more}
    return Standing(member=MEMBER, **given)  # type: ignore[arg-type]


def moved(ladder: Ladder, standing: Standing, at: datetime = AT) -> tuple[str | None, str | None] | None:
    """(tier, the date of its end in the store's zone) after a review, or None where it changes nothing."""
    found = review(ladder, standing, at, ALMATY)
    if found is None:
        return None
    ends = found.tier.until
    return found.tier.after, datetime.fromtimestamp(ends, ALMATY).isoformat()[:16] if ends is not None else None


def applied(standing: Standing, found: Review) -> Standing:
    until = datetime.fromtimestamp(found.tier.until, UTC) if found.tier.until is not None else None
    after = replace(standing, tier=found.tier.after, tier_until=until)
    return after.changed([(one.unit, one.amount, one.lot) for one in found.postings])


def test_up_at_once_however_far() -> None:
    assert moved(LADDER, member(30)) == ("gold", None)
    assert moved(LADDER, member(12, "basic")) == ("silver", None)
    assert moved(LADDER, member(12, "silver")) is None


def test_a_tier_that_is_given_until_a_date_is_kept_until_then() -> None:
    until = AT + timedelta(days=3)
    assert moved(LADDER, member(0, "gold", until)) is None
    assert moved(LADDER, member(0, "gold", until), until) == ("basic", None)
    assert moved(LADDER, member(40, "gold", until)) == ("gold", None)


def test_down_to_what_is_reached_one_step_or_never() -> None:
    assert moved(LADDER, member(0, "gold")) == ("basic", None)
    one_step = replace(LADDER, downgrade=Downgrade.ONE_STEP)
    assert moved(one_step, member(0, "gold")) == ("silver", "2027-06-02T00:00")
    assert moved(one_step, member(0, "silver")) == ("basic", None)
    assert moved(replace(one_step, lasting=None), member(0, "gold")) == ("silver", "2026-06-02T00:00")
    assert moved(replace(LADDER, downgrade=Downgrade.NONE), member(0, "gold")) is None


def test_the_grace_is_good_for_the_whole_of_its_last_day() -> None:
    ladder = replace(LADDER, grace=Period(days=30))
    assert moved(ladder, member(0, "gold")) == ("gold", "2026-07-02T00:00")
    ends = datetime(2026, 7, 2, tzinfo=ALMATY)
    assert moved(ladder, member(0, "gold", ends), ends - timedelta(minutes=1)) is None
    assert moved(ladder, member(0, "gold", ends), ends) == ("basic", None)


def test_a_tier_that_the_programme_no_longer_has_gives_way() -> None:
    assert moved(LADDER, member(12, "platinum")) == ("silver", None)


def test_without_a_ladder_nothing_moves() -> None:
    assert moved(Ladder(), member(12, "gold")) is None
    assert moved(Ladder(tiers=TIERS), member(12, "gold")) is None


def test_a_calendar_year_ends_at_the_stores_new_year() -> None:
    ladder = replace(
        LADDER, by=Progress.BALANCE, unit="points", lasting=Lasting(period=Period(), round_up=RoundUp.YEAR)
    )
    standing = member(0, balances=(("points", 12),))
    assert moved(ladder, standing) == ("silver", "2027-01-01T00:00")


def test_olo_006_points_are_reset_with_the_review_and_lots_with_them() -> None:
    ladder = replace(
        LADDER,
        tiers=TIERS[1:],
        by=Progress.BALANCE,
        unit="points",
        lasting=Lasting(period=Period(days=365)),
        resets_units=True,
    )
    dates = lot_of(None, 2_000_000_000)
    assert dates is not None
    standing = member(
        0,
        "gold",
        balances=(("points", 5),),
        lots=(LotBalance(unit="points", lot=dates, amount=3),),
        last_visit_on=date(2025, 5, 31),
    )
    found = review(ladder, standing, AT, ALMATY)
    assert found == Review(
        tier=DetailTier(before="gold", after=None, until=None),
        postings=(
            Posting(account=MEMBER, unit="points", amount=-3, lot=dates),
            Posting(account=MEMBER, unit="points", amount=-2),
        ),
    )
    assert moved(ladder, replace(standing, last_visit_on=date(2025, 6, 1))) == ("gold", "2026-06-02T00:00")


ladders = st.builds(
    Ladder,
    tiers=st.just(TIERS) | st.just(TIERS[1:]),
    by=st.sampled_from([Progress.SPEND, Progress.BALANCE]),
    unit=st.just("points"),
    lasting=st.sampled_from([None, LADDER.lasting, Lasting(period=Period(), round_up=RoundUp.YEAR)]),
    grace=st.sampled_from([None, Period(days=10)]),
    downgrade=st.sampled_from(Downgrade),
    resets_units=st.booleans(),
)


@given(
    ladders,
    st.integers(-5, 50),
    st.integers(-5, 50),
    st.sampled_from([None, "basic", "silver", "gold", "gone"]),
    st.none() | st.integers(-400, 400),
    st.none() | st.integers(0, 800),
    st.lists(st.integers(0, 500), max_size=4),
)
def test_a_second_review_at_the_same_instant_finds_nothing_to_do(
    ladder: Ladder,
    progress: int,
    points: int,
    tier: str | None,
    until: int | None,
    seen: int | None,
    later: list[int],
) -> None:
    standing = member(
        0,
        tier,
        AT + timedelta(days=until) if until is not None else None,
        balances=(("points", points), ("tier.progress", progress)),
        last_visit_on=AT.date() - timedelta(days=seen) if seen is not None else None,
    )
    at = AT
    for days in [0, *later]:
        at += timedelta(days=days)
        found = review(ladder, standing, at, ALMATY)
        if found is not None:
            standing = applied(standing, found)
        assert review(ladder, standing, at, ALMATY) is None
        assert standing.balance("points") == points or standing.balance("points") == 0


def test_a_move_is_said() -> None:
    def said(before: str | None, after: str | None, until: date | None = None) -> object:
        return explain_move(LADDER, DetailTier(before=before, after=after), until)

    assert said("basic", "gold") == message("explain.tier_up", tier=named("Gold"))
    assert said("gold", "basic") == message("explain.tier_down", tier=named("Basic"))
    assert said("gold", None) == message("explain.tier_ended", tier=named("Gold"))
    assert said("gold", "gold", date(2026, 7, 1)) == message(
        "explain.tier_kept", tier=named("Gold"), day=date(2026, 7, 1)
    )
    assert said("gold", "gold") is None
    assert said("gone", None) is None
