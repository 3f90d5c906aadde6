"""A shop's own profile as TOML: what its calibration found out about the printer on its counter.

``profile_toml`` writes what ``parse_profile`` reads. A file may name a listed profile with ``based_on`` and say only what
is different.
"""

import codecs
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

from drivers.printers.profiles.listing import load, names
from drivers.printers.profiles.profile import (
    MAX_CHUNK,
    MAX_PAUSE_MS,
    MIN_CHUNK,
    CodePage,
    PrinterProfile,
    StatusAbilities,
)

_WHOLE: Final = {
    "columns": (16, 96),
    "width_dots": (1, 1200),
    "small_columns": (16, 132),
    "chunk_bytes": (MIN_CHUNK, MAX_CHUNK),
    "pause_ms": (0, MAX_PAUSE_MS),
}
_TEXTS: Final = ("name", "title")
_FLAGS: Final = ("text_styles", "raster", "doubled", "inline", "qr", "barcodes", "cutter", "drawer", "double_bytes")
_STATUS: Final = tuple(field.name for field in fields(StatusAbilities))
_PAGE_KEYS: Final = frozenset({"number", "codec", "verified"})
_ASCII: Final = bytes(range(0x20, 0x7F))
_TWO_LETTERS: Final = chr(0xE9) + chr(0x416)
"""A Latin and a Cyrillic letter: a page with one byte a letter gives two bytes, lost ones counted."""
MAX_BYTES: Final = 65_536


class BadProfile(ValueError):
    """A file is no profile; the message names the file, the key and what is expected."""


def read_profile(path: Path) -> PrinterProfile:
    """The profile in a file.

    Raises:
        BadProfile: It cannot be read, or is no profile.
    """
    try:
        text = path.read_bytes()[: MAX_BYTES + 1].decode("utf-8")
    except OSError as error:
        raise BadProfile(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise BadProfile(f"{path}: is not UTF-8") from error
    try:
        return parse_profile(text)
    except BadProfile as error:
        raise BadProfile(f"{path}: {error}") from error


def parse_profile(text: str) -> PrinterProfile:
    """The profile that a text in TOML says.

    Raises:
        BadProfile: It is no profile.
    """
    if len(text) > MAX_BYTES:
        raise BadProfile(f"is longer than {MAX_BYTES} bytes")
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"is not TOML: {error}") from error
    known = {"based_on", *_TEXTS, *_WHOLE, *_FLAGS, "pages", "status"}
    for key in given:
        if key not in known:
            raise BadProfile(f"{key}: there is no such setting; known are {', '.join(sorted(known))}")
    try:
        return _profile(given)
    except BadProfile:
        raise
    except ValueError as error:
        raise BadProfile(str(error)) from error


def profile_toml(profile: PrinterProfile) -> str:
    """The profile as a whole file; nothing of it depends on the listed profiles."""
    lines = [f"{key} = {_quoted(getattr(profile, key))}" for key in _TEXTS]
    settings = {key: getattr(profile, key) for key in (*_WHOLE, *_FLAGS)}
    lines += [f"{key} = {str(value).lower()}" for key, value in settings.items() if value is not None]
    told = {key: getattr(profile.status, key) for key in _STATUS}
    lines += ["", "[status]", *(f"{key} = {str(value).lower()}" for key, value in told.items() if value is not None)]
    for page in profile.pages:
        verified = str(page.verified).lower()
        lines += [
            "",
            "[[pages]]",
            f"number = {page.number}",
            f"codec = {_quoted(page.codec)}",
            f"verified = {verified}",
        ]
    return "\n".join(lines) + "\n"


def _profile(given: Mapping[str, Any]) -> PrinterProfile:
    base = _base(given)
    changed: dict[str, Any] = {key: _text(given, key) for key in _TEXTS if key in given}
    changed |= {key: _whole(given, key) for key in _WHOLE if key in given}
    changed |= {key: _flag(given, key, key) for key in _FLAGS if key in given}
    if "pages" in given:
        changed["pages"] = _pages(given["pages"])
    if "status" in given:
        changed["status"] = _status(given["status"], base.status)
    return replace(base, **changed)


def _base(given: Mapping[str, Any]) -> PrinterProfile:
    """What the file changes: a listed profile, or for a file that stands alone one that knows nothing."""
    if "based_on" in given:
        name = _text(given, "based_on")
        if name not in names():
            raise BadProfile(f"based_on: there is no profile {name!r}; known are {', '.join(names())}")
        return load(name)
    for key in ("name", "columns"):
        if key not in given:
            raise BadProfile(f"{key}: is missing; a profile says it, or what it is based_on")
    name, columns = _text(given, "name"), _whole(given, "columns")
    return PrinterProfile(name=name, title=name, columns=columns, width_dots=columns * 12)


def _pages(given: object) -> tuple[CodePage, ...]:
    if not isinstance(given, list):
        raise BadProfile("pages: expected tables, [[pages]]")
    return tuple(_page(page, f"pages {at}") for at, page in enumerate(given, 1))


def _page(given: object, at: str) -> CodePage:
    if not isinstance(given, dict) or not {"number", "codec"} <= set(given) <= _PAGE_KEYS:
        raise BadProfile(f"{at}: expected number, codec and, if it was seen on paper, verified")
    number, codec = given["number"], given["codec"]
    if not isinstance(number, int) or isinstance(number, bool):
        raise BadProfile(f"{at}: number: expected a whole number")
    if not isinstance(codec, str) or not _is_page(codec):
        raise BadProfile(f"{at}: codec: expected a Python codec with one byte a letter and ASCII, such as 'cp866'")
    return CodePage(number=number, codec=codec, verified="verified" in given and _flag(given, "verified", at))


def _is_page(codec: str) -> bool:
    try:
        name = codecs.lookup(codec).name
        return (
            name != "ascii"
            and _ASCII.decode(codec) == _ASCII.decode("ascii")
            and len(_TWO_LETTERS.encode(codec, "replace")) == 2
        )
    except (LookupError, UnicodeError, ValueError):
        return False


def _status(given: object, base: StatusAbilities) -> StatusAbilities:
    if not isinstance(given, dict) or not set(given) <= set(_STATUS):
        raise BadProfile(f"status: expected {', '.join(_STATUS)}")
    return replace(base, **{key: _flag(given, key, f"status.{key}") for key in given})


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given[key]
    if not isinstance(value, str) or not 1 <= len(value) <= 80 or not value.isprintable():
        raise BadProfile(f"{key}: expected 1 to 80 printable characters")
    return value


def _whole(given: Mapping[str, Any], key: str) -> int:
    value, (least, most) = given[key], _WHOLE[key]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadProfile(f"{key}: expected a whole number from {least} to {most}")
    return value


def _flag(given: Mapping[str, Any], key: str, at: str) -> bool:
    value = given[key]
    if not isinstance(value, bool):
        raise BadProfile(f"{at}: expected true or false")
    return value


def _quoted(text: str) -> str:
    """A basic string of TOML; what it holds is printable."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
