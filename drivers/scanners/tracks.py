"""Finds account numbers in what a magstripe reader sends.

Knows the outlines of ISO/IEC 7811/7813 tracks 1 and 2 and of track 3, with and without sentinels; refuses to know whose
account it is. Pure. Half-good swipes count: a track that starts and breaks off still carries its account.
"""

import re
import unicodedata
from typing import Final

_TRACK_1: Final = re.compile(r"([0-9](?: ?[0-9]){8,18}) *\^[ /A-Za-z]")
"""Account, ``^``, start of a name; some issuers put spaces into the account. The sentinel ``%`` and the format code may
be missing. A digit after ``^`` is no name: scanners that send FNC1 as ``^`` have GS1 data there."""
_BEFORE_NAME: Final = re.compile(r"[0-9][0-9 ]{8,}+\^[ /A-Za-z]")
"""Where such an account may stand: cheap to look for, and only there the account itself is."""
_TRACK_2: Final = re.compile(r"([0-9]{9,19}+)=(?:[0-9]|$)")
"""Account, ``=``, start of YYMM, as on tracks 2 and 3. The sentinel ``;`` or ``+`` may be missing. What ``+`` has taken is not given
back: fewer digits would have no ``=`` behind them either."""
_BROKEN_TRACK_1: Final = re.compile(r"^%[^\W\d_]([0-9](?: ?[0-9]){8,18})(?![0-9])")
_BROKEN_TRACK_2: Final = re.compile(r"(?:^|\?);([0-9]{9,19})(?![0-9])")
"""A start sentinel and an account, however it goes on; under a Russian layout the format code ``B`` is typed as a Cyrillic letter and
``^`` as a colon. ``+`` and digits alone is a phone number, so no track 3 here."""
_SHAPES: Final = (("=", _TRACK_2), ("%", _BROKEN_TRACK_1), (";", _BROKEN_TRACK_2))
"""The other shapes, each with a sign that stands in it; most scans have none of them."""


def track_accounts(text: str) -> tuple[str, ...]:
    """Every account number that stands in ``text`` in the shape of a track, without spaces, in order, each once.

    Args:
        text: At most one frame (4096 characters).

    Returns:
        Numbers of 9 to 19 ASCII digits; empty if nothing looks like a track. Error swipes (``%E?;E?``) have none.

    Source: ISO/IEC 7813, sections 6 and 7.
    """
    found = [match for sign, shape in _SHAPES if sign in text for match in shape.finditer(text)]
    if "^" in text:
        spans = [run.span() for run in _BEFORE_NAME.finditer(text)]
        found += filter(None, [_TRACK_1.search(text, *span) for span in spans])
    if not found:
        return ()
    found.sort(key=lambda match: match.start(1))
    return tuple(dict.fromkeys(match[1].replace(" ", "") for match in found))


def fold_digits(text: str) -> str:
    """``text`` with the digits of every script, raised and circled ones too, as ASCII: for finding numbers, never for naming a card."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in text)
