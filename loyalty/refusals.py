"""Refusals: what the till answers instead of an effect, as values with stable codes.

A refusal is not an exception: the cashier can cause it and must be told. Its code never changes meaning; the
words for it are in the message catalogue under ``refusal.<code>``.
"""

from dataclasses import dataclass
from enum import StrEnum


class RefusalCode(StrEnum):
    """Every reason for which an operation is refused.

    The order is the precedence: when several apply, the first one listed is answered. Idempotence comes first,
    so that a retry of an operation that succeeded is never refused for what has changed since.
    """

    KEY_REUSED = "key_reused"
    """The idempotency key was used before with another body."""
    BAD_REQUEST = "bad_request"
    """A field is missing, unknown or of the wrong shape; ``field`` names it."""
    CURRENCY_MISMATCH = "currency_mismatch"
    BASKET_EMPTY = "basket_empty"
    BASKET_TOO_LONG = "basket_too_long"
    LINE_REPEATED = "line_repeated"
    QUANTITY_NOT_POSITIVE = "quantity_not_positive"
    PRICE_NEGATIVE = "price_negative"
    TAX_EXCEEDS_AMOUNT = "tax_exceeds_amount"
    AMOUNT_TOO_LARGE = "amount_too_large"
    PAYMENT_CARD = "payment_card"
    SCAN_UNREADABLE = "scan_unreadable"
    """What was scanned or keyed breaks the rules of what it claims to be, such as its check digit."""
    SCAN_AMBIGUOUS = "scan_ambiguous"
    """It can mean several things, one of them a member's; the answer names them."""
    MEMBER_CODE_INVALID = "member_code_invalid"
    """HQ did not sign this member code, or the till is not paired and cannot tell."""
    MEMBER_CODE_NOT_YET = "member_code_not_yet"
    """It was issued later than now: the till's clock, or the other one, is wrong."""
    MEMBER_CODE_EXPIRED = "member_code_expired"
    NOT_A_CARD = "not_a_card"
    """An item, a coupon or something else that the till knows, which the answer says; or a UID that is made up."""
    CARD_UNKNOWN = "card_unknown"
    CARDS_DIFFER = "cards_differ"
    """The second card of a request is not of the same member."""
    MEMBER_UNKNOWN = "member_unknown"
    MEMBER_EXISTS = "member_exists"
    PROGRAMME_NOT_VALID = "programme_not_valid"
    """Nothing can be redeemed, since the programme is not valid on the business date; sales go on."""
    QUOTE_UNKNOWN = "quote_unknown"
    QUOTE_CHANGED = "quote_changed"
    """The basket or the member differs from what was quoted."""
    HOLD_UNKNOWN = "hold_unknown"
    """There is no such hold: it ended, was given back, or its sale is paid."""
    SALE_KNOWN = "sale_known"
    """Another basket was recorded under this check; the refusal names its entry. The same basket sent again under
    another key is no refusal: the answer of then is given again."""
    REWARD_UNKNOWN = "reward_unknown"
    REWARD_NOT_NOW = "reward_not_now"
    """Its conditions do not hold: another day, store, tier, or too small a basket."""
    REWARD_EXCLUDED = "reward_excluded"
    """Another reward is at work that does not go with it, or is better for the member."""
    UID_NEEDS_CARD = "uid_needs_card"
    """A contactless card's UID says who it is and does not spend: it takes a card or code of the same member."""
    REWARD_USED_UP = "reward_used_up"
    BUDGET_SPENT = "budget_spent"
    STOCK_EMPTY = "stock_empty"
    SEATS_TAKEN = "seats_taken"
    CHOICE_UNKNOWN = "choice_unknown"
    """What was chosen is not among the gifts of the reward."""
    CODE_UNKNOWN = "code_unknown"
    COUPON_UNKNOWN = "coupon_unknown"
    COUPON_NOT_YET = "coupon_not_yet"
    COUPON_EXPIRED = "coupon_expired"
    COUPON_USED_UP = "coupon_used_up"
    COUPON_PERSONAL = "coupon_personal"
    """It was issued to another member."""
    GIFT_CARD_UNKNOWN = "gift_card_unknown"
    REDEEM_BELOW_MINIMUM = "redeem_below_minimum"
    REDEEM_NOT_A_STEP = "redeem_not_a_step"
    REDEEM_EXCEEDS_BASKET = "redeem_exceeds_basket"
    INSUFFICIENT_UNITS = "insufficient_units"
    LEASE_REQUIRED = "lease_required"
    """Redeeming needs a lease from HQ, and this till holds none."""
    SALE_UNKNOWN = "sale_unknown"
    SALE_VOIDED = "sale_voided"
    SALE_RETURNED = "sale_returned"
    """A sale of which something was returned cannot be voided."""
    NOT_A_SALE = "not_a_sale"
    LINE_UNKNOWN = "line_unknown"
    RETURN_EXCEEDS_SALE = "return_exceeds_sale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One refusal.

    Attributes:
        code: The stable reason.
        field: The field that caused it (``lines[3].quantity_milli``), or empty.
        detail: English for a log or a developer; names shapes and bounds, never a card number or a name.
        entry: The id, in hex, of the journal entry that stands in the way, or empty.
    """

    code: RefusalCode
    field: str = ""
    detail: str = ""
    entry: str = ""


def first(refusals: list[Refusal]) -> Refusal | None:
    """Pick the refusal that is answered: the one whose code is listed first; ties keep their order."""
    order = {code: place for place, code in enumerate(RefusalCode)}
    return min(refusals, key=lambda refusal: order[refusal.code], default=None)
