"""The identifier of a symbol says what its text shall be read as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.gs1.carriers import Carried, Content, Symbology, carried, item_of
from drivers.scanners.gs1.elements import parse_elements
from drivers.scanners.numbers.gtin import Gtin, GtinFault, GtinReason
from drivers.scanners.symbols import Symbol

EAN = "4006381333931"


@pytest.mark.parametrize(
    ("aim", "symbology"),
    [
        ("]C1", Symbology.CODE_128),
        ("]e0", Symbology.DATABAR),
        ("]e1", Symbology.DATABAR),
        ("]e2", Symbology.DATABAR),
        ("]d2", Symbology.DATA_MATRIX),
        ("]Q3", Symbology.QR_CODE),
        ("]J1", Symbology.DOTCODE),
    ],
)
def test_gs1_carriers_hold_element_strings(aim: str, symbology: Symbology) -> None:
    text = "010950600013435210AB"
    data = carried(Symbol(aim=aim, text=text))
    assert data == Carried(symbology=symbology, content=Content.ELEMENTS, text=text)


@pytest.mark.parametrize(
    ("aim", "symbology"),
    [
        ("]C0", Symbology.CODE_128),
        ("]C2", Symbology.CODE_128),
        ("]Q0", Symbology.QR_CODE),
        ("]Q1", Symbology.QR_CODE),
        ("]Q5", Symbology.QR_CODE),
        ("]d1", Symbology.DATA_MATRIX),
        ("]d3", Symbology.DATA_MATRIX),
        ("]J0", Symbology.DOTCODE),
        ("]A0", Symbology.CODE_39),
        ("]L2", Symbology.PDF417),
        ("]z0", Symbology.AZTEC),
        ("]X0", Symbology.OTHER),
        ("]Y1a", Symbology.SYSTEM_EXPANSION),
        ("]e3", Symbology.DATABAR),
        ("]w0", Symbology.UNTOLD),
    ],
)
def test_other_symbols_hold_text(aim: str, symbology: Symbology) -> None:
    text = "https://a/01/09506000134352|]e099A"
    assert carried(Symbol(aim=aim, text=text)) == Carried(symbology=symbology, content=Content.TEXT, text=text)


def test_without_an_identifier_anything_may_be_meant() -> None:
    data = carried(Symbol(text=EAN))
    assert data == Carried(symbology=Symbology.UNTOLD, content=Content.UNTOLD, text=EAN)


def test_a_leading_separator_without_an_identifier_tells_an_element_string() -> None:
    data = carried(Symbol(text="\x1d0109506000134352"))
    assert data == Carried(symbology=Symbology.UNTOLD, content=Content.ELEMENTS, text="0109506000134352")


@pytest.mark.parametrize(
    ("aim", "text", "expected"),
    [
        ("]E0", EAN, Gtin(value=EAN)),
        ("]E0", "0036000291452", Gtin(value="036000291452")),
        ("]E0", "036000291452", Gtin(value="036000291452")),
        ("]E0", "04252614", Gtin(value="042100005264")),
        ("]E0", "0000096385074", Gtin(value="96385074")),
        ("]E3", EAN + "12", Gtin(value=EAN)),
        ("]E3", EAN + "12345", Gtin(value=EAN)),
        ("]E4", "96385074", Gtin(value="96385074")),
        ("]I1", "14006381333938", Gtin(value="14006381333938")),
        ("]I0", "14006381333938", Gtin(value="14006381333938")),
        ("]E0", "", GtinFault(reason=GtinReason.LENGTH)),
        ("]E0", EAN + "12", GtinFault(reason=GtinReason.LENGTH)),
        ("]E0", "14006381333938", GtinFault(reason=GtinReason.LENGTH)),
        ("]E3", EAN + "123", GtinFault(reason=GtinReason.LENGTH)),
        ("]E4", EAN, GtinFault(reason=GtinReason.LENGTH)),
        ("]E4", "96385075", GtinFault(reason=GtinReason.CHECK_DIGIT)),
        ("]E0", "4006381333932", GtinFault(reason=GtinReason.CHECK_DIGIT)),
        ("]E0", "400638133393X", GtinFault(reason=GtinReason.NOT_DIGITS)),
        ("]I1", "123456", GtinFault(reason=GtinReason.LENGTH)),
    ],
)
def test_an_item_number_is_read_out_of_its_symbol(aim: str, text: str, expected: Gtin | GtinFault) -> None:
    assert item_of(carried(Symbol(aim=aim, text=text))) == expected


@pytest.mark.parametrize("aim", ["", "]E1", "]E2", "]C1", "]Q1"])
def test_other_symbols_hold_no_item_number_by_themselves(aim: str) -> None:
    with pytest.raises(ValueError, match="no trade item number by itself"):
        item_of(carried(Symbol(aim=aim, text=EAN)))


@pytest.mark.parametrize(
    ("aim", "text", "data"),
    [
        (
            "]E0",
            f"{EAN}|]e021XYZ",
            Carried(symbology=Symbology.EAN_UPC, content=Content.EAN_13, text=EAN, composite="21XYZ"),
        ),
        (
            "]E0",
            f"{EAN}]e121XYZ",
            Carried(symbology=Symbology.EAN_UPC, content=Content.EAN_13, text=EAN, composite="21XYZ"),
        ),
        (
            "]E4",
            "96385074|]e0",
            Carried(symbology=Symbology.EAN_UPC, content=Content.EAN_8, text="96385074", composite=""),
        ),
        (
            "]E3",
            f"{EAN}12|]e099A",
            Carried(symbology=Symbology.EAN_UPC, content=Content.EAN_13, text=EAN, add_on="12", composite="99A"),
        ),
        ("]E0", f"{EAN}|", Carried(symbology=Symbology.EAN_UPC, content=Content.EAN_13, text=f"{EAN}|")),
        ("]E1", "12", Carried(symbology=Symbology.EAN_UPC, content=Content.ADD_ON, text="12")),
        (
            "]e0",
            "0109506000134352|]e021X",
            Carried(symbology=Symbology.DATABAR, content=Content.ELEMENTS, text="0109506000134352\x1d21X"),
        ),
    ],
)
def test_add_ons_and_composite_components_are_taken_off(aim: str, text: str, data: Carried) -> None:
    assert carried(Symbol(aim=aim, text=text)) == data


def test_a_composite_component_has_its_companion_in_the_linear_symbol() -> None:
    data = carried(Symbol(aim="]C1", text="0109506000134352|]e021XYZ"))
    read = parse_elements(data.text)
    assert getattr(read, "bracketed", str)() == "(01)09506000134352(21)XYZ"


def test_what_was_scanned_is_not_shown_in_logs() -> None:
    assert "4006" not in repr(carried(Symbol(aim="]E3", text=f"{EAN}12|]e0214006")))


@given(aim=st.sampled_from(["", "]E0", "]E3", "]E4", "]C1", "]e0", "]I1", "]Q1"]), text=st.text(max_size=60))
def test_no_text_makes_it_raise(aim: str, text: str) -> None:
    data = carried(Symbol(aim=aim, text=text))
    if data.content in {Content.EAN_13, Content.EAN_8, Content.ITF_14}:
        assert isinstance(item_of(data), Gtin | GtinFault)
