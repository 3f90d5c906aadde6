"""The POS programs of the simulated shops: what they ask of their tills, what they heard, and what they ask again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agent.till.answers import Recorded
from agent.till.requests import (
    CommitRequest,
    EnrolRequest,
    GiftCardPays,
    GiftCardSold,
    HoldRequest,
    QuoteRequest,
    ReleaseRequest,
    ReturnRequest,
    UnmatchedLine,
    VoidRequest,
)
from agent.till.till import Till
from cli.simulation.chance import Chance
from cli.simulation.shop import CARD_PREFIX, CURRENCY
from loyalty.quote import RedeemRequest
from loyalty.sale.basket import BasketLine

Request: TypeAlias = CommitRequest | EnrolRequest | HoldRequest | ReleaseRequest | ReturnRequest | VoidRequest
CARDS = tuple(f"{CARD_PREFIX}{number:011d}" for number in range(1, 9))
GIFT_CARDS = tuple(f"77{number:08d}" for number in range(1, 4))
_ITEMS = (("100101", "bread"), ("100102", "milk"), ("100103", "tea"), ("100104", "cake"))
_MOST_KEPT = 40
_MOST_HELD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A sale that a host heard of: what it takes to undo it."""

    entry: str
    lines: tuple[BasketLine, ...]


