"""What the house's code says to people: which message ids it uses, and which text it should not contain.

Reads sources with the standard library's parser and page templates with Jinja's; runs none of them. Refuses to know
the catalogues: it is told the ids that exist. A developer's tool, used by the tests and by `messages.compile`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from messages.catalogue import SHORT
from messages.checks import ID_SHAPE

SPEAKING = ("agent", "cli", "drivers", "hq", "loyalty", "messages", "sync")
"""Packages in which ids are used."""
SILENT = ("agent", "drivers", "hq", "loyalty", "sync")
"""Packages in which no text for people may stand. The command line speaks English by itself."""
CALLS = frozenset({"message", "Message", "say", "text", "t", "_unmet"})
"""Functions and methods that take an id first (``Message`` takes it as ``id=``)."""
TEMPLATE_SUFFIXES = frozenset({".html", ".jinja", ".j2"})
SPOKEN_ATTRIBUTES = ("alt", "aria-label", "placeholder", "title")
_SAME_EVERYWHERE = re.compile(r"\b(?:Loyaltill|UTC)\b")
"""The product's name and the name of world time are not translated."""

_ENGINES = re.compile(r"(?:explain|refusal|receipt)\.[a-z][a-z0-9_]*[a-z0-9]")
"""Ids that may pass through helpers and tables before anybody says them."""
_MARKUP = re.compile(
    r"</?(?:a|b|body|button|div|em|h[1-6]|html|input|label|li|main|nav|option|p|section|small|span|strong|t[dhr]|title)\b[^>]*>"
)
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[a-zA-Z/!][^>]*>", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b[a-z-]+=\"[^\"]*\"", re.IGNORECASE)
"""What a page puts into a tag of the frame that it extends."""
_SPOKEN = re.compile(rf"\b(?:{'|'.join(SPOKEN_ATTRIBUTES)})\s*=\s*\"([^\"]*)\"", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Use:
    """One place where an id is used.

    Attributes:
        place: ``path:line`` from the top folder.
        id: The id, or its beginning if ``whole`` is false (``refusal.`` of an f-string).
        arguments: Names of the arguments given, or None where they cannot be seen (``**``).
        whole: Whether ``id`` is all of the id.
    """

    place: str
    id: str
    arguments: frozenset[str] | None
    whole: bool = True


def uses(house: Path) -> list[Use]:
    """List every use of an id in a call, in Python and in templates."""
    found: list[Use] = []
    for path in python_files(house, SPEAKING):
        found += _python_uses(path, _place(house, path))
    for path in template_files(house, SPEAKING):
        found += _template_uses(path, _place(house, path))
    return found


def used_ids(house: Path, known: set[str]) -> set[str]:
    """Give those of the ``known`` ids that code uses: in a call, under an f-string's beginning, or in a table."""
    ids = {use.id for use in uses(house) if use.whole}
    beginnings = tuple(use.id for use in uses(house) if not use.whole)
    tables = {text for path in python_files(house, SPEAKING) for text, _ in _literals(_parse(path))}
    tables |= {text for path in template_files(house, SPEAKING) for text in _template_constants(path)}
    used = {id_ for id_ in known if id_ in ids or id_ in tables or (beginnings and id_.startswith(beginnings))}
    return used | {id_ for id_ in known if id_.removesuffix(SHORT) in used}


def unknown_ids(house: Path, known: set[str]) -> list[str]:
    """List texts in code that have the shape of an id of the engine's and are none, wherever they stand: ``path:line: id``."""
    found = []
    for path in python_files(house, SPEAKING):
        for text, line in _literals(_parse(path)):
            if _ENGINES.fullmatch(text) and text not in known:
                found.append(f"{_place(house, path)}:{line}: {text}")
    return found


def texts_in_python(path: Path) -> Iterator[tuple[int, str]]:
    """Find the literals of a module that speak to people: letters beyond ASCII, or words inside markup.

    Yields:
        Line and literal. Docstrings and comments are not looked at.
    """
    for text, line in _literals(_parse(path)):
        foreign = any(letter.isalpha() and not letter.isascii() for letter in text)
        if foreign or (_MARKUP.search(text) and words_in_markup(text)):
            yield line, text


def words_in_template(source: str) -> list[tuple[int, str]]:
    """Find the words of a Jinja page that stand outside its expressions: (line, words)."""
    from jinja2 import Environment, nodes  # only a check needs it

    tree = Environment(autoescape=True).parse(source)
    # One text, so that markup around an expression stays whole; \0 holds the expression's place.
    whole = "\0".join(data.data for data in tree.find_all(nodes.TemplateData))
    found = words_in_markup(whole)
    lines = source.splitlines()
    return [(next((n for n, line in enumerate(lines, 1) if word in line), 0), word) for word in found]


def words_in_markup(source: str) -> list[str]:
    """Give the words of markup that a person sees or hears: between tags, and in spoken attributes."""
    seen = _ATTRIBUTE.sub("", _UNSEEN.sub("\n", source)).split("\n") + _SPOKEN.findall(source)
    pieces = [piece.strip() for text in seen for piece in unescape(text).split("\0")]
    return [piece for piece in pieces if any(letter.isalpha() for letter in _SAME_EVERYWHERE.sub("", piece))]


def python_files(house: Path, packages: tuple[str, ...]) -> list[Path]:
    """List the modules of packages."""
    return sorted(path for package in packages for path in (house / package).rglob("*.py"))


def template_files(house: Path, packages: tuple[str, ...]) -> list[Path]:
    """List the page templates of packages."""
    return sorted(
        path for package in packages for path in (house / package).rglob("*") if path.suffix in TEMPLATE_SUFFIXES
    )


def _place(house: Path, path: Path) -> str:
    return path.relative_to(house).as_posix()


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _literals(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every text literal but docstrings (any text that is a statement by itself), with its line."""
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements:
            yield node.value, node.lineno


def _python_uses(path: Path, place: str) -> Iterator[Use]:
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Call) and _called(node.func) in CALLS:
            yield from _python_use(node, f"{place}:{node.lineno}")


def _python_use(call: ast.Call, place: str) -> Iterator[Use]:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    first = call.args[0] if call.args else keywords.get("id")
    visible = None not in keywords and _called(call.func) != "Message"
    names = frozenset(name for name in keywords if name) if visible else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and ID_SHAPE.fullmatch(first.value):
        yield Use(place=place, id=first.value, arguments=names)
    elif isinstance(first, ast.JoinedStr) and first.values and isinstance(first.values[0], ast.Constant):
        beginning = str(first.values[0].value)
        if ID_SHAPE.fullmatch(beginning.rstrip(".") + ".x"):
            yield Use(place=place, id=beginning, arguments=names, whole=False)


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _template_uses(path: Path, place: str) -> Iterator[Use]:
    from jinja2 import Environment, nodes

    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        function = call.node
        name = function.attr if isinstance(function, nodes.Getattr) else getattr(function, "name", "")
        if name not in CALLS or not call.args:
            continue
        first = call.args[0]
        names = None if call.dyn_kwargs else frozenset(keyword.key for keyword in call.kwargs)
        if isinstance(first, nodes.Const):
            yield Use(place=f"{place}:{call.lineno}", id=str(first.value), arguments=names)
        elif isinstance(first, nodes.Concat | nodes.Add):
            start = first.nodes[0] if isinstance(first, nodes.Concat) else first.left
            if isinstance(start, nodes.Const):
                yield Use(place=f"{place}:{call.lineno}", id=str(start.value), arguments=names, whole=False)


def _template_constants(path: Path) -> Iterator[str]:
    from jinja2 import Environment, nodes

    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    yield from (str(constant.value) for constant in tree.find_all(nodes.Const))
