"""``loyaltill programme diff``: what changes from one version of a programme to another."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.config.read import read_text
from cli.failures import usage
from cli.options import DEFAULT_CONFIG, explain
from cli.programme.asking import ask_hq
from loyalty.authoring.difference import Change, Effect, Outcome, Probe, changes, effects, probes
from loyalty.authoring.difference.changes import Way
from loyalty.explain import Money, Units
from loyalty.numbers.scaled import format_scaled
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from messages.catalogue import Catalogue

_ABOUT = """\
Say what changes from one version to another: in words, key by key, and as baskets that the two answer differently, the
simplest first. The baskets are made at the edges of both: around each threshold, price, tier, hour and code.

A version is a file, or one that HQ keeps, named by its label or its first digits as history shows them. An empty answer
means that no such basket differs; it is no proof that none does.

Exit status: 0 compared, 2 a version cannot be used."""
_EXAMPLES = """\
loyaltill programme diff club.toml club-next.toml
loyaltill programme diff 2026-1 club-next.toml --config hq.toml"""
_MOST = 20


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, _EXAMPLES)
    parser.add_argument("before", metavar="V1", help="a file, or a version that HQ keeps")
    parser.add_argument("after", metavar="V2", help="the same")
    parser.add_argument("--most", type=_count, default=_MOST, metavar="N", help=f"most baskets; default: {_MOST}")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_CONFIG,
        metavar="FILE",
        help="HQ's settings, where a version is HQ's; default: config.toml in the current folder",
    )


def run(arguments: argparse.Namespace) -> int:
    """Compare."""
    texts = [_text(named, arguments) for named in (arguments.before, arguments.after)]
    before, after = (
        read_programme(text, named) for text, named in zip(texts, (arguments.before, arguments.after), strict=True)
    )
    changed = changes(*texts)
    met = effects(before, after, probes((before, after), texts), arguments.most)
    if arguments.json:
        told = {"changes": [asdict(one) for one in changed], "baskets": [_told(one, after) for one in met]}
        print(json.dumps(told, default=str))
        return 0
    print("\n".join(_lines(before, after, changed, met)))
    return 0


def _text(named: str, arguments: argparse.Namespace) -> str:
    path = Path(named)
    if path.is_file() or path.suffix == ".toml":
        return read_text(path)
    if not arguments.config.exists():
        usage(f"{named}: there is no such file; to name a version that HQ keeps, say where its settings are: --config")
    return str(ask_hq(arguments, {"do": "source", "version": named})["source"])


def _lines(before: Programme, after: Programme, changed: Sequence[Change], met: Sequence[Effect]) -> Iterator[str]:
    yield f'"{before.label}" ({before.version[:12]}) -> "{after.label}" ({after.version[:12]})'
    if not changed:
        yield "nothing changes"
    for one in changed:
        yield f"  {words(one)}"
    if before.currency != after.currency:
        yield "the currency differs, so that no basket can be compared"
    elif changed and not met:
        yield "no basket at the edges of the two is answered differently"
    elif met:
        yield ""
        yield "baskets that are answered differently, the simplest first:"
        for effect in met:
            yield f"  {basket_words(effect.probe, after)}"
            yield f"    was: {outcome_words(effect.before, after)}"
            yield f"    is:  {outcome_words(effect.after, after)}"


def words(change: Change) -> str:
    """Say one change."""
    what = f'{change.table} "{change.id}"' if change.id else f"[{change.table}]"
    if change.way is Way.CHANGED:
        before, after = (value if value is not None else "not set" for value in (change.before, change.after))
        return f"{what}: {change.key}: {before or 'nothing'} -> {after or 'nothing'}"
    kind = change.before if change.way is Way.REMOVED else change.after
    return f"{what} {change.way}{f' ({kind})' if kind else ''}"


def basket_words(probe: Probe, programme: Programme) -> str:
    """Say what is in a basket, who buys it, and when, as far as that is not as usual."""
    price = _money(probe.amount_minor, programme)
    said = [f"{probe.pieces} x {price}" + (f' of "{probe.goods}"' if probe.goods else "")]
    said.append("a member" if probe.member else "no card")
    told: tuple[tuple[str, Any], ...] = (
        ("tier", probe.tier),
        ("segment", probe.segment),
        ("visits before", probe.visits or None),
        ("birthday today", probe.birthday or None),
        ("joined days ago", probe.joined_days_ago),
        ("last seen days ago", probe.absent_days),
        ("units", probe.units or None),
        ("used before", probe.used or None),
        ("redeems", probe.redeem),
        ("code", probe.code),
        ("coupon", probe.coupon),
        ("action", probe.action),
        ("store", probe.store or None),
    )
    said += [name if value is True else f"{name} {value}" for name, value in told if value is not None]
    return ", ".join(said) + f", at {probe.at:%a %Y-%m-%d %H:%M}"


def outcome_words(outcome: Outcome, programme: Programme) -> str:
    """Say what a programme makes of a basket."""
    if outcome.refused:
        return f"refused ({outcome.refused})"
    said = [f"to pay {_money(outcome.to_pay_minor, programme)}"]
    said += [f"earns {_units(unit, units)}" for unit, units in outcome.earned] or ["earns nothing"]
    said += [f"spends {_units(unit, units)}" for unit, units in outcome.spent]
    said += [f"gift {item}" for item in outcome.gifts]
    said += [f"coupon {coupon} x{count}" for coupon, count in outcome.coupons]
    said += [f"tier {outcome.tier}"] if outcome.tier is not None else []
    return ", ".join(said)


def _told(effect: Effect, programme: Programme) -> dict[str, Any]:
    return {
        "basket": {key: value for key, value in asdict(effect.probe).items() if key != "edges"},
        "text": basket_words(effect.probe, programme),
        "before": _outcome(effect.before, programme),
        "after": _outcome(effect.after, programme),
    }


def _outcome(outcome: Outcome, programme: Programme) -> dict[str, Any]:
    return {
        "refused": outcome.refused or None,
        "to_pay": format_scaled(outcome.to_pay_minor, programme.currency.scale),
        "earned": {unit: format_scaled(units.amount, units.scale) for unit, units in outcome.earned},
        "spent": {unit: format_scaled(units.amount, units.scale) for unit, units in outcome.spent},
        "gifts": list(outcome.gifts),
        "coupons": dict(outcome.coupons),
        "tier": outcome.tier,
        "rules": list(outcome.rules),
    }


def _money(amount_minor: int, programme: Programme) -> str:
    return Catalogue.load("en").money(Money(amount_minor=amount_minor, currency=programme.currency))


def _units(unit: str, units: Units) -> str:
    return f"{format_scaled(units.amount, units.scale)} {unit}"


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError("expected a whole number of at least 1")
    return int(text)
