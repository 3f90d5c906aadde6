"""What a receipt tells the member: who it is for, what was earned or taken back and why, and the balance."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime

from agent.receipts.frame import one_line
from agent.receipts.proof import proven, would_have_earned
from agent.receipts.source import Source
from drivers.printers.document import Block, Columns, Line, Rule, Style
from loyalty.cards import last_four
from loyalty.explain import Units
from loyalty.journal.detail import DetailReversal
from loyalty.units import is_hidden

_LOG = logging.getLogger(__name__)


def of_sale(source: Source) -> Iterator[Block]:
    """Give a member's part of a sale; without a member, what a card would have earned."""
    if source.detail.member is None:
        yield from _invitation(source)
        return
    yield from _who(source)
    awards = {award.unit: 0 for award in source.detail.awards}
    for award in source.detail.awards:
        awards[award.unit] += award.amount
    for unit, amount in awards.items():
        yield Columns(left=source.catalogue.text("receipt.earned"), right=source.units(unit, amount), style=Style.BOLD)
    yield from _because(source)
    yield from _balances(source, awards)


def of_undoing(source: Source) -> Iterator[Block]:
    """Give a member's part of a void or a return; nothing where nobody's balance is concerned."""
    if source.detail.member is None:
        return
    yield from _who(source)
    taken = [reversal for reversal in source.detail.reversals if reversal.amount]
    for reversal in taken:
        label = source.catalogue.text("receipt.reversed")
        yield Columns(left=label, right=source.units(reversal.unit, reversal.amount), style=Style.BOLD)
        yield from _why_reversed(source, reversal)
    yield from _balances(source, {reversal.unit: 0 for reversal in source.detail.reversals})


def _invitation(source: Source) -> Iterator[Block]:
    if source.detail.identifier is not None:
        return  # a card was shown; in training it did not become a member's
    missed = [award.unit.amount(award.amount) for award in would_have_earned(source) if award.amount]
    if missed:
        yield Rule()
    for units in missed:
        yield Line(text=source.catalogue.text("receipt.no_card", units=units))


def _who(source: Source) -> Iterator[Block]:
    say = source.catalogue
    yield Rule()
    shown = last_four(source.card) if source.card else ""
    nickname = one_line(source.detail.nickname or "")
    if shown and nickname:
        yield Columns(left=say.text("receipt.card", last4=shown), right=nickname)
    elif shown:
        yield Line(text=say.text("receipt.card", last4=shown))
    elif nickname:
        yield Columns(left=say.text("receipt.member"), right=nickname)
    tier = source.detail.standing.tier if source.detail.standing is not None else None
    if tier is not None:
        names = source.programme.tier_names(tier)
        yield Line(text=say.text("receipt.tier", tier=names.in_language(say.language) if names is not None else tier))


def _because(source: Source) -> Iterator[Block]:
    awards = proven(source)
    if awards is None:
        _LOG.warning("the awards of entry %d cannot be computed again; its receipt explains nothing", source.sequence)
        return
    for award in awards:
        for said in award.because:
            yield Line(text=source.catalogue.say(said))


def _why_reversed(source: Source, reversal: DetailReversal) -> Iterator[Block]:
    unit = source.programme.unit(reversal.unit)
    awards = source.original.awards if source.original is not None else ()
    award = next((item for item in awards if (item.rule, item.unit) == (reversal.rule, reversal.unit)), None)
    if unit is None or award is None:
        return
    yield Line(text=_reversal_in_words(source, reversal, unit.amount(reversal.amount), award.base))


def _reversal_in_words(source: Source, reversal: DetailReversal, units: Units, whole_base: int) -> str:
    if reversal.returned_base == whole_base:
        return source.catalogue.text("explain.reversed_all", units=units)
    returned, base = source.as_money(reversal.returned_base), source.as_money(whole_base)
    return source.catalogue.text("explain.reversed", units=units, returned=returned, base=base)


def _balances(source: Source, concerned: Mapping[str, int]) -> Iterator[Block]:
    """Give every balance after the entry, and how far HQ's word goes."""
    say, used = source.catalogue, source.detail.standing
    held = dict.fromkeys(concerned, 0) | (dict(used.balances) if used is not None else {})
    for posting in source.core.postings:
        held[posting.unit] = held.get(posting.unit, 0) + posting.amount
    for unit, amount in sorted(held.items()):
        if not is_hidden(unit):
            yield Columns(left=say.text("receipt.balance"), right=source.units(unit, amount), style=Style.BOLD)
    if used is not None and used.as_of is not None:
        yield Line(text=say.text("receipt.as_of", at=datetime.fromisoformat(used.as_of).astimezone(source.store.zone)))
    elif not source.detail.training:
        yield Line(text=say.text("receipt.not_confirmed"))
