"""Issuing coupons by a person's word: an entry of HQ's own for each member, or for so many codes, and each only once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection, select

from hq.book.book import Book
from hq.book.dialects import insert_missing
from hq.book.schema import setting
from hq.coupons.audience import Audience, by_card, by_programme
from hq.coupons.minting import TooFewCodes, mint
from hq.coupons.reading import given_of
from hq.coupons.values import BEARER_AT_ONCE, MAX_BY, MAX_COUNT, MAX_REASON, PAGE, Campaign, Given, Page, Way
from hq.jobs.scenes import ANYWHERE, Scene, Scenes
from hq.journaling.drafts import HqDraft
from hq.journaling.journal import HqJournal
from hq.journaling.once import MAX_ONCE, is_once, once_entry_id
from hq.pools.stores import known_stores
from hq.ports import Clock
from loyalty.holding.accounts import AccountKind, coupon_account
from loyalty.journal.detail import DetailIssued, Override
from loyalty.journal.entry import EntryKind, Opened
from loyalty.numbers.limits import is_storable
from loyalty.parts.coupons import Coupon
from loyalty.programme.model import Programme
from loyalty.quote.dating import dates_of_coupon
from loyalty.quote.posting import IssuedCoupon, coupon_postings
from loyalty.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """What one entry is to issue.

    Attributes:
        member: To whom, or None for whoever has the codes.
        count: How many coupons.
    """

    entry_id: bytes
    scene: Scene
    coupon: Coupon
    count: int = 1
    member: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuing:
    """Issues coupons by hand."""

    book: Book
    journal: HqJournal
    clock: Clock

    def page(self, campaign: Campaign, cards: Sequence[str] = (), after: str = "") -> Page | Refusal:
        """Issue to the next members of a campaign, or the next codes; whoever has theirs already is only listed.

        Args:
            campaign: What and to whom; the same in every page.
            cards: For `Way.CARDS`: at most `PAGE`.
            after: The ``next`` of the page before; empty for the first one.

        Raises:
            BookBusy: the book could not be written just now; nothing was.
        """
        refusal = _refuse(campaign, cards)
        if refusal is not None:
            return refusal
        with self.book.write() as connection:
            scenes = Scenes.read(connection, self.clock())
            refusal = _unknown(scenes, campaign) or _used_otherwise(connection, campaign)
            if refusal is not None:
                return refusal
            if campaign.way is Way.COUNT:
                return self._codes(connection, scenes, campaign, int(after or "0"))
            key = self.journal.settings.identifier_key
            if campaign.way is Way.CARDS:
                audience = by_card(connection, cards, key)
            else:
                audience = by_programme(connection, scenes, campaign, bytes.fromhex(after))
            return self._members(connection, scenes, campaign, audience)

    def _members(
        self, connection: Connection, scenes: Scenes, campaign: Campaign, audience: Audience
    ) -> Page | Refusal:
        parcels = []
        for member, home in audience.members:
            scene = scenes.of(home)
            coupon = scene.programme.coupon(campaign.coupon) if scene.programme is not None else None
            if coupon is not None:
                own = self._entry_id(campaign, member)
                parcels.append(_Parcel(entry_id=own, scene=scene, coupon=coupon, member=member))
        given = self._issue(connection, campaign, parcels, audience.cards)
        if isinstance(given, Refusal):
            return given
        return Page(
            coupons=given,
            next=audience.next.hex() if audience.next is not None else None,
            unknown=audience.unknown,
            skipped=len(audience.members) - len(parcels),
        )

    def _codes(self, connection: Connection, scenes: Scenes, campaign: Campaign, first: int) -> Page | Refusal:
        scene, coupon = _anywhere(connection, scenes, campaign.coupon)
        if coupon.personal:
            detail = f'"{coupon.id}" is personal: say whose it is to be, by card, segment or tier'
            return Refusal(code=RefusalCode.BAD_REQUEST, field="count", detail=detail)
        upto = min(first + PAGE, campaign.count)
        parcels = [
            _Parcel(
                entry_id=self._entry_id(campaign, start.to_bytes(4, "big")),
                scene=scene,
                coupon=coupon,
                count=min(BEARER_AT_ONCE, upto - start),
            )
            for start in range(first, upto, BEARER_AT_ONCE)
        ]
        given = self._issue(connection, campaign, parcels, {})
        if isinstance(given, Refusal):
            return given
        return Page(coupons=given, next=str(upto) if upto < campaign.count else None)

    def _issue(
        self, connection: Connection, campaign: Campaign, parcels: Sequence[_Parcel], cards: Mapping[bytes, str]
    ) -> tuple[Given, ...] | Refusal:
        known = self.journal.known(connection, [one.entry_id for one in parcels])
        new = [one for one in parcels if one.entry_id not in known]
        try:
            drafts = [_draft(campaign, one, codes) for one, codes in _minted(connection, new)]
        except TooFewCodes:
            detail = f'nearly every code of "{campaign.coupon}" is taken: give its code more digits'
            return Refusal(code=RefusalCode.BAD_REQUEST, field="coupon", detail=detail)
        if not _keep_key(connection, campaign):
            return _key_reused()
        self.journal.write_in(connection, drafts)
        zones = {one.entry_id: one.scene.zone for one in parcels}
        return given_of(connection, zones, fresh={one.entry_id for one in new}, cards=cards)

    def _entry_id(self, campaign: Campaign, subject: bytes) -> bytes:
        secret = self.journal.settings.own_key
        return once_entry_id(secret, f"coupon\0{campaign.way.value}\0{campaign.coupon}", campaign.once, subject)


def _minted(connection: Connection, parcels: Sequence[_Parcel]) -> Iterator[tuple[_Parcel, list[str]]]:
    """Mint codes, kind by kind: stores may count by versions that write a coupon's code differently."""
    kinds = {one.coupon.format: one.coupon for one in parcels}
    for form, coupon in kinds.items():
        own = [one for one in parcels if one.coupon.format == form]
        codes = mint(connection, coupon, {one.entry_id: one.count for one in own})
        yield from ((one, codes[one.entry_id]) for one in own)


