from drivers.scanners.sources.pcsc.reader_names import matching

ONE = "Maker Model [PICC] (123) 00 00"
MOVED = "Maker Model [PICC] (123) 01 00"
TWIN = "Maker Model [PICC] (123) 01 00"
SLOT = "Maker Model [PICC] (123) 00 01"
OTHER = "Other 01 00"


def test_without_a_name_every_reader_may_be_meant() -> None:
    assert matching([ONE, OTHER], "") == (ONE, OTHER)
    assert matching([], "") == ()


def test_a_whole_name_means_that_reader_alone() -> None:
    assert matching([ONE, TWIN], ONE) == (ONE,)
    assert matching([TWIN], ONE) == ()


def test_a_name_without_numbers_follows_the_reader_when_they_move() -> None:
    wanted = "Maker Model [PICC] (123)"
    assert matching([ONE, OTHER], wanted) == (ONE,)
    assert matching([OTHER, MOVED], wanted) == (MOVED,)
    assert matching([ONE, SLOT], wanted) == (ONE, SLOT)


def test_a_star_for_the_first_number_tells_slots_apart() -> None:
    wanted = "Maker Model [PICC] (123) * 01"
    assert matching([ONE, SLOT], wanted) == (SLOT,)
    assert matching([MOVED], wanted) == ()


def test_windows_names_end_with_one_number() -> None:
    assert matching(["ACS ACR122 0", "Other 1"], "ACS ACR122") == ("ACS ACR122 0",)


def test_a_part_of_a_name_means_nothing() -> None:
    assert matching([ONE], "Maker") == ()
