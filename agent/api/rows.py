"""Papers for a host that prints itself: rows in its letters and width, pictures of rows, or a row refused by name."""

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams

from agent.api.fields import BadField
from agent.config.values import TillConfig
from agent.receipts.font import font_of
from agent.receipts.letters import letters_in
from agent.receipts.names import OF_ENTRIES
from drivers.printers.document import Document
from drivers.printers.layout import MAX_COLUMNS, MIN_COLUMNS

if TYPE_CHECKING:  # loaded with the first rows: most tills print themselves
    from drivers.printers.host_rows import HostPaper, HostRow

PARAMETERS = ("width", "character_set", "pictures")
"""What a host may say of its printer in a query; the settings say the rest."""
_MAX_NAME = 40


def host_paper(query: QueryParams, config: TillConfig) -> "HostPaper":
    """Read what a host's printer can do.

    Raises:
        BadField: A parameter cannot be used.
    """
    from drivers.printers.host_rows import HostPaper

    printer = config.host_printer
    codec = query.get("character_set") or (printer.character_set if printer is not None else None) or "utf-8"
    if len(codec) > _MAX_NAME:
        raise BadField("character_set", "expected a name such as cp866")
    try:
        return HostPaper(
            columns=width(query.get("width"), config.width_columns),
            codec=codec,
            pictures=_flag(query.get("pictures"), "pictures"),
            substitutes=letters_in(printer.substitutions if printer is not None else None),
        )
    except ValueError as fault:
        raise BadField("character_set", str(fault)) from None


def template_of(query: QueryParams, name: str, default: str) -> str:
    """Read which paper of an entry is meant."""
    template = query.get(name, default)
    if template not in OF_ENTRIES:
        raise BadField(name, f"expected one of {', '.join(OF_ENTRIES)}")
    return template


def width(given: str | None, default: int) -> int:
    """Read a width in columns."""
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= 3):
        raise BadField("width", "expected a number of columns")
    return even(int(given))


def even(columns: int) -> int:
    """Give a width that paper may have."""
    if columns % 2 or not MIN_COLUMNS <= columns <= MAX_COLUMNS:
        raise BadField("width", f"expected an even number from {MIN_COLUMNS} to {MAX_COLUMNS}")
    return columns


def rows_of(document: Document, paper: "HostPaper", font: Path | None = None) -> dict[str, Any]:
    """Give a paper as rows; ``unprintable`` names the letters for which there was no way, not even by the shop's font."""
    from drivers.printers.host_rows import RefusedRow, host_rows

    rows = host_rows(document, paper, font_of(font))
    refused = "".join(dict.fromkeys("".join(row.characters for row in rows if isinstance(row, RefusedRow))))
    return {
        "language": document.language,
        "width": paper.columns,
        "character_set": paper.codec,
        "rows": [_row(row) for row in rows],
        **({"unprintable": refused} if any(isinstance(row, RefusedRow) for row in rows) else {}),
    }


def _row(row: "HostRow") -> dict[str, Any]:
    from drivers.printers.host_rows import CutRow, PictureRow, RefusedRow, TextRow

    match row:
        case TextRow():
            return {"text": row.text, "align": row.align.value, "style": row.style.value}
        case PictureRow():
            shown = {"png": b64encode(row.png).decode(), "width_dots": row.width_dots, "height_dots": row.height_dots}
            return {**shown, "text": row.text}
        case RefusedRow():
            return {"refused": row.reason, "characters": row.characters}
        case CutRow():
            return {"cut": True}


def _flag(given: str | None, name: str) -> bool:
    if given not in {None, "0", "1"}:
        raise BadField(name, "expected 0 or 1")
    return given != "0"
