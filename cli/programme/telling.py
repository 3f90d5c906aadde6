"""A quote as a program reads it, and as a person does. Amounts are decimals; sentences are in one language."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from loyalty.explain import Message, Money
from loyalty.holding.units import Unit, is_hidden
from loyalty.numbers.scaled import format_scaled
from loyalty.programme.model import Programme
from loyalty.quote import Award, Quote
from loyalty.refusals import Refusal
from loyalty.rules.redemption import Redemption
from loyalty.rules.stages import Offer
from loyalty.sale.basket import Basket
from messages.catalogue import Catalogue
from messages.numbers import write_trimmed

_QUANTITY_SCALE = 3


class Telling:
    """Tells quotes under one programme, in one language, with instants in one zone."""

    def __init__(self, programme: Programme, catalogue: Catalogue, zone: tzinfo) -> None:
        self._programme = programme
        self._catalogue = catalogue
        self._zone = zone

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        """Give a refusal as JSON values."""
        said = {"code": refusal.code, "text": self._say(Message(id=f"refusal.{refusal.code}"))}
        return {**said, "field": refusal.field, "detail": refusal.detail}

    def quoted(self, quote: Quote) -> dict[str, Any]:
        """Give a quote as JSON values."""
        return {
            "programme": self._programme.id,
            "version": quote.programme,
            "total": self._money(quote.total_minor),
            "discount": self._money(quote.discount_minor),
            "paid": self._money(quote.paid_minor),
            "to_pay": self._money(quote.to_pay_minor),
            "tax": self._money(quote.tax_minor),
            "tier": quote.tier,
            "lines": [
                {
                    "line": line.line,
                    "amount": self._money(line.amount_minor),
                    "discount": self._money(line.discount_minor),
                    "tax": self._money(line.tax_minor),
                }
                for line in quote.lines
            ],
            "awards": [self._award(award) for award in _shown(quote)],
            "redemptions": [self._redemption(one) for one in quote.redemptions],
            "grants": [
                {
                    "rule": one.rule,
                    "unit": one.unit.id,
                    "amount": _units(one.amount, one.unit),
                    "usable_at": self._instant(one.usable_at),
                    "expires_at": self._instant(one.expires_at),
                    "because": self._all(one.because),
                }
                for one in quote.grants
            ],
            "issues": [
                {"rule": one.rule, "coupon": one.coupon, "count": one.count, "because": self._all(one.because)}
                for one in quote.issues
            ],
            "offers": [self._offer(offer) for offer in quote.offers],
            "declined": [
                {"asked": one.asked, **self.refused(one.refusal), "because": self._all(one.because)}
                for one in quote.declined
            ],
            "missed": [{"id": one.id, "near": one.near, "because": self._all((one.message,))} for one in quote.missed],
            "because": self._all(quote.because),
        }

    def lines(self, quote: Quote, basket: Basket) -> Iterator[str]:
        """Write a quote as a person reads it: lines, what came off, what is earned and why, offers, what was near."""
        yield from self._bill(quote, basket)
        yield from self._block("earned", (self._told_award(award) for award in _shown(quote)))
        yield from self._block("at work", (self._told_redemption(one) for one in quote.redemptions))
        grants = (
            (f"{one.rule}: {self._catalogue.units(one.unit.amount(one.amount))}", one.because) for one in quote.grants
        )
        yield from self._block("others get", grants)
        issues = ((f"{one.coupon} x{one.count}", one.because) for one in quote.issues)
        yield from self._block("coupons", issues)
        yield from self._block("could be redeemed", ((one.reward, one.because) for one in quote.offers))
        declined = (
            (f"{one.asked}: {one.refusal.code}", one.because or (Message(id=f"refusal.{one.refusal.code}"),))
            for one in quote.declined
        )
        yield from self._block("declined", declined)
        yield from self._block("nearest", ((one.id, (one.message,)) for one in quote.missed))
        yield from self._block("", (("nothing is awarded", quote.because),) if quote.because else ())

    def _bill(self, quote: Quote, basket: Basket) -> Iterator[str]:
        left = {line.line: line for line in quote.lines}
        rows = [
            (
                str(line.line),
                line.name or line.item,
                write_trimmed(line.quantity_milli, _QUANTITY_SCALE, self._catalogue.language),
                self._text(line.amount_minor),
                self._text(-left[line.line].discount_minor) if left[line.line].discount_minor else "",
                self._text(left[line.line].amount_minor),
            )
            for line in basket.lines
        ]
        yield from table((("", "item", "quantity", "price", "discount", "to pay"), *rows))
        yield f"total {self._text(quote.total_minor)}, of it tax {self._text(quote.tax_minor)}"
        if quote.paid_minor:
            yield f"paid with units {self._text(quote.paid_minor)}, left to pay {self._text(quote.to_pay_minor)}"
        if quote.tier is not None:
            yield f"tier {quote.tier}"

    def _block(self, heading: str, told: Iterable[tuple[str, Sequence[Message]]]) -> Iterator[str]:
        found = list(told)
        if found and heading:
            yield ""
            yield f"{heading}:"
        for name, because in found:
            yield f"  {name}"
            yield from (f"    {self._say(one)}" for one in because)

    def _award(self, award: Award) -> dict[str, Any]:
        return {
            "rule": award.rule,
            "unit": award.unit.id,
            "amount": _units(award.amount, award.unit),
            "usable_at": self._instant(award.usable_at),
            "expires_at": self._instant(award.expires_at),
            "because": self._all((*award.because, *award.more)),
        }

    def _told_award(self, award: Award) -> tuple[str, Sequence[Message]]:
        return f"{award.rule}: {self._catalogue.units(award.unit.amount(award.amount))}", (*award.because, *award.more)

    def _redemption(self, one: Redemption) -> dict[str, Any]:
        return {
            "reward": one.reward,
            "unit": one.unit.id if one.unit is not None else None,
            "units": _units(one.units, one.unit) if one.unit is not None else "0",
            "settle": one.settle,
            "discount": self._money(one.discount_minor),
            "by_line": [{"line": line, "discount": self._money(amount)} for line, amount in one.by_line],
            "gifts": [
                {"item": gift.item, "quantity": format_scaled(gift.quantity_milli, _QUANTITY_SCALE)}
                for gift in one.gifts
            ],
            "times": one.times,
            "because": self._all(one.because),
        }

    def _told_redemption(self, one: Redemption) -> tuple[str, Sequence[Message]]:
        return f"{one.reward}: {self._text(-one.discount_minor)}", one.because

    def _offer(self, offer: Offer) -> dict[str, Any]:
        unit = offer.unit
        return {
            "reward": offer.reward,
            "unit": unit.id if unit is not None else None,
            "least": _units(offer.least_units, unit),
            "most": _units(offer.most_units, unit),
            "discount": self._money(offer.most_discount_minor),
            "choices": list(offer.choices),
            "near": offer.near,
            "because": self._all(offer.because),
        }

    def _all(self, messages: Iterable[Message]) -> list[dict[str, str]]:
        return [{"id": one.id, "text": self._say(one)} for one in messages]

    def _say(self, one: Message) -> str:
        return self._catalogue.say(one)

    def _money(self, amount_minor: int) -> str:
        return format_scaled(amount_minor, self._programme.currency.scale)

    def _text(self, amount_minor: int) -> str:
        return self._catalogue.money(Money(amount_minor=amount_minor, currency=self._programme.currency))

    def _instant(self, seconds: int | None) -> str | None:
        return datetime.fromtimestamp(seconds, UTC).astimezone(self._zone).isoformat() if seconds is not None else None


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write rows with cells of one column under each other; the first two columns begin alike, the others end so."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if place == 1 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _shown(quote: Quote) -> list[Award]:
    return [award for award in quote.awards if not is_hidden(award.unit.id)]


def _units(amount: int, unit: Unit | None) -> str:
    return format_scaled(amount, unit.scale) if unit is not None else str(amount)
