"""Text in the letters that a display has, by the nearest ones where it lacks some. Pure.

A letter is kept where the display has it. Else it gives way to a kin in the same script (Kazakh's own letters to the Russian
ones beside them), then to Latin letters, then to itself without its marks; what is left has no likeness and is a blank.
"""

import unicodedata
from typing import Final

_CYRILLIC: Final = {
    "ә": "а",
    "ғ": "г",
    "қ": "к",
    "ң": "н",
    "ө": "о",
    "ұ": "у",
    "ү": "у",
    "һ": "х",
    "і": "i",
    "ё": "е",
    "ў": "у",
    "ҳ": "х",
}
"""Kazakh (and Uzbek Cyrillic) letters by their Russian kin."""
_LATIN: Final = {
    **dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)),
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "ё": "e",
    "ә": "a",
    "ғ": "g",
    "қ": "q",
    "ң": "n",
    "ө": "o",
    "ұ": "u",
    "ү": "u",
    "һ": "h",
    "і": "i",
    "ў": "o'",
    "ҳ": "h",
    # Azerbaijani, Turkish, Uzbek
    "ə": "e",
    "ı": "i",
    "ğ": "g",
    "ş": "s",
    "ç": "c",
    "ö": "o",
    "ü": "u",
    "ʻ": "'",
    "ʼ": "'",
    # Armenian (BGN/PCGN, without its apostrophes)
    **dict(zip("աբգդեզէըիլխծկհձղճմյնշոպջռսվտրցփքօֆ", "abgdezeyilxckhjgcmynsopjrsvtrcpkof", strict=True)),
    "թ": "t",
    "ժ": "zh",
    "խ": "kh",
    "ծ": "ts",
    "ձ": "dz",
    "ղ": "gh",
    "ճ": "ch",
    "շ": "sh",
    "չ": "ch",
    "ջ": "j",
    "ց": "ts",
    "ւ": "v",
    "և": "ev",
    "։": ".",
    "՝": ",",
    "՛": "",
    "՜": "!",
    "՞": "?",
    # Georgian (national system, without its apostrophes)
    **dict(zip("აბგდევზთიკლმნოპრსტუფქჰ", "abgdevztiklmnoprstupkh", strict=True)),
    "ჟ": "zh",
    "ღ": "gh",
    "ყ": "q",
    "შ": "sh",
    "ჩ": "ch",
    "ც": "ts",
    "ძ": "dz",
    "წ": "ts",
    "ჭ": "ch",
    "ხ": "kh",
    "ჯ": "j",
}
_SIGNS: Final = {
    "₸": "T",
    "₼": "AZN",
    "₽": "RUB",
    "֏": "AMD",
    "₾": "GEL",
    "₺": "TL",
    "€": "EUR",
    "£": "GBP",
    "№": "No",
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "„": '"',
    "’": "'",
    "‘": "'",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "x",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "…": "...",
    "•": "*",
    "·": ".",
    "İ": "I",
}


_ARMENIAN_U: Final = {"ու": "u", "Ու": "U", "ՈՒ": "U"}
"""Two letters that are one vowel."""


def transliterate(text: str, codec: str) -> str:
    """``text`` in characters that ``codec`` (as Python names it) can encode; may be longer than before."""
    composed = unicodedata.normalize("NFC", text)
    if not _has("ւ", codec):
        for pair, letter in _ARMENIAN_U.items():
            composed = composed.replace(pair, letter)
    return "".join(_nearest(letter, codec) for letter in composed)


def _nearest(letter: str, codec: str) -> str:
    if unicodedata.category(letter) == "Cf":  # invisible by nature, as a soft hyphen
        return ""
    if letter.isprintable() and _has(letter, codec):
        return letter
    for table in (_CYRILLIC, _LATIN, _SIGNS):
        found = table.get(letter)
        if found is None and letter.lower() in table:
            small = table[letter.lower()]
            found = small[:1].upper() + small[1:]
        if found is not None and _has(found, codec):
            return found
    bare = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return bare if bare != letter and bare.isprintable() and _has(bare, codec) else " "


def _has(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
