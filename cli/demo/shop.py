"""The demo's shop: where it keeps its data, what its till and HQ are set to, which receipts it runs."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from agent.book.book import LOCK
from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from agent.config.read import read_text
from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.config.values import (
    CardsConfig,
    StoreConfig,
    SyncConfig,
    TillConfig,
)
from agent.ports import system_clock
from cli.default_programme import default_programme
from cli.failures import CommandFailed, usage
from cli.locks import is_held
from cli.replay.parts import CARD_PREFIX, card_of
from cli.shipped import shipped_programme
from drivers.scanners.cards import CardRange, in_ranges
from hq.book.sqlite import LOCK_FILE
from hq.config import DEFAULT_PORT, HqConfig
from hq.history.generator import Day, write_day
from hq.history.mapping import ReceiptMapping
from loyalty.programme.reader import read_programme

SCANNER = "counter"
SEED = 20260314
"""The generated day is the same at every demo, but for its date: it is always yesterday."""

_MARK = ".loyaltill-demo"
_TILL, _HQ = "till", "hq"
_RECEIPTS, _MEMBERS = 300, 80
_RANGES = (
    CardRange(prefix="29", min_length=13, max_length=13),
    CardRange(prefix=CARD_PREFIX, min_length=3, max_length=64),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The demo's folder and what is in it."""

    folder: Path

    @property
    def printed(self) -> Path:
        """Where the preview printer puts receipts."""
        return self.folder / "receipts"

    def clear(self) -> None:
        """Make the folder, or empty it when it is an earlier demo's; any other folder is left alone.

        Raises:
            CommandFailed: it is not a demo's, a demo is running in it, or it cannot be written.
        """
        try:
            if self.folder.exists():
                self._check_own()
                shutil.rmtree(self.folder)
            self.folder.mkdir(parents=True)
            (self.folder / _MARK).touch()
        except OSError as fault:
            raise CommandFailed(f"{self.folder} cannot be made ready: {fault.strerror}") from fault

    def keep_out(self, *given: Path | None) -> None:
        """Refuse files of the user's inside the folder, which is about to be emptied."""
        for path in given:
            if path is not None and path.resolve().is_relative_to(self.folder.resolve()):
                usage(f"{path}: lies in the demo's own folder, which each demo empties; move it elsewhere")

    def _check_own(self) -> None:
        if not self.folder.is_dir():
            raise CommandFailed(f"{self.folder} is a file; give --data-dir another name")
        if any(self.folder.iterdir()) and not (self.folder / _MARK).exists():
            raise CommandFailed(f"{self.folder} is not a demo's folder; move it away or give --data-dir another")
        if is_held(self.folder / _TILL / LOCK) or is_held(self.folder / _HQ / LOCK_FILE):
            raise CommandFailed(f"a demo is running in {self.folder}; end it, or give --data-dir another")

    def receipts(self) -> Path:
        """Write a generated day and give its file."""
        path = self.folder / "day.csv"
        yesterday = system_clock().date() - timedelta(days=1)
        write_day(path, Day(date=yesterday, receipts=_RECEIPTS, members=_MEMBERS), Random(SEED))  # noqa: S311  # sample data, no secret
        return path

    def _programme(self, mapping: ReceiptMapping) -> Path:
        """Give the example programme of a grocer where it counts in the receipts' currency, else the default one."""
        grocery = shipped_programme("grocery.toml")
        if read_programme(read_text(grocery), str(grocery)).currency == mapping.currency:
            return grocery
        path = self.folder / "programme.toml"
        path.write_text(default_programme(mapping.currency), encoding="utf-8")
        return path

    def hq_config(self) -> HqConfig:
        """Give HQ's settings."""
        return HqConfig(data_dir=self.folder / _HQ, port=DEFAULT_PORT, merchant="Demo")

    def till_config(self, mapping: ReceiptMapping, hq_url: str, language: str) -> TillConfig:
        """Give the till's settings: its own simulated scanner and its own preview printer."""
        return TillConfig(
            data_dir=self.folder / _TILL,
            programme_file=self._programme(mapping),
            name="till 1",
            port=0,
            store=StoreConfig(id="demo-1", name="Dastarkhan", zone=mapping.zone, language=language),
            cards=CardsConfig(ranges=_RANGES),
            scanners=(ScannerConfig(name=SCANNER, kind=ScannerKind.SIMULATED, mode=ScannerMode.OWN),),
            printers=(PrinterConfig(mode=PrinterMode.OWN, kind=PrinterKind.PREVIEW, address=str(self.printed)),),
            sync=SyncConfig(hq_url=hq_url, interval_s=1),
        )


def demo_card(customer: str) -> str:
    """Give the card of a customer of the file: the file's own number where it is one of the shop's cards."""
    return customer if in_ranges(customer, _RANGES) else card_of(customer)
