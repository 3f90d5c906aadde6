"""Faults that are planted on purpose, so that everybody sees that the auditor catches them.

Each is a switch over the real code, put back when its block ends, and has the seed and the number of steps at which the
auditor was first seen to catch it. A planted fault that nobody catches is a fault of the auditor.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sqlalchemy import Connection, text

from agent.book import answers, leases, members
from agent.book.book import Book
from agent.book.sync_state import BookFeed, BookJournal
from agent.till import lending, rights
from cli.simulation.run import LONG
from hq.book.dialects import insert_missing
from hq.epochs import restored
from hq.feed import reader
from hq.feed.log import head_position
from hq.ingest import ledgering, posting, service
from hq.ingest.arrivals import chain
from hq.ingest.drawing import Drawing
from hq.ingest.epochs import Epochs
from hq.ingest.journals import hash_at
from hq.ingest.service import Ingest
from hq.leases import shortfalls
from hq.leasing import pools, recovering
from hq.leasing.service import Leasing
from sync import upload
from sync.protocol.resume import Resume, Stance
from sync.protocol.values import Acknowledged, Batch, FeedPage, HelloAnswer

Switch: TypeAlias = tuple[Any, str, Callable[[Any], Any]]
"""A class or module, what of it is changed, and what makes the wrong thing from the right one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One planted fault.

    Attributes:
        name: What is wrong.
        switches: What is changed for it.
        seed, steps: A run in which the auditor catches it.
    """

    name: str
    switches: tuple[Switch, ...]
    seed: int
    steps: int = LONG

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Plant the fault while the block runs."""
        with ExitStack() as stack:
            for owner, attribute, fault in self.switches:
                right = vars(owner)[attribute]
                stack.callback(setattr, owner, attribute, right)
                setattr(owner, attribute, fault(right))
            yield


_DROP_PENDING = text("DELETE FROM pending WHERE sequence <= :acked")
_DELETE = text(
    "DELETE FROM journal WHERE sequence < :acked"
    " AND sequence NOT IN (SELECT sale FROM returned) AND sequence NOT IN (SELECT sale FROM voided)"
)


def _deletes_on_ack(right: Callable[..., None]) -> Any:
    """The till deletes what HQ acknowledged; then HQ is restored, and nobody has it any more."""

    def acknowledged(self: Any, answer: Acknowledged, hq_epoch: str) -> None:
        right(self, answer, hq_epoch)
        with self._book.write() as writing:
            writing.connection.execute(_DELETE, {"acked": answer.acked})

    return acknowledged


def _ignores_hashes(right: Callable[..., Any]) -> Any:
    """HQ inserts or ignores by (terminal, sequence), and compares no hash."""

    def check(connection: Connection, head: Any, batch: Batch) -> Any:
        refused, hashes = right(connection, head, batch)
        if refused is None or refused.need is not None:
            return refused, hashes
        return None, chain(hash_at(connection, head, batch.first - 1), batch.entries)

    return check


def _goes_on_when_forked(right: Callable[..., Resume]) -> Any:
    """The till sends from where HQ ends, whatever HQ holds before that."""

    def resume(own_epoch: int, own_sequence: int, own_hash: bytes | None, answer: HelloAnswer, **more: Any) -> Resume:
        plan = right(own_epoch, own_sequence, own_hash, answer, **more)
        if plan.stance is not Stance.FORKED:
            return plan
        behind = answer.resume_from <= own_sequence
        return Resume(stance=Stance.BEHIND, first=answer.resume_from) if behind else Resume(stance=Stance.LEVEL)

    return resume


def _drops_pending_at_ack(right: Callable[..., None]) -> Any:
    """Own postings go when HQ acknowledges them, before HQ's balances show them."""

    def acknowledged(self: Any, answer: Acknowledged, hq_epoch: str) -> None:
        right(self, answer, hq_epoch)
        with self._book.write() as writing:
            writing.connection.execute(_DROP_PENDING, {"acked": answer.acked})

    return acknowledged


def _keeps_no_answer(_right: object) -> Any:
    """The answer is not stored in the commit of the sale."""
    return lambda _connection, _key, _answered: None


def _runs_ahead(right: Callable[..., FeedPage]) -> Any:
    """A complete page gives a cursor behind the head, as one by id does that skips what commits late."""

    def page(self: Any, *, after: int, **given: Any) -> FeedPage:
        found = right(self, after=min(after, _head(self)), **given)
        return replace(found, after=after, upto=found.upto + (1 if found.complete else 0))

    return page


def _head(feed: Any) -> int:
    with vars(feed)["_book"].read() as connection:
        return head_position(connection)


def _acknowledges_first(right: Callable[..., Acknowledged]) -> Any:
    """HQ acknowledges a batch and stores it when the next request comes."""

    def batch(self: Any, till: Any, sent: Batch) -> Acknowledged:
        waiting = _waiting.pop(id(self.book), None)
        if waiting is not None:
            right(self, *waiting)
        _waiting[id(self.book)] = (till, sent)
        last = sent.first + len(sent.entries) - 1
        return Acknowledged(acked=last, durable=0)

    return batch


_waiting: dict[int, tuple[Any, Batch]] = {}


def _notes_nothing_sent(_right: object) -> Any:
    """What leaves the till is not noted durably before."""
    return lambda self, _last: self.head().sequence


def _counts_receipts_in_memory(right: Callable[..., Any]) -> Any:
    """The receipt number is the process's own and begins anew with it."""
    return lambda self, public_key: replace(right(self, public_key), receipts=0)


def _names_nothing_parked(_right: object) -> Any:
    """The feed does not say what HQ has parked, so the till takes it for posted."""
    return lambda _connection, _terminal, _epoch: ()


