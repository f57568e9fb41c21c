"""What the HTML and the Markdown form both show, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from cxm_core.results import Caveat, Estimate, Panel, Shape, Verdict

from ._blueprint_map import BlueprintMap
from ._journey_map import JourneyMap
from ._page import Grouped, Headline, Known, Quote, ReportPage, TouchpointRow
from ._receipts import Result
from ._table import Cell
from ._words import day, numbers_like, numbers_of_change, percent

__all__ = [
    "VERDICT_HEADS",
    "Named",
    "Noted",
    "compared_with",
    "group_caveats",
    "groups_left_out",
    "headline_caveats",
    "headline_results",
    "headline_tags",
    "known_results",
    "known_sentence",
    "map_cells",
    "panel_rows",
    "quote_facts",
    "receipted",
    "result_caveats",
    "sections",
    "told",
    "touchpoint_caveats",
    "touchpoint_results",
    "verdict_rows",
]

#: Numbers of one part of the page, each with its name.
Named = tuple[tuple[str, Result], ...]
#: A caveat, and which of several figures it is about; empty for all of them.
Noted = tuple[str, Caveat]

_SECTIONS = (
    ("headlines", "Headlines"),
    ("known", "Beside what is known"),
    ("touchpoints", "Touchpoints"),
    ("groups", "Groups"),
    ("tickets", "Tickets"),
    ("effort", "Effort"),
    ("journeys", "Journeys"),
    ("results", "Further results"),
    ("quotes", "In customers\u2019 words"),
    ("completeness", "Completeness"),
    ("quarantine", "Set aside"),
    ("definitions", "Definitions"),
)


#: Heads of the table of verdicts, and the words for each.
VERDICT_HEADS = ("Figure", "Verdict", "Difference", "Interval", "Margin", "Counted")
_DECIDED = {"equivalent": "alike", "different": "different", "undecided": "not known yet"}


def sections(page: ReportPage) -> tuple[tuple[str, str], ...]:
    """Field and heading of each part of the page that has something to show."""
    return tuple((name, heading) for name, heading in _SECTIONS if getattr(page, name))


def headline_results(headline: Headline) -> Named:
    """Every number of a headline with its name, the newest first."""
    waves = tuple((wave.label, wave.estimate) for wave in reversed(headline.waves))
    return (
        waves
        if headline.change is None
        else (*waves, (headline.change.change_word.capitalize(), headline.change))
    )


_WEIGHTS = {True: "weighted", False: "unweighted", None: "weighted on one side only"}


def headline_tags(headline: Headline) -> tuple[str, ...]:
    """What stands beneath a headline's title: its weights, where it has answers, its journey."""
    is_asked = headline.counted == "answers"
    weights = _WEIGHTS[headline.is_weighted]
    return tuple(filter(None, (weights if is_asked else "", headline.journey)))


def compared_with(headline: Headline) -> str:
    """Label of the wave that the last one is compared with; empty if it is not shown."""
    if headline.change is None:
        return ""
    before = headline.change.before
    return next((wave.label for wave in headline.waves[:-1] if wave.estimate == before), "")


def known_results(known: Known) -> Named:
    """Every measured number of a metric that is known from elsewhere, with its name."""
    return tuple((row.label, row.estimate) for row in known.rows)


def known_sentence(page: ReportPage) -> str:
    """How many known values lie within their intervals, and how many would by chance."""
    rows = [row for known in page.known for row in known.rows if row.is_within is not None]
    within = sum(row.is_within is True for row in rows)
    levels = [row.estimate.confidence_level for row in rows]
    expected = (
        f"; about {percent(round(fmean(levels), 3))} of them should, if nothing is wrong"
        if levels
        else ""
    )
    source = f", known from {page.known_from}," if page.known_from else ""
    return f"{within} of {len(rows)} values{source} lie within their intervals{expected}."


def touchpoint_results(row: TouchpointRow) -> Named:
    """Every number of a touchpoint with its name."""
    named: Named = (
        ("Rated low, of all asked", row.product),
        ("Used it", row.usage),
        ("Rated low, of users", row.bottom),
    )
    return named if row.change is None else (*named, ("Change of the first", row.change))


def receipted(page: ReportPage) -> tuple[tuple[str, Named], ...]:
    """Title and numbers of every part of the page whose numbers have receipts."""
    return (
        *((headline.title, headline_results(headline)) for headline in page.every_headline),
        *((f"{known.title}, beside what is known", known_results(known)) for known in page.known),
        *((row.label, touchpoint_results(row)) for row in page.ordered_touchpoints),
        *((grouped.title, (("All groups", grouped.breakdown),)) for grouped in page.every_group),
        *((one.title, (("Result", one.result),)) for one in page.every_result),
    )


def headline_caveats(headline: Headline) -> tuple[Noted, ...]:
    """Caveats of a headline, each once, with the window it is about."""
    return _noted((name, result.notes) for name, result in headline_results(headline))


