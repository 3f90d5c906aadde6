"""A simulation as tables for people."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TextIO

from hq.simulation.compare import Comparison
from hq.simulation.values import Month, Redeeming, Simulated
from loyalty.numbers.scaled import format_scaled
from loyalty.programme.model import Programme

_ASSUMED = {
    Redeeming.EAGER: "Members are taken to redeem whatever they can at once, and to use each coupon at the next sale.",
    Redeeming.NEVER: "Members are taken to redeem nothing they would have to ask for.",
}

_LEFT_OUT = (
    "What the past does not tell is left out: birthdays, referrals, stock, and what HQ gives by hand or by the date."
)


def print_comparison(found: Comparison, draft: Programme, redeeming: Redeeming, out: TextIO) -> None:
    """Write what a simulation found."""
    for line in _lines(found, draft, redeeming):
        print(line, file=out)


def print_left_out(left_out: Mapping[str, int], out: TextIO) -> None:
    """Write how many rows of a file were no part of the past, and why."""
    for reason, count in sorted(left_out.items()):
        print(f"{count:,} of the file's rows are left out: {reason}", file=out)


def _lines(found: Comparison, draft: Programme, redeeming: Redeeming) -> Iterator[str]:
    money = _money(draft)
    both = [found.draft, *([found.current] if found.current is not None else [])]
    yield _ASSUMED[redeeming]
    yield _LEFT_OUT
    if found.draft.unvalued:
        yield f"Units without a value count neither as cost nor as liability: {', '.join(found.draft.unvalued)}."
    yield ""
    yield from _table(
        ["", *(f"{one.label}" for one in both)],
        [
            ["receipts", *(f"{sum(month.sales for month in one.months):,}" for one in both)],
            ["sales", *(money(one.sales_minor) for one in both)],
            ["members", *(f"{len(one.benefits):,}" for one in both)],
            ["cost", *(money(one.cost_minor) for one in both)],
            ["liability at the end", *(money(one.liability_minor) for one in both)],
            ["both, per cent of sales", *(_share(one.burden_minor, one.sales_minor) for one in both)],
        ],
    )
    yield ""
    yield from _months(found.draft, draft)
    yield from _rewards(found.draft, money)
    yield from _tiers(found.draft)
    yield from _members(found, money)
    for code, count in found.draft.refused.items():
        yield f"{count:,} receipts are refused with {code}"
    yield ""
    for one in found.break_even:
        if one.sales_minor == 0:
            yield f"At a margin of {one.margin_percent} % nothing more need be sold."
        else:
            share = f"{one.permille // 10}.{one.permille % 10}"
            yield (
                f"At a margin of {one.margin_percent} % the draft pays for itself when {money(one.sales_minor)} more is sold:"
                f" {share} % of these sales."
            )


def _months(draft: Simulated, programme: Programme) -> Iterator[str]:
    money = _money(programme)
    units = sorted({unit for month in draft.months for unit in month.units})
    scales = {unit.id: unit.scale for unit in programme.units}

    def row(month: Month) -> list[str]:
        cells = [month.month, money(month.sales_minor), money(month.cost_minor)]
        for unit in units:
            flow = month.units.get(unit)
            amounts = (flow.earned, flow.redeemed, flow.expired, flow.outstanding) if flow is not None else (0, 0, 0, 0)
            cells += [_grouped(format_scaled(amount, scales.get(unit, 0))) for amount in amounts]
        cells.append(money(sum(flow.liability_minor for flow in month.units.values())))
        return cells

    heads = [f"{unit} {flow}" for unit in units for flow in ("earned", "redeemed", "expired", "held")]
    yield from _table(["month", "sales", "cost", *heads, "liability"], [row(month) for month in draft.months])
    yield ""


def _rewards(draft: Simulated, money: Callable[[int], str]) -> Iterator[str]:
    if draft.rewards:
        rows = [[reward, f"{times:,}", money(cost)] for reward, (times, cost) in draft.rewards.items()]
        yield from _table(["reward", "times", "cost"], rows)
        yield ""
    for budget, (spent, most) in draft.budgets.items():
        yield f"budget {budget}: {money(spent)} of {money(most)} at the fullest ({_share(spent, most)} %)"


def _tiers(draft: Simulated) -> Iterator[str]:
    if set(draft.tiers) - {""}:
        yield "tiers at the end: " + ", ".join(f"{tier or 'none'} {count:,}" for tier, count in draft.tiers.items())
        moves: Counter[tuple[str, str]] = Counter()
        for month in draft.months:
            moves.update(month.tier_moves)
        told = (
            f"{before or 'none'} to {after or 'none'} {count:,}" for (before, after), count in sorted(moves.items())
        )
        yield "moves between them: " + ", ".join(told)


def _members(found: Comparison, money: Callable[[int], str]) -> Iterator[str]:
    if found.current is None:
        return
    yield f"members: {found.winners:,} have more with the draft, {found.losers:,} less, {found.same:,} the same"
    for said, shifts in (("wins", found.most_won[:3]), ("loses", found.most_lost[:3])):
        for one in shifts:
            yield f"  {one.member.hex()[:8]} {said} {money(abs(one.change_minor))}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, *rows):
        first, *rest = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join((first, *rest)).rstrip()


def _money(programme: Programme) -> Callable[[int], str]:
    return lambda minor: _grouped(format_scaled(minor, programme.currency.scale))


def _grouped(number: str) -> str:
    whole, point, fraction = number.removeprefix("-").partition(".")
    return f"{'-' if number.startswith('-') else ''}{int(whole):,}{point}{fraction}"


def _share(part: int, whole: int) -> str:
    permille = part * 1000 // whole if whole else 0
    return f"{permille // 10}.{permille % 10}"
