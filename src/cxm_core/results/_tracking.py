"""Tracking: what a series of looks says, at whatever look one stops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from ._altair import line_chart
from ._caveats import Caveat
from ._estimate import Label, codes_of, width
from ._frames import Column
from ._plain import as_tuple, finite, plain
from ._plot import draw_line
from ._receipts import Receipt
from ._shape import SCHEMA_VERSION, Shape
from ._show import Format, how_many, label_text, percent, text_table, words_for
from ._svg import Bar
from ._svg_line import Course, Level, Point, line_picture
from ._svg_marks import Picture
from ._ticks import Tick

TrackVerdict: TypeAlias = Literal["CHANGED", "SAME WITHIN", "KEEP WATCHING"]

#: Points that a picture has room for.
_MOST_POINTS = 180
_LAST_LOOKS = 8
# Limits this many times as wide as the last ones would leave no room for these.
_WIDEST = 6.0

_LOOK_NUMBERS: tuple[tuple[str, Any], ...] = (
    ("n", "integer"),
    ("value", "number"),
    ("total", "integer"),
    ("running", "number"),
    ("low", "number"),
    ("high", "number"),
    ("fixed_low", "number"),
    ("fixed_high", "number"),
    ("evidence", "number"),
)


@frozen(kw_only=True)
class Look:
    """One look: what came with it, and what was known after it.

    Parameters
    ----------
    at : str or int
        When it was.
    n : int
        Answers that came with it.
    value : float or None
        The metric of these alone.
    total : int
        Answers so far.
    running : float or None
        The metric of all so far.
    low, high : float or None
        Limits of `running` that hold at every look at once; None where there are none yet.
    fixed_low, fixed_high : float or None
        Limits of `running` that hold if this is the only look ever taken.
    evidence : float or None
        Of the change detector; None without a baseline.
    """

    at: Label
    n: int = field(converter=int)
    value: float | None = field(converter=finite)
    total: int = field(converter=int)
    running: float | None = field(converter=finite)
    low: float | None = field(converter=finite)
    high: float | None = field(converter=finite)
    fixed_low: float | None = field(converter=finite)
    fixed_high: float | None = field(converter=finite)
    evidence: float | None = field(default=None, converter=finite)


@frozen(kw_only=True)
class Baseline:
    """What the looks are compared with, frozen before the first of them.

    Parameters
    ----------
    value : float
        In the metric's unit.
    low, high : float
        Its interval; both equal `value` if it is known.
    n : int or None
        Answers behind it; None if it is known.
    """

    value: float
    low: float
    high: float
    n: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether it is a number without doubt."""
        return self.low == self.high


