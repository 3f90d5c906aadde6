"""Asking this machine's running agent over its local API."""

from types import TracebackType
from typing import Any, Self

import requests

from agent.api.server import address
from agent.api.token import FILE, api_token
from agent.config.values import TillConfig
from agent.till.till import KEYS
from cli.failures import CommandFailed

_CONNECT_S = 3.05


class Asking:
    """A caller of the agent that these settings name; use it as a context."""

    def __init__(self, config: TillConfig) -> None:
        """Find the agent; nothing is asked yet.

        Raises:
            CommandFailed: its address or its token cannot be known.
        """
        keys = config.data_dir / KEYS
        self._silent = f"no till answers at {config.host} port {config.port}; is `loyaltill till run` running?"
        if config.port == 0 or not (keys / FILE).exists():
            raise CommandFailed(self._silent)
        self._url = address(config.host, config.port)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {api_token(keys)}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._session.close()

    def get(self, path: str, *, wait_s: float = 30.0) -> dict[str, Any]:
        """Give the JSON object at an address.

        Raises:
            CommandFailed: nobody answers, or not as a till does.
        """
        return self._ask("GET", path, wait_s)[1]

    def post(self, path: str, *, wait_s: float = 60.0) -> tuple[int, dict[str, Any]]:
        """Have something done; gives the status and what was said.

        Raises:
            CommandFailed: nobody answers, or not as a till does.
        """
        return self._ask("POST", path, wait_s)

    def _ask(self, method: str, path: str, wait_s: float) -> tuple[int, dict[str, Any]]:
        try:
            answer = self._session.request(
                method, self._url + path, timeout=(_CONNECT_S, wait_s), allow_redirects=False
            )
            said = answer.json()
        except (requests.RequestException, ValueError) as fault:
            raise CommandFailed(self._silent) from fault
        if not isinstance(said, dict) or answer.status_code in {401, 403, 404}:
            raise CommandFailed(self._silent)
        return answer.status_code, said
