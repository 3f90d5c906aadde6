"""start.py: one clear sentence when it cannot start, and no second installation when nothing has changed."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("pyproject.toml", "requirements/build.txt", "requirements/runtime.txt", "requirements/test.txt")


def load_start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("loyaltill_start", ROOT / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


start = load_start()


def run(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What start.py reads, in a folder where it may make an environment."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was installed; nothing really is."""
    installed: list[str] = []

    def install(_self: object, wanted: str) -> None:
        installed.append(wanted)

    monkeypatch.setattr(start.Environment, "_install", install)
    monkeypatch.setattr(start.importlib.metadata, "version", lambda _name: "23.0.1")
    return installed


def test_an_older_python_gets_one_sentence() -> None:
    script = f"import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path({str(ROOT / 'start.py')!r})"
    done = run("-c", script)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Loyaltill needs Python 3.11 or newer, and this is Python 3.9:")
    assert done.stderr.count("\n") == 1


def test_an_older_python_can_read_start_far_enough_to_say_so() -> None:
    ast.parse((ROOT / "start.py").read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize(("arguments", "status"), [((), 2), (("dmeo",), 2), (("--help",), 0)])
def test_an_unknown_command_shows_the_usage(arguments: tuple[str, ...], status: int) -> None:
    done = run(str(ROOT / "start.py"), *arguments)
    assert done.returncode == status
    assert "demo [--exit] [--receipts FILE]" in done.stdout + done.stderr


def test_the_second_start_installs_nothing(copy: Path, calls: list[str]) -> None:
    start.Environment(copy).ensure("runtime")
    begin = time.perf_counter()
    start.Environment(copy).ensure("runtime")
    assert calls == ["runtime"]
    assert time.perf_counter() - begin < 1


def test_whoever_has_what_tests_need_has_what_the_demo_needs(copy: Path, calls: list[str]) -> None:
    start.Environment(copy).ensure("test")
    start.Environment(copy).ensure("runtime")
    assert calls == ["test"]


def test_tests_add_to_what_the_demo_installed(copy: Path, calls: list[str]) -> None:
    start.Environment(copy).ensure("runtime")
    kept = copy / ".venv" / "kept"
    kept.touch()
    start.Environment(copy).ensure("test")
    assert calls == ["runtime", "test"]
    assert kept.exists()


def add_a_pin(copy: Path) -> None:
    with (copy / "requirements" / "runtime.txt").open("a", encoding="utf-8") as file:
        file.write("# another\n")


def change_the_project(copy: Path) -> None:
    text = (copy / "pyproject.toml").read_text(encoding="utf-8")
    (copy / "pyproject.toml").write_text(text.replace('name = "loyaltill"', 'name = "another"'), encoding="utf-8")


def lose_the_stamp(copy: Path) -> None:
    (copy / ".venv" / start.STAMP).unlink()


def tear_the_stamp(copy: Path) -> None:
    (copy / ".venv" / start.STAMP).write_text('{"base', encoding="utf-8")


def lose_python(copy: Path) -> None:
    start.Environment(copy).python.unlink()


@pytest.mark.parametrize("change", [add_a_pin, change_the_project, lose_the_stamp, tear_the_stamp, lose_python])
def test_an_outdated_or_half_made_environment_is_made_anew(
    copy: Path, calls: list[str], change: Callable[[Path], None]
) -> None:
    start.Environment(copy).ensure("runtime")
    old = copy / ".venv" / "old"
    old.touch()
    change(copy)
    start.Environment(copy).ensure("runtime")
    assert calls == ["runtime", "runtime"]
    assert not old.exists()
    assert start.Environment(copy).python.exists()


def test_a_change_that_installs_nothing_else_keeps_the_environment(copy: Path, calls: list[str]) -> None:
    start.Environment(copy).ensure("runtime")
    text = (copy / "pyproject.toml").read_text(encoding="utf-8")
    (copy / "pyproject.toml").write_text(text.replace("line-length = 120", "line-length = 100"), encoding="utf-8")
    start.Environment(copy).ensure("runtime")
    assert calls == ["runtime"]


def test_an_installation_that_failed_is_not_taken_for_a_whole_one(
    copy: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start.Environment(copy).ensure("runtime")
    with monkeypatch.context() as patch:
        patch.setattr(start.Environment, "_install", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            start.Environment(copy).ensure("test")
    start.Environment(copy).ensure("runtime")
    assert calls == ["runtime", "runtime"]


def _interrupted(_self: object, _wanted: str) -> None:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("calls")
def test_an_environment_of_somebody_else_is_left_alone(copy: Path) -> None:
    theirs = copy / ".venv" / "bin" / "theirs"
    theirs.parent.mkdir(parents=True)
    theirs.touch()
    with pytest.raises(start.Trouble, match=r"was not made by start\.py: move it away"):
        start.Environment(copy).ensure("runtime")
    assert theirs.exists()


def test_two_starts_at_once_make_one_environment(copy: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = threading.Barrier(2)
    really_has = start.Environment._has

    def has(self: object, wanted: str) -> bool:
        answer: bool = really_has(self, wanted)
        if not at_once.broken and not answer and threading.current_thread().name.startswith("start"):
            at_once.wait(timeout=10)  # both have seen that nothing is there
            threading.current_thread().name = "past the barrier"
        return answer

    monkeypatch.setattr(start.Environment, "_has", has)
    threads = [
        threading.Thread(target=start.Environment(copy).ensure, args=("runtime",), name=f"start {number}")
        for number in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == ["runtime"]


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize(("version", "sentence"), [("22.2.1", "pip 22.2.1 is too old"), (None, "pip is missing")])
def test_no_pip_or_an_old_one_gets_one_sentence(
    copy: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, sentence: str
) -> None:
    def asked(name: str) -> str:
        if version is None:
            raise start.importlib.metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(start.importlib.metadata, "version", asked)
    with pytest.raises(start.Trouble, match=sentence):
        start.Environment(copy).ensure("runtime")


HAND_OVER = """
import sys
sys.path.insert(0, sys.argv[1])
import start
from pathlib import Path
start.become([sys.executable, "-c", sys.argv[2]], None)
"""


def test_the_exit_status_is_that_of_what_ran(tmp_path: Path) -> None:
    done = run("-c", HAND_OVER, str(ROOT), "import os, sys; print(os.getcwd()); sys.exit(7)", folder=tmp_path)
    assert done.returncode == 7
    assert Path(done.stdout.strip()).samefile(tmp_path)


def test_ctrl_c_ends_what_runs_without_a_word_from_start(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    child = (
        f"import pathlib, sys, time\ntry:\n    pathlib.Path({str(ready)!r}).touch()\n"
        "    time.sleep(60)\nexcept KeyboardInterrupt:\n    sys.exit(5)"
    )
    if sys.platform == "win32":
        pytest.skip("platform: Ctrl-C cannot be sent to one process here")
    process = subprocess.Popen(
        [sys.executable, "-c", HAND_OVER, str(ROOT), child], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, 2)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (5, b"")
