"""The quote of one basket: `quote` is the way in, `Quote` what comes out."""

from loyalty.quote.acting import act
from loyalty.quote.engine import offers_on, quote
from loyalty.quote.values import Award, CarriedRemainder, Declined, Grant, Issue, LineTotal, Missed, Quote
from loyalty.sale.ask import Ask, RedeemRequest

__all__ = [
    "Ask",
    "Award",
    "CarriedRemainder",
    "Declined",
    "Grant",
    "Issue",
    "LineTotal",
    "Missed",
    "Quote",
    "RedeemRequest",
    "act",
    "offers_on",
    "quote",
]
