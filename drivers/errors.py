"""What can go wrong between this program and a device.

Every operating failure of ``drivers`` is a :class:`DriverError`; its type says whether trying again later may help.
Messages are English sentences for logs and for ``doctor``. They never carry what was scanned or printed.
"""

from typing import ClassVar


class DriverError(Exception):
    """A device did not do what it was asked.

    Attributes:
        transient: True if the same call may work later without anybody changing the configuration.
        device: The configured name or path of the device.
    """

    transient: ClassVar[bool] = False

    def __init__(self, device: str, message: str) -> None:
        super().__init__(f"{device}: {message}")
        self.device = device


class DeviceGone(DriverError):
    """The device is not there: unplugged, switched off, or never connected."""

    transient = True


class DeviceBusy(DriverError):
    """Another program, or another part of this one, holds the device."""

    transient = True


class DeviceConfig(DriverError):
    """The device cannot work as configured: a wrong setting, no permission, a missing package."""


class PrinterError(DriverError):
    """A receipt was not printed, and not one byte of it reached the paper."""


class PrinterUnavailable(PrinterError):
    """The printer cannot be reached, or has no room, now."""

    transient = True


class PrinterNotReady(PrinterUnavailable):
    """The printer itself says that it cannot print now: no paper, an open cover."""


class PrinterConfig(PrinterError):
    """The printer cannot work as configured: a wrong setting, no permission, a missing package."""


class Unprintable(PrinterError):
    """The document holds what this printer has no way to print, as a code wider than its paper; another one may."""


class UnprintableCharacter(Unprintable):
    """The document holds a character that this printer has no way to print; nothing was sent.

    Attributes:
        character: The first such character.
    """

    def __init__(self, device: str, character: str) -> None:
        super().__init__(device, f"cannot print the character {described(character)}; nothing was sent")
        self.character = character


def described(character: str) -> str:
    """The character and its code point: ``'ツ' (U+30C4)``; a control character by its code point only."""
    code = f"U+{ord(character):04X}"
    return f"'{character}' ({code})" if character.isprintable() else code
