"""How a paper speaks: in one language, or in two.

In two, labels and sentences are said in both, amounts, dates and numbers only in the first: a figure is the same to every
reader, and two of them would be read as two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from agent.config.receipts import ReceiptLanguage
from loyalty.explain import Message, Money, Names, Units
from loyalty.numbers.currency import Currency
from messages.catalogue import Catalogue, TextArgument

ONE_ROW = 30
"""As many characters may two labels have together to stand side by side."""
BETWEEN = " /\u200b "
"""With a mark that is left out on paper: a stroke in a name is another one."""


class Unprintable(TypeError):
    """A template printed something that has no words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The words and signs of one paper.

    Attributes:
        catalogues: One or two; the first is that of the reader.
        currency: Of bare amounts of money.
    """

    catalogues: tuple[Catalogue, ...]
    currency: Currency

    @property
    def language(self) -> str:
        """The first language."""
        return self.catalogues[0].language

    @property
    def is_double(self) -> bool:
        """Whether everything is said in two languages."""
        return len(self.catalogues) > 1

    def t(self, message_id: str, /, **arguments: TextArgument | Message) -> str:
        """Say the message with an id; a message among its arguments is said in the same language."""
        return _both([one.text(message_id, **_said_in(one, arguments)) for one in self.catalogues])

    def say(self, message: Message) -> str:
        """Say a message, in its short form where it has one."""
        return _both([one.brief(message) for one in self.catalogues])

    def label(self, plain: str, named: str, unit: Units | Names | None) -> str:
        """Say ``plain``, or ``named`` with the unit's name where its amounts are written as money, without the name."""
        names = (
            unit if isinstance(unit, Names) else unit.names if unit is not None and unit.currency is not None else None
        )
        return self.t(plain) if names is None else self.t(named, unit=names)

    def money(self, amount_minor: int) -> str:
        """Write an amount of the paper's currency."""
        return self.catalogues[0].money(Money(amount_minor=amount_minor, currency=self.currency))

    def units(self, units: Units) -> str:
        """Write an amount of a unit with its name."""
        return self.catalogues[0].units(units)

    def amount(self, units: Units) -> str:
        """Write an amount of a unit; one that is money without the unit's name."""
        return self.units(bare(units))

    def number(self, value: int) -> str:
        """Write a whole number."""
        return self.catalogues[0].number(value)

    def quantity(self, quantity_milli: int) -> str:
        """Write a quantity given in thousandths."""
        return self.catalogues[0].quantity(quantity_milli)

    def name(self, text: str | Names) -> str:
        """Give a text in the reader's language."""
        return text if isinstance(text, str) else text.in_language(self.language)

    def write(self, value: object) -> str:
        """Write any value of a paper; nothing for None."""
        match value:
            case str():
                return str(value)
            case Message():
                return self.say(value)
            case Units():
                return self.amount(value)
            case None:
                return ""
        return self._write_plain(value)

    def _write_plain(self, value: object) -> str:
        say = self.catalogues[0]
        match value:
            case int():
                return say.number(value)
            case Names():
                return self.name(value)
            case Money():
                return say.money(value)
            case datetime():
                return say.date_time(value)
            case date():
                return say.date(value)
        raise Unprintable(f"a {type(value).__name__} cannot be printed; name one of its fields")


def speech(currency: Currency, member: str | None, store: str, choice: ReceiptLanguage) -> Speech:
    """Choose the languages of a paper.

    Args:
        currency: Of its amounts.
        member: Tag of the member's language, or None where it is not known.
        store: Tag of the shop's.
        choice: What the shop wants.
    """
    own, shops = Catalogue.for_paper(member or store), Catalogue.for_paper(store)
    match choice:
        case ReceiptLanguage.MEMBER:
            return Speech(catalogues=(own,), currency=currency)
        case ReceiptLanguage.STORE:
            return Speech(catalogues=(shops,), currency=currency)
        case ReceiptLanguage.BOTH:
            return Speech(catalogues=(own,) if own is shops else (own, shops), currency=currency)


def bare(units: Units) -> Units:
    """Give an amount of money without its unit's name, any other as it is."""
    return replace(units, names=None) if units.currency is not None else units


def _said_in(say: Catalogue, arguments: Mapping[str, TextArgument | Message]) -> dict[str, TextArgument]:
    return {name: say.brief(one) if isinstance(one, Message) else one for name, one in arguments.items()}


def _both(said: list[str]) -> str:
    said = list(dict.fromkeys(said))
    return (BETWEEN if sum(map(len, said)) <= ONE_ROW else "\n").join(said)
