"""A kernel with USB scanners in it, by umockdev: keyboards and HID POS readers that answer ioctls and can be unplugged.

A program of its own, run by the system's Python, which has umockdev's binding, under ``umockdev-wrapper``. It takes a
program to run inside, and JSON commands on standard input, one a line; it tells on standard output what the program
asked of the devices. The program's own output comes through the same way.
"""

import json
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

EBUSY, ENODEV, EIO = 16, 19, 5
EVIOCGID, EVIOCGRAB, EVIOCGLED = 0x80084502, 0x40044590, 0x80084519
EVIOCGBIT_KEY, EVIOCGKEY = 0x80604521, 0x80604518
HIDIOCGRDESCSIZE, HIDIOCGRDESC, HIDIOCGRAWINFO = 0x80044801, 0x90044802, 0x80084803
HIDIOCSFEATURE_NUMBER = 0x06


def tell(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Device(UMockdev.IoctlBase):  # type: ignore[misc]
    """One plugged device.

    What it is: ``node``, ``link`` (a stable path to it), ``sys``, ``description`` (umockdev's text), ``vendor``, ``product``, ``keys`` (hexadecimal bits),
    ``grabbed_elsewhere``, ``lights``, ``report_descriptor`` (hexadecimal), ``gone_errno``.
    """

    def __init__(self, bed: Any, spec: dict[str, Any]) -> None:
        super().__init__()
        self.spec = spec
        self.unplugged = False
        self.held = bytes(96)
        bed.add_from_string(spec["description"])
        bed.attach_ioctl(spec["node"], self)
        self.end = bed.get_dev_fd(spec["node"])
        self._kept = os.open(bed.get_root_dir() + spec["node"], os.O_RDWR | os.O_NOCTTY)  # no other gets its number
        self._links = [Path(bed.get_root_dir() + folder + spec["link"]) for folder in ("", "/ioctl")]
        for link in self._links:  # the second is where umockdev looks for who answers ioctls on that path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(spec["node"], Path(spec["link"]).parent))

    def unplug(self, bed: Any) -> None:
        self.unplugged = True
        for link in self._links:
            link.unlink()
        os.close(self.end)
        GLib.timeout_add(200, self._remove, bed)  # the program first meets a device that is open and gone

    def _remove(self, bed: Any) -> bool:
        bed.remove_device(self.spec["sys"])
        return False

    def do_client_connected(self, client: Any) -> None:
        tell(bed="open", node=self.spec["node"])

    def do_handle_ioctl(self, client: Any) -> bool:
        number = client.get_request() & 0xFFFFFFFF
        answers = {
            EVIOCGID: struct.pack("=HHHH", 3, self.spec["vendor"], self.spec["product"], 1),
            EVIOCGBIT_KEY: bytes.fromhex(self.spec.get("keys", "")).ljust(96, b"\0"),
            EVIOCGKEY: self.held,
            EVIOCGLED: bytes([self.spec.get("lights", 0)]).ljust(8, b"\0"),
            HIDIOCGRAWINFO: struct.pack("=IHH", 3, self.spec["vendor"], self.spec["product"]),
        }
        if number == EVIOCGRAB:
            return self._grab(client)
        if number in {HIDIOCGRDESCSIZE, HIDIOCGRDESC}:
            return self._describe(client, number)
        if number >> 8 & 0xFF == ord("H") and number & 0xFF == HIDIOCSFEATURE_NUMBER:
            return self._take_feature(client, number >> 16 & 0x3FFF)
        if number not in answers:
            return False
        return self._answer(client, answers[number])

    def do_handle_read(self, client: Any) -> bool:
        if self.unplugged:
            client.complete(-1, self.spec.get("gone_errno", ENODEV))
        return self.unplugged

    def _grab(self, client: Any) -> bool:
        value = int.from_bytes(bytes(client.get_arg().retrieve()), sys.byteorder)
        tell(bed="grab", node=self.spec["node"], value=value)
        if self.spec.get("grabbed_elsewhere"):
            client.complete(-1, EBUSY)
        else:
            client.complete(0, 0)
        return True

    def _describe(self, client: Any, number: int) -> bool:
        descriptor = bytes.fromhex(self.spec["report_descriptor"])
        size = struct.pack("=I", len(descriptor))
        return self._answer(client, size if number == HIDIOCGRDESCSIZE else size + descriptor.ljust(4096, b"\0"))

    def _take_feature(self, client: Any, size: int) -> bool:
        report = bytes(client.get_arg().resolve(0, size).retrieve())
        tell(bed="feature", node=self.spec["node"], report=report.hex())
        client.complete(size, 0)
        return True

    def _answer(self, client: Any, data: bytes) -> bool:
        client.get_arg().resolve(0, len(data)).update(0, data)
        client.complete(0, 0)
        return True


class Bed:
    def __init__(self) -> None:
        self._bed = UMockdev.Testbed.new()
        self._devices: dict[str, Device] = {}

    def do(self, command: dict[str, Any]) -> None:
        """``plug`` a device, ``write`` bytes for it to give, say which keys are ``held``, or ``unplug`` it."""
        if "plug" in command:
            self._devices[command["plug"]["node"]] = Device(self._bed, command["plug"])
            return
        device = self._devices[command["node"]]
        if "held" in command:
            device.held = bytes.fromhex(command["held"])
        elif "write" in command:
            os.write(device.end, bytes.fromhex(command["write"]))
        elif "written" in command:
            tell(bed="written", node=command["node"], data=os.read(device.end, 4096).hex())
        else:
            device.unplug(self._bed)


def main() -> int:
    bed, loop = Bed(), GLib.MainLoop()
    program: list[str] = []
    while not program:
        command = json.loads(sys.stdin.readline())
        program = command.get("run", [])
        if not program:
            bed.do(command)
    running = subprocess.Popen(program, stdin=subprocess.DEVNULL)

    def obey(command: dict[str, Any]) -> bool:
        bed.do(command)
        return False

    def listen() -> None:
        for line in sys.stdin:
            GLib.idle_add(obey, json.loads(line))
        running.terminate()
        running.wait()
        loop.quit()

    threading.Thread(target=listen, daemon=True).start()
    loop.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
