"""The basket that a host hands over: what is sold, as exact integers."""

from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import MAX_BASKET_LINES, MAX_TEXT, fits_int64, is_storable
from loyalty.refusals import Refusal, RefusalCode, first

_TEXT = f"a text has at most {MAX_TEXT} characters, all of them storable"
MAX_TAGS = 20
MAX_TAX_PPM = 10_000_000
_TAGS = f"at most {MAX_TAGS} tags, each a text"
MAX_BASKET_TEXT = 200_000
"""Most characters of all codes, names and categories of one basket, so that an entry's detail stays bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """One line as the host gives it.

    Attributes:
        line: The host's number of the line, from 1, unique in the basket.
        item: The host's item code.
        name: What the receipt calls it; may be empty.
        category: The host's category, or None.
        quantity_milli: Thousandths of the item's unit, > 0.
        amount_minor: What the customer pays for the line, host discounts taken off, tax included; >= 0.
        tax_minor: The tax contained in ``amount_minor``.
        discount_minor: What the host took off already.
        tax_ppm: The tax rate in millionths of the net price, or None where the host does not say; lines of one rate
            are one tax group.
        floor_minor: The least that the whole line may be sold for.
        deposit_minor: The part of ``amount_minor`` that no reward touches (a bottle's deposit, a fixed levy).
        tags: Further groups that the item is in, as the host names them.
        gift: The reward that this line is handed out for, or None; it earns nothing, and costs nothing as far as that
            reward hands it out.
    """

    line: int
    item: str
    quantity_milli: int
    amount_minor: int
    name: str = ""
    category: str | None = None
    tax_minor: int = 0
    discount_minor: int = 0
    tax_ppm: int | None = None
    floor_minor: int = 0
    deposit_minor: int = 0
    tags: tuple[str, ...] = ()
    gift: str | None = None

    @property
    def pieces(self) -> int:
        """How many pieces the line is: whole items are counted, what is weighed is one."""
        whole, rest = divmod(self.quantity_milli, 1000)
        return whole if rest == 0 else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """A basket that was checked; make one with `make_basket`.

    Attributes:
        lines: In the order of their numbers.
        credit_minor: What the host takes off the basket as a whole and no line shows (a deposit note), >= 0.
    """

    currency: Currency
    lines: tuple[BasketLine, ...]
    credit_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What the customer pays before rewards: the sum of the lines less the credit, never below zero."""
        return max(0, sum(line.amount_minor for line in self.lines) - self.credit_minor)


def make_basket(currency: Currency, lines: Sequence[BasketLine], credit_minor: int = 0) -> Basket | Refusal:
    """Check what a host handed over; the refusal with the highest precedence is given, and names the line."""
    found = _whole(lines) + [refusal for place, line in enumerate(lines) for refusal in _line(place, line)]
    if not (credit_minor >= 0 and fits_int64(credit_minor)):
        found.append(Refusal(code=RefusalCode.PRICE_NEGATIVE, field="credit_minor", detail="must not be negative"))
    ordered = tuple(sorted(lines, key=lambda line: line.line))
    return first(found) or Basket(currency=currency, lines=ordered, credit_minor=credit_minor)


def _whole(lines: Sequence[BasketLine]) -> list[Refusal]:
    found: list[Refusal] = []
    if not lines:
        found.append(Refusal(code=RefusalCode.BASKET_EMPTY, field="lines", detail="a basket has at least one line"))
    if len(lines) > MAX_BASKET_LINES:
        detail = f"a basket has at most {MAX_BASKET_LINES} lines"
        found.append(Refusal(code=RefusalCode.BASKET_TOO_LONG, field="lines", detail=detail))
    if sum(_text_length(line) for line in lines) > MAX_BASKET_TEXT:
        detail = f"the texts of a basket have at most {MAX_BASKET_TEXT} characters in all"
        found.append(Refusal(code=RefusalCode.BASKET_TOO_LONG, field="lines", detail=detail))
    if len({line.line for line in lines}) != len(lines):
        detail = "each line needs a number of its own"
        found.append(Refusal(code=RefusalCode.LINE_REPEATED, field="lines", detail=detail))
    if not fits_int64(sum(line.amount_minor for line in lines)):
        detail = "the sum of the lines must fit 64 bits"
        found.append(Refusal(code=RefusalCode.AMOUNT_TOO_LARGE, field="lines", detail=detail))
    return found


_LINE_FAULTS = (
    (RefusalCode.BAD_REQUEST, "line", "lines count from 1"),
    (RefusalCode.BAD_REQUEST, "item", _TEXT),
    (RefusalCode.BAD_REQUEST, "name", _TEXT),
    (RefusalCode.BAD_REQUEST, "category", _TEXT),
    (RefusalCode.QUANTITY_NOT_POSITIVE, "quantity_milli", "must be more than zero"),
    (RefusalCode.PRICE_NEGATIVE, "amount_minor", "must not be negative"),
    (RefusalCode.PRICE_NEGATIVE, "discount_minor", "must not be negative"),
    (
        RefusalCode.TAX_EXCEEDS_AMOUNT,
        "tax_minor",
        "must be between zero and the line's amount, which contains it",
    ),
    (RefusalCode.PRICE_NEGATIVE, "floor_minor", "must be between zero and the line's amount"),
    (RefusalCode.PRICE_NEGATIVE, "deposit_minor", "must be between zero and the line's amount, which contains it"),
    (RefusalCode.BAD_REQUEST, "tax_ppm", "must be between zero and ten million"),
    (RefusalCode.BAD_REQUEST, "tags", _TAGS),
    (RefusalCode.AMOUNT_TOO_LARGE, "amount_minor", "every number must fit 64 bits"),
)


def _line(place: int, line: BasketLine) -> list[Refusal]:
    failed = (  # in the order of _LINE_FAULTS; a line that is in order costs nothing more
        line.line < 1,
        not is_storable(line.item),
        not is_storable(line.name),
        line.category is not None and not is_storable(line.category),
        line.quantity_milli <= 0,
        line.amount_minor < 0,
        line.discount_minor < 0,
        not 0 <= line.tax_minor <= max(line.amount_minor, 0),
        line.floor_minor != 0 and not 0 <= line.floor_minor <= max(line.amount_minor, 0),
        line.deposit_minor != 0 and not 0 <= line.deposit_minor <= max(line.amount_minor, 0),
        line.tax_ppm is not None and not 0 <= line.tax_ppm <= MAX_TAX_PPM,
        bool(line.tags) and not (len(line.tags) <= MAX_TAGS and all(tag and is_storable(tag) for tag in line.tags)),
        not _fits(line),
    )
    if True not in failed:
        return []
    return [
        Refusal(code=code, field=f"lines[{place + 1}].{field}", detail=detail)
        for (code, field, detail), wrong in zip(_LINE_FAULTS, failed, strict=True)
        if wrong
    ]


def _text_length(line: BasketLine) -> int:
    return len(line.item) + len(line.name) + len(line.category or "") + sum(map(len, line.tags))


def _fits(line: BasketLine) -> bool:
    numbers = (line.line, line.quantity_milli, line.amount_minor, line.tax_minor, line.discount_minor)
    return fits_int64(min(numbers)) and fits_int64(max(numbers))
