"""Finding what a receipt is made from, in the book and on the programme shelf."""

import json
from dataclasses import replace

from agent.book import journal, members, print_jobs
from agent.book.journal import Stored
from agent.book.print_jobs import PrintJob
from agent.config.receipts import OwnPaper, ReceiptLanguage
from agent.receipts.compose import papers
from agent.receipts.render import templates_in
from agent.receipts.shape import from_json, to_json
from agent.receipts.shift import Asked, report
from agent.receipts.source import Read, Source, Today
from agent.receipts.speech import speech
from agent.receipts.values import Shift
from agent.till.context import Context
from drivers.printers.document import Document
from loyalty.holding.standing import NOTHING
from loyalty.journal.entry import EntryKind


def paper_of_job(context: Context, job: PrintJob) -> Document | None:
    """Write the paper of a print job; None where its entry has none."""
    if job.sequence is None:
        return _shift_paper(context, from_json(Shift, json.loads(job.content or "null")))
    return receipt_of_sequence(context, job.sequence, copy=job.copies > 0, template=job.paper, place=job.place)


def receipt_of_sequence(
    context: Context, sequence: int, *, copy: bool, template: str = "slip", place: int = 0
) -> Document | None:
    """Write a paper of the entry with ``sequence``, as `receipt_of` does; None where there is none."""
    with context.book.read() as connection:
        stored = journal.by_sequence(connection, sequence)
    if stored is None:
        return None
    return receipt_of(context, stored, copy=copy, template=template, place=place)


def receipt_of_entry(
    context: Context, entry_id: bytes, *, copy: bool, template: str = "slip", columns: int | None = None
) -> Document | None:
    """Write the receipt of the entry with ``entry_id``; None where there is none, as for an enrolment."""
    with context.book.read() as connection:
        stored = journal.by_id(connection, entry_id)
    return receipt_of(context, stored, copy=copy, template=template, columns=columns) if stored is not None else None


def receipt_of(
    context: Context, stored: Stored, *, copy: bool, template: str = "slip", columns: int | None = None, place: int = 0
) -> Document | None:
    """Write the receipt of a stored entry, as it was first printed; None for an entry that has none.

    What had a paper of its own beside the slip is not on the slip.

    Args:
        context: The till.
        stored: The entry.
        copy: It may have been printed before.
        template: "slip", or another paper of an entry: "appended", "coupon", "gift_card" or "invitation".
        columns: Characters in a line; as the settings say, where nobody does.
        place: Which of several papers of this kind, from 1; 0 for all of them, one behind the other.
    """
    if not has_receipt(stored) and not (has_coupons_alone(stored) and template == OwnPaper.COUPON.value):
        return None
    source = _source(context, stored, copy=copy)
    settings, store = context.config.receipts, context.config.store
    words = speech(source.currency, source.detail.language, store.language, settings.language)
    written = templates_in(settings.templates, settings.logo)
    width = columns or context.config.width_columns
    wanted = papers(source, template)[slice(place - 1, place) if place else slice(None)]
    documents = [written.document(template, paper, words, width) for paper in wanted]
    if not documents:
        return None
    return replace(documents[0], blocks=tuple(block for document in documents for block in document.blocks))


def has_receipt(stored: Stored) -> bool:
    """Whether an entry is one of those that are printed."""
    return stored.receipt_number is not None and stored.kind != EntryKind.EVIDENCE


def has_coupons_alone(stored: Stored) -> bool:
    """Whether an entry has no slip, and perhaps coupons, as what a member did without buying."""
    return stored.kind == EntryKind.ACTION


def shift_report(context: Context, asked: Asked, columns: int | None = None) -> Document:
    """Write what the till did in a shift, in the shop's language, ``columns`` wide or as the settings say."""
    return _shift_paper(context, report(context, asked), columns)


def queue_shift_report(context: Context, asked: Asked) -> None:
    """Have the agent's printer print what the till did in a shift: the figures of now, whenever it comes out.

    Raises:
        AgentError: the book cannot be written to.
    """
    content = json.dumps(to_json(report(context, asked)), ensure_ascii=False)
    about = f"{asked.day.isoformat()} {asked.name}".strip()
    with context.book.write() as writing:
        print_jobs.queue_report(writing.connection, about, content, context.clock())


def _shift_paper(context: Context, paper: Shift, columns: int | None = None) -> Document:
    words = speech(paper.currency, None, context.config.store.language, ReceiptLanguage.STORE)
    settings, width = context.config.receipts, columns or context.config.width_columns
    return templates_in(settings.templates, settings.logo).document(print_jobs.REPORT, paper, words, width)


def _source(context: Context, stored: Stored, *, copy: bool) -> Source:
    entry = Read.of(stored)
    member, version = entry.detail.member, entry.core.programme
    with context.book.read() as connection:
        undone = journal.by_id(connection, entry.undoes) if entry.undoes is not None else None
        holdings = members.holdings(connection, member) if member is not None else NOTHING
        apart = print_jobs.papers_of(connection, stored.sequence)
    pinned = context.shelf.version(version) if version is not None else None
    return Source.of(
        entry,
        pinned or context.shelf.at(context.clock()),
        context.config.store,
        context.config.name,
        terminal=context.book.head.terminal.hex(),
        original=undone,
        today=Today(copy=copy, page=context.config.receipts.member_page, apart=apart, holdings=holdings),
    )
