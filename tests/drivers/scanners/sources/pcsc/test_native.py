"""The memory layouts of both libraries, and the calls, on a library that records them. The real one: test_on_pcscd.py."""

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from drivers.scanners.sources.pcsc import native
from drivers.scanners.sources.pcsc.native import PCSCLITE, WINSCARD, NativePcsc, Types, io_request, reader_state
from drivers.scanners.sources.pcsc.port import PcscCode, PcscError, PcscMissing, ReaderNews

WIDE = pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="platform: the figures are of 64-bit systems")


class Library:
    """Functions that record their calls and answer success, or what the test says."""

    def __init__(self, **answers: Callable[..., int]) -> None:
        self.calls: list[str] = []
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        def function(*arguments: Any) -> int:
            self.calls.append(name)
            return self._answers[name](*arguments) if name in self._answers else 0

        setattr(self, name, function)
        return function


def fails(code: int) -> Callable[..., int]:
    return lambda *_: code


@WIDE
@pytest.mark.skipif(ctypes.sizeof(ctypes.c_ulong) != 8, reason="platform: an unsigned long has 8 bytes on Linux only")
def test_a_reader_state_of_pcsclite_has_words_of_8_bytes() -> None:
    record = reader_state(PCSCLITE)
    assert [getattr(record, name).offset for name, *_ in record._fields_] == [0, 8, 16, 24, 32, 40]
    assert ctypes.sizeof(record) == 80
    assert ctypes.sizeof(io_request(PCSCLITE)) == 16


@WIDE
def test_a_reader_state_of_windows_has_words_of_4_bytes() -> None:
    record = reader_state(WINSCARD)
    assert [getattr(record, name).offset for name, *_ in record._fields_] == [0, 8, 16, 20, 24, 28]
    assert ctypes.sizeof(record) == 64
    assert ctypes.sizeof(io_request(WINSCARD)) == 8


@pytest.mark.parametrize(("types", "suffix"), [(PCSCLITE, ""), (WINSCARD, "A")])
def test_the_functions_are_called_by_the_names_of_the_library(types: Types, suffix: str) -> None:
    library = Library()
    context = NativePcsc(library, types).establish()
    assert context.readers() == ()
    assert context.wait({"Reader": 0}, 10) == {"Reader": ReaderNews()}
    card = context.connect("Reader")
    card.begin()
    card.leave()
    context.cancel()
    context.release()
    assert library.calls == [
        "SCardEstablishContext",
        f"SCardListReaders{suffix}",
        f"SCardGetStatusChange{suffix}",
        f"SCardConnect{suffix}",
        "SCardBeginTransaction",
        "SCardEndTransaction",
        "SCardDisconnect",
        "SCardCancel",
        "SCardReleaseContext",
    ]


@pytest.mark.parametrize("code", [0x8010_001D, 0x8010_001D - (1 << 32)])
def test_a_refusal_has_the_same_code_whatever_sign_the_library_gives_it(code: int) -> None:
    with pytest.raises(PcscError, match=r"^SCardEstablishContext: NO_SERVICE$") as refused:
        NativePcsc(Library(SCardEstablishContext=fails(code)), WINSCARD).establish()
    assert refused.value.code == PcscCode.NO_SERVICE


def test_a_code_that_nobody_tells_apart_is_told_as_a_number() -> None:
    with pytest.raises(PcscError, match=r"^SCardEstablishContext: 0x8010002F$"):
        NativePcsc(Library(SCardEstablishContext=fails(0x8010_002F)), PCSCLITE).establish()


def test_no_readers_and_no_news_are_no_errors() -> None:
    library = Library(SCardListReaders=fails(PcscCode.NO_READERS), SCardGetStatusChange=fails(PcscCode.TIMEOUT))
    context = NativePcsc(library, PCSCLITE).establish()
    assert context.readers() == ()
    assert context.wait({"Reader": 0x10}, 10) is None


def test_what_cannot_be_given_back_is_left() -> None:
    library = Library(SCardDisconnect=fails(1), SCardReleaseContext=fails(1), SCardCancel=fails(1))
    context = NativePcsc(library, PCSCLITE).establish()
    context.connect("Reader").leave()
    context.cancel()
    context.release()


def test_names_of_any_bytes_are_given_back_as_they_came() -> None:
    asked: list[bytes] = []

    def list_readers(_context: Any, _groups: Any, names: Any, length: Any) -> int:
        names.raw = b"Reader \xff\x00Leser \xc3\xbc\x00\x00".ljust(len(names), b"\0")
        length._obj.value = 19
        return 0

    def connect(_context: Any, name: bytes, *_: Any) -> int:
        asked.append(name)
        return 0

    context = NativePcsc(Library(SCardListReaders=list_readers, SCardConnect=connect), PCSCLITE).establish()
    for name in context.readers():
        context.connect(name)
    assert asked == [b"Reader \xff", b"Leser \xc3\xbc"]


def test_a_system_without_the_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    monkeypatch.setattr(ctypes, "WinDLL", missing, raising=False)
    with pytest.raises(PcscMissing, match=r"is missing"):
        native.load()
