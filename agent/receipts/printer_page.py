"""The printer's test page: every letter and sign that receipts use."""

from datetime import datetime

from agent.receipts.values import Alphabet, PrinterPage, Text
from drivers.printers.profiles.profile import PrinterProfile
from loyalty.numbers.currency import NO_CURRENCY
from messages.alphabets import SIGNS, capital_letters, small_letters
from messages.languages import OWN_NAMES, PAPER_LANGUAGES


def printer_page(profile: PrinterProfile, columns: int, *, shop: Text, till: str, at: datetime) -> PrinterPage:
    """Give what a test page says.

    Args:
        profile: The printer's.
        columns: Characters in a line.
        shop: The shop's name.
        till: The till's.
        at: When it is printed, in the shop's time.
    """
    return PrinterPage(
        shop=shop,
        till=till,
        at=at,
        currency=NO_CURRENCY,
        profile=profile.name,
        columns=columns,
        ruler="".join(str(column % 10) for column in range(1, columns + 1)),
        code_pages=tuple(f"{page.number} {page.codec}" for page in profile.pages),
        alphabets=tuple(
            Alphabet(name=OWN_NAMES[language], small=small_letters(language), capital=capital_letters(language))
            for language in PAPER_LANGUAGES
        ),
        signs=SIGNS,
    )
