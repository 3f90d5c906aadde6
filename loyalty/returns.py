"""Returns and voids: undoing a sale from what was stored at the sale, never from today's rules.

The cumulative reversal of an award is ``floor(earned x returned base / base)``, and all of it once every line
that earned has come back; one return takes the difference to what earlier returns took. So no order or split
of returns takes more or less than another. Source: docs/SPEC-programme.md, section 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from loyalty.journal.detail import DetailAward, DetailLine, DetailReversal, Remainder
from loyalty.journal.entry import Posting
from loyalty.numbers.limits import require
from loyalty.refusals import Refusal, RefusalCode
from loyalty.units import remainder_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldSale:
    """What was stored at a sale, as far as a return needs it.

    Attributes:
        account: Who earned, or None for a sale without a member.
        lines: As sold.
        awards: As awarded.
        remainders: The change of each remainder at the sale.
        returned_milli: Line to thousandths that came back so far.
        voided: The sale was voided as a whole.
    """

    account: bytes | None
    lines: tuple[DetailLine, ...]
    awards: tuple[DetailAward, ...]
    remainders: tuple[Remainder, ...]
    returned_milli: Mapping[int, int]
    voided: bool = False

    def __post_init__(self) -> None:
        sold = {line.line for line in self.lines}
        require(len(sold) == len(self.lines), "each line of a sale has a number of its own")
        require(all(line.quantity_milli > 0 for line in self.lines), "a sold quantity is more than zero")
        require(all(award.amount >= 0 for award in self.awards), "a sale awards nothing below zero")
        earned = {line for award in self.awards for line, _ in award.bases}
        require(earned | self.returned_milli.keys() <= sold, "only lines that were sold earn or come back")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPlan:
    """What a return posts and says.

    Attributes:
        postings: Negative for what is taken back; empty where nothing changes.
        reversals: The same by rule, for the detail and the receipt.
        remainders: Remainders given back by the return of everything.
        refunded_minor: What the returned quantities cost at the sale; the returns of everything sum to its price.
    """

    postings: tuple[Posting, ...]
    reversals: tuple[DetailReversal, ...]
    remainders: tuple[Remainder, ...]
    refunded_minor: int


def plan_return(sale: SoldSale, coming_back: Sequence[tuple[int, int]]) -> ReturnPlan | Refusal:
    """Plan the return of (line, thousandths) pairs of one sale.

    Returns:
        The plan, or a refusal: the sale is voided, a line is unknown or more comes back than is left.
    """
    refusal = _refuse(sale, coming_back)
    if refusal is not None:
        return refusal
    before = dict(sale.returned_milli)
    after = dict(before)
    for line, quantity in coming_back:
        after[line] = after.get(line, 0) + quantity
    sold = {line.line: line for line in sale.lines}
    return _plan(sale, sold, before, after)


def plan_void(sale: SoldSale) -> ReturnPlan | Refusal:
    """Plan to undo a whole sale of which nothing was returned."""
    if sale.voided:
        return Refusal(code=RefusalCode.SALE_VOIDED, field="sale")
    if any(sale.returned_milli.values()):
        return Refusal(code=RefusalCode.SALE_RETURNED, field="sale", detail="return what is left of it instead")
    everything = {line.line: line.quantity_milli for line in sale.lines}
    return _plan(sale, {line.line: line for line in sale.lines}, {}, everything)


def _refuse(sale: SoldSale, coming_back: Sequence[tuple[int, int]]) -> Refusal | None:
    if sale.voided:
        return Refusal(code=RefusalCode.SALE_VOIDED, field="sale")
    if not coming_back:
        return Refusal(code=RefusalCode.BASKET_EMPTY, field="lines", detail="a return has at least one line")
    left = {line.line: line.quantity_milli - sale.returned_milli.get(line.line, 0) for line in sale.lines}
    for place, (line, quantity) in enumerate(coming_back, start=1):
        if line not in left:
            return Refusal(code=RefusalCode.LINE_UNKNOWN, field=f"lines[{place}].line")
        if quantity <= 0:
            return Refusal(code=RefusalCode.QUANTITY_NOT_POSITIVE, field=f"lines[{place}].quantity_milli")
        left[line] -= quantity
        if left[line] < 0:
            detail = "more than is left of the line"
            return Refusal(code=RefusalCode.RETURN_EXCEEDS_SALE, field=f"lines[{place}].quantity_milli", detail=detail)
    return None


def _plan(
    sale: SoldSale, sold: Mapping[int, DetailLine], before: Mapping[int, int], after: Mapping[int, int]
) -> ReturnPlan:
    reversals = tuple(_reversal(award, sold, before, after) for award in sale.awards)
    gone = all(after.get(line, 0) >= sold[line].quantity_milli for award in sale.awards for line, _ in award.bases)
    was_gone = all(before.get(line, 0) >= sold[line].quantity_milli for award in sale.awards for line, _ in award.bases)
    remainders = sale.remainders if gone and not was_gone else ()
    back = tuple(
        Remainder(rule=item.rule, unit=item.unit, numerator=-item.numerator, denominator=item.denominator)
        for item in remainders
    )
    return ReturnPlan(
        postings=_postings(sale.account, reversals, back),
        reversals=reversals,
        remainders=back,
        refunded_minor=int(_worth(sold, after)) - int(_worth(sold, before)),
    )


def _reversal(
    award: DetailAward, sold: Mapping[int, DetailLine], before: Mapping[int, int], after: Mapping[int, int]
) -> DetailReversal:
    base_before, base_after = _returned_base(award, sold, before), _returned_base(award, sold, after)
    return DetailReversal(
        rule=award.rule,
        unit=award.unit,
        amount=_reversed(award, base_after) - _reversed(award, base_before),
        returned_base=int(base_after) - int(base_before),
    )


def _returned_base(award: DetailAward, sold: Mapping[int, DetailLine], returned: Mapping[int, int]) -> Fraction:
    parts = (Fraction(base * returned.get(line, 0), sold[line].quantity_milli) for line, base in award.bases)
    return sum(parts, Fraction(0))


def _reversed(award: DetailAward, returned_base: Fraction) -> int:
    if award.base == 0:
        return 0
    return int(award.amount * returned_base / award.base)


def _worth(sold: Mapping[int, DetailLine], returned: Mapping[int, int]) -> Fraction:
    parts = (Fraction(sold[line].amount_minor * milli, sold[line].quantity_milli) for line, milli in returned.items())
    return sum(parts, Fraction(0))


def _postings(
    account: bytes | None, reversals: Sequence[DetailReversal], remainders: Sequence[Remainder]
) -> tuple[Posting, ...]:
    if account is None:
        return ()
    units = [Posting(account=account, unit=item.unit, amount=-item.amount) for item in reversals if item.amount]
    hidden = [
        Posting(
            account=account,
            unit=remainder_unit(item.unit, item.rule, item.denominator),
            amount=item.numerator,
        )
        for item in remainders
        if item.numerator
    ]
    return tuple(units + hidden)