@dataclass(slots=True)
class Host:
    """One till's POS program. It remembers nothing of what its till's disk says, only what it was answered.

    Attributes:
        coupons: Codes that were printed at any till; people carry them to all.
        unanswered: Requests that were sent and not answered; it sends them again.
        answered: Requests that were answered; a nervous host sends them again too.
        held: Holds that are not paid yet, with their baskets.
    """

    number: int
    chance: Chance
    coupons: list[str]
    sold: list[Sold] = field(default_factory=list)
    unanswered: list[Request] = field(default_factory=list)
    answered: list[Request] = field(default_factory=list)
    held: list[tuple[str, QuoteRequest]] = field(default_factory=list)
    _asked: int = 0

    def key(self) -> str:
        """Give a new idempotency key."""
        self._asked += 1
        return f"{self.number}-{self._asked}"

    def heard(self, request: Request, answer: dict[str, Any]) -> None:
        """The till answered."""
        if request in self.unanswered:
            self.unanswered.remove(request)
        if request not in self.answered:
            self.answered = [*self.answered[-_MOST_KEPT:], request]
        if isinstance(request, HoldRequest) and "refused" not in answer:
            self.held = [*self.held[-_MOST_HELD:], (answer["hold"], request.sale)]
        if isinstance(request, CommitRequest) and "refused" not in answer:
            self.sold = [*self.sold[-_MOST_KEPT:], Sold(entry=answer["entry"], lines=request.sale.lines)]
            self.coupons.extend(one["code"] for one in answer.get("coupons", ()))

    # ------------------------------------------------------------------------------------------------ what is asked
    def sale(self) -> CommitRequest:
        """Sell something, to a member more often than not."""
        return self._commit(self._lines(), card=self.card() if self.chance.percent(85) else None)

    def redeem(self) -> CommitRequest:
        """Sell something for points."""
        return self._commit(self._lines(), card=self.card(), redeem=(self._for_points(4),))

    def redeem_this(self, card: str, redeem: RedeemRequest) -> CommitRequest:
        """Sell something to a member who wants just this."""
        return self._commit((self._line(1), self._line(2)), card=card, redeem=(redeem,))

    def hold(self) -> HoldRequest:
        """Set aside what a basket will take."""
        asked: dict[str, Any] = {"redeem": (self._for_points(6),)}
        if self.chance.one_in(4):
            asked = {"gift_cards": (GiftCardPays(number=self.chance.pick(GIFT_CARDS), reward="pay"),)}
        sale = QuoteRequest(currency=CURRENCY, lines=self._lines(), card=self.card(), **asked)
        return HoldRequest(key=self.key(), sale=sale)

    def pay_held(self) -> CommitRequest | None:
        """Pay a basket that was held."""
        if not self.held:
            return None
        hold, sale = self.held.pop(self.chance.below(len(self.held)))
        key = self.key()
        return CommitRequest(key=key, check_id=f"h{key}", sale=sale, hold=hold)

    def release(self) -> ReleaseRequest | None:
        """Give a hold back."""
        return ReleaseRequest(key=self.key(), hold=self.held.pop()[0]) if self.held else None

    def gift(self) -> CommitRequest:
        """Hand a mug out of stock for points."""
        return self._commit(self._lines(), card=self.card(), redeem=(RedeemRequest(reward="mug"),))

    def coupon(self) -> CommitRequest:
        """Take a coupon, which may have been used at another till."""
        codes = (self.chance.pick(self.coupons),) if self.coupons else ()
        return self._commit(self._lines(), card=self.card(), coupons=codes)

    def sell_card(self) -> CommitRequest:
        """Sell a gift card, or top it up."""
        line = BasketLine(line=1, item="gift", category="card", quantity_milli=1000, amount_minor=50_000)
        return self._commit((line,), sold_cards=(GiftCardSold(number=self.chance.pick(GIFT_CARDS), line=1),))

    def pay_by_card(self) -> CommitRequest:
        """Let a gift card pay what it can."""
        card = GiftCardPays(number=self.chance.pick(GIFT_CARDS), reward="pay")
        return self._commit(self._lines(), card=self.card(), gift_cards=(card,))

    def enrol(self) -> EnrolRequest:
        """Enrol somebody, who may have enrolled elsewhere a moment ago."""
        return EnrolRequest(key=self.key(), card=self.card(), nickname="Aigerim")

    def void(self) -> VoidRequest | None:
        """Undo a whole sale."""
        return VoidRequest(key=self.key(), sale=self.chance.pick(self.sold).entry) if self.sold else None

    def back(self) -> ReturnRequest | None:
        """Take some goods of a sale back."""
        if not self.sold:
            return None
        sold = self.chance.pick(self.sold)
        lines = tuple((line.line, line.quantity_milli) for line in sold.lines if self.chance.percent(60))
        lines = lines or ((1, 1000),)
        key = self.key()
        return ReturnRequest(key=key, check_id=f"r{key}", currency=CURRENCY, sale=sold.entry, lines=lines)

    def unknown_back(self) -> ReturnRequest:
        """Take something back that nobody knows to have been sold."""
        key = self.key()
        line = UnmatchedLine(item="100101", quantity_milli=1000, amount_minor=20_000, reason="no receipt")
        return ReturnRequest(key=key, check_id=f"u{key}", currency=CURRENCY, unmatched=(line,), card=self.card())

    def quote(self) -> QuoteRequest:
        """Ask what a basket would come to."""
        return QuoteRequest(currency=CURRENCY, lines=self._lines(), card=self.card())

    def card(self) -> str:
        """Give one of the few members' cards, the first ones more often than the others."""
        return CARDS[min(self.chance.below(len(CARDS)), self.chance.below(len(CARDS)))]

    def _for_points(self, most: int) -> RedeemRequest:
        """Ask for money off: under rights alone, or also beyond them."""
        reward = "free" if self.chance.one_in(3) else "off"
        return RedeemRequest(reward=reward, units=10 * self.chance.between(1, most))

    def _commit(self, lines: tuple[BasketLine, ...], **asked: Any) -> CommitRequest:
        key = self.key()
        return CommitRequest(key=key, check_id=f"c{key}", sale=QuoteRequest(currency=CURRENCY, lines=lines, **asked))

    def _lines(self) -> tuple[BasketLine, ...]:
        return tuple(self._line(number) for number in range(1, 1 + self.chance.between(1, 2)))

    def _line(self, number: int) -> BasketLine:
        item, category = self.chance.pick(_ITEMS)
        pieces = self.chance.between(1, 3)
        amount = pieces * 1000 * self.chance.between(5, 60)
        return BasketLine(line=number, item=item, category=category, quantity_milli=1000 * pieces, amount_minor=amount)


KINDS: dict[type[Any], tuple[str, Callable[[Till, Any], Recorded]]] = {
    CommitRequest: ("commit", Till.commit),
    EnrolRequest: ("enrol", Till.enrol),
    HoldRequest: ("hold", Till.hold),
    ReleaseRequest: ("release", Till.release),
    ReturnRequest: ("return", Till.return_goods),
    VoidRequest: ("void", Till.void),
}
"""How a request is called, and what of the till takes it."""
