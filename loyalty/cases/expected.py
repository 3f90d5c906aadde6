"""What a step is expected to bring: every field is left out where nothing is said about it.

Maps are read as parts: what they do not name may be anything. A figure that is named and does not exist counts as zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.cases.figures import Figure, LocalTime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineExpect:
    """One line, by its number from 1.

    Attributes:
        discount: What rewards take off it.
        total: What it costs after that, tax included.
        unit_price: The same for one unit.
        free: Units of it that a reward gives away.
    """

    discount: Figure | None = None
    total: Figure | None = None
    unit_price: Figure | None = None
    free: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupExpect:
    """The lines of one tax together."""

    discount: Figure | None = None
    total: Figure | None = None
    untaxed: Figure | None = None
    tax: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardExpect:
    """One reward.

    Attributes:
        applied: Whether it does anything.
        discount: What it takes off, tax included.
        free: Units that it gives away, whether they are in the basket or added.
        times: How often it is taken.
        units: What it costs of its unit.
        counted: Pieces of the basket that it used up, paid and free.
    """

    applied: bool | None = None
    discount: Figure | None = None
    free: Figure | None = None
    times: int | None = None
    units: Figure | None = None
    counted: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferExpect:
    """What the member could redeem: whether at all, the most units, and the discount for them."""

    open: bool | None = None
    least: Figure | None = None
    most: Figure | None = None
    discount: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtotalExpect:
    """Some lines together, by number."""

    lines: tuple[int, ...]
    total: Figure | None = None
    discount: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotExpect:
    """What became of a lot; named by the step that made it, or by its id where the member came with it."""

    unit: str = "points"
    amount: Figure | None = None
    usable_at: LocalTime | None = None
    expires_at: LocalTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberExpect:
    """How a member stands.

    Attributes:
        balances: Pending units and those of no lot included.
        usable: What may be spent now.
        tier: The tier's id, or ``""`` for none.
        segments: All that the member is in, in any order.
    """

    balances: Mapping[str, Figure] | None = None
    usable: Mapping[str, Figure] | None = None
    lots: Mapping[str, LotExpect] | None = None
    tier: str | None = None
    segments: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportExpect:
    """A closing report: redemptions of the sales, and what returns gave back, apart.

    Attributes:
        redeemed: Unit to what was spent.
        redeemed_money: What that took off.
        redemptions: How many sales spent something.
    """

    redeemed: Mapping[str, Figure] | None = None
    redeemed_money: Figure | None = None
    redemptions: int | None = None
    restored: Mapping[str, Figure] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """All that can be expected of a step.

    Attributes:
        refused: The refusal's code, or ``""`` for "not refused".
        earned: Unit to what all rules together award.
        awards: Rule to what it awards.
        discount: What rewards take off in all, tax included; ``discount_net`` without tax; ``discount_percent`` of the
            price before it.
        total: What is charged after rewards, tax included, before tenders; ``untaxed`` and ``tax`` are its parts.
        paid: What units and gift cards pay.
        to_pay: What is left to pay otherwise; ``untaxed_to_pay`` less the tax.
        tenders: Gift card's number, or reward, to the money that it pays.
        free: Units that rewards give away in all.
        left: Pieces of the basket that no reward used up.
        gifts: Item to the quantity that is handed out.
        issued: Coupon to how many are given out.
        balances: Of the step's member, like ``usable``, ``lots`` and ``tier``; see `MemberExpect`.
        spent: Unit to what all rewards together cost of it.
        taken: Lot to what the step took from it.
        turned_down: Code, coupon or gift card, as it was shown, to the refusal's code; ``""`` where it was accepted.
        changes: Unit to the changes of the member's balance in this step, one a posting, in any order.
        net: Unit to their sum.
        coupons: Code to the uses that are left.
        gift_cards: Number to what is left on it.
        pools: Name to what is in it.
        expired: Unit to what ended in this step, for all members.
        entries: How many entries the journal has of the step's member (of all, without one).
        recorded: Whether the step wrote an entry.
        refunded: Money that goes back; ``refunded_so_far`` with earlier returns of the same sale.
        missed: Rule or reward that was not at work to the id of the message that says what is missing.
        says: Ids of messages that are among the explanations.
        revenue: Of a ``liability`` or ``defer`` step; ``put_off`` of the latter.
    """

    refused: str | None = None
    earned: Mapping[str, Figure] | None = None
    awards: Mapping[str, Figure] | None = None
    discount: Figure | None = None
    discount_net: Figure | None = None
    discount_percent: Figure | None = None
    total: Figure | None = None
    untaxed: Figure | None = None
    tax: Figure | None = None
    paid: Figure | None = None
    to_pay: Figure | None = None
    untaxed_to_pay: Figure | None = None
    lines: Mapping[str, LineExpect] | None = None
    subtotals: tuple[SubtotalExpect, ...] | None = None
    tax_groups: Mapping[str, GroupExpect] | None = None
    rewards: Mapping[str, RewardExpect] | None = None
    offers: Mapping[str, OfferExpect] | None = None
    tenders: Mapping[str, Figure] | None = None
    free: Figure | None = None
    left: Figure | None = None
    gifts: Mapping[str, Figure] | None = None
    issued: Mapping[str, Figure] | None = None
    balances: Mapping[str, Figure] | None = None
    usable: Mapping[str, Figure] | None = None
    lots: Mapping[str, LotExpect] | None = None
    tier: str | None = None
    spent: Mapping[str, Figure] | None = None
    taken: Mapping[str, Figure] | None = None
    turned_down: Mapping[str, str] | None = None
    changes: Mapping[str, tuple[Figure, ...]] | None = None
    net: Mapping[str, Figure] | None = None
    members: Mapping[str, MemberExpect] | None = None
    coupons: Mapping[str, Figure] | None = None
    gift_cards: Mapping[str, Figure] | None = None
    pools: Mapping[str, Figure] | None = None
    expired: Mapping[str, Figure] | None = None
    entries: int | None = None
    recorded: bool | None = None
    refunded: Figure | None = None
    refunded_so_far: Figure | None = None
    missed: Mapping[str, str] | None = None
    says: tuple[str, ...] | None = None
    report: ReportExpect | None = None
    revenue: Figure | None = None
    put_off: Figure | None = None


NOTHING_EXPECTED = Expect()
