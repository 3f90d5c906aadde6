"""Every letter of the languages has a likeness on every display, and never a question mark."""

import string

import pytest

from drivers.displays.transliteration import transliterate

ALPHABETS = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "az": "abcçdeəfgğhxıijkqlmnoöprsştuüvyz",
    "hy": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
    "ka": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "tr": "abcçdefgğhıijklmnoöprsştuüvyz",
    "uz": "abdefghijklmnopqrstuvxyzʻʼ",
}
SILENT = {"ъ", "ь"}


@pytest.mark.parametrize("codec", ["ascii", "cp866", "cp437", "cp1251", "cp857"])
@pytest.mark.parametrize("language", ALPHABETS)
def test_every_letter_becomes_letters_that_the_display_has(language: str, codec: str) -> None:
    for letter in ALPHABETS[language]:
        for form in (letter, letter.upper() if letter != "և" else letter):
            shown = transliterate(form, codec)
            assert shown.encode(codec).decode(codec) == shown
            assert shown.strip() or letter in SILENT, form
            assert "?" not in shown


@pytest.mark.parametrize(
    ("text", "codec", "shown"),
    [
        ("Сәлем, Әлия!", "cp866", "Салем, Алия!"),
        ("Сәлем, Әлия!", "ascii", "Salem, Aliya!"),
        ("Қош келдіңіз!", "cp866", "Кош келдiнiз!"),
        ("Қош келдіңіз!", "kz1048", "Қош келдіңіз!"),
        ("Salam, Gülüm! Şəki", "cp857", "Salam, Gülüm! Şeki"),
        ("Xoş gəldiniz!", "ascii", "Xos geldiniz!"),
        ("Ողջույն, Անի", "ascii", "Oghjuyn, Ani"),
        ("Արմենուհի ՈՒՍԱ Ուրախ", "cp866", "Armenuhi USA Urakh"),
        ("Ողջույն", "utf-8", "Ողջույն"),
        ("мо\u00adлоко\u200e", "cp866", "молоко"),
        ("გამარჯობა", "ascii", "gamarjoba"),
        ("1\u00a0286\u202fбалл", "cp866", "1 286 балл"),
        ("Ёлка Щука", "ascii", "Elka Schuka"),
        ("12 ₸ 寿", "ascii", "12 T  "),
        ("a\nb\x1b", "ascii", "a b "),
    ],
)
def test_words_stay_readable(text: str, codec: str, shown: str) -> None:
    assert transliterate(text, codec) == shown


def test_what_the_display_has_stays_as_it_is() -> None:
    plain = string.ascii_letters + string.digits + string.punctuation + " "
    assert transliterate(plain, "ascii") == plain
