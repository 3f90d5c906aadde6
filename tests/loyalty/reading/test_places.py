"""Lines of keys in a TOML text."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.reading.places import Path, Places

TEXT = '''
a = 1
list = [ # ] not the end
  "]", """
hidden = 1
""",
  '[',
]
text = "it's \\"quoted\\" with ~~~ and # inside" # and a comment with """
dotted.inner.key = 3

["quoted table"."with.dot"]
long = """
[not_a_table]
"""
after = """a\\""" still inside""" # '
inline = { en = "x", ru = "y" }
lines_of_two = "x"  # \u2028 is no line end
last = 1

[[rule]]
id = "one"
[[rule.step]]
k = 1
[[rule.step]]
k = 2
[[rule]]
"id" = "two"
[rule.deep.er]
k = 3
'''.replace("~", "'")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("list",), 3),
        (("hidden",), None),
        (("text",), 9),
        (("dotted",), 10),
        (("dotted", "inner", "key"), 10),
        (("dotted", "inner", "other"), 10),
        (("not_a_table",), None),
        (("quoted table", "with.dot"), 12),
        (("quoted table", "with.dot", "long"), 13),
        (("quoted table", "with.dot", "after"), 16),
        (("quoted table", "with.dot", "inline", "ru"), 17),
        (("quoted table", "with.dot", "last"), 19),
        (("quoted table", "with.dot", "absent"), 12),
        (("quoted table",), 12),
        (("rule",), 21),
        (("rule", 0), 21),
        (("rule", 0, "id"), 22),
        (("rule", 0, "step", 0, "k"), 24),
        (("rule", 0, "step", 1, "k"), 26),
        (("rule", 1, "id"), 28),
        (("rule", 1, "absent"), 27),
        (("rule", 1, "deep"), 29),
        (("rule", 1, "deep", "er", "k"), 30),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_each_key_has_the_line_on_which_it_is_written(path: Path, line: int | None) -> None:
    tomllib.loads(TEXT)
    assert Places(TEXT).line(path) == line


def test_windows_line_ends_count_once() -> None:
    places = Places("a = 1\r\n\r\n[t]\r\nb = 2\r\n")
    assert [places.line(path) for path in (("a",), ("t",), ("t", "b"))] == [1, 3, 4]


@given(st.text(max_size=200))
def test_no_text_stops_the_search(text: str) -> None:
    assert Places(text).line(("no such key",)) is None


keys = st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=8)
values = st.sampled_from(
    ['"""\nx = 1\n"""', "'''\n[y]\n'''", "[\n1, # ]\n2]", '{ q = "]" }', '"#"', "1 # [", "''", '""']
)


@given(keys, st.data())
def test_generated_keys_are_found_where_they_were_put(names: list[str], data: st.DataObject) -> None:
    lines: list[str] = []
    expected = {}
    for name in names:
        lines += [""] * data.draw(st.integers(0, 2))
        expected[name] = len(lines) + 1
        lines += f"{name} = {data.draw(values)}".split("\n")
    text = "\n".join(lines)
    tomllib.loads(text)
    assert {name: Places(text).line((name,)) for name in names} == expected
