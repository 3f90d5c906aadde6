"""Enrolment: a card becomes a member's, offline too. The entry's id is the member's provisional id."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from agent.book import journal, leases, members
from agent.book.book import Writing
from agent.book.journal import Draft
from agent.till import answers
from agent.till.answers import Recorded
from agent.till.context import Context
from agent.till.naming import refuse_card, understood
from agent.till.record import once
from agent.till.requests import EnrolRequest, Provenance
from loyalty.cards import card_key
from loyalty.holding.standing import Standing
from loyalty.journal.detail import Consent
from loyalty.journal.entry import EntryKind
from loyalty.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What somebody who enrols says.

    Attributes:
        birthday: A day that exists, as ``MM-DD``.
        referrer: The id of the member who brought them.
    """

    nickname: str | None = None
    language: str | None = None
    consent: Consent | None = None
    birthday: str | None = None
    referrer: bytes | None = None


NOTHING_SAID = Person()


def enrol(context: Context, request: EnrolRequest) -> Recorded:
    """Enrol a card that is not a member's yet."""
    return once(context, request.key, request, lambda writing: _enrol(context, writing, request))


def write_enrolment(
    context: Context,
    writing: Writing,
    card: str,
    provenance: Provenance,
    *,
    member: bytes,
    person: Person = NOTHING_SAID,
) -> Standing:
    """Write the enrolment of an unknown card that passed the checks, in a transaction under way."""
    detail = context.detail(
        provenance,
        context.programme(provenance),
        member=member,
        identifier=card,
        nickname=person.nickname,
        language=person.language,
        consent=person.consent,
        birthday=person.birthday,
        referrer=person.referrer,
    )
    journal.append(writing, Draft(entry_id=member, kind=EntryKind.ENROL, detail=detail))
    key = card_key(card, context.keys.identifier_key)
    new = members.NewMember(
        member=member,
        card_key=key,
        nickname=person.nickname,
        language=person.language,
        joined_on=date.fromisoformat(detail.business_date),
        birthday=person.birthday,
        referrer=person.referrer,
    )
    members.enrol(writing.connection, new)
    if context.programme(provenance).needs_rights:
        leases.visited(writing.connection, member, detail.business_date)
    return members.joined(new)


def _enrol(context: Context, writing: Writing, asked: EnrolRequest) -> dict[str, Any] | Refusal:
    request = understood(context, asked)
    refused = refuse_card(context, request.card)
    if refused is not None:
        return refused
    if request.provenance.training:
        detail = "nobody becomes a member by an exercise"
        return Refusal(code=RefusalCode.BAD_REQUEST, field="training", detail=detail)
    if context.find_member(writing.connection, request.card) is not None:
        return Refusal(code=RefusalCode.MEMBER_EXISTS, field="card")
    referrer = _referrer(context, writing.connection, request)
    if isinstance(referrer, Refusal):
        return referrer
    if request.birthday is not None and not _is_birthday(request.birthday):
        detail = "expected a day of the year, as 02-29"
        return Refusal(code=RefusalCode.BAD_REQUEST, field="birthday", detail=detail)
    version = request.consent_text_version
    standing = write_enrolment(
        context,
        writing,
        request.card,
        request.provenance,
        member=context.mint(),
        person=Person(
            nickname=request.nickname,
            language=request.language,
            consent=Consent(text_version=version, given_by="till") if version else None,
            birthday=request.birthday,
            referrer=referrer,
        ),
    )
    return {"entry": standing.member.hex(), **answers.member(standing)}


def _referrer(context: Context, connection: Connection, request: EnrolRequest) -> bytes | Refusal | None:
    if request.referrer is None:
        return None
    refused = refuse_card(context, request.referrer)
    if refused is not None:
        return replace(refused, field="referrer")
    member = context.find_member(connection, request.referrer)
    return member or Refusal(code=RefusalCode.CARD_UNKNOWN, field="referrer", detail="no member of this till has it")


def _is_birthday(said: str) -> bool:
    try:
        date.fromisoformat(f"2024-{said}")  # a leap year, so that 29 February is one
    except ValueError:
        return False
    return len(said) == len("02-29")
