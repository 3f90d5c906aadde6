"""From an entry to what its papers say."""

from collections import Counter
from collections.abc import Iterator

from agent.receipts import bill, goods, member
from agent.receipts.cleaning import one_line
from agent.receipts.proof import prove
from agent.receipts.source import Source
from agent.receipts.values import Coupon, CouponSlip, GiftCard, Invitation, Paper, Seat, Slip
from loyalty.cards import last_four
from loyalty.journal.entry import EntryKind
from loyalty.parts.events import check_in_code


def slip(source: Source) -> Slip:
    """Give the slip of a sale, a void or a return."""
    detail = source.detail
    common = {
        "shop": source.store.name,
        "till": source.till,
        "at": source.at,
        "code": source.code,
        "sequence": source.sequence,
        "currency": source.currency,
        "number": detail.receipt_number,
        "cashier": one_line(detail.operator or ""),
        "copy": source.today.copy,
        "training": detail.training,
    }
    if source.core.kind != EntryKind.SALE:
        return Slip(
            **common,  # type: ignore[arg-type]  # fields of a Slip, as above
            **bill.of_undoing(source),
            kind=source.core.kind if source.core.kind == EntryKind.VOID else EntryKind.RETURN.value,
            lines=tuple(goods.came_back(source)),
            member=member.of_undoing(source),
            explained=tuple(member.explained(source)),
        )
    proof = prove(source)
    return Slip(
        **common,  # type: ignore[arg-type]
        **bill.of_sale(source, proof),
        lines=tuple(goods.sold(source)),
        credit_minor=detail.credit_minor,
        member=member.of_sale(source, proof),
        missed=tuple(member.missed(source, proof)),
        coupons=tuple(member.coupons(source)) if "coupon" not in source.today.apart else (),
        seats=tuple(_seats(source)) if "invitation" not in source.today.apart else (),
        page=source.today.page,
    )


def papers(source: Source, template: str) -> list[Paper]:
    """Give what a template prints of an entry; nothing where the entry has nothing of the kind.

    A sale for practice has its slip, which says so, and nothing that could be taken for worth something.
    """
    if template in {"slip", "appended"}:
        return [slip(source)]
    if source.detail.training:
        return []
    match template:
        case "coupon":
            return [_coupon_slip(source, one) for one in member.coupons(source)]
        case "gift_card":
            return list(_gift_cards(source))
        case "invitation":
            return [_invitation(source, one) for one in _seats(source)]
    return []


def _coupon_slip(source: Source, coupon: Coupon) -> CouponSlip:
    return CouponSlip(
        shop=source.store.name,
        till=source.till,
        at=source.at,
        currency=source.currency,
        coupon=coupon,
        copy=source.today.copy,
    )


def _gift_cards(source: Source) -> Iterator[GiftCard]:
    lots = {(one.account, one.unit): one.lot for one in source.core.postings}
    for one in source.detail.sold_cards:
        unit, lot = source.programme.unit(one.unit), lots.get((one.account, one.unit))
        ends = lot.expires_at if lot is not None else None
        yield GiftCard(
            shop=source.store.name,
            till=source.till,
            at=source.at,
            currency=source.currency,
            loaded=source.units(one.unit, one.units),
            name=unit.names if unit is not None else None,
            until=source.day(ends - 1) if ends is not None else None,
            code=source.code,
            copy=source.today.copy,
        )


def _seats(source: Source) -> Iterator[Seat]:
    events = {event.id: event for event in source.programme.events}
    given: Counter[str] = Counter()
    for one in source.detail.redemptions:
        for event, count in one.seats:
            given[event] += count
    for event, count in given.items():
        known = events.get(event)
        for place in range(count):
            yield Seat(
                event=known.names if known is not None else event,
                check_in=check_in_code(event, source.entry_id, place),
                begins=known.at.replace(tzinfo=source.store.zone) if known is not None and known.at else None,
                place=place + 1,
                seats=count,
            )


def _invitation(source: Source, seat: Seat) -> Invitation:
    return Invitation(
        shop=source.store.name,
        currency=source.currency,
        seat=seat,
        card=last_four(source.card) if source.card else "",
        nickname=one_line(source.detail.nickname or ""),
        copy=source.today.copy,
    )
