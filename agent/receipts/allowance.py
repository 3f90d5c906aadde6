"""What one paper may cost: a bound for everything of which a template could ask without end.

Parts bound what is done, letters what is made, and processor time both: a template is stopped at one of its next steps.
Between two steps lies no more than the template's own text once, and nothing in it takes longer than its longest text.
"""

import time
from typing import Final

from agent.receipts.faults import EndlessTemplate

MAX_PARTS: Final = 3_000_000
"""Parts of a template that are carried out, a call or a filter counted as 20; the longest basket takes some 500,000."""
CALL_PARTS: Final = 20
MAX_LETTERS: Final = 5_000_000
"""Of all texts that are made, also on the way to the paper; the longest basket takes some 600,000."""
MAX_TEXT: Final = 100_000
"""Letters of one text on the way."""
MAX_PROCESSOR_S: Final = 3.0
_LOOK_PARTS: Final = 2_000
"""After how many parts the time is looked at."""


class Allowance:
    """What is left of it, for one paper, in the thread that writes it."""

    def __init__(self) -> None:
        self.parts = 0
        self.letters = 0
        self._look_at = 0
        self._end = time.thread_time() + MAX_PROCESSOR_S

    def step(self, parts: int = CALL_PARTS) -> None:
        """Count one turn of a loop, or one call, in which so many parts of the template are carried out.

        Raises:
            EndlessTemplate: There were too many, or they take too long.
        """
        self.parts += parts
        if self.parts >= self._look_at:
            self.look()

    def look(self) -> None:
        """Look at what was counted, and at the time.

        Raises:
            EndlessTemplate: There was too much, or it takes too long.
        """
        self._look_at = self.parts + _LOOK_PARTS
        if self.parts > MAX_PARTS:
            raise EndlessTemplate(f"more than {MAX_PARTS:,} parts of it were carried out: does it loop for ever?")
        if time.thread_time() > self._end:
            raise EndlessTemplate(f"it takes more than {MAX_PROCESSOR_S:.0f} seconds: does it loop for ever?")

    def text(self, text: str) -> str:
        """Count the letters of a text that was made, and give it.

        Raises:
            EndlessTemplate: It is too long, or all of them together are.
        """
        self.room(len(text))
        return text

    def room(self, letters: int) -> None:
        """Count the letters of a text before it is made.

        Raises:
            EndlessTemplate: It would be too long, or all of them together.
        """
        self.letters += letters + 1
        if letters > MAX_TEXT:
            raise EndlessTemplate(f"a text has more than {MAX_TEXT:,} letters")
        if self.letters > MAX_LETTERS:
            raise EndlessTemplate(f"its texts have more than {MAX_LETTERS:,} letters together: does it loop for ever?")
