"""What became of a sale since: lines that came back, and voids."""

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from agent.book.schema import returned, voided
from agent.book.statements import Prepared

_RETURNED = Prepared(select(returned.c.line, returned.c.quantity_milli).where(returned.c.sale == bindparam("sale")))
_insert = insert(returned)
_RETURN = Prepared(
    _insert.on_conflict_do_update(
        index_elements=["sale", "line"],
        set_={"quantity_milli": returned.c.quantity_milli + _insert.excluded.quantity_milli},
    )
)
_VOIDED = Prepared(select(voided.c.sequence).where(voided.c.sale == bindparam("sale")))
_VOID = Prepared(insert(voided))


def returned_milli(connection: Connection, sale: int) -> dict[int, int]:
    """Give line to thousandths that came back of the sale with sequence ``sale``."""
    return {row[0]: row[1] for row in _RETURNED.rows(connection, sale=sale)}


def add_returned(connection: Connection, sale: int, lines: list[tuple[int, int]]) -> None:
    """Add (line, thousandths) to what came back of a sale."""
    for line, quantity in lines:
        _RETURN.run(connection, sale=sale, line=line, quantity_milli=quantity)


def is_voided(connection: Connection, sale: int) -> bool:
    """Tell whether a sale was undone as a whole."""
    return _VOIDED.scalar(connection, sale=sale) is not None


def set_voided(connection: Connection, sale: int, sequence: int) -> None:
    """Note that the entry with ``sequence`` undid a sale."""
    _VOID.run(connection, sale=sale, sequence=sequence)
