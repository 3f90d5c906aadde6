"""Strict reading of TOML: every problem at once, each with its line, key, fault and code."""

from collections.abc import Callable
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.reading.problems import BadFile, Problem, ProblemCode
from loyalty.reading.tables import Document, Table


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def problems_of(text: str, read: Callable[[Table], object]) -> list[str]:
    """The lines of what is wrong with a text, with the file called f.toml."""
    with pytest.raises(BadFile) as caught:
        read_well(text, read)
    assert str(caught.value) == "\n".join(caught.value.lines())
    return caught.value.lines()


def read_well(text: str, read: Callable[[Table], object]) -> object:
    document = Document(text, "f.toml")
    value = read(document.root)
    document.finish()
    return value


def test_what_is_asked_for_and_right_is_given() -> None:
    text = """
    name = "x"
    count = 3
    on = true
    price = "12.50"
    whole = 12
    colour = "blue"
    many = ["a", "b"]
    day = 2026-01-31
    [inner]
    k = "v"
    [[row]]
    id = "1"
    [[row]]
    id = "2"
    """

    def read(root: Table) -> tuple[object, ...]:
        return (
            root.text("name"),
            root.integer("count"),
            root.boolean("on"),
            root.scaled("price", 2),
            root.scaled("whole", 2),
            root.choice("colour", Colour),
            root.texts("many"),
            str(root.optional_date("day")),
            root.table("inner").text("k"),
            [row.text("id") for row in root.tables("row")],
        )

    expected = ("x", 3, True, 1250, 1200, Colour.BLUE, ("a", "b"), "2026-01-31", "v", ["1", "2"])
    assert read_well(text, read) == expected


def test_defaults_stand_in_for_what_is_not_written() -> None:
    def read(root: Table) -> tuple[object, ...]:
        return (
            root.text("name", "x"),
            root.optional_text("note"),
            root.integer("count", 3),
            root.boolean("on", default=False),
            root.scaled("price", 2, "1.00"),
            root.choice("colour", Colour, Colour.RED),
            root.texts("many", ()),
            root.optional_date("day"),
            root.free_texts("names"),
            root.tables("row"),
        )

    assert read_well("", read) == ("x", None, 3, False, 100, Colour.RED, (), None, {}, [])


@pytest.mark.parametrize(
    ("text", "read", "problem"),
    [
        ("", lambda t: t.text("k"), "f.toml: k: is missing; expected a text [missing]"),
        ("k = 5", lambda t: t.text("k"), "f.toml:1: k: expected a text of 1 to 200 characters [wrong_value]"),
        ("k = ''", lambda t: t.text("k"), "f.toml:1: k: expected a text of 1 to 200 characters [wrong_value]"),
        ("k = 'xxx'", lambda t: t.text("k", most=2), "f.toml:1: k: expected a text of 1 to 2 characters [wrong_value]"),
        ("k = true", lambda t: t.integer("k"), "f.toml:1: k: expected a whole number of at least 0 [wrong_value]"),
        ("k = 1.0", lambda t: t.integer("k"), "f.toml:1: k: expected a whole number of at least 0 [wrong_value]"),
        (
            "k = 101",
            lambda t: t.integer("k", least=1, most=100),
            "f.toml:1: k: expected a whole number from 1 to 100 [wrong_value]",
        ),
        (
            "k = 9223372036854775808",
            lambda t: t.integer("k"),
            "f.toml:1: k: expected a whole number of at least 0 [wrong_value]",
        ),
        ("k = 1", lambda t: t.boolean("k"), "f.toml:1: k: expected true or false [wrong_value]"),
        ("k = 1.5", lambda t: t.scaled("k", 2), 'f.toml:1: k: expected a decimal in quotes, as "12.50" [wrong_value]'),
        ("k = true", lambda t: t.scaled("k", 2), 'f.toml:1: k: expected a decimal in quotes, as "12.50" [wrong_value]'),
        ("k = 'x'", lambda t: t.scaled("k", 2), "f.toml:1: k: expected a decimal number such as 12.50 [wrong_value]"),
        (
            "k = '1.555'",
            lambda t: t.scaled("k", 2),
            "f.toml:1: k: the number has 3 decimals, at most 2 are possible [wrong_value]",
        ),
        ("k = '-1'", lambda t: t.scaled("k", 2), "f.toml:1: k: must not be negative [wrong_value]"),
        ("k = '-1'", lambda t: t.scaled("k", 2, least=1), "f.toml:1: k: must be more than zero [wrong_value]"),
        ("k = '0.00'", lambda t: t.scaled("k", 2, least=1), "f.toml:1: k: must be more than zero [rate_zero]"),
        (
            "k = '99999999999999999999'",
            lambda t: t.scaled("k", 2),
            "f.toml:1: k: the number is too large for 64 bits [too_large]",
        ),
        (
            "k = 99999999999999999999",
            lambda t: t.scaled("k", 2),
            "f.toml:1: k: the number is too large for 64 bits [too_large]",
        ),
        ("k = 'pink'", lambda t: t.choice("k", Colour), "f.toml:1: k: expected one of red, blue [wrong_value]"),
        ("k = ['red']", lambda t: t.choice("k", Colour), "f.toml:1: k: expected one of red, blue [wrong_value]"),
        ("", lambda t: t.choice("k", Colour), "f.toml: k: is missing; expected one of red, blue [missing]"),
        ("k = 'a'", lambda t: t.texts("k"), "f.toml:1: k: expected a list of at most 1000 texts [wrong_value]"),
        ("k = ['a', 1]", lambda t: t.texts("k"), "f.toml:1: k: expected a list of at most 1000 texts [wrong_value]"),
        ("k = 1", lambda t: t.table("k"), "f.toml:1: k: expected a table, as [k] [wrong_value]"),
        ("k = 1", lambda t: t.tables("k"), "f.toml:1: k: expected at most 1000 tables, each as [[k]] [wrong_value]"),
        ("[k]", lambda t: t.tables("k"), "f.toml:1: k: expected at most 1000 tables, each as [[k]] [wrong_value]"),
        (
            "k = {en = 1}",
            lambda t: t.free_texts("k"),
            "f.toml:1: k.en: expected a text of 1 to 200 characters [wrong_value]",
        ),
        (
            "k = '2026-01-31'",
            lambda t: t.optional_date("k"),
            "f.toml:1: k: expected a date without quotes, as 2026-01-31 [wrong_value]",
        ),
        (
            "k = 2026-01-31T00:00:00",
            lambda t: t.optional_date("k"),
            "f.toml:1: k: expected a date without quotes, as 2026-01-31 [wrong_value]",
        ),
    ],
)
def test_each_fault_names_file_line_key_and_what_was_expected(
    text: str, read: Callable[[Table], object], problem: str
) -> None:
    assert problems_of(text, read) == [problem]