def _keeps_its_epoch(_right: object) -> Any:
    """A restored HQ takes itself for the one that it was."""
    return lambda *_said: True


def _shows_each_page(right: Callable[..., None]) -> Any:
    """The till shows a page though the rest of the feed has not come."""

    def stage(self: Any, page: FeedPage) -> None:
        applied = page.applied if page.complete else self._book.head.sequence
        right(self, replace(page, complete=True, applied=applied))

    return stage


def _reports_no_fork(_right: object) -> Any:
    """HQ refuses a fork and tells nobody."""
    return lambda *_given: None


def _posts_later(right: Callable[..., None]) -> Any:
    """HQ stores a batch in one transaction and posts it in the next."""

    def post(connection: Connection, arrived: Any, **given: Any) -> None:
        for before in _unposted.pop("arrived", []):
            right(connection, before, **given)
        _unposted["arrived"] = [arrived]

    return post


_unposted: dict[str, list[Any]] = {}


def _posts_every_time(right: Callable[..., Any]) -> Any:
    """HQ posts an entry whenever it comes, whether its id is known or not."""

    def first_time(connection: Connection, arrived: Any, now_ms: int) -> Any:
        right(connection, arrived, now_ms)
        return list(arrived)

    return first_time


def _inserts_what_is_missing(_right: object) -> Any:
    return insert_missing


def _spends_what_it_sees(_right: object) -> Any:
    """There are no leases: the till spends what it knows of a balance."""

    def own_units(connection: Connection, account: bytes) -> Any:
        held = members.holdings(connection, account)
        return list(held.lots), dict(held.balances)

    return own_units


def _tells_no_leases_first(_right: object) -> Any:
    """A till sends its journal to an HQ that was restored before it has told its leases."""
    return lambda _context, _ask, _hq_epoch: None


def _forgets_what_was_drawn(_right: object) -> Any:
    """HQ takes a lease in again and does not look for what entries drew of it before."""
    return lambda _connection, _terminal: recovering.Heard()


def _knows_no_limit(_right: object) -> Any:
    """Beyond rights a till gives whatever is asked."""
    return lambda *_given, **_more: None


def _frees_by_the_clock(right: Callable[..., Any]) -> Any:
    """HQ frees a lease whose end has passed by its own clock."""

    def exchange(self: Any, till: Any, request: Any) -> Any:
        with self.book.write() as connection:
            connection.execute(_FREE, {"now": int(self.clock().timestamp())})
        return right(self, till, request)

    return exchange


def _grants_twice(_right: object) -> Any:
    """A grant does not look at the leases that others hold."""
    return lambda _connection, _accounts: {}


def _counts_no_draw(_right: object) -> Any:
    """HQ posts what was drawn under a lease and does not count it."""
    return lambda _self, _one, _draw: None


def _writes_no_shortfall(_right: object) -> Any:
    """HQ takes a pool below what is promised of it and does not say so."""
    return lambda _connection, _table, _rows: None


_FREE = text("UPDATE lease SET state = 'closed' WHERE state IN ('open', 'recalled') AND expires_at_s <= :now")
_FORKS = (upload, "resume", _goes_on_when_forked)

PLANTED: tuple[Planted, ...] = (
    Planted(name="till deletes on ack", switches=((BookJournal, "acknowledged", _deletes_on_ack),), seed=2),
    Planted(
        name="insert or ignore without a hash",
        switches=(_FORKS, (service, "_check", _ignores_hashes)),
        seed=5,
    ),
    Planted(name="pending dropped at ack", switches=((BookJournal, "acknowledged", _drops_pending_at_ack),), seed=4),
    Planted(name="answer not in the commit", switches=((answers, "keep", _keeps_no_answer),), seed=0),
    Planted(name="feed cursor runs ahead", switches=((reader.FeedReader, "page", _runs_ahead),), seed=6),
    Planted(name="ack before it is stored", switches=((Ingest, "batch", _acknowledges_first),), seed=0),
    Planted(name="sent and not noted", switches=((BookJournal, "about_to_send", _notes_nothing_sent),), seed=0),
    Planted(name="receipt number in memory", switches=((Book, "_read_head", _counts_receipts_in_memory),), seed=0),
    Planted(name="parked taken for posted", switches=((reader, "_parked", _names_nothing_parked),), seed=56),
    Planted(name="restored hq keeps its epoch", switches=((restored, "_follows", _keeps_its_epoch),), seed=9),
    Planted(name="incomplete page shown", switches=((BookFeed, "stage", _shows_each_page),), seed=32),
    Planted(name="fork not reported", switches=((Epochs, "_tell", _reports_no_fork),), seed=17),
    Planted(name="posting in a later transaction", switches=((service, "post_arrived", _posts_later),), seed=0),
    Planted(
        name="no dedupe by entry id",
        switches=(
            (posting, "_first_time", _posts_every_time),
            (ledgering, "insert_rows", _inserts_what_is_missing),
        ),
        seed=47,
    ),
    Planted(name="no leases", switches=((leases, "own_units", _spends_what_it_sees),), seed=4),
    Planted(
        name="draws before leases",
        switches=((lending, "meet", _tells_no_leases_first), (recovering, "_heard", _forgets_what_was_drawn)),
        seed=434263713,
    ),
    Planted(name="no floor limits", switches=((rights, "_floor_left", _knows_no_limit),), seed=4),
    Planted(name="lease freed by hq's clock", switches=((Leasing, "exchange", _frees_by_the_clock),), seed=3),
    Planted(name="units granted twice", switches=((pools, "counting", _grants_twice),), seed=1),
    Planted(name="shortfall not written", switches=((shortfalls, "insert_missing", _writes_no_shortfall),), seed=13),
    Planted(name="draws not counted", switches=((Drawing, "_draw", _counts_no_draw),), seed=3),
)
