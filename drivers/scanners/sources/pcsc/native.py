"""PC/SC through the system's own library: libpcsclite on Linux, winscard.dll on Windows, by ctypes.

Knows the library's types; refuses to know what a card is for. The two libraries have the same functions and not the
same types: pcsclite's DWORD is ``unsigned long`` (8 bytes on 64-bit Linux) and its handles are ``long``; Windows has a
DWORD of 4 bytes everywhere and handles as wide as a pointer. The Windows half is written from Microsoft's headers and
has never run.

Source: pcsclite 1.9.9 (wintypes.h, pcsclite.h, winscard.h), Windows SDK (winscard.h, winsmcrd.h).
"""

import ctypes
import sys
from collections.abc import Mapping
from contextlib import suppress
from ctypes import POINTER, byref, c_char_p, c_long, c_ubyte, c_uint32, c_ulong, c_void_p, create_string_buffer
from dataclasses import dataclass
from typing import Any, Final

from drivers.scanners.sources.pcsc.port import PcscCode, PcscContext, PcscError, PcscMissing, ReaderNews

_SCOPE_SYSTEM: Final = 2
_SHARE_SHARED: Final = 2
_ANY_PROTOCOL: Final = 1 | 2
"""T=0 or T=1; contactless cards are T=1 to PC/SC."""
_LEAVE_CARD: Final = 0
_MAX_ANSWER: Final = 258
"""The longest answer to a short command: 256 bytes and the status word (ISO/IEC 7816-4, 5.1)."""
_MAX_NAMES: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """How one library lays its values out in memory.

    Attributes:
        dword: DWORD.
        handle: SCARDCONTEXT and SCARDHANDLE.
        atr_bytes: Room for an answer to reset in SCARD_READERSTATE.
        suffix: What the functions that take names end with.
    """

    dword: Any
    handle: Any
    atr_bytes: int
    suffix: str


PCSCLITE: Final = Types(dword=c_ulong, handle=c_long, atr_bytes=33, suffix="")
WINSCARD: Final = Types(dword=c_uint32, handle=c_void_p, atr_bytes=36, suffix="A")


def reader_state(types: Types) -> type[ctypes.Structure]:
    """SCARD_READERSTATE in this library's layout."""

    class ReaderStateRecord(ctypes.Structure):
        _fields_ = (
            ("name", c_char_p),
            ("user_data", c_void_p),
            ("current_state", types.dword),
            ("event_state", types.dword),
            ("atr_length", types.dword),
            ("atr", c_ubyte * types.atr_bytes),
        )

    return ReaderStateRecord


def io_request(types: Types) -> type[ctypes.Structure]:
    """SCARD_IO_REQUEST in this library's layout."""

    class IoRequestRecord(ctypes.Structure):
        _fields_ = (("protocol", types.dword), ("length", types.dword))

    return IoRequestRecord


def load() -> "NativePcsc":
    """The PC/SC of this system.

    Raises:
        PcscMissing: Its library is not installed.
    """
    if sys.platform == "win32":
        try:
            return NativePcsc(ctypes.WinDLL("winscard.dll"), WINSCARD)
        except OSError as error:
            raise PcscMissing("winscard.dll is missing, which is a part of Windows") from error
    else:
        try:
            return NativePcsc(ctypes.CDLL("libpcsclite.so.1"), PCSCLITE)
        except OSError as error:
            raise PcscMissing("libpcsclite.so.1 is missing; install the package libpcsclite1") from error


class NativePcsc:
    """The :class:`~drivers.scanners.sources.pcsc.port.Pcsc` in a loaded library."""

    def __init__(self, library: Any, types: Types) -> None:
        self.types = types
        self.state_record = reader_state(types)
        self.io_record = io_request(types)
        self._library = library
        self._declare()

    def establish(self) -> PcscContext:
        """A new line to the service."""
        handle = self.types.handle()
        self.call("SCardEstablishContext", _SCOPE_SYSTEM, None, None, byref(handle))
        return NativeContext(self, handle)

    def call(self, function: str, *arguments: Any) -> None:
        """Call a function of the library.

        Raises:
            PcscError: It answered anything but success.
        """
        code = getattr(self._library, function)(*arguments) & 0xFFFF_FFFF
        if code != 0:
            raise PcscError(function, code)

    def named(self, function: str) -> str:
        """The name of a function that takes names, as this library has it."""
        return function + self.types.suffix

    def _declare(self) -> None:
        dword, handle = self.types.dword, self.types.handle
        signatures: dict[str, tuple[Any, ...]] = {
            "SCardEstablishContext": (dword, c_void_p, c_void_p, POINTER(handle)),
            "SCardReleaseContext": (handle,),
            "SCardCancel": (handle,),
            self.named("SCardListReaders"): (handle, c_char_p, c_void_p, POINTER(dword)),
            self.named("SCardGetStatusChange"): (handle, dword, POINTER(self.state_record), dword),
            self.named("SCardConnect"): (handle, c_char_p, dword, dword, POINTER(handle), POINTER(dword)),
            "SCardDisconnect": (handle, dword),
            "SCardBeginTransaction": (handle,),
            "SCardEndTransaction": (handle, dword),
            "SCardTransmit": (
                handle,
                POINTER(self.io_record),
                c_char_p,
                dword,
                c_void_p,
                c_void_p,
                POINTER(dword),
            ),
        }
        for name, arguments in signatures.items():
            function = getattr(self._library, name)
            function.argtypes = arguments
            function.restype = c_long


