"""Finding what a receipt is made from, in the book and on the programme shelf."""

from agent.book import journal
from agent.book.journal import Stored
from agent.receipts.compose import compose
from agent.receipts.source import Source
from agent.till.context import Context
from drivers.printers.document import Document
from loyalty.journal.codec import decode_core
from loyalty.journal.entry import EntryKind


def receipt_of_sequence(context: Context, sequence: int, *, copy: bool) -> Document | None:
    """Write the receipt of the entry with ``sequence``; None where there is none."""
    with context.book.read() as connection:
        stored = journal.by_sequence(connection, sequence)
    return receipt_of(context, stored, copy=copy) if stored is not None else None


def receipt_of_entry(context: Context, entry_id: bytes, *, copy: bool) -> Document | None:
    """Write the receipt of the entry with ``entry_id``; None where there is none, as for an enrolment."""
    with context.book.read() as connection:
        stored = journal.by_id(connection, entry_id)
    return receipt_of(context, stored, copy=copy) if stored is not None else None


def receipt_of(context: Context, stored: Stored, *, copy: bool) -> Document | None:
    """Write the receipt of a stored entry, as it was first printed; None for an entry that has none."""
    if stored.receipt_number is None or stored.kind == EntryKind.EVIDENCE:
        return None
    core = decode_core(stored.core)
    original = core.references[0].entry_id if core.references else None
    with context.book.read() as connection:
        undone = journal.by_id(connection, original) if original is not None else None
    pinned = context.shelf.version(core.programme) if core.programme is not None else None
    source = Source.read(
        stored,
        pinned or context.shelf.at(context.clock()),
        context.config.store,
        context.config.name,
        terminal=context.book.head.terminal.hex(),
        original=undone,
        copy=copy,
    )
    return compose(source)
