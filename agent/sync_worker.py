"""The sync worker: one thread that keeps HQ and the till level whenever HQ can be reached.

Driven by what is pending, not by new sales: a backlog is sent even if nobody ever sells again. After a failure
it waits longer each time, with jitter, up to five minutes, and never less than HQ or a proxy asks for, so that the tills of a
chain do not all come back at once; a sale never waits for it. However many sales nudge it, it
begins at most one round a second.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from agent.book.forgetting import forget
from agent.book.retention import SLICE, prune
from agent.book.snapshots import BookSnapshot
from agent.book.sync_state import BookFeed, BookJournal
from agent.errors import AgentError
from agent.till import lending
from agent.till.context import Context
from agent.till.lease_wants import standing_wants
from sync.bucket import BucketLink, fetch_bucket
from sync.download import download
from sync.ports import HqLink, SegmentLink
from sync.protocol.errors import TRANSIENT, LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.resume import Stance
from sync.snapshot import SnapshotLink, take
from sync.upload import upload

_LOG = logging.getLogger(__name__)
_FORKS = frozenset({SyncErrorCode.CHAIN_MISMATCH, SyncErrorCode.EPOCH_UNKNOWN})
_MOST_SLICES, _PAUSE_S = 20, 0.002
"""Slices of old entries that one round removes, and the pause in which a sale gets the book."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 300.0
_LEAST_APART_S = 1.0
"""From the beginning of one round to that of the next one, whoever asks for it."""


CLOCK_OFF_S = 300
"""So far a till's clock may differ from HQ's before people are told; HQ takes times that lie further ahead as its own."""


class SyncMode(StrEnum):
    """How the till and HQ stand to each other, for the cashier's page and for ``status``."""

    UNPAIRED = "unpaired"
    ONLINE = "online"
    OFFLINE = "offline"
    REFUSED = "refused"
    """HQ answers, and refuses in a way that time will not mend."""
    FORKED = "forked"
    """HQ holds what the till does not, and the new epoch behind the common entries could not be opened yet."""
    FAULT = "fault"
    """This till cannot do it: its book, its program. HQ and the line may be well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round did.

    Attributes:
        retry_after_s: Seconds that HQ, or a proxy, asks to stay away; 0 where nobody did.
        clock_ahead_s: By how many seconds the till's clock goes before HQ's, below zero where it goes behind; None where HQ
            did not say its time.
    """

    mode: SyncMode
    sent: int = 0
    received: int = 0
    detail: str = ""
    retry_after_s: int = 0
    clock_ahead_s: int | None = field(default=None, compare=False)


def synchronise(
    context: Context,
    link: HqLink,
    snapshots: SnapshotLink | None = None,
    files: SegmentLink | None = None,
    clock_ahead_s: int | None = None,
    buckets: BucketLink | None = None,
) -> Round:
    """Upload, then download, once; a fault of the link or of HQ is a `Round` too.

    ``snapshots`` is the way to HQ's snapshot, which a till takes where it is the shorter way, ``files`` that to its
    segment files, and ``buckets`` that to single buckets, without which everything comes anew where one differs.
    ``clock_ahead_s`` is what the round before found of the clock: HQ is told where it is off.
    """
    try:
        meet = partial(lending.meet, context, link.leases)
        off_s = clock_ahead_s if is_off(clock_ahead_s) else None
        sent = upload(
            BookJournal(context.book, context.keys), link, replace(context.facts(), clock_ahead_s=off_s), meet
        )
        if sent.mended:
            _LOG.warning(
                "this till goes on in a new epoch: its disk was restored, copied or damaged, or HQ was restored"
            )
        if sent.stance is Stance.UNSUPPORTED:
            return Round(mode=SyncMode.REFUSED, detail="HQ speaks another version of the protocol than this program")
        more = _lend(context, link, sent.hq_time)
        received = _download(context, link, snapshots, files, buckets)
        _retain(context)
        _forget(context)
        ahead_s = round(context.clock().timestamp() - sent.hq_time / 1000)
        return Round(mode=SyncMode.ONLINE, sent=sent.entries + more, received=received, clock_ahead_s=ahead_s)
    except LinkDown as fault:
        return Round(mode=SyncMode.OFFLINE, detail=str(fault), retry_after_s=fault.retry_after_s)
    except SyncRefused as fault:
        return Round(mode=_mode(fault.code), detail=str(fault), retry_after_s=fault.retry_after_s)


def _lend(context: Context, link: HqLink, hq_time_ms: int) -> int:
    """Exchange leases; what the till gives back goes up at once, so that others may have it. Gives entries sent."""
    wants = standing_wants(context, datetime.fromtimestamp(hq_time_ms / 1000, UTC))
    given_back = lending.exchange(context, link.leases, wants)
    if not given_back:
        return 0
    return upload(BookJournal(context.book, context.keys), link, context.facts()).entries


