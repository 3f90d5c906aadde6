"""What an audit needs of a stored core, read as plain JSON: by other code than that which posted it."""

import json
from typing import NamedTuple, TypeAlias

Posted: TypeAlias = tuple[bytes, str, int, bytes | None, int | None, int | None]
"""Account, unit, amount, lot id, usable at, expires at."""
_decode = json.JSONDecoder().decode


class CoreFacts(NamedTuple):
    """What a core says; a tuple, since there are millions.

    Attributes:
        digest: Of the detail.
        draws: (lease, lot id or None, amount).
        closes: Leases that are given back.
    """

    entry_id: bytes
    kind: str
    digest: bytes
    postings: tuple[Posted, ...]
    draws: tuple[tuple[bytes, bytes | None, int], ...]
    closes: tuple[bytes, ...]


def read_core(data: bytes) -> CoreFacts | None:
    """Read a core; None where it is not readable. Canonical or not is no matter here."""
    try:
        said = _decode(data.decode())
        return CoreFacts(
            bytes.fromhex(said["id"]),
            str(said["kind"]),
            bytes.fromhex(said["detail"]),
            tuple(_posted(*one) for one in said.get("postings", ())),
            tuple((bytes.fromhex(lease), _bytes(lot), amount) for lease, lot, amount in said.get("leases", ())),
            tuple(map(bytes.fromhex, said.get("closes", ()))),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _posted(account: str, unit: str, amount: int, lot: tuple[str, int | None, int | None] | None = None) -> Posted:
    if lot is None:
        return bytes.fromhex(account), unit, amount, None, None, None
    lot_id, usable_at, expires_at = lot
    return bytes.fromhex(account), unit, amount, bytes.fromhex(lot_id), usable_at, expires_at


def _bytes(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)
