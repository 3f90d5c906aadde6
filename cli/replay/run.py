"""Running a plan through the till: operation by operation, uploading as it goes, resuming where it was killed."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from agent.book.book import Head
from agent.book.sync_state import BookFeed, BookJournal
from agent.till.answers import Recorded
from agent.till.till import Till
from cli.replay.operations import key_of, parked_request, return_request, sale_request
from cli.replay.outcome import Outcome
from cli.replay.parts import Parts, open_parts
from cli.replay.refused import refused_list
from hq.history.operations import Operation, Parked, Return, Sale
from hq.history.plan import Plan
from loyalty.holding.balances import balances_digest
from sync.download import download
from sync.protocol.values import MAX_BATCH_ENTRIES
from sync.upload import upload

_UNIT = "points"


class Replay:
    """One run over a plan, on an open till and HQ."""

    def __init__(self, plan: Plan, parts: Parts) -> None:
        self._plan = plan
        self._parts = parts
        self._till = parts.till
        self._currency = plan.mapping.currency.code
        self._refused: Counter[str] = Counter()
        self._refused_sales: Counter[bool] = Counter()
        self._unsold_returns = 0
        self._parked: Counter[str] = Counter(plan.counts.parked_lines)

    def run(self, on_operation: Callable[[int], None], on_refused: Callable[[Operation, str], None]) -> None:
        """Do what is left of the plan, and look up what an earlier run did.

        Args:
            on_operation: Told how many operations are done.
            on_refused: Told each operation that the till refused, in this run or an earlier one, and the code.
        """
        done = last_done(self._till, self._plan.counts.operations)
        unsent = 0
        for planned in self._plan.operations():
            operation = self._settled(planned)
            recorded = self._answered(operation) if operation.index <= done else self._do(operation)
            if recorded.refused is not None:
                self._refused[recorded.refused] += 1
                if isinstance(operation, Sale):
                    self._refused_sales[operation.customer is not None] += 1
                on_refused(operation, recorded.refused)
            on_operation(operation.index)
            unsent += operation.index > done
            if unsent == MAX_BATCH_ENTRIES:
                self._upload()
                unsent = 0
        self._upload()

    def outcome(self, seconds: float) -> Outcome:
        """Compare till and HQ, then bring the feed down and compare again."""
        counts, till, totals = self._plan.counts, self._till, self._parts.hq.totals()
        orders = counts.orders - self._refused_sales[True]
        anonymous_orders = counts.anonymous_orders - self._refused_sales[False]
        own = till.journal_balances()
        outstanding_till = sum(amount for _, unit, amount in own if unit == _UNIT)
        download(BookFeed(till.context.book, self._parts.clock), self._parts.link)
        head = till.context.book.head
        outstanding_hq = totals.outstanding.get(_UNIT, 0)
        agree = (
            outstanding_till == outstanding_hq == till.outstanding(_UNIT)
            and balances_digest(own) == self._parts.hq.overview.balances_digest() == till.balances_digest()
            and head.sequence == totals.entries
            and self._is_heads(head)
        )
        return Outcome(
            receipts=orders + anonymous_orders + counts.cancelled_invoices,
            orders=orders,
            anonymous_orders=anonymous_orders,
            returns=counts.cancelled_invoices,
            return_entries=counts.returns - self._unsold_returns,
            members=totals.members,
            rows=dict(counts.rows),
            parked=self._parked.total(),
            parked_by_reason=dict(self._parked),
            refused=dict(self._refused),
            earned=totals.earned.get(_UNIT, 0),
            reversed=totals.reversed.get(_UNIT, 0),
            outstanding_till=outstanding_till,
            outstanding_hq=outstanding_hq,
            entries_till=head.sequence,
            entries_hq=totals.entries,
            agree=agree,
            head=head.hash.hex(),
            seconds=round(seconds, 3),
        )

    def _is_heads(self, head: Head) -> bool:
        """Tell whether HQ's head is the till's; of a till that has sent nothing yet HQ has none."""
        held = self._parts.hq.overview.head_of(head.terminal, head.epoch)
        return held == head.hash if held is not None else head.sequence == 0

    def _settled(self, operation: Operation) -> Operation:
        """Give what is to be done: a return of a sale that the till refused has nothing to refer to, and is parked."""
        if not isinstance(operation, Return) or self._entry_of(operation.original_index):
            return operation
        parked = self._plan.park(operation)
        self._unsold_returns += 1
        self._parked.update(line.reason.value for line in parked.lines)
        return parked

    def _answered(self, operation: Operation) -> Recorded:
        """Give what the till answered before; what it refused without keeping the answer, it refuses again."""
        return self._till.answered(key_of(operation.index)) or self._do(operation)

    def _do(self, operation: Operation) -> Recorded:
        self._parts.mint.begin(operation.index)
        self._parts.clock.now = operation.at
        match operation:
            case Sale():
                return self._till.commit(sale_request(operation, self._currency))
            case Return():
                entry = self._entry_of(operation.original_index)
                return self._till.return_goods(return_request(operation, self._currency, entry))
            case Parked():
                return self._till.return_goods(parked_request(operation, self._currency))

    def _entry_of(self, index: int) -> str:
        answer = self._till.answered(key_of(index))
        return str(answer.values.get("entry", "")) if answer is not None and answer.refused is None else ""

    def _upload(self) -> None:
        context = self._till.context
        upload(BookJournal(context.book, context.keys), self._parts.link)


def last_done(till: Till, operations: int) -> int:
    """Find the last operation that an earlier run committed: they are committed in order, so by bisection."""
    low, high = 0, operations
    while low < high:
        middle = (low + high + 1) // 2
        if till.answered(key_of(middle)) is not None:
            low = middle
        else:
            high = middle - 1
    return low


def replay(plan: Plan, folder: Path, programme: Path, on_operation: Callable[[int], None]) -> Outcome:
    """Run a plan in ``folder`` from where an earlier run left it; gives the outcome of the whole.

    What the till refused is listed in ``folder`` (`cli.replay.refused`).
    """
    begun = time.monotonic()
    with (
        open_parts(folder, programme, plan.input_sha256, plan.mapping.zone) as parts,
        refused_list(folder) as on_refused,
    ):
        run = Replay(plan, parts)
        run.run(on_operation, on_refused)
        return run.outcome(time.monotonic() - begun)
