"""The scanners of a running till: shared with the POS program through kills, and new settings without a restart."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.api.devices_page import MISREADINGS
from agent.config.read import load_till_config
from agent.errors import AgentError
from agent.terminal import Terminal
from drivers.scanners.framing import JOINED_MS
from drivers.scanners.sources.simulated import SimulatedSource
from drivers.scanners.symbols import Misreading
from messages.languages import LANGUAGES
from tests.agent.callers import Caller
from tests.agent.shops import CARD, PROGRAMME

ROOT = Path(__file__).resolve().parents[2]
PAYMENT = ";4111111111111111=30121010000000000000?"
SETTINGS = """\
[store]
id = "S1"
name = "Corner shop"
time_zone = "Asia/Almaty"
[till]
port = 0
[programme]
file = "programme.toml"
[[cards.range]]
prefix = "2100"
min_length = 13
"""
LOGGED = """
import faulthandler, logging
faulthandler.enable()
logging.basicConfig(level=logging.DEBUG)
"""
AGENT = """
import sys
from pathlib import Path
from agent.config.read import load_till_config
from agent.terminal import Terminal

file = Path(sys.argv[1])
with Terminal(load_till_config(file), config_file=file) as terminal:
    print(terminal.base_url, terminal.token, flush=True)
    terminal.run()
"""
POS = """
import sys, serial
with serial.Serial(sys.argv[1], 9600, timeout=60) as port:
    print("open", flush=True)
    while (line := port.read_until(b"\\n")) != b"end\\r\\n":
        print(line.hex(), flush=True)
