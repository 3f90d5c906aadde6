"""Leases by JSON values: what the command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``do``: ``list`` (with ``all``), ``recall`` or ``write_off`` (with ``leases``, beginnings of ids), ``exposure``.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hq.errors import BookBusy
from hq.leases.exposure import exposure_rows
from hq.leases.tables import Kept
from hq.leases.writing_off import LeaseRow, WritingOff

MAX_ASKED_BYTES = 50_000
_LEAST_DIGITS, _DIGITS = 6, 32
_NAME = re.compile(rf"[0-9a-fA-F]{{{_LEAST_DIGITS},{_DIGITS}}}")


def answer(leases: WritingOff, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked; a refusal is an answer too."""
    try:
        match asked.get("do"):
            case "list":
                rows = leases.rows(ended=bool(asked.get("all")))
                return {"leases": [_row(one) for one in rows], "unheard": leases.unheard()}
            case "recall":
                return _changed(leases, asked, leases.recall)
            case "write_off":
                return _changed(leases, asked, leases.by_hand)
            case "exposure":
                with leases.book.read() as connection:
                    return exposure_rows(connection)
    except BookBusy as fault:
        return {"refused": "busy", "lines": [f"{fault}; nothing was done"]}
    return {"refused": "bad_request", "lines": ["HQ is of another version than this command; restart it"]}


def _changed(leases: WritingOff, asked: Mapping[str, Any], change: Any) -> dict[str, Any]:
    found = _named(leases, [str(one) for one in asked.get("leases") or ()])
    if isinstance(found, str):
        return {"refused": "bad_request", "lines": [found]}
    done: Sequence[Kept] = change(found)
    return {"changed": [kept.lease.lease_id.hex() for kept in done]}


def _named(leases: WritingOff, names: Sequence[str]) -> list[bytes] | str:
    """Find leases by the beginnings of their ids."""
    found = []
    for name in names:
        fits = leases.beginning(name) if _NAME.fullmatch(name) else []
        if len(fits) != 1:
            number = "several" if fits else "no"
            return f'"{name[:_DIGITS]}" names {number} leases: give {_LEAST_DIGITS} digits of one that `hq leases list` shows'
        found += fits
    return found


def _row(one: LeaseRow) -> dict[str, Any]:
    lease = one.kept.lease
    return {
        "lease": lease.lease_id.hex(),
        "till": one.till,
        "store": one.store,
        "epoch": lease.epoch,
        "account": lease.account.hex(),
        "unit": lease.unit,
        "granted": lease.amount,
        "left": one.kept.left,
        "state": lease.state.value,
        "ends": datetime.fromtimestamp(lease.expires_at, UTC).isoformat(),
    }
