"""What the till answers, as JSON values that a host reads and the book keeps byte for byte."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.book.journal import Stored
from loyalty.explain import Message, Money, Names, Units
from loyalty.journal.chain import head_code
from loyalty.journal.codec import canonical_json
from loyalty.numbers.rates import Rate
from loyalty.quote import Award, Quote
from loyalty.refusals import Refusal
from loyalty.rules.stages import Offer, Redemption
from loyalty.standing import Standing
from loyalty.units import is_hidden
from messages.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The answer to a request that changes something.

    Attributes:
        body: The answer's bytes; a retry gets the same ones.
        fresh: False when it was given before.
    """

    body: bytes
    fresh: bool

    @property
    def values(self) -> dict[str, Any]:
        """The answer as JSON values."""
        values: dict[str, Any] = json.loads(self.body)
        return values

    @property
    def refused(self) -> str | None:
        """The code of a refusal, or None."""
        code = self.values.get("refused")
        return str(code) if code is not None else None


def refusal(refused: Refusal, catalogue: Catalogue) -> dict[str, Any]:
    """Say a refusal: the code for programs, the text for the cashier."""
    values: dict[str, Any] = {
        "refused": refused.code.value,
        "text": catalogue.text(f"refusal.{refused.code.value}"),
    }
    if refused.field:
        values["field"] = refused.field
    if refused.detail:
        values["detail"] = refused.detail
    if refused.entry:
        values["entry"] = refused.entry
    return values


def member(standing: Standing) -> dict[str, Any]:
    """Say who it is and where they stand."""
    return {
        "member": standing.member.hex(),
        "nickname": standing.nickname,
        "tier": standing.tier,
        "language": standing.language,
        "balances": balances(dict(standing.balances)),
        "as_of": standing.as_of.isoformat() if standing.as_of is not None else None,
        "mode": "local",
    }


def balances(held: Mapping[str, int]) -> dict[str, int]:
    """Give the balances that people see, in smallest steps."""
    return {unit: amount for unit, amount in sorted(held.items()) if not is_hidden(unit)}


def entry(stored: Stored) -> dict[str, Any]:
    """Name an entry: for a later void or return, for the receipt, for a person."""
    return {
        "entry": stored.entry_id.hex(),
        "sequence": stored.sequence,
        "receipt_number": stored.receipt_number,
        "code": head_code(stored.hash),
    }


def quote(quoted: Quote, quote_id: str, catalogue: Catalogue) -> dict[str, Any]:
    """Say what a basket earns and what could be redeemed."""
    return {
        "quote": quote_id,
        "programme": quoted.programme,
        "awards": awards(quoted.awards, catalogue),
        "because": because(quoted.because, catalogue),
        "offers": [_offer(offer, catalogue) for offer in quoted.offers],
        "redemptions": [_redemption(one, catalogue) for one in quoted.redemptions],
    }


def awards(given: Sequence[Award], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Say what each rule awards, and why."""
    return [
        {
            "rule": award.rule,
            "unit": award.unit.id,
            "amount": award.amount,
            "base_minor": award.base,
            "because": because(award.because, catalogue),
        }
        for award in given
    ]


def because(said: Sequence[Message], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Give an explanation as id and arguments for programs, and in words."""
    return [
        {
            "id": item.id,
            "text": catalogue.say(item),
            "arguments": {name: _argument(value) for name, value in item.arguments},
        }
        for item in said
    ]


def encode(values: Mapping[str, Any]) -> bytes:
    """Write an answer as the bytes that are sent and kept."""
    return canonical_json(values)


def _offer(offer: Offer, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "reward": offer.reward,
        "unit": offer.unit.id if offer.unit is not None else None,
        "least_units": offer.least_units,
        "most_units": offer.most_units,
        "most_discount_minor": offer.most_discount_minor,
        "because": because(offer.because, catalogue),
    }


def _redemption(redemption: Redemption, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "reward": redemption.reward,
        "unit": redemption.unit.id if redemption.unit is not None else None,
        "units": redemption.units,
        "discount_minor": redemption.discount_minor,
        "lines": [{"line": line, "discount_minor": discount} for line, discount in redemption.by_line],
        "because": because(redemption.because, catalogue),
    }


def _argument(value: object) -> Any:
    match value:
        case Money():
            return {"amount_minor": value.amount_minor, "currency": value.currency.code}
        case Units():
            return {"amount": value.amount, "scale": value.scale}
        case Names():
            return dict(value.by_language)
        case Rate():
            return {"numerator": value.numerator, "denominator": value.denominator}
        case _:
            return value
