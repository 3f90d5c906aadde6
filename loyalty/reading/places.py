"""At which line of a TOML text each key stands, since the standard parser does not tell.

The text has been parsed before, so it is known to be valid TOML; this only finds the lines that begin outside
every string, array and inline table, and follows their headers and keys. A key that it cannot place (inside an
inline table, say) takes the line of the nearest key above it.
"""

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

_QUOTED = r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\''
_NAME = rf"(?:[A-Za-z0-9_-]+|{_QUOTED})"
_NAMES = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_NAMES})[ \t]*\]")
_KEY = re.compile(rf"[ \t]*({_NAMES})[ \t]*=")
_PART = re.compile(_NAME)
_TOKEN = re.compile(
    rf"""(?P<string>\"{{3}}(?:[^\\]|\\.)*?\"{{3,5}}|'{{3}}.*?'{{3,5}}|{_QUOTED})|(?P<comment>\#[^\n]*)|(?P<mark>[\[\]{{}}\n])""",
    re.DOTALL,
)


class Places:
    """Lines of keys, by path; an element of an array of tables has its index in the path."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        table: Path = ()
        for number, line in _statements(text):
            if header := _HEADER.match(line):
                table = self._open(_parts(header.group(2)), repeated=header.group(1) == "[[", number=number)
            elif key := _KEY.match(line):
                self._place(table, _parts(key.group(1)), number)

    def line(self, path: Path) -> int | None:
        """Give the line of ``path``, or of the nearest enclosing place that is known."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None

    def _place(self, table: Path, parts: list[str], number: int) -> None:
        for depth in range(1, len(parts) + 1):
            self._lines.setdefault((*table, *parts[:depth]), number)

    def _open(self, parts: list[str], *, repeated: bool, number: int) -> Path:
        path: Path = ()
        for place, part in enumerate(parts):
            path = (*path, part)
            self._lines.setdefault(path, number)
            last = place == len(parts) - 1
            if repeated and last:
                self._counts[path] = self._counts.get(path, -1) + 1
            if path in self._counts:
                path = (*path, self._counts[path])
        self._lines.setdefault(path, number)
        return path


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines, with their numbers, that begin outside strings, arrays and inline tables."""
    lines = text.split("\n")
    yield 1, lines[0]
    number, depth = 1, 0
    for token in _TOKEN.finditer(text):
        mark = token.group("mark")
        if mark == "\n":
            number += 1
            if depth == 0:
                yield number, lines[number - 1]
        elif mark is not None:
            depth += 1 if mark in "[{" else -1
        else:
            number += token.group().count("\n")


def _parts(text: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(text)]
