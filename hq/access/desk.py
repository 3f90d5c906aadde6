"""Tills by JSON values: what a command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``do``: ``list`` takes ``till`` (empty for all) and gives ``tills`` (the fields of `TillStanding`; ids hex, instants ISO
8601). ``revoke`` takes ``till``, ``note``, ``by`` and ``lost``, ``restore-access`` all but the last; they give ``till`` and ``known``. A
refusal has ``refused`` and ``lines``.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hq.access.service import Tills
from hq.access.values import Changed, TillStanding
from hq.errors import BookBusy
from loyalty.refusals import Refusal

MAX_ASKED_BYTES = 10_000


def answer(tills: Tills, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked; a refusal is an answer too."""
    till = str(asked.get("till") or "")
    given = {name: str(asked.get(name) or "") for name in ("note", "by")}
    try:
        match asked.get("do"):
            case "list":
                found = tills.rows(till)
                return _refused(found) if isinstance(found, Refusal) else {"tills": [_out(one) for one in found]}
            case "revoke":
                return _said(tills.revoke(till, **given, lost=asked.get("lost") is True))
            case "restore-access":
                return _said(tills.restore_access(till, **given))
    except BookBusy as fault:
        return {"refused": "busy", "lines": [f"{fault}; nothing was done"]}
    return {"refused": "bad_request", "lines": ["HQ is of another version than this command; restart it"]}


def _said(found: Changed | Refusal) -> dict[str, Any]:
    return _refused(found) if isinstance(found, Refusal) else {"till": _out(found.till), "known": found.known}


def _refused(found: Refusal) -> dict[str, Any]:
    return {"refused": found.code.value, "lines": [f"{found.field}: {found.detail or found.code.value}"]}


def _out(one: TillStanding) -> dict[str, Any]:
    return {
        **asdict(one),
        "terminal_id": one.terminal_id.hex(),
        "state": one.state.value,
        "seen_at": one.seen_at.isoformat() if one.seen_at is not None else None,
    }
