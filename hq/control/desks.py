"""The desks of HQ: each answers one kind of command with plain values, for a program that opened the book and for one that asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from hq.access import desk as access_desk
from hq.access.service import Tills
from hq.adjusting import desk as adjusting_desk
from hq.adjusting.service import Adjusting
from hq.backups import desk as backups_desk
from hq.backups.service import Backups
from hq.coupons import desk as coupons_desk
from hq.coupons.issuing import Issuing
from hq.coupons.looking import Coupons
from hq.jobs import desk as jobs_desk
from hq.jobs.service import Jobs
from hq.leases import desk as leases_desk
from hq.leases.writing_off import WritingOff
from hq.members import desk as members_desk
from hq.members.erasing import Erasing
from hq.members.merging import Merging
from hq.pools import desk as pools_desk
from hq.pools.limits import Limits
from hq.pools.stock import Stock
from hq.programmes import desk as programmes_desk
from hq.programmes.service import Programmes
from hq.reviewing import desk as reviewing_desk
from hq.reviewing.service import Reviewing

Asked = Mapping[str, Any]
Answer = dict[str, Any]


class Desk(StrEnum):
    """The kinds of commands; each is also the last part of an address at the HQ that runs."""

    PROGRAMMES = "programmes"
    JOBS = "jobs"
    ADJUSTMENTS = "adjustments"
    STOCK = "stock"
    COUPONS = "coupons"
    ATTENTION = "attention"
    TILLS = "tills"
    BACKUPS = "backups"
    LEASES = "leases"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers at a desk, questions of at most so many bytes."""

    answer: Callable[[Asked], Answer]
    most: int


class Staffed(Protocol):
    """What stands behind the desks: an open HQ."""

    programmes: Programmes
    jobs: Jobs
    adjusting: Adjusting
    stock: Stock
    limits: Limits
    issuing: Issuing
    coupons: Coupons
    reviewing: Reviewing
    tills: Tills
    backups: Backups
    leases: WritingOff
    merging: Merging
    erasing: Erasing


def desks_of(hq: Staffed) -> dict[Desk, Answering]:
    """Give who answers at each desk of an open HQ."""
    stock = partial(pools_desk.answer, hq.stock, hq.limits)
    coupons = partial(coupons_desk.answer, hq.issuing, hq.coupons)
    members = partial(members_desk.answer, hq.merging, hq.erasing)
    return {
        Desk.PROGRAMMES: Answering(partial(programmes_desk.answer, hq.programmes), programmes_desk.MAX_ASKED_BYTES),
        Desk.JOBS: Answering(partial(jobs_desk.answer, hq.jobs), jobs_desk.MAX_ASKED_BYTES),
        Desk.ADJUSTMENTS: Answering(partial(adjusting_desk.answer, hq.adjusting), adjusting_desk.MAX_ASKED_BYTES),
        Desk.STOCK: Answering(stock, pools_desk.MAX_ASKED_BYTES),
        Desk.COUPONS: Answering(coupons, coupons_desk.MAX_ASKED_BYTES),
        Desk.ATTENTION: Answering(partial(reviewing_desk.answer, hq.reviewing), reviewing_desk.MAX_ASKED_BYTES),
        Desk.TILLS: Answering(partial(access_desk.answer, hq.tills), access_desk.MAX_ASKED_BYTES),
        Desk.BACKUPS: Answering(partial(backups_desk.answer, hq.backups), backups_desk.MAX_ASKED_BYTES),
        Desk.MEMBERS: Answering(members, members_desk.MAX_ASKED_BYTES),
        Desk.LEASES: Answering(partial(leases_desk.answer, hq.leases), leases_desk.MAX_ASKED_BYTES),
    }
