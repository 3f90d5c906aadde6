"""What HQ puts right by itself once an entry was posted: units that expiry took too early, and what the merchant bears.

Each as an entry of HQ's own that names the one it follows from, written once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256

from sqlalchemy import Connection

from hq.ingest.drawing import LateUse
from hq.journaling.drafts import HqDraft, job_entry_id
from hq.journaling.journal import HqJournal
from hq.ports import Clock
from loyalty.journal.entry import EntryKind, Posting, Reference
from loyalty.numbers.currency import NO_CURRENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """Gives back what expiry took of a lot that had been redeemed before its end, by a till that HQ heard of later."""

    journal: HqJournal
    clock: Clock

    def mend(self, connection: Connection, late: Sequence[LateUse]) -> None:
        """Write what follows, in the transaction that posted."""
        if late:
            self.journal.write_in(connection, [self._draft(one) for one in late])

    def _draft(self, one: LateUse) -> HqDraft:
        at = self.clock().astimezone(UTC)
        what = sha256(one.account + one.unit.encode() + b"\0" + one.lot.lot_id).digest()
        day = at.date().replace(year=1970, month=1, day=1)  # once for each redemption, whenever HQ hears of it
        return HqDraft(
            entry_id=job_entry_id(self.journal.settings.own_key, "expire.back", one.entry_id + what, day),
            kind=EntryKind.EXPIRE,
            at=at,
            currency=NO_CURRENCY.code,
            currency_scale=NO_CURRENCY.scale,
            postings=(Posting(account=one.account, unit=one.unit, amount=one.amount, lot=one.lot),),
            references=(Reference(entry_id=one.entry_id),),
        )
