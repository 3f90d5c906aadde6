"""Which cards the bytes of a detail name, without decoding all of it: whoever forgets a member looks through many."""

import json
import re
from collections.abc import Iterator
from typing import Final

from loyalty.cards import is_card

_IDENTIFIER: Final = re.compile(rb'"identifier":("(?:[^"\\]|\\.){1,128}")')
"""A card has at most 64 characters, each of which takes at most two in JSON."""


def cards_in(detail: bytes) -> Iterator[str]:
    """Give the cards that a detail names, as they were scanned; of bytes that are no detail, whatever looks like one."""
    for said in _IDENTIFIER.finditer(detail):
        try:
            card = json.loads(said[1])
        except ValueError:
            continue
        if is_card(card):
            yield card
