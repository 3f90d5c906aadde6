"""Keep and compile the catalogues: ``python -m messages.compile``. A developer's tool; it needs Babel.

**To add a message**, give it in every language at once (ka, tr and uz only for what stands on paper), with a note for
translators, from the top folder::

    python -m messages.compile --add till.hello --note "Greets the cashier at the start. {name}: the cashier" \
        --en "Good morning, {name}" --ru "Доброе утро, {name}" --kk "Қайырлы таң, {name}" \
        --az "Sabahınız xeyir, {name}" --hy "Բարի լույս, {name}"

A message that counts something has the placeholder ``{count}`` and plural forms, parted by ``|`` in gettext's order:
"one|other", ru "one|few|many" (``"{count} чек|{count} чека|{count} чеков"``). `--add` of an id that is
there replaces it; ``--remove ID`` takes one out. Or edit ``locale/<language>/LC_MESSAGES/loyaltill.po`` by hand and run
the command without options. Either way it checks everything, sorts the files, renews the master list
``locale/loyaltill.pot`` and compiles the ``.mo`` files; commit all of ``messages/locale``. An id that no code uses yet goes
into ``locale/reserved.txt``; ids found in use leave that list by themselves.

Ids are ``<namespace>.<what>``: ``receipt`` (on paper), ``explain`` (why these points), ``refusal.<code>``, ``unit``,
``tier``, ``till`` (what a cashier sees), ``hq`` (what an HQ person sees). Placeholders are plain names in braces.
Write what a person at a till would say: short, formal address, no machine words. Receipts are 32 to 48 cells wide.

Exit status: 0 all is well, 1 the catalogues have faults (listed; nothing is compiled).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from messages.audit import used_ids
from messages.checks import Entry, faults
from messages.languages import FALLBACK, PAPER_LANGUAGES, says

LOCALE = Path(__file__).parent / "locale"
HEADER = """\
# Loyaltill's messages in {name}. How to add one: messages/compile.py.
msgid ""
msgstr ""
"Project-Id-Version: Loyaltill 1\\n"
"POT-Creation-Date: 2026-11-22 00:00+0000\\n"
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
"""Written by hand, since Babel's has dates of the day and names to fill in, which would change with every run."""
HOUSE = Path(__file__).parent.parent


def po_path(language: str, locale: Path = LOCALE) -> Path:
    """Where the text of a language's catalogue is kept."""
    return locale / language / "LC_MESSAGES" / "loyaltill.po"


def read_catalog(language: str, locale: Path = LOCALE) -> Catalog:
    """Read a language's catalogue from its ``.po`` file."""
    with po_path(language, locale).open("rb") as stream:
        catalog = read_po(stream, locale=language, abort_invalid=True)
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    return catalog


def entries(catalog: Catalog) -> dict[str, Entry]:
    """Give a catalogue's messages as values, by id."""
    return {_id(message): _entry(message) for message in catalog if message.id}


def all_faults(catalogs: dict[str, Catalog]) -> list[str]:
    """List what is wrong with the catalogues, as sentences."""
    return faults(
        {language: entries(catalog) for language, catalog in catalogs.items()},
        {language: catalog.num_plurals for language, catalog in catalogs.items()},
    )


def reserved_ids(locale: Path = LOCALE) -> list[str]:
    """Read the ids that are kept for code that is still to be written."""
    lines = (locale / "reserved.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def write_all(catalogs: dict[str, Catalog], locale: Path = LOCALE) -> None:
    """Write every ``.po`` sorted, the master list, and the compiled ``.mo`` files."""
    for language, catalog in catalogs.items():
        path = po_path(language, locale)
        with path.open("wb") as stream:
            stream.write(_header(catalog).encode())
            write_po(stream, catalog, width=0, sort_output=True, omit_header=True)
        with path.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, catalog)
    with (locale / "loyaltill.pot").open("wb") as stream:
        stream.write(_header(catalogs[FALLBACK]).encode())
        write_po(stream, _master(catalogs[FALLBACK]), width=0, sort_output=True, omit_header=True)


def main(arguments: Sequence[str] | None = None, locale: Path = LOCALE) -> int:
    """Run the command (see the module's docstring) on the catalogues in the folder ``locale``."""
    options = _parser().parse_args(arguments)
    catalogs = {language: read_catalog(language, locale) for language in PAPER_LANGUAGES}
    if options.add:
        for language, catalog in ((name, one) for name, one in catalogs.items() if says(name, options.add)):
            _put(catalog, options.add, options.note, getattr(options, language).split("|"))
    for catalog in catalogs.values() if options.remove else ():
        catalog.delete(options.remove)
    found = all_faults(catalogs)
    if found:
        sys.stderr.write("\n".join([*found, "Nothing was written.", ""]))
        return 1
    if not options.check:
        write_all(catalogs, locale)
        _renew_reserved(set(entries(catalogs[FALLBACK])), locale)
    sys.stdout.write(f"{len(entries(catalogs[FALLBACK]))} messages in {len(catalogs)} languages\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m messages.compile", description="Check and compile the catalogues.")
    parser.add_argument("--check", action="store_true", help="only check, write nothing")
    parser.add_argument("--add", metavar="ID", help="add or replace a message; give every language")
    parser.add_argument("--remove", metavar="ID", help="take a message out of every language")
    parser.add_argument("--note", default="", help="for translators: where it stands, what the arguments are")
    for language in PAPER_LANGUAGES:
        parser.add_argument(f"--{language}", metavar="TEXT", default="", help="plural forms are parted by |")
    return parser


def _put(catalog: Catalog, id_: str, note: str, forms: list[str]) -> None:
    plural = len(forms) > 1
    old = catalog.get(id_)
    notes = [note] if note else list(old.auto_comments) if old else []
    catalog.delete(id_)
    catalog.add((id_, id_) if plural else id_, tuple(forms) if plural else forms[0], auto_comments=notes)


def _entry(message: Message) -> Entry:
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return Entry(
        id=_id(message), forms=tuple(form or "" for form in forms), plural=message.pluralizable, fuzzy=message.fuzzy
    )


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _header(catalog: Catalog) -> str:
    name = catalog.locale.english_name if catalog.locale else ""
    return HEADER.format(name=name, language=catalog.locale_identifier, plural_forms=catalog.plural_forms)


def _master(reference: Catalog) -> Catalog:
    """Make the master list: every id with its note and its English text as a hint, untranslated."""
    master = Catalog()
    for message in reference:
        if message.id:
            hint = " | ".join(_entry(message).forms)
            master.add(message.id, auto_comments=[*message.auto_comments, f"English: {hint}"])
    return master


def _renew_reserved(known: set[str], locale: Path) -> None:
    path = locale / "reserved.txt"
    used = used_ids(HOUSE, known)
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line or line.startswith("#") or (line in known and line not in used)]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
