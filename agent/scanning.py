"""From the agent's scanners to events that the POS program fetches.

Knows who is asked (`identify_read`) and what a POS program is spared; refuses to keep what was scanned. A payment
card stops at the gate, and its event says only which device and why. What a shared scanner read and is no member's is
the POS program's, at its port, and no event.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from agent.config.scanners import FOLDER, TERMINATORS, ScannerConfig, ScannerKind, ScannerMode, is_com_port
from agent.events import Events
from agent.masking import masked
from agent.sources import MakeSource
from agent.till.context import Context
from agent.till.identify import identify_read, read
from drivers.scanners.decoding.reading import Kind, Reading
from drivers.scanners.forwarding.forwarder import Forwarder
from drivers.scanners.framing import FramingSettings
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings
from drivers.scanners.supervisor import Device, Sharer
from drivers.scanners.symbols import Symbol
from loyalty.refusals import RefusalCode

_BYTES = {"CR": b"\r", "LF": b"\n", "TAB": b"\t", "ETX": b"\x03", "EOT": b"\x04", "NUL": b"\x00"}
_GATES = {
    ScannerKind.WEDGE: DeviceKind.WEDGE,
    ScannerKind.STDIN: DeviceKind.KEYED,
    ScannerKind.PCSC: DeviceKind.KEYED,  # a payment card's chip tells its number to whoever sends the right commands
}
_JOINED = {ScannerKind.SERIAL, ScannerKind.WEDGE}
"""They send whether or not anybody listens, so that they may be opened in mid scan; HID POS knows that by itself."""


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
            gate=replace(gate_of(config), ranges=self._context.config.cards.ranges),
            on_scan=partial(self._scanned, config),
            settings=settings_of(config),
            sharer=self._sharer(config) if config.mode is ScannerMode.SHARED else None,
        )

    def _sharer(self, config: ScannerConfig) -> Sharer:
        port = forward_port(config, self._context.config.data_dir)
        folder = self._context.config.data_dir / FOLDER
        return Sharer(
            key=port,
            claims=partial(self._is_members, config),
            make_forwarder=partial(make_forwarder, config.name, port, folder),
        )

    def _scanned(self, config: ScannerConfig, outcome: Symbol | GateRefusal) -> None:
        read_it = partial(self._read, config)
        self._scans.add(masked(config.name, outcome, read_it, self._context.clock()))
        if config.mode is ScannerMode.OWN or (isinstance(outcome, Symbol) and self._is_members(config, outcome)):
            self._events.add({"kind": "scan", "device": config.name, **self._told(config, outcome)})

    def _read(self, config: ScannerConfig, symbol: Symbol) -> Reading:
        return read(self._context, symbol, gate_of(config).kind)

    def _is_members(self, config: ScannerConfig, symbol: Symbol) -> bool:
        """Whether a scan is a member's beyond doubt; where it is in doubt, the POS program has it, and can inquire."""
        return self._read(config, symbol).kind is Kind.MEMBER

    def _told(self, config: ScannerConfig, outcome: Symbol | GateRefusal) -> dict[str, Any]:
        if isinstance(outcome, Symbol):
            return identify_read(self._context, self._read(config, outcome))
        code = RefusalCode.PAYMENT_CARD.value
        return {
            "refused": code,
            "text": self._context.catalogue.text(f"refusal.{code}"),
            "reason": outcome.reason.value,
        }


def forward_port(config: ScannerConfig, data_dir: Path) -> str:
    """Give what the POS program of a shared scanner opens, as an absolute path, or our end of its pair of COM ports."""
    port = config.forward_to or str(data_dir / FOLDER / config.name)
    return port if is_com_port(port) else str(Path(port).absolute())


def make_forwarder(name: str, port: str, folder: Path) -> Forwarder:
    """Make the way to the POS program: into a COM port where there are such, else a pseudo-terminal."""
    if sys.platform != "win32" and not is_com_port(port):
        from drivers.scanners.forwarding.pty_forwarder import PtyForwarder

        return PtyForwarder(name, folder, Path(port))
    from drivers.scanners.forwarding.port_forwarder import PortForwarder

    return PortForwarder(name, port)


def gate_of(config: ScannerConfig) -> Gate:
    """Give the gate of a scanner, still without the merchant's own cards."""
    kind = DeviceKind.MAGSTRIPE if config.magstripe else _GATES.get(config.kind, DeviceKind.BARCODE)
    return Gate(device=config.name, kind=kind)


def settings_of(config: ScannerConfig) -> ReaderSettings:
    """Give how a scanner is read."""
    framing = FramingSettings(
        idle_ms=config.idle_ms,
        terminators=b"".join(_BYTES[name] for name in config.terminators),
        always_terminated=bool(config.terminators) and set(config.terminators) != set(TERMINATORS),
        prefix=config.prefix.encode(),
        suffix=config.suffix.encode(),
        join_ms=config.join_ms,
        joined=config.kind in _JOINED,
    )
    return ReaderSettings(framing=framing)
