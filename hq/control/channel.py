"""The running HQ's address and a secret, in a file beside the book that only its owner may read.

One process writes the book, so a second one does not open it to make a pairing code: it asks the first, over
the same server that tills use, with the secret of this file. Whoever can read the file could read the book.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import requests

from hq.control.desks import Answer, Asked, Desk
from hq.errors import BookUnusable, HqError

CONTROL_FILE = "hq.control"
CONTROL_PATH = "/v1/control/"
_WAIT_S = 20
_LONG_WAIT_S = 6 * 3600
_SLOW = {Desk.JOBS, Desk.MEMBERS}
_MAX_SECRET = 200
_NO_ANSWER = "the HQ that has the book open does not answer; is it another user's, or stuck?"


class Wanted(StrEnum):
    """What may be asked for; also the last part of the address."""

    PAIRING_CODE = "pairing-code"
    LOGIN_LINK = "login-link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where the running HQ is and what proves the right to ask it."""

    url: str
    token: str


@contextmanager
def offered(data_dir: Path, channel: Channel) -> Iterator[None]:
    """Offer the channel while the block runs."""
    path = data_dir / CONTROL_FILE
    fresh = path.with_suffix(".new")
    try:
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"url": channel.url, "token": channel.token}, file)
        fresh.replace(path)
    except OSError as fault:
        raise BookUnusable(f"HQ cannot write {path}: {fault.strerror}") from fault
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()


def find_channel(data_dir: Path) -> Channel | None:
    """Give what a running HQ offers, or None; the file may be a killed HQ's."""
    try:
        given = json.loads((data_dir / CONTROL_FILE).read_text(encoding="utf-8"))
        return Channel(url=str(given["url"]), token=str(given["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def ask(channel: Channel, wanted: Wanted) -> str:
    """Ask the running HQ for a new code or link secret.

    Raises:
        HqError: it does not answer as HQ does.
    """
    secret = _post(channel, wanted, {}).get("secret")
    if not isinstance(secret, str) or not 1 <= len(secret) <= _MAX_SECRET:
        raise HqError(_NO_ANSWER)
    return secret


def ask_desk(channel: Channel, desk: Desk, asked: Asked) -> Answer:
    """Ask at a desk of the running HQ; what takes its time is waited for.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, desk, asked, wait_s=_LONG_WAIT_S if desk in _SLOW else _WAIT_S)


def _post(channel: Channel, what: str, asked: Asked, *, wait_s: int = _WAIT_S) -> Answer:
    try:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"Bearer {channel.token}"}
            answer = session.post(
                channel.url + CONTROL_PATH + what, json=asked, headers=headers, timeout=wait_s, allow_redirects=False
            )
            said = answer.json() if answer.ok else None
    except (requests.RequestException, ValueError) as fault:
        raise HqError(_NO_ANSWER) from fault
    if not answer.ok:
        raise HqError(f"the HQ that has the book open refused ({answer.status_code})")
    if not isinstance(said, dict):
        raise HqError(_NO_ANSWER)
    return said
