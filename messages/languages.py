"""The languages that Loyaltill speaks, and how a reader's wish becomes one of them.

Knows language codes and what each language calls itself; refuses to know what is said in them.
"""

FALLBACK = "en"
LANGUAGES = ("kk", "az", "ru", "hy", "en")
"""ISO 639-1 codes of the languages of pages, which have every message, in the order in which a page offers them."""

PAPER_LANGUAGES = (*LANGUAGES, "ka", "tr", "uz")
"""The languages of paper: those of pages, and those whose catalogue has only what stands on receipts and slips."""

PAPER_SCOPE = ("explain.", "receipt.", "refusal.", "unit.")
"""How the ids begin of everything that may stand on paper."""

OWN_NAMES = {
    "kk": "Қазақша",
    "az": "Azərbaycanca",
    "ru": "Русский",
    "hy": "Հայերեն",
    "en": "English",
    "ka": "ქართული",
    "tr": "Türkçe",
    "uz": "Oʻzbekcha",
}
"""What each language calls itself, for a page where a person chooses, and for a printer's test page."""

MAX_HEADER = 1_000
"""Most characters of an ``Accept-Language`` header that are read."""


def says(language: str, message_id: str) -> bool:
    """Tell whether the catalogue of ``language`` has to have a message."""
    return language in LANGUAGES or message_id.startswith(PAPER_SCOPE)


def nearest_language(tag: str, among: tuple[str, ...] = LANGUAGES) -> str:
    """Give the catalogue for a language tag such as ``kk``, ``kk-KZ`` or ``ru_RU.UTF-8``; `FALLBACK` for any other.

    Args:
        tag: What somebody wishes to read.
        among: `LANGUAGES` for a page, `PAPER_LANGUAGES` for paper.
    """
    primary = tag.strip().lower().replace("_", "-").split("-")[0].split(".")[0]
    return primary if primary in among else FALLBACK


def negotiate(accept_language: str) -> str:
    """Choose a language for an HTTP ``Accept-Language`` header.

    Args:
        accept_language: The header as sent, or empty. Malformed parts are skipped.

    Returns:
        The known language with the highest weight, the first of equals; `FALLBACK` if none is known.

    Source: RFC 9110, section 12.5.4.
    """
    best, best_weight = FALLBACK, 0
    for part in accept_language[:MAX_HEADER].split(","):
        tag, _, weight_text = part.partition(";")
        primary = tag.strip().lower().split("-")[0]
        weight = _weight_milli(weight_text)
        if primary in LANGUAGES and weight > best_weight:
            best, best_weight = primary, weight
    return best


def _weight_milli(text: str) -> int:
    """Read ``q=0.8`` as 800 thousandths; no weight is 1000, a malformed one 0."""
    name, _, value = text.replace(" ", "").partition("=")
    if not name:
        return 1000
    whole, _, fraction = value.partition(".")
    digits = whole + fraction[:3].ljust(3, "0")
    if name.lower() != "q" or not (digits.isascii() and digits.isdigit()):
        return 0
    return min(int(digits), 1000)
