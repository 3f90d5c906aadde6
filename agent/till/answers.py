"""What the till answers, as JSON values that a host reads and the book keeps byte for byte."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from agent.book.journal import Stored
from loyalty.explain import Message, Money, Names, Units
from loyalty.holding.standing import Standing, is_open
from loyalty.holding.units import is_hidden
from loyalty.journal.chain import head_code
from loyalty.journal.codec import canonical_json
from loyalty.numbers.rates import Rate
from loyalty.refusals import Refusal
from messages.catalogue import Catalogue

_MOST_LOTS = 10
"""Most lots that an answer names, those that end or begin first."""


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


def member(standing: Standing, at: datetime | None = None) -> dict[str, Any]:
    """Say who it is and where they stand; with an instant also what can be used then, and what ends or begins next."""
    return {
        "member": standing.member.hex(),
        "nickname": standing.nickname,
        "tier": standing.tier,
        "language": standing.language,
        "balances": balances(dict(standing.balances)),
        "as_of": standing.as_of.isoformat() if standing.as_of is not None else None,
        "mode": "local",
        **(_usable(standing, at) if at is not None else {}),
    }


def instant(seconds: int | None) -> str | None:
    """Write epoch seconds as an instant (UTC), ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds is not None else None


def _usable(standing: Standing, at: datetime) -> dict[str, Any]:
    seconds = int(at.timestamp())
    shown = [one for one in standing.lots if not is_hidden(one.unit) and one.amount]
    ends = sorted(
        (one.lot.expires_at, one.unit, one.amount)
        for one in shown
        if one.lot.expires_at is not None and is_open(one.lot, at)
    )
    begins = sorted(
        (one.lot.usable_at, one.unit, one.amount)
        for one in shown
        if one.lot.usable_at is not None and one.lot.usable_at > seconds
    )
    return {
        "usable": {unit: standing.usable(unit, at) for unit, _ in standing.balances if not is_hidden(unit)},
        "expiring": [{"unit": unit, "amount": amount, "at": instant(end)} for end, unit, amount in ends[:_MOST_LOTS]],
        "pending": [{"unit": unit, "amount": amount, "at": instant(at_)} for at_, unit, amount in begins[:_MOST_LOTS]],
    }


def balances(held: Mapping[str, int]) -> dict[str, int]:
    """Give the balances that people see, in smallest steps."""
    return {unit: amount for unit, amount in sorted(held.items()) if not is_hidden(unit)}


def entry(stored: Stored) -> dict[str, Any]:
    """Name an entry: for a later void or return, for the receipt, for a person."""
    return {
        "entry": stored.entry_id.hex(),
        "sequence": stored.wire,
        "receipt_number": stored.receipt_number,
        "code": head_code(stored.hash),
    }


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


def _argument(value: object) -> Any:
    match value:
        case Money():
            return {"amount_minor": value.amount_minor, "currency": value.currency.code}
        case Units():
            return {"amount": value.amount, "scale": value.scale}
        case Names():
            return {language: value.in_language(language) for language, _ in value.by_language}
        case Rate():
            return {"numerator": value.numerator, "denominator": value.denominator}
        case date():
            return value.isoformat()
        case _:
            return value
