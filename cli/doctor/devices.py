"""The scanners: whose they are, and whether the agent's own ones can be opened."""

from collections.abc import Sequence

from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.sources import make_source
from cli.doctor.findings import Finding, fail, ok, warn
from drivers.errors import DeviceBusy, DriverError

SCANNER = "scanner"
_TAKEN_BY_THE_AGENT = (ScannerKind.STDIN, ScannerKind.SCRIPT, ScannerKind.SIMULATED)
"""Opening them here would take what belongs to the agent's process, or says nothing."""

_SHARED_BY_NATURE = (ScannerKind.PCSC,)
"""Any number of programs may have them at once, so that one which opens is no news."""


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
    if agent_runs and config.kind not in _SHARED_BY_NATURE:
        return warn(SCANNER, f"{place} is free although the agent is running", "see the till's page of devices")
    return ok(SCANNER, f"{place} opens")