def touchpoint_caveats(page: ReportPage) -> tuple[Noted, ...]:
    """Caveats of all touchpoints, each once, with the touchpoints it is about."""
    rows = page.ordered_touchpoints
    return _noted(
        (row.label, [c for _, result in touchpoint_results(row) for c in result.notes])
        for row in rows
    )


def told(result: Shape) -> str:
    """A result in one sentence; several in one have a picture and a table of their own."""
    return "" if isinstance(result, Panel) else str(result)


def result_caveats(result: Shape) -> tuple[Noted, ...]:
    """Caveats that no sentence tells already."""
    return tuple(("", caveat) for caveat in result.notes) if isinstance(result, Panel) else ()


def panel_rows(panel: Shape) -> list[tuple[str, Estimate]]:
    """Name and figure of each part of a panel that is one figure; nothing for other shapes."""
    if not isinstance(panel, Panel):
        return []
    parts = ((name.replace("_", " "), panel[name]) for name in panel.names)
    return [(name, part) for name, part in parts if isinstance(part, Estimate)]


def verdict_rows(panel: Shape) -> list[tuple[str, ...]]:
    """What each verdict of a panel says, in words and numbers; nothing for other shapes."""
    if not isinstance(panel, Panel):
        return []
    parts = ((name.replace("_", " "), panel[name]) for name in panel.names)
    return [_verdict_row(name, part) for name, part in parts if isinstance(part, Verdict)]


def _verdict_row(name: str, verdict: Verdict) -> tuple[str, ...]:
    show = numbers_of_change(verdict.comparison)
    word = "" if verdict.unit == "seconds" else f" {show.change_word}"
    return (
        name,
        _DECIDED[verdict.decision],
        show.change(verdict.value) + word,
        show.change_to(verdict.low, verdict.high),
        show.change(verdict.margin).removeprefix("+") + word,
        f"{verdict.n:,} {verdict.receipt.counted}",
    )


def group_caveats(grouped: Grouped) -> tuple[Noted, ...]:
    """Caveats of a breakdown, which says itself how many groups they are about."""
    return tuple(("", caveat) for caveat in grouped.breakdown.caveats)


def groups_left_out(grouped: Grouped, most: int) -> str:
    """Sentence about the groups that a page does not show; empty if it shows all."""
    few, many = grouped.n_hidden, max(len(grouped.shown) - most, 0)
    said = (
        f"{few:,} with fewer than {grouped.min_n:,} {grouped.counted} not shown" if few else "",
        f"{many:,} more in the table of groups" if many else "",
    )
    text = "; ".join(part for part in said if part)
    return f"Groups left out: {text}." if text else ""


def _noted(figures: Iterable[tuple[str, Sequence[Caveat]]]) -> tuple[Noted, ...]:
    known = list(figures)
    found = {caveat: None for _, caveats in known for caveat in caveats}
    return tuple((_where(caveat, known), caveat) for caveat in found)


def _where(caveat: Caveat, figures: Sequence[tuple[str, Sequence[Caveat]]]) -> str:
    names = [name for name, caveats in figures if caveat in caveats]
    if len(names) == len(figures):
        return ""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def quote_facts(quote: Quote, zone: str) -> tuple[str, ...]:
    """What stands under a quote: what it is about, what was asked, the score, the day."""
    facts = (
        quote.touchpoint,
        quote.question,
        _score(quote),
        "" if quote.at is None else day(quote.at, zone),
    )
    return tuple(fact for fact in facts if fact)


def map_cells(drawing: JourneyMap | BlueprintMap) -> tuple[list[str], list[list[str]]]:
    """Heads and cells of a map's table; a figure stands with its unit, as everywhere."""
    made = drawing.table()
    heads = [column.name.replace("_", " ").capitalize() for column in made.columns]
    if "low" not in made.types:
        return heads, [[str(cell or "") for cell in row] for row in made.rows]
    return ["Stage", "Touchpoint", "Figure", "Value", "Interval", "Counted"], [
        _map_figure(row) for row in made.rows
    ]


def _map_figure(row: Sequence[Cell]) -> list[str]:
    *place, value, low, high, unit, n = row
    numbers = [one if isinstance(one, float) else None for one in (value, low, high)]
    if unit == "count":
        return [*map(str, place), f"{numbers[0] or 0:,.0f}", "", f"{n:,}"]
    show = numbers_like(str(unit), *numbers)
    told = f"{show.large(numbers[0])} {show.word}".rstrip()
    return [*map(str, place), told, show.to(*numbers[1:]), f"{n:,}"]


def _score(quote: Quote) -> str:
    if quote.score is None:
        return ""
    name = quote.score_label or "Score"
    if quote.scale is None:
        return f"{name}: {quote.score}"
    return f"{name}: {quote.score} on a scale of {quote.scale.low} to {quote.scale.high}"
