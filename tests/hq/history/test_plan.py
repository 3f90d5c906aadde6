from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hq.history.errors import ReceiptFileError
from hq.history.mapping import ReceiptMapping
from hq.history.mapping_reader import parse_mapping
from hq.history.operations import Operation, Parked, ParkedLine, Return, ReturnLine, Sale, SaleLine
from hq.history.plan import Plan, build_plan
from hq.history.reasons import ParkReason

MakePlan = Callable[..., Plan]


def _short(operation: Operation) -> tuple[object, ...]:
    """What an operation does, in one line."""
    if isinstance(operation, Sale):
        return ("sale", operation.invoice, operation.customer, [(line.line, line.item) for line in operation.lines])
    if isinstance(operation, Return):
        given_back = [(line.line, line.quantity_milli // 1000) for line in operation.lines]
        return ("return", operation.cancellation, operation.original_invoice, given_back)
    return ("parked", operation.cancellation, [(line.item, line.quantity_milli // 1000) for line in operation.lines])


def _all(plan: Plan) -> list[tuple[object, ...]]:
    return [_short(operation) for operation in plan.operations()]


def test_a_sale_a_return_and_what_is_parked_are_planned_whole(plan: MakePlan) -> None:
    made = plan(
        "1,A,Tea,2,2010-06-05 10:00,1.25,K1",
        "1,POST,Postage,1,2010-06-05 10:00,18,K1",
        "C2,A,Tea,-3,2010-06-05 11:00,1.25,K1",
    )
    london = timezone(timedelta(hours=1))
    assert list(made.operations()) == [
        Sale(
            index=1,
            invoice="1",
            at=datetime(2010, 6, 5, 9, 0, tzinfo=UTC),
            local_at=datetime(2010, 6, 5, 10, 0, tzinfo=london),
            customer="K1",
            lines=(
                SaleLine(
                    line=1,
                    item="A",
                    description="Tea",
                    category=None,
                    quantity_milli=2000,
                    amount_minor=250,
                    tax_minor=None,
                ),
                SaleLine(
                    line=2,
                    item="POST",
                    description="Postage",
                    category="not-goods",
                    quantity_milli=1000,
                    amount_minor=1800,
                    tax_minor=None,
                ),
            ),
        ),
        Return(
            index=2,
            cancellation="C2",
            original_invoice="1",
            original_index=1,
            at=datetime(2010, 6, 5, 10, 0, tzinfo=UTC),
            local_at=datetime(2010, 6, 5, 11, 0, tzinfo=london),
            customer="K1",
            lines=(ReturnLine(line=1, quantity_milli=2000),),
        ),
        Parked(
            index=3,
            cancellation="C2",
            at=datetime(2010, 6, 5, 10, 0, tzinfo=UTC),
            local_at=datetime(2010, 6, 5, 11, 0, tzinfo=london),
            customer="K1",
            lines=(
                ParkedLine(
                    row=4, item="A", quantity_milli=1000, amount_minor=125, reason=ParkReason.MORE_THAN_PURCHASED
                ),
            ),
        ),
    ]
    assert next(iter(made.operations())).local_at.utcoffset() == timedelta(hours=1)


def test_the_counts_tell_where_every_row_went(plan: MakePlan) -> None:
    counts = plan(
        "1,A,Tea,2,2010-06-05 10:00,1.25,K1",
        "2,A,Tea,2,2010-06-05 10:05,1.25,",
        "3,A,Tea,2,2010-06-05 10:06,0,K9",
        "C4,A,Tea,-3,2010-06-05 11:00,1.25,K1",
        "C5,A,Tea,-1,2010-06-05 11:00,1.25,K2",
        "",
    ).counts
    assert counts.data_rows == 6
    assert dict(counts.rows) == {
        "sale_line": 1,
        "anonymous_sale_line": 1,
        "cancelled_line": 2,
        "empty_row": 1,
        "price_zero": 1,
    }
    assert (counts.orders, counts.anonymous_orders, counts.cancelled_invoices, counts.members) == (1, 1, 2, 1)
    assert (counts.returns, counts.parked, counts.operations) == (1, 2, 5)
    assert dict(counts.parked_lines) == {"more_than_purchased": 1, "no_earlier_purchase": 1}
    assert counts.sale_amount_minor == 250


def test_orders_are_put_together_however_their_rows_interleave(plan: MakePlan) -> None:
    made = plan(
        "1,A,,1,2010-01-05 10:00,1,K1",
        "2,B,,1,2010-01-05 10:00,1,K2",
        "1,C,,1,2010-01-05 10:01,1,K1",
        "3,D,,1,2010-01-05 09:59,1,",
        "2,E,,1,2010-01-05 10:00,1,K2",
    )
    assert _all(made) == [
        ("sale", "3", None, [(1, "D")]),
        ("sale", "1", "K1", [(1, "A"), (2, "C")]),
        ("sale", "2", "K2", [(1, "B"), (2, "E")]),
    ]


def test_where_numbers_restart_daily_a_number_and_a_date_are_one_order(
    tmp_path: Path, write: Callable[..., Path], daily: ReceiptMapping
) -> None:
    made = build_plan(
        write(
            "1,A,,1,2010-06-05 10:00,1,K1",
            "1,B,,1,2010-06-06 00:30,1,K2",
            "1,C,,1,2010-06-05 23:59,1,K1",
            "C1,B,,-1,2010-06-06 11:00,1,K2",
            "C1,A,,-1,2010-06-07 11:00,1,K1",
            "1,D,,1,2010-06-06 00:30,1,K2",
        ),
        daily,
        tmp_path / "work",
    )
    assert _all(made) == [
        ("sale", "1", "K1", [(1, "A"), (2, "C")]),
        ("sale", "1", "K2", [(1, "B"), (2, "D")]),
        ("return", "C1", "1", [(1, 1)]),
        ("return", "C1", "1", [(1, 1)]),
    ]
    assert [operation.original_index for operation in made.operations() if isinstance(operation, Return)] == [2, 1]
    assert (made.counts.orders, made.counts.cancelled_invoices, made.counts.mixed_invoices) == (2, 2, 0)


def test_a_number_that_comes_back_another_day_is_one_order_where_numbers_never_restart(plan: MakePlan) -> None:
    made = plan("1,A,,1,2010-06-05 10:00,1,K1", "1,B,,1,2010-06-06 10:00,1,K1")
    assert _all(made) == [("sale", "1", "K1", [(1, "A"), (2, "B")])]


def test_an_order_comes_at_its_earliest_line_though_its_lines_keep_the_files_order(plan: MakePlan) -> None:
    made = plan(
        "1,A,,1,2010-01-05 10:30,1,K1",
        "2,B,,1,2010-01-05 10:15,1,K2",
        "1,C,,1,2010-01-05 10:00,1,K1",
    )
    assert _all(made) == [("sale", "1", "K1", [(1, "A"), (2, "C")]), ("sale", "2", "K2", [(1, "B")])]
    assert next(iter(made.operations())).at == datetime(2010, 1, 5, 10, 0, tzinfo=UTC)


def test_one_cancelled_invoice_gives_one_return_for_each_sale_newest_first(plan: MakePlan) -> None:
    made = plan(
        "1,A,,5,2010-01-05 10:00,1,K1",
        "2,A,,3,2010-01-05 11:00,1,K1",
        "2,B,,1,2010-01-05 11:00,1,K1",
        "C3,A,,-6,2010-01-05 12:00,1,K1",
        "C3,B,,-1,2010-01-05 12:00,1,K1",
    )
    assert _all(made)[2:] == [("return", "C3", "2", [(1, 3), (2, 1)]), ("return", "C3", "1", [(1, 3)])]
    assert [operation.original_index for operation in made.operations() if isinstance(operation, Return)] == [2, 1]


def test_two_cancelled_lines_that_meet_one_sale_line_are_one_return_line(plan: MakePlan) -> None:
    made = plan(
        "1,A,,5,2010-01-05 10:00,1,K1",
        "C3,A,,-2,2010-01-05 12:00,1,K1",
        "C3,A,,-1,2010-01-05 12:00,1,K1",
    )
    assert _all(made)[1:] == [("return", "C3", "1", [(1, 3)])]


def test_only_the_same_customers_earlier_purchases_count(plan: MakePlan) -> None:
    made = plan(
        "1,A,,5,2010-01-05 10:00,1,K1",
        "2,A,,5,2010-01-05 10:00,1,",
        "C3,A,,-1,2010-01-05 11:00,1,K2",
        "4,A,,5,2010-01-05 12:00,1,K2",
    )
    assert _all(made)[2] == ("parked", "C3", [("A", 1)])


def test_at_one_instant_the_row_decides_what_is_earlier(plan: MakePlan) -> None:
    made = plan("C1,A,,-1,2010-01-05 10:00,1,K1", "2,A,,1,2010-01-05 10:00,1,K1", "C3,A,,-1,2010-01-05 10:00,1,K1")
    assert _all(made) == [
        ("parked", "C1", [("A", 1)]),
        ("sale", "2", "K1", [(1, "A")]),
        ("return", "C3", "2", [(1, 1)]),
    ]


def test_a_return_always_follows_its_sale_even_inside_an_interleaved_cancellation(plan: MakePlan) -> None:
    made = plan(
        "C1,B,,-1,2010-01-05 10:00,1,K1",
        "2,A,,1,2010-01-05 10:00,1,K1",
        "C1,A,,-1,2010-01-05 10:00,1,K1",
    )
    assert _all(made) == [
        ("parked", "C1", [("B", 1)]),
        ("sale", "2", "K1", [(1, "A")]),
        ("return", "C1", "2", [(1, 1)]),
    ]


def test_a_cancellation_can_give_back_postage_and_never_a_dirty_row(plan: MakePlan) -> None:
    made = plan(
        "1,POST,,1,2010-01-05 10:00,9,K1",
        "1,A,,1,2010-01-05 10:00,0,K1",
        "1,B,,1,2010-01-05 10:00,2,K1",
        "C2,POST,,-1,2010-01-05 11:00,9,K1",
        "C2,A,,-1,2010-01-05 11:00,1,K1",
        "C2,B,,-1,2010-01-05 11:00,2,K1",
    )
    assert _all(made) == [
        ("sale", "1", "K1", [(1, "POST"), (2, "B")]),
        ("return", "C2", "1", [(1, 1), (2, 1)]),
        ("parked", "C2", [("A", 1)]),
    ]


def test_an_invoice_belongs_to_the_first_customer_named_and_other_rows_are_counted(plan: MakePlan) -> None:
    made = plan(
        "1,A,,1,2010-01-05 10:00,1,",
        "1,B,,1,2010-01-05 10:00,1,K1",
        "1,C,,1,2010-01-05 10:00,1,K2",
        "1,D,,1,2010-01-05 10:00,1,K1",
        "2,E,,1,2010-01-05 10:00,1,K2",
    )
    assert _all(made) == [("sale", "1", "K1", [(1, "B"), (2, "D")]), ("sale", "2", "K2", [(1, "E")])]
    assert made.counts.mixed_invoices == 1
    assert made.counts.rows["invoice_of_another_customer"] == 2
    assert sum(made.counts.rows.values()) == made.counts.data_rows == 5


def test_invoices_that_are_no_longer_at_hand_are_found_again(plan: MakePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hq.history.intake._RECEIPTS_AT_HAND", 1)
    made = plan(
        "1,A,,1,2010-01-05 10:00,1,",
        "2,B,,1,2010-01-05 10:00,1,K2",
        "1,C,,1,2010-01-05 10:00,1,K1",
        "2,D,,1,2010-01-05 10:00,1,K1",
        "1,E,,1,2010-01-05 10:00,1,K1",
        "2,F,,1,2010-01-05 10:00,1,K2",
    )
    assert _all(made) == [("sale", "2", "K2", [(1, "B"), (2, "F")]), ("sale", "1", "K1", [(1, "C"), (2, "E")])]
    assert (made.counts.mixed_invoices, made.counts.rows["invoice_of_another_customer"]) == (2, 2)


def test_a_sale_and_a_cancellation_may_share_a_number(plan: MakePlan) -> None:
    rows = ("R1,A,,2,2010-01-05 10:00,1,K1", "CR1,A,,-1,2010-01-05 11:00,1,K1")
    assert [operation.index for operation in plan(*rows).operations()] == [1, 2]


def test_rows_beyond_what_a_basket_holds_are_counted(plan: MakePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hq.history.intake.MAX_BASKET_LINES", 2)
    made = plan(*(f"1,{item},,1,2010-01-05 10:00,1,K1" for item in "ABCD"), "2,E,,1,2010-01-05 10:00,1,K1")
    assert _all(made) == [("sale", "1", "K1", [(1, "A"), (2, "B")]), ("sale", "2", "K1", [(1, "E")])]
    assert made.counts.rows["invoice_too_long"] == 2


def test_an_invoice_of_dirty_rows_only_is_no_order(plan: MakePlan) -> None:
    made = plan("1,A,,1,2010-01-05 10:00,0,K1")
    assert list(made.operations()) == []
    assert (made.counts.orders, made.counts.members) == (0, 0)


def test_a_file_with_a_header_alone_is_an_empty_plan(plan: MakePlan) -> None:
    assert plan().counts.operations == 0


def test_operations_go_on_after_any_index(plan: MakePlan) -> None:
    made = plan(*(f"{number},A,,1,2010-01-05 10:00,1,K1" for number in range(1, 1202)))
    indexes = [operation.index for operation in made.operations()]
    assert indexes == list(range(1, 1202))
    assert [operation.index for operation in made.operations(after=1199)] == [1200, 1201]
    assert list(made.operations(after=1201)) == []
    with pytest.raises(ValueError, match="after is"):
        next(made.operations(after=-1))


def test_amounts_whose_sum_needs_more_than_64_bits_are_counted(plan: MakePlan) -> None:
    row = "{},A,,1,2010-01-05 10:00,92233720368547758.07,K1"
    assert plan(*(row.format(number) for number in range(4))).counts.sale_amount_minor == 4 * (2**63 - 1)


def test_the_parked_share_of_a_price_is_rounded_half_up(plan: MakePlan) -> None:
    made = plan("1,A,,1,2010-01-05 10:00,1,K1", "C2,A,,-2,2010-01-05 11:00,0.125,K1")
    parked = [operation for operation in made.operations() if isinstance(operation, Parked)]
    assert [line.amount_minor for line in parked[0].lines] == [13]


def test_the_plan_tells_the_hash_of_its_input(plan: MakePlan) -> None:
    made = plan("1,A,,1,2010-01-05 10:00,1,K1")
    assert made.input_sha256 == hashlib.sha256(made.receipts.read_bytes()).digest()


def test_progress_is_told_while_rows_are_read(
    tmp_path: Path, write: Callable[..., Path], mapping: ReceiptMapping
) -> None:
    told: list[int] = []
    rows = (f"{number},A,,1,2010-01-05 10:00,1,K1" for number in range(20_001))
    build_plan(write(*rows), mapping, tmp_path / "work", told.append)
    assert told == [10_000, 20_000]


def test_a_missing_file_is_an_error_of_the_receipts(tmp_path: Path, mapping: ReceiptMapping) -> None:
    with pytest.raises(ReceiptFileError, match=r"none\.csv: cannot be read: .*; expected a CSV file"):
        build_plan(tmp_path / "none.csv", mapping, tmp_path / "work")


def test_a_file_that_changes_while_it_is_read_is_not_planned(
    tmp_path: Path, write: Callable[..., Path], mapping: ReceiptMapping
) -> None:
    path = write(*(f"{number},A,,1,2010-01-05 10:00,1,K1" for number in range(10_000)))

    def meddle(_rows: int) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write("1,A,,1,2010-01-05 10:00,1,K1\n")

    with pytest.raises(ReceiptFileError, match="changed while it was read"):
        build_plan(path, mapping, tmp_path / "work", meddle)


Lines = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(1, 5), st.integers(0, 59)), min_size=1, max_size=4
)  # item, quantity, minute


@settings(max_examples=60)
@given(st.lists(Lines, min_size=1, max_size=5), st.data())
def test_any_interleaving_of_invoices_gives_the_same_invoices(
    invoices: list[list[tuple[str, int, int]]], data: st.DataObject
) -> None:
    rows = {
        number: [f"{number},{item},,{n},2010-01-05 10:{minute:02d},1,K{number % 2}" for item, n, minute in lines]
        for number, lines in enumerate(invoices)
    }
    straight = [row for lines in rows.values() for row in lines]
    order = data.draw(st.permutations([number for number, lines in rows.items() for _ in lines]))
    left = {number: iter(lines) for number, lines in rows.items()}
    mixed = [next(left[number]) for number in order]
    assert _contents(mixed) == _contents(straight)


def _contents(rows: list[str]) -> dict[str, tuple[object, ...]]:
    mapping = parse_mapping(_PLAIN, "plain.toml")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        path.write_text("\n".join(("invoice,item,description,quantity,at,price,customer", *rows)), encoding="utf-8")
        sales = [sale for sale in build_plan(path, mapping, Path(folder)).operations() if isinstance(sale, Sale)]
    assert [sale.at for sale in sales] == sorted(sale.at for sale in sales)
    return {sale.invoice: (sale.at, sale.customer, sale.lines) for sale in sales}


_PLAIN = """
format = 1
name = "Plain"
[columns]
invoice = "invoice"
item = "item"
quantity = "quantity"
timestamp = "at"
unit_price = "price"
customer = "customer"
[time]
format = "%Y-%m-%d %H:%M"
zone = "UTC"
[money]
currency = "GBP"
scale = 2
[cancellation]
invoice_prefix = "C"
"""
