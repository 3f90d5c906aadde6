"""The scanners and the printer: whose they are, and whether the agent's own ones can be opened. Prints nothing."""

from collections.abc import Sequence
from pathlib import Path

from agent.config.printers import PrinterConfig, PrinterKind
from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.config.values import TillConfig
from agent.printers import make_printer
from agent.sources import make_source
from cli.doctor.disk import check_folder
from cli.doctor.findings import Finding, Level, fail, ok, warn
from drivers.errors import DeviceBusy, DriverError

SCANNER, PRINTER = "scanner", "printer"
_TAKEN_BY_THE_AGENT = (ScannerKind.STDIN, ScannerKind.SCRIPT, ScannerKind.SIMULATED)
"""Opening them here would take what belongs to the agent's process, or says nothing."""


def check_scanners(configs: Sequence[ScannerConfig], *, agent_runs: bool) -> list[Finding]:
    """Open each scanner that the agent reads and release it; a running agent has them."""
    found = [_check_scanner(config, agent_runs=agent_runs) for config in configs if config.mode is not ScannerMode.HOST]
    return found or [ok(SCANNER, "the POS program has the scanner and passes its scans on")]


def _check_scanner(config: ScannerConfig, *, agent_runs: bool) -> Finding:
    place = f"{config.name} ({config.device or config.kind})"
    if config.kind in _TAKEN_BY_THE_AGENT:
        return ok(SCANNER, f"{place} is opened by the agent alone")
    try:
        source = make_source(config)
        source.open()
    except DeviceBusy as fault:
        if agent_runs:
            return ok(SCANNER, f"{place} is in use, as it should be while the agent is running")
        return fail(SCANNER, str(fault), "stop the other program, or set mode to host or shared in its [[scanner]]")
    except DriverError as fault:
        advice = "plug it in, see what `loyaltill devices` lists, and check its [[scanner]] and this user's rights"
        return fail(SCANNER, str(fault), advice)
    source.close()
    if agent_runs:
        return warn(SCANNER, f"{place} is free although the agent is running", "see the till's page of devices")
    return ok(SCANNER, f"{place} opens")


def check_printers(config: TillConfig) -> list[Finding]:
    """Look at every printer, without printing."""
    if not config.printers:
        return [ok(PRINTER, "the POS program prints what the agent returns")]
    return [check_printer(printer) for printer in config.printers]


def check_printer(config: PrinterConfig) -> Finding:
    """Reach a printer of the agent's, without printing."""
    if config.is_hosts:
        return ok(PRINTER, "the POS program prints what the agent returns")
    if config.kind is PrinterKind.PREVIEW:
        return _check_place(Path(config.address), "receipts become files")
    if config.kind is PrinterKind.FILE and not _is_device(Path(config.address)):
        return _check_place(Path(config.address).parent, f"receipts are written to {config.address}")
    try:
        make_printer(config).check()
    except DriverError as fault:
        return fail(PRINTER, str(fault), "switch it on, check its cable and paper, and [[printer]] kind and address")
    return ok(PRINTER, f"the {config.kind.value} printer {config.address} is there")


def _is_device(path: Path) -> bool:
    """Opening a plain file that is not there yet would make it, so only a device is opened."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _check_place(folder: Path, what: str) -> Finding:
    wrong = [finding for finding in check_folder(PRINTER, folder) if finding.level is Level.FAIL]
    return wrong[0] if wrong else ok(PRINTER, f"{what} in {folder}, which can be written to")
