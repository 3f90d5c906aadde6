"""Replaying past receipts through a programme, as a simulation does: receipts a minute on one core.

    python -m bench.simulate [--receipts 3000] [--rounds 3] [--programme FILE] [--json]
    python -m bench.simulate --file ../shared/data/online_retail_2009_2010.csv.gz --rounds 1

A simulation runs the engine that tills use, in memory, with members' standings, lots, counters and returns. Against it,
in turns: the same operations read from their plan, and nothing done with them.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random

from bench.measuring import Benchmark, Ratio, Report, Series, timed
from cli.default_programme import default_programme
from hq.history.choice import choose_mapping
from hq.history.generator import Day, write_day
from hq.history.plan import Plan, build_plan
from hq.simulation.past import Past, of_receipts, returned_in
from hq.simulation.run import Simulation
from hq.simulation.values import Redeeming
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme

BUDGET_PER_MINUTE = 100_000
_DAY = date(2026, 3, 2)
_NS_A_MINUTE = 60 * 10**9
_TIMES_MORE = 4
_ABOUT = "simulation of past receipts in memory, against reading them from their plan"


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Simulate and read in turns, then four times as many receipts."""
    plan = _plan(given.file, given.receipts, folder)
    receipts = plan.counts.orders + plan.counts.anonymous_orders + plan.counts.cancelled_invoices
    rules = _programme(given.programme, plan)
    turns = [(_simulate(rules, plan), timed(lambda: _read(plan))) for _ in range(given.rounds)]
    simulated = Series(ns=tuple(ns for ns, _ in turns))
    read = Series(ns=tuple(ns for _, ns in turns))
    ratios = {
        "receipts a minute": Ratio(
            values=tuple(receipts * _NS_A_MINUTE / ns for ns, _ in turns), least=BUDGET_PER_MINUTE
        ),
        "time against reading alone": Ratio(values=tuple(ns / bare for ns, bare in turns)),
    }
    if given.file is None:
        more = _plan(None, given.receipts * _TIMES_MORE, folder / "more")
        longer = [_simulate(rules, more) / ns / _TIMES_MORE for ns, _ in turns]
        ratios["growth with receipts, per receipt"] = Ratio(values=tuple(longer))
    recorded = {"receipts": receipts, "simulation": simulated.in_ms(), "reading": read.in_ms()}
    return Report(name="simulate", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def _plan(file: Path | None, receipts: int, folder: Path) -> Plan:
    folder.mkdir(exist_ok=True)
    if file is None:
        file = folder / "receipts.csv"
        write_day(file, Day(date=_DAY, receipts=receipts, members=max(1, receipts // 3)), Random(receipts))
    return build_plan(file, choose_mapping(file), folder)


def _programme(file: Path | None, plan: Plan) -> Programme:
    if file is not None:
        return read_programme(file.read_text(encoding="utf-8"), str(file))
    return read_programme(default_programme(plan.mapping.currency), "the default programme")


def _simulate(rules: Programme, plan: Plan) -> int:
    return timed(lambda: _run(rules, plan))


def _run(rules: Programme, plan: Plan) -> None:
    Simulation(rules, Redeeming.EAGER).run(_past(plan), plan.mapping.zone, returned_in(_past(plan)))


def _past(plan: Plan) -> Iterator[Past]:
    return of_receipts(plan.operations())


def _read(plan: Plan) -> None:
    for _ in _past(plan):
        pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--receipts", type=int, default=3_000, help="receipts to make up (default 3000)")
    benchmark.parser.add_argument("--file", type=Path, help="a file of receipts instead")
    benchmark.parser.add_argument("--programme", type=Path, help="TOML; default: 1 point per 1.00")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
