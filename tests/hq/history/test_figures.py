from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.history.figures import exactly, parse_figure


@pytest.mark.parametrize(
    ("text", "separator", "figure"),
    [
        ("12", ".", (12, 0)),
        ("-2.50", ".", (-250, 2)),
        ("0.001", ".", (1, 3)),
        ("2,5", ",", (25, 1)),
        ("-0.5", ".", (-5, 1)),
    ],
)
def test_a_figure_keeps_its_digits_and_scale(text: str, separator: str, figure: tuple[int, int]) -> None:
    assert parse_figure(text, separator) == figure


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "+1",
        "1.",
        ".5",
        "1e3",
        "NaN",
        "Infinity",
        "-inf",
        "1,000.5",
        "1 000",
        "٣",
        "１２",
        "0x10",
        "1_0",
        "1.2.3",
    ],
)
def test_what_is_not_plain_digits_is_no_figure(text: str) -> None:
    assert parse_figure(text, ".") is None


def test_a_point_is_no_separator_where_the_file_writes_commas() -> None:
    assert parse_figure("2.5", ",") is None


def test_a_figure_of_absurd_length_is_no_figure() -> None:
    assert parse_figure("1" * 31, ".") is None
    assert parse_figure("1." + "0" * 13, ".") is None


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=5))
def test_a_figure_is_exact_or_nothing_at_a_smaller_scale(value: Decimal) -> None:
    figure = parse_figure(f"{value:f}", ".")
    assert figure is not None
    scaled = value * 1000
    assert exactly(figure, 3) == (int(scaled) if scaled == int(scaled) else None)
