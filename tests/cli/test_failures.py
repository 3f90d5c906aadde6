"""What a machine can do to a command: one clear sentence, status 1, nothing half written, and the next run works."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from agent.config.read import load_till_config
from agent.sync_worker import SyncMode
from agent.terminal import Terminal
from agent.till.till import Till
from cli.main import main
from hq.config import load_hq_config
from hq.server import ServerThread, open_hq
from tests.cli.commands import environment, start, write_config, write_receipts


@contextmanager
def small_disk(folder: Path, size_kb: int) -> Iterator[None]:
    """Put a disk of a few kilobytes at ``folder``; needs root on Linux."""
    folder.mkdir(exist_ok=True)
    options = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("platform: a small disk can only be made by root on Linux")
    if subprocess.run(options, capture_output=True, check=False).returncode != 0:
        pytest.skip("platform: this system lets nobody mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@contextmanager
def taken_port() -> Iterator[int]:
    """A port on which somebody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


@pytest.fixture
def failed(capsys: pytest.CaptureFixture[str]) -> Failed:
    return Failed(capsys)


class Failed:
    """Runs a command that must fail with status 1 and one sentence, and gives the sentence."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> str:
        self._capsys.readouterr()
        assert main([*map(str, words)]) == 1
        said = self._capsys.readouterr()
        assert said.out == ""
        lines = said.err.splitlines()
        assert len(lines) == 1, said.err
        assert lines[0].startswith("loyaltill: ")
        return lines[0].removeprefix("loyaltill: ")


def tells_of_a_full_disk(said: str) -> bool:
    return "full" in said or "No space left on device" in said


@pytest.mark.parametrize("size_kb", [8, 200, 700])
def test_a_replay_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, size_kb: int, failed: Failed
) -> None:
    receipts, disk = write_receipts(tmp_path, receipts=100), tmp_path / "disk"
    words = ("replay", "--json", "--receipts", str(receipts), "--work-dir", str(disk / "work"))
    with small_disk(disk, size_kb):
        assert tells_of_a_full_disk(failed(*words))
        remount(disk, "size=64m")
        assert main(words) == 0


@pytest.mark.parametrize("size_kb", [4, 40, 132])
def test_a_till_that_finds_no_room_at_its_first_start(tmp_path: Path, size_kb: int, failed: Failed) -> None:
    disk = tmp_path / "disk"
    path = write_config(tmp_path, '[till]\nport = 0\ndata_dir = "disk/till"\n')
    config = load_till_config(path)
    with small_disk(disk, size_kb):
        assert tells_of_a_full_disk(failed("till", "run", "--config", path))
        remount(disk, "size=64m")
        Till(config).close()


@pytest.mark.parametrize("size_kb", [8, 80, 160])
def test_hq_that_finds_no_room_at_its_first_start(tmp_path: Path, size_kb: int, failed: Failed) -> None:
    disk = tmp_path / "disk"
    config = write_config(tmp_path, '[hq]\nport = 0\ndata_dir = "disk/hq"\n')
    with small_disk(disk, size_kb):
        assert tells_of_a_full_disk(failed("hq", "pair-code", "--config", config))
        remount(disk, "size=64m")
        assert main(["hq", "pair-code", "--config", str(config)]) == 0


def test_a_demo_on_a_full_disk(tmp_path: Path, failed: Failed) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 700):
        assert tells_of_a_full_disk(failed("demo", "--exit", "--data-dir", disk / "demo"))


@pytest.mark.parametrize(
    "words", [("till", "run"), ("hq", "serve"), ("replay", "--receipts"), ("demo", "--exit")], ids=" ".join
)
def test_a_disk_that_cannot_be_written_to(tmp_path: Path, words: tuple[str, ...], failed: Failed) -> None:
    disk = tmp_path / "disk"
    config = write_config(tmp_path, '[till]\ndata_dir = "disk/till"\n[hq]\ndata_dir = "disk/hq"\n')
    more: dict[str, list[str | Path]] = {
        "till": ["--config", config],
        "hq": ["--config", config],
        "replay": [write_receipts(tmp_path), "--work-dir", disk / "work"],
        "demo": ["--data-dir", disk / "demo"],
    }
    with small_disk(disk, 1024):
        remount(disk, "ro")
        said = failed(*words, *more[words[0]])
        assert str(disk) in said
        assert "Read-only file system" in said
        assert list(disk.iterdir()) == []


def test_a_file_that_may_grow_no_further_is_said_like_a_full_disk(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("platform: Windows has no limit on the size of files")
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "from cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = ["replay", "--receipts", str(write_receipts(tmp_path)), "--work-dir", str(tmp_path / "work")]
    limited = [sys.executable, "-c", script, *words]
    done = subprocess.run(limited, env=environment(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert main(words) == 0


def test_a_busy_port(tmp_path: Path, failed: Failed) -> None:
    with taken_port() as port:
        config = write_config(tmp_path, f"[till]\nport = {port}\n[hq]\nport = {port}\n")
        till, hq = (failed(*words, "--config", config) for words in (("till", "run"), ("hq", "serve")))
    assert till.startswith(f"the till cannot listen on 127.0.0.1 port {port}: ")
    assert hq.startswith(f"HQ cannot listen on 127.0.0.1 port {port}: ")


def test_a_second_agent_on_the_same_book(tmp_path: Path, failed: Failed) -> None:
    path = write_config(tmp_path, '[till]\nport = 0\n[sync]\nhq_url = "http://127.0.0.1:9"\n')
    config = load_till_config(path)
    with Till(config):
        said = failed("till", "run", "--config", path)
    assert said.startswith(f"another agent uses {tmp_path / 'till-data'}; stop it")


def test_a_second_hq_on_the_same_book(tmp_path: Path, failed: Failed) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    with open_hq(load_hq_config(config)):
        said = failed("hq", "serve", "--config", config)
    assert said.startswith(f"another HQ uses the book in {tmp_path / 'hq-data'}; stop it")


@pytest.mark.parametrize("action", ["pair-code", "link"])
def test_an_hq_that_has_the_book_and_serves_nobody_cannot_be_asked(tmp_path: Path, action: str, failed: Failed) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    with open_hq(load_hq_config(config)):
        said = failed("hq", action, "--config", config)
    assert said == f"another program uses the book in {tmp_path / 'hq-data'} and takes no requests; stop it first"


def test_two_replays_of_one_file_at_once_do_not_mix(tmp_path: Path) -> None:
    receipts = write_receipts(tmp_path, receipts=300)
    words = ("replay", "--json", "--receipts", receipts, "--work-dir", tmp_path / "work")
    both = [start(*words, cwd=tmp_path) for _ in range(2)]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in both]
    assert 0 in [status for _, _, status in ends]
    for out, err, status in ends:
        assert status in {0, 1}
        assert "Traceback" not in err
        if status == 0:
            assert json.loads(out)["agree"] is True


def test_a_till_cannot_pair_when_hq_is_not_there(tmp_path: Path, failed: Failed) -> None:
    config = write_config(tmp_path, '[sync]\nhq_url = "http://127.0.0.1:9"\n')
    said = failed("till", "pair", "7K2M9-Q0XAB", "--config", config)
    assert said.startswith("HQ cannot be reached: ")
    assert "loyaltill doctor" in said


def test_a_till_pairs_by_a_code_that_works_once(
    tmp_path: Path, failed: Failed, capsys: pytest.CaptureFixture[str]
) -> None:
    hq_only = write_config(tmp_path, "[hq]\nport = 0\n")
    assert main(["hq", "pair-code", "--config", str(hq_only)]) == 0
    code = capsys.readouterr().out.strip()
    with open_hq(load_hq_config(hq_only)) as hq, ServerThread(hq) as server:
        words = ["till", "pair", code, "--config", str(write_config(tmp_path, f'[sync]\nhq_url = "{server.url}"\n'))]
        assert main(words) == 0
        assert capsys.readouterr().out.startswith("paired with Loyaltill; this till's id is ")
        assert failed(*words).startswith("HQ refused the code: it is wrong, used or older than 15 minutes")


def test_a_till_pairs_while_it_runs(tmp_path: Path, failed: Failed, capsys: pytest.CaptureFixture[str]) -> None:
    with taken_port() as port:
        pass  # one that is free now
    with open_hq(load_hq_config(write_config(tmp_path, "[hq]\nport = 0\n"))) as hq, ServerThread(hq) as server:
        path = write_config(tmp_path, f'[till]\nport = {port}\n[sync]\nhq_url = "{server.url}"\n')
        config = load_till_config(path)
        with Terminal(config) as terminal:
            assert failed("till", "pair", "00000-00000", "--config", path).startswith("HQ refused the code: ")
            assert main(["till", "pair", hq.make_pairing_code(), "--config", str(path)]) == 0
            assert capsys.readouterr().out.startswith("paired with Loyaltill; this till's id is ")
            assert terminal.sync_mode is not SyncMode.UNPAIRED
            assert terminal.till.context.keys.terminal.hex() in {row.terminal_id.hex() for row in hq.overview.tills()}


def test_a_running_till_that_knows_no_hq_yet_must_be_restarted_to_pair(tmp_path: Path, failed: Failed) -> None:
    with taken_port() as port:
        pass  # one that is free now
    config = load_till_config(write_config(tmp_path, f"[till]\nport = {port}\n"))
    with Terminal(config):
        path = write_config(tmp_path, f'[till]\nport = {port}\n[sync]\nhq_url = "http://127.0.0.1:9"\n')
        said = failed("till", "pair", "00000-00000", "--config", path)
    assert said == "the till is running with settings from before sync.hq_url was set; restart it and pair again"


def test_an_agent_that_does_not_answer_cannot_be_asked_to_pair(tmp_path: Path, failed: Failed) -> None:
    path = write_config(tmp_path, '[till]\nport = 1\n[sync]\nhq_url = "http://127.0.0.1:9"\n')
    config = load_till_config(path)
    with Till(config):
        said = failed("till", "pair", "00000-00000", "--config", path)
    assert said == (
        f"an agent is running on {tmp_path / 'till-data'} and does not answer at its address; restart it, or stop it "
        "and pair again"
    )


def test_a_config_that_an_editor_began_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())
    assert main(["hq", "link", "--config", str(config)]) == 0
    assert main(["doctor", "--config", str(config)]) == 0
