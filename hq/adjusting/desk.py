"""Adjustments by JSON values: ``card``, ``unit``, ``amount``, ``reason`` and ``by``, all texts.

An answer has ``entry`` (hex) and ``balance`` (a figure), or it is a refusal: ``refused`` (a `RefusalCode`) and ``lines``.
"""

from collections.abc import Mapping
from typing import Any

from hq.adjusting.service import Adjusting, Adjustment
from loyalty.numbers.scaled import format_scaled
from loyalty.refusals import Refusal

MAX_ASKED_BYTES = 10_000


def answer(adjusting: Adjusting, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Adjust; a refusal is an answer too."""
    said = {name: str(asked.get(name, "")) for name in ("card", "unit", "amount", "reason", "by")}
    found = adjusting.adjust(Adjustment(**said))
    if isinstance(found, Refusal):
        return {"refused": found.code.value, "lines": [f"{found.field}: {found.detail or found.code.value}"]}
    return {"entry": found.entry_id.hex(), "balance": format_scaled(found.balance, found.scale)}
