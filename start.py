"""Start Loyaltill from a fresh copy of the source: ``python3 start.py demo`` or ``python3 start.py test``.

Knows how to make ``.venv`` beside this file and how to fill it from the pinned, hashed lists under
``requirements/``; knows nothing of what then runs. It needs Python 3.11 and pip, and nothing else: no ensurepip,
no make, no compiler. The second start finds a stamp in ``.venv`` and installs nothing.
"""

# Until the next check has run, nothing here may need a newer Python than 3.7 to be read: no match, no := .
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this very line tells the user of an older Python what to do
    sys.exit(
        "Loyaltill needs Python 3.11 or newer, and this is Python {}.{}: start it with a newer one, "
        "for example python3.11 start.py demo.".format(*sys.version_info[:2])
    )

import contextlib
import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import tomllib
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
USAGE = """\
python3 start.py COMMAND        (Windows: py start.py COMMAND)

  demo [--exit] [--receipts FILE]   a till, an HQ and a day of receipts on this machine, until Ctrl-C
  test [ARGUMENTS]                  every test; arguments go to pytest, paths count from this folder
  simulate [--seeds N]              tills and an HQ under faults by seed, checked by an auditor
  run ARGUMENTS                     the loyaltill command, for example: python3 start.py run doctor
  -- ARGUMENTS                      the same

The first start makes .venv in this folder and installs what requirements/ names."""
OLDEST_PIP = (22, 3)  # the first one that can install into an environment that has no pip: --python
SIDE_BY_SIDE = ["--numprocesses", "logical", "--dist", "worksteal"]  # `start.py test -n 0` runs them one by one
MARK = "made-by-start.py"
STAMP = "start-stamp.json"


class Trouble(Exception):
    """The environment cannot be made; the message is one sentence for the person at the keyboard."""


class Environment:
    """The virtual environment beside this file.

    ``MARK`` is written before anything else, so that an environment of somebody else is never removed;
    ``STAMP`` is written after everything else, so that a half-made one is seen.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        windows = os.name == "nt"
        self.python = self.folder / ("Scripts" if windows else "bin") / ("python.exe" if windows else "python")

    def ensure(self, wanted: str) -> None:
        """Make sure that everything in ``requirements/<wanted>.txt`` and the project itself are installed.

        Raises:
            Trouble: it is not, and could not be.
            OSError: the folder cannot be written.
        """
        if self._has(wanted):
            return
        with _locked(self.root / ".venv.lock"):
            stamp = self._stamp()
            if self._has(wanted):  # another start has just made it
                return
            _check_pip(self.folder)
            if stamp.get("base") != self._base() or wanted in stamp or not self.python.exists():
                self._remake()
                stamp = {}
            (self.folder / STAMP).unlink(missing_ok=True)  # half made from here on
            self._install(wanted)
            fresh = {"base": self._base(), wanted: self._digest(wanted)}
            if wanted == "test":  # holds all of runtime, in the same versions
                fresh["runtime"] = self._digest("runtime")
            self._write_stamp(stamp | fresh)

    def _has(self, wanted: str) -> bool:
        stamp = self._stamp()
        current = stamp.get("base") == self._base() and stamp.get(wanted) == self._digest(wanted)
        return current and self.python.exists()

    def _stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write_stamp(self, stamp: Mapping[str, str]) -> None:
        draft = self.folder / (STAMP + ".new")
        draft.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
        draft.replace(self.folder / STAMP)

    def _requirements(self, name: str) -> Path:
        return self.root / "requirements" / (name + ".txt")

    def _digest(self, wanted: str) -> str:
        return hashlib.sha256(self._requirements(wanted).read_bytes()).hexdigest()

    def _base(self) -> str:
        """What the whole environment rests on: this Python, this folder, the project's own metadata."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        facts = [
            list(sys.version_info[:2]),
            os.path.realpath(getattr(sys, "_base_executable", sys.executable)),
            str(self.folder),
            self._digest("build"),
            project["build-system"],
            project["project"],
            project["tool"]["hatch"],
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def _remake(self) -> None:
        if self.folder.exists():
            if any(self.folder.iterdir()) and not (self.folder / MARK).exists():
                raise Trouble(f"{self.folder} was not made by start.py: move it away, then start again.")
            _say("Removing the old .venv ...")
            for item in self.folder.iterdir():
                if item.name != MARK:
                    shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
        _say("Making .venv ...")
        self.folder.mkdir(exist_ok=True)
        (self.folder / MARK).touch()
        venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(self.folder)

    def _install(self, wanted: str) -> None:
        lists = [self._requirements("build"), self._requirements(wanted)]
        pinned = [part for path in lists for part in ("-r", str(path))]
        total = len({line.split("==")[0] for path in lists for line in _lines(path) if "==" in line})
        _say(f"Installing up to {total} pinned packages from requirements/{wanted}.txt ...")
        self._pip("--require-hashes", "--only-binary", ":all:", *pinned, total=total)
        self._pip("--no-deps", "--no-build-isolation", "--no-index", "-e", str(self.root), total=0)
        _say("Ready.")

    def _pip(self, *arguments: str, total: int) -> None:
        """Run the running Python's pip on the environment, with a counter on a terminal."""
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "--no-input", "install", *arguments]
        # What a user set for other environments must not send the packages elsewhere.
        elsewhere = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV", "PYTHONHOME"}
        environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
        environment |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONIOENCODING": "utf-8"}
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        said = list(_counted(process.stdout or (), total))
        if process.wait() != 0:
            sys.stderr.write("".join(said[-25:]))
            raise Trouble("Installing failed, pip's last lines are above; the next start begins again.")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _counted(lines: Iterator[str] | Sequence[str], total: int) -> Iterator[str]:
    """Pass pip's lines on, and on a terminal count the packages that it has begun to fetch."""
    shown = total > 0 and sys.stdout is not None and sys.stdout.isatty()
    begun = 0
    for line in lines:
        begun += line.startswith("Collecting ")
        if shown:
            print(f"\r  {min(begun, total)}/{total}", end="", flush=True)
        yield line
    if shown:
        print("\r" + " " * 12 + "\r", end="", flush=True)


