"""From stored entries to members, ledger and feed: each entry id once, what cannot be posted parked."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from hq.attention.parking import ExceptionReason, ParkReason, Place, park, raise_exception, settle, waiting_places
from hq.book.dialects import among, in_chunks, insert_rows
from hq.book.schema import entry, member
from hq.feed.log import record_changes
from hq.ingest.accounts import open_accounts, owners_of
from hq.ingest.arrivals import Arrived
from hq.ingest.drawing import Drawing, LateUse
from hq.ingest.enrolments import enrol
from hq.ingest.journals import cores_of, stored_at
from hq.ingest.ledgering import AmountTooLarge, Ledgering, UnknownAccount
from hq.ingest.membership import note_members
from hq.ingest.outdated import note_outdated
from hq.leases.moving import move_leases
from hq.texts import plain_text
from loyalty.journal.entry import MAX_KIND, EntryKind


def post_arrived(
    connection: Connection, arrived: Sequence[Arrived], *, identifier_key: bytes, now_ms: int
) -> tuple[LateUse, ...]:
    """Post the entries of one batch, in the transaction that stores them; gives what expiry had taken too early.

    Enrolments and the accounts that entries open come first, so that no order of entries leaves one waiting for an
    account that came with it; then what waited for the new accounts is posted, then the batch.
    """
    fresh = _first_time(connection, arrived, now_ms)
    _, late = _post(connection, fresh, identifier_key=identifier_key, now_ms=now_ms)
    return late


def post_again(connection: Connection, kept: Sequence[Arrived], *, identifier_key: bytes, now_ms: int) -> set[Place]:
    """Try entries that are parked once more; settles those that are posted, and gives their places.

    What still cannot be posted stays parked, with the reason that holds now. An entry that was not readable is noted
    only now; where its id came from elsewhere meanwhile, it was posted there, and is settled too.
    """
    noted = _noted_places(connection, kept)
    fresh = [*(one for one in kept if one.place in noted)]
    fresh += _first_time(connection, [one for one in kept if one.place not in noted], now_ms)
    fresh.sort(key=lambda one: one.place)
    posted, _ = _post(connection, fresh, identifier_key=identifier_key, now_ms=now_ms)
    done = ({one.place for one in kept} - {one.place for one in fresh}) | {one.place for one in posted}
    for place in sorted(done):
        settle(connection, place, now_ms)
    return done


def _post(
    connection: Connection, fresh: Sequence[Arrived], *, identifier_key: bytes, now_ms: int
) -> tuple[list[Arrived], tuple[LateUse, ...]]:
    """Post entries that were never posted before.

    Gives those that were, with what had waited for their accounts, and what expiry had taken too early of them.
    """
    postable = [one for one in fresh if not _parked_at_once(connection, one, now_ms)]
    enrolled = enrol(connection, _not_enrolled(connection, postable), identifier_key)
    for gone, stays in enrolled.aliases():  # a restored HQ may have heard of rights to somebody before it heard of them
        move_leases(connection, gone, stays, now_ms)
    new = [*enrolled.accounts, *open_accounts(connection, fresh)]
    own = {one.place for one in fresh}
    waiting = [stored_at(connection, place) for place in waiting_places(connection, new) if place not in own]
    entries = [*waiting, *postable]
    owners = owners_of(connection, _named(entries))
    ledgering, drawing = Ledgering(connection, entries, owners), Drawing(connection, entries, owners, now_ms)
    late = [one for one in waiting if _posted(connection, ledgering, one, now_ms)]
    for one in late:
        settle(connection, one.place, now_ms)
    posted = [*late, *(one for one in postable if _posted(connection, ledgering, one, now_ms))]
    for one in posted:
        drawing.count(one)
    note_outdated(connection, posted, owners, now_ms)
    record_changes(connection, [*enrolled.changes, *ledgering.write(), *note_members(connection, posted, owners)])
    return posted, drawing.write()


def _not_enrolled(connection: Connection, postable: Sequence[Arrived]) -> list[Arrived]:
    """Give the enrolments that made no member yet; one that was parked for its postings has made one."""
    enrolments = [one for one in postable if _is(one, EntryKind.ENROL)]
    ids = [one.core.entry_id for one in enrolments if one.core]
    known = {
        found
        for some in in_chunks(ids)
        for found in connection.execute(
            select(member.c.member_id).where(among(connection, member.c.member_id, some))
        ).scalars()
    }
    return [one for one in enrolments if one.core and one.core.entry_id not in known]


def _named(entries: Sequence[Arrived]) -> Iterator[bytes]:
    for one in entries:
        if one.visitor is not None:
            yield one.visitor
        for posting in one.core.postings if one.core else ():
            yield posting.account


def _first_time(connection: Connection, arrived: Sequence[Arrived], now_ms: int) -> list[Arrived]:
    """Note each entry id that is new; one that was seen before is not posted again."""
    known = cores_of(connection, [one.core.entry_id for one in arrived if one.core])
    fresh = []
    rows = []
    for one in arrived:
        if one.core is None:
            fresh.append(one)
            continue
        entry_id = one.core.entry_id
        first = known.setdefault(entry_id, one.sent.core)
        if first is one.sent.core:
            fresh.append(one)
            rows.append(_entry_row(one))
        elif first != one.sent.core:
            reason = ExceptionReason.ENTRY_ID_REUSED
            raise_exception(connection, reason, place=one.place, at_ms=now_ms, entry_id=entry_id)
    insert_rows(connection, entry, rows)
    return fresh


def _noted_places(connection: Connection, kept: Sequence[Arrived]) -> set[Place]:
    """Give the places of those whose entry id was noted when they came: of all that were readable then."""
    ids = {one.core.entry_id for one in kept if one.core}
    query = select(entry.c.terminal_id, entry.c.epoch, entry.c.sequence)
    return {
        (row.terminal_id, row.epoch, row.sequence)
        for some in in_chunks(ids)
        for row in connection.execute(query.where(among(connection, entry.c.entry_id, some)))
    }


def _entry_row(one: Arrived) -> dict[str, object]:
    assert one.core is not None
    return {
        "entry_id": one.core.entry_id,
        "kind": plain_text(one.core.kind, MAX_KIND) or "?",
        "terminal_id": one.terminal,
        "epoch": one.epoch,
        "sequence": one.sequence,
        "claimed_at_ms": one.claimed_ms,
        "effective_at_ms": one.effective_ms(),
    }


def _parked_at_once(connection: Connection, one: Arrived, now_ms: int) -> bool:
    """Park what can be seen from the entry alone to be unpostable; note a detail that is not its own."""
    reason = _obstacle(one)
    if reason is not None:
        park(connection, one.place, reason, at_ms=now_ms, entry_id=one.core.entry_id if one.core else None)
        return True
    assert one.core is not None
    if not one.detail_proven and not one.erased:
        fault = ExceptionReason.DETAIL_MISMATCH
        raise_exception(connection, fault, place=one.place, at_ms=now_ms, entry_id=one.core.entry_id)
    return False


def _obstacle(one: Arrived) -> ParkReason | None:
    if one.core is None:
        return ParkReason.MALFORMED
    if not one.kind_known:
        return ParkReason.UNKNOWN_KIND
    if _is(one, EntryKind.RETURN) and not one.core.references:
        return ParkReason.UNKNOWN_ORIGINAL
    return None


def _posted(connection: Connection, ledgering: Ledgering, one: Arrived, now_ms: int) -> bool:
    assert one.core is not None
    entry_id = one.core.entry_id
    try:
        ledgering.post(one)
    except UnknownAccount as unknown:
        reason, account = ParkReason.UNKNOWN_ACCOUNT, unknown.account_id
        park(connection, one.place, reason, at_ms=now_ms, entry_id=entry_id, waits_for=account)
    except AmountTooLarge:
        park(connection, one.place, ParkReason.AMOUNT_TOO_LARGE, at_ms=now_ms, entry_id=entry_id)
    else:
        return True
    return False


def _is(one: Arrived, kind: EntryKind) -> bool:
    return one.core is not None and one.core.kind == kind
