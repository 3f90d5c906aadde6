"""What every benchmark shares: durations, the machine they were taken on, and how figures are printed.

A duration by itself says how busy the machine was. So each benchmark measures a baseline in the same run, in turns
with what it is about, and reports the ratio of the two; milliseconds are recorded beside it.
"""

import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
Figures: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Durations of one thing, in nanoseconds, in the order in which they were taken; at least one."""

    ns: tuple[int, ...]

    @property
    def median_ns(self) -> float:
        """The duration that half of them stay under."""
        return statistics.median(self.ns)

    @property
    def mean_ns(self) -> float:
        """All of them shared out evenly."""
        return statistics.fmean(self.ns)

    def in_ms(self) -> Figures:
        """Give the figures that are reported, in milliseconds."""
        ordered = sorted(self.ns)
        shown = {
            "min": ordered[0],
            "median": self.median_ns,
            "mean": self.mean_ns,
            "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
            "max": ordered[-1],
        }
        return {"taken": len(ordered), **{f"{name}_ms": round(value / 1e6, 3) for name, value in shown.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """What was measured against its baseline, once for each round.

    Attributes:
        most: The budget, where there is one: the median may not be more.
        least: The budget of what should be large: the median may not be less.
    """

    values: tuple[float, ...]
    most: float | None = None
    least: float | None = None

    def as_json(self) -> Figures:
        """Give minimum, median and maximum over the rounds, and whether the budget is met."""
        median = statistics.median(self.values)
        shown: dict[str, object] = {
            "min": _short(min(self.values)),
            "median": _short(median),
            "max": _short(max(self.values)),
        }
        if self.most is not None:
            shown |= {"budget": f"<= {self.most}", "met": median <= self.most}
        if self.least is not None:
            shown |= {"budget": f">= {self.least}", "met": median >= self.least}
        return shown


def _short(ratio: float) -> float:
    return float(f"{ratio:.3g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one benchmark found.

    Attributes:
        name: The benchmark's module.
        about: What is compared with what, in one sentence.
        folder: Where it worked; its file system is part of the machine.
        ratios: What decides.
        recorded: Milliseconds, megabytes and counts of the same run.
    """

    name: str
    about: str
    folder: Path
    ratios: Mapping[str, Ratio]
    recorded: Figures = field(default_factory=dict)

    def as_json(self) -> Figures:
        """Give the report as one JSON object."""
        return {
            "benchmark": self.name,
            "about": self.about,
            "machine": machine(self.folder),
            "ratios": {name: ratio.as_json() for name, ratio in self.ratios.items()},
            "recorded": dict(self.recorded),
        }


def timed(act: Callable[[], object]) -> int:
    """Do something and give how long it took, in nanoseconds."""
    begun = time.perf_counter_ns()
    act()
    return time.perf_counter_ns() - begun


def machine(folder: Path) -> Figures:
    """Say what the figures were taken on."""
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "file_system": file_system(folder),
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def file_system(folder: Path) -> str:
    """Name the type of the file system that holds ``folder``; ``unknown`` where the system does not tell."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return "unknown"
    held = [line.split()[1:3] for line in mounts.read_text(encoding="utf-8").splitlines()]
    over = [(point, kind) for point, kind in held if folder.resolve().is_relative_to(point)]
    return max(over, key=lambda mount: len(mount[0]), default=("", "unknown"))[1]


def child_environment(cache: Path) -> dict[str, str]:
    """Give the environment of a measured process: compiled modules are kept in ``cache``, as after an installation."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**environment, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(cache)}


def run_child(arguments: Sequence[str], cache: Path) -> str:
    """Run Python with ``arguments`` at the checkout's root; gives its standard output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=child_environment(cache),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments[:3])} ended with status {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


class Benchmark:
    """The command line of one benchmark: options in, a report out."""

    def __init__(
        self, description: str, measure: Callable[[argparse.Namespace, Path], Report], rounds: int = 5
    ) -> None:
        self.parser = argparse.ArgumentParser(description=description)
        self.parser.add_argument("--json", action="store_true", help="print one JSON object")
        self.parser.add_argument("--rounds", type=int, default=rounds, help="how often everything is measured")
        self.parser.add_argument(
            "--dir", type=Path, default=ROOT, metavar="DIR", help="a folder on a real disk (default: the checkout)"
        )
        self._measure = measure

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """Measure and print; 0 also where a budget is not met, since another machine may meet it."""
        given = self.parser.parse_args(arguments)
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=".bench-", dir=given.dir))
            report = self._measure(given, Path(folder)).as_json()
        print(json.dumps(report) if given.json else _for_people(report))
        return 0


def _for_people(report: Figures) -> str:
    lines = [f"{report['benchmark']}: {report['about']}"]
    for title in ("machine", "ratios", "recorded"):
        part = report[title]
        assert isinstance(part, Mapping)
        lines += [f"{title}:", *(f"  {name}: {_in_line(value)}" for name, value in part.items())]
    return "\n".join(lines)


def _in_line(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_in_line(item)}" for name, item in value.items())
    return str(value)
