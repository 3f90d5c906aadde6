"""``loyaltill-sim``: many seeds, the planted faults, and one line of JSON."""

import argparse
import json
import logging
import os
import secrets
import sys
import time

from cli.failures import FAILED, guarded
from cli.options import explain
from cli.simulation.farm import find_everywhere, plant_everywhere, run_everywhere, run_here
from cli.simulation.planted import PLANTED
from cli.simulation.run import LONG, ONE_IN, SHORT, Outcome, steps_of

_SEEDS = 300
_TELL_EVERY_S = 10.0
_MOST_BASE = 10**9
_ABOUT = """Real tills and a real HQ in one thread, with a clock, a network and disks that fail by seed, and an auditor who adds
up by itself. Then the faults that are planted on purpose: the auditor must catch every one.

docs/SIMULATION.md says what happens in a run and what is checked."""
_EXAMPLES = """\
loyaltill-sim --seeds 5000            fresh seeds, on every core
loyaltill-sim --seed 4711 --trace     one seed again, with everything that happens"""
_AFTER = """The last line printed is one JSON object: seeds, steps (of each seed, at least), seconds, failures, planted,
planted_caught. Exit status: 0 all is well, 1 a seed failed or a planted fault was not caught."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    parser = argparse.ArgumentParser(prog="loyaltill-sim")
    add_arguments(parser)
    return guarded(lambda: run(parser.parse_args(arguments)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    explain(parser, _ABOUT, _EXAMPLES, _AFTER)
    parser.add_argument("--seeds", type=_count, default=_SEEDS, metavar="N", help=f"how many; default: {_SEEDS}")
    parser.add_argument(
        "--base", type=_count, metavar="N", help="the first seed; default: a fresh one, which is printed"
    )
    usual = f"{LONG} for one in {ONE_IN}, {SHORT} for the others"
    parser.add_argument("--steps", type=_count, metavar="N", help=f"of each seed; default: {usual}")
    parser.add_argument("--jobs", type=_count, metavar="N", help="processes; default: one for each core")
    parser.add_argument("--seed", type=_count, metavar="N", help="run this one seed and no other")
    parser.add_argument("--trace", action="store_true", help="with --seed: print everything that happens")
    parser.add_argument("--replant", action="store_true", help="find a seed for every planted fault, from --base on")


def run(arguments: argparse.Namespace) -> int:
    """Simulate; 0 when nothing failed and every planted fault was caught."""
    logging.disable(logging.CRITICAL)
    jobs = arguments.jobs or os.cpu_count() or 1
    if arguments.replant:
        first = arguments.base or 0
        return _replant(range(first, first + arguments.seeds), arguments.steps or LONG, jobs)
    begun = time.monotonic()
    if arguments.seed is not None:
        outcomes = run_here([arguments.seed], arguments.steps, aloud=arguments.trace)
        _tell(f"trace {outcomes[0].trace}")
        steps = arguments.steps or steps_of(arguments.seed)
        return _end(1, steps, _failed(outcomes[0], steps), [], begun)
    base = secrets.randbelow(_MOST_BASE) if arguments.base is None else arguments.base
    steps = f"{arguments.steps or SHORT} steps at least"
    _tell(f"{arguments.seeds} seeds from {base} on, {steps}, {jobs} processes")
    failures = _run(range(base, base + arguments.seeds), arguments.steps, jobs, begun)
    return _end(arguments.seeds, arguments.steps or SHORT, failures, plant_everywhere(jobs), begun)


def _run(seeds: range, steps: int | None, jobs: int, begun: float) -> int:
    failures, told = 0, begun
    for done, outcome in enumerate(run_everywhere(seeds, steps, jobs), start=1):
        failures += _failed(outcome, steps or steps_of(outcome.seed))
        if time.monotonic() - told >= _TELL_EVERY_S:
            told = time.monotonic()
            _tell(f"{done}/{len(seeds)} seeds, {failures} failures, {told - begun:.0f} s")
    return failures


def _failed(outcome: Outcome, steps: int) -> int:
    if outcome.fault:
        again = f"loyaltill-sim --seed {outcome.seed} --steps {steps} --trace"
        _tell(f"seed {outcome.seed} failed at step {outcome.steps}: {outcome.fault}; again: {again}")
    return 1 if outcome.fault else 0


def _end(seeds: int, steps: int, failures: int, planted: list[Outcome], begun: float) -> int:
    caught = 0
    for fault, outcome in zip(PLANTED, planted, strict=False):
        caught += outcome.caught
        if not outcome.caught:
            _tell(f"planted and not caught: {fault.name}, at seed {fault.seed}: {outcome.fault or 'all is well'}")
    print(
        json.dumps(
            {
                "seeds": seeds,
                "steps": steps,
                "seconds": round(time.monotonic() - begun, 1),
                "failures": failures,
                "planted": len(planted),
                "planted_caught": caught,
            }
        )
    )
    return FAILED if failures or caught < len(planted) else 0


def _replant(seeds: range, steps: int, jobs: int) -> int:
    """Print for every planted fault the first seed at which it is caught, to be recorded."""
    for fault, found in zip(PLANTED, find_everywhere(seeds, steps, jobs), strict=True):
        print(f"{fault.name}: " + (f"seed {found.seed}: {found.fault}" if found is not None else "not caught"))
    return 0


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError("expected a whole number")
    return int(text)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
