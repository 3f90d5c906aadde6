"""`devices watch` shows scans masked, from the running till or by itself; `devices reload` has it take over settings."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from agent.config.read import load_till_config
from agent.terminal import Terminal
from cli.devices import watching
from cli.main import main
from drivers.scanners.sources.simulated import SimulatedSource
from tests.cli.commands import command, environment, write_config

CARD = "2100000000042"
PAYMENT = ";4111111111111111=30121010000000000000?"
CARDS = '[[cards.range]]\nprefix = "2100"\nmin_length = 13\n'
SCANNER = '[[scanner]]\nname = "counter"\nkind = "simulated"\nmode = "own"\n'
HOSTS = '[[scanner]]\nname = "pos"\nkind = "serial"\n'


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def watch(config: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    arguments = command("devices", "watch", "--config", config, *more)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment(), encoding="utf-8") as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="platform: a request to end is a signal on POSIX only")
def test_the_running_till_is_asked(tmp_path: Path) -> None:
    config = write_config(tmp_path, f"[till]\nport = {free_port()}\n", CARDS, SCANNER)
    source = SimulatedSource("counter")
    with (
        Terminal(load_till_config(config), make_source=lambda _: source) as terminal,
        watch(config, "--json") as process,
    ):
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"device": "counter", "state": "ready", "detail": ""}
        source.scan(CARD)
        shown = json.loads(process.stdout.readline())
        assert (shown["kind"], shown["last"], shown["length"]) == ("member", "0042", 13)
        source.scan(PAYMENT)
        assert json.loads(process.stdout.readline())["kind"] == "payment_refused"
        assert terminal.devices.scans.last == 2
        process.send_signal(signal.SIGTERM)
        assert (process.stdout.read(), process.wait(20)) == ("", 0)


def test_of_several_that_were_not_read_the_number_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config, ended = load_till_config(write_config(tmp_path, CARDS, SCANNER)), threading.Event()
    source = SimulatedSource("counter")
    monkeypatch.setattr(watching, "make_source", lambda _: source)
    monkeypatch.setattr(watching, "_LOOK_S", 0.5)
    for text in ("]XX", "]", "]E"):
        source.scan(text)
    threading.Timer(1.5, ended.set).start()
    watching.read_ourselves(config, watching.choose(config.scanners, ""), as_json=False, ended=ended)
    assert "counter: 3 not read, the last: short aim" in capsys.readouterr().out.splitlines()


def test_without_a_till_the_scanners_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config, ended = load_till_config(write_config(tmp_path, CARDS, SCANNER)), threading.Event()
    source = SimulatedSource("counter")
    monkeypatch.setattr(watching, "make_source", lambda _: source)
    for text in (CARD, "]E04870001234560", "]", PAYMENT):
        source.scan(text)
    threading.Timer(0.5, ended.set).start()
    watching.read_ourselves(config, watching.choose(config.scanners, ""), as_json=False, ended=ended)
    printed = capsys.readouterr().out.splitlines()
    assert "counter: ready" in printed
    assert "counter: not read (short aim)" in printed
    assert [line for line in printed if "read" not in line] == [
        "counter: member ...0042, 13 characters",
        "counter: item, 13 characters, ean_13",
        "counter: payment refused (payment track), 39 characters",
    ]
    assert not (config.data_dir / "till.db").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--device", "other"], "--device: there is no [[scanner]] called other; known are: pos"),
        ([], "no [[scanner]] is the agent's; add what `loyaltill devices` prints"),
    ],
)
def test_a_scanner_that_is_not_set_up_cannot_be_watched(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["devices", "watch", "--config", str(write_config(tmp_path, HOSTS)), *words]) == 2
    assert says in capsys.readouterr().err


def test_a_running_till_takes_over_changed_scanners(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = f"[till]\nport = {free_port()}\n"
    config = write_config(tmp_path, port, CARDS, SCANNER)
    words = ["devices", "reload", "--config", str(config)]
    assert main(words) == 1
    assert "no till answers at 127.0.0.1" in capsys.readouterr().err
    with Terminal(load_till_config(config), config_file=config):
        write_config(tmp_path, port, SCANNER, SCANNER.replace("counter", "second"))
        assert main(words) == 0
        assert capsys.readouterr().out.splitlines() == [
            "started: second",
            "kept: counter",
            "other settings changed too; restart the till to put them into force",
        ]
