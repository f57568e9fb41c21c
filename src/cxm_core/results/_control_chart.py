"""Control chart: points in time with centre, limits and signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from ._altair import line_chart
from ._caveats import Caveat
from ._estimate import Label, codes_of
from ._frames import Column
from ._plain import as_tuple, finite, plain
from ._plot import draw_line
from ._receipts import Receipt
from ._shape import SCHEMA_VERSION, Shape
from ._show import Format, how_many, label_text, text_table
from ._svg import Bar
from ._svg_line import Course, Level, Point, line_picture
from ._svg_marks import Picture
from ._ticks import Tick

_LAST_POINTS = 8
_MOST_POINTS = 180


@frozen(kw_only=True)
class ChartPoint:
    """One point of a control chart.

    Parameters
    ----------
    at : str or int
        When it was.
    n : int
        Answers behind it.
    value : float
        What is plotted.
    low, high : float or None
        Limits at this point.
    signals : tuple of str
        Rules that it breaks.
    """

    at: Label
    n: int = field(converter=int)
    value: float = field(converter=float)
    low: float | None = field(converter=finite)
    high: float | None = field(converter=finite)
    signals: tuple[str, ...] = field(default=(), converter=as_tuple)


@frozen(kw_only=True, repr=False)
class ControlChart(Shape):
    """A metric period by period, with the limits of what a steady process does by itself.

    Parameters
    ----------
    metric, unit : str
        What was measured, and in which unit.
    kind : {"laney", "p", "xmr", "ewma", "cusum"}
        How the limits were made.
    centre : float
        Centre line, in `unit`.
    points : tuple of ChartPoint
        In order of time.
    baseline : int
        How many points at the start set centre and limits.
    rules : str
        Set of rules that a point can break.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        Definition, denominators and method.

    Examples
    --------
    >>> import cxm_core as cx
    >>> days = [f"day {day:02}" for day in range(30) for _ in range(8)]
    >>> scores = ([10, 9, 9, 8, 7, 10, 9, 3] * 29) + [3] * 8
    >>> cx.control_chart(scores, days, metric="nps", baseline=29, kind="p")
    ControlChart(nps p, centre 50.0 points, 1 signal in 30 points)
    """

    metric: str
    unit: str
    kind: str
    centre: float
    points: tuple[ChartPoint, ...] = field(converter=as_tuple)
    baseline: int
    rules: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    @property
    def signals(self) -> tuple[ChartPoint, ...]:
        """Points that break a rule."""
        return tuple(point for point in self.points if point.signals)

    def __repr__(self) -> str:
        codes = " ".join(f"[{caveat.code}]" for caveat in self.caveats)
        return (
            f"ControlChart({self.metric} {self.kind}, centre {self._format().value(self.centre)}, "
            f"{self._count()} in {how_many(len(self.points), 'points')}{' ' * bool(codes)}{codes})"
        )

    def _count(self) -> str:
        return how_many(len(self.signals), "signals")

    def __str__(self) -> str:
        """One sentence: how many points stand out, and which was the last."""
        last = f", the last at {label_text(self.signals[-1].at)}" if self.signals else ""
        told = (
            f"{self.metric}: {self._count()} in {how_many(len(self.points), 'points')} around "
            f"{self._format().value(self.centre)}{last} "
            f"({self.kind} chart, {self.rules.replace('_', ' ')} rules)"
        )
        return " ".join([f"{told}.", *(caveat.message for caveat in self.caveats)])

    def _title(self) -> str:
        return f"{self.metric}, {self.kind} chart"

    def _format(self) -> Format:
        widths = [p.high - p.low for p in self.points if p.low is not None and p.high is not None]
        return Format.fitting(self.unit, widths)

    def summary(self) -> str:
        """The chart as text for a terminal.

        Returns
        -------
        str
            The centre, the points that stand out, the last points, and the caveats.

        Examples
        --------
        >>> import cxm_core as cx
        >>> days = [f"day {day:02}" for day in range(30) for _ in range(8)]
        >>> scores = ([10, 9, 9, 8, 7, 10, 9, 3] * 29) + [3] * 8
        >>> chart = cx.control_chart(scores, days, metric="nps", baseline=29, kind="p")
        >>> print(chart.summary().splitlines()[1])
        signals: day 29 (beyond_limits)
        """
        headers, rows = self._cells()
        hidden, centre = len(rows) - _LAST_POINTS, self._format().value(self.centre)
        broken = [f"{label_text(p.at)} ({' '.join(p.signals)})" for p in self.signals]
        limits = f"limits from {how_many(self.baseline, 'points')}"
        return "\n".join(
            [
                f"{self._title()}: centre {centre}, {limits}",
                f"signals: {', '.join(broken) or 'none'}",
                *([f"... {how_many(hidden, 'points')} before"] if hidden > 0 else []),
                text_table(headers, rows[-_LAST_POINTS:], left=1),
                *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """The chart as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; one entry a point under ``points``.

        Examples
        --------
        >>> import cxm_core as cx
        >>> chart = cx.control_chart([10, 9, 3, 8], ["a", "a", "b", "b"], metric="nps")
        >>> chart.to_dict()["points"][0]["value"]
        100.0
        """
        named = ("metric", "unit", "kind", "centre", "baseline", "rules")
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "control_chart",
            **{name: plain(getattr(self, name)) for name in named},
            "points": [plain(point) for point in self.points],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        rows = len(self.points)
        numbers: tuple[tuple[str, Any], ...] = (
            ("n", "integer"),
            ("value", "number"),
            ("low", "number"),
            ("high", "number"),
        )
        return [
            Column(name="metric", type="text", values=(self.metric,) * rows),
            Column(name="at", type="text", values=[label_text(p.at) for p in self.points]),
            *(
                Column(name=name, type=kind, values=[getattr(p, name) for p in self.points])
                for name, kind in numbers
            ),
            Column(name="centre", type="number", values=(self.centre,) * rows),
            Column(name="signals", type="text", values=[" ".join(p.signals) for p in self.points]),
            Column(name="unit", type="text", values=(self.unit,) * rows),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),) * rows),
        ]

    def _tick(self) -> Tick | None:
        return self._format().tick

    def _bars(self) -> list[Bar]:
        show = self._format()
        return [
            Bar(
                label=label_text(p.at),
                value=p.value,
                low=p.low,
                high=p.high,
                text=f"{show.value(p.value)} ({show.interval(p.low, p.high)})",
            )
            for p in self.points
        ]

    def _drawn(self, axes: Any) -> Any:
        return draw_line(axes, self._course(), self._title())

    def _charted(self) -> Any:
        return line_chart(self._course(), self._title())

    def _pictures(self) -> dict[str, Picture]:
        return {"line": self._line, "interval": self._interval_picture}

    def _line(self) -> str:
        return line_picture(self._title(), str(self), self._course(), tick=self._format().tick)

    def _course(self) -> Course:
        points = [
            Point(
                label=label_text(p.at),
                value=p.value,
                low=p.low,
                high=p.high,
                flagged=bool(p.signals),
            )
            for p in self.points[-_MOST_POINTS:]
        ]
        text = f"centre {self._format().number(self.centre)}"
        return Course(points=points, levels=[Level(value=self.centre, text=text)])

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        show = self._format()
        rows = [
            [
                label_text(p.at),
                f"{p.n:,}",
                *(show.number(number) for number in (p.value, p.low, p.high)),
                " ".join(p.signals),
            ]
            for p in self.points
        ]
        return ["point", "n", "value", "low", "high", "signals"], rows
