"""The code and the catalogues fit: every id that is used exists, none is left over, and no text stands in code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from messages.audit import (
    SILENT,
    Use,
    python_files,
    template_files,
    texts_in_python,
    unknown_ids,
    used_ids,
    uses,
    words_in_markup,
    words_in_template,
)
from messages.checks import Entry, placeholders
from messages.compile import reserved_ids

Spoken = Mapping[str, Mapping[str, Entry]]

TABLES_OF_LETTERS: dict[str, str] = {
    "drivers/printers/profiles/toml.py": "letters by which a code page is known to be one of letters",
    "drivers/displays/transliteration.py": "what a display without a letter shows for it",
}
"""Modules whose literals hold letters as data, not as words: path and reason."""


def misuses(found: list[Use], english: Mapping[str, Entry]) -> list[str]:
    """Uses of ids that do not exist, or with other arguments than the sentence has."""
    told = []
    for use in found:
        if not use.whole:
            if not any(id_.startswith(use.id) for id_ in english):
                told.append(f"{use.place}: no id begins with {use.id}")
        elif use.id not in english:
            told.append(f"{use.place}: no message has the id {use.id}")
        elif use.arguments is not None and use.arguments != (wanted := placeholders(english[use.id].forms[0])):
            told.append(f"{use.place}: {use.id} takes {sorted(wanted)}, is given {sorted(use.arguments)}")
    return told


def test_every_id_that_code_uses_exists_and_gets_its_arguments(house: Path, spoken: Spoken) -> None:
    assert misuses(uses(house), spoken["en"]) == []


def test_whatever_looks_like_an_id_of_the_engine_is_one(house: Path, spoken: Spoken) -> None:
    assert unknown_ids(house, set(spoken["en"])) == []


def test_no_message_is_left_over(house: Path, spoken: Spoken) -> None:
    known = set(spoken["en"])
    assert known - used_ids(house, known) - set(reserved_ids()) == set()


def test_only_known_ids_are_reserved(spoken: Spoken) -> None:
    assert set(reserved_ids()) - set(spoken["en"]) == set()


def test_no_text_for_people_stands_in_code(house: Path) -> None:
    found = [
        f"{path.relative_to(house).as_posix()}:{line}: {text[:60]!r}"
        for path in python_files(house, SILENT)
        if path.relative_to(house).as_posix() not in TABLES_OF_LETTERS
        for line, text in texts_in_python(path)
    ]
    assert found == []


def test_no_text_for_people_stands_in_a_page(house: Path) -> None:
    found = [
        f"{path.relative_to(house).as_posix()}:{line}: {word[:60]!r}"
        for path in template_files(house, SILENT)
        for line, word in words_in_template(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_table_of_letters_is_there(house: Path) -> None:
    assert [path for path in TABLES_OF_LETTERS if not (house / path).is_file()] == []


ENGLISH = {
    "till.hello": Entry(id="till.hello", forms=("Good morning, {name}",)),
    "till.bye": Entry(id="till.bye", forms=("Goodbye",)),
    "refusal.late": Entry(id="refusal.late", forms=("Too late",)),
}
SPEAKS = """
from loyalty.explain import Message, message
TABLE = {1: "till.bye"}
def greet(catalogue, code, arguments):
    '''Say till.unknown in a docstring.'''
    catalogue.text("till.hello", name="Asel")
    message(f"refusal.{code}")
    catalogue.text("till.hello", **arguments)
    open("till.sqlite3").read_text("till.words")
    return Message(id="till.bye")
