"""Explanations as values: a message id with typed arguments, put into words elsewhere.

Every point that a receipt shows can be traced to a rule. The engine says *what* happened (`Message`); the
message catalogue says it in the reader's language. No journal holds them: a receipt computes them again from its
entry. Ids are stable, since hosts read them in answers.
"""

from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import TypeAlias

from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import require
from loyalty.numbers.rates import Rate

FORMS = "|"
"""Between the forms of a unit's name: ``stamp|stamps``, ``печать|печати|печатей``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of one thing in several languages, as the programme gives them.

    Attributes:
        by_language: (ISO 639-1 code, name) pairs, sorted by code; never empty.
    """

    by_language: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        require(len(self.by_language) > 0, "a thing needs at least one name")

    def in_language(self, language: str) -> str:
        """Give the name in ``language``, else in English, else the first one there is; of several forms the last."""
        return self.forms(language)[-1]

    def forms(self, language: str) -> tuple[str, ...]:
        """Give the forms of the name, in the order of the language's plural forms; most names have one."""
        names = dict(self.by_language)
        return tuple((names.get(language) or names.get("en") or self.by_language[0][1]).split(FORMS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount of money in minor units."""

    amount_minor: int
    currency: Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """An amount of a unit (points, say) in its smallest steps, with what is needed to write it.

    Attributes:
        names: The unit's names, or None for plain points, whose word the catalogue declines itself.
        currency: Of a unit that is money, which is written as money, its name behind it; None for any other.
    """

    amount: int
    scale: int
    names: Names | None
    currency: Currency | None = None


Argument: TypeAlias = int | str | date | Money | Units | Names | Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One sentence to say: the catalogue's id and its named arguments, sorted by name."""

    id: str
    arguments: tuple[tuple[str, Argument], ...] = ()


_NAME = itemgetter(0)


def message(message_id: str, **arguments: Argument) -> Message:
    """Make a `Message` from keyword arguments."""
    if len(arguments) > 1:
        return Message(id=message_id, arguments=tuple(sorted(arguments.items(), key=_NAME)))
    return Message(id=message_id, arguments=tuple(arguments.items()))
