"""The catalogues themselves: none lacks anything, and what is compiled is what was written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from drivers.printers.atlas.glyphs import Face, glyphs
from loyalty.refusals import RefusalCode
from messages.checks import Entry, faults
from messages.compile import LOCALE, all_faults, entries, main, po_path, read_catalog, write_all
from messages.languages import PAPER_LANGUAGES
from messages.numbers import CURRENCY_SIGNS, NO_BREAK_SPACE, STYLES

Spoken = Mapping[str, Mapping[str, Entry]]
FORMS = {"kk": 2, "az": 2, "ru": 3, "hy": 2, "en": 2, "ka": 2, "tr": 2, "uz": 2}


def compiled(stream: object) -> dict[object, str]:
    """What gettext reads, without the header that names Babel's version."""
    texts: dict[object, str] = vars(GNUTranslations(stream))["_catalog"]  # type: ignore[arg-type]
    return {id_: text for id_, text in texts.items() if id_}


def test_no_catalogue_has_a_fault(catalogs: dict[str, Catalog]) -> None:
    assert all_faults(catalogs) == []


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_what_is_compiled_is_what_was_written(language: str, catalogs: dict[str, Catalog]) -> None:
    fresh = BytesIO()
    write_mo(fresh, catalogs[language])
    fresh.seek(0)
    with po_path(language).with_suffix(".mo").open("rb") as stream:
        assert compiled(stream) == compiled(fresh), "run: python -m messages.compile"


def test_the_master_list_has_the_ids_of_the_catalogues(spoken: Spoken) -> None:
    lines = (LOCALE / "loyaltill.pot").read_text(encoding="utf-8").splitlines()
    listed = {line.removeprefix('msgid "').removesuffix('"') for line in lines if line.startswith('msgid "')} - {""}
    assert listed == set(spoken["en"]), "run: python -m messages.compile"


def test_files_that_are_written_again_stay_the_same(catalogs: dict[str, Catalog], tmp_path: Path) -> None:
    shutil.copytree(LOCALE, tmp_path / "locale")
    write_all(catalogs, tmp_path / "locale")
    first = {path: path.read_bytes() for path in (tmp_path / "locale").rglob("*.*")}
    write_all(
        {language: read_catalog(language, tmp_path / "locale") for language in PAPER_LANGUAGES}, tmp_path / "locale"
    )
    assert {path: path.read_bytes() for path in (tmp_path / "locale").rglob("*.*")} == first


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_every_refusal_has_its_words(language: str, spoken: Spoken) -> None:
    said = {id_ for id_ in spoken[language] if id_.startswith("refusal.")}
    assert said == {f"refusal.{code}" for code in RefusalCode}


@pytest.mark.parametrize("face", Face)
@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_every_letter_can_be_printed(language: str, face: Face, spoken: Spoken) -> None:
    said = "".join(form for entry in spoken[language].values() for form in entry.forms)
    # A title may be printed in capitals; Georgian has none on paper.
    capitals = said.upper() if language != "ka" else ""
    marks = "".join(STYLES[language].group + STYLES[language].decimal + sign for sign in CURRENCY_SIGNS.values())
    assert set((said + capitals + marks).replace(NO_BREAK_SPACE, " ")) - set(glyphs(face)) == set()


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_every_message_tells_the_translator_where_it_stands(language: str, catalogs: dict[str, Catalog]) -> None:
    assert [message.id for message in catalogs[language] if message.id and not message.auto_comments] == []


@pytest.mark.parametrize("language", PAPER_LANGUAGES)
def test_plural_forms_follow_cldr(language: str, catalogs: dict[str, Catalog]) -> None:
    with po_path(language).with_suffix(".mo").open("rb") as stream:
        form = vars(GNUTranslations(stream))["plural"]
    rule = Locale.parse(language).plural_form
    by_category: dict[str, set[int]] = {}
    for count in [*range(1_200), 10**6, 10**6 + 1, 10**9 + 3]:
        by_category.setdefault(rule(count), set()).add(form(count))
    assert sorted(by_category.values(), key=min) == [{place} for place in range(FORMS[language])]
    assert catalogs[language].num_plurals == FORMS[language]


GOOD: dict[str, dict[str, Entry]] = {
    "en": {
        "till.hello": Entry(id="till.hello", forms=("Good morning, {name}",)),
        "till.seen": Entry(id="till.seen", forms=("{count} card", "{count} cards"), plural=True),
    },
    "ru": {
        "till.hello": Entry(id="till.hello", forms=("Доброе утро, {name}",)),
        "till.seen": Entry(id="till.seen", forms=("{count} карта", "{count} карты", "{count} карт"), plural=True),
    },
}


def planted(**change: object) -> list[str]:
    """The faults of GOOD with the Russian greeting changed."""
    greeting = replace(GOOD["ru"]["till.hello"], **change)  # type: ignore[arg-type]
    return faults({**GOOD, "ru": {**GOOD["ru"], "till.hello": greeting}}, FORMS)


