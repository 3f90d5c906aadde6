"""The core does no I/O and reads no clock and no randomness: time, ids and jitter are arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

# A folder stands for everything in it. The __init__ files are what importing a pure module runs first.
PURE = (
    "loyalty",
    "sync/__init__.py",
    "sync/protocol",
    "sync/member_code",
    "drivers/__init__.py",
    "drivers/scanners/__init__.py",
    "drivers/scanners/framing",
    "drivers/scanners/symbols",
    "drivers/scanners/cards",
    "drivers/scanners/tracks",
    "drivers/scanners/gate",
    "drivers/scanners/decoding",
    "drivers/scanners/numbers",
    "drivers/scanners/gs1",
    "drivers/scanners/sources/__init__.py",
    "drivers/scanners/sources/pcsc/__init__.py",
    "drivers/scanners/sources/pcsc/asking",
    "drivers/scanners/sources/pcsc/port",
    "drivers/scanners/sources/pcsc/presence",
    "drivers/scanners/sources/pcsc/reader_names",
    "drivers/scanners/sources/pcsc/uids",
    "drivers/scanners/sources/keys",
    "drivers/scanners/sources/usb",
    "drivers/scanners/sources/key_events",
    "drivers/scanners/sources/hid_pos",
    "drivers/character_sets",
    "drivers/errors",
    "drivers/printers/__init__.py",
    "drivers/printers/barcodes",
    "drivers/printers/document",
    "drivers/printers/graphics",
    "drivers/printers/host_rows",
    "drivers/printers/layout",
    "drivers/printers/picture",
    "drivers/printers/qr",
    "drivers/printers/raster",
    "drivers/printers/runs",
    "drivers/printers/svg",
    "drivers/printers/symbology",
    "drivers/printers/tables",
    "drivers/printers/text_preview",
    "drivers/printers/widths",
    "drivers/printers/wrapping",
    "drivers/printers/profiles/__init__",
    "drivers/printers/profiles/profile",
    "drivers/printers/encoders",
    "drivers/scanners/forwarding/__init__.py",
    "drivers/scanners/forwarding/backlog",
)
# Reads the glyphs that ship inside the package, once: a constant that is too large to write in Python.
BUNDLED_CONSTANTS = {"drivers.printers.atlas.glyphs"}
# A module that is not here is a question first: what does it read, or write, or wait for?
ALLOWED = {
    *(
        "__future__",
        "abc",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "codecs",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
    ),
    *("datetime", "decimal", "difflib", "enum", "fractions", "functools", "gzip", "hashlib", "heapq", "hmac"),
    *("itertools", "json", "math", "numbers", "operator", "re", "string", "struct", "textwrap", "tomllib", "types"),
    *("typing", "unicodedata", "zlib"),
    "qrcode",  # values in, values out; the squares of a QR code
}
FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval", "compile", "breakpoint", "__import__", "hash", "id"}
FORBIDDEN_ATTRIBUTES = {"now", "utcnow", "today", "fromtimestamp", "open", "GzipFile", "read_text", "write_text"}


def pure_files(root: Path) -> list[Path]:
    found: list[Path] = []
    for name in PURE:
        path = root / name
        found += sorted(path.rglob("*.py"))
        found += [file for file in (path, path.with_suffix(".py")) if file.is_file()]
    return found


def is_pure_here(module: str, root: Path) -> bool:
    path = root.joinpath(*module.split("."))
    known = {file.with_suffix("") for file in pure_files(root)}
    return path in known or path / "__init__" in known


def faults(source: str, root: Path) -> list[str]:
    """What in this source reads or writes the world, as ``line: what``."""
    return [f"{line}: {what}" for node in ast.walk(ast.parse(source)) for line, what in _faults_of(node, root)]


def _faults_of(node: ast.AST, root: Path) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Import(names=names):
            yield from ((node.lineno, f"import {a.name}") for a in names if not _may_import(a.name, root))
        case ast.ImportFrom(module=module, level=0) if module is not None:
            if not _may_import(module, root):
                yield node.lineno, f"from {module} import ..."
        case ast.ImportFrom(level=level) if level > 0:
            yield node.lineno, "a relative import, which hides what it reaches"
        case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
            yield node.lineno, f"{name}()"
        case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
            yield node.lineno, "astimezone() reads this machine's zone"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="gzip"), attr="compress"), keywords=keywords):
            if "mtime" not in {keyword.arg for keyword in keywords}:
                yield node.lineno, "gzip.compress() without mtime writes the time"
        case ast.Attribute(attr=name) if name in FORBIDDEN_ATTRIBUTES:
            yield node.lineno, f".{name}"


def _may_import(module: str, root: Path) -> bool:
    return module.partition(".")[0] in ALLOWED or module in BUNDLED_CONSTANTS or is_pure_here(module, root)


def test_the_core_reads_no_clock_no_randomness_and_no_file(root: Path) -> None:
    found = {
        str(file.relative_to(root)): bad for file in pure_files(root) if (bad := faults(file.read_text("utf-8"), root))
    }
    assert found == {}


def test_the_core_is_where_this_test_looks(root: Path) -> None:
    looked_at = {file.relative_to(root).parts[0] for file in pure_files(root)}
    assert looked_at == {"loyalty", "sync", "drivers"}


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import os.path",
        "import io",
        "import time",
        "import random",
        "import secrets",
        "import uuid",
        "import sqlite3",
        "import logging",
        "import threading",
        "import asyncio",
        "import zoneinfo",
        "from pathlib import Path",
        "from sqlalchemy import select",
        "from agent.book import Book",
        "import sync.links",
        "from . import clock",
        "def f():\n    from socket import socket",
        "open('points.txt')",
        "print('12 points')",
        "input()",
        "hash('member')",
        "from datetime import datetime\nat = datetime.now()",
        "from datetime import datetime, UTC\nat = datetime.now(UTC)",
        "from datetime import datetime as D\nat = D.utcnow",
        "import datetime\nday = datetime.date.today()",
        "from datetime import datetime\nat = datetime.fromtimestamp(0)",
        "def f(at):\n    return at.astimezone()",
        "import gzip\ngzip.open('segment')",
        "import gzip\ngzip.compress(b'entries')",
    ],
)
def test_a_planted_fault_is_found(root: Path, source: str) -> None:
    assert len(faults(source, root)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import json, hashlib, zlib",
        "from decimal import Decimal",
        "from datetime import UTC, datetime\nat = datetime(2026, 1, 1, tzinfo=UTC)",
        "def f(at, zone):\n    return at.astimezone(zone)",
        "import re\nPATTERN = re.compile('[0-9]+')",
        "import gzip\ngzip.compress(b'entries', mtime=0)",
        "from loyalty.refusals import Refusal",
        "import sync.protocol",
    ],
)
def test_values_and_sums_are_no_fault(root: Path, source: str) -> None:
    assert faults(source, root) == []
