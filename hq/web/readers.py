"""In which language a person reads a page: as chosen, else as the browser wishes."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from messages.catalogue import Catalogue
from messages.languages import LANGUAGES, OWN_NAMES, negotiate

LANGUAGE_COOKIE = "loyaltill_language"
_YEAR_S = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: the language, and whether it was chosen just now."""

    language: str
    chosen_now: bool

    @property
    def catalogue(self) -> Catalogue:
        """The words of the language."""
        return Catalogue.load(self.language)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Each language with what it calls itself."""
        return tuple((language, OWN_NAMES[language]) for language in LANGUAGES)


def reader_of(request: Request) -> Reader:
    """Read the language from the query, the cookie or the browser's header, in this order."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return Reader(language=asked, chosen_now=True)
    kept = request.cookies.get(LANGUAGE_COOKIE)
    if kept in LANGUAGES:
        return Reader(language=kept, chosen_now=False)
    return Reader(language=negotiate(request.headers.get("accept-language", "")), chosen_now=False)


def remember(reader: Reader, response: Response, *, over_tls: bool) -> None:
    """Keep a language that was chosen just now."""
    if reader.chosen_now:
        response.set_cookie(
            LANGUAGE_COOKIE, reader.language, max_age=_YEAR_S, httponly=True, samesite="strict", secure=over_tls
        )
