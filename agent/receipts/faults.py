"""What is wrong with a template: its file, the line, and why."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFault:
    """One fault.

    Attributes:
        file: The shop's file.
        line: Counted from 1; None where the file as a whole is meant.
        reason: In English.
    """

    file: Path
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else str(self.file)
        return f"{place}: {self.reason}"


class SheetFault(ValueError):
    """A tag was given what it cannot print, or there is too much; the text is for whoever wrote the template."""


class EndlessTemplate(SheetFault):
    """A template went on for too long, and may never end."""


class BrokenTemplate(Exception):
    """A template cannot be read, or fails on what it is given.

    Attributes:
        line: In the file that fails; None where no line is meant.
        reason: In English.
        file: The file that fails, where it is another one than the template's own, which extends it.
        endless: It went on for too long.
    """

    def __init__(self, line: int | None, reason: str, *, file: Path | None = None, endless: bool = False) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line = line
        self.reason = reason
        self.file = file
        self.endless = endless
