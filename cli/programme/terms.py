"""``loyaltill programme terms``: the customer terms of a programme in plain words."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from agent.config.read import read_text
from cli.options import explain
from loyalty.authoring.terms import Item, Section, Value, sections_of
from loyalty.explain import Message, Money, Names, Units, message
from loyalty.programme.reader import read_programme
from messages.catalogue import LANGUAGES, Catalogue

_ABOUT = """\
Write the terms of a programme for customers, in plain words, from the rules themselves: what earns, what it is good
for, and what bounds it. The output is Markdown. It says what the till does, and promises nothing else; what the law asks
for besides is for your lawyer to add."""
_STEP = "  "


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "loyaltill programme terms club.toml --lang kk > terms-kk.md")
    parser.add_argument("file", type=Path, metavar="FILE", help="the programme")
    parser.add_argument(
        "--lang", choices=LANGUAGES, default="en", metavar="LANG", help=f"{', '.join(LANGUAGES)}; default: en"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the terms."""
    text, name = read_text(arguments.file), str(arguments.file)
    programme = read_programme(text, name)
    catalogue = Catalogue.load(arguments.lang)
    print(write_terms(programme.names, sections_of(programme, text), catalogue), end="")
    return 0


def write_terms(names: Names, sections: Sequence[Section], catalogue: Catalogue) -> str:
    """Write terms as Markdown in one language."""
    lines = [f"# {catalogue.say(message('terms.title', programme=names))}"]
    for section in sections:
        lines += ["", f"## {catalogue.say(section.heading)}", ""]
        for item in section.items:
            lines.extend(_lines(item, catalogue, 0))
    return "\n".join(lines) + "\n"


def _lines(item: Item, catalogue: Catalogue, depth: int) -> Iterator[str]:
    said = _text(item.said, catalogue)
    of = ", ".join(_text(value, catalogue) for value in item.of)
    yield f"{_STEP * depth}- {said}: {of}" if of else f"{_STEP * depth}- {said}"
    for inner in item.items:
        yield from _lines(inner, catalogue, depth + 1)


def _text(value: Value, catalogue: Catalogue) -> str:
    match value:
        case Message():
            return catalogue.say(value)
        case Names():
            return value.in_language(catalogue.language)
        case Money():
            return catalogue.money(value)
        case Units():
            return catalogue.units(value)
        case date():
            return catalogue.date(value)
        case _:
            return value
