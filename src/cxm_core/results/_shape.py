"""What every result can do, whatever its shape."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

from attrs import evolve, fields

from cxm_core.errors import UsageError, did_you_mean

from ._altair import rows_chart
from ._caveats import Caveat
from ._frames import Backend, Column, arrow_stream, to_frame
from ._plain import encodable
from ._plot import draw, new_axes
from ._receipts import Receipt
from ._show import html_table
from ._svg import MOST_BARS, Bar, picture
from ._svg_marks import Picture
from ._ticks import Tick

#: Raised when a key of `to_dict` or `to_json` is renamed or changes its meaning.
SCHEMA_VERSION = 1

#: Rows that a terminal or a notebook shows of a long result.
MOST_ROWS = 40


class ConfidenceInterval(NamedTuple):
    """Two limits: numbers for one result, arrays for a breakdown; None or NaN if not reached."""

    low: Any
    high: Any


class Shape(ABC):
    """Base of all results: text, table, picture, frame, JSON from one description of itself."""

    __slots__ = ()

    receipt: Receipt

    @abstractmethod
    def _notes(self) -> tuple[Caveat, ...]: ...

    @abstractmethod
    def summary(self) -> str:
        """Return the result as text for a terminal."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return the result as a plain mapping."""

    @abstractmethod
    def _title(self) -> str: ...

    @abstractmethod
    def _columns(self) -> list[Column]: ...

    @abstractmethod
    def _bars(self) -> list[Bar]: ...

    @abstractmethod
    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]: ...

    def _has_zero(self) -> bool:
        return False

    @property
    def title(self) -> str:
        """What the result is about, in a few words."""
        return self._title()

    @property
    def notes(self) -> tuple[Caveat, ...]:
        """What a reader should know before acting on it: every caveat, once."""
        return self._notes()

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        headers, rows = self._cells()
        hidden = len(rows) - MOST_ROWS
        notes = [f"... and {hidden:,} more groups"] if hidden > 0 else []
        notes += [f"{caveat.code}: {caveat.message}" for caveat in self._notes()]
        return html_table(self._title(), headers, rows[:MOST_ROWS], notes)

    def to_json(self) -> str:
        """The result as strict JSON.

        Returns
        -------
        str
            Keys in a stable order, with ``schema_version``; a number that is not there is null.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.nps([10, 9, 8, 3]).to_json()[:52]
        '{"schema_version": 1, "shape": "estimate", "metric":'
        """
        return encodable(json.dumps(self.to_dict(), allow_nan=False, ensure_ascii=False))

    def to_frame(self, backend: Backend | None = None) -> Any:
        """The result as a frame of a library that you have.

        Parameters
        ----------
        backend : {"polars", "pandas", "pyarrow"} or None
            Library of the frame; None for the first of these that is installed.

        Returns
        -------
        frame
            One row a group, or one row in all.

        Raises
        ------
        UsageError
            There is no such backend, or it is not installed.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.nps([10, 9, 8, 3]).to_frame("pandas")["n"].tolist()
        [4]
        """
        return to_frame(self._columns(), backend)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return arrow_stream(self._columns(), requested_schema)

    def _tick(self) -> Tick | None:
        """Writer of an axis' numbers; None for a picture without an axis."""
        return None

    def _pictures(self) -> dict[str, Picture]:
        """Kind of picture -> what draws it; the usual one first."""
        return {"interval": self._interval_picture}

    def _interval_picture(self) -> str:
        bars = self._bars()
        told = "; ".join(f"{bar.label}: {bar.text}" for bar in bars[:MOST_BARS])
        return picture(self._title(), told, bars, zero=self._has_zero(), tick=self._tick())

    def svg(self, kind: str | None = None) -> str:
        """The result as a picture: dots and intervals, the figures printed beside them.

        Parameters
        ----------
        kind : str or None
            ``"interval"`` has every number; a comparison also comes as ``"slope"``, groups as
            ``"caterpillar"``, two groups as ``"slope"`` and periods as ``"line"``.
            None for the usual one of this result.

        Returns
        -------
        str
            One ``<svg>`` element with a title and a description for screen readers; it takes the
            page's text colour.

        Raises
        ------
        UsageError
            There is no such picture of this result.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.nps([10, 9, 8, 3]).svg().startswith("<svg")
        True
        """
        return _chosen(self._pictures(), kind)()

    def with_receipt(self, **facts: Any) -> Self:
        """The same result with more facts in its receipt: where the data came from, and when.

        Parameters
        ----------
        **facts : fields of Receipt
            Such as ``window``, ``sources`` or ``definition``.

        Returns
        -------
        result
            Equal in all but the receipt.

        Raises
        ------
        UsageError
            A receipt has no such field.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.nps([10, 9, 8, 3]).with_receipt(definition="relationship").receipt.definition
        'relationship'
        """
        names = [f.name for f in fields(Receipt)]
        for fact in facts:
            if fact not in names:
                raise UsageError(
                    f"A receipt has no field {fact!r}.", hint=did_you_mean(fact, names)
                )
        return evolve(self, receipt=evolve(self.receipt, **facts))  # type: ignore[misc]  # every shape is an attrs class

    def plot(self, ax: Any = None) -> Any:
        """The result on matplotlib's axes.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.

        Raises
        ------
        UsageError
            `ax` is None and matplotlib is not installed.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.nps([10, 9, 8, 3]).plot(ax=axes) is axes  # doctest: +SKIP
        True
        """
        return self._drawn(new_axes() if ax is None else ax)

    def _drawn(self, axes: Any) -> Any:
        return draw(axes, self._bars(), self._title(), self._tick())

    def chart(self) -> Any:
        """The result as a chart of Altair, to change and to combine.

        Returns
        -------
        altair.LayerChart
            With the numbers inside it, at most 100 rows of them; what goes on over time is a line.

        Raises
        ------
        MissingExtraError
            The extra ``charts`` is not installed.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.nps([10, 9, 8, 3]).chart().to_dict()["layer"]  # doctest: +SKIP
        """
        return self._charted()

    def _charted(self) -> Any:
        return rows_chart(self._bars()[:MOST_BARS], self._title(), self._tick())


def _chosen(pictures: dict[str, Picture], kind: str | None) -> Callable[[], str]:
    if kind is None:
        return next(iter(pictures.values()))
    if kind not in pictures:
        raise UsageError(
            f"There is no picture {kind!r} of this result.", hint=did_you_mean(str(kind), pictures)
        )
    return pictures[kind]
