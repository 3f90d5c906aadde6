"""Two members who are one: everything of the first moves to the second by entries, and the first becomes an alias.

One transaction does it, and none of the entries that were ever written changes. Source: docs/SPEC-sync.md, section 4.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hq.accounts.holdings import holdings_of
from hq.book.book import Book
from hq.jobs.scenes import ANYWHERE, Scene, Scenes, home_stores
from hq.journaling.drafts import HqDraft
from hq.journaling.journal import HqJournal
from hq.journaling.once import MAX_ONCE, is_once, once_entry_id
from hq.leases.moving import move_leases
from hq.members.becoming import become, row_of, tier_of
from hq.members.finding import aliases_of, key_of, member_of
from hq.members.values import MAX_BY, MAX_REASON, Merge, Merged
from hq.ports import Clock, epoch_ms
from loyalty.holding.merging import plan_merge
from loyalty.journal.detail import DetailTier, Override
from loyalty.journal.entry import ENTRY_ID_BYTES, EntryKind, Posting, Reference
from loyalty.numbers.currency import NO_CURRENCY
from loyalty.numbers.limits import is_storable
from loyalty.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """Merges members."""

    book: Book
    journal: HqJournal
    clock: Clock

    def merge(self, asked: Merge) -> Merged | Refusal:
        """Let the member of one card be the member of another from now on.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        refusal = _fault(asked)
        if refusal is not None:
            return refusal
        keys = [key_of(number, self.journal.settings.identifier_key) for number in (asked.card, asked.into)]
        with self.book.write() as connection:
            gone, stays = (member_of(connection, key) for key in keys)
            if gone is None or stays is None:
                field = "card" if gone is None else "into"
                return Refusal(code=RefusalCode.CARD_UNKNOWN, field=field, detail="no member has this card")
            first = self._first_id(asked, keys)
            if asked.once and self.journal.known(connection, [first]):
                return Merged(gone=None, stays=stays, known=True)
            if gone == stays:
                return _refused("into", "both cards lead to the same member")
            return self._merge(connection, gone, stays, first, asked)

    def _merge(self, connection: Connection, gone: bytes, stays: bytes, first: bytes, asked: Merge) -> Merged | Refusal:
        held = holdings_of(connection, [gone, stays])
        plan = plan_merge(gone, held[gone], stays, held[stays])
        if isinstance(plan, Refusal):
            return plan
        scene = Scenes.read(connection, self.clock()).of(home_stores(connection, [stays]).get(stays, ANYWHERE))
        leases = move_leases(connection, gone, stays, epoch_ms(self.clock()))
        override = Override(operator=asked.by[:MAX_BY], reason=asked.reason)
        writer = _Writer(gone=gone, stays=stays, scene=scene, override=override)
        drafts = [*writer.moves(plan or ((),), first)]
        ladder = scene.programme.ladder if scene.programme is not None else None
        better = tier_of(row_of(connection, gone), row_of(connection, stays), ladder) if ladder is not None else None
        if better is not None:
            drafts.append(writer.tier(better, self.journal.randomness(ENTRY_ID_BYTES)))
        self.journal.write_in(connection, drafts)
        cards = become(connection, gone, aliases_of(connection, gone), stays)
        entries = tuple(draft.entry_id for draft in drafts)
        return Merged(gone=gone, stays=stays, cards=cards, leases=leases, entries=entries)

    def _first_id(self, asked: Merge, keys: Sequence[int | None]) -> bytes:
        """Give the id of the first entry: with a key of the person's, always the same for the same cards."""
        if not asked.once:
            return self.journal.randomness(ENTRY_ID_BYTES)
        subject = ",".join(str(key) for key in keys).encode()
        return once_entry_id(self.journal.settings.own_key, "merge", asked.once, subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """The entries of one merge; each names the two by references to their enrolments."""

    gone: bytes
    stays: bytes
    scene: Scene
    override: Override

    def moves(self, plan: Sequence[tuple[Posting, ...]], first: bytes) -> Iterator[HqDraft]:
        """Write what moves; one entry at least, for the record."""
        for number, postings in enumerate(plan):
            own = once_entry_id(first, "merge", str(number)) if number else first
            yield self._draft(own, EntryKind.ADJUST, self.gone, postings=postings)

    def tier(self, better: DetailTier, entry_id: bytes) -> HqDraft:
        """Write the move to the better tier."""
        return self._draft(entry_id, EntryKind.TIER, self.stays, tier=better)

    def _draft(
        self,
        entry_id: bytes,
        kind: EntryKind,
        member: bytes,
        *,
        postings: tuple[Posting, ...] = (),
        tier: DetailTier | None = None,
    ) -> HqDraft:
        programme = self.scene.programme
        currency = programme.currency if programme is not None else NO_CURRENCY
        return HqDraft(
            entry_id=entry_id,
            kind=kind,
            at=self.scene.moment.at,
            store=self.scene.moment.store,
            currency=currency.code,
            currency_scale=currency.scale,
            postings=postings,
            references=(Reference(entry_id=self.gone), Reference(entry_id=self.stays)),
            programme=programme.version if programme is not None else None,
            member=member,
            tier=tier,
            override=self.override,
        )


def _fault(asked: Merge) -> Refusal | None:
    if not asked.reason.strip() or not is_storable(asked.reason, MAX_REASON):
        return _refused("reason", f"say why, in at most {MAX_REASON} characters")
    if asked.once and not is_once(asked.once):
        return _refused("once", f"expected a text of 1 to {MAX_ONCE} characters")
    return None


def _refused(field: str, detail: str) -> Refusal:
    return Refusal(code=RefusalCode.BAD_REQUEST, field=field, detail=detail)
