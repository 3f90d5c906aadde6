"""Which papers come out: the slip of a sale and what the shop gives a paper of its own, and the coupons of an action."""

from collections.abc import Collection, Iterator

from agent.book import print_jobs
from agent.book.book import Writing
from agent.book.journal import Stored
from agent.config.receipts import OwnPaper
from agent.till.context import Context
from loyalty.journal.detail import EntryDetail


def queue_papers(context: Context, writing: Writing, stored: Stored, detail: EntryDetail) -> None:
    """Queue the papers of an entry where the agent prints itself, in the entry's own transaction."""
    if context.config.receipt_printer is not None:
        papers = papers_of(detail, context.config.receipts.own_paper)
        print_jobs.queue(writing.connection, stored.sequence, context.clock(), papers)


def queue_coupons(context: Context, writing: Writing, stored: Stored, detail: EntryDetail) -> None:
    """Queue the coupons of an entry that has no slip, each on a paper of its own, likewise."""
    if context.config.receipt_printer is not None and not detail.training:
        coupons = ((OwnPaper.COUPON.value, place) for place in range(1, len(detail.issued) + 1))
        print_jobs.queue(writing.connection, stored.sequence, context.clock(), coupons)


def papers_of(detail: EntryDetail, own_paper: Collection[OwnPaper]) -> Iterator[tuple[str, int]]:
    """Give the template of each paper, and which of its kind it is, from 1; the slip, which is the only one, is 0.

    A sale for practice has nothing beside its slip: what looks like a coupon would be taken for one.
    """
    yield print_jobs.SLIP, 0
    if detail.training:
        return
    for kind in own_paper:
        yield from ((kind.value, place) for place in range(1, _count(detail, kind) + 1))


def print_again(context: Context, sequence: int, paper: str | None = None) -> bool:
    """Queue what was printed of an entry once more, marked as a copy; what is on its way already stays as it is.

    Args:
        context: The till's parts.
        sequence: The entry.
        paper: The template of what is wanted; None for all of it.

    Returns:
        False where nothing of the kind was printed; a slip that never was, where the host prints, is then.
    """
    with context.book.write() as writing:
        printed, now = print_jobs.papers_of(writing.connection, sequence), context.clock()
        if not printed and paper in {None, print_jobs.SLIP}:
            print_jobs.queue(writing.connection, sequence, now, copies=1)
        elif paper is not None and paper not in printed:
            return False
        else:
            print_jobs.again(writing.connection, sequence, now, paper)
    return True


def _count(detail: EntryDetail, kind: OwnPaper) -> int:
    match kind:
        case OwnPaper.COUPON:
            return len(detail.issued)
        case OwnPaper.GIFT_CARD:
            return len(detail.sold_cards)
        case OwnPaper.INVITATION:
            return sum(count for one in detail.redemptions for _, count in one.seats)
