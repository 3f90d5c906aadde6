"""Codes for new coupons: those that follow from their entries, but none that some account has already."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from hq.book.dialects import in_chunks
from hq.book.schema import account
from loyalty.holding.accounts import coupon_account
from loyalty.parts.coupons import Coupon, mint_code

_SPARE = 10


class TooFewCodes(Exception):
    """The kind's codes have too few digits for so many coupons."""


def mint(connection: Connection, coupon: Coupon, wanted: Mapping[bytes, int]) -> dict[bytes, list[str]]:
    """Mint as many codes as each entry wants.

    Raises:
        TooFewCodes: nearly every code of the kind is taken.
    """
    codes = {
        entry_id: [mint_code(coupon, entry_id, number) for number in range(2 * count + _SPARE)]
        for entry_id, count in wanted.items()
    }
    taken = _taken(connection, {coupon_account(code) for some in codes.values() for code in some})
    minted: dict[bytes, list[str]] = {}
    for entry_id, count in wanted.items():
        minted[entry_id] = []
        for code in codes[entry_id]:
            if len(minted[entry_id]) < count and (own := coupon_account(code)) not in taken:
                taken.add(own)
                minted[entry_id].append(code)
        if len(minted[entry_id]) < count:
            raise TooFewCodes
    return minted


def _taken(connection: Connection, accounts: set[bytes]) -> set[bytes]:
    return {
        found
        for some in in_chunks(accounts)
        for found in connection.execute(select(account.c.account_id).where(account.c.account_id.in_(some))).scalars()
    }
