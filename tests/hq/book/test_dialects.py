"""Statements for many rows: the same on both databases, whatever stands in the values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from sqlalchemy.exc import DataError

from hq.book.dialects import among, array_literal, insert_missing, insert_rows, put_rows, update_rows
from hq.book.schema import member, setting
from tests.hq.houses import House

TEXTS = [
    "",
    "plain",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "a,b",
    "{}",
    "{a}",
    " ",
    "Айгүл",
    "Ə ə",
    "line\nline",
    "'; --",
    "%s",
    ":x",
]


def held(connection: Connection, *columns: str) -> list[tuple[Any, ...]]:
    query = select(*(member.c[name] for name in columns)).order_by(member.c.member_id)
    return [tuple(row) for row in connection.execute(query)]


def row(number: int, nickname: str | None = None, tier: str | None = None) -> dict[str, Any]:
    member_id = bytes([number]) * 16
    return {
        "member_id": member_id,
        "canonical_id": member_id,
        "nickname": nickname,
        "tier": tier,
        "joined_at_ms": number,
    }


def test_every_text_and_nothing_comes_back_as_it_was(any_house: House) -> None:
    rows = [row(number, nickname) for number, nickname in enumerate([*TEXTS, None])]
    with any_house.hq.book.write() as connection:
        insert_rows(connection, member, rows)
        assert held(connection, "nickname") == [(one,) for one in [*TEXTS, None]]


def test_all_bytes_and_large_numbers_come_back_as_they_were(any_house: House) -> None:
    values = [bytes(range(256)), b"", b"\\x00", b'"{}"']
    with any_house.hq.book.write() as connection:
        insert_rows(connection, setting, [{"name": f"n{n}", "value": one} for n, one in enumerate(values)])
        query = select(setting.c.value).where(setting.c.name.like("n_")).order_by(setting.c.name)
        assert connection.execute(query).scalars().all() == values
        insert_rows(connection, member, [{**row(1), "joined_at_ms": 2**62}, {**row(2), "joined_at_ms": -1}])
        assert held(connection, "joined_at_ms") == [(2**62,), (-1,)]


def test_of_several_rows_with_one_key_the_last_one_is_put_and_the_first_one_stays(any_house: House) -> None:
    with any_house.hq.book.write() as connection:
        insert_missing(connection, member, [row(1, "first"), row(1, "second")])
        assert held(connection, "nickname") == [("first",)]
        put_rows(connection, member, [row(1, "third"), row(2, "other"), row(1, "fourth")], change=("nickname",))
        assert held(connection, "nickname") == [("fourth",), ("other",)]


def test_rows_that_are_there_are_updated_by_key_and_no_others(any_house: House) -> None:
    with any_house.hq.book.write() as connection:
        insert_rows(connection, member, [row(1, "a", "gold"), row(2, "b", "gold"), row(3, "c", "gold")])
        changes: list[dict[str, Any]] = [
            {"member_id": bytes([1]) * 16, "tier": "silver", "tier_until_s": 5},
            {"member_id": bytes([3]) * 16, "tier": "silver", "tier_until_s": 6},
            {"member_id": bytes([3]) * 16, "tier": None, "tier_until_s": 7},
            {"member_id": bytes([9]) * 16, "tier": "nobody's", "tier_until_s": 8},
        ]
        update_rows(connection, member, changes, keys=("member_id",))
        assert held(connection, "nickname", "tier", "tier_until_s") == [
            ("a", "silver", 5),
            ("b", "gold", None),
            ("c", None, 7),
        ]


def test_keys_are_found_among_many(any_house: House) -> None:
    with any_house.hq.book.write() as connection:
        insert_rows(connection, member, [row(number, str(number)) for number in range(5)])
        some = [bytes([1]) * 16, bytes([4]) * 16, bytes([77]) * 16]
        query = select(member.c.nickname).where(among(connection, member.c.member_id, some)).order_by(member.c.nickname)
        assert connection.execute(query).scalars().all() == ["1", "4"]
        named = select(member.c.nickname).where(among(connection, member.c.nickname, ["3", '"', "{1}"]))
        assert connection.execute(named).scalars().all() == ["3"]


def test_no_rows_are_no_statement(any_house: House) -> None:
    with any_house.hq.book.write() as connection:
        insert_rows(connection, member, [])
        put_rows(connection, member, [], change=("nickname",))
        update_rows(connection, member, [], keys=("member_id",))
        assert held(connection, "member_id") == []


def test_a_text_that_is_too_long_is_refused_and_never_cut(postgres_url: str, build: Callable[..., House]) -> None:
    house = build(postgres_url)
    with pytest.raises(DataError), house.hq.book.write() as connection:
        insert_rows(connection, member, [row(1, "x" * 10_000)])


@given(values=st.lists(st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", codec="utf-8")))))
def test_a_list_of_texts_is_read_back_by_its_own_rules(values: list[str | None]) -> None:
    assert read_back(array_literal(values)) == values


def read_back(literal: str) -> list[str | None]:
    """Read an array of texts as section 8.15.2 of PostgreSQL's documentation says."""
    assert (literal[0], literal[-1]) == ("{", "}")
    found, place, inner = list[str | None](), 0, literal[1:-1]
    while place < len(inner):
        if inner[place] == '"':
            said, place = "", place + 1
            while inner[place] != '"':
                place += inner[place] == "\\"
                said, place = said + inner[place], place + 1
            found.append(said)
            place += 2
        else:
            assert inner.startswith("NULL", place)
            found.append(None)
            place += 5
    return found
