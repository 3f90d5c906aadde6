"""Into which lots units go back, and from which they are taken, as accounts stand now."""

from collections.abc import Iterator

from loyalty.holding.lots import lot_named, lot_of
from loyalty.holding.standing import Holdings
from loyalty.holding.units import Negative, is_coupon, is_hidden
from loyalty.journal.detail import DetailRedemption
from loyalty.journal.entry import Lot, Posting
from loyalty.parts.policies import DEFAULT_POLICIES, RestoresTo
from loyalty.programme.model import Programme
from loyalty.returns.values import Undoing


class Placing:
    """The postings of one return, each planned on what the ones before it left."""

    def __init__(self, programme: Programme | None, undoing: Undoing, *, void: bool = False) -> None:
        """Begin; after a ``void`` every unit is back in the lot that it came from, whatever policies say of returns."""
        self._programme, self._void = programme, void
        self._undoing = undoing
        self._policies = programme.policies if programme is not None else DEFAULT_POLICIES
        self._held: dict[bytes, Holdings] = {}
        self._sums: dict[tuple[bytes, str, Lot | None], int] = {}

    def post(self, account: bytes, unit: str, amount: int, lot: Lot | None = None) -> None:
        """Change an account."""
        if amount:
            self._held[account] = self._holdings(account).changed([(unit, amount, lot)])
            self._sums[account, unit, lot] = self._sums.get((account, unit, lot), 0) + amount

    def postings(self) -> tuple[Posting, ...]:
        """Give what was planned: one posting for each account, unit and lot."""
        return tuple(
            Posting(account=account, unit=unit, amount=amount, lot=lot)
            for (account, unit, lot), amount in self._sums.items()
            if amount
        )

    def take(self, account: bytes, unit: str, lot: Lot | None, amount: int) -> int:
        """Take back what came to ``lot``, or to none; gives how much could be taken.

        It leaves the lot as far as that reaches, and then the units that are in no lot, which may fall below zero as far
        as the unit allows. Of a lot that is over nothing but what is left of it is taken: the rest was spent or has
        ended, and must not be lost a second time.
        """
        of_lot = min(amount, max(0, self._lot_amount(account, unit, lot))) if lot is not None else 0
        self.post(account, unit, -of_lot, lot)
        if lot is not None and lot.expires_at is not None and lot.expires_at <= self._seconds:
            return of_lot
        rest = min(amount - of_lot, self._room(account, unit, amount - of_lot))
        self.post(account, unit, -rest)
        return of_lot + rest

    def give_back(self, redemption: DetailRedemption, before: int, after: int) -> None:
        """Give back what was spent, from ``before`` to ``after`` smallest steps of it.

        What was spent last comes back first, as if less had been spent; so what ends last is there again first.
        """
        account, unit = redemption.account, redemption.unit
        assert account is not None
        assert unit is not None
        for lot_id, amount in _between(redemption, before, after):
            lot = self._lot_to(unit, lot_id)
            owed = min(amount, max(0, -self._holdings(account).in_no_lot(unit))) if lot is not None else 0
            self.post(account, unit, owed)
            self.post(account, unit, amount - owed, lot)

    def withdraw(self, account: bytes, unit: str) -> int:
        """Take all that is left of a coupon; gives how much that was."""
        held = self._holdings(account)
        left = max(0, self._holdings(account).in_no_lot(unit))
        self.post(account, unit, -left)
        lots = [one for one in held.lots if one.unit == unit and one.amount > 0]
        for one in lots:
            self.post(account, unit, -one.amount, one.lot)
        return left + sum(one.amount for one in lots)

    @property
    def _seconds(self) -> int:
        return int(self._undoing.moment.at.timestamp())

    def _holdings(self, account: bytes) -> Holdings:
        return self._held.get(account) or self._undoing.holdings(account)

    def _lot_amount(self, account: bytes, unit: str, lot: Lot | None) -> int:
        lots = self._holdings(account).lots
        return sum(one.amount for one in lots if one.unit == unit and lot is not None and one.lot.lot_id == lot.lot_id)

    def _room(self, account: bytes, unit_id: str, wanted: int) -> int:
        """Give by how much a balance may still fall."""
        unit = self._programme.unit(unit_id) if self._programme is not None and not is_hidden(unit_id) else None
        if unit is None or (unit.negative is not Negative.FLOOR and unit.most_negative is None):
            return wanted
        lowest = 0 if unit.negative is Negative.FLOOR else -(unit.most_negative or 0)
        return max(0, self._holdings(account).balance(unit_id) - lowest)

    def _lot_to(self, unit_id: str, lot_id: bytes | None) -> Lot | None:
        if lot_id is None:
            return None
        if self._void or self._policies.return_restores_to is RestoresTo.ORIGINAL_LOT or is_coupon(unit_id):
            return lot_named(lot_id)
        unit = self._programme.unit(unit_id) if self._programme is not None else None
        moment = self._undoing.moment
        zone = moment.at.tzinfo
        if unit is None or unit.lasting is None or zone is None:
            return None
        return lot_of(None, int(unit.lasting.ends_at(moment.business_date, zone).timestamp()))


def _between(redemption: DetailRedemption, before: int, after: int) -> Iterator[tuple[bytes | None, int]]:
    """Cut what is given back over the lots that paid, the last of them first."""
    begins = 0
    for lot_id, amount in reversed(redemption.uses):
        part = min(after, begins + amount) - max(before, begins)
        begins += amount
        if part > 0:
            yield lot_id, part
