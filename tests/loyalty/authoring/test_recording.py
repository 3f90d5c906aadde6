"""What a reader asks for is found out by letting it read nothing."""

from enum import StrEnum

from loyalty.authoring.recording import Asked, KeyType, record
from loyalty.reading.tables import Table


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def asked(*path: str | int, kind: KeyType, **more: object) -> Asked:
    return Asked(path=path, types=frozenset({kind}), **more)  # type: ignore[arg-type]


def test_a_key_is_known_with_its_type_default_and_bounds() -> None:
    def read(table: Table) -> None:
        table.integer("count", 3, least=1, most=9)
        table.text("id", most=5)
        table.boolean("loud", default=False)

    assert record(read) == (
        asked("count", kind=KeyType.INTEGER, default=3, least=1, most=9),
        asked("id", kind=KeyType.TEXT, required=True, most=5),
        asked("loud", kind=KeyType.BOOLEAN, default=False),
    )


def test_a_key_that_is_only_read_where_it_is_written_is_optional() -> None:
    [one] = record(lambda table: table.scaled("most", 2, least=1) if table.has("most") else None)
    assert one == asked("most", kind=KeyType.DECIMAL, scale=2, least=1)


def test_a_key_that_is_asked_for_in_two_ways_is_required_where_one_of_them_always_demands_it() -> None:
    def read(table: Table) -> None:
        if table.has("cost"):
            table.scaled("cost", 0)
        table.scaled("cost", 0)

    [one] = record(read)
    assert one.required


def test_questions_that_depend_on_what_is_written_are_found() -> None:
    def read(table: Table) -> None:
        if table.choice("colour", Colour, Colour.RED) is Colour.BLUE:
            table.integer("depth")
        if table.has("inner") and not table.has("other"):
            table.table("inner").text("deep", "x")

    found = {one.path: one for one in record(read)}
    assert found.keys() == {("colour",), ("depth",), ("inner",), ("inner", "deep")}
    assert found["colour",].choices == ("red", "blue")


def test_a_key_may_be_of_two_types() -> None:
    def read(table: Table) -> None:
        if table.has("goods"):
            if isinstance(table.peek("goods"), str):
                table.text("goods")
            else:
                table.table("goods").texts("items", ())

    found = {one.path: one.types for one in record(read)}
    assert found == {
        ("goods",): {KeyType.TEXT, KeyType.TABLE},
        ("goods", "items"): {KeyType.TEXTS},
    }
