"""What an interval says about a margin: alike, different, or not known yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from attrs import evolve, field, frozen

from ._caveats import Caveat
from ._comparison import Comparison
from ._estimate import Estimate, codes_of, width
from ._frames import Column
from ._plain import as_tuple, plain
from ._receipts import Receipt
from ._shape import SCHEMA_VERSION, Shape
from ._show import Format, how_many, percent, words_for
from ._sides import SideNames, told_of
from ._svg import Bar
from ._ticks import Tick

Decision = Literal["equivalent", "different", "undecided"]

_UNDECIDED = "not known yet"
_WORDS = {
    "equivalent": "alike within the margin",
    "different": "different by more than the margin",
    "undecided": f"{_UNDECIDED} whether they are alike",
}
_NUMBERS: tuple[tuple[str, Any], ...] = (
    ("decision", "text"),
    ("margin", "number"),
    ("value", "number"),
    ("low", "number"),
    ("high", "number"),
    ("confidence_level", "number"),
    ("method", "text"),
    ("unit", "text"),
    ("n", "integer"),
    ("more", "number"),
)


@frozen(kw_only=True, repr=False)
class Verdict(Shape):
    """Whether two sides are alike within a margin. True only if they are.

    Parameters
    ----------
    decision : {"equivalent", "different", "undecided"}
        Alike within the margin; apart by more than it; or neither is shown.
    comparison : Comparison
        The difference, with the interval that decided: at a lower level than `confidence_level`,
        because each of its two limits is a test by itself.
    margin : float
        Differences smaller than this do not matter, in `unit`.
    confidence_level : float in (0, 1)
        One less the chance of calling sides alike that are not.
    more : int or None
        About how many more answers in all would decide that they are alike, if the difference
        stays as it is; None if no number would, or none is needed.
    method : str
        How it was decided.
    caveats : tuple of Caveat
        Those of both sides.
    receipt : Receipt
        How it was decided; each side has a receipt of its own.

    Examples
    --------
    >>> import cxm_core as cx
    >>> verdict = cx.equivalent([10, 9, 8, 3] * 500, [10, 9, 8, 3] * 500, metric="nps", margin=10)
    >>> verdict.decision, bool(verdict)
    ('equivalent', True)
    """

    decision: Decision
    comparison: Comparison
    margin: float
    confidence_level: float
    more: int | None = None
    method: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    def __bool__(self) -> bool:
        return self.decision == "equivalent"

    @property
    def metric(self) -> str:
        """What was compared."""
        return self.comparison.metric

    @property
    def unit(self) -> str:
        """Unit of the metric."""
        return self.comparison.unit

    @property
    def value(self) -> float | None:
        """Second side less the first."""
        return self.comparison.value

    @property
    def low(self) -> float | None:
        """Lower limit of the interval that decided."""
        return self.comparison.low

    @property
    def high(self) -> float | None:
        """Upper limit of the interval that decided."""
        return self.comparison.high

    @property
    def n(self) -> int:
        """Answers on both sides."""
        return self.comparison.n

    @property
    def effective_n(self) -> float | None:
        """Answers of two simple samples that both sides together are worth."""
        return self.comparison.effective_n

    @property
    def standard_error(self) -> float | None:
        """Of the difference, in `unit`."""
        return self.comparison.standard_error

    @property
    def sides(self) -> tuple[Estimate, Estimate]:
        """What was compared."""
        return self.comparison.before, self.comparison.after

    @property
    def side_names(self) -> SideNames | None:
        """What the two sides are called by their groups or windows; None if nothing names both."""
        return self.comparison.side_names

    def __repr__(self) -> str:
        show = self._format()
        codes = "".join(f" [{caveat.code}]" for caveat in self.caveats)
        return (
            f"Verdict({self.metric} {self.decision}: {self._difference()} "
            f"{show.value(self.value)}, {percent(self.comparison.confidence_level)} interval "
            f"{show.limits(self.value, self.low, self.high)}, margin {self._margin()}, "
            f"n={self.n:,}{codes})"
        )

    def __str__(self) -> str:
        """One sentence to act on."""
        show = self._format()
        facts = (
            f"{self._difference()} {show.value(self.value)}, "
            f"{percent(self.comparison.confidence_level)} confidence interval "
            f"{show.limits(self.value, self.low, self.high)}, margin {self._margin()}, "
            f"{how_many(self.n, self.receipt.counted)}, method {self.method}"
        )
        what = self.receipt.counted
        more = (
            ""
            if self.more is None
            else f", and about {self.more:,} more {words_for(self.more, what)} may tell"
        )
        head = f"By {self.metric} {self._decided()}{more} ({facts})."
        notes = (f"{side}: {one.message}" if side else one.message for side, one in self._told())
        return " ".join([head, *(note[:1].upper() + note[1:] for note in notes)])

    def _told(self) -> list[tuple[str, Caveat]]:
        return told_of(evolve(self.comparison, caveats=self.caveats))

    def _decided(self) -> str:
        names = self.side_names and " and ".join(self.side_names[::-1])
        if self.decision == "undecided":
            return f"it is {_UNDECIDED} whether {names or 'they'} are alike"
        return f"{names or 'the two sides'} are {_WORDS[self.decision]}"

    def _difference(self) -> str:
        if self.side_names is None:
            return "difference"
        first, second = self.side_names
        return f"difference of {second} less {first}"

    def _format(self) -> Format:
        widths = [width(self.low, self.high)]
        return Format.fitting(self.unit, widths, values=[self.value], is_change=True)

    def _margin(self) -> str:
        show = self._format()
        return show.value(self.margin).removeprefix("+")

    def _title(self) -> str:
        names = self.side_names
        sides = "" if names is None else f", {names[1]} less {names[0]},"
        return f"difference of {self.metric}{sides} against a margin of {self._margin()}"

    def summary(self) -> str:
        """The verdict as text for a terminal.

        Returns
        -------
        str
            The decision, the difference with its interval, and the two figures.

        Examples
        --------
        >>> import cxm_core as cx
        >>> verdict = cx.equivalent([10, 9, 3] * 40, [10, 8, 3] * 40, metric="nps", margin=5)
        >>> print(verdict.summary().splitlines()[0])
        different: different by more than the margin
        """
        told = _WORDS[self.decision] if self.side_names is None else self._decided()
        lines = [f"{self.decision}: {told}"]
        if self.more is not None:
            what = words_for(self.more, self.receipt.counted)
            lines.append(f"about {self.more:,} more {what} in all may tell")
        return "\n".join([*lines, f"margin {self._margin()}", self.comparison.summary()])

    def to_dict(self) -> dict[str, Any]:
        """The verdict as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; the comparison in full.

        Examples
        --------
        >>> import cxm_core as cx
        >>> verdict = cx.equivalent([10, 9, 3] * 40, [10, 9, 3] * 40, metric="nps", margin=50)
        >>> verdict.to_dict()["decision"]
        'equivalent'
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "verdict",
            "metric": self.metric,
            "decision": self.decision,
            "margin": plain(self.margin),
            "more": self.more,
            "confidence_level": self.confidence_level,
            "method": self.method,
            "sides": plain(self.side_names),
            "comparison": self.comparison.to_dict(),
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        names = self.side_names or (None, None)
        return [
            Column(name="metric", type="text", values=(self.metric,)),
            *(
                Column(name=name, type="text", values=(side,))
                for name, side in zip(("first", "second"), names, strict=True)
            ),
            *(Column(name=n, type=t, values=(getattr(self, n),)) for n, t in _NUMBERS),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),)),
        ]

    def _has_zero(self) -> bool:
        return True

    def _tick(self) -> Tick | None:
        return None if self.value is None else self._format().tick

    def _bars(self) -> list[Bar]:
        show, limit = self._format(), self._margin()
        text = f"{show.value(self.value)} ({show.limits(self.value, self.low, self.high)})"
        label = self._difference().removeprefix("difference of ")
        return [
            Bar(label=label, value=self.value, low=self.low, high=self.high, text=text),
            Bar(
                label="margin",
                value=0.0,
                low=-self.margin,
                high=self.margin,
                text=f"within {limit}: alike",
            ),
        ]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        show = self._format()
        level = percent(self.comparison.confidence_level)
        headers = ["decision", self._difference(), f"{level} interval", "margin", "n"]
        interval = show.limits(self.value, self.low, self.high)
        return headers, [
            [self.decision, show.value(self.value), interval, self._margin(), f"{self.n:,}"]
        ]
