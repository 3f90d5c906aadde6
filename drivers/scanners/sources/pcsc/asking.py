"""What a card is asked: for its UID, or by a script of commands for a number that the merchant has stored on it.

Knows commands and status words of ISO/IEC 7816-4; refuses to know readers.
"""

from collections.abc import Sequence
from typing import Final

from drivers.scanners.sources.pcsc.port import PcscCard, PcscCode, PcscError
from drivers.scanners.sources.pcsc.uids import read_uid
from drivers.scanners.symbols import Misreading, Symbol

GET_UID: Final = bytes.fromhex("FFCA000000")
"""PC/SC part 3, 3.2.2.1.3: Get Data, UID, of any length."""
MAX_SCRIPT: Final = 16
_MIN_COMMAND: Final = 4
_MAX_COMMAND: Final = 261
"""CLA INS P1 P2, Lc, 255 bytes, Le: the longest short command (ISO/IEC 7816-4, 5.1)."""
_MOST_PARTS: Final = 4
"""A card that always has more is not asked for ever."""
_DONE: Final = b"\x90\x00"
_MORE: Final = 0x61
"""SW1: SW2 more bytes wait for Get Response."""
_WRONG_LENGTH: Final = 0x6C
"""SW1: ask again for SW2 bytes."""
_GET_RESPONSE: Final = bytes.fromhex("00C00000")
_PADDING: Final = b"\x00\xff "
_MAX_TEXT: Final = 64


def parse_script(script: Sequence[str]) -> tuple[bytes, ...]:
    """Commands in hexadecimal, as ``00A4040007A0000001020304`` and ``00B0000010``.

    Raises:
        ValueError: One is no hexadecimal or no short command, or there are more than 16.
    """
    if len(script) > MAX_SCRIPT:
        raise ValueError(f"at most {MAX_SCRIPT} commands can be sent to a card")
    return tuple(_command(text, number) for number, text in enumerate(script, start=1))


def read_card(card: PcscCard, atr: bytes, script: Sequence[bytes] = ()) -> Symbol | Misreading:
    """The symbol on a card: its UID, or the text that the last command of a script gives.

    Raises:
        PcscError: The card was pulled or did not answer; it can be tried again.
    """
    if not script:
        data = ask(card, GET_UID)
        return Misreading.NO_UID if data is None else read_uid(data, atr)
    card.begin()  # else another program may choose another application between two commands
    data = b""
    for command in script:
        answered = ask(card, command)
        if answered is None:
            return Misreading.FOREIGN_CARD
        data = answered
    return _text(data)


def ask(card: PcscCard, command: bytes) -> bytes | None:
    """The data that a command answers, without its status word, or None if the card refuses the command.

    Raises:
        PcscError: The card was pulled or did not answer.
    """
    data, status = _exchange(card, command)
    if status[0] == _WRONG_LENGTH:
        unsized = command[:-1] if len(command) > _MIN_COMMAND else command
        data, status = _exchange(card, unsized + status[1:])
    for _ in range(_MOST_PARTS):
        if status[0] != _MORE:
            break
        more, status = _exchange(card, _GET_RESPONSE + status[1:])
        data += more
    return data if status == _DONE else None


def _exchange(card: PcscCard, command: bytes) -> tuple[bytes, bytes]:
    """The data and the status word. A card pulled in mid-command can answer nothing, and no error either."""
    answer = card.transmit(command)
    if len(answer) < len(_DONE):
        raise PcscError("an answer without a status word", PcscCode.NOT_TRANSACTED)
    return answer[:-2], answer[-2:]


def _text(data: bytes) -> Symbol | Misreading:
    text = data.strip(_PADDING)
    if not 0 < len(text) <= _MAX_TEXT or not all(0x21 <= byte <= 0x7E for byte in text):
        return Misreading.FOREIGN_CARD
    return Symbol(text=text.decode("ascii"))


def _command(text: str, number: int) -> bytes:
    try:
        command = bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"command {number} for the card is not hexadecimal") from None
    if not _MIN_COMMAND <= len(command) <= _MAX_COMMAND:
        raise ValueError(f"command {number} for the card must have {_MIN_COMMAND} to {_MAX_COMMAND} bytes")
    return command
