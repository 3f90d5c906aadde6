"""What receipts say, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.book import journal
from agent.book.journal import Draft
from agent.receipts.finding import receipt_of, receipt_of_entry, receipt_of_sequence
from agent.till.answers import Recorded
from agent.till.requests import ReturnRequest, VoidRequest
from agent.till.till import Till
from drivers.printers.layout import lay_out
from drivers.printers.text_preview import preview_text
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import DetailLine
from loyalty.journal.entry import EntryKind
from loyalty.sale.basket import BasketLine
from tests.agent.shops import CARD, LINES, OTHER_CARD, PROGRAMME, enrolment, open_till, programme, sale, shop


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    """A till in English."""
    with open_till(shop(tmp_path)) as opened:
        yield opened


def text_of(till: Till, answer: Recorded, *, copy: bool = False, columns: int = 48) -> str:
    assert answer.refused is None, answer.values
    document = receipt_of_entry(till.context, bytes.fromhex(answer.values["entry"]), copy=copy)
    assert document is not None
    return preview_text(lay_out(document, columns))


def line(**fields: object) -> BasketLine:
    given = {"line": 1, "item": "4870001", "name": "Alma", "quantity_milli": 1_000, "amount_minor": 10_000} | fields
    return BasketLine(**given)  # type: ignore[arg-type]


def one(till: Till, **fields: object) -> str:
    return text_of(till, till.commit(sale(lines=(line(**fields),))))


def test_a_line_shows_its_quantity_only_where_it_is_not_one(till: Till) -> None:
    shown = text_of(till, till.commit(sale(lines=(line(), line(line=2, name="Nan", quantity_milli=2_000)))))
    assert "Alma                                     ₸100.00\nNan\n  2 x ₸50.00 " in shown


def test_a_quantity_without_an_exact_price_is_shown_alone(till: Till) -> None:
    assert "\n  x 3 " in one(till, quantity_milli=3_000)


def test_a_weight_shows_the_price_of_a_kilogram(till: Till) -> None:
    assert "  0.333 x ₸300.30" in one(till, quantity_milli=333)


def test_a_line_without_a_name_is_called_by_its_code_and_without_that_by_its_number(till: Till) -> None:
    shown = text_of(till, till.commit(sale(lines=(line(name=""), line(line=7, name=" ", item="")))))
    assert [row.split()[0] for row in shown.splitlines() if "₸100.00" in row][:2] == ["4870001", "7"]


def test_a_name_stays_on_its_line_whatever_white_space_it_has(till: Till) -> None:
    assert "Total ₸0.00 Alma" in one(till, name="Total ₸0.00\n\r\tAlma")


def test_discounts_and_prices_add_up_to_the_total(till: Till) -> None:
    shown = one(till, discount_minor=2_500)
    assert [row.split()[-1] for row in shown.splitlines() if "₸" in row][:3] == ["₸125.00", "-₸25.00", "₸100.00"]


def test_the_balance_is_the_one_after_the_sale(till: Till) -> None:
    till.commit(sale())
    assert "Balance                                56 points" in text_of(till, till.commit(sale("k2")))


def test_the_card_shows_its_last_four_characters_only(till: Till) -> None:
    shown = text_of(till, till.commit(sale()))
    assert "Card: *0042" in shown
    assert CARD not in shown


def test_a_sale_without_a_card_says_what_a_card_would_have_earned(till: Till) -> None:
    shown = text_of(till, till.commit(sale(card=None)))
    assert "you would have earned\n28 points." in shown
    assert "Balance" not in shown


def test_a_sale_without_a_card_that_earns_nothing_invites_nobody(till: Till) -> None:
    assert "Ask us for a card" not in text_of(till, till.commit(sale(card=None, lines=LINES[3:])))


def test_a_sale_that_earns_nothing_says_why(till: Till) -> None:
    shown = text_of(till, till.commit(sale(lines=LINES[3:])))
    assert "Earned                                  0 points" in shown
    assert "Nothing is earned on these goods" in shown


def test_the_members_language_comes_before_the_stores(till: Till) -> None:
    till.enrol(enrolment(OTHER_CARD, language="hy"))
    assert "Կուտակվել է" in text_of(till, till.commit(sale(card=OTHER_CARD)))


def test_a_copy_says_so_and_is_else_the_same(till: Till) -> None:
    answer = till.commit(sale())
    first, copy = text_of(till, answer), text_of(till, answer, copy=True)
    assert copy.splitlines()[0].strip() == "COPY"
    assert copy.endswith(first)


def test_a_receipt_printed_later_says_what_it_said_at_first(till: Till) -> None:
    answer = till.commit(sale())
    first = text_of(till, answer)
    till.commit(sale("k2"))
    till.void(VoidRequest(key="v", sale=answer.values["entry"]))
    assert text_of(till, answer) == first


def test_a_receipt_keeps_the_words_of_its_programme_version(tmp_path: Path) -> None:
    config = shop(tmp_path)
    with open_till(config) as till:
        answer = till.commit(sale())
        first = text_of(till, answer)
    programme(tmp_path, PROGRAMME.replace('per = "100.00"', 'per = "10.00"'))
    with open_till(config) as till:
        assert text_of(till, answer) == first


def test_awards_that_cannot_be_computed_again_are_shown_without_words(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    stored = _written_by_another(till)
    document = receipt_of(till.context, stored, copy=False)
    assert document is not None
    shown = preview_text(lay_out(document, 48))
    assert "Earned                                 29 points" in shown
    assert "1 point per" not in shown
    assert "cannot be computed again" in caplog.text


def _written_by_another(till: Till) -> journal.Stored:
    """A sale whose stored award is one point more than the programme gives."""
    answer = till.commit(sale())
    with till.context.book.write() as writing:
        sold = journal.by_id(writing.connection, bytes.fromhex(answer.values["entry"]))
        assert sold is not None
        core, detail = decode_core(sold.core), decode_detail(sold.detail)
        awards = tuple(replace(award, amount=award.amount + 1) for award in detail.awards)
        draft = Draft(
            entry_id=bytes(15) + b"\xff",
            kind=EntryKind.SALE,
            detail=replace(detail, awards=awards, receipt_number=99),
            postings=core.postings,
            programme=core.programme,
        )
        return journal.append(writing, draft)


def test_a_return_of_everything_takes_everything_back_in_words(till: Till) -> None:
    sold = till.commit(sale())
    everything = tuple((item.line, item.quantity_milli) for item in LINES)
    back = ReturnRequest(key="r", check_id="2", currency="KZT", sale=sold.values["entry"], lines=everything)
    shown = text_of(till, till.return_goods(back))
    assert "28 points taken back: all that this sale earned" in " ".join(shown.split())
    assert "Total                                  ₸3,909.17" in shown


def test_the_parts_of_a_return_add_up_to_its_sum(till: Till) -> None:
    lines = tuple(line(line=place, amount_minor=100, quantity_milli=3_000) for place in (1, 2, 3))
    sold = till.commit(sale(lines=lines))
    back = ReturnRequest(
        key="r", check_id="2", currency="KZT", sale=sold.values["entry"], lines=((1, 1_000), (2, 1_000), (3, 1_000))
    )
    answer = till.return_goods(back)
    amounts = [row.split()[-1] for row in text_of(till, answer).splitlines() if "₸" in row][:4]
    assert amounts == ["₸0.33", "₸0.33", "₸0.34", "₸1.00"]
    assert answer.values["refunded_minor"] == 100


def test_an_enrolment_has_no_receipt(till: Till) -> None:
    till.enrol(enrolment())
    assert receipt_of_sequence(till.context, 1, copy=False) is None
    assert receipt_of_sequence(till.context, 2, copy=False) is None


def test_the_longest_basket_has_a_receipt(till: Till) -> None:
    many = tuple(line(line=place, quantity_milli=2_000, discount_minor=1) for place in range(1, 2_001))
    shown = text_of(till, till.commit(sale(lines=many)))
    assert shown.count("Alma") == 2_000
    assert "₸200,000.00" in shown


GOODS = st.builds(
    DetailLine,
    line=st.just(1),
    item=st.just("i"),
    name=st.text("АБВ xyzәհ ", min_size=1, max_size=60),
    category=st.sampled_from([None, "tobacco"]),
    quantity_milli=st.integers(1, 10**9),
    amount_minor=st.integers(0, 10**9),
    discount_minor=st.integers(0, 10**6),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(goods=st.lists(GOODS, min_size=1, max_size=8), columns=st.sampled_from([32, 42, 48]))
def test_any_sale_prints_its_total_and_its_points(till: Till, goods: list[DetailLine], columns: int) -> None:
    lines = tuple(
        BasketLine(
            line=place,
            item=item.item,
            name=item.name,
            category=item.category,
            quantity_milli=item.quantity_milli,
            amount_minor=item.amount_minor,
            discount_minor=item.discount_minor,
        )
        for place, item in enumerate(goods, start=1)
    )
    answer = till.commit(sale(f"k{till.context.book.head.sequence}", lines=lines))
    shown = text_of(till, answer, columns=columns)
    total = sum(item.amount_minor for item in goods)
    earned = answer.values["awards"][0]["amount"]
    assert f"₸{total // 100:,}.{total % 100:02}" in shown
    assert any(row.startswith("Earned") and f"{earned:,} point" in row for row in shown.splitlines())
