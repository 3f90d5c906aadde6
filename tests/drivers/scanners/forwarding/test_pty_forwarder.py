"""Another program gets the scans of a shared scanner from a pseudo-terminal: real pyserial and socat, processes that die."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import serial

from drivers.scanners.forwarding.backlog import KEPT_MS
from drivers.scanners.forwarding.pty_forwarder import PtyForwarder, end_other_holders
from tests.apt import need

if sys.platform != "linux":
    pytest.skip("platform: a pseudo-terminal that outlives its program needs Linux", allow_module_level=True)

READER = """
import sys, serial
port = serial.Serial(sys.argv[1], 9600, timeout=60)
print("open", flush=True)
while (got := port.read(1)) != b"!":
    sys.stdout.buffer.write(got.hex().encode() + b" ")
    sys.stdout.flush()
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "nothing happened within 20 s"
        time.sleep(0.005)


@contextmanager
def forwarding(folder: Path, *, for_good: bool = True, idle_end_ms: int = 60_000) -> Iterator[PtyForwarder]:
    forwarder = PtyForwarder("counter", folder, idle_end_ms=idle_end_ms)
    forwarder.start()
    try:
        until(lambda: forwarder.status.working)
        yield forwarder
    finally:
        forwarder.stop(for_good=for_good)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Deeper than the 108 bytes that the path of a socket may have."""
    return tmp_path / ("a-long-name-" * 9) / "scanners"


@pytest.fixture
def forwarder(folder: Path) -> Iterator[PtyForwarder]:
    with forwarding(folder) as made:
        yield made


def opened(folder: Path, **settings: object) -> serial.Serial:
    return serial.Serial(str(folder / "counter"), 9600, timeout=10, **settings)


def holders(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(folder / "counter.sock") in process.cmdline():
                found.append(process)
    return found


def test_every_byte_comes_through_as_it_is(forwarder: PtyForwarder, folder: Path) -> None:
    with opened(folder) as port:
        scans = [bytes(range(256)), b"\x02\x03\x04\x11\x13\x1a\x1c\x7f\r\n", b"x" * 4_098, b"y" * 12_290]
        for scan in scans:
            forwarder.forward(scan)
        assert port.read(sum(map(len, scans))) == b"".join(scans)
        port.write(b"a command that a shared scanner does not take\x03")
        forwarder.forward(b"still there\r")
        assert port.read(12) == b"still there\r"
    assert stat.S_IMODE((folder / "counter").stat().st_mode) == 0o600


def test_an_unmodified_reader_in_its_own_process_outlives_the_agent(folder: Path) -> None:
    with forwarding(folder, for_good=False) as first:
        command = [sys.executable, "-c", READER, str(folder / "counter")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "open\n"
            first.forward(b"1\r\n")
            until(lambda: first.status.sent == 1)
            first.stop()
            with forwarding(folder) as second:
                second.forward(b"\x022\x03")
                second.forward(b"!")
                assert reader.stdout.read() == "31 0d 0a 02 32 03 "
            assert reader.wait(10) == 0


def test_socat_reads_it_like_any_port(forwarder: PtyForwarder, folder: Path) -> None:
    socat = need("socat", program="socat")
    command = [socat, "-u", f"{folder / 'counter'},raw,echo=0", "STDOUT"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
        forwarder.forward(b"\x02]C1010487000123456\x1d21A\x03")
        assert reader.stdout is not None
        assert reader.stdout.read(24) == b"\x02]C1010487000123456\x1d21A\x03"
        reader.terminate()


def test_scans_wait_5_s_for_a_reader_and_come_after_it_has_flushed_its_port(
    forwarder: PtyForwarder, folder: Path
) -> None:
    forwarder.forward(b"too early\r")
    until(lambda: forwarder.status.waiting == 1)
    time.sleep(KEPT_MS / 1000 - 1)
    forwarder.forward(b"in time\r")
    until(lambda: forwarder.status.dropped == 1)
    with opened(folder) as port:
        assert port.read(8) == b"in time\r"
        until(lambda: forwarder.status.reader is True)
        until(lambda: (forwarder.status.sent, forwarder.status.waiting) == (1, 0))
    until(lambda: forwarder.status.reader is False)


def test_a_reader_that_does_not_read_never_blocks_the_scanner_and_gets_whole_scans(
    forwarder: PtyForwarder, folder: Path
) -> None:
    with opened(folder) as port:
        scans = [b"%05d" % number + b"x" * 994 + b"\r" for number in range(300)]
        began = time.monotonic()
        for scan in scans:
            forwarder.forward(scan)
        assert time.monotonic() - began < 1
        until(lambda: forwarder.status.dropped > 100)
        until(lambda: forwarder.status.sent + forwarder.status.waiting + forwarder.status.dropped == 300)
        port.timeout = 0.5
        got = port.read(300_000).split(b"\r")[:-1]
        assert {len(scan) for scan in got} == {999}
        assert [scan + b"\r" for scan in got] == [scan for scan in scans if scan[:-1] in set(got)], (
            "in order, each once"
        )
        assert got[-1] == scans[-1][:-1], "the newest is kept"
        until(lambda: forwarder.status.sent == len(got))


def test_a_reader_may_open_and_close_and_leaves_nothing_behind(forwarder: PtyForwarder, folder: Path) -> None:
    for number in range(4):
        with opened(folder, exclusive=True) as port:
            forwarder.forward(b"%d\r" % number)
            assert port.read(2) == b"%d\r" % number
            forwarder.forward(b"unread\r")
            until(lambda number=number: forwarder.status.sent == 2 * number + 2)  # type: ignore[misc]
        until(lambda: forwarder.status.reader is False)
    script = "stty cooked echo < $1; exec 3< $1; python3 -c 'import fcntl; fcntl.ioctl(3, 0x540C)'"  # TIOCEXCL
    subprocess.run(["sh", "-c", script, "sh", str(folder / "counter")], check=True)
    until(lambda: forwarder.status.reader is False)
    descriptor = os.open(folder / "counter", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        forwarder.forward(b"as it is\x03\r")
        until(lambda: forwarder.status.sent == 9)
        assert os.read(descriptor, 100) == b"as it is\x03\r", "a program that sets nothing finds a raw port"
    finally:
        os.close(descriptor)


def test_a_holder_that_is_killed_is_replaced(forwarder: PtyForwarder, folder: Path) -> None:
    (holder,) = holders(folder)
    holder.send_signal(signal.SIGKILL)
    until(lambda: [found.pid for found in holders(folder)] not in ([], [holder.pid]))
    until(lambda: forwarder.status.working)
    with opened(folder) as port:
        forwarder.forward(b"again\r")
        assert port.read(6) == b"again\r"


def test_the_port_goes_when_the_scanner_is_taken_out_of_the_settings(folder: Path) -> None:
    with forwarding(folder):
        assert (folder / "counter").is_symlink()
    until(lambda: not list(folder.iterdir()))
    until(lambda: holders(folder) == [])


def test_a_port_is_taken_away_though_its_holder_is_busy_or_not_reached_just_then(folder: Path) -> None:
    with forwarding(folder) as forwarder:
        (holder,) = holders(folder)
        holder.suspend()
        for _ in range(200):
            forwarder.forward(b"x" * 4_000)
        stopping = threading.Thread(target=forwarder.stop, kwargs={"for_good": True})
        stopping.start()
        time.sleep(0.3)
        holder.resume()
        stopping.join()
    until(lambda: not holders(folder))
    assert not (folder / "counter").is_symlink()


def test_a_port_that_is_to_be_somewhere_else_now_moves(folder: Path, tmp_path: Path) -> None:
    with forwarding(folder, for_good=False):
        pass
    moved = PtyForwarder("counter", folder, tmp_path / "pos")
    moved.start()
    try:
        until(lambda: moved.status.working)
        assert (tmp_path / "pos").is_symlink()
        assert not (folder / "counter").is_symlink()
        assert len(holders(folder)) == 1
    finally:
        moved.stop(for_good=True)


def test_the_ports_of_scanners_that_are_no_longer_shared_are_taken_away(folder: Path) -> None:
    with forwarding(folder, for_good=False), opened(folder) as port:
        assert end_other_holders(folder, {"counter"}) == ()
        assert end_other_holders(folder, {"other"}) == ("counter",)
        until(lambda: not holders(folder))
        with pytest.raises(serial.SerialException):
            port.read(1)
    assert end_other_holders(folder / "nowhere", ()) == ()


def test_a_port_that_nobody_needs_goes_by_itself_and_one_that_is_open_stays(folder: Path) -> None:
    with forwarding(folder, for_good=False, idle_end_ms=100):
        port = opened(folder)
    time.sleep(0.5)
    assert len(holders(folder)) == 1
    port.close()
    until(lambda: holders(folder) == [])
    assert list(folder.iterdir()) == []


def test_something_else_in_the_place_of_the_port_is_left_alone_and_told(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "counter").write_text("mine", encoding="utf-8")
    forwarder = PtyForwarder("counter", folder)
    forwarder.start()
    until(lambda: bool(forwarder.status.detail))
    forwarder.stop()
    assert forwarder.status.detail == f"counter: {folder / 'counter'}: is no link, and stays"
    assert (folder / "counter").read_text(encoding="utf-8") == "mine"
    forwarder.stop()


def test_the_holder_is_small(forwarder: PtyForwarder, folder: Path) -> None:
    (holder,) = holders(folder)
    assert holder.memory_full_info().uss < 12 * 1024 * 1024
    assert forwarder.status.working
