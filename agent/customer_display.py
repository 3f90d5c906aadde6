"""What the customer's display says during a sale: a greeting, what the basket earns, thanks and the balance.

Takes its words from the answers that the POS program gets, so that both say the same; keeps nobody waiting.
"""

from collections.abc import Mapping
from typing import Any

from agent.config.printers import DisplayConfig
from agent.till.context import Context
from drivers.displays.commands import Commands
from drivers.displays.line_display import DisplaySettings, LineDisplay
from drivers.displays.transliteration import transliterate
from loyalty.holding.units import is_hidden
from messages.catalogue import Catalogue
from messages.languages import LANGUAGES

Lines = tuple[str, str]


class CustomerDisplay:
    """Turns answers into lines, and shows them."""

    def __init__(self, context: Context, config: DisplayConfig) -> None:
        self._context = context
        self._config = config
        idle = (context.config.store.name, "")
        self._served: Mapping[str, Any] = {}
        self._display = LineDisplay(settings_of(config), idle)

    @property
    def fault(self) -> str:
        """What is the matter with the display, in one English sentence; empty while it works."""
        return self._display.fault

    def start(self) -> None:
        """Begin, with the store's name."""
        self._display.start()

    def stop(self) -> None:
        """Leave the store's name on it."""
        self._display.stop()

    def inquired(self, answer: Mapping[str, Any]) -> None:
        """A card was shown: greet its member, with the balance."""
        if answer.get("member"):
            self._served = answer
            self._display.show(self._welcome(answer), self._balance(answer, answer))

    def quoted(self, answer: Mapping[str, Any]) -> None:
        """A basket was quoted: say what it earns."""
        member = answer.get("member")
        earned = [award for award in answer.get("awards", ()) if award["amount"] > 0]
        if member and earned:
            self._served = member
            unit = earned[0]["unit"]
            amount = sum(award["amount"] for award in earned if award["unit"] == unit)
            self._display.show(self._welcome(member), f"+{self._units(member, unit, amount)}")

    def sold(self, answer: Mapping[str, Any]) -> None:
        """A sale is recorded: thank, with the new balance, in the language of who was served."""
        if answer.get("entry"):
            member = answer.get("member")
            served = self._served if member and self._served.get("member") == member else {}
            thanks = self._say(served).text("till.display_thanks")
            self._display.show(thanks, self._balance(served, answer) if member else "")
            self._served = {}

    def _welcome(self, member: Mapping[str, Any]) -> str:
        say, name = self._say(member), member.get("nickname")
        if not name:
            return say.text("till.display_welcome")
        greeting = say.text("till.display_welcome_name", name=name)
        fits = len(transliterate(greeting, self._config.character_set)) <= self._config.columns
        return greeting if fits else str(name)

    def _balance(self, member: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
        held = [(unit, amount) for unit, amount in answer.get("balances", {}).items() if not is_hidden(unit)]
        return self._units(member, *held[0]) if held else ""

    def _units(self, member: Mapping[str, Any], unit: str, amount: int) -> str:
        known = self._context.shelf.at(self._context.clock()).unit(unit)
        return self._say(member).units(known.amount(amount)) if known is not None else str(amount)

    def _say(self, member: Mapping[str, Any]) -> Catalogue:
        language = member.get("language")
        return Catalogue.load(language) if language in LANGUAGES else self._context.catalogue


def settings_of(config: DisplayConfig) -> DisplaySettings:
    """The display that the settings name."""
    return DisplaySettings(
        port=config.port,
        commands=Commands(config.language.value),
        baud=config.baud,
        columns=config.columns,
        codec=config.character_set,
        code_page=config.code_page,
    )
