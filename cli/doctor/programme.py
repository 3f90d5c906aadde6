"""The till's programme: can it be read, and which currency does it count in."""

from pathlib import Path

from agent.config.read import read_text
from cli.doctor.findings import Finding, fail, ok
from loyalty.programme.reader import read_programme
from loyalty.reading.problems import BadFile

ABOUT = "programme"


def check_programme(path: Path) -> list[Finding]:
    """Read a programme."""
    try:
        programme = read_programme(read_text(path), str(path))
    except BadFile as fault:
        return [fail(ABOUT, line, "mend the programme") for line in fault.lines()]
    says = (
        f'"{programme.id}" ({programme.label}) counts sales in {programme.currency.code} and refuses other currencies'
    )
    return [ok(ABOUT, f"{path} is valid: {says}")]
