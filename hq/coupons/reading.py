"""Which coupons entries issued, from the journal: so whoever asks again hears what was said the first time."""

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo

from sqlalchemy import Connection, and_, select

from hq.book.dialects import in_chunks
from hq.book.schema import entry, journal
from hq.coupons.times import instant_text, last_day_text
from hq.coupons.values import Given
from loyalty.holding.units import is_coupon
from loyalty.journal.codec import decode_core, decode_detail

_SAME = and_(
    journal.c.terminal_id == entry.c.terminal_id,
    journal.c.epoch == entry.c.epoch,
    journal.c.sequence == entry.c.sequence,
)


def given_of(
    connection: Connection, zones: Mapping[bytes, tzinfo], *, fresh: Collection[bytes], cards: Mapping[bytes, str]
) -> tuple[Given, ...]:
    """Give the coupons of entries that HQ wrote.

    Args:
        connection: Of the book.
        zones: The zone of each entry's store; also the entries' order.
        fresh: Entries that are new.
        cards: The card by which a member was named.
    """
    query = select(entry.c.entry_id, journal.c.core, journal.c.detail).select_from(entry.join(journal, _SAME))
    rows = {
        row.entry_id: row
        for some in in_chunks(zones)
        for row in connection.execute(query.where(entry.c.entry_id.in_(some)))
    }
    return tuple(
        given
        for entry_id, zone in zones.items()
        for given in _given(rows[entry_id].core, rows[entry_id].detail, zone, entry_id in fresh, cards)
    )


def _given(core: bytes, detail: bytes, zone: tzinfo, fresh: bool, cards: Mapping[bytes, str]) -> Sequence[Given]:
    if not detail:  # erased: whose they were is not known any more
        return []
    lots = {posting.account: posting.lot for posting in decode_core(core).postings if is_coupon(posting.unit)}
    said = decode_detail(detail)
    return [
        Given(
            code=one.code,
            coupon=one.coupon,
            fresh=fresh,
            member=said.member.hex() if said.member is not None else "",
            card=cards.get(said.member, "") if said.member is not None else "",
            usable_at=instant_text(lot.usable_at, zone) if lot is not None else "",
            expires_at=instant_text(lot.expires_at, zone) if lot is not None else "",
            last_day=last_day_text(lot.expires_at, zone) if lot is not None else "",
        )
        for one in said.issued
        for lot in (lots.get(one.account),)
    ]
