"""What a sale gives to accounts other than the member's: gift cards that are sold, and members who brought a friend."""

from collections.abc import Iterator, Mapping

from loyalty.holding.units import Holder
from loyalty.numbers.allocation import allocate
from loyalty.quote.values import Award, Grant
from loyalty.rules.situation import Situation


def card_grants(award: Award, situation: Situation) -> Iterator[Grant]:
    """Share what is loaded on gift cards: a line of so many pieces loads as many cards, evenly.

    The accounts are those that the sale names, in order; a card that it has not named yet has none.
    """
    if award.unit.holder is not Holder.CARD or not award.amount:
        return
    named = _named(situation)
    pieces = {line.line: line.pieces for line in situation.basket.lines}
    for line, amount in allocate(award.amount, award.bases):
        shares = dict(allocate(amount, [(place, 1) for place in range(pieces[line])]))
        accounts = named.get(line, [])
        for place in range(pieces[line]):
            yield Grant(
                rule=award.rule,
                account=accounts[place] if place < len(accounts) else None,
                unit=award.unit,
                amount=shares.get(place, 0),
                bases=((line, 1),),
                usable_at=award.usable_at,
                expires_at=award.expires_at,
                because=award.because,
            )


def _named(situation: Situation) -> Mapping[int, list[bytes]]:
    named: dict[int, list[bytes]] = {}
    for load in situation.ask.loads:
        named.setdefault(load.line, []).append(load.account)
    return named
