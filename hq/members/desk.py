"""Members by JSON values: what a command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``do``: ``merge`` takes the texts of `Merge` and gives the fields of `Merged`, ``erase`` those of `Erase` and
`Erased`; ids in hex. A refusal has ``refused`` and ``lines``.
"""

from collections.abc import Mapping
from typing import Any

from hq.errors import BookBusy
from hq.members.erasing import Erasing
from hq.members.merging import Merging
from hq.members.values import Erase, Erased, Merge, Merged
from loyalty.refusals import Refusal

MAX_ASKED_BYTES = 10_000
_TEXTS = ("card", "into", "reason", "by", "once")


def answer(merging: Merging, erasing: Erasing, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked; a refusal is an answer too."""
    try:
        match asked.get("do"):
            case "merge":
                given = {name: str(asked.get(name) or "") for name in _TEXTS}
                return _merged(merging.merge(Merge(**given)))
            case "erase":
                given = {name: str(asked.get(name) or "") for name in ("card", "reason", "by")}
                return _erased(erasing.erase(Erase(**given)))
    except BookBusy as fault:
        return {"refused": "busy", "lines": [f"{fault}; run it again, and it goes on where it stopped"]}
    return {"refused": "bad_request", "lines": ["HQ is of another version than this command; restart it"]}


def _merged(found: Merged | Refusal) -> dict[str, Any]:
    if isinstance(found, Refusal):
        return _refused(found)
    return {
        "gone": found.gone.hex() if found.gone is not None else None,
        "stays": found.stays.hex(),
        "cards": found.cards,
        "leases": found.leases,
        "entries": [one.hex() for one in found.entries],
        "known": found.known,
    }


def _erased(found: Erased | Refusal) -> dict[str, Any]:
    if isinstance(found, Refusal):
        return _refused(found)
    return {"member": found.member.hex(), "entries": found.entries, "known": found.known}


def _refused(found: Refusal) -> dict[str, Any]:
    return {"refused": found.code.value, "lines": [f"{found.field}: {found.detail or found.code.value}"]}
