"""Do the shop's own receipt templates work?"""

from agent.config.receipts import ReceiptsConfig
from cli.doctor.findings import Finding, ok, warn

ABOUT = "receipts"


def check_templates(settings: ReceiptsConfig, language: str) -> list[Finding]:
    """Write every template of the shop on a sample; nothing is printed."""
    from agent.receipts.checking import faults
    from agent.receipts.render import templates_in

    found = faults(settings, language)
    if found:
        return [warn(ABOUT, str(fault), "mend it; until then the built-in template prints") for fault in found]
    names = templates_in(settings.templates).own_names()
    return [ok(ABOUT, f"the templates in {settings.templates} work: {', '.join(names) or 'there are none'}")]
