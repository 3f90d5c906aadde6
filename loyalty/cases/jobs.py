"""Steps that HQ does when time has passed."""

from dataclasses import replace

from loyalty.cases.history import count_segments
from loyalty.cases.keeping import nothing
from loyalty.cases.steps import Job, JobStep
from loyalty.cases.world import Done, World, made_lots
from loyalty.due.dated import ask_dated, dated_heads, occasion
from loyalty.due.expiry import ended, plan_expiry, plan_idle_expiry
from loyalty.due.tier_review import review
from loyalty.journal.entry import Posting
from loyalty.quote.posting import post


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
    return _offer(world, step, label)


def _offer(world: World, step: JobStep, label: str) -> Done:
    """Give what is due by the date, once for each occasion."""
    moment, programme, done = world.moment(step.store), world.programme, nothing(world, step)
    codes = list(step.new_codes)
    for member in sorted(world.persons):
        for head in dated_heads(programme):
            standing = world.standing(member)
            found = ask_dated(programme, head, standing, moment, world.pools(member, step.store))
            day = occasion(head, standing, moment.business_date)
            entry_id = world.name(f"offer {head.id} to {member} of {day}")
            if found is None or world.ledger.postings(entry_id):
                continue
            posted = post(programme, found, entry_id, world.account(member))
            world.ledger.post(entry_id, posted.postings)
            world.lots[label] = made_lots(posted.postings, world.account(member))
            for coupon in posted.coupons:
                world.add_coupon(codes.pop(0) if codes else coupon.code, coupon.coupon, coupon.code)
            done = replace(nothing(world, step), entry_id=entry_id, posted=posted)
    return done


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