def test_good_catalogues_have_no_faults() -> None:
    assert planted() == []


@pytest.mark.parametrize(
    ("forms", "fault"),
    [
        (("Доброе утро, {nmae}",), "has the placeholders ['nmae'] instead of ['name']"),
        (("Доброе утро",), "has the placeholders [] instead of ['name']"),
        (("Доброе утро, {name",), "is malformed: expected '}' before end of string"),
        (("Доброе утро, {name!r}",), "is malformed: {name} is not a plain name in braces"),
        (("Доброе утро, {name:>9}",), "is malformed: {name} is not a plain name in braces"),
        (("Доброе утро, {0}",), "is malformed: {0} is not a plain name in braces"),
        ((" Доброе утро, {name}",), "has a space too many"),
        (("Дoбрoе утро, {name}",), "has letters that are not of the language: o"),
        (("Доброе утро, {name}", "Доброе утро, {name}"), "has 2 forms instead of 1"),
    ],
)
def test_a_planted_slip_is_found(forms: tuple[str, ...], fault: str) -> None:
    assert f"ru: till.hello {fault}" in planted(forms=forms)


@pytest.mark.parametrize(
    ("id_", "form", "fault"),
    [
        ("till.gone.short", "Hello", "en: till.gone.short is the short form of nothing"),
        ("till.hello.short", "Hello, {who}", "en: till.hello.short has placeholders that its full form has not"),
    ],
)
def test_a_short_form_that_does_not_fit_is_found(id_: str, form: str, fault: str) -> None:
    short = {id_: Entry(id=id_, forms=(form,))}
    assert fault in faults({"en": {**GOOD["en"], **short}, "ru": GOOD["ru"]}, FORMS)


def test_a_planted_untranslated_text_is_found() -> None:
    assert "ru: till.hello is the same as in en: not translated" in planted(forms=("Good morning, {name}",))


def test_a_planted_empty_text_is_found() -> None:
    assert "ru: till.hello is empty" in planted(forms=("",))


def test_a_planted_fuzzy_text_is_found() -> None:
    assert planted(fuzzy=True) == ["ru: till.hello is marked fuzzy"]


def test_what_never_stands_on_paper_is_found_in_a_language_of_paper() -> None:
    total = Entry(id="receipt.total", forms=("Total",))
    english = {**GOOD["en"], "receipt.total": total}
    turkish = {"till.hello": replace(GOOD["en"]["till.hello"], forms=("Merhaba, {name}",))}
    assert faults({"en": english, "tr": turkish}, FORMS) == [
        "tr: receipt.total is missing",
        "tr: till.hello never stands on paper",
    ]


def test_a_missing_message_and_a_strange_one_are_found() -> None:
    strange = Entry(id="till.bye", forms=("До свидания",))
    lacking = {"till.seen": GOOD["ru"]["till.seen"], "till.bye": strange}
    assert faults({**GOOD, "ru": lacking}, FORMS) == ["ru: till.bye is unknown in en", "ru: till.hello is missing"]


def test_a_missing_plural_form_is_found() -> None:
    short = Entry(id="till.seen", forms=("{count} карта", "{count} карты"), plural=True)
    found = faults({**GOOD, "ru": {**GOOD["ru"], "till.seen": short}}, FORMS)
    assert found == ["ru: till.seen has 2 forms instead of 3"]


@pytest.fixture
def workbench(tmp_path: Path) -> Path:
    """A copy of the catalogues that a test may change."""
    return shutil.copytree(LOCALE, tmp_path / "locale")


def test_a_message_is_added_with_one_command_and_taken_out_with_another(workbench: Path) -> None:
    texts = {"en": "{count} hat|{count} hats", "ru": "{count} шапка|{count} шапки|{count} шапок"}
    texts |= {
        "kk": "{count} бөрік|{count} бөрік",
        "az": "{count} papaq|{count} papaq",
        "hy": "{count} գլխարկ|{count} գլխարկ",
    }
    given = [argument for language, text in texts.items() for argument in (f"--{language}", text)]
    assert main(["--add", "till.hats", "--note", "{count}: how many", *given], workbench) == 0
    assert entries(read_catalog("ru", workbench))["till.hats"].forms == tuple(texts["ru"].split("|"))
    assert main(["--remove", "till.hats"], workbench) == 0
    assert "till.hats" not in entries(read_catalog("kk", workbench))


def test_a_message_that_lacks_a_language_is_not_added(workbench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = po_path("en", workbench).read_bytes()
    assert main(["--add", "till.hats", "--note", "a note", "--en", "Hats", "--ru", "Шапки"], workbench) == 1
    assert "kk: till.hats is empty" in capsys.readouterr().err
    assert po_path("en", workbench).read_bytes() == before
