"""The scanner and the printer: whose they are, and whether the agent's own ones can be opened. Prints nothing."""

from pathlib import Path

from agent.config.printers import PrinterConfig, PrinterKind
from agent.config.values import DeviceMode, ScannerConfig, TillConfig
from agent.print_worker import make_printer
from agent.scanning import make_source
from cli.doctor.disk import check_folder
from cli.doctor.findings import Finding, Level, fail, ok
from drivers.errors import DeviceBusy, DriverError

SCANNER, PRINTER = "scanner", "printer"


def check_scanner(config: ScannerConfig, *, agent_runs: bool) -> Finding:
    """Open the agent's own scanner and release it; a running agent has it."""
    if config.mode is DeviceMode.HOST:
        return ok(SCANNER, "the POS program has the scanner and passes its scans on")
    source = make_source(config)
    try:
        source.open()
    except DeviceBusy as fault:
        if agent_runs:
            return ok(SCANNER, f"{config.device} is in use, as it should be while the agent is running")
        return fail(SCANNER, str(fault), "stop the other program, or set [scanner] mode to host")
    except DriverError as fault:
        advice = "plug it in, check [scanner] device and baud, and that this user may open serial ports"
        return fail(SCANNER, str(fault), advice)
    source.close()
    return ok(SCANNER, f"{config.device} opens")


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
