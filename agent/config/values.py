"""A till's settings as values; defaults are those of config.example.toml."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from drivers.scanners.cards import CardRange
from sync.links.route import DIRECT, Route

DEFAULT_PORT = 8471
KEEP_DAYS, LEAST_KEEP_DAYS = 35, 7


class DeviceMode(StrEnum):
    """Whose a scanner or a printer is."""

    HOST = "host"
    """The POS program's: it passes raw scans on, or prints the rows that the agent returns."""
    OWN = "own"
    """The agent's alone."""


class PrinterKind(StrEnum):
    """How the agent's own printer is reached."""

    PREVIEW = "preview"
    SERIAL = "serial"
    NETWORK = "network"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """The shop that the till stands in."""

    id: str
    name: str
    zone: ZoneInfo
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsConfig:
    """Which numbers are the merchant's cards, and whether a new one enrols by itself."""

    ranges: tuple[CardRange, ...] = ()
    enrol_unknown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerConfig:
    """The card and barcode scanner."""

    mode: DeviceMode = DeviceMode.HOST
    device: str = ""
    baud: int = 9600


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterConfig:
    """The receipt printer. ``address`` is a device, ``host:port`` or a file; a folder for ``preview``."""

    mode: DeviceMode = DeviceMode.HOST
    kind: PrinterKind = PrinterKind.PREVIEW
    address: str = ""
    baud: int = 9600
    width_columns: int = 48


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
    scanner: ScannerConfig = field(default_factory=ScannerConfig)
    printer: PrinterConfig = field(default_factory=PrinterConfig)
    sync: SyncConfig = field(default_factory=SyncConfig)