def _check_pip(folder: Path) -> None:
    if Path(sys.prefix) == folder:
        raise Trouble("This Python is the one inside .venv, which has to be made anew: start with the system's Python.")
    try:
        version = importlib.metadata.version("pip")
    except importlib.metadata.PackageNotFoundError:
        raise Trouble(
            f"pip is missing for {sys.executable}: install it (Debian and Ubuntu: the package python3-pip; Fedora: "
            "python3-pip; Windows: repair Python with pip ticked), then start again."
        ) from None
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PIP:
        raise Trouble(f"pip {version} is too old, 22.3 is needed: run {sys.executable} -m pip install --upgrade pip.")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that the system itself releases when this process ends, however it ends."""
    with path.open("a+b") as file:
        if not _try_lock(file.fileno()):
            _say("Another start is preparing .venv; waiting for it ...")
            _lock(file.fileno())
        yield  # closing the file unlocks it


if sys.platform == "win32":
    import msvcrt
    import time

    def _try_lock(descriptor: int) -> bool:
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _lock(descriptor: int) -> None:
        while not _try_lock(descriptor):
            time.sleep(0.2)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def become(command: Sequence[str], folder: Path | None) -> NoReturn:
    """Run the command in this process's place: its output, its signals, its exit status.

    Args:
        command: Program and arguments.
        folder: Where it runs; None for where the user is.
    """
    if folder is not None:
        os.chdir(folder)
    os.environ.setdefault("PYTHONUTF8", "1")  # receipts in five languages, on any console
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], list(command))  # noqa: S606 - no shell is meant
    with subprocess.Popen(list(command)) as process:
        while True:
            # Ctrl-C reaches the child too; it decides how to end.
            with contextlib.suppress(KeyboardInterrupt):
                sys.exit(process.wait())


def main(arguments: Sequence[str]) -> int:
    """Make the environment and hand over; return a status only when there is nothing to hand over to."""
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    environment = Environment(ROOT)
    # -P: a folder named like one of our packages where the user happens to be must not be imported
    loyaltill = [str(environment.python), "-P", "-m", "cli.main"]
    if command in {"-h", "--help", "help"}:
        print(USAGE)
        return 0
    if command == "test":
        environment.ensure("test")
        become([str(environment.python), "-m", "pytest", *SIDE_BY_SIDE, *rest], ROOT)
    if command == "demo":
        environment.ensure("runtime")
        become([*loyaltill, "demo", *rest], None)
    if command == "simulate":
        environment.ensure("runtime")
        become([str(environment.python), "-P", "-m", "cli.simulation.command", *rest], None)
    if command in {"run", "--"}:
        environment.ensure("runtime")
        become([*loyaltill, *rest], None)
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        sys.exit(str(trouble))
    except OSError as error:
        sys.exit(f"start.py could not prepare {ROOT / '.venv'}: {error}.")
    except KeyboardInterrupt:
        sys.exit(130)
