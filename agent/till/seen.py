"""What a quote is computed from, as one value: a hold keeps it, so that its sale comes out the same when it is paid."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from loyalty.holding.rights import Rights
from loyalty.holding.slices import HeldSlice
from loyalty.holding.standing import Holdings, LotBalance, Standing
from loyalty.journal.entry import Lot

Own = Mapping[tuple[bytes, str, bytes | None], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the till knew.

    Attributes:
        standing: The member's, or None.
        accounts: Coupons and gift cards that were shown, by account.
        pools: Of the programme, by name.
        rights: What it might give by itself, or None where nobody else can give the same.
        slices: What was left of leases, in the order in which they are spent.
        own: Units that nobody else has heard of, by account, unit and lot.
    """

    standing: Standing | None
    accounts: Mapping[bytes, Holdings] = field(default_factory=dict)
    pools: Mapping[str, Holdings] = field(default_factory=dict)
    rights: Rights | None = None
    slices: tuple[HeldSlice, ...] = ()
    own: Own = field(default_factory=dict)


def as_member(seen: Seen, member: bytes) -> Seen:
    """Give the same for a member who became another one since: by a merge, the units stand in that one's account."""
    before = seen.standing
    if before is None or before.member == member:
        return seen
    old = before.member
    rights = seen.rights
    if rights is not None:
        accounts = {member if account == old else account: held for account, held in rights.accounts.items()}
        rights = replace(rights, accounts=accounts)
    return replace(
        seen,
        standing=replace(before, member=member),
        rights=rights,
        slices=tuple(replace(one, account=member) if one.account == old else one for one in seen.slices),
        own={(member if key[0] == old else key[0], *key[1:]): amount for key, amount in seen.own.items()},
    )


def write_seen(seen: Seen) -> dict[str, Any]:
    """Give what was seen as JSON values."""
    rights = seen.rights
    return {
        "standing": _standing_out(seen.standing) if seen.standing is not None else None,
        "accounts": _by_account(seen.accounts),
        "pools": {name: _holdings_out(held) for name, held in seen.pools.items()},
        "rights": {
            "accounts": _by_account(rights.accounts),
            "pools": {name: _holdings_out(held) for name, held in rights.pools.items()},
            "confirmed": rights.confirmed,
            "floor_minor": rights.floor_minor,
        }
        if rights is not None
        else None,
        "slices": [[one.lease.hex(), one.account.hex(), one.unit, _lot_out(one.lot), one.left] for one in seen.slices],
        "own": [[account.hex(), unit, _hex(lot_id), amount] for (account, unit, lot_id), amount in seen.own.items()],
    }


def read_seen(given: Mapping[str, Any]) -> Seen:
    """Read what `write_seen` wrote."""
    rights = given["rights"]
    return Seen(
        standing=_standing_in(given["standing"]) if given["standing"] is not None else None,
        accounts=_accounts_in(given["accounts"]),
        pools={name: Holdings(**_holdings_in(held)) for name, held in given["pools"].items()},
        rights=Rights(
            accounts=_accounts_in(rights["accounts"]),
            pools={name: Holdings(**_holdings_in(held)) for name, held in rights["pools"].items()},
            confirmed=rights["confirmed"],
            floor_minor=rights["floor_minor"],
        )
        if rights is not None
        else None,
        slices=tuple(
            HeldSlice(
                lease=bytes.fromhex(lease), account=bytes.fromhex(account), unit=unit, lot=_lot_in(lot), left=left
            )
            for lease, account, unit, lot, left in given["slices"]
        ),
        own={
            (bytes.fromhex(account), unit, bytes.fromhex(lot_id) if lot_id is not None else None): amount
            for account, unit, lot_id, amount in given["own"]
        },
    )


def seen_text(seen: Seen, **more: Any) -> str:
    """Write what was seen, and what goes with it, as one text."""
    return json.dumps({**more, "seen": write_seen(seen)}, ensure_ascii=False, sort_keys=True)


def _by_account(accounts: Mapping[bytes, Holdings]) -> dict[str, Any]:
    return {account.hex(): _holdings_out(held) for account, held in accounts.items()}


def _accounts_in(given: Mapping[str, Any]) -> dict[bytes, Holdings]:
    return {bytes.fromhex(account): Holdings(**_holdings_in(held)) for account, held in given.items()}


def _holdings_out(held: Holdings) -> dict[str, Any]:
    return {
        "balances": [list(one) for one in held.balances],
        "lots": [[one.unit, _lot_out(one.lot), one.amount] for one in held.lots],
    }


def _holdings_in(given: Mapping[str, Any]) -> dict[str, Any]:
    lots = []
    for unit, written, amount in given["lots"]:
        lot = _lot_in(written)
        assert lot is not None
        lots.append(LotBalance(unit=unit, lot=lot, amount=amount))
    return {"balances": tuple((unit, amount) for unit, amount in given["balances"]), "lots": tuple(lots)}


def _standing_out(standing: Standing) -> dict[str, Any]:
    return {
        **_holdings_out(standing),
        "member": standing.member.hex(),
        "tier": standing.tier,
        "tier_until": _iso(standing.tier_until),
        "nickname": standing.nickname,
        "language": standing.language,
        "segments": list(standing.segments),
        "birthday": list(standing.birthday) if standing.birthday is not None else None,
        "joined_on": _iso(standing.joined_on),
        "last_visit_on": _iso(standing.last_visit_on),
        "referrer": _hex(standing.referrer),
        "as_of": _iso(standing.as_of),
    }


def _standing_in(given: Mapping[str, Any]) -> Standing:
    birthday, referrer = given["birthday"], given["referrer"]
    return Standing(
        **_holdings_in(given),
        member=bytes.fromhex(given["member"]),
        tier=given["tier"],
        tier_until=_instant(given["tier_until"]),
        nickname=given["nickname"],
        language=given["language"],
        segments=tuple(given["segments"]),
        birthday=(birthday[0], birthday[1]) if birthday is not None else None,
        joined_on=_day(given["joined_on"]),
        last_visit_on=_day(given["last_visit_on"]),
        referrer=bytes.fromhex(referrer) if referrer is not None else None,
        as_of=_instant(given["as_of"]),
    )


def _lot_out(lot: Lot | None) -> list[Any] | None:
    return None if lot is None else [lot.lot_id.hex(), lot.usable_at, lot.expires_at]


def _lot_in(given: list[Any] | None) -> Lot | None:
    return None if given is None else Lot(lot_id=bytes.fromhex(given[0]), usable_at=given[1], expires_at=given[2])


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
