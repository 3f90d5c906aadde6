"""The agent's printers: made from the settings, each with its one owner; the queue prints on them, the drawer hangs on one.

Knows which printer takes over from which, and whom to tell how they are; refuses to know bytes.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from agent.print_worker import PrintWorker, QueueStatus
from agent.receipts.font import font_of
from agent.till.context import Context
from drivers.errors import PrinterConfig as PrinterMisconfigured
from drivers.errors import PrinterError
from drivers.printers.condition import DrawerContact, PrinterCondition, Trouble
from drivers.printers.delivery import ALONE, Surroundings
from drivers.printers.owner import PrinterOwner
from drivers.printers.port import ReceiptPrinter
from drivers.printers.profiles.profile import CELL_DOTS, PrinterProfile
from drivers.printers.transports.transport import TransportSettings
from drivers.printers.unusable import UnusablePrinter

_LOG = logging.getLogger(__name__)
Make = Callable[[PrinterConfig, Surroundings], ReceiptPrinter]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """How one printer is.

    Attributes:
        name: What people call it.
        ready: Nothing that is known of it keeps it from printing.
        troubles: What is the matter, the gravest first.
    """

    name: str
    ready: bool
    troubles: tuple[Trouble, ...]

    def told(self) -> dict[str, Any]:
        """Itself as JSON values."""
        return {
            "printer": self.name,
            "ready": self.ready,
            "troubles": [trouble.value for trouble in self.troubles],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintingStatus:
    """How the queue and its printers are; the printer that prints comes first."""

    queue: QueueStatus
    printers: tuple[PrinterStatus, ...]


class Printing:
    """Everything that the agent prints on.

    Args:
        context: The till's parts, with at least one printer of the agent's in its settings.
        tell: Takes an event: what changed at which printer.
        make: Makes a printer from its settings.
    """

    def __init__(self, context: Context, tell: Callable[[dict[str, Any]], None], *, make: Make | None = None) -> None:
        self._context = context
        self._tell = tell
        mine = [printer for printer in context.config.printers if not printer.is_hosts]
        self._configs = {printer.name: printer for printer in mine}
        self._owners = {printer.name: self._owner(printer, make or self._made) for printer in mine}
        first = mine[0]
        chain = [self._owners[name] for name in chain_of(first, self._configs)]
        self._queue = PrintWorker(
            context, chain, late_after=timedelta(minutes=first.late_after_minutes), broke_off=self._broke_off
        )

    @property
    def status(self) -> PrintingStatus:
        """How everything is now; asks no printer."""
        return PrintingStatus(queue=self._queue.status, printers=self.printers)

    @property
    def printers(self) -> tuple[PrinterStatus, ...]:
        """How the printers are, as far as they said; asks neither them nor the book."""
        return tuple(_status(owner.name, owner.condition) for owner in self._owners.values())

    @property
    def last_status(self) -> PrintingStatus:
        """How everything was when it was last looked at; asks neither printers nor the book."""
        return PrintingStatus(queue=self._queue.last_status, printers=self.printers)

    def start(self) -> None:
        """Begin to print.

        Raises:
            AgentError: the book cannot be written to.
        """
        for owner in self._owners.values():
            owner.start()
        self._queue.start()

    def nudge(self) -> None:
        """Look at the queue now."""
        self._queue.nudge()

    def stop(self) -> None:
        """Finish the receipts under way and release the printers."""
        self._queue.stop(0)  # it waits for its printer, which is told to stop next
        for owner in self._owners.values():
            owner.stop()
        self._queue.stop()

    def open_drawer(self, printer: str | None = None) -> None:
        """Open the cash drawer, of a printer by its name or of the first that has one.

        Raises:
            PrinterError: There is none, or it was not opened; it does not open later.
        """
        for config in self._configs.values():
            if config.drawer_pin is not None and printer in {None, config.name}:
                self._owners[config.name].kick(config.drawer_pin)
                return
        raise PrinterMisconfigured(printer or "drawer", "no cash drawer is set up; set drawer_pin of its [[printer]]")

    def open_drawer_soon(self, printer: str) -> None:
        """Open the cash drawer of a printer without waiting for it; a fault is logged."""

        def opened() -> None:
            try:
                self.open_drawer(printer)
            except PrinterError as fault:
                _LOG.warning("%s", fault)

        threading.Thread(target=opened, name="cash drawer", daemon=True).start()

    def drawer_for(self, tenders: Iterable[str]) -> str | None:
        """Whose drawer one of these tenders opens, by the printer's name; None where none does."""
        wanted = set(tenders)
        opening = (one for one in self._configs.values() if one.drawer_pin and wanted & set(one.drawer_tenders))
        return next((one.name for one in opening), None)

    def _broke_off(self) -> None:
        for owner in self._owners.values():
            owner.broke_off()

    def _printed_late(self, job_id: str) -> None:
        self._queue.printed_late(job_id)

    def _made(self, config: PrinterConfig, around: Surroundings) -> ReceiptPrinter:
        return make_printer(config, around, font=self._context.config.receipts.font)

    def _owner(self, config: PrinterConfig, make: Make) -> PrinterOwner:
        def told(condition: PrinterCondition) -> None:
            status = _status(config.name, condition)
            self._tell({"kind": "printer", **status.told()})
            if status.ready:
                self.nudge()

        def usable(around: Surroundings) -> ReceiptPrinter:
            """A till sells whatever is wrong with a printer's settings; the other printers print."""
            try:
                return make(config, around)
            except PrinterMisconfigured as fault:
                _LOG.error("%s; nothing is printed on it until that is mended and the agent started anew", fault)
                return UnusablePrinter(fault)

        return PrinterOwner(usable, told, self._printed_late)


