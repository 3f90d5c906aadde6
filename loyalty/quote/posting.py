"""From a quote to the postings of its entry: what leaves and comes to every account."""

from collections.abc import Iterator
from dataclasses import dataclass

from loyalty.holding.accounts import AccountKind, coupon_account, pool_account
from loyalty.holding.lots import LotUse, lot_of
from loyalty.holding.units import Holder, owner_unit
from loyalty.journal.entry import Lot, Posting
from loyalty.numbers.limits import INT64_MAX
from loyalty.parts.coupons import Coupon, mint_code
from loyalty.parts.events import check_in_code
from loyalty.programme.model import Programme
from loyalty.quote.values import Issue, Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCoupon:
    """One coupon that an entry issues.

    Attributes:
        coupon: Its kind.
        code: As printed.
        account: What counts its uses.
        expires_at: Epoch seconds from which it is good no more, or None.
        usable_at: Epoch seconds from which it is good, or None.
    """

    coupon: str
    code: str
    account: bytes
    usable_at: int | None
    expires_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedSeat:
    """One seat that an entry gives, and the code that opens it at the event."""

    event: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What an entry posts.

    Attributes:
        postings: One for each account, unit and lot.
        opens: (account, kind) of each account that may be new.
        coupons: In the order in which they are printed.
        seats: Likewise.
    """

    postings: tuple[Posting, ...]
    opens: tuple[tuple[bytes, AccountKind], ...]
    coupons: tuple[IssuedCoupon, ...]
    seats: tuple[IssuedSeat, ...] = ()


def post(programme: Programme, quoted: Quote, entry_id: bytes, member: bytes | None) -> Posted:
    """Post a quote's effects.

    Args:
        programme: The version that quoted.
        quoted: The quote.
        entry_id: The sale's; coupons' codes follow from it.
        member: Whose account, or None for a sale without a member: then pools, coupons and gift cards alone change.
    """
    issued = tuple(_coupons(programme, quoted, entry_id, member))
    coupons = tuple(coupon for coupon, _ in issued)
    sums: dict[tuple[bytes, str, Lot | None], int] = {}
    for posting in (
        *(_earned(quoted, member) if member is not None else ()),
        *_granted(quoted),
        *_spent(quoted),
        *_counted(programme, quoted, member),
        *(posting for coupon, issue in issued for posting in _issued(programme, coupon, issue, member)),
    ):
        key = posting.account, posting.unit, posting.lot
        sums[key] = sums.get(key, 0) + posting.amount
    postings = tuple(
        Posting(account=account, unit=unit, amount=amount, lot=lot)
        for (account, unit, lot), amount in sums.items()
        if amount
    )
    pools = {pool_account(programme.id, count.pool) for count in quoted.counts if count.pool is not None}
    shown = {one.payer for one in quoted.redemptions if one.payer is not None and one.payer != member}
    loaded = {one.account for one in quoted.grants if one.account is not None and one.unit.holder is Holder.CARD}
    codes = {one.payer for one in quoted.redemptions if one.code is not None}
    opens = {
        **dict.fromkeys(pools, AccountKind.POOL),
        **{account: AccountKind.COUPON if account in codes else AccountKind.GIFT_CARD for account in shown},
        **dict.fromkeys(loaded, AccountKind.GIFT_CARD),
        **{coupon.account: AccountKind.COUPON for coupon in coupons},
    }
    seats = tuple(_seats(quoted, entry_id))
    return Posted(postings=postings, opens=tuple(sorted(opens.items())), coupons=coupons, seats=seats)


def _earned(quoted: Quote, member: bytes) -> Iterator[Posting]:
    for award in quoted.awards:
        lot = lot_of(award.usable_at, award.expires_at)
        yield Posting(account=member, unit=award.unit.id, amount=award.amount, lot=lot)
        if (left := award.remainder) is not None:
            yield Posting(account=member, unit=left.unit, amount=left.after - left.before)


def _granted(quoted: Quote) -> Iterator[Posting]:
    """Give other accounts what is theirs; a gift card that the sale does not name gets nothing."""
    for grant in quoted.grants:
        if grant.account is not None:
            lot = lot_of(grant.usable_at, grant.expires_at)
            yield Posting(account=grant.account, unit=grant.unit.id, amount=grant.amount, lot=lot)


def lots_used(quoted: Quote) -> tuple[tuple[LotUse, ...], ...]:
    """Give the lots that each redemption takes from; what the sale itself earns is in lots by now, the first to end pays.

    Returns:
        Uses by redemption, in order; none is `LotUse.own`, and each redemption's sum to its units.
    """
    earned: dict[str, list[LotUse]] = {}
    for award in sorted(quoted.awards, key=lambda award: (_last(award.expires_at), award.usable_at or 0)):
        if award.amount:
            lot = lot_of(award.usable_at, award.expires_at)
            earned.setdefault(award.unit.id, []).append(LotUse(lot=lot, amount=award.amount))
    return tuple(
        tuple(
            found
            for use in one.uses
            for found in (_own(earned.get(one.unit.id, []), use.amount) if use.own and one.unit is not None else [use])
        )
        for one in quoted.redemptions
    )


def _own(earned: list[LotUse], amount: int) -> list[LotUse]:
    """Take ``amount`` out of what is earned, in its order."""
    taken: list[LotUse] = []
    while amount and earned:
        first = earned.pop(0)
        part = min(amount, first.amount)
        taken.append(LotUse(lot=first.lot, amount=part))
        amount -= part
        if part < first.amount:
            earned.insert(0, LotUse(lot=first.lot, amount=first.amount - part))
    return taken


def _last(expires_at: int | None) -> int:
    return expires_at if expires_at is not None else INT64_MAX


def _spent(quoted: Quote) -> Iterator[Posting]:
    """Take what was redeemed from its lots."""
    for one, uses in zip(quoted.redemptions, lots_used(quoted), strict=True):
        if one.unit is not None and one.payer is not None:
            for use in uses:
                yield Posting(account=one.payer, unit=one.unit.id, amount=-use.amount, lot=use.lot)


def _counted(programme: Programme, quoted: Quote, member: bytes | None) -> Iterator[Posting]:
    for count in quoted.counts:
        account = pool_account(programme.id, count.pool) if count.pool is not None else member
        if account is not None:
            yield Posting(account=account, unit=count.unit, amount=count.amount)


def _seats(quoted: Quote, entry_id: bytes) -> Iterator[IssuedSeat]:
    given: dict[str, int] = {}
    for one in quoted.redemptions:
        for event, seats in one.seats:
            first = given.get(event, 0)
            given[event] = first + seats
            for seat in range(first, first + seats):
                yield IssuedSeat(event=event, code=check_in_code(event, entry_id, seat))


def _coupons(
    programme: Programme, quoted: Quote, entry_id: bytes, member: bytes | None
) -> Iterator[tuple[IssuedCoupon, Issue]]:
    """Mint the coupons; one that is personal goes to nobody where there is no member."""
    number = 0
    for issue in quoted.issues:
        coupon = programme.coupon(issue.coupon)
        assert coupon is not None
        for _ in range(0 if coupon.personal and member is None else issue.count):
            code = mint_code(coupon, entry_id, number)
            number += 1
            minted = IssuedCoupon(
                coupon=coupon.id,
                code=code,
                account=coupon_account(code),
                usable_at=issue.usable_at,
                expires_at=issue.expires_at,
            )
            yield minted, issue


def _issued(programme: Programme, one: IssuedCoupon, issue: Issue, member: bytes | None) -> tuple[Posting, ...]:
    coupon = programme.coupon(one.coupon)
    assert coupon is not None
    return coupon_postings(coupon, one, issue.uses, member)


def coupon_postings(coupon: Coupon, one: IssuedCoupon, uses: int, member: bytes | None) -> tuple[Posting, ...]:
    """Put its uses on a coupon, and whose it is where only that member may use it."""
    lot = lot_of(one.usable_at, one.expires_at)
    used = Posting(account=one.account, unit=coupon.unit.id, amount=uses, lot=lot)
    if member is None or not coupon.personal:
        return (used,)
    return used, Posting(account=one.account, unit=owner_unit(member), amount=1)
