"""Names in several languages, and ids, as a programme file gives them."""

import re

from loyalty.explain import Names
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table

_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)


def read_names(table: Table, key: str) -> Names:
    """Read a table of names by language; at least one is needed."""
    given = table.free_texts(key)
    for language in given:
        if not _LANGUAGE.fullmatch(language):
            table.table(key).note(language, "expected ISO 639-1 codes of languages as keys, as kk, ru, en")
    if not given:
        table.note(key, 'needs a name in at least one language, as names.en = "..."', ProblemCode.MISSING)
    return Names(by_language=tuple(sorted(given.items())) or (("en", "?"),))


def read_id(table: Table, key: str = "id") -> str:
    """Read an id of a programme's thing."""
    value = table.text(key)
    if value and not _ID.fullmatch(value):
        table.note(key, "expected 1 to 40 of a-z, 0-9, - and _, beginning with a letter")
    return value
