"""What is asked of a quote besides the basket: what the member chose, showed, and did."""

from dataclasses import dataclass

from loyalty.holding.rights import Rights
from loyalty.holding.standing import Holdings

MAX_ASKED = 50
"""Most choices, codes, coupons, gift cards, refused rewards or actions of one quote, each."""
BY_HQ = "hq"
"""The action of HQ's own rules, which HQ says by the date and no till ever says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemRequest:
    """One reward that the member chose.

    Attributes:
        reward: The reward's id.
        units: Smallest steps to spend, where the reward lets the member choose; None for its price, or for the most.
        times: How often the reward is taken, where it has a price of its own; > 0.
        choice: The item that the member chose of a gift, or None for the first.
    """

    reward: str
    units: int | None = None
    times: int = 1
    choice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCoupon:
    """A coupon that was shown.

    Attributes:
        code: As printed.
        account: Its account.
        holdings: What is known of it; nothing for a coupon that this till never heard of.
    """

    code: str
    account: bytes
    holdings: Holdings


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGiftCard:
    """A gift card that pays.

    Attributes:
        account: Its account.
        holdings: What is known of it.
        reward: The tender that it is spent through.
        units: Smallest steps to take, or None for as much as it can.
    """

    account: bytes
    holdings: Holdings
    reward: str
    units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A gift card that is sold: the line that pays for it, and its account. Each piece of a line loads a card."""

    line: int
    account: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """All that is asked.

    Attributes:
        redeem: What the member chose, in the order of choosing.
        codes: Words that open offers, as typed, upper or lower case alike.
        declined: Rewards that apply by themselves and that the member does not want.
        loads: Gift cards that are sold, in the order in which they are handed over.
        actions: What the member did besides buying: ``sign_up``, ``feedback``, ``check_in`` or the programme's own.
        rights: What the till that asks may give without HQ; None where nobody else can give the same.
        may_spend: What named the member may also spend for them. Without it, nothing of the member's is taken: a copied
            UID must not redeem (docs/SPEC-uids.md, section 2).
    """

    redeem: tuple[RedeemRequest, ...] = ()
    codes: tuple[str, ...] = ()
    coupons: tuple[ShownCoupon, ...] = ()
    gift_cards: tuple[ShownGiftCard, ...] = ()
    declined: tuple[str, ...] = ()
    loads: tuple[Load, ...] = ()
    actions: tuple[str, ...] = ()
    rights: Rights | None = None
    may_spend: bool = True


NOTHING_ASKED = Ask()
