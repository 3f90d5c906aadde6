"""From a scanner's settings to its source; each driver, and the package it needs, is loaded for its own kind only."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from agent.config.scanners import ScannerConfig, ScannerKind
from drivers.errors import DeviceConfig
from drivers.scanners.source import ScanSource

_PAUSE_MS = 50
"""Between two calls of a scanner that calls for each scan: longer than the silence that ends a scan."""
MakeSource: TypeAlias = Callable[[ScannerConfig], ScanSource]


def make_source(config: ScannerConfig) -> ScanSource:
    """Make the source that the settings name; nothing is opened.

    Raises:
        DeviceConfig: The settings do not fit the driver, or this system.
    """
    try:
        return _MAKERS[config.kind](config)
    except ValueError as fault:
        raise DeviceConfig(config.name, str(fault)) from fault


def _serial(config: ScannerConfig) -> ScanSource:
    from drivers.scanners.sources.serial_source import SerialSettings, SerialSource

    settings = SerialSettings(
        port=config.device,
        baud=config.baud,
        data_bits=config.data_bits,
        parity=config.parity,
        stop_bits=config.stop_bits,
    )
    return SerialSource(settings, name=config.name)


def _wedge(config: ScannerConfig) -> ScanSource:
    if sys.platform == "linux":
        from drivers.scanners.sources.evdev_source import EvdevSettings, EvdevSource

        return EvdevSource(EvdevSettings(device=config.device), name=config.name)
    else:  # noqa: RET505 - mypy reads one branch per platform
        raise DeviceConfig(
            config.name,
            "only Linux lets a program have a keyboard to itself; set the scanner to USB-COM or HID POS mode",
        )


def _hid_pos(config: ScannerConfig) -> ScanSource:
    if sys.platform == "linux":
        from drivers.scanners.sources.hidraw_source import HidrawSettings, HidrawSource

        return HidrawSource(HidrawSettings(device=config.device), name=config.name)
    else:  # noqa: RET505 - mypy reads one branch per platform
        from drivers.scanners.sources.hidapi_source import HidapiSettings, HidapiSource

        return HidapiSource(HidapiSettings(device=config.device), name=config.name)


def _pcsc(config: ScannerConfig) -> ScanSource:
    from drivers.scanners.sources.pcsc.pcsc_source import PcscSettings, PcscSource

    return PcscSource(PcscSettings(reader=config.device, apdus=config.apdus), name=config.name)


def _network(config: ScannerConfig) -> ScanSource:
    from drivers.scanners.sources.network_source import Calling, NetworkSettings, NetworkSource

    host, _, port = config.device.rpartition(":")
    settings = NetworkSettings(
        host=host.strip("[]"),
        port=int(port),
        calling=Calling.LISTEN if config.listen else Calling.CONNECT,
        beyond_this_machine=config.allow_remote,
        pause_ms=config.idle_ms + _PAUSE_MS,
    )
    return NetworkSource(settings, name=config.name)


def _stdin(config: ScannerConfig) -> ScanSource:
    from drivers.scanners.sources.stdin_source import StdinSource

    return StdinSource(name=config.name)


def _script(config: ScannerConfig) -> ScanSource:
    from drivers.scanners.sources.script_source import ScriptSettings, ScriptSource

    return ScriptSource(ScriptSettings(path=Path(config.device)), name=config.name)


def _simulated(config: ScannerConfig) -> ScanSource:
    from drivers.scanners.sources.simulated import SimulatedSource

    return SimulatedSource(config.name)


_MAKERS: dict[ScannerKind, MakeSource] = {
    ScannerKind.SERIAL: _serial,
    ScannerKind.WEDGE: _wedge,
    ScannerKind.HID_POS: _hid_pos,
    ScannerKind.PCSC: _pcsc,
    ScannerKind.NETWORK: _network,
    ScannerKind.STDIN: _stdin,
    ScannerKind.SCRIPT: _script,
    ScannerKind.SIMULATED: _simulated,
}