def _draft(campaign: Campaign, parcel: _Parcel, codes: Sequence[str]) -> HqDraft:
    programme, coupon = parcel.scene.programme, parcel.coupon
    assert programme is not None
    usable_at, expires_at = dates_of_coupon(coupon, parcel.scene.moment)
    issued = [
        IssuedCoupon(
            coupon=coupon.id, code=code, account=coupon_account(code), usable_at=usable_at, expires_at=expires_at
        )
        for code in codes
    ]
    return HqDraft(
        entry_id=parcel.entry_id,
        kind=EntryKind.ISSUE,
        at=parcel.scene.moment.at,
        store=parcel.scene.moment.store,
        currency=programme.currency.code,
        currency_scale=programme.currency.scale,
        postings=tuple(
            posting for one in issued for posting in coupon_postings(coupon, one, coupon.uses, parcel.member)
        ),
        opens=tuple(Opened(account=one.account, kind=AccountKind.COUPON.value) for one in issued),
        programme=programme.version,
        member=parcel.member,
        issued=tuple(DetailIssued(coupon=coupon.id, code=one.code, account=one.account) for one in issued),
        override=Override(operator=campaign.by[:MAX_BY], reason=campaign.reason or "coupons issued by hand"),
    )


def _refuse(campaign: Campaign, cards: Sequence[str]) -> Refusal | None:
    if not is_once(campaign.once):
        return _bad("once", f"expected a text of 1 to {MAX_ONCE} characters")
    if not is_storable(campaign.reason, MAX_REASON):
        return _bad("reason", f"at most {MAX_REASON} characters")
    if campaign.way is Way.COUNT and not 1 <= campaign.count <= MAX_COUNT:
        return _bad("count", f"expected a number from 1 to {MAX_COUNT}")
    if campaign.way is Way.CARDS and not 1 <= len(cards) <= PAGE:
        return _bad("cards", f"expected 1 to {PAGE} cards at once")
    return None


def _unknown(scenes: Scenes, campaign: Campaign) -> Refusal | None:
    """Refuse a coupon, segment or tier that no programme in force has, and say which there are."""
    programmes = scenes.programmes()
    coupons = {coupon.id for one in programmes for coupon in one.coupons}
    if campaign.coupon not in coupons:
        detail = f'no programme in force has a coupon "{campaign.coupon}"; {_there_are(coupons)}'
        return Refusal(code=RefusalCode.COUPON_UNKNOWN, field="coupon", detail=detail)
    groups = {Way.SEGMENT: _segments(programmes), Way.TIER: _tiers(programmes)}.get(campaign.way)
    if groups is not None and campaign.named not in groups:
        what = campaign.way.value
        return _bad(what, f'no programme in force has a {what} "{campaign.named}"; {_there_are(groups)}')
    return None


def _segments(programmes: Sequence[Programme]) -> set[str]:
    return {segment.id for one in programmes for segment in one.segments}


def _tiers(programmes: Sequence[Programme]) -> set[str]:
    return {tier.id for one in programmes for tier in one.ladder.tiers}


def _anywhere(connection: Connection, scenes: Scenes, coupon_id: str) -> tuple[Scene, Coupon]:
    """Find a programme in force that has a coupon: everybody's first."""
    for store in (ANYWHERE, *known_stores(connection)):
        scene = scenes.of(store)
        coupon = scene.programme.coupon(coupon_id) if scene.programme is not None else None
        if coupon is not None:
            return scene, coupon
    raise AssertionError("a programme in force has it")


def _setting_name(campaign: Campaign) -> str:
    return f"once.{blake2b(campaign.once.encode(), digest_size=16).hexdigest()}"


def _asked(campaign: Campaign) -> bytes:
    said = f"{campaign.coupon}\0{campaign.way.value}\0{campaign.named}\0{campaign.count}"
    return blake2b(said.encode(), digest_size=16).digest()


def _keep_key(connection: Connection, campaign: Campaign) -> bool:
    """Note what a key is for; False where it is for something else already."""
    insert_missing(connection, setting, [{"name": _setting_name(campaign), "value": _asked(campaign)}])
    return _used_otherwise(connection, campaign) is None


def _used_otherwise(connection: Connection, campaign: Campaign) -> Refusal | None:
    query = select(setting.c.value).where(setting.c.name == _setting_name(campaign))
    kept = connection.execute(query).scalar_one_or_none()
    return None if kept in {None, _asked(campaign)} else _key_reused()


def _key_reused() -> Refusal:
    detail = "this key was used for another coupon, or for other people; take another"
    return Refusal(code=RefusalCode.KEY_REUSED, field="once", detail=detail)


def _there_are(names: set[str]) -> str:
    return f"there are: {', '.join(sorted(names))}" if names else "there are none"


def _bad(field: str, detail: str) -> Refusal:
    return Refusal(code=RefusalCode.BAD_REQUEST, field=field, detail=detail)
