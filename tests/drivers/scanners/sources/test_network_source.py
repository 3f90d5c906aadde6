"""A network scanner over real TCP on this machine, whoever calls, hangs up, breaks off or falls silent."""

import errno
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.gate import GateRefusal
from drivers.scanners.reader import ReaderState
from drivers.scanners.sources.network_source import Calling, NetworkSettings, NetworkSource
from drivers.scanners.symbols import Symbol
from tests.drivers.scanners.sources.rig import reading, state_is, until

ROOT = Path(__file__).resolve().parents[4]
HERE = "127.0.0.1"


def free_port() -> int:
    with socket.create_server((HERE, 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A scanner that waits to be called."""
    with socket.create_server((HERE, 0)) as made:
        made.settimeout(10)
        yield made


def calls(server: socket.socket) -> NetworkSource:
    return NetworkSource(NetworkSettings(host=HERE, port=server.getsockname()[1]), name="counter 1")


def listens(port: int, **more: Any) -> NetworkSource:
    return NetworkSource(NetworkSettings(host=HERE, port=port, calling=Calling.LISTEN, **more), name="counter 1")


def call(port: int, data: bytes = b"") -> socket.socket:
    connection = socket.create_connection((HERE, port), 10)
    connection.sendall(data)
    return connection


def test_a_scanner_that_is_called_is_read_and_called_again_when_it_hangs_up(server: socket.socket) -> None:
    heard: list[Symbol | GateRefusal] = []
    with reading(calls(server), heard) as reader:
        with server.accept()[0] as first:
            first.sendall(b"]E02112345678900\r\nhalf a sc")
            until(lambda: len(heard) == 1)
        hung_up_at = time.monotonic()
        until(state_is(reader, ReaderState.ABSENT))
        assert time.monotonic() - hung_up_at < 1
        with server.accept()[0] as second:
            until(state_is(reader, ReaderState.READY))
            second.sendall(b"LOY-0042\r\n")
            until(lambda: len(heard) == 2)
    assert heard == [Symbol(aim="]E0", text="2112345678900"), Symbol(text="LOY-0042")]


def test_a_scanner_that_breaks_off_is_gone(server: socket.socket) -> None:
    source = calls(server)
    source.open()
    connection, _ = server.accept()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    with pytest.raises(DeviceGone, match=r"counter 1: the connection broke \(ECONNRESET"):
        source.read(5000)
    source.close()
    with pytest.raises(DeviceGone, match="not open"):
        source.read(1)


def test_a_scanner_that_is_not_there_is_gone() -> None:
    with pytest.raises(DeviceGone, match="ECONNREFUSED"):
        NetworkSource(NetworkSettings(host=HERE, port=free_port())).open()


def test_a_scanner_may_call_once_and_stay_or_call_for_every_scan() -> None:
    heard: list[Symbol | GateRefusal] = []
    port = free_port()
    with reading(listens(port), heard) as reader:
        with call(port, b"A1\r\n") as staying:
            until(lambda: len(heard) == 1)
            staying.sendall(b"A2\r\n")
            until(lambda: len(heard) == 2)
        call(port, b"B1\r\n").close()
        until(lambda: len(heard) == 3)
        call(port, b"B2\r\n").close()
        until(lambda: len(heard) == 4)
        assert reader.status.state is ReaderState.READY
    assert heard == [Symbol(text=text) for text in ("A1", "A2", "B1", "B2")]


def test_a_scan_that_ends_with_the_call_is_a_scan_of_its_own() -> None:
    heard: list[Symbol | GateRefusal] = []
    port = free_port()
    with reading(listens(port), heard):
        for scan in (b"C1", b"C2"):
            call(port, scan).close()
        until(lambda: len(heard) == 2)
    assert heard == [Symbol(text="C1"), Symbol(text="C2")]


def test_a_scanner_that_calls_again_without_hanging_up_is_heard_and_its_half_scan_dropped() -> None:
    heard: list[Symbol | GateRefusal] = []
    port = free_port()
    with reading(listens(port), heard), call(port, b"A1\r\nhalf a sc") as first:
        until(lambda: len(heard) == 1)
        with call(port, b"B2\r\n"):
            until(lambda: len(heard) == 2)
        first.settimeout(10)
        assert first.recv(1) == b"", "the first call was ended"
    assert heard == [Symbol(text="A1"), Symbol(text="B2")]


def test_a_port_that_another_program_listens_on_is_busy_and_free_again_when_closed() -> None:
    port = free_port()
    first, second = listens(port), listens(port)
    first.open()
    with pytest.raises(DeviceBusy, match="another program listens"):
        second.open()
    with pytest.raises(DeviceBusy, match="already open"):
        first.open()
    first.close()
    second.open()
    second.close()


def test_an_address_that_this_machine_has_not_is_a_configuration_error() -> None:
    source = NetworkSource(
        NetworkSettings(host="192.0.2.1", port=free_port(), calling=Calling.LISTEN, beyond_this_machine=True)
    )
    with pytest.raises(DeviceConfig, match="EADDRNOTAVAIL"):
        source.open()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "till-7"])
def test_calls_from_other_machines_are_taken_only_when_that_is_said(host: str) -> None:
    with pytest.raises(ValueError, match="beyond_this_machine"):
        NetworkSettings(host=host, port=4001, calling=Calling.LISTEN)
    assert NetworkSettings(host=host, port=4001, calling=Calling.LISTEN, beyond_this_machine=True).host == host
    assert NetworkSettings(host=host, port=4001).calling is Calling.CONNECT


@pytest.mark.parametrize(
    "wrong",
    [{"host": ""}, {"port": 0}, {"port": 65_536}, {"connect_timeout_ms": 0}, {"silent_ms": 2999}, {"pause_ms": -1}],
)
def test_settings_that_no_network_has_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        NetworkSettings(**{"host": HERE, "port": 4001, **wrong})


CUT_OFF = """
import json, socket, subprocess, sys, time
from drivers.errors import DeviceGone
from drivers.scanners.sources.network_source import NetworkSettings, NetworkSource

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with socket.create_server(("127.0.0.1", 0)) as server:
    source = NetworkSource(NetworkSettings(host="127.0.0.1", port=server.getsockname()[1], silent_ms=3000))
    source.open()
    connection, _ = server.accept()
    connection.sendall(b"A1")
    assert source.read(5000) == b"A1"
    subprocess.run(["ip", "link", "set", "lo", "down"], check=True)  # no packet comes or goes from now on
    began = time.monotonic()
    try:
        while time.monotonic() - began < 30:
            source.read(1000)
    except DeviceGone as gone:
        print(json.dumps({"gone": str(gone), "after_s": time.monotonic() - began}))
"""


def test_a_connection_that_is_cut_off_is_noticed_by_keep_alives() -> None:
    """In a network of its own, so that the cable can be pulled."""
    if not sys.platform.startswith("linux") or shutil.which("ip") is None or shutil.which("unshare") is None:
        pytest.skip("platform: needs unshare and ip of Linux")
    apart = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("platform: this user may not make a network of its own")
    done = subprocess.run(
        [*apart, sys.executable, "-c", CUT_OFF], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["gone"].startswith("127.0.0.1:")
    assert errno.errorcode[errno.ETIMEDOUT] in told["gone"] or "UNREACH" in told["gone"]
    assert 0.5 < told["after_s"] < 10


def test_an_interrupted_read_answers_at_once(server: socket.socket) -> None:
    source = calls(server)
    source.open()
    source.interrupt()
    began = time.monotonic()
    assert source.read(10_000) == b""
    assert time.monotonic() - began < 5
    source.close()