@frozen(kw_only=True, repr=False)
class Tracking(Shape):
    """Looks at one metric over time, and a verdict that holds whenever one stops looking.

    Parameters
    ----------
    metric, unit : str
        What was measured, and in which unit.
    verdict : {"CHANGED", "SAME WITHIN", "KEEP WATCHING"}
        What may be said after the last look.
    margin : float or None
        Difference that would not matter, in `unit`.
    more : int or None
        About how many more answers will settle it; None if it is settled, or nobody can say.
    value : float or None
        Difference from the baseline so far; without a baseline, the metric so far.
    low, high : float or None
        Limits of `value` that hold at every look at once.
    fixed_low, fixed_high : float or None
        Limits of `value` that hold if the last look is the only one ever taken.
    confidence_level : float in (0, 1)
        Nominal coverage of both.
    method, fixed_method : str
        Names of the two methods.
    baseline : Baseline or None
        What the looks are compared with.
    looks : tuple of Look
        In order of time.
    changed_at : label or None
        First look at which the sequence ruled out "no change".
    alarm_at, since : label or None
        First alarm of the change detector, and when the change most likely began.
    average_run_length : float or None
        Looks that pass on average, at least, before a false alarm of the detector.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        Definition, denominators and method.

    Examples
    --------
    >>> import cxm_core as cx
    >>> months = [f"2026-{month:02}" for month in range(1, 7) for _ in range(100)]
    >>> cx.track([10, 9, 8, 3] * 150, months, metric="nps", baseline=60.0).verdict
    'CHANGED'
    """

    metric: str
    unit: str
    verdict: TrackVerdict
    margin: float | None = field(default=None, converter=finite)
    more: int | None = None
    value: float | None = field(converter=finite)
    low: float | None = field(converter=finite)
    high: float | None = field(converter=finite)
    fixed_low: float | None = field(converter=finite)
    fixed_high: float | None = field(converter=finite)
    confidence_level: float
    method: str
    fixed_method: str
    baseline: Baseline | None = None
    looks: tuple[Look, ...] = field(converter=as_tuple)
    changed_at: Label = None
    alarm_at: Label = None
    since: Label = None
    average_run_length: float | None = field(default=None, converter=finite)
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    @property
    def n(self) -> int:
        """Answers of all looks."""
        return self.looks[-1].total if self.looks else 0

    @property
    def is_difference(self) -> bool:
        """Whether `value` is a difference from a baseline."""
        return self.baseline is not None

    def __repr__(self) -> str:
        show, codes = self._format(), " ".join(f"[{caveat.code}]" for caveat in self.caveats)
        return (
            f"Tracking({self.metric} {self._said()}, {show.value(self.value)}, "
            f"{percent(self.confidence_level)} at every look "
            f"{show.limits(self.value, self.low, self.high)}, n={self.n:,} in "
            f"{how_many(len(self.looks), 'looks')}"
            f"{' ' * bool(codes)}{codes})"
        )

    def _said(self) -> str:
        """Verdict with what belongs to it."""
        if self.verdict == "SAME WITHIN":
            margin = Format(self.unit, 1, self.is_difference).value(self.margin)
            return f"{self.verdict} {margin.removeprefix('+')}"
        if self.verdict == "CHANGED":
            first = self.changed_at if self.changed_at is not None else self.alarm_at
            return f"{self.verdict} at {label_text(first)}"
        return self.verdict + (
            f" (about {self.more:,} more {words_for(self.more, 'answers')})" if self.more else ""
        )

    def _alarmed(self) -> str:
        """What the detector saw, where it says more than the verdict."""
        if self.alarm_at is None:
            return ""
        since = f"the change detector puts the start at about {label_text(self.since)}"
        if self.changed_at is not None:
            return f"; {since}"
        return f"; {since}, which the value of all looks together does not show yet"

    def __str__(self) -> str:
        """One sentence: the verdict, the difference, and how sure it is at every look."""
        show = self._format()
        told = (
            f"{self.metric}: {self._said()}; {self._named()} {show.value(self.value)} "
            f"({percent(self.confidence_level)} confidence interval that holds at every look "
            f"{show.interval(self.low, self.high)}, method {self.method}, "
            f"{how_many(self.n, 'answers')} in {how_many(len(self.looks), 'looks')})"
            f"{self._alarmed()}"
        )
        return " ".join([f"{told}.", *(caveat.message for caveat in self.caveats)])

    def _named(self) -> str:
        if self.baseline is None:
            return "the value so far is"
        shown = self._format().of_values
        return f"the difference from the baseline of {shown.value(self.baseline.value)} is"

    def _format(self) -> Format:
        widths = [width(self.low, self.high), width(self.fixed_low, self.fixed_high)]
        return Format.fitting(self.unit, widths, is_change=self.is_difference)

    def _title(self) -> str:
        return f"{self.metric} watched"

    def summary(self) -> str:
        """The tracking as text for a terminal.

        Returns
        -------
        str
            The verdict, both intervals by their names, the last looks, and the caveats.

        Examples
        --------
        >>> import cxm_core as cx
        >>> months = [f"2026-{month:02}" for month in range(1, 4) for _ in range(100)]
        >>> print(cx.track([10, 9, 8, 3] * 75, months, metric="nps", baseline=25.0).summary())
        nps watched: KEEP WATCHING
        difference from the baseline of 25.0 points: 0.0 points
        95% interval at every look -16.8 to +15.7, method betting
        95% interval for one look -9.6 to +9.1, method score
        detector: no alarm; false ones at least 10,000 looks apart on average
        look       n  value  so far   low  high
        -------  ---  -----  ------  ----  ----
        2026-01  100   25.0    25.0  -4.4  51.1
        2026-02  100   25.0    25.0   4.3  44.0
        2026-03  100   25.0    25.0   8.2  40.7
        """
        headers, rows = self._cells()
        hidden = len(rows) - _LAST_LOOKS
        return "\n".join(
            [
                f"{self._title()}: {self._said()}",
                *self._facts(),
                *([f"... {how_many(hidden, 'looks')} before"] if hidden > 0 else []),
                text_table(headers, rows[-_LAST_LOOKS:], left=1),
                *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
            ]
        )

    def _facts(self) -> list[str]:
        show, level = self._format(), percent(self.confidence_level)
        bars = self._bars()
        against = self._named().removeprefix("the ").removesuffix(" is")
        lines = [
            f"{against}: {show.value(self.value)}",
            f"{level} interval {bars[0].label} {bars[0].text}, method {self.method}",
            f"{level} interval {bars[1].label} {bars[1].text}, method {self.fixed_method}",
        ]
        if self.average_run_length is None:
            return lines
        found = "no alarm"
        if self.alarm_at is not None:
            found = f"alarm at {label_text(self.alarm_at)}, since about {label_text(self.since)}"
        rate = f"false ones at least {self.average_run_length:,.0f} looks apart on average"
        return [*lines, f"detector: {found}; {rate}"]

    def to_dict(self) -> dict[str, Any]:
        """The tracking as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; one entry a look under ``looks``.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.track([10, 9, 3], ["a", "a", "b"], metric="nps").to_dict()["looks"][0]["n"]
        2
        """
        named = (
            *("metric", "unit", "verdict", "margin", "more", "value", "low", "high"),
            *("fixed_low", "fixed_high", "confidence_level", "method", "fixed_method"),
            *("baseline", "changed_at", "alarm_at", "since", "average_run_length"),
        )
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "tracking",
            **{name: plain(getattr(self, name)) for name in named},
            "looks": [plain(look) for look in self.looks],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        rows = len(self.looks)
        return [
            Column(name="metric", type="text", values=(self.metric,) * rows),
            Column(name="at", type="text", values=[label_text(look.at) for look in self.looks]),
            *(
                Column(name=name, type=kind, values=[getattr(look, name) for look in self.looks])
                for name, kind in _LOOK_NUMBERS
            ),
            Column(name="unit", type="text", values=(self.unit,) * rows),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),) * rows),
        ]

    def _has_zero(self) -> bool:
        return self.is_difference

    def _tick(self) -> Tick | None:
        return self._format().tick

    def _bars(self) -> list[Bar]:
        show = self._format()
        both = (
            ("at every look", self.low, self.high),
            ("for one look", self.fixed_low, self.fixed_high),
        )
        return [
            Bar(label=label, value=self.value, low=low, high=high, text=show.interval(low, high))
            for label, low, high in both
        ]

    def _drawn(self, axes: Any) -> Any:
        return draw_line(axes, self._course(), self._title())

    def _charted(self) -> Any:
        return line_chart(self._course(), self._title())

    def _pictures(self) -> dict[str, Picture]:
        return {"line": self._line, "interval": self._interval_picture}

    def _line(self) -> str:
        show = self._format().of_values
        return line_picture(self._title(), str(self), self._course(), tick=show.tick)

    def _course(self) -> Course:
        looks = self._settled()
        every = -(-len(looks) // _MOST_POINTS)
        # The last look is always among those that are drawn.
        shown = looks[::-1][:: max(every, 1)][::-1]
        points = [
            Point(
                label=label_text(look.at),
                value=look.running,
                low=look.fixed_low,
                high=look.fixed_high,
                outer_low=look.low,
                outer_high=look.high,
                flagged=self._rules_out(look),
            )
            for look in shown
        ]
        return Course(points=points, levels=self._levels())

    def _settled(self) -> tuple[Look, ...]:
        """Looks from the first on whose limits leave room to see the last ones."""
        widths = [width(look.low, look.high) for look in self.looks]
        last = widths[-1] if widths else None
        if not last:
            return self.looks
        near = [w is None or w <= _WIDEST * last for w in widths]
        flagged = [self._rules_out(look) for look in self.looks]
        start = next(i for i in range(len(near)) if near[i] or flagged[i])
        return self.looks[start:]

    def _rules_out(self, look: Look) -> bool:
        if self.baseline is None or look.low is None or look.high is None:
            return False
        return look.low > self.baseline.high or look.high < self.baseline.low

    def _levels(self) -> list[Level]:
        if self.baseline is None:
            return []
        show = self._format().of_values
        known = Level(
            value=self.baseline.value, text=f"baseline {show.number(self.baseline.value)}"
        )
        if self.baseline.is_known:
            return [known]
        ends = (self.baseline.low, self.baseline.high)
        return [known, *(Level(value=end, text=f"its limit {show.number(end)}") for end in ends)]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        show = self._format().of_values
        rows = [
            [
                label_text(look.at),
                f"{look.n:,}",
                *(show.number(getattr(look, x)) for x in ("value", "running", "low", "high")),
            ]
            for look in self.looks
        ]
        return ["look", "n", "value", "so far", "low", "high"], rows
