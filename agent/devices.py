"""The scanners of this till: which there are, how they are, and new settings without a restart.

Knows config.toml's `[[scanner]]` tables and who reads them; refuses to know what is scanned. Nothing of it is loaded
while the POS program has all scanners.
"""

import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.config.read import load_till_config
from agent.config.scanners import FOLDER, ScannerConfig, ScannerMode
from agent.config.values import TillConfig
from agent.errors import AgentError
from agent.events import Events
from agent.sources import MakeSource, make_source
from agent.till.context import Context
from loyalty.reading.problems import BadFile

if TYPE_CHECKING:
    from drivers.scanners.supervisor import Changes, Device, DeviceStatus, Supervisor

SCANS_KEPT_MS = 600_000
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What new settings did: names of scanners, sorted.

    Attributes:
        restart_needed: Something else in the file changed too, which only a restart puts into force.
    """

    started: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    restart_needed: bool = False


class Devices:
    """The scanners that the agent reads; safe from any thread.

    Attributes:
        scans: Every scan of the last minutes, masked, for installers.
        faults: What is wrong with the settings that were to be loaded last, a line each; empty if nothing.
    """

    def __init__(
        self,
        context: Context,
        events: Events,
        *,
        config_file: Path | None = None,
        make_source: MakeSource = make_source,
    ) -> None:
        """Make it; nothing is opened.

        Args:
            context: The till.
            events: Where a POS program hears of scans.
            config_file: Where new settings are read from.
            make_source: Makes the source of a scanner.
        """
        self.scans = Events(kept_ms=SCANS_KEPT_MS)
        self.faults: tuple[str, ...] = ()
        self._context = context
        self._events = events
        self._config_file = config_file
        self._make_source = make_source
        self._turn = threading.Lock()
        self._configured: tuple[ScannerConfig, ...] = context.config.scanners
        self._supervisor: Supervisor | None = None
        self._stopped = False
        self._make_device: Callable[[ScannerConfig], Device] | None = None

    def start(self) -> None:
        """Begin to read what the settings say; ports of scanners that were shared before are taken away."""
        with self._turn:
            self._end_other_ports()
            self._apply(self._configured)

    def stop(self) -> None:
        """Stop reading and release every device."""
        self.scans.close()
        with self._turn:
            self._stopped = True
            if self._supervisor is not None:
                self._supervisor.stop()
                self._supervisor = None

    def reload(self) -> Reloaded:
        """Read the file again: scanners that did not change keep running. A file with faults changes nothing.

        Raises:
            AgentError: the agent was started without a file, or has stopped.
            BadFile: it has faults; they are logged and kept.
        """
        if self._config_file is None:
            raise AgentError("this till was started without a config file, so there is nothing to load")
        with self._turn:
            if self._stopped:
                raise AgentError("the till has stopped, so nothing is loaded any more")
            try:
                config = load_till_config(self._config_file)
            except BadFile as fault:
                self.faults = tuple(fault.lines())
                for line in self.faults:
                    _LOG.error("the scanners stay as they are: %s", line)
                raise
            self.faults = ()
            return self._take(config)

    def states(self) -> dict[str, str]:
        """Give the state of every scanner that the agent reads, by name; at once, also while settings are loaded."""
        supervisor = self._supervisor
        return {} if supervisor is None else {name: state.value for name, state in supervisor.states().items()}

    def told(self) -> list[dict[str, Any]]:
        """Give every configured scanner and how it is, as JSON values, in the order of the settings."""
        statuses = {status.name: status for status in self._statuses()}
        return [_told(config, statuses.get(config.name)) for config in self._configured]

    def _end_other_ports(self) -> None:
        folder = self._context.config.data_dir / FOLDER
        if sys.platform != "win32" and folder.is_dir():
            from drivers.scanners.forwarding.pty_forwarder import end_other_holders

            shared = {config.name for config in self._configured if config.mode is ScannerMode.SHARED}
            for name in end_other_holders(folder, shared):
                _LOG.info("%s: it is no longer shared, and its port was taken away", name)

    def _take(self, config: TillConfig) -> Reloaded:
        changes = self._apply(config.scanners)
        self._configured = config.scanners
        differs = replace(config, scanners=()) != replace(self._context.config, scanners=())
        if changes is None:
            return Reloaded(restart_needed=differs)
        _LOG.info(
            "scanners: started %d, stopped %d, changed %d, kept %d",
            *map(len, (changes.started, changes.stopped, changes.changed, changes.kept)),
        )
        return Reloaded(
            started=changes.started,
            stopped=changes.stopped,
            changed=changes.changed,
            kept=changes.kept,
            restart_needed=differs,
        )

    def _apply(self, configured: tuple[ScannerConfig, ...]) -> "Changes | None":
        """Read these, loading what that needs; None where there is nothing to read and never was."""
        read = [config for config in configured if config.mode is not ScannerMode.HOST]
        if self._supervisor is None and not read:
            return None
        if self._supervisor is None or self._make_device is None:
            from agent.scanning import Scanning
            from drivers.scanners.supervisor import Supervisor

            self._supervisor = Supervisor()
            self._make_device = Scanning(self._context, self._events, self.scans, self._make_source).device
        return self._supervisor.apply(map(self._make_device, read))

    def _statuses(self) -> "tuple[DeviceStatus, ...]":
        supervisor = self._supervisor
        return () if supervisor is None else supervisor.statuses()


def _told(config: ScannerConfig, status: "DeviceStatus | None") -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": config.name,
        "kind": config.kind.value,
        "mode": config.mode.value,
        "device": config.device,
        "state": "host" if config.mode is ScannerMode.HOST else "stopped",
        "detail": "",
        "misreading": "",
        "forwarding": None,
    }
    if status is None:
        return shown
    reader, way = status.reader, status.forwarding
    shown |= {"state": reader.state.value, "detail": reader.detail}
    counts = {name: getattr(reader, name) for name in ("admitted", "refused", "misread", "repeated")}
    why = "" if reader.misreading is None else reader.misreading.value
    shown |= {**counts, "misreading": why, "restarts": status.restarts}
    if way is None:
        return shown
    handed = {
        name: getattr(way, name) for name in ("port", "working", "detail", "reader", "sent", "waiting", "dropped")
    }
    return {**shown, "forwarding": handed}
