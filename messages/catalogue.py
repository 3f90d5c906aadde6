"""The catalogue of one language: message ids and typed arguments in, a sentence out.

Knows how arguments are written and which plural form a count takes; refuses to guess: an id or an argument that
is missing is a bug and raises, so that no cashier ever reads an id. Run time needs only the standard library's
gettext; Babel makes the catalogues (`messages.compile`).
"""

from datetime import date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import TypeAlias

from loyalty.explain import Argument, Message, Money, Names, Units
from loyalty.numbers.limits import QUANTITY_SCALE, require
from loyalty.numbers.rates import Rate
from messages.dates import write_date, write_date_time
from messages.languages import FALLBACK, LANGUAGES, PAPER_LANGUAGES, nearest_language
from messages.numbers import write_money, write_number, write_rate, write_trimmed

__all__ = ["FALLBACK", "LANGUAGES", "Catalogue", "CatalogueFault", "MissingArgument", "TextArgument", "UnknownMessage"]

TextArgument: TypeAlias = Argument | date | datetime

COUNT = "count"
"""The argument that chooses the plural form: an id with plural forms has it, and no other id does."""
WRITTEN_BARE = frozenset({"number"})
"""Integer arguments that name a thing and are written without grouping: receipt 12345, not 12,345."""
SHORT = ".short"
"""What ends the id of a message's short form, for a receipt; most messages have none and are said as they are."""
_FRACTION = 2
"""The count that stands for any fraction. In each of our languages a fraction takes the same form as 2 (Russian:
genitive singular, "4,5 балла"); gettext can only count whole things."""


class CatalogueFault(Exception):
    """A bug in the use of the catalogue."""


class UnknownMessage(CatalogueFault):
    """The catalogue has no such id, or the id has plural forms and no count was given, or the reverse."""


class MissingArgument(CatalogueFault):
    """The sentence has a placeholder that was given no argument."""


class Catalogue:
    """Everything that can be said in one language.

    Attributes:
        language: One of `PAPER_LANGUAGES`.
    """

    __slots__ = ("_translations", "language")

    def __init__(self, language: str, translations: GNUTranslations) -> None:
        require(language in PAPER_LANGUAGES, "a catalogue is in one of PAPER_LANGUAGES")
        self.language = language
        self._translations = translations
        self._translations.add_fallback(_NothingFallsThrough())

    @classmethod
    def load(cls, language: str) -> "Catalogue":
        """Give the catalogue for a language tag (``kk``, ``kk-KZ``), English for an unknown one; loaded once."""
        return _load(nearest_language(language))

    @classmethod
    def for_paper(cls, language: str) -> "Catalogue":
        """Give the catalogue for a language tag, also of a language that is spoken on paper only; loaded once."""
        return _load(nearest_language(language, PAPER_LANGUAGES))

    def say(self, message: Message) -> str:
        """Put a message of the engine into words.

        Raises:
            UnknownMessage: no such id.
            MissingArgument: the sentence needs an argument that the message lacks.
        """
        return self._render(message.id, dict(message.arguments))

    def brief(self, message: Message) -> str:
        """Put a message of the engine into few words, as a receipt does where the sum stands above them.

        Raises:
            UnknownMessage: no such id.
            MissingArgument: the sentence needs an argument that the message lacks.
        """
        arguments = dict(message.arguments)
        try:
            return self._render(message.id + SHORT, arguments)
        except UnknownMessage:
            return self._render(message.id, arguments)

    def text(self, message_id: str, /, **arguments: TextArgument) -> str:
        """Give the sentence for an id; like `say`, with dates and instants as arguments too."""
        return self._render(message_id, arguments)

    def units(self, units: Units) -> str:
        """Write an amount of a unit with its word: ``5 баллов``, ``4.5 points``, ``3 stamps``, ``₸5.00 cashback``."""
        if units.currency is not None:
            number = write_money(Money(amount_minor=units.amount, currency=units.currency), self.language)
        else:
            number = write_trimmed(units.amount, units.scale, self.language)
        if units.currency is not None and units.names is None:
            return number
        whole, rest = divmod(abs(units.amount), 10**units.scale)
        counted = whole if rest == 0 else _FRACTION
        if units.names is not None:
            forms = units.names.forms(self.language)
            return self._fill(
                "unit.named", {"number": number, "unit": forms[min(self._plural(counted), len(forms) - 1)]}
            )
        pattern = self._translations.ngettext("unit.points", "unit.points", counted)
        return _put("unit.points", pattern, {COUNT: number})

    def _plural(self, count: int) -> int:
        """Give the place of the form that goes with ``count``; the catalogue's header says it."""
        place: int = self._translations.plural(count)  # type: ignore[attr-defined]  # set when the file is read
        return place

    def money(self, money: Money) -> str:
        """Write an amount of money with its sign or code."""
        return write_money(money, self.language)

    def number(self, value: int, scale: int = 0) -> str:
        """Write ``value`` steps of ``10**-scale`` with all its decimals."""
        return write_number(value, scale, self.language)

    def quantity(self, quantity_milli: int) -> str:
        """Write a quantity given in thousandths, as short as it is exact: 1500 is ``1.5``, 2000 is ``2``."""
        return write_trimmed(quantity_milli, QUANTITY_SCALE, self.language)

    def date(self, day: date) -> str:
        """Write a date."""
        return write_date(day, self.language)

    def date_time(self, at: datetime) -> str:
        """Write an aware instant as a date and a time in its own zone."""
        return write_date_time(at, self.language)

    def _render(self, message_id: str, arguments: dict[str, TextArgument]) -> str:
        written = {name: self._write(name, argument) for name, argument in arguments.items()}
        count = arguments.get(COUNT)
        if isinstance(count, int):
            pattern = self._translations.ngettext(message_id, message_id, abs(count))
            return _put(message_id, pattern, written)
        return self._fill(message_id, written)

    def _fill(self, message_id: str, written: dict[str, str]) -> str:
        if not message_id:
            raise UnknownMessage("a message id is empty")
        return _put(message_id, self._translations.gettext(message_id), written)

    def _write(self, name: str, argument: TextArgument) -> str:
        match argument:
            case str():
                return argument
            case int():
                return str(argument) if name in WRITTEN_BARE else self.number(argument)
            case Money():
                return self.money(argument)
            case Units():
                return self.units(argument)
            case Names():
                return argument.in_language(self.language)
            case Rate():
                return write_rate(argument, self.language)
            case datetime():
                return self.date_time(argument)
            case date():
                return self.date(argument)


class _NothingFallsThrough(NullTranslations):
    """Stands behind every catalogue: gettext's habit of answering with the id itself ends here."""

    def gettext(self, message: str) -> str:
        raise UnknownMessage(f"no message has the id {message!r}")

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002  # gettext's signature
        raise UnknownMessage(f"no message with plural forms has the id {msgid1!r}")


@lru_cache(maxsize=len(PAPER_LANGUAGES))
def _load(language: str) -> Catalogue:
    path = files("messages").joinpath("locale", language, "LC_MESSAGES", "loyaltill.mo")
    with path.open("rb") as stream:
        return Catalogue(language, GNUTranslations(stream))


def _put(message_id: str, pattern: str, written: dict[str, str]) -> str:
    try:
        return pattern.format_map(written)
    except KeyError as missing:
        raise MissingArgument(f"message {message_id!r} was given no argument {missing}") from None
