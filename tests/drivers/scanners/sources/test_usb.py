"""A device is named by what it is."""

import pytest

from drivers.scanners.sources.usb import UsbIdentity

ANY = UsbIdentity(vendor=0x0C2E, product=0x0B61)
ONE = UsbIdentity(vendor=0x0C2E, product=0x0B61, serial="17164B:2F")


@pytest.mark.parametrize(("written", "identity"), [("0C2E:0b61", ANY), ("0c2e:0B61:17164B:2F", ONE)])
def test_an_identity_is_read(written: str, identity: UsbIdentity) -> None:
    assert UsbIdentity.read(written) == identity
    assert UsbIdentity.read(str(identity)) == identity


@pytest.mark.parametrize(
    "written", ["", "COM5", "/dev/ttyACM0", "0C2E", "0C2E:0B6", "0C2E:0B61:", "C2E:0B61", "0C2E:0B61:" + "1" * 127]
)
def test_anything_else_is_a_path_or_a_name(written: str) -> None:
    assert UsbIdentity.read(written) is None


def test_a_serial_number_names_one_and_its_lack_names_all() -> None:
    assert ANY.names(0x0C2E, 0x0B61, None)
    assert ANY.names(0x0C2E, 0x0B61, "X")
    assert ONE.names(0x0C2E, 0x0B61, "17164B:2F")
    assert not ONE.names(0x0C2E, 0x0B61, None)
    assert not ONE.names(0x0C2E, 0x0B62, "17164B:2F")
    assert not ANY.names(None, None, None)
