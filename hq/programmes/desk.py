"""Programmes by JSON values: what a command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``do`` (`Do`) and its fields; an answer has ``release`` or ``history``, or it is a refusal: ``refused``
(a `RefusedCode`) and ``lines`` for the person who asked.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from hq.programmes.refusals import RefusedCode, ReleaseRefused
from hq.programmes.service import Programmes
from hq.programmes.values import MAX_BY, MAX_NOTE, History, Published, ReleaseRow, When
from loyalty.numbers.limits import INT64_MAX, is_storable
from loyalty.programme.schedule import BadEffective, Effective, effective_text, parse_effective
from loyalty.reading.problems import BadFile
from sync.protocol.releases import MAX_STORE
from sync.protocol.values import MAX_PROGRAMME_BYTES

Asked: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]
MAX_ASKED_BYTES = 4 * MAX_PROGRAMME_BYTES
_MAX_PATH = 4_096


class Do(StrEnum):
    """What may be asked."""

    PUBLISH = "publish"
    ROLLBACK = "rollback"
    WITHDRAW = "withdraw"
    HISTORY = "history"
    SOURCE = "source"


def answer(programmes: Programmes, asked: Asked) -> Answer:
    """Do what is asked; a refusal is an answer too."""
    try:
        return _answer(programmes, asked)
    except BadFile as fault:
        return {"refused": RefusedCode.BAD_FILE.value, "lines": fault.lines()}
    except ReleaseRefused as fault:
        return {"refused": fault.code.value, "lines": [str(fault)]}


def _answer(programmes: Programmes, asked: Asked) -> Answer:
    match asked.get("do"):
        case Do.PUBLISH:
            source = _text(asked, "source", most=INT64_MAX)
            return _published(programmes.publish(source, _text(asked, "name", most=_MAX_PATH), _when(asked)))
        case Do.ROLLBACK:
            to = _text(asked, "to") if asked.get("to") is not None else None
            return _published(programmes.rollback(to, _when(asked)))
        case Do.WITHDRAW:
            return {"release": _release(programmes.withdraw(_number(asked)))}
        case Do.HISTORY:
            return {"history": _history(programmes.history())}
        case Do.SOURCE:
            version = programmes.find(_text(asked, "version"))
            return {"version": version, "source": programmes.source(version)}
    raise ReleaseRefused(RefusedCode.BAD_REQUEST, "HQ is of another version than this command; restart it")


def _when(asked: Asked) -> When:
    stores = asked.get("stores", [])
    if not isinstance(stores, list):
        raise ReleaseRefused(RefusedCode.BAD_REQUEST, "stores must be a list")
    return When(
        effective=_effective(asked.get("effective")),
        stores=tuple(_checked(store, "a store", MAX_STORE) for store in stores),
        new_store=asked.get("new_store") is True,
        out_of_order=asked.get("out_of_order") is True,
        note=_text(asked, "note", most=MAX_NOTE) if asked.get("note") else "",
        by=_text(asked, "by", most=MAX_BY) if asked.get("by") else "",
    )


def _effective(said: object) -> Effective | None:
    if said is None:
        return None
    try:
        return parse_effective(said if isinstance(said, str) else "")
    except BadEffective as fault:
        raise ReleaseRefused(RefusedCode.BAD_REQUEST, f"effective: {fault}") from fault


def _text(asked: Asked, name: str, *, most: int = 200) -> str:
    return _checked(asked.get(name), name, most)


def _checked(value: object, name: str, most: int) -> str:
    if not isinstance(value, str) or not value or not is_storable(value, most):
        raise ReleaseRefused(RefusedCode.BAD_REQUEST, f"{name} must be a text of 1 to {most} characters")
    return value


def _number(asked: Asked) -> int:
    number = asked.get("number")
    if type(number) is not int or not 1 <= number <= INT64_MAX:
        raise ReleaseRefused(RefusedCode.BAD_REQUEST, "number must be a release's")
    return number


def _published(outcome: Published) -> Answer:
    return {"release": _release(outcome.row), "fresh": outcome.fresh, "warnings": list(outcome.warnings)}


def _release(row: ReleaseRow) -> Answer:
    return {
        "number": row.release.number,
        "programme": row.release.programme,
        "version": row.release.version,
        "label": row.label,
        "effective": effective_text(row.release.effective),
        "stores": list(row.release.stores),
        "stage": row.stage.value,
        "rollback": row.back,
        "note": row.note,
        "by": row.by,
        "published_at": _instant(row.published_at),
        "withdrawn_at": _instant(row.withdrawn_at),
    }


def _history(history: History) -> Answer:
    return {
        "releases": [_release(row) for row in history.releases],
        "versions": [
            {
                "version": row.version,
                "programme": row.programme,
                "label": row.label,
                "first_seen_at": _instant(row.first_seen_at),
            }
            for row in history.versions
        ],
        "tills": [
            {
                "terminal": row.terminal_id.hex(),
                "name": row.name,
                "store": row.store,
                "programme": row.programme,
                "label": row.label,
                "expected": row.expected,
                "unreadable": row.unreadable,
                "seen_at": _instant(row.seen_at),
            }
            for row in history.tills
        ],
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None