"""


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not happen within 20 s"
        time.sleep(0.01)


def scanner(name: str, mode: str = "own", **more: str) -> str:
    keys = {"name": name, "kind": "simulated", "mode": mode, **more}
    return "[[scanner]]\n" + "".join(f'{key} = "{value}"\n' for key, value in keys.items())


def written(folder: Path, *scanners: str) -> Path:
    (folder / "programme.toml").write_text(PROGRAMME, encoding="utf-8")
    file = folder / "config.toml"
    file.write_text(SETTINGS + "".join(scanners), encoding="utf-8")
    return file


class Counter:
    """A till in this process with scanners in memory, by name."""

    def __init__(self, file: Path) -> None:
        self.sources: dict[str, SimulatedSource] = {}
        self.terminal = Terminal(
            load_till_config(file),
            make_source=lambda config: self.sources.setdefault(config.name, SimulatedSource(config.name)),
            config_file=file,
        )


@contextmanager
def running(file: Path) -> Iterator[tuple[Counter, Caller]]:
    counter = Counter(file)
    with counter.terminal as terminal, Caller.of(terminal) as pos:
        yield counter, pos


def states(pos: Caller) -> dict[str, str]:
    return {told["name"]: told["state"] for told in pos.get("/v1/devices").json()["scanners"]}


def test_a_till_whose_scanners_are_all_the_hosts_loads_no_driver(tmp_path: Path) -> None:
    script = AGENT.replace(
        "terminal.run()", "print([name for name in sys.modules if 'supervisor' in name or 'reader' in name])"
    )
    file = written(tmp_path, scanner("pos", "host"))
    command = [sys.executable, "-c", script, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[1]
    assert "drivers.scanners" not in loaded


def test_every_scanner_is_told_with_its_state_and_numbers(tmp_path: Path) -> None:
    with running(written(tmp_path, scanner("pos", "host"), scanner("counter"))) as (counter, pos):
        until(lambda: states(pos) == {"pos": "host", "counter": "ready"})
        counter.sources["counter"].scan(PAYMENT)
        until(lambda: pos.get("/v1/devices").json()["scanners"][1]["refused"] == 1)
        place = {"kind": "simulated", "device": "", "detail": "", "misreading": "", "forwarding": None}
        counts = {"admitted": 0, "refused": 1, "misread": 0, "repeated": 0, "restarts": 0}
        assert pos.get("/v1/devices").json() == {
            "scanners": [
                {"name": "pos", "mode": "host", "state": "host", **place},
                {"name": "counter", "mode": "own", "state": "ready", **place, **counts},
            ],
            "faults": [],
        }
        assert pos.get("/health").json() == {"status": "ok", "scanners": {"counter": "ready"}}
        counter.sources["counter"].unplug()
        until(lambda: states(pos)["counter"] == "absent")
        assert pos.get("/v1/devices").json()["scanners"][1]["detail"] == "counter: unplugged"
        assert pos.get("/v1/status").json()["scanners"] == {"counter": "absent"}
    assert [told["state"] for told in counter.terminal.devices.told()] == ["host", "stopped"]


def test_an_installer_sees_every_scan_masked(tmp_path: Path) -> None:
    with running(written(tmp_path, scanner("counter"))) as (counter, pos):
        for text in (CARD, "]E04870001234567", PAYMENT):
            counter.sources["counter"].scan(text)
        until(lambda: counter.terminal.devices.scans.last == 3)
        told = pos.get("/v1/devices/scans?wait_ms=0")
        shown = [{key: scan[key] for key in scan if key not in {"at", "number"}} for scan in told.json()["events"]]
        assert [(scan["device"], scan["length"]) for scan in shown] == [
            ("counter", 13),
            ("counter", 13),
            ("counter", 39),
        ]
        assert (shown[0]["kind"], shown[0]["last"]) == ("member", CARD[-4:])
        assert "last" not in shown[1]
        assert shown[2] == {
            "device": "counter",
            "kind": "payment_refused",
            "length": 39,
            "reason": "payment_track",
        }
        assert not any(secret in told.text for secret in (CARD, "4870001234567", "4111", "1111"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_scanners_and_masked_scans_in_the_stores_language(tmp_path: Path, language: str) -> None:
    file = written(tmp_path, scanner("pos", "host"), scanner("counter"), scanner("cards"))
    file.write_text(file.read_text("utf-8").replace("[till]", f'language = "{language}"\n[till]'), encoding="utf-8")
    with running(file) as (counter, pos):
        counter.sources["counter"].scan(CARD)
        counter.sources["counter"].scan(PAYMENT)
        counter.sources["cards"].unplug()
        until(lambda: counter.terminal.devices.scans.last == 2 and states(pos)["cards"] == "absent")
        text = counter.terminal.till.context.catalogue.text
        shown = pos.get("/devices")
        assert shown.status_code == 200
        for word in ("device_ready", "device_absent", "device_host", "scan_member", "scan_payment_refused"):
            assert text(f"till.{word}") in shown.text
        assert f"…{CARD[-4:]}" in shown.text
        assert CARD not in shown.text
        assert "4111" not in shown.text
        assert f'<a href="/devices">{text("till.devices")}</a>' in pos.get("/").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_why_a_scan_was_not_read(tmp_path: Path, language: str) -> None:
    file = written(tmp_path, scanner("counter"))
    file.write_text(file.read_text("utf-8").replace("[till]", f'language = "{language}"\n[till]'), encoding="utf-8")
    with running(file) as (counter, pos):
        text = counter.terminal.till.context.catalogue.text
        assert MISREADINGS.keys() == {why.value for why in Misreading}
        for count, (sent, why) in enumerate(((b"]\r", "short_aim"), (b"\x02lost\x02A\r", "cut")), start=1):
            counter.sources["counter"].feed([sent])
            until(lambda count=count: pos.get("/v1/devices").json()["scanners"][0]["misread"] == count)  # type: ignore[misc]
            assert pos.get("/v1/devices").json()["scanners"][0]["misreading"] == why
            shown = text("till.device_misread", count=count, why=text(MISREADINGS[why]))
            assert shown in pos.get("/devices").text


def test_the_page_says_the_symbology_and_what_is_wrong_with_a_scan(tmp_path: Path) -> None:
    with running(written(tmp_path, scanner("counter"))) as (counter, pos):
        for place, (scan, code) in enumerate(
            (("]E04870001234560", "ean_13"), ("]E04870001234561", "ean_13 · check_digit"), (PAYMENT, "payment_track")),
            start=1,
        ):
            counter.sources["counter"].scan(scan)
            until(lambda place=place: counter.terminal.devices.scans.last == place)  # type: ignore[misc]
            assert f'lang="en">{code}</span>' in pos.get("/devices").text


def test_new_settings_start_and_stop_scanners_and_leave_the_others_alone(tmp_path: Path) -> None:
    file = written(tmp_path, scanner("same"), scanner("gone"))
    with running(file) as (counter, pos):
        counter.sources["same"].scan(CARD)
        until(lambda: counter.terminal.devices.scans.last == 1)
        written(tmp_path, scanner("pos", "host"), scanner("same"), scanner("new"))
        answer = pos.post("devices/reload")
        assert (answer.status_code, answer.json()) == (
            200,
            {"started": ["new"], "stopped": ["gone"], "changed": [], "kept": ["same"], "restart_needed": False},
        )
        until(lambda: states(pos) == {"pos": "host", "same": "ready", "new": "ready"})
        assert pos.get("/v1/devices").json()["scanners"][1]["admitted"] == 1
        file.write_text(SETTINGS.replace("Corner shop", "Other shop"), encoding="utf-8")
        assert pos.post("devices/reload").json()["restart_needed"] is True
        assert pos.get("/v1/devices").json()["scanners"] == []


def test_settings_with_faults_change_nothing_and_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = written(tmp_path, scanner("counter"))
    with running(file) as (_, pos), caplog.at_level(logging.ERROR):
        until(lambda: states(pos) == {"counter": "ready"})
        written(tmp_path, scanner("counter"), scanner("counter", device="COM5"))
        answer = pos.post("devices/reload")
        lines = [
            f"{file}:17: scanner[2].name: is used by an earlier [[scanner]] [repeated]",
            f"{file}:20: scanner[2].device: a scanner of kind simulated has none; leave it out [wrong_value]",
        ]
        assert (answer.status_code, answer.json()) == (409, {"error": "config_faulty", "detail": "\n".join(lines)})
        assert states(pos) == {"counter": "ready"}
        assert pos.get("/v1/devices").json()["faults"] == lines
        assert pos.get("/health").json() == {
            "status": "ok",
            "scanners": {"counter": "ready"},
            "config": "not loaded: 2 faults",
        }
        assert [record.getMessage() for record in caplog.records] == [
            f"the scanners stay as they are: {line}" for line in lines
        ]
        written(tmp_path, scanner("counter"))
        assert pos.post("devices/reload").json()["kept"] == ["counter"]
        assert pos.get("/v1/devices").json()["faults"] == []


class Stuck(SimulatedSource):
    """A driver that does not answer for a while when it opens."""

    def open(self) -> None:
        time.sleep(4)


def test_a_sale_and_a_health_probe_do_not_wait_while_scanners_are_stopped(tmp_path: Path) -> None:
    written(tmp_path, scanner("a"), scanner("b"), scanner("c"))
    file = tmp_path / "config.toml"
    with (
        Terminal(load_till_config(file), make_source=lambda one: Stuck(one.name), config_file=file) as terminal,
        Caller.of(terminal) as pos,
        Caller.of(terminal) as installer,
        Caller.of(terminal) as probe,
    ):
        until(lambda: set(states(pos).values()) == {"opening"})
        pos.post("inquire", {"scan": CARD})
        written(tmp_path)
        loading = threading.Thread(target=installer.post, args=("devices/reload",))
        loading.start()
        time.sleep(0.3)
        probing = threading.Thread(target=probe.get, args=("/health",))
        probing.start()
        began = time.monotonic()
        pos.post("inquire", {"scan": CARD})
        probing.join()
        assert loading.is_alive()
        assert time.monotonic() - began < 1
        loading.join()


def test_a_till_that_has_stopped_starts_no_scanner(tmp_path: Path) -> None:
    file = written(tmp_path)
    with running(file) as (counter, _):
        counter.terminal.devices.stop()
        written(tmp_path, scanner("counter"))
        with pytest.raises(AgentError, match="the till has stopped"):
            counter.terminal.devices.reload()
        assert counter.sources == {}


def test_a_till_without_a_file_has_nothing_to_load(tmp_path: Path) -> None:
    file = written(tmp_path)
    with Terminal(load_till_config(file)) as terminal, Caller.of(terminal) as pos:
        answer = pos.post("devices/reload")
        assert (answer.status_code, answer.json()["error"]) == (409, "no_config")


if sys.platform == "linux":
    import pty
    import tty

    MAGSTRIPE = "magstripe = true\n"

    def swiped_digits_in(folder: Path) -> list[str]:
        """The files, of whatever kind, in which digits of the payment card stand."""
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert any(path.name == "agent.log" and path.stat().st_size for path in files)
        traces = (b"4111111111111111", b"41111111", b"11111111", b"3012101", b"DOE/JOHN")
        return [str(path) for path in files if any(trace in path.read_bytes() for trace in traces)]

    @contextmanager
    def agent(file: Path) -> Iterator[tuple[subprocess.Popen[str], Caller]]:
        """A till in a process of its own, killed at the end."""
        log = (file.parent / "agent.log").open("a", encoding="utf-8")
        command = [sys.executable, "-c", LOGGED + AGENT, str(file)]
        started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert started.stdout is not None
            base_url, token = started.stdout.readline().split()
            with Caller(base_url, token) as pos:
                yield started, pos
        finally:
            started.kill()
            started.wait()
            log.close()
            if started.stdout is not None:
                started.stdout.close()

    @pytest.fixture
    def cable() -> Iterator[tuple[int, str]]:
        """The scanner's end of a cable, and the port that the agent opens."""
        master, slave = pty.openpty()
        tty.setraw(slave)
        yield master, os.ttyname(slave)
        os.close(master)
        os.close(slave)

    def test_a_pos_program_reads_a_shared_scanner_while_the_agent_is_killed_and_comes_back(
        tmp_path: Path, cable: tuple[int, str]
    ) -> None:
        """It is an unmodified reader of serial ports in a process of its own, and opens its port once."""
        master, port = cable
        file = written(tmp_path, scanner("counter", "shared", kind="serial", device=port))
        shared = tmp_path / "till-data" / "scanners" / "counter"
        with agent(file) as (first, pos):
            until(lambda: states(pos) == {"counter": "ready"} and shared.exists())
            with subprocess.Popen([sys.executable, "-c", POS, str(shared)], stdout=subprocess.PIPE, text=True) as till:
                assert till.stdout is not None
                assert till.stdout.readline() == "open\n"
                time.sleep(JOINED_MS / 1_000)
                goods = b"\x02]E04870001234567\x03\r\n"
                os.write(master, goods)
                assert till.stdout.readline() == goods.hex() + "\n"
                os.write(master, f"{CARD}\r\n".encode())
                until(lambda: pos.get("/v1/events?wait_ms=0").json()["last"] == 1)
                swipe = f"{PAYMENT}\r\n".encode()
                os.write(master, swipe)
                assert till.stdout.readline() == swipe.hex() + "\n"
                first.send_signal(signal.SIGKILL)
                first.wait()
                with agent(file) as (_, again):
                    until(lambda: states(again) == {"counter": "ready"})
                    time.sleep(JOINED_MS / 1_000)
                    os.write(master, b"4870001234567\r\n")
                    assert till.stdout.readline() == b"4870001234567\r\n".hex() + "\n"
                    (told,) = again.get("/v1/devices").json()["scanners"]
                    assert (told["forwarding"]["port"], told["forwarding"]["working"]) == (str(shared), True)
                    os.write(master, b"end\r\n")
                    assert till.wait(20) == 0
                    written(tmp_path)
                    assert again.post("devices/reload").json()["stopped"] == ["counter"]
                    until(lambda: not shared.is_symlink())
        assert swiped_digits_in(tmp_path) == []

    def test_the_port_of_a_scanner_that_left_the_settings_while_no_agent_ran_is_taken_away(tmp_path: Path) -> None:
        file = written(tmp_path, scanner("gone", "shared"), scanner("stays", "shared"))
        folder = tmp_path / "till-data" / "scanners"
        with agent(file):
            until(lambda: (folder / "gone").is_symlink() and (folder / "stays").is_symlink())
        written(tmp_path, scanner("stays", "shared"))
        with agent(file) as (_, pos):
            until(lambda: not (folder / "gone").is_symlink() and not (folder / "gone.sock").exists())
            assert (folder / "stays").is_symlink()
            written(tmp_path)
            pos.post("devices/reload")

    def test_swiped_payment_cards_leave_their_digits_nowhere(tmp_path: Path, cable: tuple[int, str]) -> None:
        """Own and shared, whole and half a swipe, in the log of everything, the book, events, states and what is seen."""
        master, port = cable
        swipes = (PAYMENT, PAYMENT[:-3], "%B4111111111111111^DOE/JOHN^3012101?", f"%E?{PAYMENT}", "4111 1111 1111 1111")
        for mode in ("own", "shared"):
            file = written(tmp_path, scanner("counter", mode, kind="serial", device=port) + MAGSTRIPE)
            with agent(file) as (process, pos):
                until(lambda pos=pos: states(pos) == {"counter": "ready"})  # type: ignore[misc]
                time.sleep(JOINED_MS / 1_000)
                for swipe in swipes:
                    os.write(master, f"{swipe}\r\n".encode())
                until(lambda pos=pos: pos.get("/v1/devices").json()["scanners"][0]["refused"] == len(swipes))  # type: ignore[misc]
                told = [pos.get(f"/v1/{path}?wait_ms=0").text for path in ("events", "devices/scans")]
                told += [pos.get(path).text for path in ("/v1/devices", "/v1/status", "/health", "/", "/devices")]
                (tmp_path / f"told-{mode}").write_text("\n".join(told), encoding="utf-8")
                written(tmp_path)
                pos.post("devices/reload")
                process.send_signal(signal.SIGABRT)
                process.wait()
        assert "Fatal Python error: Aborted" in (tmp_path / "agent.log").read_text("utf-8")
        assert swiped_digits_in(tmp_path) == []

    def test_a_hangup_signal_loads_new_settings(tmp_path: Path) -> None:
        file = written(tmp_path, scanner("counter"))
        with agent(file) as (process, pos):
            until(lambda: states(pos) == {"counter": "ready"})
            written(tmp_path, scanner("counter"), scanner("second"))
            process.send_signal(signal.SIGHUP)
            until(lambda: states(pos) == {"counter": "ready", "second": "ready"})
            file.write_text("[store", encoding="utf-8")
            process.send_signal(signal.SIGHUP)
            until(lambda: len(pos.get("/v1/devices").json()["faults"]) == 1)
            assert states(pos) == {"counter": "ready", "second": "ready"}
