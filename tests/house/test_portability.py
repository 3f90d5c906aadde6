"""A till may run Windows: what imports on Linux must import where POSIX modules are not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# Modules for one system only, each imported lazily by the module named here. Keep it short.
ONE_SYSTEM_ONLY: dict[str, str] = {
    "drivers.scanners.forwarding.holder": "drivers.scanners.forwarding.pty_forwarder",
}
# Run by their own tool inside its own context, never imported.
NOT_IMPORTED = {"__main__", "env"}

# Only our own imports are refused. What the standard library or pyserial does behind `if os.name == "posix"` is right
# here and does not happen on Windows.
BLOCKED_IMPORT = """
import builtins, importlib, sys, traceback

ours, blocked = set({ours!r}), set({blocked!r})
real_import, real_module = builtins.__import__, importlib.import_module

def asked_by_us(scope):
    return (scope or {{}}).get("__name__", "").partition(".")[0] in ours

def guarded(name, globals=None, locals=None, fromlist=(), level=0):
    if level == 0 and name.partition(".")[0] in blocked and asked_by_us(globals):
        raise ModuleNotFoundError(f"No module named {{name!r}} on Windows")
    return real_import(name, globals, locals, fromlist, level)

def guarded_module(name, package=None):
    if name.partition(".")[0] in blocked and asked_by_us(sys._getframe(1).f_globals):
        raise ModuleNotFoundError(f"No module named {{name!r}} on Windows")
    return real_module(name, package)

builtins.__import__, importlib.import_module = guarded, guarded_module
failed = []
for name in {modules!r}:
    try:
        real_module(name)
    except BaseException as error:
        failed.append(f"{{name}}: {{error!r}}")
print("\\n".join(failed))
sys.exit(1 if failed else 0)
"""
BLOCKED = (
    "fcntl",
    "termios",
    "pty",
    "tty",
    "grp",
    "pwd",
    "resource",
    "syslog",
    "crypt",
    "readline",
    "_posixsubprocess",
)


def import_without_posix(root: Path, ours: Iterable[str], modules: Iterable[str]) -> subprocess.CompletedProcess[str]:
    script = BLOCKED_IMPORT.format(ours=sorted(ours), blocked=BLOCKED, modules=sorted(modules))
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={**os.environ, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def modules_of(root: Path, packages: Iterable[str]) -> set[str]:
    return {
        ".".join(path.with_suffix("").relative_to(root).parts).removesuffix(".__init__")
        for package in packages
        for path in (root / package).rglob("*.py")
        if path.stem not in NOT_IMPORTED and "versions" not in path.parts
    }


def test_every_portable_module_imports_without_posix_modules(root: Path, packages: tuple[str, ...]) -> None:
    done = import_without_posix(root, packages, modules_of(root, packages) - set(ONE_SYSTEM_ONLY))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_modules_for_one_system_exist(root: Path, packages: tuple[str, ...]) -> None:
    assert set(ONE_SYSTEM_ONLY) <= modules_of(root, packages)


def test_a_planted_posix_import_is_found(tmp_path: Path) -> None:
    sources = {
        "__init__": "",
        "good": "import os\nimport subprocess\nimport tempfile\nimport asyncio\nimport serial\n",
        "lazy": "def f():\n    import fcntl\n",
        "direct": "import fcntl\n",
        "inner": "from termios import tcgetattr\n",
        "dynamic": "import importlib\npty = importlib.import_module('pty')\n",
    }
    house = tmp_path / "house"
    house.mkdir()
    for name, source in sources.items():
        (house / f"{name}.py").write_text(source, encoding="utf-8")
    done = import_without_posix(tmp_path, ["house"], modules_of(tmp_path, ["house"]))
    found = [line.partition(":")[0] for line in done.stdout.splitlines()]
    assert (done.returncode, found) == (1, ["house.direct", "house.dynamic", "house.inner"])
