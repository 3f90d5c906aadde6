"""HQ as the till sees it: is it there, does it know this till, are the clocks near, what waits to be sent."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests

from agent.config.values import SyncConfig
from cli.doctor.book import BookState, hash_at
from cli.doctor.findings import Finding, fail, ok, warn
from cli.doctor.keys import is_paired, read_token
from cli.doctor.machine import check_offset
from loyalty.journal.chain import terminal_id
from sync.links.http import HttpLink, open_session
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.resume import Stance, resume
from sync.protocol.values import PROTOCOL_MAX, PROTOCOL_MIN, Hello, HelloAnswer

ABOUT = "hq"
_TIMEOUTS_S = (3.05, 5.0)
_MOST_BYTES = 1_024
_PAIR = "make a code with `loyaltill hq pair-code` at HQ and use it here: `loyaltill till pair CODE`"
_NOT_KNOWN = frozenset({SyncErrorCode.UNAUTHORIZED, SyncErrorCode.TERMINAL_MISMATCH})

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's clock, aware UTC."""
    return datetime.now(UTC)


def check_link(
    config: SyncConfig, data_dir: Path, keys: Path, book: BookState | None, clock: Clock = system_clock
) -> list[Finding]:
    """Ask HQ as a till would; everything short of sending."""
    if not config.hq_url:
        return [ok(ABOUT, "no HQ is set in [sync] hq_url; the till works by itself and keeps its journal")]
    there, says = _reach(config, clock)
    if says is None:
        return [there]
    try:
        token = read_token(keys)
    except (OSError, ValueError) as fault:
        return [there, fail(ABOUT, f"HQ's token cannot be used: {fault}", _PAIR)]
    clocks = [check_offset(*says)] if says else []
    if token is None:
        return [there, *clocks, warn(ABOUT, "this till is not paired; it earns, prints and keeps its journal", _PAIR)]
    if book is None:
        text = "this till is paired, but without its book HQ cannot be asked whether it knows this till"
        return [there, *clocks, warn(ABOUT, text, "see what is said of the book; do not pair anew")]
    return [there, *_hello(config, token, data_dir, book, clock)]


def check_pending(config: SyncConfig, keys: Path, book: BookState | None, *, agent_runs: bool) -> list[Finding]:
    """Say what HQ does not have yet, by what it acknowledged to this till."""
    if book is None or not config.hq_url:
        return []
    pending = max(0, book.chain.entries - book.acked)
    text = f"{pending:,} {'entry waits' if pending == 1 else 'entries wait'} to be sent to HQ"
    if not is_paired(keys):
        return [warn("upload", f"{text} once this till is paired", _PAIR)] if pending else []
    if not pending:
        return [ok("upload", "HQ has acknowledged every entry")]
    if agent_runs:
        return [ok("upload", f"{text}; the agent is running and sends them when HQ can be reached")]
    return [warn("upload", f"{text}, and no agent is running", "start it with `loyaltill till run`")]


def shown(url: str) -> str:
    """Write an address without what may stand before its host: a user's name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _reach(config: SyncConfig, clock: Clock) -> tuple[Finding, tuple[datetime, datetime] | tuple[()] | None]:
    """Ask for HQ's health; gives both clocks where HQ tells its own, an empty pair where not, None without HQ."""
    where = shown(config.hq_url)
    ca_file = config.route.ca_file
    if ca_file is not None and not ca_file.is_file():
        text = f"{ca_file} is not there, so HQ's certificate cannot be checked; the till works on without HQ"
        return fail(ABOUT, text, "check [sync] ca_file"), None
    try:
        with open_session(config.route) as session:
            answer = session.get(f"{config.hq_url}/health", timeout=_TIMEOUTS_S, allow_redirects=False, stream=True)
            with answer:
                body = answer.raw.read(_MOST_BYTES, decode_content=True)
    except (requests.RequestException, OSError, ValueError) as fault:
        text = f"HQ at {where} cannot be reached ({type(fault).__name__}); the till works on without it"
        return fail(ABOUT, text, "check [sync] hq_url and the network, and that HQ runs (`loyaltill hq serve`)"), None
    if answer.status_code != requests.codes.ok or b'"ok"' not in body:
        text = f"what answers at {where} (status {answer.status_code}) is not HQ"
        return fail(ABOUT, text, "check [sync] hq_url; a portal or a proxy may stand in between"), None
    return ok(ABOUT, f"HQ answers at {where}"), _clocks(answer.headers.get("Date"), clock)


def _clocks(date: str | None, clock: Clock) -> tuple[datetime, datetime] | tuple[()]:
    try:
        return (clock(), parsedate_to_datetime(date).astimezone(UTC)) if date else ()
    except ValueError:
        return ()


def _hello(config: SyncConfig, token: str, data_dir: Path, book: BookState, clock: Clock) -> list[Finding]:
    hello = Hello(
        protocol_min=PROTOCOL_MIN,
        protocol_max=PROTOCOL_MAX,
        terminal=terminal_id(book.public_key),
        epoch=book.epoch,
        sequence=book.chain.entries - book.base,
        head=book.chain.head,
        hq_epoch_seen=book.hq_epoch,
    )
    begun = time.monotonic()
    try:
        with HttpLink(config.hq_url, token, config.route) as link:
            answer = link.hello(hello)
    except SyncRefused as fault:
        return [_refused(fault)]
    except LinkDown as fault:
        return [fail(ABOUT, f"{fault} although it answered before", "try again; see HQ's log if this stays")]
    took_s = time.monotonic() - begun
    told = datetime.fromtimestamp(answer.hq_time / 1000 + took_s / 2, UTC)
    return [_stance(answer, data_dir, book), check_offset(clock(), told)]


def _stance(answer: HelloAnswer, data_dir: Path, book: BookState) -> Finding:
    """Judge HQ's answer by the book as it is now: an agent may have gone on since it was read."""
    held = hash_at(data_dir, answer.resume_from - 1, book)
    stance = resume(book.epoch, book.chain.entries - book.base, held, answer).stance
    if stance is Stance.FORKED:
        text = "HQ holds entries of this till's journal that the till does not have: a disk was restored or copied"
        return warn(ABOUT, text, "the agent joins the two at its next contact; see that no other till uses a copy")
    if stance is Stance.UNSUPPORTED:
        return fail(ABOUT, "HQ speaks another version of the protocol than this program", "update the older of the two")
    return ok(ABOUT, "HQ knows this till, and its copy of the journal is the same")


def _refused(fault: SyncRefused) -> Finding:
    if fault.code in _NOT_KNOWN:
        return fail(ABOUT, "HQ does not know this till's token: another HQ, or one that was restored", _PAIR)
    if fault.code is SyncErrorCode.REVOKED:
        return fail(ABOUT, "HQ has shut this till out", "ask the people at HQ why")
    if fault.code is SyncErrorCode.BUSY:
        return warn(ABOUT, "HQ is too busy to answer", "try again; see HQ's log if this stays")
    return fail(ABOUT, f"HQ refuses this till ({fault.code.value})", "see HQ's log")