class NativeContext:
    """A :class:`~drivers.scanners.sources.pcsc.port.PcscContext`; one thread at a time, except :meth:`cancel`."""

    def __init__(self, pcsc: NativePcsc, handle: Any) -> None:
        self._pcsc = pcsc
        self._handle = handle

    def readers(self) -> tuple[str, ...]:
        """The names of the readers, as the library spells them."""
        length = self._pcsc.types.dword(_MAX_NAMES)
        names = create_string_buffer(_MAX_NAMES)
        try:
            self._pcsc.call(self._pcsc.named("SCardListReaders"), self._handle, None, names, byref(length))
        except PcscError as error:
            if error.code == PcscCode.NO_READERS:
                return ()
            raise
        return tuple(_decoded(name) for name in names.raw[: length.value].split(b"\0") if name)

    def wait(self, known: Mapping[str, int], timeout_ms: int) -> dict[str, ReaderNews] | None:
        """Wait for news of readers."""
        states = (self._pcsc.state_record * len(known))()
        for state, (name, word) in zip(states, known.items(), strict=True):
            state.name = _encoded(name)
            state.current_state = word
        try:
            self._pcsc.call(self._pcsc.named("SCardGetStatusChange"), self._handle, timeout_ms, states, len(known))
        except PcscError as error:
            if error.code == PcscCode.TIMEOUT:
                return None
            raise
        return {
            name: ReaderNews(word=state.event_state & 0xFFFF_FFFF, atr=bytes(state.atr[: state.atr_length]))
            for state, name in zip(states, known, strict=True)
        }

    def connect(self, reader: str) -> "NativeCard":
        """Connect to the card on a reader."""
        handle, protocol = self._pcsc.types.handle(), self._pcsc.types.dword()
        self._pcsc.call(
            self._pcsc.named("SCardConnect"),
            self._handle,
            _encoded(reader),
            _SHARE_SHARED,
            _ANY_PROTOCOL,
            byref(handle),
            byref(protocol),
        )
        return NativeCard(self._pcsc, handle, protocol.value)

    def cancel(self) -> None:
        """End a wait of another thread."""
        with suppress(PcscError):
            self._pcsc.call("SCardCancel", self._handle)

    def release(self) -> None:
        """Give the line back."""
        with suppress(PcscError):
            self._pcsc.call("SCardReleaseContext", self._handle)


class NativeCard:
    """A :class:`~drivers.scanners.sources.pcsc.port.PcscCard`."""

    def __init__(self, pcsc: NativePcsc, handle: Any, protocol: int) -> None:
        self._pcsc = pcsc
        self._handle = handle
        self._began = False
        self._request = pcsc.io_record(protocol, ctypes.sizeof(pcsc.io_record))

    def transmit(self, apdu: bytes) -> bytes:
        """The answer to a command."""
        answer = create_string_buffer(_MAX_ANSWER)
        length = self._pcsc.types.dword(_MAX_ANSWER)
        self._pcsc.call(
            "SCardTransmit", self._handle, byref(self._request), apdu, len(apdu), None, answer, byref(length)
        )
        return answer.raw[: length.value]

    def begin(self) -> None:
        """Keep other programs from the card."""
        self._pcsc.call("SCardBeginTransaction", self._handle)
        self._began = True

    def leave(self) -> None:
        """Disconnect, and leave the card as it is."""
        with suppress(PcscError):
            if self._began:
                self._pcsc.call("SCardEndTransaction", self._handle, _LEAVE_CARD)
        with suppress(PcscError):
            self._pcsc.call("SCardDisconnect", self._handle, _LEAVE_CARD)


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _decoded(name: bytes) -> str:
    """A name as text that becomes the same bytes again, whatever they are."""
    return name.decode("utf-8", "surrogateescape")
