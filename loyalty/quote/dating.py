"""When what a sale gives may be used, and until when: midnights of the store, from its business date."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from loyalty.explain import Message, message
from loyalty.holding.periods import Period, midnight
from loyalty.moment import Moment
from loyalty.parts.coupons import Coupon
from loyalty.rules.stages import Dating

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def dates_of(dating: Dating, moment: Moment) -> tuple[int | None, int | None]:
    """Give the epoch seconds at which units of a sale at ``moment`` begin and end; None where they do not."""
    usable_at = expires_at = None
    if dating.pending_days:
        begins = Period(days=dating.pending_days).after(moment.business_date)
        usable_at = int(midnight(begins, _zone(moment)).timestamp())
    if dating.lasting is not None:
        expires_at = int(dating.lasting.ends_at(moment.business_date, _zone(moment)).timestamp())
    return usable_at, expires_at


def dates_of_coupon(coupon: Coupon, moment: Moment) -> tuple[int | None, int | None]:
    """Give the same for a coupon that is issued at ``moment``, by a rule or by hand."""
    return dates_of(Dating(pending_days=coupon.usable_after_days, lasting=coupon.lasting), moment)


def said_of_dates(usable_at: int | None, expires_at: int | None, moment: Moment) -> tuple[Message, ...]:
    """Say the first day on which units may be used, and the last."""
    said = []
    if usable_at is not None:
        said.append(message("explain.pending", date=_day(usable_at, moment)))
    if expires_at is not None:
        said.append(message("explain.expires", date=_day(expires_at - 1, moment)))
    return tuple(said)


def _day(seconds: int, moment: Moment) -> date:
    return (_EPOCH + timedelta(seconds=seconds)).astimezone(_zone(moment)).date()


def _zone(moment: Moment) -> tzinfo:
    zone = moment.at.tzinfo
    assert zone is not None
    return zone
