"""Do the shop's own receipt templates work, its logo and its font?"""

from pathlib import Path

from agent.config.receipts import ReceiptsConfig
from cli.doctor.findings import Finding, ok, warn
from drivers.printers.profiles.profile import CELL_DOTS

ABOUT = "receipts"


def check_logo(logo: Path, columns: int) -> Finding:
    """Read the logo as it is printed."""
    from agent.receipts.logo import logo_fault

    fault = logo_fault(logo, columns * CELL_DOTS)
    if fault:
        return warn(ABOUT, f"the logo {logo} {fault}", "mend it; until then receipts have none")
    return ok(ABOUT, f"the logo {logo} can be printed")


def check_font(font: Path) -> Finding:
    """Draw a letter with the shop's font."""
    from agent.receipts.font import font_fault

    fault = font_fault(font)
    if fault:
        return warn(ABOUT, fault, "mend it; until then papers with letters of other scripts are refused")
    return ok(ABOUT, f"the font {font} draws letters of other scripts")


def check_letters(table: Path) -> Finding:
    """Read the table of what may stand for letters on the host's printer."""
    from agent.receipts.letters import letters_fault

    fault = letters_fault(table)
    if fault:
        return warn(ABOUT, f"the table of letters {table}: {fault}", "mend it; until then nothing stands for a letter")
    return ok(ABOUT, f"the table of letters {table} can be used")


def check_templates(settings: ReceiptsConfig, language: str) -> list[Finding]:
    """Write every template of the shop on a sample; nothing is printed."""
    from agent.receipts.checking import faults
    from agent.receipts.render import templates_in

    found = faults(settings, language)
    if found:
        return [warn(ABOUT, str(fault), "mend it; until then the built-in template prints") for fault in found]
    names = templates_in(settings.templates).own_names()
    return [ok(ABOUT, f"the templates in {settings.templates} work: {', '.join(names) or 'there are none'}")]
