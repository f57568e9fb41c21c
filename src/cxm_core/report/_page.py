"""What a report shows, as one document: whoever fills it needs no arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import field, frozen, validators

from cxm_core.errors import UsageError
from cxm_core.results import Breakdown, Comparison, Estimate, Shape, SyncReceipt
from cxm_core.vocabulary import Scale, zone_of

if TYPE_CHECKING:
    from ._blueprint_map import BlueprintMap
    from ._journey_map import JourneyMap

from ._better import Better
from ._words import group_label

__all__ = [
    "Better",
    "Chapter",
    "Definition",
    "Grouped",
    "Headline",
    "Known",
    "KnownRow",
    "QuarantineCount",
    "Quote",
    "ReportPage",
    "Titled",
    "TouchpointRow",
    "Wave",
    "page_of",
]


def _tuple(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(items)


@frozen(kw_only=True)
class Wave:
    """One window's figure of a metric.

    Parameters
    ----------
    label : str
        What people call the window, such as ``2018``.
    estimate : Estimate
        The figure.
    """

    label: str
    estimate: Estimate


@frozen(kw_only=True)
class Headline:
    """One metric at the top of the report, over its windows.

    Parameters
    ----------
    title : str
        Name of the metric.
    waves : tuple of Wave
        Oldest first; the last one is shown large.
    change : Comparison or None
        The last wave against an earlier one.
    is_weighted : bool or None
        Whether answers count by their weight; None where they do so in some of the waves only.
    outcome : str
        What the metric stands for, such as coming back.
    question : str
        Wording that was answered.
    journey, owner : str
        Journey it belongs to, and who answers for it.
    better : {"higher", "lower"}
        Which way is good news.
    """

    title: str
    waves: tuple[Wave, ...] = field(converter=_tuple, validator=validators.min_len(1))
    change: Comparison | None = None
    is_weighted: bool | None = False
    outcome: str = ""
    question: str = ""
    journey: str = ""
    owner: str = ""
    better: Better = "higher"

    @property
    def counted(self) -> str:
        """What its figures count: answers, tickets, issues."""
        return self.waves[-1].estimate.receipt.counted


@frozen(kw_only=True)
class TouchpointRow:
    """How many customers a touchpoint reaches, and how many it disappoints.

    Parameters
    ----------
    label : str
        Name of the touchpoint.
    usage : Estimate
        Share of all customers asked who used it.
    bottom : Estimate
        Share of those who used it whose rating is in the two lowest levels.
    product : Estimate
        Share of all customers asked who used it and rated it in the two lowest levels.
    change : Comparison or None
        `product` against an earlier window.
    question : str
        Wording that was answered.
    """

    label: str
    usage: Estimate
    bottom: Estimate
    product: Estimate
    change: Comparison | None = None
    question: str = ""


@frozen(kw_only=True)
class Grouped:
    """One metric over groups.

    Parameters
    ----------
    title : str
        What is broken down by what.
    breakdown : Breakdown
        The figures.
    note : str
        One sentence for the reader.
    min_n : int
        A group with fewer answers is shown nowhere, only counted.
    """

    title: str
    breakdown: Breakdown
    note: str = ""
    min_n: int = 0

    @property
    def counted(self) -> str:
        """What its figures count: answers, tickets, issues."""
        return self.breakdown.receipt.counted

    @property
    def shown(self) -> tuple[int, ...]:
        """Places of the groups that have enough answers."""
        return tuple(place for place, n in enumerate(self.breakdown.n) if n >= self.min_n)

    @property
    def n_hidden(self) -> int:
        """How many groups have too few answers."""
        return len(self.breakdown) - len(self.shown)


@frozen(kw_only=True)
class KnownRow:
    """One measured figure, and the same figure as it is known from elsewhere.

    Parameters
    ----------
    label : str
        Window and group of the figure.
    estimate : Estimate
        What was measured.
    known : float
        What is known, in the estimate's unit.
    """

    label: str
    estimate: Estimate
    known: float

    @property
    def is_within(self) -> bool | None:
        """Whether the known value lies within the interval; None if there is no interval."""
        low, high = self.estimate.low, self.estimate.high
        return None if low is None or high is None else low <= self.known <= high


@frozen(kw_only=True)
class Known:
    """One metric beside what is known of it from elsewhere.

    Parameters
    ----------
    title : str
        Name of the metric.
    rows : tuple of KnownRow
        In the order to show.
    """

    title: str
    rows: tuple[KnownRow, ...] = field(converter=_tuple, validator=validators.min_len(1))


@frozen(kw_only=True)
class Quote:
    """What one customer said, in their own words.

    Parameters
    ----------
    text : str
        The words, as they were given; no `repr` shows them.
    question : str
        What was asked.
    score : int or None
        Score that the same customer gave, on `scale`.
    scale : Scale or None
        Scale of the score.
    score_label : str
        What the score answers, such as ``Likelihood to recommend``.
    at : datetime or None
        When it was said.
    touchpoint : str
        Touchpoint it is about.
    """

    text: str = field(repr=False)
    question: str = ""
    score: int | None = None
    scale: Scale | None = None
    score_label: str = ""
    at: datetime | None = None
    touchpoint: str = ""


@frozen(kw_only=True)
class QuarantineCount:
    """How many records were set aside for one reason.

    Parameters
    ----------
    reason : str
        Reason code.
    count : int
        Records that are set aside now.
    streams : tuple of str
        Streams they came from.
    meaning : str
        The reason as a sentence; empty for the usual one.
    """

    reason: str
    count: int
    streams: tuple[str, ...] = field(default=(), converter=_tuple)
    meaning: str = ""


@frozen(kw_only=True)
class Definition:
    """What a word or a metric of the report means.

    Parameters
    ----------
    term : str
        The word.
    text : str
        What it means.
    version : int or None
        Version of a metric's definition.
    definition_hash : str
        Its hash.
    """

    term: str
    text: str
    version: int | None = None
    definition_hash: str = ""


@frozen(kw_only=True)
class Titled:
    """A result of any shape, under what people call it.

    Parameters
    ----------
    title : str
        What it is about.
    result : result
        The result.
    """

    title: str
    result: Shape


@frozen(kw_only=True)
class Chapter:
    """What one log tells: its tickets, its issues, or one journey.

    Parameters
    ----------
    title : str
        What it is about; empty where the heading of its part says so.
    lede : str
        One sentence for the reader.
    drawings : tuple of JourneyMap and BlueprintMap
        The journey as a map, with what was measured on it, and how the service behind it is made.
    headlines : tuple of Headline
        Its figures, in the order to show.
    groups : tuple of Grouped
        The same over groups.
    results : tuple of Titled
        Whatever else was measured: curves, matrices, panels.
    notes : tuple of str
        Sentences about what could not be measured, and why.
    """

    title: str = ""
    lede: str = ""
    drawings: tuple[JourneyMap | BlueprintMap, ...] = field(default=(), converter=_tuple)
    headlines: tuple[Headline, ...] = field(default=(), converter=_tuple)
    groups: tuple[Grouped, ...] = field(default=(), converter=_tuple)
    results: tuple[Titled, ...] = field(default=(), converter=_tuple)
    notes: tuple[str, ...] = field(default=(), converter=_tuple)


@frozen(kw_only=True)
class ReportPage:
    """One report: headlines, touchpoints, words of customers, and what they rest on.

    Parameters
    ----------
    title, subtitle : str
        What the report is about.
    generated_at : datetime
        Aware; shown in `zone`.
    zone : str
        IANA name of the time zone in which instants are shown.
    language : str
        Language of the report's own words, as a BCP 47 tag.
    program, program_hash : str
        Name and hash of the program that asked for it; empty without one.
    headlines : tuple of Headline
        In the order to show.
    known : tuple of Known
        Metrics beside what is known of them.
    known_from : str
        Where that is known from.
    touchpoints : tuple of TouchpointRow
        In any order: the report sorts them by `product`, largest first.
    touchpoint_window : str
        Window of their figures.
    groups : tuple of Grouped
        Further metrics over groups.
    tickets, effort, journeys : tuple of Chapter
        What the logs tell.
    results : tuple of results
        Results of other shapes, such as waterfalls, in the order to show.
    quotes : tuple of Quote
        In the order to show.
    completeness : tuple of SyncReceipt
        Last sync of each stream that was read.
    quarantine : tuple of QuarantineCount
        What is set aside, by reason.
    definitions : tuple of Definition
        Words that the reader may look up.

    Raises
    ------
    UsageError
        `generated_at` has no zone, or `zone` or `language` is none.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.report import ReportPage, to_markdown
    >>> page = ReportPage(title="This week", generated_at=datetime(2026, 11, 21, tzinfo=UTC))
    >>> print(to_markdown(page).splitlines()[0])
    # This week
    """

    title: str
    generated_at: datetime
    subtitle: str = ""
    zone: str = "UTC"
    language: str = field(default="en", validator=validators.matches_re("[A-Za-z0-9-]{1,35}"))
    program: str = ""
    program_hash: str = ""
    headlines: tuple[Headline, ...] = field(default=(), converter=_tuple)
    known: tuple[Known, ...] = field(default=(), converter=_tuple)
    known_from: str = ""
    touchpoints: tuple[TouchpointRow, ...] = field(default=(), converter=_tuple)
    touchpoint_window: str = ""
    groups: tuple[Grouped, ...] = field(default=(), converter=_tuple)
    tickets: tuple[Chapter, ...] = field(default=(), converter=_tuple)
    effort: tuple[Chapter, ...] = field(default=(), converter=_tuple)
    journeys: tuple[Chapter, ...] = field(default=(), converter=_tuple)
    results: tuple[Shape, ...] = field(default=(), converter=_tuple)
    quotes: tuple[Quote, ...] = field(default=(), converter=_tuple)
    completeness: tuple[SyncReceipt, ...] = field(default=(), converter=_tuple)
    quarantine: tuple[QuarantineCount, ...] = field(default=(), converter=_tuple)
    definitions: tuple[Definition, ...] = field(default=(), converter=_tuple)

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)
        at: object = self.generated_at
        if not isinstance(at, datetime) or at.tzinfo is None:
            raise UsageError(
                "generated_at of a report has no time zone.", hint="datetime.now(tz=UTC)"
            )

    @property
    def ordered_touchpoints(self) -> tuple[TouchpointRow, ...]:
        """Touchpoints, the one that disappoints most of all customers first."""
        return tuple(sorted(self.touchpoints, key=_by_product))

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """What the logs tell: tickets, effort, and each journey."""
        return (*self.tickets, *self.effort, *self.journeys)

    @property
    def every_headline(self) -> tuple[Headline, ...]:
        """Headlines at the top and in the chapters."""
        return (*self.headlines, *(one for part in self.chapters for one in part.headlines))

    @property
    def every_group(self) -> tuple[Grouped, ...]:
        """Figures over groups, of answers and in the chapters."""
        return (*self.groups, *(one for part in self.chapters for one in part.groups))

    @property
    def further(self) -> tuple[Titled, ...]:
        """Results of other shapes that stand after all chapters."""
        return tuple(Titled(title=result.title, result=result) for result in self.results)

    @property
    def every_result(self) -> tuple[Titled, ...]:
        """Results of other shapes, in the chapters and after them."""
        return (*(one for part in self.chapters for one in part.results), *self.further)


def _by_product(row: TouchpointRow) -> tuple[bool, float, str]:
    value = row.product.value
    return (value is None, -(value or 0.0), row.label)


def page_of(results: Iterable[Shape], *, title: str, now: datetime) -> ReportPage:
    """Report of results that were made by hand, without a program or a store.

    Parameters
    ----------
    results : iterable of results
        In the order to show; estimates and comparisons become headlines, breakdowns groups.
    title : str
        What the report is about.
    now : datetime
        Aware; when the report is made.

    Returns
    -------
    ReportPage
        Ready for `to_html`, `to_markdown` and `to_tables`.

    Raises
    ------
    UsageError
        One of the results is something else.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import cxm_core as cx
    >>> from cxm_core.report import page_of
    >>> now = datetime(2026, 11, 21, tzinfo=UTC)
    >>> page = page_of([cx.nps([10, 9, 8, 3])], title="This week", now=now)
    >>> page.headlines[0].waves[0].estimate.value
    25.0
    """
    given: object = results
    shown = list(given) if isinstance(given, Iterable) else [given]
    strange = sum(not isinstance(r, Shape) for r in shown)
    if strange:
        raise UsageError(
            f"{strange} of {len(shown)} results of the report are no results.",
            hint="what a function of this library gives, such as an Estimate",
        )
    return ReportPage(
        title=title,
        generated_at=now,
        headlines=[_headline(r) for r in shown if isinstance(r, Estimate | Comparison)],
        groups=[_grouped(r) for r in shown if isinstance(r, Breakdown)],
        results=[r for r in shown if not isinstance(r, Estimate | Comparison | Breakdown)],
    )


def _headline(result: Estimate | Comparison) -> Headline:
    sides = (result,) if isinstance(result, Estimate) else (result.before, result.after)
    weighted = ["weights" in side.receipt.design for side in sides]
    is_weighted = weighted[0] if len(set(weighted)) == 1 else None
    if isinstance(result, Estimate):
        wave = _wave(result, ", ".join(map(group_label, result.group)) or "all answers")
        return Headline(title=result.title, waves=(wave,), is_weighted=is_weighted)
    first, second = result.side_names or ("before", "after")
    waves = (_wave(result.before, first), _wave(result.after, second))
    title = result.metric if result.change_word == "change" else result.title
    return Headline(title=title, waves=waves, is_weighted=is_weighted, change=result)


def _wave(estimate: Estimate, otherwise: str) -> Wave:
    window = estimate.receipt.window
    return Wave(label=window.told if window else otherwise, estimate=estimate)


_POOLED = (
    "Each group is drawn towards the common value of all groups: the fewer {} it has, the further. "
    "Shrinkage is the share of that way."
)


def _grouped(result: Breakdown) -> Grouped:
    name = f"{'pooled ' * result.is_pooled}{result.metric} by {' and '.join(result.axes)}"
    note = _POOLED.format(result.receipt.counted) if result.is_pooled else ""
    return Grouped(title=name, breakdown=result, note=note)
