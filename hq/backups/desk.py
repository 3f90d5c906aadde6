"""Backups by JSON values: what a command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``do``: ``record`` takes ``covered``, a list of [terminal in hex, epoch, sequence]; ``external`` takes ``at``, an
instant with its offset. An answer has ``journals``: how many have more that is durable; or ``refused`` and ``lines``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hq.backups.copying import Covered
from hq.backups.service import Backups
from hq.errors import BookBusy

MAX_ASKED_BYTES = 4 * 1024 * 1024
_VERSION = "HQ is of another version than this command; restart it"


def answer(backups: Backups, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked; a refusal is an answer too."""
    try:
        match asked:
            case {"do": "record", "covered": list(covered)}:
                return {"journals": backups.record([_covered(one) for one in covered])}
            case {"do": "external", "at": str(text)}:
                return _external(backups, text)
    except BookBusy as fault:
        return {"refused": "busy", "lines": [f"{fault}; nothing was recorded"]}
    except (ValueError, TypeError):
        pass
    return {"refused": "bad_request", "lines": [_VERSION]}


def asked_to_record(covered: list[Covered]) -> dict[str, Any]:
    """Write the question that records what a copy holds."""
    return {"do": "record", "covered": [[one.terminal.hex(), one.epoch, one.sequence] for one in covered]}


def _covered(one: Any) -> Covered:
    terminal, epoch, sequence = one
    return Covered(terminal=bytes.fromhex(terminal), epoch=int(epoch), sequence=int(sequence))


def _external(backups: Backups, text: str) -> dict[str, Any]:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.utcoffset() is None or at.year < 1971:
        lines = ["--external: expected an instant with its offset, as 2026-12-01T03:00+05:00"]
        return {"refused": "bad_request", "lines": lines}
    journals = backups.record_external(at.astimezone(UTC))
    if journals is None:
        return {"refused": "bad_request", "lines": ["--external: this instant is still to come"]}
    return {"journals": journals}
