"""Terms as values: sections of items, each a sentence or a label with what it is about, and what hangs below it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from loyalty.explain import Message, Money, Names, Units, message
from loyalty.holding.periods import Period

Value: TypeAlias = Message | Names | Money | Units | date | str
"""What stands in an item; each language writes it in its own way."""
_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One sentence, or a label and what follows its colon.

    Attributes:
        said: The sentence or the label.
        of: What follows, with commas between.
        items: What hangs below it.
    """

    said: Value
    of: tuple[Value, ...] = ()
    items: "tuple[Item, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its items; none is empty."""

    heading: Message
    items: tuple[Item, ...]


def sentence(message_id: str) -> Item:
    """Make an item of a message without arguments."""
    return Item(said=Message(id=message_id))


def label(message_id: str, *of: Value) -> Item:
    """Make an item of a label and what follows."""
    return Item(said=Message(id=message_id), of=of)


def labels(message_id: str, of: Iterable[Value]) -> tuple[Item, ...]:
    """Make one where anything follows, else none."""
    found = tuple(of)
    return (label(message_id, *found),) if found else ()


def days(count: int) -> Message:
    """Say a number of days."""
    return message("terms.days", count=count)


def span(period: Period) -> tuple[Message, ...]:
    """Say a period: years or months, and days."""
    years, months = divmod(period.months, _MONTHS_OF_A_YEAR)
    said = []
    if period.months and not months:
        said.append(message("terms.years", count=years))
    elif period.months:
        said.append(message("terms.months", count=period.months))
    if period.days or not period.months:
        said.append(days(period.days))
    return tuple(said)
