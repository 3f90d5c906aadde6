"""At which line of a TOML text each key stands, since the standard parser does not tell.

The text has been parsed before, so it is known to be valid TOML; this only follows headers and keys line by
line. A key that it cannot place (inside an inline table, say) takes the line of the nearest key above it.
"""

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)$"""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')


class Places:
    """Lines of keys, by path; an element of an array of tables has its index in the path."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._follow(text.splitlines())

    def line(self, path: Path) -> int | None:
        """Give the line of ``path``, or of the nearest enclosing place that is known."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None

    def _follow(self, lines: list[str]) -> None:
        table: Path = ()
        closing: str | None = None
        depth = 0
        for number, line in enumerate(lines, start=1):
            if closing is not None:
                closing = None if closing in line else closing
                continue
            if depth > 0:
                depth += _depth(line)
                continue
            if header := _HEADER.match(line):
                table = self._open(_parts(header.group(2)), repeated=header.group(1) == "[[", number=number)
            elif key := _KEY.match(line):
                self._lines.setdefault(table + tuple(_parts(key.group(1))), number)
                closing = _unclosed(key.group(2))
                depth = 0 if closing else _depth(key.group(2))

    def _open(self, parts: list[str], *, repeated: bool, number: int) -> Path:
        path: Path = ()
        for place, part in enumerate(parts):
            path = (*path, part)
            last = place == len(parts) - 1
            if repeated and last:
                self._counts[path] = self._counts.get(path, -1) + 1
            if path in self._counts:
                path = (*path, self._counts[path])
        self._lines.setdefault(path, number)
        return path


def _parts(text: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(text)]


def _unclosed(value: str) -> str | None:
    for mark in ('"""', "'''"):
        if value.count(mark) == 1:
            return mark
    return None


def _depth(text: str) -> int:
    bare = _STRINGS.sub("", text).split("#", 1)[0]
    return bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
