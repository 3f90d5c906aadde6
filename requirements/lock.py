"""Make the pinned lists in this folder from pyproject.toml: ``python3 requirements/lock.py [--upgrade]``.

Needs ``uv`` on the PATH. All lists come out of one resolution, so that they agree on every version; they hold
hashes and no index, so that they serve on every platform and behind every mirror. Arguments go to uv.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUTPUTS = {
    "runtime": [],
    "postgres": ["--extra", "postgres"],
    "test": ["--extra", "pictures", "--extra", "postgres", "--extra", "test"],
}
COMPILE = [
    "uv",
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-annotate",
    "--custom-compile-command",
    "python3 requirements/lock.py",
]


def main(arguments: list[str]) -> None:
    """Resolve everything together, then write each list with those versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        backend, together = Path(folder, "build.in"), Path(folder, "together.txt")
        backend.write_text("\n".join(project["build-system"]["requires"]) + "\n", encoding="utf-8")
        together.write_bytes((HERE / "test.txt").read_bytes() if (HERE / "test.txt").exists() else b"")
        sources = ["pyproject.toml", str(backend)]
        _compile(sources, [*OUTPUTS["test"], *arguments], together)
        for name, extras in OUTPUTS.items():
            _compile(["pyproject.toml"], [*extras, "--constraints", str(together), *arguments], HERE / f"{name}.txt")
        _compile([str(backend)], ["--constraints", str(together), *arguments], HERE / "build.txt")


def _compile(sources: list[str], options: list[str], output: Path) -> None:
    subprocess.run([*COMPILE, *sources, *options, "--output-file", str(output)], cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