"""


@pytest.fixture
def small_house(tmp_path: Path) -> Path:
    """A house with one module and one page."""
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "speaks.py").write_text(SPEAKS, encoding="utf-8")
    (tmp_path / "agent" / "page.html").write_text(
        '<html lang="{{ lang }}">{# words in a comment #}\n<p title="{{ t(\'till.bye\') }}">'
        "{% if a %}{{ t('till.hello', name=name) }}{% endif %}: Loyaltill &nbsp; 1 &lt; 2</p>"
        "<script>let a = 'words';</script></html>",
        encoding="utf-8",
    )
    return tmp_path


def test_an_id_that_hides_in_a_table_is_found(small_house: Path) -> None:
    (small_house / "agent" / "bad.py").write_text('TABLE = {1: "explain.hidden", 2: "refusal.late"}', encoding="utf-8")
    assert unknown_ids(small_house, set(ENGLISH)) == ["agent/bad.py:1: explain.hidden"]


def test_the_short_form_of_a_used_message_is_used(small_house: Path) -> None:
    assert used_ids(small_house, {"till.bye", "till.bye.short", "till.spare.short"}) == {"till.bye", "till.bye.short"}


def test_uses_are_found_in_calls_tables_and_pages(small_house: Path) -> None:
    assert misuses(uses(small_house), ENGLISH) == []
    assert [use.id for use in uses(small_house)] == [
        "till.hello",
        "refusal.",
        "till.hello",
        "till.bye",
        "till.bye",
        "till.hello",
    ]
    assert used_ids(small_house, {*ENGLISH, "till.spare"}) == set(ENGLISH)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('message("till.helo")', "no message has the id till.helo"),
        ('self.text("till.bye", name="Asel")', "till.bye takes [], is given ['name']"),
        ('say("till.hello")', "till.hello takes ['name'], is given []"),
        ('t(f"nothing.{code}")', "no id begins with nothing."),
        ('Message(id="till.helo", arguments=())', "no message has the id till.helo"),
    ],
)
def test_a_planted_misuse_in_a_module_is_found(small_house: Path, line: str, told: str) -> None:
    (small_house / "agent" / "bad.py").write_text(line, encoding="utf-8")
    assert misuses(uses(small_house), ENGLISH) == [f"agent/bad.py:1: {told}"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{{ t('till.helo') }}", "no message has the id till.helo"),
        ("{{ t('Good morning') }}", "no message has the id Good morning"),
        ("{{ catalogue.text('till.hello') }}", "till.hello takes ['name'], is given []"),
        ("{{ t('nothing.' ~ code) }}", "no id begins with nothing."),
    ],
)
def test_a_planted_misuse_in_a_page_is_found(small_house: Path, line: str, told: str) -> None:
    (small_house / "agent" / "bad.html").write_text(line, encoding="utf-8")
    assert misuses(uses(small_house), ENGLISH) == [f"agent/bad.html:1: {told}"]


@pytest.mark.parametrize(
    "line",
    [
        'print("Начислено")',
        'title = f"Чек № {number}"',
        'name = "Azərbaycan"',
        'page = "<h1>Tills</h1>"',
        'page = f"<p title=\\"Members\\">{count}</p>"',
    ],
)
def test_a_planted_text_in_a_module_is_found(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(f'"""Начислено stands in a docstring."""\n{line}\n', encoding="utf-8")
    assert [found for found, _ in texts_in_python(path)] == [2]


@pytest.mark.parametrize(
    "line",
    [
        '"""Баллы"""',
        "# Баллы",
        'raise ValueError("the amount is negative")',
        'sign = "₸"',
        'tag = "<br>"',
        'shape = r"(?P<string>x)"',
        'a = "a < b > c"',
    ],
)
def test_code_that_speaks_to_nobody_is_no_fault(tmp_path: Path, line: str) -> None:
    path = tmp_path / "good.py"
    path.write_text(line, encoding="utf-8")
    assert list(texts_in_python(path)) == []


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<h1>Tills</h1>", [(1, "Tills")]),
        ("<p>\n {{ count }} members\n</p>", [(2, "members")]),
        ('<input placeholder="Card" value="{{ a }}">', [(1, "Card")]),
        ("<p>{% if a %}Yes{% else %}{{ b }}{% endif %}</p>", [(1, "Yes")]),
        ("<p>&Agrave;</p>", [(0, "À")]),
        ("{% block title %}Баллы{% endblock %}", [(1, "Баллы")]),
    ],
)
def test_a_planted_text_in_a_page_is_found(page: str, found: list[tuple[int, str]]) -> None:
    assert words_in_template(page) == found


def test_markup_without_words_is_silent(small_house: Path) -> None:
    page = (small_house / "agent" / "page.html").read_text(encoding="utf-8")
    assert words_in_template(page) == []
    assert words_in_template('{% block look %}class="outside"{% endblock %}') == []
    assert words_in_markup("<style>p { color: red }</style><!-- words --><br>12 &middot; 5") == []
