"""The languages that Loyaltill speaks, and how a reader's wish becomes one of them.

Knows language codes and what each language calls itself; refuses to know what is said in them.
"""

FALLBACK = "en"
LANGUAGES = ("kk", "az", "ru", "hy", "en")
"""ISO 639-1 codes of every catalogue, in the order in which a page offers them."""

OWN_NAMES = {"kk": "Қазақша", "az": "Azərbaycanca", "ru": "Русский", "hy": "Հայերեն", "en": "English"}
"""What each language calls itself, for a page where a person chooses."""

MAX_HEADER = 1_000
"""Most characters of an ``Accept-Language`` header that are read."""


def nearest_language(tag: str) -> str:
    """Give the catalogue for a language tag such as ``kk``, ``kk-KZ`` or ``ru_RU.UTF-8``; `FALLBACK` for any other."""
    primary = tag.strip().lower().replace("_", "-").split("-")[0].split(".")[0]
    return primary if primary in LANGUAGES else FALLBACK


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
