"""From config.toml to `TillConfig`: every fault at once, with file, line, key and what was expected."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.config.read_printers import read_display, read_printers
from agent.config.read_scanners import MAX_SCANNERS, read_scanners
from agent.config.receipts import OwnPaper, ReceiptLanguage, ReceiptsConfig
from agent.config.scans import read_cards, read_country, read_scan
from agent.config.values import (
    DEFAULT_PORT,
    KEEP_DAYS,
    LEAST_KEEP_DAYS,
    StoreConfig,
    SyncConfig,
    TillConfig,
)
from loyalty.reading.problems import BadFile, Problem, ProblemCode
from loyalty.reading.tables import Document, Table
from messages.languages import PAPER_LANGUAGES
from sync.links.route import Route

TABLES_OF_HQ = ("hq",)


def load_till_config(path: Path) -> TillConfig:
    """Read a config.toml for a till; relative paths in it belong to its own directory.

    Raises:
        BadFile: the file cannot be read or has faults; carries all of them.
    """
    document = Document(read_text(path), str(path))
    for name in TABLES_OF_HQ:
        document.root.has(name)
        document.root.table(name).forgive()
    config = read_till_config(document, base=path.parent)
    document.finish()
    return config


def read_text(path: Path) -> str:
    """Read a text file that a person wrote.

    Raises:
        BadFile: it cannot be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        reason = "is not UTF-8 text"
        cause: Exception = fault
    except OSError as fault:
        reason = f"cannot be read: {fault.strerror}"
        cause = fault
    raise BadFile(str(path), [Problem(line=None, key="", fault=reason, code=ProblemCode.NOT_READABLE)]) from cause


def read_till_config(document: Document, *, base: Path) -> TillConfig:
    """Read the tables of a till; faults are noted in ``document``, whose `finish` raises them."""
    root = document.root
    till = root.table("till")
    return TillConfig(
        data_dir=base / till.text("data_dir", "till-data", most=1_000),
        name=till.text("name", "till 1", most=64),
        host=till.text("host", "127.0.0.1"),
        port=till.integer("port", DEFAULT_PORT, most=65_535),
        head_file=None if (head_file := till.optional_text("head_file", most=1_000)) is None else base / head_file,
        keep_days=till.integer("keep_days", KEEP_DAYS, least=LEAST_KEEP_DAYS, most=36_500),
        store=_store(root.table("store")),
        programme_file=_programme(root.table("programme"), base),
        cards=read_cards(root.table("cards")),
        scan=read_scan(root.table("scan")),
        scanners=read_scanners(root.tables("scanner", most=MAX_SCANNERS), base),
        printers=read_printers(root, base),
        display=read_display(root),
        receipts=_receipts(root.table("receipts"), base),
        sync=_sync(root.table("sync"), base),
    )


def _store(table: Table) -> StoreConfig:
    return StoreConfig(
        id=table.text("id", most=64),
        name=table.text("name", most=100),
        zone=_zone(table),
        language=_language(table),
        country=read_country(table),
    )


def _zone(table: Table) -> ZoneInfo:
    name = table.text("time_zone")
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.note("time_zone", 'expected an IANA time zone, as "Asia/Almaty"')
        return ZoneInfo("UTC")


def _language(table: Table) -> str:
    language = table.text("language", "en")
    if language not in PAPER_LANGUAGES:
        table.note("language", f"expected one of {', '.join(PAPER_LANGUAGES)}")
    return language


def _receipts(table: Table, base: Path) -> ReceiptsConfig:
    page = table.optional_text("member_page", most=300) or ""
    if page and not _is_url(page):
        table.note("member_page", 'expected a URL, as "https://club.example.com"')
    return ReceiptsConfig(
        language=table.choice("language", ReceiptLanguage, ReceiptLanguage.MEMBER),
        templates=_beside(table, "templates", base),
        member_page=page,
        logo=_beside(table, "logo", base),
        font=_beside(table, "font", base),
        own_paper=_own_paper(table),
    )


def _beside(table: Table, key: str, base: Path) -> Path | None:
    """Read a path that belongs to the config's folder."""
    given = table.optional_text(key, most=1_000)
    return base / given if given else None


def _own_paper(table: Table) -> tuple[OwnPaper, ...]:
    given, known = table.texts("own_paper", (), most=len(OwnPaper)), tuple(OwnPaper)
    if not set(given) <= set(known) or len(set(given)) != len(given):
        table.note("own_paper", f"expected a list of {', '.join(known)}, each at most once")
        return ()
    return tuple(OwnPaper(name) for name in given)


def _programme(table: Table, base: Path) -> Path:
    if not table.has("file"):
        expected = 'a programme to count by, as "programmes/grocery.toml"'
        table.note("file", f"is missing; expected {expected}", ProblemCode.MISSING)
        return base
    return base / table.text("file", most=1_000)


def _sync(table: Table, base: Path) -> SyncConfig:
    ca_file = table.optional_text("ca_file", most=1_000)
    return SyncConfig(
        hq_url=_url(table, plain=table.boolean("allow_plain_http", default=False)),
        route=Route(ca_file=None if ca_file is None else base / ca_file, proxy=_proxy(table)),
        interval_s=table.integer("interval_s", 15, least=1, most=3_600),
    )


def _url(table: Table, *, plain: bool) -> str:
    url = table.optional_text("hq_url", most=500) or ""
    if url and not _is_base_url(url):
        table.note("hq_url", 'expected a URL, as "https://hq.example.com"')
    elif url and not plain and _goes_in_clear(url):
        table.note("hq_url", "expected https://, since cards would travel in clear; or allow_plain_http = true")
    return url.rstrip("/")


def _proxy(table: Table) -> str:
    proxy = table.optional_text("proxy", most=500) or ""
    if proxy and not _is_url(proxy):
        table.note("proxy", 'expected a URL, as "http://proxy.example.com:3128"')
    return proxy


def _goes_in_clear(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


def _is_base_url(url: str) -> bool:
    if not _is_url(url):
        return False
    parts = urlsplit(url)
    return not (parts.query or parts.fragment or parts.username or parts.password)


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and url.isprintable()
