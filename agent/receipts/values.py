"""What templates are given: the facts of one paper, not its words, so that one value is printed in any language.

Amounts of money are whole minor units of the paper's ``currency``; amounts of a unit are `Units`. Texts that the programme
names are `Names`, texts from the host are plain. Nothing here knows a template, a printer or the book.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from loyalty.explain import Message, Names, Units
from loyalty.numbers.currency import Currency

Text: TypeAlias = str | Names
"""A text as it came from the host, or one in several languages."""
ONE_MILLI = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What was taken off a line: by a reward with a name, else by the host."""

    amount_minor: int
    name: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One line of goods.

    Attributes:
        amount_minor: The price before ``cuts``.
        price_minor: The price of one, where the quantity is not 1 and the price gives the amount exactly.
    """

    name: Text
    amount_minor: int
    quantity_milli: int = ONE_MILLI
    price_minor: int | None = None
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What units or a gift card paid, or what is given back to them: a reward's name, else the name of a unit of money."""

    amount_minor: int
    name: Text | None = None
    unit: Names | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Something handed out."""

    item: Text
    quantity_milli: int = ONE_MILLI


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """Something shown that could not be used: the code or coupon, where it may be shown, and the refusal's code."""

    code: str
    shown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long units are good: from the first day, until the last day."""

    units: Units
    usable_from: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A balance before the entry, where that is known and the entry changed it, and after it."""

    after: Units
    before: Units | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The reward that is nearest, and what is missing for it."""

    name: Text
    missing: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What a slip tells a member.

    Attributes:
        card: The last characters of the card.
        because: Why units were earned, each in a sentence.
        terms: From when on and until when what was earned is good.
        reversed: What a void or a return takes back, and ``given_back`` what it gives back; ``undone`` says why.
        expires_next: What ends first, where that was not earned just now.
        as_of: Up to when head office's word is in the balances; None: it was never heard.
        unconfirmed: The balances wait for head office's word.
        way: How far the next tier is.
    """

    card: str = ""
    nickname: Text = ""
    tier: Text | None = None
    earned: tuple[Units, ...] = ()
    because: tuple[Message, ...] = ()
    terms: tuple[Term, ...] = ()
    spent: tuple[Units, ...] = ()
    reversed: tuple[Units, ...] = ()
    given_back: tuple[Units, ...] = ()
    balances: tuple[Balance, ...] = ()
    expires_next: Term | None = None
    as_of: datetime | None = None
    unconfirmed: bool = False
    way: Message | None = None
    nearest: Near | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """One coupon.

    Attributes:
        code: What is scanned; printable ASCII.
        uses: How often it can be used.
        card: The last characters of the card of the only member who may use it, else empty.
    """

    name: Text
    code: str
    usable_from: date | None = None
    until: date | None = None
    uses: int = 1
    card: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A seat at an event.

    Attributes:
        check_in: The code that opens it.
        begins: When the event begins, in the shop's time.
        place: Which of the ``seats`` that were given at once.
    """

    event: Text
    check_in: str
    begins: datetime | None = None
    place: int = 1
    seats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """The loyalty slip of a sale, a void or a return; also the rows that are added to a fiscal receipt.

    Attributes:
        kind: "sale", "void" or "return".
        shop: The shop's name, and ``till`` the till's.
        at: When it was, in the shop's time.
        code: The short code of the journal's head, and ``sequence`` the entry's place in the journal.
        number: The receipt's number.
        copy: It may have been printed before.
        training: A cashier is learning.
        credit_minor: What the host took off the whole basket.
        payments: What units paid of ``total_minor``; of a return, what goes back to them.
        to_pay_minor: What is left to pay, where something else paid.
        gift_kept_minor: Of a return: what a gift costs that is kept; below zero where it is given back.
        refund_minor: Of a return: what the customer gets back, where that is not ``total_minor``.
        loaded: What came on gift cards.
        explained: What rewards did, or why units were taken back, each in a sentence.
        missed: What a card would have earned.
        page: Address of the member's page, or empty.
    """

    shop: Text
    till: str
    at: datetime
    code: str
    sequence: int
    currency: Currency
    kind: str = "sale"
    number: int | None = None
    cashier: Text = ""
    copy: bool = False
    training: bool = False
    lines: tuple[Goods, ...] = ()
    credit_minor: int = 0
    total_minor: int = 0
    payments: tuple[Payment, ...] = ()
    to_pay_minor: int | None = None
    gift_kept_minor: int = 0
    refund_minor: int | None = None
    gifts: tuple[Gift, ...] = ()
    loaded: tuple[Units, ...] = ()
    explained: tuple[Message, ...] = ()
    declined: tuple[Declined, ...] = ()
    member: Member | None = None
    missed: tuple[Units, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    seats: tuple[Seat, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponSlip:
    """One coupon on a paper of its own; ``copy``: it may have been printed before."""

    shop: Text
    till: str
    at: datetime
    currency: Currency
    coupon: Coupon
    copy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCard:
    """A gift card that was sold or loaded.

    Attributes:
        number: What is scanned, where it may be printed: whoever has it can spend the card.
        name: What the programme calls it.
        loaded: What came on it, and ``balance`` what is on it now, where that is known.
        copy: It may have been printed before.
    """

    shop: Text
    till: str
    at: datetime
    currency: Currency
    loaded: Units
    name: Text | None = None
    number: str = ""
    balance: Units | None = None
    until: date | None = None
    code: str = ""
    copy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One seat on a paper of its own, and whose it is; ``copy``: it may have been printed before."""

    shop: Text
    currency: Currency
    seat: Seat
    card: str = ""
    nickname: Text = ""
    copy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """How often something was refused in a shift."""

    code: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What a till did in a shift.

    Attributes:
        name: The host's name of the shift; empty for a whole day.
        first: The first of its entries, and ``last`` the last one, by their place in the journal; 0 for none.
        turnover_minor: What was charged, returns and voids taken off.
        discounts_minor: What rewards took off.
        loaded: What came on gift cards.
        reversed: What voids and returns took back, and ``given_back`` what they gave back.
        training: Sales for practice; they are in no other figure.
    """

    shop: Text
    till: str
    at: datetime
    currency: Currency
    name: str = ""
    cashier: Text = ""
    begins: datetime | None = None
    ends: datetime | None = None
    first: int = 0
    last: int = 0
    sales: int = 0
    member_sales: int = 0
    returns: int = 0
    voids: int = 0
    training: int = 0
    enrolled: int = 0
    turnover_minor: int = 0
    discounts_minor: int = 0
    earned: tuple[Units, ...] = ()
    spent: tuple[Units, ...] = ()
    loaded: tuple[Units, ...] = ()
    reversed: tuple[Units, ...] = ()
    given_back: tuple[Units, ...] = ()
    coupons_issued: int = 0
    coupons_used: int = 0
    refused: tuple[Refused, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alphabet:
    """The letters of one language, small and capital, under the language's own name."""

    name: str
    small: str
    capital: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterPage:
    """What shows whether a printer prints everything.

    Attributes:
        profile: The printer's profile.
        columns: Characters in a line, and ``ruler`` a row of digits of that length.
        code_pages: What the printer is told to have.
    """

    shop: Text
    till: str
    at: datetime
    currency: Currency
    profile: str
    columns: int
    ruler: str
    code_pages: tuple[str, ...] = ()
    alphabets: tuple[Alphabet, ...] = ()
    signs: tuple[str, ...] = ()


Paper: TypeAlias = Slip | CouponSlip | GiftCard | Invitation | Shift | PrinterPage
