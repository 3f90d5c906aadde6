"""The running HQ's address and a secret, in a file beside the book that only its owner may read.

One process writes the book, so a second one does not open it to make a pairing code: it asks the first, over
the same server that tills use, with the secret of this file. Whoever can read the file could read the book.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import requests

from hq.errors import BookUnusable, HqError

CONTROL_FILE = "hq.control"
CONTROL_PATH = "/v1/control/"
PROGRAMMES = "programmes"
"""The last part of the address where programmes are published and looked at."""
JOBS, ADJUSTMENTS = "jobs", "adjustments"
"""The same for jobs and for corrections by hand."""
STOCK, COUPONS = "stock", "coupons"
"""The same for stock with limits, and for coupons."""
ATTENTION, TILLS = "attention", "tills"
"""The same for parked entries with exceptions, and for tills."""
MEMBERS = "members"
"""The same for members."""
BACKUPS, LEASES = "backups", "leases"
"""The same for what a backup holds."""
_WAIT_S = 20
_WAIT_FOR_JOBS_S = 6 * 3600
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


def ask_programmes(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the running HQ about programmes: see `hq.programmes.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, PROGRAMMES, asked)


def ask_jobs(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ run jobs, and wait for them: see `hq.jobs.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, JOBS, asked, wait_s=_WAIT_FOR_JOBS_S)


def ask_adjustment(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ adjust an account: see `hq.adjusting.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, ADJUSTMENTS, asked)


def ask_stock(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ look at stock, or change it: see `hq.pools.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, STOCK, asked)


def ask_coupons(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ issue coupons, show one or take one back: see `hq.coupons.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, COUPONS, asked)


def ask_backups(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ note what a backup holds: see `hq.backups.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, BACKUPS, asked)


def ask_leases(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ look at leases, recall them or write them off: see `hq.leases.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, LEASES, asked)


def ask_attention(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ look through parked entries and exceptions, settle or post them: see `hq.reviewing.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, ATTENTION, asked)


def ask_tills(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ list tills or shut one out: see `hq.access.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, TILLS, asked)


def ask_members(channel: Channel, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Let the running HQ merge members, or forget one, and wait for it: see `hq.members.desk`.

    Raises:
        HqError: it does not answer as HQ does.
    """
    return _post(channel, MEMBERS, asked, wait_s=_WAIT_FOR_JOBS_S)


def _post(channel: Channel, what: str, asked: Mapping[str, Any], *, wait_s: int = _WAIT_S) -> dict[str, Any]:
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
