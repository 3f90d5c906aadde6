"""The customer's display: is its port there, and may this program have it?"""

from pathlib import Path

from agent.config.printers import DisplayConfig
from agent.customer_display import settings_of
from cli.doctor.findings import Finding, fail, ok
from drivers.displays.line_display import check
from drivers.errors import DeviceBusy, DriverError

DISPLAY = "display"
_ADVICE = "plug it in, and check [display] port and this user's rights"


def check_display(config: DisplayConfig, *, agent_runs: bool) -> Finding:
    """Open its port and release it; nothing is shown. The port of a running till is only looked for."""
    place = f"the customer's display on {config.port}"
    if agent_runs:
        if config.port.startswith("/") and not Path(config.port).exists():
            return fail(DISPLAY, f"{place} is not there", _ADVICE)
        return ok(DISPLAY, f"{place} is the running till's, whose log says when it cannot be reached")
    try:
        check(settings_of(config))
    except DeviceBusy as fault:
        return fail(
            DISPLAY, f"the customer's display on {fault}", "stop the other program, or set another port in [display]"
        )
    except DriverError as fault:
        return fail(DISPLAY, f"the customer's display on {fault}", _ADVICE)
    return ok(DISPLAY, f"{place} opens; whether it shows the right letters, a sale shows")
