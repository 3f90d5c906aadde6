"""Coupons by JSON values: what a command asks, whether it opens the book itself or asks the HQ that runs.

A question has ``do``. ``issue`` takes ``once``, ``coupon``, ``way`` (a `Way`), ``named``, ``count``, ``reason``, ``by``, ``cards`` (a
list) and ``after``, and gives the fields of a `Page`; ask again with ``after`` = ``next`` until that is None. ``show`` takes
``code``, ``withdraw`` also ``reason`` and ``by``; both give the fields of `Shown`. A refusal has ``refused`` and ``lines``.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hq.coupons.issuing import Issuing
from hq.coupons.looking import Coupons
from hq.coupons.values import Campaign, Page, Shown, Way
from hq.errors import BookBusy
from loyalty.refusals import Refusal

MAX_ASKED_BYTES = 200_000


def answer(issuing: Issuing, coupons: Coupons, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what is asked; a refusal is an answer too."""
    try:
        match asked.get("do"):
            case "issue" if (campaign := _campaign(asked)) is not None:
                return _said(issuing.page(campaign, _cards(asked), _text(asked, "after")))
            case "show":
                return _said(coupons.show(_text(asked, "code")))
            case "withdraw":
                return _said(coupons.withdraw(_text(asked, "code"), _text(asked, "reason"), _text(asked, "by")))
    except BookBusy as fault:
        return {"refused": "busy", "lines": [f"{fault}; nothing of this was done"]}
    return {"refused": "bad_request", "lines": ["HQ is of another version than this command; restart it"]}


def _campaign(asked: Mapping[str, Any]) -> Campaign | None:
    way, count = _text(asked, "way"), asked.get("count") or 0
    if way not in {one.value for one in Way} or type(count) is not int:
        return None
    texts = {name: _text(asked, name) for name in ("once", "coupon", "named", "reason", "by")}
    return Campaign(way=Way(way), count=count, **texts)


def _cards(asked: Mapping[str, Any]) -> list[str]:
    cards = asked.get("cards") or []
    return [str(card) for card in cards] if isinstance(cards, list) else []


def _text(asked: Mapping[str, Any], name: str) -> str:
    return str(asked.get(name) or "")


def _said(found: Page | Shown | Refusal) -> dict[str, Any]:
    if isinstance(found, Refusal):
        return {"refused": found.code.value, "lines": [f"{found.field}: {found.detail or found.code.value}"]}
    return asdict(found)
