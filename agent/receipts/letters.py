"""The shop's table of what may stand for a letter on a host's printer; where it cannot be used, nothing stands for any.

A sale that asks for rows is not kept waiting for a table: what its letters would have been become pictures, or are refused by
name, as they would be without it.
"""

import logging
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from agent.receipts.stamps import Stamp, stamp_of

_LOG = logging.getLogger(__name__)
_MAX_BYTES = 100_000
_MOST_TABLES = 4
_NONE: Mapping[str, str] = {}


def letters_in(path: Path | None) -> Mapping[str, str]:
    """Give the letters of a table and what stands for each; none without one, or where it cannot be used, which is logged."""
    return _letters(path, stamp_of(path)) if path is not None else _NONE


def letters_fault(path: Path) -> str:
    """Say what is wrong with a table, in English without the file's name; empty for nothing."""
    return _read(path)[1]


@lru_cache(maxsize=_MOST_TABLES)
def _letters(path: Path, _as_it_was: Stamp) -> Mapping[str, str]:
    letters, fault = _read(path)
    if fault:
        _LOG.error("%s: %s; nothing stands for a letter that the host's printer lacks", path, fault)
    return letters


def _read(path: Path) -> tuple[Mapping[str, str], str]:
    """The letters, and what is wrong with them."""
    try:
        return _checked(path), ""
    except OSError as fault:
        return _NONE, f"cannot be read ({fault.strerror})"
    except UnicodeDecodeError:
        return _NONE, "is not UTF-8"
    except tomllib.TOMLDecodeError as fault:
        return _NONE, f"is not TOML: {fault}"
    except ValueError as fault:
        return _NONE, str(fault)


def _checked(path: Path) -> Mapping[str, str]:
    from drivers.printers.host_rows import HostPaper

    if path.stat().st_size > _MAX_BYTES:
        raise ValueError("is too large for a table of letters")
    table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    if not all(isinstance(text, str) for text in table.values()):
        raise ValueError('expected letters and what may stand for them, as "\u20ac" = "EUR"')
    return HostPaper(columns=48, substitutes=table).substitutes or _NONE
