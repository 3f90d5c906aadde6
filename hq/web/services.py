"""What the web application stands on."""

from collections.abc import Mapping
from dataclasses import dataclass

from hq.access.service import Tills
from hq.adjusting.service import Adjusting
from hq.book.book import Book
from hq.control.desks import Answering, Desk
from hq.coupons.issuing import Issuing
from hq.coupons.looking import Coupons
from hq.feed.reader import FeedReader
from hq.ingest.epochs import Epochs
from hq.ingest.service import Ingest
from hq.jobs.service import Jobs
from hq.leases.writing_off import WritingOff
from hq.leasing.service import Leasing
from hq.overview.service import Overview
from hq.pairing.service import Pairing
from hq.pools.limits import Limits
from hq.pools.stock import Stock
from hq.programmes.service import Programmes
from hq.reviewing.service import Reviewing
from hq.signin.service import SignIn

PAIR_COMMAND = "loyaltill hq pair-code"
SIGN_IN_COMMAND = "loyaltill hq link"
PUBLISH_COMMAND = "loyaltill programme publish"
ATTENTION_COMMANDS = {
    "show_exception": "loyaltill hq exceptions show",
    "settle_exception": "loyaltill hq exceptions settle",
    "show_parked": "loyaltill hq parked show",
    "replay_parked": "loyaltill hq parked replay --all",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that a request may use.

    Attributes:
        control_token: What a command on HQ's own machine shows.
        over_tls: Browsers reach HQ by https, so cookies may be marked Secure.
    """

    book: Book
    desks: Mapping[Desk, Answering]
    pairing: Pairing
    ingest: Ingest
    epochs: Epochs
    leasing: Leasing
    leases: WritingOff
    feed: FeedReader
    sign_in: SignIn
    overview: Overview
    programmes: Programmes
    jobs: Jobs
    adjusting: Adjusting
    stock: Stock
    limits: Limits
    issuing: Issuing
    coupons: Coupons
    reviewing: Reviewing
    tills: Tills
    merchant: str
    control_token: str
    over_tls: bool
