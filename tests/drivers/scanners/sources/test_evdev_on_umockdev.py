"""The keyboard source and its reader in umockdev's kernel: real opening, ioctls, grab, events and unplugging."""

import struct
import sys
import time
from collections.abc import Iterable
from typing import Any

import pytest

from drivers.scanners.sources.evdev_source import EVENT_64, NATIVE_EVENT
from tests.drivers.scanners.sources.bed import Bed, bed
from tests.drivers.scanners.sources.typed import CODES, SHIFT, alt_number, strokes, typed

if not sys.platform.startswith("linux"):
    pytest.skip("platform: evdev is Linux", allow_module_level=True)

EVDEV = {"module": "evdev_source", "source": "EvdevSource", "settings": "EvdevSettings"}
KEYS = sum(1 << code for code in [*range(1, 84), 96, 97, 98, 100, 117, 121])
MOUSE_KEYS = 1 << 0x110
BY_ID = "/dev/input/by-id/usb-Honeywell_17164B2F-event-kbd"


def keyboard(event: int = 5, *, keys: int = KEYS, serial: str = "17164B2F", by_id: str = BY_ID, **more: Any) -> Any:
    """A scanner at ``/dev/input/event<event>``."""
    sys_path = f"/devices/pci0000:00/usb1/1-{event}/1-{event}:1.0/input/input{event}"
    words = " ".join(f"{keys >> 64 * word & (1 << 64) - 1:x}" for word in reversed(range(5)))
    description = f"""P: {sys_path}
E: SUBSYSTEM=input
A: name=Honeywell scanner
A: uniq={serial}
A: id/vendor=0c2e
A: id/product=0b61
A: capabilities/key={words}

P: {sys_path}/event{event}
N: input/event{event}
E: DEVNAME=/dev/input/event{event}
E: SUBSYSTEM=input
A: dev=13:{64 + event}
L: device=../../input{event}
"""
    return {
        "node": f"/dev/input/event{event}",
        "link": by_id,
        "sys": f"/sys{sys_path}/event{event}",
        "description": description,
        "vendor": 0x0C2E,
        "product": 0x0B61,
        "keys": keys.to_bytes(96, "little").hex(),
        **more,
    }


def events(keys: Iterable[tuple[int, int]], at_s: int = 1, shape: struct.Struct = NATIVE_EVENT) -> str:
    """Key events, each with its SYN_REPORT, as the kernel gives them."""
    return b"".join(shape.pack(at_s, 0, 1, *key) + shape.pack(at_s, 0, 0, 0, 0) for key in keys).hex()


def type_on(running: Bed, keys: Iterable[tuple[int, int]], at_s: int = 1, node: str = "/dev/input/event5") -> None:
    running.do(node=node, write=events(keys, at_s))


@pytest.mark.parametrize("device", [BY_ID, "0C2E:0B61", "0c2e:0b61:17164B2F"])
def test_a_grabbed_scanner_is_read_by_its_key_codes_unplugged_and_found_again_at_another_node(device: str) -> None:
    with bed(keyboard(), reader=EVDEV, device=device) as running:
        running.wait_for_state("ready")
        assert running.wait_for(lambda line: line.get("bed") == "grab")["value"] == 1
        type_on(running, typed("]E02112345678900\r"))
        type_on(running, typed("]C18018952012345678912345\x1d21a-B_c\t"))
        type_on(running, [*typed("LOY-"), *alt_number("0048"), *strokes(("KP0",), ("KP4",), ("KP2",), ("KPENTER",))])
        assert running.wait_for_scans(3) == [
            "]E02112345678900",
            "]C18018952012345678912345\x1d21a-B_c",
            "LOY-0042",
        ]
        type_on(running, typed("]E021123"))
        unplugged_at = time.monotonic()
        running.do(node="/dev/input/event5", unplug=True)
        gone = running.wait_for_state("absent")
        assert time.monotonic() - unplugged_at < 1
        assert gone["detail"] == "counter 1: unplugged"
        running.do(plug=keyboard(7))
        running.wait_for_state("ready", times=2)
        type_on(running, typed("45678900\r"), node="/dev/input/event7")
        assert running.wait_for_scans(4)[3] == "45678900"


