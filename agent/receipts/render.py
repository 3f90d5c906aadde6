"""From a value to a document: by the shop's own template if there is one that works, else by the one that ships.

A broken template costs a line in the log and nothing else: the paper is printed as it would be without it.
"""

import logging
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from agent.receipts.faults import BrokenTemplate, TemplateFault
from agent.receipts.logo import Logo
from agent.receipts.names import SUFFIX, TEMPLATES
from agent.receipts.speech import Speech
from agent.receipts.values import Paper
from drivers.printers.document import Document

if TYPE_CHECKING:
    from agent.receipts.sandbox import Fenced

_LOG = logging.getLogger(__name__)
_MOST_FOLDERS = 8
COLUMNS = 48
"""Of a paper of 80 mm."""


class Templates:
    """The templates of one shop; may be used from any thread.

    Args:
        folder: With the shop's own, or None.
        logo: The file of the shop's logo, or None.
    """

    def __init__(self, folder: Path | None, logo: Path | None = None) -> None:
        self._folder = folder
        self._logo = Logo(logo)
        self._one_at_a_time = threading.Lock()
        self._fenced: Fenced | None = None
        self._told: set[str] = set()
        self._given_up: dict[str, frozenset[int]] = {}

    def document(self, name: str, paper: Paper, speech: Speech, columns: int = COLUMNS) -> Document:
        """Write a paper.

        Args:
            name: Of the template, a key of `TEMPLATES`.
            paper: Of the template's shape.
            speech: Its languages.
            columns: Characters in a line of the paper.
        """
        if self._has_own(name) and not self._is_given_up(name):
            try:
                return self.own(name, paper, speech, columns)
            except BrokenTemplate as fault:
                if fault.endless:  # no other paper waits as long
                    self._given_up[name] = self._stamps()
                self._tell(self.fault_of(name, fault))
        return self._write(f"builtin/{name}", name, paper, speech, columns)

    def own(self, name: str, paper: Paper, speech: Speech, columns: int = COLUMNS) -> Document:
        """Write a paper by the shop's own template, which must be there.

        Raises:
            BrokenTemplate: It cannot be read, or fails on this paper.
        """
        from agent.receipts.tracing import broken

        try:
            return self._write(name, name, paper, speech, columns)
        except Exception as fault:
            raise broken(fault, self._path(name)) from fault

    def own_names(self) -> list[str]:
        """List the templates that the shop's folder has, by name, known or not.

        Raises:
            OSError: The folder cannot be read.
        """
        if self._folder is None:
            return []
        return sorted(path.stem for path in self._folder.iterdir() if path.suffix == SUFFIX)

    def extended(self) -> set[str]:
        """List the templates that those in the shop's folder extend, by name, as far as they can be read.

        Raises:
            OSError: The folder cannot be read.
        """
        environment = self._environment()
        return {extended for name in self.own_names() for extended in environment.extended_by(name)}

    def fault_of(self, name: str, fault: BrokenTemplate) -> TemplateFault:
        """Say where the shop finds what is wrong with its template."""
        return TemplateFault(file=fault.file or self._path(name), line=fault.line, reason=fault.reason)

    def _is_given_up(self, name: str) -> bool:
        return name in self._given_up and self._given_up[name] == self._stamps()

    def _stamps(self) -> frozenset[int]:
        """When the shop's files were changed; any of them may be why a template does not end."""
        try:
            return frozenset(
                path.stat().st_mtime_ns for path in (self._folder or Path()).iterdir() if path.suffix == SUFFIX
            )
        except OSError:
            return frozenset()

    def _path(self, name: str) -> Path:
        return (self._folder or Path()) / f"{name}{SUFFIX}"

    def _has_own(self, name: str) -> bool:
        return self._folder is not None and self._path(name).is_file()

    def _write(self, file: str, name: str, paper: Paper, speech: Speech, columns: int) -> Document:
        from agent.receipts.filters import SHEET
        from agent.receipts.sheet import Sheet

        sheet, noun = Sheet(speech, columns, self._logo), TEMPLATES[name].noun
        with self._one_at_a_time:
            environment = self._environment()
            environment.get_template(f"{file}{SUFFIX}")  # compiled once, and kept
        return sheet.document(environment.write(f"{file}{SUFFIX}", {SHEET: sheet, noun: paper, **sheet.tags()}))

    def _environment(self) -> "Fenced":
        if self._fenced is None:
            from agent.receipts.sandbox import Fenced

            self._fenced = Fenced(self._folder)
        return self._fenced

    def _tell(self, fault: TemplateFault) -> None:
        said = str(fault)
        if said not in self._told:
            self._told.add(said)
            _LOG.error("%s; the built-in template prints instead", said)


@lru_cache(maxsize=_MOST_FOLDERS)
def templates_in(folder: Path | None, logo: Path | None = None) -> Templates:
    """Give the templates of a folder, which print this logo; they are compiled once."""
    return Templates(folder, logo)
