"""What was stored at a sale, as far as a return needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from loyalty.journal.detail import (
    DetailAward,
    DetailCardSold,
    DetailIssued,
    DetailLine,
    DetailRedemption,
    EntryDetail,
    Remainder,
)
from loyalty.journal.entry import EntryCore, Posting
from loyalty.numbers.limits import require


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldSale:
    """What was stored at a sale, and what came back of it since.

    Attributes:
        account: Who earned, or None for a sale without a member.
        lines: As sold, with what was charged for them after rewards.
        awards: As awarded.
        remainders: The change of each remainder at the sale.
        redemptions: Rewards that were at work.
        issued: Coupons that it gave out.
        sold_cards: Gift cards that its lines sold.
        postings: The core's: the hidden counters are found here.
        stays: Hidden units that no return takes back.
        returned_milli: Line to thousandths that came back so far.
        voided: The sale was voided as a whole.
    """

    account: bytes | None
    lines: tuple[DetailLine, ...]
    awards: tuple[DetailAward, ...] = ()
    remainders: tuple[Remainder, ...] = ()
    redemptions: tuple[DetailRedemption, ...] = ()
    issued: tuple[DetailIssued, ...] = ()
    sold_cards: tuple[DetailCardSold, ...] = ()
    postings: tuple[Posting, ...] = ()
    stays: frozenset[str] = frozenset()
    returned_milli: Mapping[int, int]
    voided: bool = False

    def __post_init__(self) -> None:
        sold = {line.line for line in self.lines}
        require(len(sold) == len(self.lines), "each line of a sale has a number of its own")
        require(all(line.quantity_milli > 0 for line in self.lines), "a sold quantity is more than zero")
        require(all(award.amount >= 0 for award in self.awards), "a sale awards nothing below zero")
        earned = {line for award in self.awards for line, _ in award.bases}
        cut = {line for one in self.redemptions for line, _ in one.by_line} | {one.line for one in self.sold_cards}
        require(earned | cut | self.returned_milli.keys() <= sold, "only lines that were sold earn or come back")

    @property
    def everything(self) -> dict[int, int]:
        """Line to thousandths, all of them."""
        return {line.line: line.quantity_milli for line in self.lines}

    @property
    def accounts(self) -> tuple[bytes, ...]:
        """The accounts whose holdings a return asks for, sorted: the member's, coupons' and gift cards'."""
        found = {one.account for one in self.redemptions if one.account is not None}
        found |= {one.account for one in self.awards if one.account is not None}
        found |= {one.account for one in self.issued} | {one.account for one in self.sold_cards}
        return tuple(sorted(found | ({self.account} if self.account is not None else set())))

    def share(self, parts: Mapping[int, int], returned_milli: Mapping[int, int]) -> Fraction:
        """Give what came back of a number by line, exact: as much of it as of the line's quantity."""
        sold = self.everything
        back = (
            Fraction(number * min(returned_milli.get(line, 0), sold[line]), sold[line])
            for line, number in parts.items()
        )
        return sum(back, Fraction(0))


def sold_sale(
    core: EntryCore,
    detail: EntryDetail,
    *,
    account: bytes | None,
    returned_milli: Mapping[int, int],
    voided: bool = False,
) -> SoldSale:
    """Read a sale from its entry.

    Args:
        core: Of the sale's entry.
        detail: Of the same.
        account: Where the member's units stand now, after merges; None where the sale posts nothing to a member.
        returned_milli: Line to thousandths that came back so far.
        voided: The sale was voided.
    """

    def now(posted: bytes) -> bytes:
        return account if account is not None and posted == detail.member else posted

    return SoldSale(
        account=account,
        lines=detail.lines,
        awards=detail.awards,
        remainders=detail.remainders,
        redemptions=tuple(
            replace(one, account=now(one.account)) if one.account is not None else one for one in detail.redemptions
        ),
        issued=detail.issued,
        sold_cards=detail.sold_cards,
        postings=tuple(replace(one, account=now(one.account)) for one in core.postings),
        stays=frozenset(detail.stays),
        returned_milli=returned_milli,
        voided=voided,
    )


def is_tender(redemption: DetailRedemption) -> bool:
    """Tell whether units paid, rather than took something off the bill."""
    return redemption.settle == "tender"
