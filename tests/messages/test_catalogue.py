"""What the catalogue says, and what it refuses to say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from loyalty.explain import Argument, Message, Money, Names, Units, message
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rate
from messages.catalogue import LANGUAGES, Catalogue, MissingArgument, UnknownMessage
from messages.numbers import NO_BREAK_SPACE

TENGE = Currency(code="KZT", scale=2)
STAMPS = Names(by_language=(("en", "stamps"), ("ru", "штампы")))


def plain(text: str) -> str:
    """The text with ordinary spaces for no-break ones."""
    return text.replace(NO_BREAK_SPACE, " ")


def points(amount: int, scale: int = 0) -> Units:
    return Units(amount=amount, scale=scale, names=None)


def tenge(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency=TENGE)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("kk", "12 балл: әр 20,00 ₸ үшін 1 балл, сома 246,00 ₸"),
        ("az", "12 bal: hər 20,00 ₸ üçün 1 bal, məbləğ 246,00 ₸"),
        ("ru", "12 баллов: 1 балл за 20,00 ₸, сумма 246,00 ₸"),
        ("hy", "12 միավոր՝ 20,00 ₸-ի դիմաց 1 միավոր, գումարը՝ 246,00 ₸"),
        ("en", "12 points: 1 point per ₸20.00 on ₸246.00"),
    ],
)
def test_an_explanation_is_said_in_every_language(language: str, sentence: str) -> None:
    said = message(
        "explain.per_amount", units=points(12), per_units=points(1), per_amount=tenge(2000), base=tenge(24600)
    )
    assert plain(Catalogue.load(language).say(said)) == sentence


@pytest.mark.parametrize(
    ("amount", "scale", "words"),
    [
        (0, 0, "0 баллов"),
        (1, 0, "1 балл"),
        (2, 0, "2 балла"),
        (5, 0, "5 баллов"),
        (11, 0, "11 баллов"),
        (21, 0, "21 балл"),
        (112, 0, "112 баллов"),
        (1_000_004, 0, "1 000 004 балла"),
        (-1, 0, "-1 балл"),
        (-3, 0, "-3 балла"),
        (45, 1, "4,5 балла"),
        (-45, 1, "-4,5 балла"),
        (5, 1, "0,5 балла"),
        (50, 1, "5 баллов"),
        (1_050, 2, "10,5 балла"),
    ],
)
def test_russian_declines_points(amount: int, scale: int, words: str) -> None:
    assert plain(Catalogue.load("ru").units(points(amount, scale))) == words


@pytest.mark.parametrize(
    ("language", "one", "many", "fraction"),
    [
        ("kk", "1 балл", "5 балл", "1,5 балл"),
        ("az", "1 bal", "5 bal", "1,5 bal"),
        ("hy", "1 միավոր", "5 միավոր", "1,5 միավոր"),
        ("en", "1 point", "5 points", "1.5 points"),
    ],
)
def test_the_other_languages_write_points(language: str, one: str, many: str, fraction: str) -> None:
    catalogue = Catalogue.load(language)
    assert [catalogue.units(points(1)), catalogue.units(points(5)), catalogue.units(points(15, 1))] == [
        one,
        many,
        fraction,
    ]


def test_a_unit_that_the_programme_names_is_written_with_that_name() -> None:
    three = Units(amount=3, scale=0, names=STAMPS)
    assert Catalogue.load("ru").units(three) == "3 штампы"
    assert Catalogue.load("hy").units(three) == "3 stamps"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["1 stamp", "2 stamps", "5 stamps", "1.5 stamps"]),
        ("ru", ["1 печать", "2 печати", "5 печатей", "1,5 печати"]),
        ("kk", ["1 мөр", "2 мөр", "5 мөр", "1,5 мөр"]),
        ("hy", ["1 stamp", "2 stamps", "5 stamps", "1,5 stamps"]),
    ],
)
def test_a_unit_is_declined_as_far_as_the_programme_gives_forms(language: str, written: list[str]) -> None:
    names = Names(by_language=(("en", "stamp|stamps"), ("kk", "мөр"), ("ru", "печать|печати|печатей")))
    counted = [Units(amount=amount, scale=0, names=names) for amount in (1, 2, 5)]
    counted.append(Units(amount=15, scale=1, names=names))
    assert [Catalogue.load(language).units(units).replace(NO_BREAK_SPACE, " ") for units in counted] == written
    assert Catalogue.load("en").text("unit.named", number="", unit=names).strip() == "stamps"


def test_a_count_takes_its_plural_form() -> None:
    russian = Catalogue.load("ru")
    assert [plain(russian.text("till.pending", count=count)) for count in (1, 2, 1_005)] == [
        "1 чек ожидает отправки",
        "2 чека ожидают отправки",
        "1 005 чеков ожидают отправки",
    ]


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("Gold", "Gold"),
        (1234, "1,234"),
        (tenge(-50), "-₸0.50"),
        (points(2), "2 points"),
        (STAMPS, "stamps"),
        (Rate.of(3, 2), "1.5"),
        (date(2010, 12, 4), "4 Dec 2010"),
        (datetime(2010, 12, 4, 9, 5, tzinfo=UTC), "4 Dec 2010, 09:05"),
    ],
)
def test_each_kind_of_argument_is_written_in_the_language(argument: object, written: str) -> None:
    assert Catalogue.load("en").text("receipt.as_of", at=argument) == f"as of {written}"  # type: ignore[arg-type]


def test_a_unit_that_is_money_is_written_as_money_with_its_name_behind_it() -> None:
    cashback = Names(by_language=(("en", "cashback"),))
    units = Units(amount=1_250, scale=2, names=cashback, currency=Currency(code="KZT", scale=2))
    assert Catalogue.load("en").units(units) == "₸12.50 cashback"
    assert Catalogue.load("en").units(replace(units, names=None)) == "₸12.50"


def test_a_message_is_said_in_full_and_in_brief() -> None:
    english = Catalogue.load("en")
    arguments: dict[str, Argument] = {
        "units": points(5),
        "per_units": points(1),
        "per_amount": tenge(2_000),
        "base": tenge(10_000),
    }
    said = message("explain.per_amount", **arguments)
    assert english.say(said) == "5 points: 1 point per ₸20.00 on ₸100.00"
    assert english.brief(said) == "1 point per ₸20.00 on ₸100.00"
    assert english.brief(message("explain.before_tax")) == english.say(message("explain.before_tax"))


def test_a_number_that_names_something_is_not_grouped() -> None:
    assert Catalogue.load("ru").text("receipt.number", number=12345) == "Чек № 12345"


def test_an_argument_cannot_bring_placeholders_of_its_own() -> None:
    assert Catalogue.load("en").text("receipt.tier", tier="{balance} {0} %s") == "Tier: {balance} {0} %s"


def test_arguments_that_the_sentence_does_not_use_are_left_out() -> None:
    assert Catalogue.load("en").say(message("receipt.earned", units=points(1))) == "Earned"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unknown", ["", "receipt.no_such", "Earned", "receipt"])
def test_an_unknown_id_is_a_bug_and_is_never_shown(language: str, unknown: str) -> None:
    with pytest.raises(UnknownMessage):
        Catalogue.load(language).say(Message(id=unknown))


def test_a_missing_argument_is_a_bug_that_names_message_and_argument() -> None:
    with pytest.raises(MissingArgument, match=r"'receipt.tier' .* 'tier'"):
        Catalogue.load("kk").say(message("receipt.tier", level="Gold"))


def test_plural_forms_and_a_count_need_each_other() -> None:
    with pytest.raises(MissingArgument):
        Catalogue.load("ru").text("till.pending")
    with pytest.raises(UnknownMessage):
        Catalogue.load("ru").text("receipt.earned", count=2)


def test_an_unknown_language_is_answered_in_english() -> None:
    assert Catalogue.load("de-AT") is Catalogue.load("en")


def test_a_catalogue_is_read_once() -> None:
    assert Catalogue.load("kk-KZ") is Catalogue.load("kk")


def test_a_till_speaks_without_babel() -> None:
    program = """
import sys
sys.modules["babel"] = None
from messages.catalogue import Catalogue
assert Catalogue.load("ru").text("receipt.earned")
print("jinja2" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("False\n", "")
