"""Which card is still to be read: each one once, however long it lies. Pure.

PC/SC counts the cards that came and went, so a card that took another's place between two looks is not missed.
"""

from typing import Final

from drivers.scanners.sources.pcsc.port import CardState, ReaderNews
from drivers.scanners.symbols import Misreading, Symbol

MAX_TRIES: Final = 5
"""How often a card that fails is asked; a card that is moved away slowly fails, and so does one laid down askew."""


class Presence:
    """The card on one reader, as far as it is known."""

    def __init__(self) -> None:
        self._known = ReaderNews()
        self._owed = False
        self._tries = 0
        self._lies: Symbol | None = None
        self._lay: Symbol | None = None

    @property
    def word(self) -> int:
        """What is known, for the next question."""
        return self._known.word & ~CardState.CHANGED

    @property
    def atr(self) -> bytes:
        """The answer to reset of the card that lies there."""
        return self._known.atr

    @property
    def owed(self) -> bool:
        """True if a card lies there that was not read yet, and is worth a try."""
        return self._owed

    def opened(self) -> None:
        """The reader was opened, for the first time or again: of what lies there nothing is known."""
        self._known = ReaderNews()
        self._owed = False

    def differs(self, news: ReaderNews) -> bool:
        """True if ``news`` says anything that was not known."""
        return news.word & ~CardState.CHANGED != self.word

    def learn(self, news: ReaderNews) -> bool:
        """Take in what PC/SC says.

        Returns:
            True if a card that was owed is gone: it was pulled away before it was read.
        """
        before, self._known = self._known, news
        if news.present and before.present and news.counted == before.counted:
            return False
        self._lay = self._lies if news.present and not before.word else None
        if self._lay is None:
            self._lies = None
        pulled, self._owed, self._tries = self._owed, news.present, 0
        return pulled

    def settled(self, outcome: Symbol | Misreading) -> bool:
        """The card was read.

        Returns:
            True if it is news; False for the very card that was read before the reader was lost and still lies there.
        """
        self._owed = False
        self._lies = outcome if isinstance(outcome, Symbol) else None
        return outcome != self._lay

    def failed(self) -> bool:
        """The card did not answer; True if it was the last try."""
        self._tries += 1
        self._owed = self._tries < MAX_TRIES
        return not self._owed
