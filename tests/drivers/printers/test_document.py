"""A document that exists is one that can be laid out."""

import pytest

from drivers.printers.document import MAX_BLOCKS, MAX_TEXT, Columns, Document, Feed, Line, Rule


def test_texts_feeds_and_documents_have_an_end() -> None:
    with pytest.raises(ValueError, match="characters"):
        Line(text="x" * (MAX_TEXT + 1))
    with pytest.raises(ValueError, match="characters"):
        Columns(left="", right="x" * (MAX_TEXT + 1))
    with pytest.raises(ValueError, match="feed"):
        Feed(lines=0)
    with pytest.raises(ValueError, match="blocks"):
        Document(blocks=(Rule(),) * (MAX_BLOCKS + 1), language="en")


def test_a_document_has_a_language() -> None:
    with pytest.raises(ValueError, match="language"):
        Document(blocks=(), language="")
