"""The printers: whose they are, whether the agent's ones open, and what they say of themselves. Prints nothing."""

from pathlib import Path

from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from agent.config.values import TillConfig
from agent.printers import make_printer, profile_of
from cli.doctor.disk import check_folder
from cli.doctor.findings import Finding, Level, fail, ok, warn
from drivers.errors import DriverError
from drivers.printers.condition import HARMLESS, PrinterCondition

PRINTER = "printer"


def check_printers(config: TillConfig, *, agent_runs: bool) -> list[Finding]:
    """Look at every printer, without printing."""
    if not config.printers:
        return [ok(PRINTER, "the POS program prints what the agent returns")]
    return [check_printer(printer, agent_runs=agent_runs) for printer in config.printers]


def check_printer(config: PrinterConfig, *, agent_runs: bool = False) -> Finding:
    """Reach a printer of the agent's, and ask it how it is; one that a running agent keeps open is left alone."""
    if config.is_hosts:
        return ok(PRINTER, "the POS program prints what the agent returns")
    try:
        profile_of(config)
    except DriverError as fault:
        return fail(PRINTER, str(fault), "set profile and width_columns of its [[printer]]")
    if config.kind is PrinterKind.PREVIEW:
        return _check_place(Path(config.address), "receipts become files")
    if config.kind is PrinterKind.FILE and not _is_device(Path(config.address)):
        return _check_file(config)
    if agent_runs and config.mode is PrinterMode.OWN:
        return ok(PRINTER, f"{_place(config)} is the running till's own; the till's page says how it is")
    return _asked(config)


def _asked(config: PrinterConfig) -> Finding:
    printer = make_printer(config)
    try:
        printer.check()
        condition = printer.watch()
    except DriverError as fault:
        return fail(PRINTER, str(fault), "switch it on, check its cable and paper, and [[printer]] kind and address")
    finally:
        printer.close()
    return _found(config, condition)


def _found(config: PrinterConfig, condition: PrinterCondition) -> Finding:
    place = _place(config)
    if not condition.answers and condition.can_print:
        silent = (
            f"{place} is there and says nothing of itself, so its receipts are known to be sent and never to be printed"
        )
        return warn(
            PRINTER, silent, "nothing, if it is such a printer or cable; `loyaltill printer test` shows it prints"
        )
    grave = [trouble.value.replace("_", " ") for trouble in condition.troubles if trouble not in HARMLESS]
    if grave:
        return fail(PRINTER, f"{place} says that it cannot print: {', '.join(grave)}", "see to it")
    if condition.troubles:
        said = ", ".join(trouble.value.replace("_", " ") for trouble in condition.troubles)
        return warn(PRINTER, f"{place} prints, and says: {said}")
    status = profile_of(config).status
    when = "and when it has printed" if status.completion or status.transmitted else "but not when it has printed"
    return ok(PRINTER, f"{place} is there and says how it is, {when}")


def _place(config: PrinterConfig) -> str:
    return f"{config.name} ({config.kind.value} {config.address})"


def _is_device(path: Path) -> bool:
    """Opening a plain file that is not there yet would make it, so only a device is opened."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _check_file(config: PrinterConfig) -> Finding:
    printer = make_printer(config)
    try:
        printer.check()
    except DriverError as fault:
        return fail(PRINTER, str(fault), "plug it in and switch it on, or set another address of its [[printer]]")
    return _check_place(Path(config.address).parent, f"receipts are written to {config.address}")


def _check_place(folder: Path, what: str) -> Finding:
    wrong = [finding for finding in check_folder(PRINTER, folder) if finding.level is Level.FAIL]
    return wrong[0] if wrong else ok(PRINTER, f"{what} in {folder}, which can be written to")
