"""Explanations and names as values."""

import pytest

from loyalty.explain import Message, Names, message


def test_arguments_are_sorted_so_that_equal_messages_are_equal() -> None:
    assert message("m", b=1, a="x") == Message(id="m", arguments=(("a", "x"), ("b", 1)))
    assert message("m", a="x", b=1) == message("m", b=1, a="x")


def test_a_name_falls_back_to_english_and_then_to_the_first() -> None:
    names = Names(by_language=(("en", "Gold"), ("kk", "Алтын")))
    assert [names.in_language(language) for language in ("kk", "en", "hy")] == ["Алтын", "Gold", "Gold"]
    assert Names(by_language=(("hy", "Ոսկի"), ("kk", "Алтын"))).in_language("ru") == "Ոսկի"


def test_a_thing_without_a_name_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least one name"):
        Names(by_language=())
