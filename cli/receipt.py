"""``loyaltill receipt``: write any paper without a sale and without a printer; see its text, its dots and its bytes."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from agent.config.receipts import ReceiptLanguage
from agent.receipts.faults import BrokenTemplate, SheetFault, TemplateFault
from agent.receipts.font import font_fault, font_of
from agent.receipts.names import SUFFIX, TEMPLATES
from agent.receipts.render import Templates
from agent.receipts.samples import sample, sample_json
from agent.receipts.shape import BadShape, from_json
from agent.receipts.speech import speech
from agent.receipts.values import Paper
from cli.failures import CommandFailed, usage
from cli.options import explain
from drivers.printers.document import Document
from drivers.printers.encoders.choose import encode
from drivers.printers.graphics import CannotPrint
from drivers.printers.layout import MAX_COLUMNS, MIN_COLUMNS, Page, lay_out
from drivers.printers.picture import png
from drivers.printers.profiles.listing import UNKNOWN, load, names
from drivers.printers.profiles.profile import PrinterProfile
from drivers.printers.profiles.toml import BadProfile, read_profile
from drivers.printers.raster import draw
from drivers.printers.svg import svg
from drivers.printers.text_preview import preview_text
from messages.catalogue import CatalogueFault
from messages.languages import OWN_NAMES, PAPER_LANGUAGES

_ABOUT = """\
Write a receipt, or any other paper of a till, without a sale and without a printer.

