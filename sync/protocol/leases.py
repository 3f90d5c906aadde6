"""Leases as messages: what a till wants and holds, what HQ granted, refused and wants back.

Source: docs/SPEC-leases.md, sections 3 and 4.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from itertools import accumulate, islice, takewhile
from typing import Any

from loyalty.journal.codec import canonical_json
from loyalty.journal.entry import ACCOUNT_ID_BYTES, ENTRY_ID_BYTES, MAX_LEASES
from loyalty.numbers.limits import INT64_MAX, MAX_UNIT, is_storable, require
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import count, hex_bytes, read_object, short_text

MAX_WANTS = 200
MAX_TOLD = 200
MAX_SLICES_TOLD = 20_000
"""Most leases and slices of one message, so that they fit `MAX_LEASES_BYTES`; what is more follows in others."""
MAX_HELD = 5_000
"""Most leases that one till holds; HQ grants no more."""
MAX_SLICES = MAX_LEASES
"""Most lots that a lease covers: as many as a sale may draw on."""
MAX_LEASES_BYTES = 4 * 1024 * 1024
MAX_WAIT_S = 20
"""Longest that HQ lets a till wait for news; well within the time that a link waits for an answer."""
_MAX_POOL = 200
_SEAL_CONTEXT = b"loyaltill lease 1\0"


class LeaseState(StrEnum):
    """Where a lease stands at HQ."""

    OPEN = "open"
    RECALLED = "recalled"
    """Its holder is to give it back with its next exchange."""
    SPENT = "spent"
    CLOSED = "closed"
    FROZEN = "frozen"
    """Its holder's disk was restored or cloned: nobody may spend it, and nothing of it is free."""
    WRITTEN_OFF = "written_off"

    @property
    def counts(self) -> bool:
        """Whether what is left of it is nobody else's."""
        return self in {LeaseState.OPEN, LeaseState.RECALLED, LeaseState.FROZEN}


