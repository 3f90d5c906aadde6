"""From a scanner's settings to its source; each driver, and the package it needs, is loaded for its own kind only."""

from collections.abc import Callable
from typing import TypeAlias

from agent.config.scanners import ScannerConfig, ScannerKind
from drivers.errors import DeviceConfig
from drivers.scanners.source import ScanSource

MakeSource: TypeAlias = Callable[[ScannerConfig], ScanSource]


def make_source(config: ScannerConfig) -> ScanSource:
    """Make the source that the settings name; nothing is opened.

    Raises:
        DeviceConfig: There is no such driver here, or the settings do not fit it.
    """
    maker = _MAKERS.get(config.kind)
    if maker is None:
        raise DeviceConfig(config.name, f"no driver of kind {config.kind}")
    try:
        return maker(config)
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


def _simulated(config: ScannerConfig) -> ScanSource:
    from drivers.scanners.sources.simulated import SimulatedSource

    return SimulatedSource(config.name)


_MAKERS: dict[ScannerKind, MakeSource] = {
    ScannerKind.SERIAL: _serial,
    ScannerKind.SIMULATED: _simulated,
}
