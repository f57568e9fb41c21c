"""How a share grows or falls with time: survival and cumulative incidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from cxm_core.errors import UsageError

from ._caveats import Caveat
from ._estimate import Estimate, Label, bar, codes_of, width
from ._frames import Column
from ._plain import as_tuple, finite, plain
from ._plot import label_times
from ._receipts import Receipt
from ._sentences import estimate_sentence
from ._shape import SCHEMA_VERSION, Shape
from ._show import Format, clean, how_many, label_text, percent, text_table
from ._svg import Bar
from ._svg_curve import Steps, curve_picture
from ._svg_marks import MOST_LABEL, MOST_TEXT, Picture, fitted

CurveKind = Literal["survival", "incidence"]

#: Shares whose times stand for a curve where there is room for few.
QUARTERS = (0.25, 0.5, 0.75, 0.9)
_SHARES = ("value", "low", "high")
_COUNTS = ("at_risk", "events")
_same = cmp_using(eq=lambda a, b: np.array_equal(a, b, equal_nan=True))


def _floats(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


@frozen(kw_only=True, repr=False)
class Curve(Shape):
    """A share over time, with its band: how many are still waiting, or how many are done.

    Parameters
    ----------
    metric : str
        What was measured.
    kind : {"survival", "incidence"}
        Share that is not over yet, which falls from 1; or share that ended so, which grows from 0.
    times : float64 array (points,)
        Times at which the share changes, in `unit`, growing.
    value, low, high : float64 arrays (points,)
        Share from each time on, and its band; NaN where a limit is not reached.
    at_risk, events : float64 arrays (points,)
        How many were still waiting just before each time, and how many ended at it.
    until : float
        Longest time that was observed: nothing is known beyond it.
    n : int
        How many there were.
    confidence_level : float in (0, 1)
        Nominal coverage of the band at each time by itself.
    method : str
        Name of the band's method.
    unit : str
        Unit of the times, such as ``seconds``.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        How it was made.
    axes, group : tuple
        What it was broken down by, and which group this is; empty for all.

    Examples
    --------
    >>> receipt = Receipt(engine="waits", method="log-log", confidence_level=0.95)
    >>> curve = Curve(
    ...     metric="waits", kind="survival", times=[60, 120], value=[0.5, 0.2], low=[0.3, 0.1],
    ...     high=[0.7, 0.4], at_risk=[10, 5], events=[5, 3], until=300, n=10,
    ...     confidence_level=0.95, method="log-log", unit="seconds", receipt=receipt,
    ... )
    >>> curve.at(90).value, curve.quantile(0.4).value
    (0.5, 60.0)
    """

    metric: str
    kind: CurveKind
    times: NDArray[np.float64] = field(converter=_floats, eq=_same)
    value: NDArray[np.float64] = field(converter=_floats, eq=_same)
    low: NDArray[np.float64] = field(converter=_floats, eq=_same)
    high: NDArray[np.float64] = field(converter=_floats, eq=_same)
    at_risk: NDArray[np.float64] = field(converter=_floats, eq=_same)
    events: NDArray[np.float64] = field(converter=_floats, eq=_same)
    until: float = field(converter=float)
    n: int = field(converter=int)
    confidence_level: float
    method: str
    unit: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt
    axes: tuple[str, ...] = ()
    group: tuple[Label, ...] = ()

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable
    __iter__ = None  # so that fields can be added

    def __attrs_post_init__(self) -> None:
        lengths = {len(getattr(self, name)) for name in ("times", *_SHARES, *_COUNTS)}
        if len(lengths) > 1:
            raise UsageError(f"The arrays of a curve have {len(lengths)} different lengths.")

    def __len__(self) -> int:
        return len(self.times)

    def at(self, time: float) -> Estimate:
        """Share at one time.

        Parameters
        ----------
        time : float
            In `unit`, not negative.

        Returns
        -------
        Estimate
            Share from 0 to 1; no value beyond the longest time that was observed, unless all were
            over by then.

        Raises
        ------
        UsageError
            The time is negative or no number.

        Examples
        --------
        >>> import cxm_core as cx
        >>> from datetime import UTC, datetime, timedelta
        >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
        >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened, start=1)]
        >>> curve = cx.resolution_curve({"occurred_at": opened, "solved_at": solved})
        >>> round(curve.at(10 * 3600).value, 3)
        0.75
        """
        if not time >= 0:
            raise UsageError("A time on a curve is a number that is not negative.")
        if not self.n or (time > self.until and not self._is_over()):
            return self._estimate((None, None, None), "share", caveat="not_reached")
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            start = 1.0 if self.kind == "survival" else 0.0
            return self._estimate((start, start, start), "share")
        value, low, high = (finite(getattr(self, name)[place]) for name in _SHARES)
        return self._estimate((value, low, high), "share")

    def quantile(self, q: float = 0.5) -> Estimate:
        """Time by which a share of all has ended.

        Parameters
        ----------
        q : float in (0, 1)
            The share.

        Returns
        -------
        Estimate
            In `unit`; no value, or no upper limit, where the curve or its band does not get there.

        Raises
        ------
        UsageError
            `q` is not in (0, 1).

        Notes
        -----
        The time at which the curve first reaches the share; where it stays just there for a while,
        the middle of that, as medians usually do. Its limits are the times at which the band
        reaches it, which needs no other formula than the band's own.

        References
        ----------
        .. [1] Brookmeyer, R. and Crowley, J., A confidence interval for the median survival time,
           1982, Biometrics 38, 29-41.

        Examples
        --------
        >>> import cxm_core as cx
        >>> from datetime import UTC, datetime, timedelta
        >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
        >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened, start=1)]
        >>> curve = cx.resolution_curve({"occurred_at": opened, "solved_at": solved})
        >>> curve.quantile(0.9).value / 3600
        36.5
        """
        if not 0.0 < q < 1.0:
            raise UsageError(f"q is {q!r}, and must lie between 0 and 1.", hint="0.5 is the median")
        ended = {name: self._ended(name) for name in _SHARES}
        early, late = ("low", "high") if self.kind == "survival" else ("high", "low")
        value = self._halfway(ended["value"], q)
        limits = (self._first(ended[early], q), self._first(ended[late], q))
        lacking = None in (value, *limits)
        return self._estimate((value, *limits), self.unit, caveat="not_reached" if lacking else "")

    def _is_over(self) -> bool:
        """Whether nobody is left who could still end, so that the share stays as it is."""
        return bool(len(self) and self.at_risk[-1] - self.events[-1] <= 1e-9 * self.at_risk[-1])

    def _ended(self, name: str) -> NDArray[np.float64]:
        shares: NDArray[np.float64] = getattr(self, name)
        return 1.0 - shares if self.kind == "survival" else shares

    def _first(self, ended: NDArray[np.float64], q: float) -> float | None:
        """First time at which a share has ended; None if there is none."""
        # Shares are products of many fractions: what differs by rounding alone is the same.
        reached = np.flatnonzero(ended >= q - 1e-12)
        return float(self.times[reached[0]]) if reached.size else None

    def _halfway(self, ended: NDArray[np.float64], q: float) -> float | None:
        """Where a share is just reached, the middle of the time for which it stays there."""
        first = self._first(ended, q)
        beyond = np.flatnonzero(ended > q + 1e-12)
        if first is None or not beyond.size or abs(ended[beyond[0] - 1] - q) > 1e-12:
            return first
        return (first + float(self.times[beyond[0]])) / 2 if beyond[0] else first

    def _estimate(
        self, numbers: tuple[float | None, float | None, float | None], unit: str, caveat: str = ""
    ) -> Estimate:
        value, low, high = numbers
        extra = (Caveat.of(caveat),) if caveat else ()
        return Estimate(
            metric=self.metric,
            value=value,
            low=low,
            high=high,
            confidence_level=self.confidence_level,
            method=self.method,
            n=self.n,
            unit=unit,
            caveats=tuple(dict.fromkeys((*self.caveats, *extra))),
            receipt=self.receipt,
            axes=self.axes,
            group=self.group,
        )

    def __repr__(self) -> str:
        codes = "".join(f" [{caveat.code}]" for caveat in self.caveats)
        facts = f"{how_many(len(self), 'times')}, {self._middle()}, n={self.n:,}"
        return f"Curve({self._title()}: {facts}{codes})"

    def __str__(self) -> str:
        """One sentence: the median, how sure it is, and the caveats."""
        median = evolve(self.quantile(0.5), metric=f"{self.metric}, median time,")
        return estimate_sentence(median, _format(median))

    def _title(self) -> str:
        named = zip(self.axes, self.group, strict=True)
        return " ".join([self.metric, *(f"{clean(a)}={label_text(g)}" for a, g in named)])

    def _middle(self) -> str:
        median = self.quantile(0.5)
        show = _format(median)
        return f"median {show.value(median.value)}, {percent(self.confidence_level)} interval " + (
            show.limits(median.value, median.low, median.high)
        )

    def summary(self) -> str:
        """The curve as text for a terminal.

        Returns
        -------
        str
            The times by which a quarter, half, three quarters and nine in ten have ended.

        Examples
        --------
        >>> import cxm_core as cx
        >>> from datetime import UTC, datetime, timedelta
        >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
        >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened, start=1)]
        >>> curve = cx.resolution_curve({"occurred_at": opened, "solved_at": solved})
        >>> print(curve.summary().splitlines()[3])
        25% of all  10.5 hours  5.0 to 16.0 hours
        """
        headers, rows = self._cells()
        return "\n".join(
            [
                f"{self._title()}, {percent(self.confidence_level)} interval, method {self.method}",
                text_table(headers, rows, left=1),
                f"n {self.n:,}",
                *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """The curve as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; one entry a time under ``points``.

        Examples
        --------
        >>> import cxm_core as cx
        >>> from datetime import UTC, datetime, timedelta
        >>> opened = [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 40
        >>> solved = [at + timedelta(hours=i) for i, at in enumerate(opened, start=1)]
        >>> curve = cx.resolution_curve({"occurred_at": opened, "solved_at": solved})
        >>> curve.to_dict()["points"][0]["time"]
        3600.0
        """
        named = zip(self.axes, self.group, strict=True)
        names = ("times", *_SHARES, *_COUNTS)
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "curve",
            "metric": self.metric,
            "kind": self.kind,
            "group": [{"axis": axis, "label": label} for axis, label in named],
            "unit": self.unit,
            "until": finite(self.until),
            "n": self.n,
            "confidence_level": self.confidence_level,
            "method": self.method,
            "points": [
                {name.removesuffix("s") if name == "times" else name: plain(v) for name, v in row}
                for row in self._points(names)
            ],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _points(self, names: Sequence[str]) -> list[list[tuple[str, Any]]]:
        arrays = [getattr(self, name).tolist() for name in names]
        return [list(zip(names, row, strict=True)) for row in zip(*arrays, strict=True)]

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        names = ("times", *_SHARES, *_COUNTS)
        arrays = [(name, getattr(self, name)) for name in names]
        text = (self.metric,) * len(self)
        return [
            Column(name="metric", type="text", values=text),
            *(
                Column(
                    name="time" if name == "times" else name,
                    type="number",
                    values=tuple(finite(v) for v in values),
                )
                for name, values in arrays
            ),
            Column(name="unit", type="text", values=(self.unit,) * len(self)),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),) * len(self)),
        ]

    def _bars(self) -> list[Bar]:
        found = [(q, self.quantile(q)) for q in QUARTERS]
        return [bar(_by(q), one, _format(one)) for q, one in found]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        found = [(_by(q), self.quantile(q)) for q in QUARTERS]
        shown = [(by, e, _format(e)) for by, e in found]
        # Each row has a unit of its own, and so each limit has it too.
        rows = [
            [by, show.value(e.value), show.limits(None, e.low, e.high)] for by, e, show in shown
        ]
        return ["ended", "after", f"{percent(self.confidence_level)} interval"], rows

    def _pictures(self) -> dict[str, Picture]:
        return {"curve": self._curve_picture, **super()._pictures()}

    def _curve_picture(self) -> str:
        steps = Steps(
            times=self.times.tolist(),
            value=[finite(v) for v in self.value],
            low=[finite(v) for v in self.low],
            high=[finite(v) for v in self.high],
            start=1.0 if self.kind == "survival" else 0.0,
            until=self._shown(),
            told=[(fitted(b.label, MOST_LABEL), fitted(b.text, MOST_TEXT)) for b in self._bars()],
        )
        tick = self._axis_format(steps.until).tick
        return curve_picture((self._title(), str(self)), steps, tick=tick)

    def _shown(self) -> float:
        """End of the axis: a long flat end says nothing, and leaves no room for what does."""
        return min(self.until, 1.5 * float(self.times[-1])) if self.times.size else self.until

    def _axis_format(self, until: float) -> Format:
        """An axis of time is read in what suits its length, whatever the median is told in."""
        return Format.fitting(self.unit, [], values=[until])

    def _drawn(self, axes: Any) -> Any:
        axes.step(self.times, self.value, where="post")
        axes.fill_between(self.times, self.low, self.high, step="post", alpha=0.2)
        axes.set_title(self._title())
        end = self._shown()
        label_times(axes, (0.0, end), self._axis_format(end).tick)
        axes.set_ylim(0, 1)
        return axes


def _format(time: Estimate) -> Format:
    """Each time in what suits it: a quarter may be over in minutes, and the rest take days."""
    known = [time.value, time.low, time.high]
    return Format.fitting(time.unit, [width(time.low, time.high)], values=known)


def _by(q: float) -> str:
    return f"{percent(q)} of all"