def test_an_unknown_key_is_named_with_the_nearest_known_one() -> None:
    def read(root: Table) -> None:
        root.table("till").text("name", "x")
        root.table("till").text("store", "x")

    text = "[till]\nnaem = 'x'\n[zzz]\n"
    assert problems_of(text, read) == [
        'f.toml:2: till.naem: unknown key; did you mean "name"? [unknown_key]',
        "f.toml:3: zzz: unknown key; known here: till [unknown_key]",
    ]
    assert problems_of("[till]\nq = 1", read) == [
        "f.toml:2: till.q: unknown key; known here: name, store [unknown_key]"
    ]


def test_every_problem_is_told_at_once_in_the_order_of_lines() -> None:
    def read(root: Table) -> None:
        for row in root.tables("row"):
            row.scaled("price", 2, least=1)
            row.table("names").text("en")
        root.integer("count")

    text = """count = "x"
[[row]]
price = 0
names.en = 5
[[row]]
price = [
  1,
]
colour = "red"
names = { en = "x", ru = "y" }
"""
    assert problems_of(text, read) == [
        "f.toml:1: count: expected a whole number of at least 0 [wrong_value]",
        "f.toml:3: row[1].price: must be more than zero [rate_zero]",
        "f.toml:4: row[1].names.en: expected a text of 1 to 200 characters [wrong_value]",
        'f.toml:6: row[2].price: expected a decimal in quotes, as "12.50" [wrong_value]',
        "f.toml:9: row[2].colour: unknown key; known here: names, price [unknown_key]",
        "f.toml:10: row[2].names.ru: unknown key; known here: en [unknown_key]",
    ]


def test_a_problem_is_a_value_with_a_stable_code() -> None:
    with pytest.raises(BadFile) as caught:
        Document("\n\nx 1", "f.toml")
    assert caught.value.name == "f.toml"
    assert [(problem.line, problem.key, problem.code) for problem in caught.value.problems] == [
        (3, "", ProblemCode.NOT_TOML)
    ]
    assert isinstance(caught.value.problems[0], Problem)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\na = 2\n", 2),
        ("[t]\n[t]\n", 2),
        ("x = 1\ny = [1,\n2\n", 4),
        ("x = '''\n\n", 3),
        ("x = 2026-02-30\n", 1),
        ("\x00", 1),
    ],
)
def test_a_syntax_error_tells_its_line(text: str, line: int) -> None:
    [problem] = problems_of(text, lambda root: root)
    assert problem.startswith(f"f.toml:{line}: not TOML: ")
    assert problem.endswith(" [not_toml]")
    assert "(at " not in problem


@pytest.mark.parametrize("text", ["x = " + "[" * 50_000, "x = " + "9" * 5_000])
def test_what_the_parser_cannot_bear_is_a_problem_too(text: str) -> None:
    [problem] = problems_of(text, lambda root: root)
    assert problem == "f.toml: not TOML: a number or a nesting is beyond all bounds [not_toml]"


def test_a_table_that_was_forgiven_tells_nothing_more() -> None:
    def read(root: Table) -> None:
        root.note("kind", "unknown kind", ProblemCode.UNKNOWN_KIND)
        root.forgive()

    assert problems_of("kind = 'x'\nother = 1", read) == ["f.toml:1: kind: unknown kind [unknown_kind]"]


def test_the_same_problem_is_told_once() -> None:
    def read(root: Table) -> None:
        root.text("k")
        root.text("k")

    assert problems_of("", read) == ["f.toml: k: is missing; expected a text [missing]"]


def test_values_of_a_file_are_never_repeated_in_a_problem() -> None:
    def read(root: Table) -> None:
        root.integer("k")
        root.scaled("d", 2)
        root.choice("c", Colour)

    assert "4111" not in "".join(problems_of("k = '4111'\nd = '4111x'\nc = '4111'", read))


@given(st.text(max_size=100))
def test_any_text_is_read_or_is_a_bad_file(text: str) -> None:
    try:
        document = Document(text, "f.toml")
        document.finish()
    except BadFile as bad:
        lines = bad.lines()
    else:
        lines = []
    assert all(line.startswith("f.toml") for line in lines)