Templates, languages and printers can be tried out before anything is printed; docs/RECEIPTS.md tells how a shop writes
templates of its own."""
_EXAMPLES = """\
loyaltill receipt list
loyaltill receipt render --template slip --lang kk
loyaltill receipt render --template slip --lang kk --printer unknown --out job.bin --png slip.png --text"""
_ABOUT_RENDER = """\
Write one paper: as text, as a picture of its dots, as the bytes that a printer is sent. Without --data it is a long sale of
realistic goods."""
_RENDER_EXAMPLES = """\
loyaltill receipt render --template coupon --lang ru
loyaltill receipt render --template slip --lang kk --second ru --columns 32 --png slip.png
loyaltill receipt render --template slip --templates my-folder --data mine.json"""
_ABOUT_DATA = """\
Print what a template is given, as JSON: a start for a file of your own, which `loyaltill receipt render --data` reads.
Amounts of money are whole numbers of the smallest unit; a field that is left out has its default."""
_ABOUT_PICTURES = "Write a picture of every template in every language into a folder, as docs/pictures has them."
_MARGIN_BYTES = 2
_PROFILE_SUFFIX = ".toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, _EXAMPLES)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    listed = actions.add_parser("list", help="list templates, languages and printer profiles")
    explain(listed, "List templates, languages and printer profiles.", "loyaltill receipt list")
    render = actions.add_parser("render", help="write one paper as text, picture or printer's bytes")
    explain(render, _ABOUT_RENDER, _RENDER_EXAMPLES)
    _add_paper(render)
    render.add_argument("--second", choices=PAPER_LANGUAGES, metavar="LANG", help="say everything in this language too")
    render.add_argument("--templates", type=Path, metavar="FOLDER", help="with a template of your own, which must work")
    render.add_argument("--font", type=Path, metavar="FILE", help="for letters that receipts have no drawing of")
    render.add_argument("--logo", type=Path, metavar="FILE", help="the picture that the template prints as logo()")
    render.add_argument(
        "--data", type=Path, metavar="FILE", help="what the paper says; as `loyaltill receipt data` prints"
    )
    render.add_argument(
        "--out", type=Path, metavar="FILE", help="write the bytes for the printer, as few as a slow cable gets"
    )
    render.add_argument("--png", type=Path, metavar="FILE", help="write the dots as a picture")
    render.add_argument("--svg", type=Path, metavar="FILE", help="write the dots as a drawing that scales")
    render.add_argument("--text", action="store_true", help="print the text; so it is where nothing else is asked for")
    data = actions.add_parser("data", help="print what a template is given, as JSON")
    explain(data, _ABOUT_DATA, "loyaltill receipt data --template slip --lang ru > mine.json")
    _add_paper(data)
    pictures = actions.add_parser("pictures", help="write a picture of every template in every language")
    explain(pictures, _ABOUT_PICTURES, "loyaltill receipt pictures docs/pictures/receipts")
    pictures.add_argument("folder", type=Path, metavar="FOLDER", help="made if it is not there")


def run(arguments: argparse.Namespace) -> int:
    """Do one action."""
    match arguments.action:
        case "list":
            print("\n".join(_listed()))
        case "data":
            profile = _profile(arguments.printer)
            given = sample_json(arguments.template, arguments.lang, profile, _columns(arguments, profile))
            print(json.dumps(given, ensure_ascii=False, indent=1))
        case "pictures":
            _pictures(arguments.folder)
        case _:
            _render(arguments)
    return 0


def _add_paper(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--template", choices=TEMPLATES, default="slip", metavar="NAME", help=f"{', '.join(TEMPLATES)}; default: slip"
    )
    languages = f"{', '.join(PAPER_LANGUAGES)}; default: en"
    parser.add_argument("--lang", choices=PAPER_LANGUAGES, default="en", metavar="LANG", help=languages)
    parser.add_argument(
        "--printer",
        default=UNKNOWN.name,
        metavar="PROFILE",
        help=f"as the list names it, or a profile's file; default: {UNKNOWN.name}",
    )
    parser.add_argument("--columns", type=int, metavar="NUMBER", help="characters in a line; default: the printer's")


def _listed() -> list[str]:
    lines = ["templates:", *(f"  {name:<12}{one.about}" for name, one in TEMPLATES.items())]
    lines += ["languages:", *(f"  {language:<12}{OWN_NAMES[language]}" for language in PAPER_LANGUAGES)]
    profiles = [load(name) for name in names()]
    width = max(len(one.name) for one in profiles) + 2
    return [*lines, "printers:", *(f"  {one.name:<{width}}{one.title}, {one.columns} columns" for one in profiles)]


def _render(arguments: argparse.Namespace) -> None:
    profile = _profile(arguments.printer)
    columns = _columns(arguments, profile)
    paper = _paper(arguments, profile, columns)
    page = lay_out(_document(arguments, paper, columns), columns)
    if arguments.font is not None and (fault := font_fault(arguments.font)):
        usage(f"--font {fault}")
    try:
        raster = draw(page, font_of(arguments.font))
        job = encode(page, profile, other=font_of(arguments.font))
    except CannotPrint as fault:
        raise CommandFailed(f"{profile.name}: {fault}; nothing was written") from None
    if arguments.out is not None:
        arguments.out.write_bytes(b"".join(job))
    if arguments.png is not None:
        arguments.png.write_bytes(png(raster, margin_bytes=_MARGIN_BYTES))
    if arguments.svg is not None:
        drawn = svg(raster, margin_dots=8 * _MARGIN_BYTES)
        arguments.svg.write_text(drawn, encoding="utf-8", newline="\n")
    if arguments.text or not (arguments.out or arguments.png or arguments.svg):
        sys.stdout.write(preview_text(page))


def _profile(name: str) -> PrinterProfile:
    if name.endswith(_PROFILE_SUFFIX):
        try:
            return read_profile(Path(name))
        except BadProfile as fault:
            usage(f"--printer {fault}")
    if name not in names():
        usage(f"--printer {name}: there is no such profile; `loyaltill receipt list` names them")
    return load(name)


def _columns(arguments: argparse.Namespace, profile: PrinterProfile) -> int:
    columns: int = arguments.columns if arguments.columns is not None else profile.page_columns
    if columns % 2 or not MIN_COLUMNS <= columns <= min(MAX_COLUMNS, profile.page_columns):
        usage(
            f"--columns: expected an even number from {MIN_COLUMNS} to {profile.page_columns}, which {profile.name} has"
        )
    return columns


def _paper(arguments: argparse.Namespace, profile: PrinterProfile, columns: int) -> Paper:
    if arguments.data is None:
        return sample(arguments.template, arguments.lang, profile, columns)
    file: Path = arguments.data
    try:
        return from_json(TEMPLATES[arguments.template].shape, _json(file))
    except BadShape as fault:
        usage(f"{file}: {fault.field or 'the whole'}: {fault.expected}\n{_way_out(arguments.template)}")


def _way_out(template: str) -> str:
    return f"`loyaltill receipt data --template {template}` prints one that is right"


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        usage(f"{file}: the file is not UTF-8 text")
    except json.JSONDecodeError as fault:
        usage(f"{file}:{fault.lineno}: this is no JSON: {fault.msg}")
    except RecursionError:
        usage(f"{file}: this is nested too deeply")


def _document(arguments: argparse.Namespace, paper: Paper, columns: int) -> Document:
    name, folder = arguments.template, arguments.templates
    choice = ReceiptLanguage.MEMBER if arguments.second is None else ReceiptLanguage.BOTH
    words = speech(paper.currency, arguments.lang, arguments.second or arguments.lang, choice)
    if folder is None:
        try:
            return Templates(None, arguments.logo).document(name, paper, words, columns)
        except (SheetFault, CatalogueFault) as fault:
            usage(f"{arguments.data}: {fault}\n{_way_out(name)}")
    file = folder / f"{name}{SUFFIX}"
    if not file.is_file():
        usage(f"--templates {folder}: there is no {file.name} in it")
    try:
        return Templates(folder, arguments.logo).own(name, paper, words, columns)
    except BrokenTemplate as fault:
        usage(str(TemplateFault(file=fault.file or file, line=fault.line, reason=fault.reason)))


def _pictures(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for language in PAPER_LANGUAGES:
        for name in TEMPLATES:
            page = _picture_page(name, language)
            (folder / f"{name}-{language}.png").write_bytes(png(draw(page), margin_bytes=_MARGIN_BYTES))
    print(f"{len(TEMPLATES) * len(PAPER_LANGUAGES)} pictures in {folder}")


def _picture_page(name: str, language: str) -> Page:
    paper = sample(name, language, UNKNOWN, UNKNOWN.columns)
    words = speech(paper.currency, language, language, ReceiptLanguage.MEMBER)
    return lay_out(Templates(None).document(name, paper, words), UNKNOWN.columns)