class WantRefused(StrEnum):
    """Why a want got nothing."""

    NOT_ENOUGH = "not_enough"
    RECALLING = "recalling"
    """Others hold it, and have been asked for it: worth another try soon."""
    RECOVERING = "recovering"
    """HQ was restored and does not know yet what tills hold."""
    UNKNOWN_POOL = "unknown_pool"
    TOO_MANY = "too_many"
    """The till holds as many leases as one may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What a till asks for.

    Attributes:
        request_id: 16 bytes of the till's own; asked again, the answer is the same lease.
        account: The account, or None where ``pool`` names a pool of the programme in force in the till's store.
        unit: The unit.
        least: Fewest smallest steps that help, > 0.
        most: Most that are of use, >= ``least``.
        urgent: A sale waits for it: HQ may take it back from others, and ends it soon.
    """

    request_id: bytes
    account: bytes | None
    pool: str | None
    unit: str
    least: int
    most: int
    urgent: bool = False

    def __post_init__(self) -> None:
        require(len(self.request_id) == ENTRY_ID_BYTES, "a request id has 16 bytes")
        require((self.account is None) != (self.pool is None), "a want names an account or a pool")
        require(self.account is None or len(self.account) == ACCOUNT_ID_BYTES, "an account id has 16 bytes")
        require(1 <= len(self.unit) <= MAX_UNIT and is_storable(self.unit), "a unit")
        require(self.pool is None or (self.pool != "" and is_storable(self.pool, _MAX_POOL)), "a pool's name")
        require(0 < self.least <= self.most <= INT64_MAX, "a want is for something")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Part of a lease: so much of one lot, or of what stands in no lot. Instants are epoch seconds, as in `Lot`."""

    lot_id: bytes | None
    usable_at: int | None
    expires_at: int | None
    amount: int
    spent: int = 0

    @property
    def left(self) -> int:
        """What may still be given of it."""
        return self.amount - self.spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A bounded right of one holder.

    Attributes:
        lease_id: 16 bytes.
        request_id: The want that it answers; HQ's own where it was placed.
        terminal, epoch: The holder.
        account, unit: The pool.
        slices: What it covers, in the order in which it is spent; a pool that counts has one slice without a lot.
        expires_at: Epoch seconds from which the holder gives nothing under it.
        seal: HQ's own mark on the grant, by which it knows it again after it forgot it.
    """

    lease_id: bytes
    request_id: bytes
    terminal: bytes
    epoch: int
    account: bytes
    unit: str
    slices: tuple[Slice, ...]
    expires_at: int
    state: LeaseState = LeaseState.OPEN
    seal: bytes = b""

    @property
    def amount(self) -> int:
        """Smallest steps granted."""
        return sum(one.amount for one in self.slices)

    @property
    def spent(self) -> int:
        """Smallest steps spent, as far as whoever tells it knows."""
        return sum(one.spent for one in self.slices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A lease as it is since the change of this number."""

    number: int
    lease: Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRequest:
    """One exchange, from the till.

    Attributes:
        known: The last change that the till has taken in, under ``hq_epoch``; 0 before the first.
        hq_epoch: Under which it did, or None.
        wants: At most `MAX_WANTS`.
        held: Leases that the till holds, at most `MAX_TOLD`, where HQ is to hear it (after it was restored); None where it is not.
        held_more: It holds more, which follow in other messages.
        wait_s: How long HQ may wait for a change before it answers, where the till wants and tells nothing; at most
            `MAX_WAIT_S`.
    """

    terminal: bytes
    epoch: int
    known: int
    hq_epoch: str | None
    wants: tuple[Want, ...] = ()
    held: tuple[Lease, ...] | None = None
    held_more: bool = False
    wait_s: int = 0

    @property
    def waits(self) -> bool:
        """Whether the till only wants to hear news, and has time."""
        return self.wait_s > 0 and not self.wants and self.held is None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseAnswer:
    """One exchange, from HQ.

    Attributes:
        changes: Leases of the till that changed after ``known``, by number, at most `MAX_TOLD`.
        upto: The number to ask with next.
        more: There are more changes.
        refused: (request id, reason) of wants that got nothing.
        recovering: HQ grants nothing yet, and wants to hear what the till holds.
    """

    hq_epoch: str
    changes: tuple[Change, ...]
    upto: int
    more: bool
    refused: tuple[tuple[bytes, WantRefused], ...] = ()
    recovering: bool = False

    @property
    def is_news(self) -> bool:
        """Whether leases of the till have changed."""
        return bool(self.changes)


def told_at_once(leases: Iterable[Lease]) -> int:
    """Give how many of some leases, from the first on, go into one message; at least one."""
    slices = accumulate(len(one.slices) for one in leases)
    return max(1, sum(1 for _ in takewhile(lambda many: many <= MAX_SLICES_TOLD, islice(slices, MAX_TOLD))))


def seal_of(key: bytes, lease: Lease) -> bytes:
    """Give HQ's mark on a grant: HMAC-SHA256 over what was granted, whatever was spent since."""
    granted = replace(
        lease, seal=b"", state=LeaseState.OPEN, slices=tuple(replace(one, spent=0) for one in lease.slices)
    )
    return hmac.new(key, _SEAL_CONTEXT + canonical_json(_lease_out(granted)), sha256).digest()


def is_sealed(key: bytes, lease: Lease) -> bool:
    """Tell whether HQ granted a lease as it is told."""
    return hmac.compare_digest(seal_of(key, lease), lease.seal)


def encode_lease_request(request: LeaseRequest) -> bytes:
    """Write an exchange's question."""
    return canonical_json(
        {
            "terminal": request.terminal.hex(),
            "epoch": request.epoch,
            "known": request.known,
            "hq_epoch": request.hq_epoch,
            "wants": [_want_out(want) for want in request.wants],
            "held": None if request.held is None else [_lease_out(lease) for lease in request.held],
            "held_more": request.held_more,
            "wait_s": request.wait_s,
        }
    )


def decode_lease_request(data: bytes) -> LeaseRequest:
    """Read an exchange's question; raises SyncRefused(MALFORMED, TOO_LARGE) for anything else."""
    given = read_object(data, MAX_LEASES_BYTES)
    seen = given.get("hq_epoch")
    return LeaseRequest(
        terminal=hex_bytes(given, "terminal", 16),
        epoch=count(given, "epoch", least=1),
        known=count(given, "known"),
        hq_epoch=None if seen is None else short_text(given, "hq_epoch", 64),
        wants=tuple(_read(_want_in, one) for one in _items(given, "wants", MAX_WANTS)),
        held=_held_in(given),
        held_more=given.get("held_more") is True,
        wait_s=count(given, "wait_s", most=MAX_WAIT_S) if "wait_s" in given else 0,
    )


def encode_lease_answer(answer: LeaseAnswer) -> bytes:
    """Write an exchange's answer."""
    return canonical_json(
        {
            "hq_epoch": answer.hq_epoch,
            "changes": [[change.number, _lease_out(change.lease)] for change in answer.changes],
            "upto": answer.upto,
            "more": answer.more,
            "refused": [[request_id.hex(), reason.value] for request_id, reason in answer.refused],
            "recovering": answer.recovering,
        }
    )


def decode_lease_answer(data: bytes) -> LeaseAnswer:
    """Read an exchange's answer."""
    given = read_object(data, MAX_LEASES_BYTES)
    return LeaseAnswer(
        hq_epoch=short_text(given, "hq_epoch", 64),
        changes=tuple(_read(_change_in, one) for one in _items(given, "changes", MAX_TOLD)),
        upto=count(given, "upto"),
        more=given.get("more") is True,
        refused=tuple(_read(_refused_in, one) for one in _items(given, "refused", MAX_WANTS)),
        recovering=given.get("recovering") is True,
    )


def _held_in(given: dict[str, Any]) -> tuple[Lease, ...] | None:
    if given.get("held") is None:
        return None
    return tuple(_read(_lease_in, one) for one in _items(given, "held", MAX_TOLD))


def _want_out(want: Want) -> dict[str, object]:
    return {
        "request": want.request_id.hex(),
        "account": want.account.hex() if want.account is not None else None,
        "pool": want.pool,
        "unit": want.unit,
        "least": want.least,
        "most": want.most,
        "urgent": want.urgent,
    }


def _want_in(given: Any) -> Want:
    account = given["account"]
    return Want(
        request_id=bytes.fromhex(given["request"]),
        account=None if account is None else bytes.fromhex(account),
        pool=None if given["pool"] is None else _text(given["pool"], _MAX_POOL),
        unit=_text(given["unit"], MAX_UNIT),
        least=_whole(given["least"]),
        most=_whole(given["most"]),
        urgent=given["urgent"] is True,
    )


def _lease_out(lease: Lease) -> dict[str, object]:
    return {
        "lease": lease.lease_id.hex(),
        "request": lease.request_id.hex(),
        "terminal": lease.terminal.hex(),
        "epoch": lease.epoch,
        "account": lease.account.hex(),
        "unit": lease.unit,
        "slices": [
            [one.lot_id.hex() if one.lot_id is not None else None, one.usable_at, one.expires_at, one.amount, one.spent]
            for one in lease.slices
        ],
        "expires_at": lease.expires_at,
        "state": lease.state.value,
        "seal": lease.seal.hex(),
    }


def _lease_in(given: Any) -> Lease:
    require(isinstance(given["slices"], list) and 1 <= len(given["slices"]) <= MAX_SLICES, "slices")
    return Lease(
        lease_id=_sixteen(given["lease"]),
        request_id=_sixteen(given["request"]),
        terminal=_sixteen(given["terminal"]),
        epoch=_whole(given["epoch"], least=1),
        account=_sixteen(given["account"]),
        unit=_text(given["unit"], MAX_UNIT),
        slices=tuple(_slice_in(one) for one in given["slices"]),
        expires_at=_whole(given["expires_at"]),
        state=LeaseState(given["state"]),
        seal=bytes.fromhex(given["seal"]),
    )


def _slice_in(given: Any) -> Slice:
    lot_id, usable_at, expires_at, amount, spent = given
    return Slice(
        lot_id=None if lot_id is None else _sixteen(lot_id),
        usable_at=None if usable_at is None else _whole(usable_at),
        expires_at=None if expires_at is None else _whole(expires_at),
        amount=_whole(amount, least=1),
        spent=_whole(spent, least=0),
    )


def _change_in(given: Any) -> Change:
    number, lease = given
    return Change(number=_whole(number, least=1), lease=_lease_in(lease))


def _refused_in(given: Any) -> tuple[bytes, WantRefused]:
    request_id, reason = given
    return _sixteen(request_id), WantRefused(reason)


def _items(given: dict[str, Any], name: str, most: int) -> list[Any]:
    value = given.get(name)
    if not isinstance(value, list) or len(value) > most:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be a list of at most {most}")
    return value


def _read(read: Any, given: Any) -> Any:
    try:
        return read(given)
    except (ValueError, TypeError, KeyError) as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "a lease or a want has another shape") from fault


def _whole(value: Any, *, least: int = -INT64_MAX) -> int:
    require(type(value) is int and least <= value <= INT64_MAX, "a whole number of 64 bits")
    return int(value)


def _text(value: Any, most: int) -> str:
    require(isinstance(value, str) and value != "" and is_storable(value, most), "a text that every book can hold")
    return str(value)


def _sixteen(value: Any) -> bytes:
    data = bytes.fromhex(value)
    require(len(data) == ENTRY_ID_BYTES, "an id has 16 bytes")
    return data