def test_a_payment_card_that_is_swiped_by_a_keyboard_reader_is_refused() -> None:
    with bed(keyboard(), reader=EVDEV, device=BY_ID) as running:
        running.wait_for_state("ready")
        type_on(running, typed(";4012002000060016=2512101?\r"))
        assert running.wait_for(lambda line: "refused" in line) == {"refused": "payment_track"}


def test_a_scanner_that_another_program_has_grabbed_is_busy() -> None:
    with bed(keyboard(grabbed_elsewhere=True), reader=EVDEV, device=BY_ID) as running:
        assert running.wait_for_state("fault")["detail"] == "counter 1: another program has grabbed the keyboard"


def test_a_device_that_is_not_configured_is_never_grabbed_nor_opened() -> None:
    others = [keyboard(5, serial="other", by_id="/dev/input/by-id/other"), keyboard(6, by_id="/dev/input/by-id/6")]
    with bed(*others, reader=EVDEV, device="0c2e:0b61:17164B2F") as running:
        running.wait_for_state("ready")
        type_on(running, typed("1\r"), node="/dev/input/event6")
        running.wait_for_scans(1)
        touched = [(line["bed"], line["node"]) for line in running.said if "bed" in line]
        assert touched == [("open", "/dev/input/event6"), ("grab", "/dev/input/event6")]


def test_two_scanners_of_the_same_kind_must_be_told_apart() -> None:
    two = [keyboard(5, by_id="/dev/input/by-id/5"), keyboard(6, by_id="/dev/input/by-id/6")]
    with bed(*two, reader=EVDEV, device="0c2e:0b61") as running:
        assert "2 keyboards are of 0C2E:0B61" in running.wait_for_state("fault")["detail"]
        assert [line for line in running.said if line.get("bed") == "grab"] == []


def test_the_node_of_a_scanner_that_types_nothing_is_no_keyboard_and_is_not_grabbed() -> None:
    with bed(keyboard(keys=MOUSE_KEYS), reader=EVDEV, device=BY_ID) as running:
        assert running.wait_for_state("fault")["detail"] == "counter 1: this is no keyboard that types digits"
        assert [line for line in running.said if line.get("bed") == "grab"] == []


def test_another_device_under_the_path_of_the_scanner_is_not_grabbed() -> None:
    with bed(keyboard(product=0x0001), reader=EVDEV, device="0c2e:0b61") as running:
        assert running.wait_for_state("absent")["detail"] == "counter 1: another device has taken its place"
        assert [line for line in running.said if line.get("bed") == "grab"] == []


def test_a_scan_in_which_the_kernel_lost_events_is_dropped_and_shift_is_right_after_it() -> None:
    def dropped(at_s: int) -> str:
        lost = EVENT_64.pack(at_s, 0, 0, 3, 0)
        noise = EVENT_64.pack(at_s, 0, 1, CODES["A"], 1) + EVENT_64.pack(at_s, 0, 0, 0, 0)
        return (lost + noise).hex()

    with bed(keyboard(), reader=EVDEV, device=BY_ID) as running:
        running.wait_for_state("ready")
        type_on(running, typed("A1\r]E021123"))
        running.do(node="/dev/input/event5", held=(1 << CODES[SHIFT]).to_bytes(96, "little").hex())
        running.do(node="/dev/input/event5", write=dropped(2))
        type_on(running, [*strokes(("B",)), (CODES[SHIFT], 0), *typed("45678900\r"), *typed("b2\r")], at_s=2)
        assert running.wait_for_scans(2) == ["A1", "b2"]
        running.do(node="/dev/input/event5", held="00" * 96)
        running.do(node="/dev/input/event5", write=dropped(100))
        type_on(running, typed("lost"), at_s=100)
        type_on(running, typed("c3\r"), at_s=101)
        assert running.wait_for_scans(3) == ["A1", "b2", "c3"]


def test_a_caps_lock_that_somebody_left_on_is_put_out_for_the_scanner() -> None:
    with bed(keyboard(lights=0b10), reader=EVDEV, device=BY_ID) as running:
        running.wait_for_state("ready")
        running.do(node="/dev/input/event5", written=True)
        put_out = NATIVE_EVENT.pack(0, 0, 0x11, 1, 0) + NATIVE_EVENT.pack(0, 0, 0, 0, 0)
        assert running.wait_for(lambda line: line.get("bed") == "written")["data"] == put_out.hex()
        type_on(running, typed("aB\r"))
        assert running.wait_for_scans(1) == ["aB"]
