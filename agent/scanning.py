"""From the agent's scanners to events that the POS program fetches.

Knows who is asked (`identify_admitted`) and what a POS program is spared; refuses to keep what was scanned. A payment
card stops at the gate, and its event says only which device and why. What a shared scanner read and is no member's is
the POS program's, at its port, and no event.
"""

from functools import partial
from pathlib import Path
from typing import Any

from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.events import Events
from agent.sources import MakeSource
from agent.till.context import Context
from agent.till.identify import identify_admitted
from drivers.scanners.cards import card_number
from drivers.scanners.forwarding.forwarder import Forwarder
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings
from drivers.scanners.supervisor import Device, Sharer
from drivers.scanners.symbols import Symbol
from loyalty.refusals import RefusalCode

FOLDER = "scanners"
_LAST = 4
_GATES = {
    ScannerKind.WEDGE: DeviceKind.WEDGE,
    ScannerKind.STDIN: DeviceKind.KEYED,
}


class Scanning:
    """Makes the devices that are to be read, wired to `identify` and to the events."""

    def __init__(self, context: Context, events: Events, scans: Events, make_source: MakeSource) -> None:
        """Make it.

        Args:
            context: The till.
            events: Where a POS program hears of members' scans.
            scans: Where an installer sees every scan, masked.
            make_source: Makes the source of a scanner.
        """
        self._context = context
        self._events = events
        self._scans = scans
        self._make_source = make_source

    def device(self, config: ScannerConfig) -> Device:
        """Give a scanner as the supervisor reads it."""
        return Device(
            name=config.name,
            key=config,
            make_source=partial(self._make_source, config),
            gate=Gate(device=config.name, kind=_gate(config), ranges=self._context.config.cards.ranges),
            on_scan=partial(self._scanned, config),
            settings=ReaderSettings(idle_ms=config.idle_ms),
            sharer=self._sharer(config) if config.mode is ScannerMode.SHARED else None,
        )

    def _sharer(self, config: ScannerConfig) -> Sharer:
        port = forward_port(config, self._context.config.data_dir)
        folder = self._context.config.data_dir / FOLDER
        return Sharer(
            key=port, claims=self._is_members, make_forwarder=partial(make_forwarder, config.name, port, folder)
        )

    def _scanned(self, config: ScannerConfig, outcome: Symbol | GateRefusal) -> None:
        self._scans.add(self._masked(config, outcome))
        if config.mode is ScannerMode.OWN or (isinstance(outcome, Symbol) and self._is_members(outcome)):
            self._events.add({"kind": "scan", "device": config.name, **self._told(outcome)})

    def _is_members(self, symbol: Symbol) -> bool:
        return card_number(symbol, self._context.config.cards.ranges) is not None

    def _told(self, outcome: Symbol | GateRefusal) -> dict[str, Any]:
        if isinstance(outcome, Symbol):
            return identify_admitted(self._context, outcome)
        code = RefusalCode.PAYMENT_CARD.value
        return {
            "refused": code,
            "text": self._context.catalogue.text(f"refusal.{code}"),
            "reason": outcome.reason.value,
        }

    def _masked(self, config: ScannerConfig, outcome: Symbol | GateRefusal) -> dict[str, Any]:
        """What an installer may see: what kind of thing it was, how long, and the end of an own card."""
        shown: dict[str, Any] = {"device": config.name, "at": self._context.clock().isoformat(timespec="milliseconds")}
        if isinstance(outcome, GateRefusal):
            return {**shown, "kind": "payment_refused", "length": outcome.length}
        shown |= {"kind": "unknown", "symbology": outcome.aim, "length": len(outcome.text)}
        card = card_number(outcome, self._context.config.cards.ranges)
        return shown if card is None else {**shown, "kind": "member", "last": card[-_LAST:]}


def forward_port(config: ScannerConfig, data_dir: Path) -> str:
    """Give what the POS program of a shared scanner opens, or our end of its pair of COM ports."""
    return config.forward_to or str(data_dir / FOLDER / config.name)


def make_forwarder(name: str, port: str, folder: Path) -> Forwarder:
    """Make the way to the POS program: into a COM port where there are such, else a pseudo-terminal."""
    if port.upper().startswith(("COM", "CNC")):
        from drivers.scanners.forwarding.port_forwarder import PortForwarder

        return PortForwarder(name, port)
    from drivers.scanners.forwarding.pty_forwarder import PtyForwarder

    return PtyForwarder(name, folder, Path(port))


def _gate(config: ScannerConfig) -> DeviceKind:
    return DeviceKind.MAGSTRIPE if config.magstripe else _GATES.get(config.kind, DeviceKind.BARCODE)
