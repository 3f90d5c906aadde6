"""One till: its parts put together, and its use cases under one roof."""

from collections import Counter
from types import TracebackType
from typing import Any, Self

from agent.book import answers as kept
from agent.book import journal, members, sync_state
from agent.book.book import FILE, Book
from agent.config.values import TillConfig
from agent.keys import TillKeys, identifier_key_id
from agent.ports import Clock, Mint, system_clock, system_mint
from agent.till import act, answers, commit, enrol, holding, identify, quoting, undo
from agent.till.answers import Recorded
from agent.till.context import Context
from agent.till.requests import (
    ActionRequest,
    CommitRequest,
    EnrolRequest,
    HoldRequest,
    QuoteRequest,
    ReleaseRequest,
    ReturnRequest,
    VoidRequest,
)
from agent.till.shelf import Shelf
from loyalty.holding.balances import balances_digest
from loyalty.journal.codec import decode_core

KEYS = "keys"


class Till:
    """A till with an open book. Requests may come from any thread; the book takes changes one by one."""

    def __init__(
        self,
        config: TillConfig,
        *,
        keys: TillKeys | None = None,
        clock: Clock = system_clock,
        mint: Mint = system_mint,
    ) -> None:
        """Open the till.

        Args:
            config: Its settings.
            keys: Its secrets; those in ``data_dir`` unless a replay brings its own.
            clock: The time.
            mint: New ids.

        Raises:
            AgentError: the keys or the book cannot be used.
            BadFile: the programme has faults.
        """
        keys = keys or TillKeys(config.data_dir / KEYS, book=config.data_dir / FILE)
        book = Book(
            config.data_dir, keys.public_key, identifier_key_id(keys.identifier_key), head_file=config.head_file
        )
        try:
            keys.settle_identifier_key(book.identifier_key_id)
            shelf = Shelf(book, config.programme_file, config.store)
        except BaseException:
            book.close()
            raise
        self.context = Context(config=config, book=book, keys=keys, shelf=shelf, clock=clock, mint=mint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the book."""
        self.context.book.close()

    def identify(self, scan: str, kind: str | None = None) -> dict[str, Any]:
        """Say whose card a scan is, from the till's own book, or what else it is; ``kind``: what it is meant to be."""
        return identify.identify(self.context, scan, kind)

    def quote(self, request: QuoteRequest) -> dict[str, Any]:
        """Say what a basket would earn and what could be redeemed on it."""
        return quoting.quote_basket(self.context, request)

    def hold(self, request: HoldRequest) -> Recorded:
        """Set aside what a basket takes, until it is paid."""
        return holding.hold(self.context, request)

    def release(self, request: ReleaseRequest) -> Recorded:
        """Give a hold back."""
        return holding.release(self.context, request)

    def commit(self, request: CommitRequest) -> Recorded:
        """Record a paid sale."""
        return commit.commit(self.context, request)

    def void(self, request: VoidRequest) -> Recorded:
        """Undo a whole sale."""
        return undo.void(self.context, request)

    def return_goods(self, request: ReturnRequest) -> Recorded:
        """Take goods back."""
        return undo.return_goods(self.context, request)

    def enrol(self, request: EnrolRequest) -> Recorded:
        """Make a card a member's."""
        return enrol.enrol(self.context, request)

    def act(self, request: ActionRequest) -> Recorded:
        """Record that a member did something that earns without a sale."""
        return act.act(self.context, request)

    def member_balances(self, card: str) -> dict[str, int] | None:
        """Give the balances of a card's member in smallest steps, or None for an unknown card."""
        with self.context.book.read() as connection:
            member = self.context.find_member(connection, card)
            standing = members.standing(connection, member) if member is not None else None
        return answers.balances(dict(standing.balances)) if standing is not None else None

    def answered(self, key: str) -> Recorded | None:
        """Give what was answered to an idempotency key, or None."""
        with self.context.book.read() as connection:
            found = kept.find(connection, key)
        return Recorded(body=found.answer, fresh=False) if found is not None else None

    def unsent(self) -> int:
        """Give the number of entries that HQ has not acknowledged."""
        with self.context.book.read() as connection:
            return self.context.book.head.sequence - sync_state.state(connection).acked

    def unshown(self) -> int:
        """Give the number of own postings that HQ's balances do not show yet."""
        with self.context.book.read() as connection:
            return members.pending_count(connection)

    def balances_digest(self) -> bytes:
        """Digest every balance that is not zero, for a comparison with HQ's (`loyalty.balances_digest`)."""
        with self.context.book.read() as connection:
            return balances_digest(members.all_balances(connection))

    def journal_balances(self) -> list[tuple[bytes, str, int]]:
        """Add up the till's own journal by (account, unit), sorted, whatever HQ said since.

        Where this is HQ's only till, these are HQ's balances, computed from nothing that HQ sent.
        """
        sums: Counter[tuple[bytes, str]] = Counter()
        with self.context.book.read() as connection:
            for core in journal.cores(connection):
                for posting in decode_core(core).postings:
                    sums[posting.account, posting.unit] += posting.amount
        return [(account, unit, amount) for (account, unit), amount in sorted(sums.items())]

    def outstanding(self, unit: str) -> int:
        """Give the sum of all balances of ``unit``."""
        with self.context.book.read() as connection:
            return members.outstanding(connection, unit)

    def member_count(self) -> int:
        """Give the number of members that this till knows."""
        with self.context.book.read() as connection:
            return members.count(connection)
