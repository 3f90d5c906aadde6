"""Pairing this machine's till: through its agent while that runs, else on the book itself."""

from dataclasses import dataclass
from typing import Any

from agent.book.book import LOCK
from agent.config.values import TillConfig
from agent.errors import BookBusy
from cli.failures import CommandFailed
from cli.locks import is_held
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused

_WAIT_S = (3.05, 60.0)
_WRONG_CODE = (
    "HQ refused the code: it is wrong, used or older than 15 minutes; make a new one with `loyaltill hq pair-code`"
)
_OLD_SETTINGS = "the till is running with settings from before sync.hq_url was set; restart it and pair again"
_NO_HQ = "is sync.hq_url right, and does HQ run? `loyaltill doctor` tells more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What came of it: HQ's merchant, and the till's id in hex."""

    merchant: str
    terminal: str


def pair_till(config: TillConfig, code: str) -> Paired:
    """Pair by a one-time code.

    Raises:
        CommandFailed: HQ cannot be reached, or refuses the code.
        AgentError: the book or the keys cannot be used.
    """
    if is_held(config.data_dir / LOCK):
        return _through_agent(config, code)
    return _on_book(config, code)


def _on_book(config: TillConfig, code: str) -> Paired:
    from agent.pairing import pair
    from agent.till.till import Till

    with Till(config) as till:
        try:
            answer = pair(till.context, config.sync.hq_url, code)
        except LinkDown as fault:
            raise CommandFailed(f"{fault}; {_NO_HQ}") from fault
        except SyncRefused as fault:
            raise _refused(fault.code.value, str(fault)) from fault
        return Paired(merchant=answer.merchant, terminal=till.context.keys.terminal.hex())


def _through_agent(config: TillConfig, code: str) -> Paired:
    """Ask the running agent: its book is its own, and it begins to sync at once."""
    status, said = _post(config, code)
    if status == 200:
        return Paired(merchant=str(said.get("merchant", "HQ")), terminal=str(said.get("terminal", "")))
    if said.get("error") == "no_hq":
        raise CommandFailed(_OLD_SETTINGS)
    if said.get("error") == "hq_unreachable":
        raise CommandFailed(f"{said.get('detail', 'HQ cannot be reached')}; {_NO_HQ}")
    raise _refused(str(said.get("error", status)), f"{said.get('error', status)}: {said.get('detail', '')}")


def _post(config: TillConfig, code: str) -> tuple[int, dict[str, Any]]:
    import requests

    from agent.api.server import address
    from agent.api.token import FILE, api_token
    from agent.till.till import KEYS

    keys = config.data_dir / KEYS
    busy = f"an agent is running on {config.data_dir} and does not answer at its address; restart it, or stop it"
    if config.port == 0 or not (keys / FILE).exists():
        raise BookBusy(f"{busy} and pair again")
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {api_token(keys)}"
            url = f"{address(config.host, config.port)}/v1/pair"
            answer = session.post(url, json={"code": code}, timeout=_WAIT_S, allow_redirects=False)
            said = answer.json()
    except (requests.RequestException, ValueError) as fault:
        raise BookBusy(f"{busy} and pair again") from fault
    return answer.status_code, said if isinstance(said, dict) else {}


def _refused(code: str, detail: str) -> CommandFailed:
    if code == SyncErrorCode.PAIRING_REFUSED.value:
        return CommandFailed(_WRONG_CODE)
    return CommandFailed(f"HQ refused: {detail}")
