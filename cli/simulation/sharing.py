"""What the runs of one process share, so that thousands of starts cost little: programmes read and statements compiled.

Both follow from their text alone, so nothing of what a till or HQ does is another for it.
"""

from collections.abc import Callable, MutableMapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import Dialect

from agent.book import book as till_book
from agent.till import shelf
from hq.book.book import Store
from hq.jobs import scenes
from loyalty.programme.reader import read_programme

_statements: MutableMapping[Any, Any] = {}
_dialects: dict[str, Dialect] = {}
_shared: set[str] = set()


def share() -> None:
    """Let tills and HQ of this process share; once is enough."""
    if not _shared:
        _shared.add("yes")
        read_once = cache(read_programme)
        for module in (shelf, scenes):
            vars(module)["read_programme"] = read_once
        for name in ("writer_engine", "reader_engine"):
            vars(till_book)[name] = _sharing(name, vars(till_book)[name])


def share_store(store: Store) -> Store:
    """Let an HQ's book use the statements that the first one has compiled."""
    return replace(store, writer=_share("hq", store.writer), reader=_share("hq", store.reader))


def _sharing(name: str, make: Callable[[Path], Engine]) -> Callable[[Path], Engine]:
    return lambda path: _share(name, make(path))


def _share(name: str, engine: Engine) -> Engine:
    """Give an engine with the first one's dialect, by which compiled statements are found, and with all statements."""
    if name not in _dialects:
        with engine.connect():  # makes the dialect known to the database
            _dialects[name] = engine.dialect
    engine.dialect = _dialects[name]
    return engine.execution_options(compiled_cache=_statements)