def chain_of(first: PrinterConfig, configs: Mapping[str, PrinterConfig]) -> list[str]:
    """The names of a printer, of the one that takes over from it, and so on; each once."""
    names: list[str] = []
    printer: PrinterConfig | None = first
    while printer is not None and printer.name not in names:
        names.append(printer.name)
        printer = configs.get(printer.second)
    return names


def make_printer(config: PrinterConfig, around: Surroundings = ALONE, *, font: Path | None = None) -> ReceiptPrinter:
    """Make the printer that the settings name; its library is loaded when it is first opened.

    Args:
        config: Its settings.
        around: What it needs of its owner.
        font: For letters that the atlas lacks.

    Raises:
        PrinterConfig: its profile cannot be used.
    """
    if config.kind is PrinterKind.PREVIEW:
        from drivers.printers.preview_printer import PreviewPrinter

        return PreviewPrinter(Path(config.address), columns=config.width_columns, name=config.name, other=font_of(font))
    from drivers.printers.escpos_printer import EscposPrinter

    return EscposPrinter(
        transport_of(config),
        profile_of(config),
        columns=config.width_columns,
        name=config.name,
        keeps_open=config.mode is PrinterMode.OWN,
        drawer=_contact(config),
        around=around,
        other=font_of(font),
    )


def _contact(config: PrinterConfig) -> DrawerContact:
    if config.drawer_pin is None:
        return DrawerContact.NONE
    return DrawerContact(config.drawer_open.value)


def transport_of(config: PrinterConfig) -> TransportSettings:
    """How a printer that speaks ESC/POS is reached."""
    match config.kind:
        case PrinterKind.SERIAL:
            from drivers.printers.transports.serial_port import SerialPrinter

            return SerialPrinter(port=config.address, baud=config.baud, flow=config.flow.value)
        case PrinterKind.NETWORK:
            from drivers.printers.transports.network import NetworkPrinter

            host, _, port = config.address.rpartition(":")
            return NetworkPrinter(host=host.strip("[]"), port=int(port))
        case PrinterKind.USB:
            from drivers.printers.transports.usb import UsbPrinter

            return UsbPrinter.parse(config.address)
        case PrinterKind.WINDOWS:
            from drivers.printers.transports.windows import WindowsPrinter

            return WindowsPrinter(name=config.address)
        case _:
            from drivers.printers.transports.file import FilePrinter

            return FilePrinter(path=config.address)


def profile_of(config: PrinterConfig) -> PrinterProfile:
    """What a printer can do; an unknown one what any can, as wide as its paper.

    Raises:
        PrinterConfig: its profile is not known, cannot be read, or is narrower than the paper that is set.
    """
    from drivers.printers.profiles.listing import UNKNOWN, load
    from drivers.printers.profiles.toml import BadProfile, read_profile

    if not config.profile:
        return replace(UNKNOWN, columns=config.width_columns, width_dots=config.width_columns * CELL_DOTS)
    try:
        profile = read_profile(Path(config.profile)) if config.profile.endswith(".toml") else load(config.profile)
    except BadProfile as fault:
        raise PrinterMisconfigured(config.name, str(fault)) from fault
    except KeyError:
        hint = "`loyaltill printer profiles` lists what is known"
        raise PrinterMisconfigured(config.name, f'no printer "{config.profile}" is known; {hint}') from None
    if config.width_columns > profile.page_columns:
        wide = f"width_columns is {config.width_columns}, and {profile.name} has {profile.page_columns} columns"
        raise PrinterMisconfigured(config.name, wide)
    return profile


def _status(name: str, condition: PrinterCondition) -> PrinterStatus:
    return PrinterStatus(name=name, ready=condition.can_print, troubles=condition.troubles)
