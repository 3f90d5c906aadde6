"""Parked entries and exceptions by JSON values: what a command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``do`` and ``pile`` (a `Pile`). ``list`` takes ``till``, ``reason``, ``state`` (``open``, ``settled`` or empty for
both) and ``page``, and gives ``rows`` (items), ``page``, ``pages`` and ``count``. ``show`` takes ``which`` and gives the fields of
`Shown`; ``settle`` also takes ``note`` and ``by`` and gives ``item`` and ``known``. ``replay`` takes ``which``, or ``till``, ``reason``,
``after`` and ``upto``; it gives ``tried``, ``next`` and ``upto``: ask again with ``after`` = ``next`` until that is None. Ids are hex,
instants ISO 8601, places ``TERMINAL/EPOCH/SEQUENCE``. A refusal has ``refused`` and ``lines``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hq.attention.parking import ItemState, Place
from hq.errors import BookBusy
from hq.reviewing.finding import reference
from hq.reviewing.reasons import WORDS
from hq.reviewing.service import Reviewing
from hq.reviewing.values import Item, ItemPage, Pile, Replayed, Settled, Shown, Wanted
from loyalty.refusals import Refusal

MAX_ASKED_BYTES = 10_000


def answer(reviewing: Reviewing, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked; a refusal is an answer too."""
    try:
        pile = Pile(_text(asked, "pile"))
        match asked.get("do"):
            case "list":
                return _said(pile, reviewing.page(pile, _wanted(asked)))
            case "show":
                return _said(pile, reviewing.show(pile, _text(asked, "which")))
            case "settle":
                given = {name: _text(asked, name) for name in ("note", "by")}
                return _said(pile, reviewing.settle(pile, _text(asked, "which"), **given))
            case "replay" if pile is Pile.PARKED:
                return _replay(reviewing, asked)
    except BookBusy as fault:
        return {"refused": "busy", "lines": [f"{fault}; nothing of this was done"]}
    except ValueError:
        pass
    return {"refused": "bad_request", "lines": ["HQ is of another version than this command; restart it"]}


def _replay(reviewing: Reviewing, asked: Mapping[str, Any]) -> dict[str, Any]:
    if _text(asked, "which"):
        return _said(Pile.PARKED, reviewing.replay_one(_text(asked, "which")))
    upto_ms = int(asked.get("upto") or reviewing.now_ms())
    after = _place(_text(asked, "after")) if asked.get("after") else None
    found = reviewing.replay(_wanted(asked), after=after, upto_ms=upto_ms)
    return {**_said(Pile.PARKED, found), "upto": upto_ms}


def _wanted(asked: Mapping[str, Any]) -> Wanted:
    state = _text(asked, "state")
    return Wanted(
        till=_text(asked, "till"),
        reason=_text(asked, "reason"),
        state=ItemState(state) if state else None,
        page=int(asked.get("page") or 1),
    )


def _said(pile: Pile, found: ItemPage | Shown | Settled | Replayed | Refusal) -> dict[str, Any]:
    match found:
        case Refusal():
            return {"refused": found.code.value, "lines": [f"{found.field}: {found.detail or found.code.value}"]}
        case ItemPage():
            rows = [_item(pile, one) for one in found.rows]
            return {"rows": rows, "page": found.page, "pages": found.pages, "count": found.count}
        case Settled():
            return {"item": _item(pile, found.item), "known": found.known}
        case Replayed():
            return {"tried": _tried(found), "next": _place_out(found.next) if found.next is not None else None}
        case Shown():
            return _shown(pile, found)


def _tried(found: Replayed) -> list[dict[str, Any]]:
    return [
        {
            "which": _place_out(one.place),
            "till": one.till,
            "entry": _hex(one.entry_id),
            "posted": one.posted,
            "reason": None if one.posted else one.reason.value,
            "what": None if one.posted else WORDS[one.reason].what,
        }
        for one in found.tried
    ]


def _item(pile: Pile, item: Item) -> dict[str, Any]:
    words = WORDS[item.reason]
    return {
        "which": reference(pile, item),
        "terminal": item.place[0].hex(),
        "epoch": item.place[1],
        "sequence": item.place[2],
        "till": item.till,
        "store": item.store,
        "entry": _hex(item.entry_id),
        "reason": item.reason.value,
        "what": words.what,
        "way_out": words.way_out,
        "state": item.state.value,
        "at": item.at.isoformat(),
        "note": item.note,
        "waits_for": _hex(item.waits_for),
        "settled_at": _iso(item.settled_at),
        "settled_by": item.settled_by,
        "settled_note": item.settled_note,
    }


def _shown(pile: Pile, found: Shown) -> dict[str, Any]:
    return {
        "item": _item(pile, found.item),
        "kind": found.kind,
        "fault": found.fault,
        "claimed_at": _iso(found.claimed_at),
        "received_at": _iso(found.received_at),
        "effective_at": _iso(found.effective_at),
        "programme": found.programme,
        "postings": list(found.postings),
        "ledger": list(found.ledger),
        "detail": found.detail,
        "detail_proven": found.detail_proven,
        "first_at": _place_out(found.first_at) if found.first_at is not None else None,
    }


def _place_out(place: Place) -> str:
    return f"{place[0].hex()}/{place[1]}/{place[2]}"


def _place(text: str) -> Place:
    """Read a place that `_place_out` wrote; ValueError for anything else."""
    terminal, epoch, sequence = text.split("/")
    return bytes.fromhex(terminal), int(epoch), int(sequence)


def _text(asked: Mapping[str, Any], name: str) -> str:
    return str(asked.get(name) or "")


def _hex(data: bytes | None) -> str | None:
    return data.hex() if data is not None else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
