"""Running a case: its steps one after the other, and what came otherwise than expected."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from loyalty.cases import jobs, keeping, returning, selling
from loyalty.cases.case import Case
from loyalty.cases.compare import Difference, differences
from loyalty.cases.facts import facts
from loyalty.cases.programmes import changed
from loyalty.cases.reading import step_id
from loyalty.cases.steps import (
    ActionStep,
    AdjustStep,
    CommitStep,
    DeferStep,
    EnrolStep,
    IssueStep,
    JobStep,
    LiabilityStep,
    PublishStep,
    QuoteStep,
    ReportStep,
    RetryStep,
    ReturnStep,
    SaleStep,
    Step,
    VoidStep,
)
from loyalty.cases.values import Deferred
from loyalty.cases.world import CaseFault, Done, World
from loyalty.holding.periods import parse_period


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run of one case, or of one of its variants, came to.

    Attributes:
        id: The case's, with ``/`` and the variant's.
        differences: Empty where everything came as expected.
        deferred: (step, why) of steps that were not run.
    """

    id: str
    differences: tuple[Difference, ...]
    deferred: tuple[tuple[str, Deferred], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.differences


def run_case(case: Case, zone: tzinfo) -> tuple[Outcome, ...]:
    """Run a case and its variants.

    Pure: the same case gives the same outcomes everywhere.

    Args:
        case: As `loyalty.cases.reading.read_cases` gives it.
        zone: The store's time zone, of the name that the case gives.

    Raises:
        BadFile: a programme is not one.
        CaseFault: a step asks for what cannot be.
    """
    outcomes = [_run(case, case.id, case.programme, zone)]
    for variant in case.variants:
        steps = tuple(
            replace(step, expect=variant.expect.get(step_id(step, number), step.expect))
            for number, step in enumerate(case.steps, start=1)
            if step_id(step, number) not in variant.skip
        )
        content = changed(case.programme, variant.change, f"{case.id}/{variant.id}")
        outcomes.append(_run(replace(case, steps=steps), f"{case.id}/{variant.id}", content, zone))
    return tuple(outcomes)


def _run(case: Case, name: str, content: Mapping[str, Any], zone: tzinfo) -> Outcome:
    world = World.begin(case, content, zone)
    found: list[Difference] = []
    deferred: list[tuple[str, Deferred]] = []
    for number, step in enumerate(case.steps, start=1):
        label = step_id(step, number)
        if step.deferred is not None:
            deferred.append((label, step.deferred))
            continue
        done = _done(world, step, label)
        world.done[label] = done
        found.extend(_unexpected_refusal(label, done))
        found.extend(differences(label, step.expect, facts(world, done, step.expect)))
    return Outcome(id=name, differences=tuple(found), deferred=tuple(deferred))


def _unexpected_refusal(label: str, done: Done) -> Iterator[Difference]:
    """A step that does not say how it is refused must not be."""
    if done.refusal is not None and done.step.expect.refused is None:
        yield Difference(step=label, key="refused", expected='""', got=done.refusal.code)


def _done(world: World, step: Step, label: str) -> Done:
    _move_clock(world, step, label)
    *_, last = (do(world, step, name) for name in _names(label, step.repeat))
    return last


def _names(label: str, repeat: int) -> Iterator[str]:
    yield from (f"{label}#{number}" for number in range(1, repeat))
    yield label


def _move_clock(world: World, step: Step, label: str) -> None:
    now = step.at if step.at is not None else world.clock
    if step.after is not None:
        now = _later(world.clock, step.after, label)
    if now < world.clock:
        raise CaseFault(label, "is earlier than the step before")
    world.clock = now


def _later(now: datetime, text: str, label: str) -> datetime:
    period = parse_period(text)
    if period is None:
        raise CaseFault(label, 'after: expected a period of years, months and days, as "P1M" or "P91D"')
    return datetime.combine(period.after(now.date()), now.time())


def do(world: World, step: Step, label: str) -> Done:  # noqa: C901, PLR0911, PLR0912  # one line for each kind of step
    """Do one step under the name ``label``."""
    match step:
        case SaleStep():
            return selling.sell(world, step, label)
        case QuoteStep():
            return selling.show(world, step, label)
        case CommitStep():
            return selling.commit(world, step, label)
        case ReturnStep():
            return returning.take_back(world, step, label)
        case VoidStep():
            return returning.undo(world, step, label)
        case RetryStep():
            return _again(world, step)
        case ActionStep():
            return selling.act(world, step, label)
        case JobStep():
            return jobs.work(world, step, label)
        case AdjustStep():
            return keeping.adjust(world, step, label)
        case IssueStep():
            return keeping.issue(world, step, label)
        case EnrolStep():
            return keeping.enrol(world, step)
        case PublishStep():
            return keeping.publish(world, step)
        case ReportStep():
            return keeping.report(world, step)
        case DeferStep():
            return keeping.defer(world, step)
        case LiabilityStep():
            return keeping.liability(world, step)
    return keeping.nothing(world, step)


def _again(world: World, step: RetryStep) -> Done:
    """Post an entry again that is known: the answer is that of then, and nothing changes."""
    earlier = world.done[step.of]
    posted = earlier.entry_id is not None and world.ledger.post(
        earlier.entry_id, world.ledger.postings(earlier.entry_id)
    )
    return replace(
        earlier,
        ledger=world.ledger.copy(),
        persons=dict(world.persons),
        entry_id=earlier.entry_id if posted else None,
    )
