"""Steps that HQ does when time has passed."""

from dataclasses import replace

from loyalty.cases.keeping import nothing
from loyalty.cases.steps import Job, JobStep
from loyalty.cases.world import CaseFault, Done, World
from loyalty.journal.entry import Posting
from loyalty.lots import ended_lots


def work(world: World, step: JobStep, label: str) -> Done:
    """Do what is due."""
    if step.job is Job.EXPIRY:
        return _expire(world, step, label)
    raise CaseFault(label, f"there is no job {step.job} yet")


def _expire(world: World, step: JobStep, label: str) -> Done:
    postings: list[Posting] = []
    expired: dict[str, int] = {}
    at = world.moment(step.store).at
    for member in sorted(world.persons):
        account = world.account(member)
        for one in ended_lots(world.ledger.holdings(account).lots, at):
            postings.append(Posting(account=account, unit=one.unit, amount=-one.amount, lot=one.lot))
            expired[one.unit] = expired.get(one.unit, 0) + one.amount
    if not postings:
        return nothing(world, step)
    entry_id = world.name(f"entry {label}")
    world.ledger.post(entry_id, postings)
    visible = {unit: amount for unit, amount in expired.items() if "." not in unit}
    return replace(nothing(world, step), entry_id=entry_id, extra={"expired": visible})
