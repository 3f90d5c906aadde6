"""Epochs: how both ends find the last entry that they share, and the messages that open the next epoch.

A disk that was restored or cloned makes two journals under one name. Both are kept; the till goes on in a new epoch
behind the last common entry. Pure: `last_common` asks by yielding. Source: docs/SPEC-journal.md, section 6.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from loyalty.journal.codec import canonical_json
from loyalty.numbers.limits import INT64_MAX
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import count, hex_bytes, read_object

MAX_EPOCH_BYTES = 4 * 1024
"""Most bytes of each message here."""
_CONTEXT = b"loyaltill epoch 1\0"
_LONG = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class HashAsked:
    """A till asks which hash HQ holds after ``sequence`` entries of one of its epochs."""

    terminal: bytes
    epoch: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HashAnswer:
    """HQ holds ``held`` entries of the epoch.

    Attributes:
        hash: After the smaller of ``held`` and the sequence that was asked for.
    """

    held: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRequest:
    """A till asks for its next epoch.

    Attributes:
        epoch: The one that the till is in.
        common_epoch, common, common_hash: The last entry that both ends share: its epoch, sequence and hash.
        next: The epoch to open, greater than every one that either end knows.
        through: How many entries the till has behind the common one.
        missing: Entries behind the common one that nobody has any more, because the till had removed them when HQ vouched
            for them; 0 unless HQ lost what it had called durable.
        rolled_back: The till found its book to be an old copy, so entries may be lost that HQ never saw.
        head: The till's hash after its last entry, in the epoch that it is in.
        signature: Ed25519 by the terminal's key over `epoch_signing_bytes`; empty only until it is made.
    """

    terminal: bytes
    epoch: int
    common_epoch: int
    common: int
    common_hash: bytes
    next: int
    through: int
    missing: int
    rolled_back: bool
    head: bytes
    signature: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochOpened:
    """HQ takes ``epoch`` from now on."""

    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEpoch:
    """A part of a till's journal: the sequences 1 to ``last`` of an epoch.

    Attributes:
        base: Entries of the till before it.
        kept: The till has the hashes from here on; more than 0 where it has removed older entries.
    """

    epoch: int
    base: int
    last: int
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The last entry that both ends share: ``sequence`` of ``epoch``, or what HQ holds where ``missing`` is not 0.

    Attributes:
        missing: Entries behind it that neither end has.
        base: The till's entries up to there, the missing ones included: the new epoch begins behind them.
    """

    epoch: int
    sequence: int
    base: int
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A question of `last_common`: what does HQ hold at ``sequence`` of ``epoch``?"""

    epoch: int
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """The answer: how many entries HQ holds of the epoch, and whether its hash is the till's at the smaller of both."""

    held: int
    same: bool


def last_common(own: Sequence[OwnEpoch]) -> Generator[Probe, Probed, Common]:
    """Find the last entry that both ends share, from the newest epoch back; asks about log2 of an epoch's entries.

    Args:
        own: The till's journal as it is chained now, the oldest epoch first; at least one, and each goes on from the one
            before it.
    """
    for one in reversed(own):
        found = yield from _within(one)
        if found.sequence > 0 or found.missing:
            return found
    return Common(epoch=own[0].epoch, sequence=0, base=own[0].base)


def _within(one: OwnEpoch) -> Generator[Probe, Probed, Common]:
    answer = yield Probe(epoch=one.epoch, sequence=one.last)
    high = min(one.last, answer.held)
    if high < one.kept:
        return Common(epoch=one.epoch, sequence=high, base=one.base + one.kept, missing=one.kept - high)
    if answer.same:
        return Common(epoch=one.epoch, sequence=high, base=one.base + high)
    if one.kept and not (high > one.kept and (yield Probe(epoch=one.epoch, sequence=one.kept)).same):
        return Common(epoch=one.epoch, sequence=0, base=one.base + one.kept, missing=one.kept)  # before what is known
    low = one.kept
    while low < high - 1:
        middle = (low + high) // 2
        if (yield Probe(epoch=one.epoch, sequence=middle)).same:
            low = middle
        else:
            high = middle
    return Common(epoch=one.epoch, sequence=low, base=one.base + low)


def epoch_signing_bytes(request: EpochRequest) -> bytes:
    """Give what the signature of a request is over."""
    said = (request.epoch, request.common_epoch, request.common, request.next, request.through, request.missing)
    numbers = b"".join(number.to_bytes(_LONG, "big") for number in said)
    return _CONTEXT + request.terminal + numbers + bytes([request.rolled_back]) + request.common_hash + request.head


def encode_hash_asked(asked: HashAsked) -> bytes:
    """Write a question for a hash."""
    return canonical_json({"terminal": asked.terminal.hex(), "epoch": asked.epoch, "sequence": asked.sequence})


def decode_hash_asked(data: bytes) -> HashAsked:
    """Read a question for a hash; raises SyncRefused for anything else, as every reader here does."""
    given = read_object(data, MAX_EPOCH_BYTES)
    return HashAsked(
        terminal=hex_bytes(given, "terminal", 16),
        epoch=count(given, "epoch", least=1),
        sequence=count(given, "sequence"),
    )


def encode_hash_answer(answer: HashAnswer) -> bytes:
    """Write the answer to a question for a hash."""
    return canonical_json({"held": answer.held, "hash": answer.hash.hex()})


def decode_hash_answer(data: bytes) -> HashAnswer:
    """Read the answer to a question for a hash."""
    given = read_object(data, MAX_EPOCH_BYTES)
    return HashAnswer(held=count(given, "held"), hash=hex_bytes(given, "hash", 32))


def encode_epoch_request(request: EpochRequest) -> bytes:
    """Write a request for the next epoch."""
    return canonical_json(
        {
            "terminal": request.terminal.hex(),
            "epoch": request.epoch,
            "common_epoch": request.common_epoch,
            "common": request.common,
            "common_hash": request.common_hash.hex(),
            "next": request.next,
            "through": request.through,
            "missing": request.missing,
            "rolled_back": request.rolled_back,
            "head": request.head.hex(),
            "signature": request.signature.hex(),
        }
    )


def decode_epoch_request(data: bytes) -> EpochRequest:
    """Read a request for the next epoch."""
    given = read_object(data, MAX_EPOCH_BYTES)
    return EpochRequest(
        terminal=hex_bytes(given, "terminal", 16),
        epoch=count(given, "epoch", least=1),
        common_epoch=count(given, "common_epoch", least=1),
        common=count(given, "common"),
        common_hash=hex_bytes(given, "common_hash", 32),
        next=count(given, "next", least=2, most=INT64_MAX - 1),
        through=count(given, "through"),
        missing=count(given, "missing"),
        rolled_back=_truth(given, "rolled_back"),
        head=hex_bytes(given, "head", 32),
        signature=hex_bytes(given, "signature", 64),
    )


def _truth(given: dict[str, Any], name: str) -> bool:
    value = given.get(name)
    if not isinstance(value, bool):
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be true or false")
    return value


def encode_epoch_opened(opened: EpochOpened) -> bytes:
    """Write that an epoch is open."""
    return canonical_json({"epoch": opened.epoch})


def decode_epoch_opened(data: bytes) -> EpochOpened:
    """Read that an epoch is open."""
    return EpochOpened(epoch=count(read_object(data, MAX_EPOCH_BYTES), "epoch", least=2))
