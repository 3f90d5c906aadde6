"""Many runs on many processes. Each process makes its templates once; a run is the same in whichever process it is."""

import gc
import logging
import multiprocessing
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path

from cli.simulation.planted import PLANTED
from cli.simulation.run import Outcome, run_seed, steps_of
from cli.simulation.shop import Templates, scratch_folder

_AT_ONCE = 8
"""Seeds that a process takes at a time."""


class Bench:
    """One process's place for runs.

    Attributes:
        templates: The disks that machines begin with.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.templates = Templates(folder / "templates")
        gc.collect()
        gc.freeze()  # what is there now stays: looking at it after each run takes as long as a tenth of the run

    def run(self, seed: int, steps: int | None = None, *, aloud: bool = False) -> Outcome:
        """Run one seed, for as many steps as it has where none are named."""
        outcome = run_seed(
            seed, steps_of(seed) if steps is None else steps, self.templates, self._folder / "run", aloud=aloud
        )
        gc.collect()
        return outcome

    def run_planted(self, number: int, seed: int | None = None, steps: int | None = None) -> Outcome:
        """Run a planted fault at its recorded seed, or at another."""
        planted = PLANTED[number]
        with planted.at_work():
            return self.run(planted.seed if seed is None else seed, planted.steps if steps is None else steps)


_own: list[Bench] = []


def run_here(seeds: Sequence[int], steps: int | None = None, *, aloud: bool = False) -> list[Outcome]:
    """Run some seeds in this process."""
    folder = scratch_folder()
    try:
        bench = Bench(folder)
        return [bench.run(seed, steps, aloud=aloud) for seed in seeds]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_everywhere(seeds: Sequence[int], steps: int | None, jobs: int) -> Iterator[Outcome]:
    """Run some seeds on ``jobs`` processes; gives what came of them in their order."""
    chunks = [seeds[first : first + _AT_ONCE] for first in range(0, len(seeds), _AT_ONCE)]
    folder = scratch_folder()
    try:
        with _pool(folder, jobs) as pool:
            yield from chain.from_iterable(pool.map(_run_some, chunks, [steps] * len(chunks)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plant_everywhere(jobs: int) -> list[Outcome]:
    """Run every planted fault at its recorded seed; gives what came of them in the order of `PLANTED`."""
    folder = scratch_folder()
    try:
        with _pool(folder, jobs) as pool:
            return list(pool.map(_run_planted, range(len(PLANTED))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_everywhere(seeds: range, steps: int | None, jobs: int) -> Iterator[Outcome | None]:
    """Find, for every planted fault in the order of `PLANTED`, the first of some seeds at which it is caught."""
    folder = scratch_folder()
    try:
        with _pool(folder, jobs) as pool:
            yield from pool.map(_find, range(len(PLANTED)), [seeds] * len(PLANTED), [steps] * len(PLANTED))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pool(folder: Path, jobs: int) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=jobs, mp_context=spawn, initializer=_begin, initargs=(folder,))


def _begin(folder: Path) -> None:
    logging.disable(logging.CRITICAL)  # what the code under test logs of faults that were meant
    gc.disable()  # collected behind each run instead
    _own.append(Bench(folder / str(os.getpid())))


def _run_some(seeds: Sequence[int], steps: int | None) -> list[Outcome]:
    return [_own[0].run(seed, steps) for seed in seeds]


def _run_planted(number: int) -> Outcome:
    return _own[0].run_planted(number)


def _find(number: int, seeds: range, steps: int | None) -> Outcome | None:
    return next((found for seed in seeds if (found := _own[0].run_planted(number, seed, steps)).caught), None)
