"""Stock and limits by JSON values: what a command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``do``: ``list`` gives ``stock`` (a list of ``programme``, ``reward``, ``item``, ``store``, ``left``), ``limits``
gives ``limits`` (the fields of `LimitRow`), ``set`` and ``add`` take the texts of `StockChange` and give ``before``, ``left``,
``entry`` (hex, or None where there was nothing to write) and ``known``. A refusal has ``refused`` and ``lines``.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hq.errors import BookBusy
from hq.pools.limits import Limits
from hq.pools.stock import Stock, StockChange, StockDo, Stocked, pieces
from loyalty.refusals import Refusal

MAX_ASKED_BYTES = 10_000
_TEXTS = ("reward", "item", "store", "quantity", "reason", "by", "once")


def answer(stock: Stock, limits: Limits, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked; a refusal is an answer too."""
    match asked.get("do"):
        case "list":
            rows = stock.rows()
            return {
                "stock": [
                    {
                        "programme": row.programme,
                        "reward": row.reward,
                        "item": row.item,
                        "store": row.store,
                        "left": pieces(row.left_milli),
                    }
                    for row in rows
                ]
            }
        case "limits":
            return {"limits": [{**asdict(row), "kind": row.kind.value} for row in limits.rows()]}
        case "set" | "add" as do:
            given = {name: str(asked.get(name) or "") for name in _TEXTS}
            try:
                return _changed(stock.change(StockChange(do=StockDo(do), **given)))
            except BookBusy as fault:
                return {"refused": "busy", "lines": [f"{fault}; nothing was done"]}
    return {"refused": "bad_request", "lines": ["HQ is of another version than this command; restart it"]}


def _changed(found: Stocked | Refusal) -> dict[str, Any]:
    if isinstance(found, Refusal):
        return {"refused": found.code.value, "lines": [f"{found.field}: {found.detail or found.code.value}"]}
    return {
        "before": pieces(found.before_milli),
        "left": pieces(found.left_milli),
        "entry": found.entry_id.hex() if found.entry_id is not None else None,
        "known": found.known,
    }
