"""A POS program as tests see it: it calls the local API over loopback with the token."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import requests

from agent.terminal import Terminal
from loyalty.sale.basket import BasketLine
from tests.agent.shops import CARD, LINES

NO_CARD: Mapping[str, Any] = {"card": None}


class Caller:
    """Calls one till."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token}"

    @classmethod
    def of(cls, terminal: Terminal) -> Self:
        """A caller that knows the token of a terminal in this process."""
        return cls(terminal.base_url, terminal.token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.session.close()

    def post(self, verb: str, body: object = None, key: str | None = None, **headers: str) -> requests.Response:
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.session.post(f"{self.base_url}/v1/{verb}", json=body, headers=headers, timeout=30)

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.session.get(self.base_url + path, headers=headers, timeout=60, allow_redirects=False)


def basket(lines: tuple[BasketLine, ...] = LINES, **more: object) -> dict[str, Any]:
    """A basket as a POS sends it."""
    sent = [{name: getattr(line, name) for name in line.__slots__ if getattr(line, name) is not None} for line in lines]
    return {"currency": "KZT", "card": CARD, "lines": sent, **more}


def check(number: int = 1, **more: object) -> dict[str, Any]:
    """A paid check as a POS sends it."""
    return basket(**({"check_id": str(number), "operator": "Асель"} | more))  # type: ignore[arg-type]
