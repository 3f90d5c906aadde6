"""Asking what came out of a printer: at the keyboard, or from a file of answers."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cli.failures import usage

_YES, _NO = frozenset({"y", "yes"}), frozenset({"n", "no"})


class Questions:
    """Asks, and takes no answer that is none.

    Args:
        answers: Answers by the question's name; None asks at the keyboard.
        ask: Shows a question and gives the line that was typed.
    """

    def __init__(self, answers: Mapping[str, Any] | None, ask: Callable[[str], str] = input) -> None:
        self._answers = answers
        self._typed = ask

    @classmethod
    def of(cls, file: Path | None) -> "Questions":
        """Questions that a file answers, or a person."""
        if file is None:
            return cls(None)
        try:
            return cls(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            usage(f"{file}: cannot be used as answers: {fault}")

    def yes(self, name: str, question: str) -> bool:
        """Ask for yes or no."""
        if self._answers is not None:
            given = self._answers.get(name)
            if not isinstance(given, bool):
                usage(f"the answers lack {name} = true or false: {question}")
            return given
        while True:
            typed = self._ask(f"{question} [y/n] ").strip().lower()
            if typed in _YES | _NO:
                return typed in _YES

    def number(self, name: str, question: str, allowed: frozenset[int]) -> int | None:
        """Ask for one of some numbers; None where the person has none to give (an empty line; in a file, no answer)."""
        if self._answers is not None:
            given = self._answers.get(name)
            if given is not None and (type(given) is not int or given not in allowed):
                usage(f"the answers have {name} = {given!r}, which is none of the numbers that were printed")
            return given
        while True:
            typed = self._ask(f"{question} [number, or Enter for none] ").strip()
            if not typed:
                return None
            if typed.isascii() and typed.isdigit() and int(typed) in allowed:
                return int(typed)

    def _ask(self, question: str) -> str:
        try:
            return self._typed(question)
        except EOFError:
            usage("nobody is at the keyboard to answer; `--answers FILE` gives answers from a file")
