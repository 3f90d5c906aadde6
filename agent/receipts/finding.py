"""Finding what a receipt is made from, in the book and on the programme shelf."""

from dataclasses import replace

from agent.book import journal, members
from agent.book.journal import Stored
from agent.config.receipts import ReceiptLanguage
from agent.receipts.compose import papers
from agent.receipts.render import templates_in
from agent.receipts.shift import Asked, report
from agent.receipts.source import Source, Today
from agent.receipts.speech import speech
from agent.till.context import Context
from drivers.printers.document import Document
from loyalty.holding.standing import NOTHING
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.entry import EntryKind


def receipt_of_sequence(context: Context, sequence: int, *, copy: bool) -> Document | None:
    """Write the receipt of the entry with ``sequence``; None where there is none."""
    with context.book.read() as connection:
        stored = journal.by_sequence(connection, sequence)
    return receipt_of(context, stored, copy=copy) if stored is not None else None


def receipt_of_entry(
    context: Context, entry_id: bytes, *, copy: bool, template: str = "slip", columns: int | None = None
) -> Document | None:
    """Write the receipt of the entry with ``entry_id``; None where there is none, as for an enrolment."""
    with context.book.read() as connection:
        stored = journal.by_id(connection, entry_id)
    return receipt_of(context, stored, copy=copy, template=template, columns=columns) if stored is not None else None


def receipt_of(
    context: Context, stored: Stored, *, copy: bool, template: str = "slip", columns: int | None = None
) -> Document | None:
    """Write the receipt of a stored entry, as it was first printed; None for an entry that has none.

    Args:
        context: The till.
        stored: The entry.
        copy: It may have been printed before.
        template: "slip", or another paper of an entry: "appended", "coupon", "gift_card" or "invitation".
        columns: Characters in a line; as the settings say, where nobody does.
    """
    if stored.receipt_number is None or stored.kind == EntryKind.EVIDENCE:
        return None
    source = _source(context, stored, copy=copy)
    settings, store = context.config.receipts, context.config.store
    words = speech(source.currency, source.detail.language, store.language, settings.language)
    written = templates_in(settings.templates)
    width = columns or context.config.width_columns
    documents = [written.document(template, paper, words, width) for paper in papers(source, template)]
    if not documents:
        return None
    return replace(documents[0], blocks=tuple(block for document in documents for block in document.blocks))


def shift_report(context: Context, asked: Asked) -> Document:
    """Write what the till did in a shift, in the shop's language."""
    paper, store = report(context, asked), context.config.store
    words = speech(paper.currency, None, store.language, ReceiptLanguage.STORE)
    return templates_in(context.config.receipts.templates).document("shift", paper, words)


def _source(context: Context, stored: Stored, *, copy: bool) -> Source:
    core, member = decode_core(stored.core), decode_detail(stored.detail).member
    original = core.references[0].entry_id if core.references else None
    with context.book.read() as connection:
        undone = journal.by_id(connection, original) if original is not None else None
        holdings = members.holdings(connection, member) if member is not None else NOTHING
    pinned = context.shelf.version(core.programme) if core.programme is not None else None
    return Source.read(
        stored,
        pinned or context.shelf.at(context.clock()),
        context.config.store,
        context.config.name,
        terminal=context.book.head.terminal.hex(),
        original=undone,
        today=Today(copy=copy, page=context.config.receipts.member_page, holdings=holdings),
    )
