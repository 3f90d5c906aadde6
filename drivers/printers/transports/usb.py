"""A printer on USB without a driver of the system's, through pyusb. No printer of this kind was at hand: untested on hardware.

Where the system has a driver (``/dev/usb/lp0``, a printer of Windows), ``file`` or ``windows`` is the better way: opening
over pyusb takes the printer from that driver until it is closed.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from drivers.printers.transports.library import transport
from drivers.printers.transports.transport import FASTER_THAN_PAPER

PRINTER_CLASS: Final = 7
"""USB: bInterfaceClass of printers."""
_PIECE: Final = 4096
_IN: Final = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbPrinter:
    """Vendor and product, and a serial number where two printers are of one kind."""

    vendor: int
    product: int
    serial: str = ""

    @classmethod
    def parse(cls, address: str) -> "UsbPrinter":
        """Read ``04b8:0e15`` or ``04b8:0e15/SERIAL``.

        Raises:
            ValueError: It is neither.
        """
        ids, _, serial = address.partition("/")
        vendor, _, product = ids.partition(":")
        return cls(vendor=int(vendor, 16), product=int(product, 16), serial=serial)

    @property
    def bytes_per_s(self) -> int:
        """Faster than paper."""
        return FASTER_THAN_PAPER

    @property
    def _wanted(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {"idVendor": self.vendor, "idProduct": self.product}
        return wanted | ({"serial_number": self.serial} if self.serial else {})

    def open(self) -> "UsbTransport":
        """Find it and claim it. It is opened here: python-escpos resets the printer, which may still print the last job."""
        device = transport("Usb", usb_args=self._wanted)
        device.device = self.find()
        _configure(device.device)
        interface, out_end, in_end = _ends(device.device)
        opened = UsbTransport(device, interface=interface, out_end=out_end, in_end=in_end)
        try:
            _claim(device.device, interface)
        except BaseException:
            opened.close()
            raise
        return opened

    def check(self) -> None:
        """Find it, and leave it alone."""
        self.find()

    def find(self) -> Any:
        """The device, not opened.

        Raises:
            FileNotFoundError: It is not plugged in.
            ImportError: pyusb is not there.
            ValueError: libusb is not there (pyusb's NoBackendError).
        """
        import usb.core

        found = usb.core.find(**self._wanted)
        if found is None:
            raise FileNotFoundError("no such printer is plugged in")
        return found


@dataclass(frozen=True, slots=True)
class UsbTransport:
    """A claimed printer."""

    device: Any
    interface: int
    out_end: int
    in_end: int | None

    @property
    def hears(self) -> bool:
        """Whether it has an end to read from."""
        return self.in_end is not None

    @property
    def held(self) -> int:
        """Nothing: the printer has it."""
        return 0

    def send(self, data: bytes, timeout_s: float) -> int:
        """Hand over a piece; where time runs out, libusb 1.0 says how much of it was taken, and pyusb raises for nothing."""
        import usb.core

        with suppress(usb.core.USBTimeoutError):
            return int(self.device.device.write(self.out_end, data[:_PIECE], _ms(timeout_s)))
        return 0

    def receive(self, timeout_s: float) -> bytes:
        """What came."""
        if self.in_end is None:
            return b""
        import usb.core

        with suppress(usb.core.USBTimeoutError):
            return bytes(self.device.device.read(self.in_end, 64, _ms(timeout_s)))
        return b""

    def finish(self, timeout_s: float) -> bool:
        """The printer has it."""
        del timeout_s
        return True

    def close(self) -> None:
        """Release it, and give it back to the system's driver where there is one."""
        handle = self.device.device
        self.device.close()
        with suppress(NotImplementedError, OSError):
            handle.attach_kernel_driver(self.interface)


def _configure(device: Any) -> None:
    """Only where nobody did: doing it again would be a reset, too."""
    import usb.core

    try:
        device.get_active_configuration()
    except usb.core.USBError:
        device.set_configuration()


def _claim(device: Any, interface: int) -> None:
    """Take it from the system's driver, and for nobody else."""
    import usb.util

    with suppress(NotImplementedError):
        if device.is_kernel_driver_active(interface):
            device.detach_kernel_driver(interface)
    usb.util.claim_interface(device, interface)


def _ends(device: Any) -> tuple[int, int, int | None]:
    """The interface of class 7, the end that takes bytes, and the one that gives them."""
    for interface in device.get_active_configuration():
        if interface.bInterfaceClass == PRINTER_CLASS:
            bulk = [end.bEndpointAddress for end in interface if end.bmAttributes & 3 == 2]
            out = [end for end in bulk if not end & _IN]
            back = [end for end in bulk if end & _IN]
            if out:
                return int(interface.bInterfaceNumber), out[0], back[0] if back else None
    raise ValueError("the device is no printer")


def _ms(seconds: float) -> int:
    """Pyusb counts milliseconds, and 0 is for ever."""
    return max(1, int(seconds * 1000))
