"""What a case knows while it runs: the programme in force, the ledger, who is who, and what was done so far."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from loyalty.cases.baskets import Goods
from loyalty.cases.case import Case
from loyalty.cases.journal import Journal
from loyalty.cases.programmes import case_programme
from loyalty.cases.steps import Step
from loyalty.cases.values import LotHeld, Member
from loyalty.holding.accounts import coupon_account, gift_card_account, pool_account
from loyalty.holding.lots import lot_of
from loyalty.holding.standing import Holdings, Standing
from loyalty.holding.units import TIER_PROGRESS, VISITS, coupon_unit, is_hidden, owner_unit
from loyalty.journal.entry import Lot, Posting
from loyalty.moment import Moment
from loyalty.numbers.rates import Rounding, round_fraction
from loyalty.numbers.scaled import format_scaled
from loyalty.parts.tiers import Progress
from loyalty.programme.model import Programme
from loyalty.quote.posting import Posted
from loyalty.quote.values import Quote
from loyalty.refusals import Refusal
from loyalty.sale.basket import Basket

_ID_BYTES = 16
_LEAP_YEAR = 2000
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CaseFault(Exception):
    """A case asks for what cannot be: it names a member, coupon or card that it never introduced, say.

    Attributes:
        step: The step's id, or empty for the case as a whole.
        fault: What is wrong.
    """

    def __init__(self, step: str, fault: str) -> None:
        self.step = step
        self.fault = fault
        super().__init__(fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known of a member beside the account."""

    tier: str | None = None
    tier_until: datetime | None = None
    segments: tuple[str, ...] = ()
    birthday: tuple[int, int] | None = None
    joined_on: date | None = None
    last_visit_on: date | None = None
    referrer: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What one step did.

    Attributes:
        ledger: Of after the step; for a quote, of after the sale that it would be.
        persons: Likewise.
        changes: (unit, smallest steps) by which the member's visible units changed, one for each reason.
        entry_id: The entry that was written, or None.
        extra: Results of kinds of their own: ``refunded``, ``expired``, ``report``, ``revenue``.
    """

    step: Step
    programme: Programme
    member: str | None
    ledger: Journal
    persons: Mapping[str, Person]
    goods: Goods | None = None
    quote: Quote | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    entry_id: bytes | None = None
    posted: Posted | None = None
    changes: tuple[tuple[str, int], ...] = ()
    issued: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def basket(self) -> Basket | None:
        """The basket of a quote or a sale."""
        return self.goods.basket if self.goods is not None else None


@dataclass(slots=True, kw_only=True)
class World:
    """One running case. It changes with every step; nothing else does."""

    case: Case
    zone: tzinfo
    content: Mapping[str, Any]
    programme: Programme
    clock: datetime
    ledger: Journal = field(default_factory=Journal)
    persons: dict[str, Person] = field(default_factory=dict)
    coupons: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """Code, as the case calls it, to account and kind."""
    printed: dict[str, str] = field(default_factory=dict)
    """Code, as the case calls it, to the code as printed."""
    cards: dict[str, bytes] = field(default_factory=dict)
    lots: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """What steps call a lot, to its id by unit. Units of one account that begin and end alike are one lot."""
    done: dict[str, Done] = field(default_factory=dict)
    sales: list[tuple[str, date, Done]] = field(default_factory=list)
    """(name, business date, sale), in order; repeated ones each."""
    returned: dict[str, dict[int, int]] = field(default_factory=dict)
    """Sale to line to thousandths that came back so far."""
    voided: set[str] = field(default_factory=set)
    refunded: dict[str, int] = field(default_factory=dict)
    started: int = 0
    """Entries that set the case up."""

    @classmethod
    def begin(cls, case: Case, content: Mapping[str, Any], zone: tzinfo) -> "World":
        """Set a case up."""
        return cls.of(case, case_programme(content, case.id), content, zone)

    @classmethod
    def of(cls, case: Case, programme: Programme, content: Mapping[str, Any], zone: tzinfo) -> "World":
        """Set a case up under a programme that was read already; ``content`` is what later versions change."""
        world = cls(case=case, zone=zone, content=content, programme=programme, clock=case.at)
        for member in case.members:
            world.enrol(member)
        for coupon in case.coupons:
            if programme.coupon(coupon.coupon) is None:
                raise CaseFault("", f'the programme has no coupon "{coupon.coupon}"')
            world.add_coupon(coupon.code, coupon.coupon)
            lot = world.lot(coupon.usable_at, coupon.expires_at)
            unit = coupon_unit(coupon.coupon)
            held = [(unit, world.steps(unit, coupon.uses), lot), *world.owner(coupon.coupon, coupon.member)]
            world.put(f"coupon {coupon.code}", coupon_account(coupon.code), held)
        for card in case.gift_cards:
            world.cards[card.number] = gift_card_account(card.number)
            lot = world.lot(None, card.expires_at)
            amount = world.steps(card.unit, card.amount)
            world.put(f"card {card.number}", world.cards[card.number], [(card.unit, amount, lot)])
        for pool in case.pools:
            unit = pool.name.partition("/")[0]
            account = pool_account(programme.id, pool.name)
            world.put(f"pool {pool.name}", account, [(unit, world.steps(unit, pool.amount), None)])
        world.started = len(world.ledger.entries())
        return world

    def enrol(self, member: Member) -> None:
        """Let a member join with what they bring."""
        self.persons[member.id] = Person(
            tier=member.tier,
            segments=tuple(sorted(member.segments)),
            birthday=_birthday(member.birthday) if member.birthday is not None else None,
            joined_on=member.joined_on,
            last_visit_on=member.last_visit_on,
            referrer=self.account(member.referrer) if member.referrer else None,
        )
        held = [(unit, self.steps(unit, amount), None) for unit, amount in member.balances.items()]
        held += [(VISITS, member.visits, None)] if member.visits else []
        held += [(TIER_PROGRESS, self.steps(TIER_PROGRESS, member.progress), None)] if member.progress else []
        self.put(f"member {member.id}", self.account(member.id), [*held, *(self._held(lot) for lot in member.lots)])

    def _held(self, held: LotHeld) -> tuple[str, int, Lot | None]:
        lot = self.lot(held.usable_at, held.expires_at)
        if lot is None:
            raise CaseFault("", f'lot "{held.id}" has no date; units without one are among the balances')
        self.lots[held.id] = {held.unit: lot.lot_id}
        return held.unit, self.steps(held.unit, held.amount), lot

    def put(self, name: str, account: bytes, held: Iterable[tuple[str, int, Lot | None]]) -> None:
        """Post what an account has at the beginning."""
        postings = [Posting(account=account, unit=unit, amount=amount, lot=lot) for unit, amount, lot in held]
        if postings:
            self.ledger.post(self.name(f"begin {name}"), postings)

    def name(self, text: str) -> bytes:
        """Give the id of an entry or a member, which follows from the case and what it is called there."""
        return blake2b(f"{self.case.id}\0{text}".encode(), digest_size=_ID_BYTES).digest()

    def account(self, member: str) -> bytes:
        """Give a member's account."""
        return self.name(f"account {member}")

    def known(self, member: str, step: str) -> str:
        """Check that a member was introduced."""
        if member not in self.persons:
            raise CaseFault(step, f'knows no member "{member}"')
        return member

    def lot(self, usable_at: datetime | None, expires_at: datetime | None) -> Lot | None:
        """Give the lot of these instants of the store's clock, or None where there are none."""
        begins = self.seconds(usable_at) if usable_at is not None else None
        ends = self.seconds(expires_at) if expires_at is not None else None
        return lot_of(begins, ends)

    def post(self, label: str, postings: Sequence[Posting], account: bytes | None) -> bytes:
        """Write the entry of a step, and note which lots of ``account`` it made."""
        entry_id = self.name(f"entry {label}")
        self.ledger.post(entry_id, postings)
        self.lots[label] = made_lots(postings, account)
        return entry_id

    def seconds(self, local: datetime) -> int:
        """Give the epoch seconds of an instant of the store's clock."""
        return int(local.replace(tzinfo=self.zone).timestamp())

    def zoned(self, seconds: int) -> datetime:
        """Give the instant of these epoch seconds, in the store's zone."""
        return (_EPOCH + timedelta(seconds=seconds)).astimezone(self.zone)

    def local(self, seconds: int) -> datetime:
        """Give the store's clock at these epoch seconds."""
        return self.zoned(seconds).replace(tzinfo=None)

    def moment(self, store: str | None) -> Moment:
        """Give now and where."""
        at = self.clock.replace(tzinfo=self.zone)
        return Moment(at=at, business_date=self.clock.date(), store=store or self.case.store)

    def standing(self, member: str) -> Standing:
        """Give a member's standing."""
        person, account = self.persons[member], self.account(member)
        held = self.ledger.holdings(account)
        return Standing(
            member=account,
            balances=held.balances,
            lots=held.lots,
            tier=person.tier,
            tier_until=person.tier_until,
            segments=person.segments,
            birthday=person.birthday,
            joined_on=person.joined_on,
            last_visit_on=person.last_visit_on,
            referrer=person.referrer,
        )

    def pools(self, member: str | None, store: str | None) -> dict[str, Holdings]:
        """Give what is known of the programme's pools."""
        standing = self.standing(member) if member is not None else None
        who = (standing.member, standing.referrer) if standing is not None else (None, None)
        names = self.programme.pools(self.moment(store), *who)
        return {name: self.ledger.holdings(pool_account(self.programme.id, name)) for name in names}

    def add_coupon(self, code: str, kind: str, printed: str | None = None) -> None:
        """Let a coupon be known under the name that the case gives it."""
        self.printed[code] = printed or code
        self.coupons[code] = (coupon_account(self.printed[code]), kind)

    def owner(self, kind: str, member: str | None) -> list[tuple[str, int, Lot | None]]:
        """Give what a coupon's account holds to say whose it is: nothing, unless its kind is personal."""
        coupon = self.programme.coupon(kind)
        if member is None or coupon is None or not coupon.personal:
            return []
        return [(owner_unit(self.account(member)), 1, None)]

    def change_person(self, member: str, **changes: Any) -> None:
        """Note what changed of a member beside the account."""
        self.persons[member] = replace(self.persons[member], **changes)

    def scale(self, unit: str) -> int:
        """Give the decimals of a unit, hidden ones included."""
        if not is_hidden(unit):
            found = self.programme.unit(unit)
            return found.scale if found is not None else 0
        kind, _, rest = unit.partition(".")
        if kind == "coupon":
            coupon = self.programme.coupon(rest)
            return coupon.scale if coupon is not None else 0
        if kind == "stock":
            return 3
        if kind == "budget" or (unit == TIER_PROGRESS and self.programme.ladder.by is Progress.SPEND):
            return self.programme.currency.scale
        if unit == TIER_PROGRESS and self.programme.ladder.by is Progress.EARNED:
            return self.scale(self.programme.ladder.unit)
        return 0

    def steps(self, unit: str, figure: str) -> int:
        """Give a figure of a unit in its smallest steps.

        Raises:
            CaseFault: the programme has no such unit, or the figure has more decimals than it.
        """
        if not is_hidden(unit) and self.programme.unit(unit) is None:
            raise CaseFault("", f'the programme has no unit "{unit}"')
        exact = Fraction(figure) * Fraction(10 ** self.scale(unit))
        if exact.denominator != 1:
            raise CaseFault("", f"{figure} has more decimals than {unit}")
        return exact.numerator

    def written(self, amounts: Mapping[str, int]) -> dict[str, str]:
        """Write amounts of units in their scales."""
        return {unit: format_scaled(amount, self.scale(unit)) for unit, amount in amounts.items()}

    def minor(self, figure: str) -> int:
        """Give a figure of money in minor units, rounded half up."""
        return round_fraction(Fraction(figure) * 10**self.programme.currency.scale, Rounding.HALF_UP)


def made_lots(postings: Sequence[Posting], account: bytes | None) -> dict[str, bytes]:
    """Give the lots into which an entry put visible units of an account, by unit."""
    return {
        one.unit: one.lot.lot_id
        for one in postings
        if one.account == account and one.lot is not None and one.amount > 0 and not is_hidden(one.unit)
    }


def _birthday(text: str) -> tuple[int, int]:
    found = _MONTH_DAY.fullmatch(text)
    try:
        day = date(_LEAP_YEAR, int(found.group(1)), int(found.group(2))) if found is not None else None
    except ValueError:
        day = None
    if day is None:
        raise CaseFault("", 'a birthday: expected month and day, as "02-29"')
    return day.month, day.day
