"""A till's journal made up in memory, in batches as a till uploads them: enrolments first, then sales."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.shop import CURRENCY
from loyalty.journal.chain import first_head, next_head, terminal_id
from loyalty.journal.codec import detail_digest, encode_core, encode_detail
from loyalty.journal.detail import DetailAward, DetailLine, EntryDetail, StandingUsed
from loyalty.journal.entry import EntryCore, EntryKind, Posting
from sync.protocol.signing import batch_signing_bytes
from sync.protocol.values import Batch, PairRequest, SentEntry
from sync.protocol.wire import pairing_proof_bytes

_EPOCH = 1
_LINES = 8
_PROGRAMME = "0" * 32


class Journal:
    """One till's key and the end of its journal; everything follows from the seed."""

    def __init__(self, seed: int, members: Sequence[bytes] = ()) -> None:
        """Make a key; ``members`` are there without being enrolled."""
        self._chance = Random(seed)
        self._key = Ed25519PrivateKey.from_private_bytes(self._chance.randbytes(32))
        self._public_key = self._key.public_key().public_bytes_raw()
        self._head = first_head(self._public_key, _EPOCH)
        self._sequence = 0
        self._there = members
        self._members: list[bytes] = []

    def pair_request(self, code: str) -> PairRequest:
        """Ask HQ to know this till."""
        proof = self._key.sign(pairing_proof_bytes(code, self._public_key))
        return PairRequest(code=code, public_key=self._public_key, proof=proof, store="s1", name="till 1")

    def enrolments(self, entries: int) -> Batch:
        """Give a batch of so many new members."""
        return self._batch([self._enrolment() for _ in range(entries)])

    def sales(self, entries: int) -> Batch:
        """Give a batch of so many sales by members who enrolled before."""
        return self._batch([self._sale() for _ in range(entries)])

    def _batch(self, entries: list[SentEntry]) -> Batch:
        first = self._sequence + 1
        for entry in entries:
            self._head = next_head(self._head, entry.core)
        self._sequence += len(entries)
        batch = Batch(
            terminal=terminal_id(self._public_key),
            epoch=_EPOCH,
            first=first,
            head=self._head,
            through=self._sequence,
            entries=tuple(entries),
        )
        return replace(batch, signature=self._key.sign(batch_signing_bytes(batch)))

    def _enrolment(self) -> SentEntry:
        member = self._chance.randbytes(16)
        self._members.append(member)
        detail = self._detail(identifier=f"29{len(self._members):011}", member=member)
        return _sealed(EntryKind.ENROL, member, detail, ())

    def _sale(self) -> SentEntry:
        member, points = self._chance.choice(self._there or self._members), self._chance.randint(1, 500)
        lines = tuple(self._lines())
        bases = tuple((line.line, line.amount_minor) for line in lines)
        award = DetailAward(
            rule="goods", unit="points", amount=points, base=sum(base for _, base in bases), bases=bases
        )
        detail = self._detail(
            identifier="2900000000017",
            member=member,
            receipt_number=self._sequence + 1,
            standing=StandingUsed(tier=None, balances=(("points", points),), as_of=None),
            lines=lines,
            awards=(award,),
        )
        posting = Posting(account=member, unit="points", amount=points)
        return _sealed(EntryKind.SALE, self._chance.randbytes(16), detail, (posting,))

    def _lines(self) -> Iterator[DetailLine]:
        for line in range(1, _LINES + 1):
            yield DetailLine(
                line=line,
                item=f"4870{self._chance.randrange(10**9):09}",
                name="Сүт 2,5 %, 1 л",
                category="dairy",
                quantity_milli=1_000,
                amount_minor=self._chance.randint(10_000, 400_000),
            )

    def _detail(self, **fields: object) -> EntryDetail:
        return EntryDetail(
            salt=self._chance.randbytes(16),
            local_time="2026-03-02T12:00:00+05:00",
            business_date="2026-03-02",
            store="s1",
            currency=CURRENCY.code,
            currency_scale=CURRENCY.scale,
            host="pos",
            **fields,  # type: ignore[arg-type]  # fields of EntryDetail, which checks its own
        )


def _sealed(kind: EntryKind, entry_id: bytes, detail: EntryDetail, postings: tuple[Posting, ...]) -> SentEntry:
    written = encode_detail(detail)
    core = EntryCore(
        entry_id=entry_id,
        kind=kind.value,
        postings=postings,
        references=(),
        programme=_PROGRAMME,
        detail_digest=detail_digest(written),
    )
    return SentEntry(core=encode_core(core), detail=written)
