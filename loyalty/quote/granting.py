"""What a sale gives to accounts other than the member's: gift cards that are sold, and members who brought a friend."""

from collections.abc import Iterator, Mapping, Sequence

from loyalty.holding.units import Holder
from loyalty.numbers.allocation import allocate
from loyalty.quote.values import Award, Grant
from loyalty.rules.situation import Situation
from loyalty.sale.ask import MAX_ASKED


def card_grants(award: Award, situation: Situation) -> Iterator[Grant]:
    """Share what is loaded on gift cards: a line of so many pieces loads as many cards, evenly.

    The accounts are those that the sale names, in order; a card that it has not named yet has none.
    """
    if award.unit.holder is not Holder.CARD or not award.amount:
        return
    named = _named(situation)
    pieces = {line.line: line.pieces for line in situation.basket.lines}
    for line, amount in allocate(award.amount, award.bases):
        for account, share in _shares(amount, pieces[line], named.get(line, ())):
            yield Grant(
                rule=award.rule,
                account=account,
                unit=award.unit,
                amount=share,
                bases=((line, 1),),
                usable_at=award.usable_at,
                expires_at=award.expires_at,
                because=award.because,
            )


def _shares(amount: int, pieces: int, accounts: Sequence[bytes]) -> Iterator[tuple[bytes | None, int]]:
    """Give (account, share) of as many cards as a sale can name, and of all others together: nobody sells a million."""
    each, odd = divmod(amount, pieces)
    listed = min(pieces, MAX_ASKED)
    for place in range(listed):
        yield accounts[place] if place < len(accounts) else None, each + (1 if place < odd else 0)
    if listed < pieces:
        yield None, amount - each * listed - min(odd, listed)


def _named(situation: Situation) -> Mapping[int, list[bytes]]:
    named: dict[int, list[bytes]] = {}
    for load in situation.ask.loads:
        named.setdefault(load.line, []).append(load.account)
    return named
