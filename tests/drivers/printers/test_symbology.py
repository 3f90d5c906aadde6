"""A bar code holds what its kind can hold, check digit included; nothing else becomes one."""

import pytest

from drivers.printers.symbology import Symbology, check_barcode, check_digit, check_qr


@pytest.mark.parametrize(
    ("digits", "check"), [("400638133393", "1"), ("9638507", "4"), ("03600029145", "2"), ("000000000000", "0")]
)
def test_the_check_digit_is_that_of_the_general_specifications(digits: str, check: str) -> None:
    assert check_digit(digits) == check


@pytest.mark.parametrize(
    ("symbology", "data"),
    [
        (Symbology.EAN_13, "4006381333931"),
        (Symbology.EAN_8, "96385074"),
        (Symbology.UPC_A, "036000291452"),
        (Symbology.CODE_39, "AB-12 $%/+."),
        (Symbology.CODE_128, "Kupon {42}~"),
        (Symbology.ITF, "0123"),
    ],
)
def test_what_a_kind_can_hold_is_accepted(symbology: Symbology, data: str) -> None:
    check_barcode(symbology, data)


@pytest.mark.parametrize(
    ("symbology", "data"),
    [
        (Symbology.EAN_13, "4006381333932"),
        (Symbology.EAN_13, "400638133393"),
        (Symbology.EAN_13, "٤٠٠٦٣٨١٣٣٣٩٣١"),
        (Symbology.EAN_8, "9638507"),
        (Symbology.UPC_A, "036000291453"),
        (Symbology.CODE_39, "ab"),
        (Symbology.CODE_39, ""),
        (Symbology.CODE_128, "Купон"),
        (Symbology.CODE_128, "a\n"),
        (Symbology.CODE_128, "x" * 81),
        (Symbology.ITF, "123"),
    ],
)
def test_anything_else_is_refused_without_repeating_it(symbology: Symbology, data: str) -> None:
    with pytest.raises(ValueError, match="bar code of the kind") as refused:
        check_barcode(symbology, data)
    assert not data or data not in str(refused.value)


@pytest.mark.parametrize("data", ["", "я" * 501])
def test_a_qr_code_is_neither_empty_nor_endless(data: str) -> None:
    with pytest.raises(ValueError, match="1 to 1000 bytes"):
        check_qr(data)
