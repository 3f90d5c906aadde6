"""A till's settings as values; defaults are those of config.example.toml."""

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.config.printers import DisplayConfig, PrinterConfig
from agent.config.receipts import ReceiptsConfig
from agent.config.scanners import ScannerConfig
from drivers.scanners.cards import CardRange
from drivers.scanners.decoding.fiscal import SHIPPED, ReceiptTemplate
from drivers.scanners.decoding.in_store import InStoreTemplate
from drivers.scanners.decoding.reading import Kind
from drivers.scanners.decoding.settings import DecodingSettings
from sync.links.route import DIRECT, Route

DEFAULT_PORT = 8471
KEEP_DAYS, LEAST_KEEP_DAYS = 35, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """The shop that the till stands in. ``country`` (ISO 3166-1, two capitals) says how phone numbers are keyed there."""

    id: str
    name: str
    zone: ZoneInfo
    language: str = "en"
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsConfig:
    """Which numbers are the merchant's cards, and whether a new one enrols by itself, and so does a card's UID."""

    ranges: tuple[CardRange, ...] = ()
    enrol_unknown: bool = True
    enrol_unknown_uids: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanConfig:
    """What scans mean, beyond the merchant's cards: see `DecodingSettings`."""

    order: tuple[Kind, ...] = ()
    templates: tuple[InStoreTemplate, ...] = ()
    receipts: tuple[ReceiptTemplate, ...] = SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncConfig:
    """How the till reaches HQ. ``hq_url`` empty: the till stays unpaired and works all the same."""

    hq_url: str = ""
    route: Route = DIRECT
    interval_s: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class TillConfig:
    """All that a person may set for one till.

    Attributes:
        head_file: Where the head of the journal is witnessed, so that an old copy of the book is noticed; in ``data_dir``
            unless it is to be on another disk.
        keep_days: How long an entry stays at the till after HQ has it in a backup.
        printers: In the order of the file; the first that is not the POS program's prints the receipts.
    """

    data_dir: Path
    store: StoreConfig
    programme_file: Path
    name: str = "till 1"
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    head_file: Path | None = None
    keep_days: int = KEEP_DAYS
    cards: CardsConfig = field(default_factory=CardsConfig)
    scan: ScanConfig = field(default_factory=ScanConfig)
    scanners: tuple[ScannerConfig, ...] = ()
    printers: tuple[PrinterConfig, ...] = ()
    display: DisplayConfig | None = None
    receipts: ReceiptsConfig = field(default_factory=ReceiptsConfig)
    sync: SyncConfig = field(default_factory=SyncConfig)

    @property
    def host_printer(self) -> PrinterConfig | None:
        """The printer that the POS program prints rows on, if one is set up; the first of several."""
        return next((printer for printer in self.printers if printer.is_hosts), None)

    @property
    def receipt_printer(self) -> PrinterConfig | None:
        """The printer on which the agent itself prints receipts; None where the POS program prints."""
        return next((printer for printer in self.printers if not printer.is_hosts), None)

    @property
    def width_columns(self) -> int:
        """How wide a receipt is, where nobody says: as on the agent's own printer, else as on the POS program's."""
        printer = self.receipt_printer or self.host_printer
        return printer.width_columns if printer is not None else PrinterConfig().width_columns

    @property
    def decoding(self) -> DecodingSettings:
        """How scans are read here."""
        return DecodingSettings(
            country=self.store.country,
            ranges=self.cards.ranges,
            templates=self.scan.templates,
            receipts=self.scan.receipts,
            order=self.scan.order,
        )
