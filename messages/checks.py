"""What must be true of the catalogues, as one list of faults in sentences.

Knows catalogues as plain values (`Entry`), so that a test can plant a fault without a file; refuses to know files
and Babel. English is the reference: what it has, every language of pages has, with the same placeholders; a language of
paper has what may stand on paper, and nothing else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

from messages.catalogue import SHORT
from messages.languages import FALLBACK, says

ID_SHAPE = re.compile(r"[a-z]+(\.[a-z][a-z0-9_]*)+")
"""A message id: words of small letters joined by points, the first one its namespace (``receipt.earned``)."""

LETTERS: Mapping[str, str] = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "az": "abcçdeəfgğhxıijkqlmnoöprsştuüvyz",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "hy": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
    "en": "abcdefghijklmnopqrstuvwxyz",
    "ka": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "tr": "abcçdefgğhıijklmnoöprsştuüvyz",
    # ʻ (U+02BB) makes oʻ and gʻ letters of their own, ʼ (U+02BC) is the sign of the pause; both are letters to Unicode.
    "uz": "abcdefghijklmnopqrstuvxyzʻʼ",
}
"""The small letters of each language, in the order of its alphabet."""
_DOTTED = frozenset("\u0307")
"""İ, lowered by Python, is i and a combining dot."""
ALPHABETS: Mapping[str, frozenset[str]] = {
    language: frozenset(letters) | (_DOTTED if language in {"az", "tr"} else frozenset())
    for language, letters in LETTERS.items()
}
"""What a message may hold. A letter of another one is a slip of the keyboard (a Latin ``a`` in a Cyrillic
word looks right and prints wrong) or a word left untranslated."""
FOREIGN_WORDS = frozenset({"Loyaltill", "PIN", "QR", "x"})
"""Latin words that stand in any language: the product's name, and x for "times" on a receipt."""
_FOREIGN = re.compile(rf"\b(?:{'|'.join(sorted(FOREIGN_WORDS))})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message of one catalogue.

    Attributes:
        id: The message id.
        forms: Its text; with plural forms, one for each in gettext's order.
        plural: Whether it has plural forms.
        fuzzy: A tool marked it as in need of a human eye.
    """

    id: str
    forms: tuple[str, ...]
    plural: bool = False
    fuzzy: bool = False


def placeholders(text: str) -> frozenset[str]:
    """Name the placeholders of a sentence.

    Raises:
        ValueError: a brace is not closed, or a placeholder is more than a plain name.
    """
    names = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"{{{name}}} is not a plain name in braces")
        names.add(name)
    return frozenset(names)


def words(text: str) -> str:
    """Give a sentence without its placeholders."""
    return "".join(literal for literal, *_ in Formatter().parse(text))


def faults(catalogues: Mapping[str, Mapping[str, Entry]], plural_forms: Mapping[str, int]) -> list[str]:
    """List what is wrong with the catalogues.

    Args:
        catalogues: For each language, its entries by id.
        plural_forms: For each language, how many plural forms it has.

    Returns:
        Sentences that name language and id; empty if all is well.
    """
    reference = catalogues[FALLBACK]
    found = list(_short_forms(reference))
    for language, entries in catalogues.items():
        wanted = {id_ for id_ in reference if says(language, id_)}
        found += [f"{language}: {id_} is missing" for id_ in wanted - entries.keys()]
        found += [f"{language}: {id_} never stands on paper" for id_ in reference.keys() & entries.keys() - wanted]
        found += [f"{language}: {id_} is unknown in {FALLBACK}" for id_ in entries.keys() - reference.keys()]
        for id_ in reference.keys() & entries.keys():
            entry = entries[id_]
            found += [f"{language}: {id_} {fault}" for fault in _shape(entry, reference[id_], plural_forms[language])]
            found += [f"{language}: {id_} {fault}" for form in entry.forms for fault in _form(language, form)]
            found += [f"{language}: {id_} {fault}" for fault in _translation(language, entry, reference[id_])]
    return sorted(found)


def _short_forms(reference: Mapping[str, Entry]) -> Iterator[str]:
    """A short form is said with the arguments of the full one, so it may not ask for others."""
    for id_, entry in reference.items():
        if not id_.endswith(SHORT):
            continue
        full = reference.get(id_.removesuffix(SHORT))
        if full is None:
            yield f"{FALLBACK}: {id_} is the short form of nothing"
        elif not _placeholders(entry) <= _placeholders(full):
            yield f"{FALLBACK}: {id_} has placeholders that its full form has not"


def _placeholders(entry: Entry) -> frozenset[str]:
    try:
        return frozenset().union(*(placeholders(form) for form in entry.forms))
    except ValueError:
        return frozenset()  # told as a fault of its own


def _shape(entry: Entry, reference: Entry, plural_forms: int) -> Iterator[str]:
    if not ID_SHAPE.fullmatch(entry.id):
        yield "has not the shape of an id"
    if entry.fuzzy:
        yield "is marked fuzzy"
    if entry.plural != reference.plural:
        yield f"has plural forms in one of {FALLBACK} and this language, but not in the other"
    expected = plural_forms if entry.plural else 1
    if len(entry.forms) != expected:
        yield f"has {len(entry.forms)} forms instead of {expected}"


def _form(language: str, form: str) -> Iterator[str]:
    if not form.strip():
        yield "is empty"
    if form != form.strip() or "  " in form:
        yield "has a space too many"
    strange = _strange_letters(language, form)
    if strange:
        yield f"has letters that are not of the language: {strange}"


def _strange_letters(language: str, form: str) -> str:
    try:
        text = _own_words(form)
    except ValueError:
        return ""  # told as a fault of its placeholders
    return "".join(sorted({letter for letter in text.lower() if letter.isalpha()} - ALPHABETS[language]))


def _own_words(text: str) -> str:
    """Give what a language says by itself: without placeholders and the words that stand in any language."""
    return _FOREIGN.sub("", words(text))


def _translation(language: str, entry: Entry, reference: Entry) -> Iterator[str]:
    try:
        wanted = placeholders(reference.forms[0])
        given = [placeholders(form) for form in entry.forms]
    except ValueError as fault:
        yield f"is malformed: {fault}"
        return
    for names in given:
        if names != wanted:
            yield f"has the placeholders {sorted(names)} instead of {sorted(wanted)}"
    if entry.plural != ("count" in wanted):
        yield "must have plural forms if, and only if, it has the placeholder {count}"
    said = _own_words(entry.forms[0])
    if language != FALLBACK and said == _own_words(reference.forms[0]) and any(map(str.isalpha, said)):
        yield f"is the same as in {FALLBACK}: not translated"
