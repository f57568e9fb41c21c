"""The charts of a page: which numbers become which rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan

from attrs import evolve

from cxm_core.results import Breakdown, Comparison, Estimate

from ._charts import Chart, Mark
from ._further import further_cell, further_head
from ._page import Grouped, Headline, Known, TouchpointRow
from ._words import WITHIN, Numbers, group_label, numbers_of, numbers_of_change

__all__ = [
    "change_chart",
    "group_chart",
    "group_key",
    "group_table",
    "groups_of",
    "known_chart",
    "touchpoint_chart",
    "wave_chart",
]

MOST_GROUPS = 60


def wave_chart(headline: Headline) -> Chart:
    """Every wave of a headline on one axis."""
    show = numbers_of(wave.estimate for wave in headline.waves)
    marks = tuple(_mark(wave.label, wave.estimate, show) for wave in headline.waves)
    return _chart(f"{headline.title}, by window", marks, show)


def change_chart(headline: Headline, change: Comparison) -> Chart:
    """The change of a headline against no change."""
    show = numbers_of_change(change)
    mark = Mark(
        label=change.change_word.capitalize(),
        value=change.value,
        low=change.low,
        high=change.high,
        figure=show.change(change.value),
        span=show.change_to(change.low, change.high),
    )
    return Chart(
        title=f"{headline.title}, {change.change_word}",
        about=about([mark]),
        marks=(mark,),
        tick=show.change_tick,
        factor=show.factor,
        reference=0.0,
    )


def known_chart(known: Known) -> Chart:
    """Every measured figure of a metric, and a ring where its known value lies."""
    show = numbers_of(row.estimate for row in known.rows)
    marks = tuple(
        evolve(
            _mark(row.label, row.estimate, show),
            before=row.known,
            extras=(show.value(row.known), WITHIN[row.is_within]),
            note=f"known: {show.value(row.known)}",
        )
        for row in known.rows
    )
    chart = _chart(f"{known.title}, measured and known", marks, show)
    return evolve(chart, heads=(("Measured",), ("Known",), ("Within", "interval")))


def touchpoint_chart(rows: Sequence[TouchpointRow]) -> Chart:
    """Touchpoints by the share of all customers asked who used one and rated it low."""
    show = numbers_of(row.product for row in rows)
    usage, bottom = numbers_of(r.usage for r in rows), numbers_of(r.bottom for r in rows)
    marks = tuple(
        Mark(
            label=row.label,
            value=row.product.value,
            low=row.product.low,
            high=row.product.high,
            figure=show.value(row.product.value),
            span=show.to(row.product.low, row.product.high),
            before=row.change.before.value if row.change else None,
            extras=(usage.value(row.usage.value), bottom.value(row.bottom.value)),
            note=(
                f"{usage.value(row.usage.value)} used it, "
                f"{bottom.value(row.bottom.value)} of them rated it low"
            ),
        )
        for row in rows
    )
    return Chart(
        title="Touchpoints by share of all customers asked who rated them low",
        about=about(marks),
        marks=marks,
        tick=show.tick,
        heads=(("Rated low,", "of all asked"), ("Used it",), ("Rated low,", "of users")),
        factor=show.factor,
        is_from_zero=True,
    )


def group_chart(grouped: Grouped) -> Chart:
    """Every group of a breakdown on one axis, with what decides about it beside it."""
    made, groups = grouped.breakdown, groups_of(grouped)
    show = numbers_of(estimate for _, estimate in groups)
    beside = _beside(made)
    marks = tuple(
        _with_further(_group_mark(made, one, show), made, (place, show), beside)
        for place, one in zip(grouped.shown, groups, strict=False)
    )
    chart = _chart(grouped.title, marks, show)
    if beside:
        heads = (tuple(further_head(name, show).split()) for name in beside)
        chart = evolve(chart, heads=((_value_head(made, show),), *heads))
    if not made.is_difference:
        return chart
    return evolve(chart, tick=show.change_tick, reference=0.0)


def group_key(grouped: Grouped) -> tuple[str, ...]:
    """What the dots and the rings of the chart are, where it has both."""
    return ("pooled, with its interval", "measured") if grouped.breakdown.is_pooled else ()


def group_table(grouped: Grouped) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Heads and cells of the groups, with every further figure that is told of them."""
    made, groups = grouped.breakdown, groups_of(grouped)
    show = numbers_of(estimate for _, estimate in groups)
    further = tuple(further_head(name, show) for name in made.figures)
    heads = ("Group", _value_head(made, show), "Interval", grouped.counted.capitalize(), *further)
    return heads, [
        _group_row(made, place, one) for place, one in zip(grouped.shown, groups, strict=False)
    ]


def _group_row(made: Breakdown, place: int, one: tuple[str, Estimate]) -> tuple[str, ...]:
    label, estimate = one
    show = numbers_of([estimate])
    mark = _group_mark(made, one, show)
    further = (further_cell(made, (name, place), show) for name in made.figures)
    return (label, mark.figure, mark.span, f"{estimate.n:,}", *further)


def _value_head(made: Breakdown, show: Numbers) -> str:
    if made.is_difference:
        return f"Difference ({show.change_word})" if show.bare_change else "Difference"
    return "Pooled" if made.is_pooled else "Value"


def _beside(made: Breakdown) -> tuple[str, ...]:
    """The two further figures that decide how a group is read, if there are such."""
    wanted = ("measured", "shrinkage") if made.is_pooled else ("rest", "p_value", "p_adjusted")
    found = [name for name in wanted if name in made.figures]
    return (found[0], found[-1]) if len(found) > 1 else ()


def _group_mark(made: Breakdown, one: tuple[str, Estimate], show: Numbers) -> Mark:
    label, estimate = one
    mark = _mark(label, estimate, show)
    if not made.is_difference:
        return mark
    span = show.change_to(estimate.low, estimate.high)
    return evolve(mark, figure=show.change(estimate.value), span=span)


def _with_further(
    mark: Mark, made: Breakdown, at: tuple[int, Numbers], beside: tuple[str, ...]
) -> Mark:
    if not beside:
        return mark
    place, show = at
    cells = tuple(further_cell(made, (name, place), show) for name in beside)
    heads = (further_head(name, show) for name in beside)
    measured = float(made.figures["measured"][place]) if made.is_pooled else nan
    return evolve(
        mark,
        before=None if isnan(measured) else measured,
        extras=cells,
        note=", ".join(f"{_lower(head)} {cell}" for head, cell in zip(heads, cells, strict=True)),
    )


def _lower(head: str) -> str:
    return head[:1].lower() + head[1:]


def groups_of(grouped: Grouped) -> tuple[tuple[str, Estimate], ...]:
    """Label and figure of the first groups with enough answers, as many as a page can show."""
    known = [grouped.breakdown.groups[place] for place in grouped.shown[:MOST_GROUPS]]
    return tuple((group_label(group), grouped.breakdown[group]) for group in known)


def _mark(label: str, estimate: Estimate, show: Numbers) -> Mark:
    return Mark(
        label=label,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        figure=show.value(estimate.value),
        span=show.to(estimate.low, estimate.high),
    )


def _chart(title: str, marks: tuple[Mark, ...], show: Numbers) -> Chart:
    return Chart(
        title=title,
        about=about(marks),
        marks=marks,
        tick=show.tick,
        factor=show.factor,
    )


def about(marks: Sequence[Mark]) -> str:
    """The rows of a chart in words, for whoever does not see it."""
    return "; ".join(f"{mark.label} {mark.figure} ({mark.span})" for mark in marks)
