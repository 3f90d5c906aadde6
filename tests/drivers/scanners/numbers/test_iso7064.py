"""The eight systems of ISO/IEC 7064 compute what the standard's own examples say, and find what they promise."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.numbers.iso7064 import Iso7064, iso7064_check, passes_iso7064

DIGITS: Final = "0123456789"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABET: Final = {
    Iso7064.MOD_11_2: DIGITS,
    Iso7064.MOD_37_2: DIGITS + LETTERS,
    Iso7064.MOD_97_10: DIGITS,
    Iso7064.MOD_661_26: LETTERS,
    Iso7064.MOD_1271_36: DIGITS + LETTERS,
    Iso7064.MOD_11_10: DIGITS,
    Iso7064.MOD_27_26: LETTERS,
    Iso7064.MOD_37_36: DIGITS + LETTERS,
}
PURE: Final = [system for system in Iso7064 if system.value in {"mod_11_2", "mod_37_2", "mod_97_10"}] + [
    Iso7064.MOD_661_26,
    Iso7064.MOD_1271_36,
]
each_system = pytest.mark.parametrize("system", list(Iso7064))


@pytest.mark.parametrize(
    ("system", "text"),
    [
        (Iso7064.MOD_11_2, "07940"),  # ISO/IEC 7064, the example of the pure systems
        (Iso7064.MOD_11_2, "079X"),
        (Iso7064.MOD_11_2, "0000000218250097"),  # ORCID's published example
        (Iso7064.MOD_97_10, "79444"),  # ISO/IEC 7064
        (Iso7064.MOD_97_10, "3214282912345698765432161182"),  # the IBAN example BE..., letters as numbers
        (Iso7064.MOD_1271_36, "ISO793W"),  # ISO/IEC 7064
        (Iso7064.MOD_11_10, "07945"),  # ISO/IEC 7064
        (Iso7064.MOD_37_2, "G123498654321H"),  # ISBT 128, Technical Specification, the example of a donation number
        (Iso7064.MOD_37_36, "A12425GABC1234002M"),  # the example of the Global Release Identifier
    ],
)
def test_the_published_examples_pass(system: Iso7064, text: str) -> None:
    assert passes_iso7064(text, system)


@st.composite
def systems_and_payloads(draw: st.DrawFn) -> tuple[Iso7064, str]:
    system = draw(st.sampled_from(list(Iso7064)))
    return system, draw(st.text(ALPHABET[system], min_size=1, max_size=24))


@given(systems_and_payloads())
def test_a_computed_check_passes(case: tuple[Iso7064, str]) -> None:
    system, payload = case
    assert passes_iso7064(payload + iso7064_check(payload, system), system)


@given(systems_and_payloads(), st.integers(0, 23), st.data())
def test_every_single_wrong_character_is_found(case: tuple[Iso7064, str], place: int, data: st.DataObject) -> None:
    system, payload = case
    place %= len(payload)
    char = data.draw(st.sampled_from([char for char in ALPHABET[system] if char != payload[place]]))
    wrong = payload[:place] + char + payload[place + 1 :]
    assert not passes_iso7064(wrong + iso7064_check(payload, system), system)


@given(systems_and_payloads().filter(lambda case: case[0] in PURE and len(case[1]) > 1), st.integers(0, 22))
def test_the_pure_systems_find_all_swapped_neighbours(case: tuple[Iso7064, str], place: int) -> None:
    system, payload = case
    place %= len(payload) - 1
    swapped = payload[:place] + payload[place + 1] + payload[place] + payload[place + 2 :]
    assert passes_iso7064(swapped + iso7064_check(payload, system), system) is (swapped == payload)


@pytest.mark.parametrize(("payload", "check"), [("0", "98"), ("97", "98"), ("65", "97"), ("1", "95")])
def test_two_check_digits_are_02_to_98(payload: str, check: str) -> None:
    assert iso7064_check(payload, Iso7064.MOD_97_10) == check
    assert not passes_iso7064(f"{payload}{(int(check) + 3) % 100:02}", Iso7064.MOD_97_10)


@each_system
@given(text=st.text(max_size=40))
def test_no_text_makes_a_check_raise(system: Iso7064, text: str) -> None:
    assert passes_iso7064(text, system) in {True, False}


@each_system
@pytest.mark.parametrize("text", ["", "0", "A", "X", "*", "٠٧٩٤٠", "0794 0", "iso793w", "07940\n"])
def test_what_is_too_short_or_of_other_characters_does_not_pass(system: Iso7064, text: str) -> None:
    assert not passes_iso7064(text, system)


@each_system
@pytest.mark.parametrize("payload", ["", "a", "٤", "*"])
def test_the_message_about_a_bad_payload_does_not_show_it(system: Iso7064, payload: str) -> None:
    first, last = ALPHABET[system][0], ALPHABET[system][-1]
    with pytest.raises(ValueError, match=f"^{system.value} is computed over one or more of {first}-{last}$"):
        iso7064_check(payload, system)