def _download(
    context: Context,
    link: HqLink,
    snapshots: SnapshotLink | None,
    files: SegmentLink | None,
    buckets: BucketLink | None,
) -> int:
    """Fetch the feed; whatever ends it, a programme that was shown is heeded from now on."""
    try:
        feed = BookFeed(context.book, context.clock, context.config.store.id)
        feed.want(context.wanted.take())
        return download(feed, link, _taking(context, snapshots), files, partial(fetch_bucket, feed, buckets))
    finally:
        context.shelf.refresh()


def _taking(context: Context, snapshots: SnapshotLink | None) -> Callable[[], None] | None:
    key = context.keys.hq_key
    if snapshots is None or key is None:
        return None
    return partial(take, BookSnapshot(context.book, key), snapshots)


def _retain(context: Context) -> None:
    """Remove what is durable at HQ and old; a backlog goes bit by bit, over many rounds."""
    before = context.clock() - timedelta(days=context.config.keep_days)
    for _ in range(_MOST_SLICES):
        if prune(context.book, before) < SLICE:
            return
        time.sleep(_PAUSE_S)


def _forget(context: Context) -> None:
    """Erase what the till wrote about members who are forgotten; much goes bit by bit, over many rounds."""
    for _ in range(_MOST_SLICES):
        if not forget(context.book, context.keys.identifier_key):
            return
        time.sleep(_PAUSE_S)


def _mode(code: SyncErrorCode) -> SyncMode:
    if code in _FORKS:
        return SyncMode.FORKED
    return SyncMode.OFFLINE if code in TRANSIENT else SyncMode.REFUSED


def is_off(ahead_s: int | None) -> bool:
    """Tell whether a clock is so far off that people are to hear of it."""
    return ahead_s is not None and abs(ahead_s) > CLOCK_OFF_S


class SyncWorker:
    """Runs `synchronise` in its own thread: every ``interval_s`` while all is well, and at once when nudged."""

    def __init__(
        self,
        context: Context,
        link: HqLink,
        interval_s: float,
        snapshots: SnapshotLink | None = None,
        files: SegmentLink | None = None,
        buckets: BucketLink | None = None,
    ) -> None:
        self._context = context
        self._link = link
        self._snapshots = snapshots
        self._files = files
        self._buckets = buckets
        self._interval_s = interval_s
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self.last = Round(mode=SyncMode.OFFLINE)
        self.clock_ahead_s: int | None = None

    def start(self) -> None:
        """Begin."""
        self._context.wanted.listen(self.nudge)
        self._thread.start()

    def nudge(self) -> None:
        """Begin a round soon: there is something new to send."""
        self._wake.set()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Finish the round under way and end."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        wait_s = _FIRST_WAIT_S
        while not self._stop.is_set():
            begun = time.monotonic()
            outcome = self._guarded()
            if outcome.mode is SyncMode.ONLINE:
                wait_s = _FIRST_WAIT_S
                if self._wake.wait(self._interval_s):
                    gone_s = max(0.0, time.monotonic() - begun)  # a clock that sleep set back waits no longer for it
                    self._stop.wait(max(0.0, _LEAST_APART_S - gone_s))
                self._wake.clear()
            else:
                asked_s = random.uniform(1.0, 1.5) * outcome.retry_after_s  # noqa: S311  # jitter, not a secret
                self._stop.wait(max(asked_s, random.uniform(0.5, 1.0) * wait_s))  # noqa: S311
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)

    def _guarded(self) -> Round:
        try:
            outcome = synchronise(
                self._context, self._link, self._snapshots, self._files, self.clock_ahead_s, self._buckets
            )
        except AgentError as fault:
            outcome = Round(mode=SyncMode.FAULT, detail=str(fault))
        except Exception as fault:  # noqa: BLE001  # the worker outlives any fault; it is logged once per change
            outcome = Round(mode=SyncMode.FAULT, detail=type(fault).__name__)
            if self._is_news(outcome):
                _LOG.exception("the sync worker failed")
        if self._is_news(outcome):
            level = logging.ERROR if outcome.mode is SyncMode.FAULT else logging.INFO
            _LOG.log(level, "sync is %s%s", outcome.mode.value, f": {outcome.detail}" if outcome.detail else "")
        self.last = outcome
        if outcome.clock_ahead_s is not None:
            self._look_at_clock(outcome.clock_ahead_s)
        return outcome

    def _look_at_clock(self, ahead_s: int) -> None:
        was_off, self.clock_ahead_s = is_off(self.clock_ahead_s), ahead_s
        if is_off(ahead_s) and not was_off:
            way = "ahead of" if ahead_s > 0 else "behind"
            _LOG.warning(
                "this machine's clock is %d seconds %s HQ's; receipts carry its time: set it", abs(ahead_s), way
            )
        elif was_off and not is_off(ahead_s):
            _LOG.info("this machine's clock agrees with HQ's again")

    def _is_news(self, outcome: Round) -> bool:
        return (outcome.mode, outcome.detail) != (self.last.mode, self.last.detail)
