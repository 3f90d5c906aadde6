"""What stands above and below every receipt: the shop, the number, the time, and what proves the entry."""

from collections.abc import Iterator

from agent.receipts.source import Source
from drivers.printers.document import Align, Block, Columns, Cut, Feed, Line, Rule, Style
from loyalty.journal.entry import EntryKind

_TITLES = {EntryKind.VOID.value: "receipt.void_title", EntryKind.RETURN.value: "receipt.return_title"}


def head(source: Source) -> Iterator[Block]:
    """Give the shop, the marks that matter, the number, the time and who served."""
    say = source.catalogue
    if source.copy:
        yield Line(text=say.text("receipt.title_copy"), align=Align.CENTER, style=Style.DOUBLE)
        yield Line(text=say.text("receipt.copy"), align=Align.CENTER)
    yield Line(text=source.store.name, align=Align.CENTER, style=Style.DOUBLE)
    title = _TITLES.get(source.core.kind)
    if title is not None:
        yield Line(text=say.text(title), align=Align.CENTER, style=Style.BOLD)
    if source.detail.training:
        yield Line(text=say.text("receipt.training"), align=Align.CENTER, style=Style.BOLD)
    yield Feed()
    yield from _particulars(source)
    yield Rule()


def _particulars(source: Source) -> Iterator[Block]:
    say, detail = source.catalogue, source.detail
    written_at = say.date_time(source.at)
    if detail.receipt_number is not None:
        yield Columns(left=say.text("receipt.number", number=detail.receipt_number), right=written_at)
    else:
        yield Columns(left=say.text("receipt.date"), right=written_at)
    yield Columns(left=say.text("receipt.till"), right=source.till)
    if detail.operator:
        yield Columns(left=say.text("receipt.cashier"), right=one_line(detail.operator))


def foot(source: Source) -> Iterator[Block]:
    """Give the thanks, and the code of the journal with the entry's place in it."""
    say = source.catalogue
    yield Rule()
    if source.core.kind == EntryKind.SALE:
        yield Line(text=say.text("receipt.thanks"), align=Align.CENTER)
    yield Line(text=f"{say.text('receipt.code', code=source.code)} · {source.sequence}", align=Align.CENTER)
    yield Feed(lines=2)
    yield Cut()


def one_line(text: str) -> str:
    """Give a text from outside without control characters, and without other white space than single spaces."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
