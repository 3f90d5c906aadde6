"""The ids of accounts that are not a member's: they follow from what they are, so that every till and HQ find the same."""

from enum import StrEnum
from hashlib import blake2b

ACCOUNT_BYTES = 16


class AccountKind(StrEnum):
    """What an account that is opened by its first use is for."""

    POOL = "pool"
    """Of a programme: a budget, a stock, the seats of an event, the uses of a reward in all."""
    COUPON = "coupon"
    GIFT_CARD = "gift_card"


def pool_account(programme_id: str, name: str) -> bytes:
    """Give the account of a programme's pool; ``name`` is the hidden unit that it counts, its place included."""
    return _account(AccountKind.POOL, f"{programme_id}\0{name}")


def coupon_account(code: str) -> bytes:
    """Give the account of the coupon with this printed code."""
    return _account(AccountKind.COUPON, code)


def gift_card_account(number: str) -> bytes:
    """Give the account of the gift card with this number."""
    return _account(AccountKind.GIFT_CARD, number)


def _account(kind: AccountKind, name: str) -> bytes:
    person = f"loyaltill-{kind.value[:6]}".encode()
    return blake2b(name.encode(), digest_size=ACCOUNT_BYTES, person=person).digest()
