"""A comparison as pictures, in SVG or PNG. The library that draws is heavy and is imported only here, when asked for."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hq.simulation.compare import Comparison
from hq.simulation.values import Simulated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE_INCHES = (10.0, 9.0)
_DOTS_PER_INCH = 110
_DRAFT, _CURRENT = "#b4452b", "#4a6d8c"
_FILLS = ("#b4452b", "#d99a4e", "#4a6d8c", "#7d9a6b", "#8c6d9c", "#555555")
PICTURE_SUFFIXES = (".svg", ".png")


class NoPictures(Exception):
    """The library that draws is not installed."""


def draw(found: Comparison, path: Path, scale: int, currency: str) -> None:
    """Draw cost by month, what members hold, what is outstanding, and who wins or loses.

    Args:
        found: The comparison.
        path: Where to write; ``.svg`` or ``.png`` says how.
        scale: Decimals of a minor unit.
        currency: How amounts are called.

    Raises:
        NoPictures: the extra is not installed.
        OSError: the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as fault:
        raise NoPictures from fault
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots(2, 2)
    _lines(
        axes[0][0], found, scale, f"cost a month, {currency}", lambda one: [month.cost_minor for month in one.months]
    )
    _lines(axes[0][1], found, scale, f"liability, {currency}", _liability)
    _flows(axes[1][0], found.draft)
    _members(axes[1][1], found, scale, currency)
    beside = f" beside {found.current.label}" if found.current is not None else ""
    figure.suptitle(f"{found.draft.label}{beside}")
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _liability(one: Simulated) -> list[int]:
    return [sum(flow.liability_minor for flow in month.units.values()) for month in one.months]


def _lines(
    axes: "Axes", found: Comparison, scale: int, title: str, values: Callable[[Simulated], Sequence[int]]
) -> None:
    for one, colour in ((found.current, _CURRENT), (found.draft, _DRAFT)):
        if one is not None:
            months = [month.month for month in one.months]
            axes.plot(months, [value / 10**scale for value in values(one)], color=colour, label=one.label, marker=".")
    _finish(axes, title)


def _flows(axes: "Axes", draft: Simulated) -> None:
    """Stack what was earned, redeemed, expired and reversed of the unit that was earned most."""
    units = {unit for month in draft.months for unit in month.units}
    if not units:
        axes.set_axis_off()
        return
    unit = max(sorted(units), key=lambda one: draft.total(one, "earned"))
    months = [month.month for month in draft.months]
    for flow, fill in zip(("earned", "redeemed", "expired", "reversed"), _FILLS, strict=False):
        amounts = [getattr(month.units[unit], flow) if unit in month.units else 0 for month in draft.months]
        axes.plot(months, amounts, color=fill, label=flow, marker=".")
    _finish(axes, f"{unit} a month, {draft.label}")


def _members(axes: "Axes", found: Comparison, scale: int, currency: str) -> None:
    """Show how much members have of it, by twentieths of the members: what the few have, and what the many."""
    for one, colour in ((found.current, _CURRENT), (found.draft, _DRAFT)):
        if one is not None and one.benefits:
            totals = sorted(benefit.total_minor for benefit in one.benefits.values())
            places = [len(totals) * part // 20 for part in range(20)]
            axes.plot(
                [part * 5 for part in range(20)],
                [totals[place] / 10**scale for place in places],
                color=colour,
                label=one.label,
            )
    _finish(axes, f"what a member has of it, {currency}, by share of members in %", turn=False)


def _finish(axes: "Axes", title: str, *, turn: bool = True) -> None:
    axes.set_title(title, fontsize=10)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(visible=True, color="#dddddd", linewidth=0.5)
    if turn:
        axes.tick_params(axis="x", rotation=60, labelsize=8)
    handles: Any = axes.get_legend_handles_labels()[0]
    if handles:
        axes.legend(fontsize=8)
