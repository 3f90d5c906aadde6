"""Steps that HQ does when time has passed."""

from dataclasses import replace

from loyalty.cases.history import count_segments
from loyalty.cases.keeping import nothing
from loyalty.cases.steps import Job, JobStep
from loyalty.cases.world import CaseFault, Done, World
from loyalty.expiry import ended, plan_expiry, plan_idle_expiry
from loyalty.journal.entry import Posting
from loyalty.tier_review import review


def work(world: World, step: JobStep, label: str) -> Done:
    """Do what is due."""
    if step.job is Job.EXPIRY:
        return _expire(world, step, label)
    if step.job is Job.TIERS:
        return _review(world, step, label)
    if step.job is Job.SEGMENTS:
        for member in sorted(world.persons):
            world.change_person(member, segments=count_segments(world, member))
        return nothing(world, step)
    raise CaseFault(label, f"the job {step.job} cannot be done here")


def _expire(world: World, step: JobStep, label: str) -> Done:
    at = world.moment(step.store).at
    others = (*(account for account, _ in world.coupons.values()), *world.cards.values())
    postings: list[Posting] = []
    for account in sorted({world.account(member) for member in world.persons} | set(others)):
        postings.extend(plan_expiry(account, world.ledger.holdings(account), at))
    done = _posted(world, step, f"{label} of lots", postings) if postings else None
    idle = _idle(world, step)
    if idle:
        done = _posted(world, step, f"{label} of those who stayed away", idle)
    if done is None:
        return nothing(world, step)
    expired = {one.unit: one.amount for one in ended((*postings, *idle))}
    return replace(done, extra={"expired": expired})


def _idle(world: World, step: JobStep) -> list[Posting]:
    at = world.moment(step.store).at
    postings: list[Posting] = []
    for member, person in sorted(world.persons.items()):
        account = world.account(member)
        for unit in world.programme.units:
            held, last = world.ledger.holdings(account), person.last_visit_on or person.joined_on
            postings.extend(plan_idle_expiry(account, held, unit, last, at, world.zone))
    return postings


def _review(world: World, step: JobStep, label: str) -> Done:
    done = nothing(world, step)
    for member in sorted(world.persons):
        found = review(world.programme.ladder, world.standing(member), world.moment(step.store).at, world.zone)
        if found is None:
            continue
        until = found.tier.until
        ends = world.zoned(until) if until is not None else None
        world.change_person(member, tier=found.tier.after, tier_until=ends)
        done = _posted(world, step, f"{label} of {member}", list(found.postings))
    return done


def _posted(world: World, step: JobStep, label: str, postings: list[Posting]) -> Done:
    entry_id = world.post(label, postings, None)
    return replace(nothing(world, step), entry_id=entry_id)
