"""What a person may set for HQ: the table ``[hq]`` of config.toml."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from loyalty.reading.problems import BadFile, Problem
from loyalty.reading.tables import Document, Table

DEFAULT_PORT = 8470
EVERYONE_UP_TO = 200_000
TABLES_OF_A_TILL = ("store", "till", "cards", "scan", "scanner", "printer", "display", "receipts", "sync", "programme")
"""The other tables of a machine's config.toml; a till reads them, HQ does not."""


class DurableRule(StrEnum):
    """When HQ tells a till that an entry would survive the loss of HQ's machine."""

    BACKUP = "backup"
    """When `loyaltill hq backup` holds it, or a person said that another backup does; until then tills keep everything."""
    COMMIT = "commit"
    """As soon as it is committed: the merchant accepts that this disk is the only copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HqConfig:
    """HQ's settings.

    Attributes:
        data_dir: Where the book is kept, made on first start.
        database_url: ``postgresql://...``, or None for an SQLite file in ``data_dir``. May hold a password.
        host: Address to listen on.
        port: Port to listen on; 0 lets the system choose.
        merchant: The merchant's name, for people.
        public_url: How browsers reach HQ when that is not ``http://host:port`` (behind a TLS proxy, say).
        durable: See `DurableRule`.
        everyone_up_to: With more members than this, a till holds all of those of its store and those who come there,
            and of the others the balance and the tier.
        write_off_after_days: How long after its end what a dark till holds is given up; None for never.
    """

    data_dir: Path
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    merchant: str = "Loyaltill"
    public_url: str | None = None
    durable: DurableRule = DurableRule.BACKUP
    everyone_up_to: int = EVERYONE_UP_TO
    write_off_after_days: int | None = None


def read_hq_config(document: Document, *, base: Path) -> HqConfig:
    """Read ``[hq]``; faults are noted in ``document``, whose `finish` raises them.

    Args:
        document: The whole config.toml.
        base: The directory to which a relative ``data_dir`` belongs: that of the file.
    """
    table = document.root.table("hq")
    return HqConfig(
        data_dir=base / table.text("data_dir", "hq-data", most=1_000),
        database_url=_url(table, "database_url", ("postgresql://", "postgres://")),
        host=table.text("host", "127.0.0.1"),
        port=table.integer("port", DEFAULT_PORT, most=65_535),
        merchant=table.text("merchant", "Loyaltill"),
        public_url=_url(table, "public_url", ("http://", "https://")),
        durable=table.choice("durable", DurableRule, DurableRule.BACKUP),
        write_off_after_days=table.integer("write_off_after_days", 0, least=1, most=3_650)
        if table.has("write_off_after_days")
        else None,
        everyone_up_to=table.integer("everyone_up_to", EVERYONE_UP_TO, most=1_000_000_000),
    )


def load_hq_config(path: Path) -> HqConfig:
    """Read a config.toml for HQ.

    Raises:
        BadFile: the file cannot be read or has faults; carries all of them.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "not UTF-8"
        raise BadFile(str(path), [Problem(line=None, key="", fault=f"cannot be read: {reason}")]) from fault
    document = Document(text, str(path))
    for name in TABLES_OF_A_TILL:
        document.root.has(name)
    config = read_hq_config(document, base=path.parent)
    document.finish()
    return config


def _url(table: Table, key: str, starts: tuple[str, ...]) -> str | None:
    value = table.optional_text(key, most=1_000)
    if value and not value.startswith(starts):
        table.note(key, f"expected an address that begins with {' or '.join(starts)}")
    return value.rstrip("/") if value else None
