"""How often a reward with a price is taken in one sale: as asked, or as often as goods, limits and units allow."""

from fractions import Fraction

from loyalty.explain import Message, Money, message
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rate
from loyalty.reading.tables import Table
from loyalty.refusals import Refusal, RefusalCode
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Draw, Head, Offer, Request, Terms
from loyalty.rules.when import REACHED, Unmet
from loyalty.sale.bill import Cut

MAX_TIMES = 1_000
"""Most times that one reward is at work in one sale."""
_PERCENT_SCALE = 4


def how_often(request: Request, terms: Terms, natural: int) -> int | Refusal:
    """Give how often the reward is at work, >= 1.

    Args:
        request: What was asked.
        terms: The reward's.
        natural: As often as the goods allow, >= 1.

    Returns:
        The number, or a refusal where more is asked than there can be. Whether the account can pay is the engine's to
        say, so that without an account it is once.
    """
    wanted = request.times
    if request.units is not None and terms.cost:
        if request.units < terms.cost:
            return _refusal(RefusalCode.REDEEM_BELOW_MINIMUM, "units", f"at least {terms.cost} steps of the unit")
        wanted, rest = divmod(request.units, terms.cost)
        if rest:
            return _refusal(RefusalCode.REDEEM_NOT_A_STEP, "units", f"a multiple of {terms.cost} steps of the unit")
    if wanted is None:
        bounds = [natural, *([request.most_times] if request.most_times is not None else [])]
        return max(1, min([*bounds, *([request.spendable // terms.cost] if terms.cost else [])]))
    if wanted < 1:
        return _refusal(RefusalCode.BAD_REQUEST, "times", "must be more than zero")
    if request.most_times is not None and wanted > request.most_times:
        return _refusal(RefusalCode.REWARD_USED_UP, "times", f"at most {request.most_times} more")
    if wanted > natural:
        return _refusal(RefusalCode.REDEEM_EXCEEDS_BASKET, "times", "more often than this basket can take")
    return wanted


def times_left(most_times: int, head: Head, situation: Situation) -> int | Refusal:
    """Give how often a reward may still be at work in this sale, >= 1: several coupons or choices may set it to work."""
    left = most_times - situation.times(head.id)
    return left if left > 0 else _refusal(RefusalCode.REWARD_USED_UP, "times", "at most 0 more")


def read_most_times(table: Table, default: int = MAX_TIMES) -> int:
    """Read ``most_times``."""
    return table.integer("most_times", default, least=1, most=MAX_TIMES)


def read_percent(table: Table, default: str | None = None) -> Rate:
    """Read ``percent``, more than 0 and at most 100, as a share."""
    whole = 100 * 10**_PERCENT_SCALE
    steps = table.scaled("percent", _PERCENT_SCALE, default, least=1)
    if steps > whole:
        table.note("percent", "must be at most 100")
    return Rate.of(min(steps, whole), whole)


def percent_of(share: Rate) -> Rate:
    """Give a share as people write it: 1/8 is 12.5."""
    return Rate.of(share.numerator * 100, share.denominator)


def nothing_left() -> Unmet:
    """Say that there is nothing to pay that could be lowered."""
    return Unmet(message=message("explain.missing_nothing_left"))


def no_goods() -> Unmet:
    """Say that the goods are not in the basket."""
    return Unmet(message=message("explain.missing_goods"))


def said_of(
    first: Message, head: Head, terms: Terms, times: int, cut: Cut, currency: Currency, asked: Fraction | None = None
) -> tuple[Message, ...]:
    """Explain a discount: what it is, under which name, how it was rounded, what it could not give, and what it cost.

    Args:
        first: What it is, with base and rate.
        head: The reward's.
        terms: The reward's.
        times: How often it was taken.
        cut: What came off.
        currency: The programme's.
        asked: What was asked before rounding, where a fraction was.
    """
    said = [first]
    if head.names is not None:
        said.append(message("explain.named_reward", reward=head.names))
    if terms.most_minor is not None and cut.amount_minor == terms.most_minor:
        said.append(message("explain.at_most", most=Money(amount_minor=terms.most_minor, currency=currency)))
    elif cut.lost_minor > 0:
        said.append(message("explain.lost", lost=Money(amount_minor=cut.lost_minor, currency=currency)))
    elif asked is not None and asked != cut.amount_minor:
        said.append(message("explain.rounded_down") if cut.amount_minor < asked else message("explain.rounded_up"))
    if terms.cost and terms.unit is not None and terms.coupon is None:
        said.append(message("explain.units_used", units=terms.unit.amount(terms.cost * times)))
    return tuple(said)


def offer_of(
    head: Head,
    terms: Terms,
    request: Request,
    drawn: Draw | Refusal | Unmet,
    currency: Currency,
    choices: tuple[str, ...] = (),
) -> Offer:
    """Say what could be had: ``drawn`` is what the reward gives as often as it can.

    Args:
        head: The reward's.
        terms: The reward's.
        request: Who would pay; the engine has put in what may be spent.
        drawn: From `draw` without a number asked.
        currency: The programme's.
        choices: Items to choose from.
    """
    units = least = terms.cost
    discount, near = 0, 0
    if isinstance(drawn, Unmet):
        because, units, near = drawn.message, 0, drawn.near
    elif isinstance(drawn, Refusal):
        because, units = message("explain.missing_nothing_left"), 0
    elif drawn.units > request.spendable:
        because, near = _missing(terms, request, drawn, currency)
        units = 0
    else:
        because, near, units, discount = _had(terms, drawn, currency), REACHED, drawn.units, drawn.cut.amount_minor
    return Offer(
        reward=head.id,
        unit=terms.unit,
        least_units=least,
        most_units=units,
        most_discount_minor=discount,
        choices=choices,
        because=(because,),
        near=near,
    )


def _had(terms: Terms, drawn: Draw, currency: Currency) -> Message:
    discount = Money(amount_minor=drawn.cut.amount_minor, currency=currency)
    if terms.unit is None or not drawn.units:
        return message("explain.offer_free", discount=discount) if drawn.cut.by_line else message("explain.offer_now")
    units = terms.unit.amount(drawn.units)
    if drawn.cut.by_line:
        return message("explain.redeem_offer", units=units, discount=discount)
    return message("explain.offer_for", units=units)


def _missing(terms: Terms, request: Request, drawn: Draw, currency: Currency) -> tuple[Message, int]:
    assert terms.unit is not None
    held = max(0, request.spendable)
    units = terms.unit.amount(drawn.units - held)
    near = min(REACHED - 1, held * REACHED // drawn.units)
    if not drawn.cut.by_line:
        return message("explain.missing_units", units=units), near
    discount = Money(amount_minor=drawn.cut.amount_minor, currency=currency)
    return message("explain.redeem_missing", units=units, discount=discount), near


def _refusal(code: RefusalCode, field: str, detail: str) -> Refusal:
    return Refusal(code=code, field=f"redeem.{field}", detail=detail)
