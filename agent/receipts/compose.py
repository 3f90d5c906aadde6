"""From an entry to its receipt."""

from collections.abc import Iterator

from agent.receipts import bill, goods, member
from agent.receipts.frame import foot, head
from agent.receipts.proof import prove
from agent.receipts.source import Source
from drivers.printers.document import Block, Document
from loyalty.journal.entry import EntryKind


def compose(source: Source) -> Document:
    """Write the receipt of a sale, a void or a return, in the member's language, else in the store's."""
    return Document(language=source.catalogue.language, blocks=tuple(_blocks(source)))


def _blocks(source: Source) -> Iterator[Block]:
    yield from head(source)
    if source.core.kind == EntryKind.SALE:
        proof = prove(source)
        yield from goods.sold(source)
        yield from bill.of_sale(source, proof)
        yield from member.of_sale(source, proof)
    else:
        yield from goods.came_back(source)
        yield from bill.of_undoing(source)
        yield from member.of_undoing(source)
    yield from foot(source)
