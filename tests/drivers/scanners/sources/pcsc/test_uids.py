import pytest

from drivers.scanners.sources.pcsc.uids import read_uid, uid_misreading
from drivers.scanners.symbols import Medium, Misreading, Symbol

TYPE_B_ATR = bytes.fromhex("3B88800100000000B3717100CC")
TYPE_A_ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")


@pytest.mark.parametrize("uid", ["9A2BC4D1", "04A2B3C4D5E680", "88042B3C4D5E6F708192", "0400000000"[:8]])
def test_a_fixed_uid_of_each_size_is_a_symbol_in_upper_case(uid: str) -> None:
    assert read_uid(bytes.fromhex(uid), TYPE_A_ATR) == Symbol(text=uid, medium=Medium.UID)


@pytest.mark.parametrize("uid", ["08A1B2C3", "80A1B2C3"])
def test_a_random_uid_is_nobody(uid: str) -> None:
    assert read_uid(bytes.fromhex(uid), TYPE_A_ATR) is Misreading.RANDOM_UID


@pytest.mark.parametrize("uid", ["08A1B2C3D4E5F6", "80A1B2C3D4E5F6"])
def test_only_a_single_size_uid_is_random_by_its_first_byte(uid: str) -> None:
    assert uid_misreading(bytes.fromhex(uid)) is None


@pytest.mark.parametrize("uid", ["", "9A", "9A2BC4", "9A2BC4D1E2", "E004010012345678", "9A" * 11])
def test_another_length_is_no_uid(uid: str) -> None:
    assert read_uid(bytes.fromhex(uid)) is Misreading.NO_UID


@pytest.mark.parametrize("size", [4, 7, 10])
def test_all_zeros_are_no_uid(size: int) -> None:
    assert read_uid(bytes(size)) is Misreading.NO_UID


def test_the_number_of_a_type_b_card_is_made_up() -> None:
    assert read_uid(bytes.fromhex("9A2BC4D1"), TYPE_B_ATR) is Misreading.RANDOM_UID


def test_a_symbol_never_shows_its_uid() -> None:
    assert "9A2BC4D1" not in repr(read_uid(bytes.fromhex("9A2BC4D1")))
