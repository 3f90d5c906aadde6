"""One run: a seed, so many steps, and what came of it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from cli.simulation.audit.rights import overspent
from cli.simulation.audit.violation import Violation
from cli.simulation.events.every import step
from cli.simulation.shop import Templates
from cli.simulation.trace import Trace
from cli.simulation.world import World

LONG, SHORT, ONE_IN = 250, 50, 16
"""Steps of one seed in so many, and of the others: coming to rest costs as much as a hundred steps, and some faults lie deep."""
_RAISED = "raised "


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run.

    Attributes:
        steps: How many steps it took; a run that fails ends at the step that failed.
        trace: The digest of everything that happened.
        fault: What failed, or empty.
    """

    seed: int
    steps: int
    trace: str
    fault: str = ""

    @property
    def caught(self) -> bool:
        """Whether the auditor found the fault, and no exception of the code under test ended the run before."""
        return bool(self.fault) and not self.fault.startswith(_RAISED)


def steps_of(seed: int) -> int:
    """Give how many steps a seed has where nobody says."""
    return SHORT if seed % ONE_IN else LONG


def run_seed(seed: int, steps: int, templates: Templates, folder: Path, *, aloud: bool = False) -> Outcome:
    """Run one seed.

    Args:
        seed: Everything follows from it.
        steps: Stop as soon as so many things have happened, and let everything come to rest.
        templates: The disks that the machines begin with.
        folder: For this run's disks; removed at the end.
        aloud: Print the trace.
    """
    trace = Trace(aloud=aloud)
    fault = ""
    world: World | None = None
    try:
        world = World(seed, folder, templates, trace)
        while world.steps < steps:
            step(world)
        trace.note("overspent", overspent(world.rest()))
    except Violation as violation:
        fault = str(violation)
    except Exception as error:  # whatever the code under test raises is what a run looks for
        if aloud:
            raise
        fault = f"{_RAISED}{type(error).__name__}: {error}"
    finally:
        if world is not None:
            world.close()
        shutil.rmtree(folder, ignore_errors=True)
    trace.note("end", fault)
    return Outcome(seed=seed, steps=world.steps if world is not None else 0, trace=trace.hexdigest(), fault=fault)
