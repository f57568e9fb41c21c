"""Between what a metric lies, whatever those who stayed silent would have said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from ._caveats import Caveat
from ._estimate import codes_of
from ._frames import Column
from ._plain import as_tuple, finite, plain
from ._receipts import Receipt
from ._shape import SCHEMA_VERSION, Shape
from ._show import Format, how_many, percent, text_table
from ._svg import Bar

_NUMBERS = ("value", "low", "high", "lowest", "highest", "response_rate")


@frozen(kw_only=True, repr=False)
class Bounds(Shape):
    """A metric of those who answered, and of everybody, whatever the silent would have said.

    Parameters
    ----------
    metric, unit : str
        What was measured, and in what.
    value : float or None
        Among those who answered.
    lowest, highest : float or None
        Among all who were asked, if the silent all chose the worst or all the best.
    low, high : float or None
        The same with the doubt of the sample: limits that hold for everybody.
    confidence_level : float in (0, 1)
        Nominal coverage of `low` and `high`.
    response_rate : float
        Share of those asked who answered.
    n : int
        Answers.
    against : float or None
        What the figure is held against.
    silent : float or None
        What the silent would have to score for the finding to fall; None if it stands whatever
        they say, or if there is none.
    gap : float or None
        `silent` less `value`: the bias that would overturn the finding.
    verdict : {"none", "open", "can fall", "stands"}
        Nothing to hold against; not even the answers differ from it; the silent could overturn the
        finding; they could not.
    method : str
        How the bounds were found.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        Of the figure among those who answered.

    Examples
    --------
    >>> import cxm_core as cx
    >>> score = cx.nps([10, 9, 9, 8, 7, 3] * 20)
    >>> cx.response_bounds(score, asked=300, against=0)
    Bounds(nps of all asked between -46.7 and 73.3 points, 40% answered, n=120, can fall)
    """

    metric: str
    unit: str
    value: float | None = field(converter=finite)
    lowest: float | None = field(converter=finite)
    highest: float | None = field(converter=finite)
    low: float | None = field(converter=finite)
    high: float | None = field(converter=finite)
    confidence_level: float
    response_rate: float
    n: int
    against: float | None = field(default=None, converter=finite)
    silent: float | None = field(default=None, converter=finite)
    gap: float | None = field(default=None, converter=finite)
    verdict: str = "none"
    method: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    def __repr__(self) -> str:
        told = "" if self.verdict == "none" else f", {self.verdict}"
        codes = "".join(f" [{caveat.code}]" for caveat in self.caveats)
        return f"Bounds({self._between()}, {self._answered()}, n={self.n:,}{told}{codes})"

    def __str__(self) -> str:
        """One sentence: the bounds, and what the silent would have to say to overturn a finding."""
        notes = "".join(f" {caveat.message}" for caveat in self.caveats)
        finding = f" {self._finding()}" if self.verdict != "none" else ""
        answers = how_many(self.n, "answers")
        return f"{self._between()}, for {self._answered()} ({answers}).{finding}{notes}"

    def _format(self) -> Format:
        return Format.fitting(self.unit, [])

    def _between(self) -> str:
        show = self._format()
        if self.lowest is None or self.highest is None:
            return f"{self.metric} of all asked has no value"
        ends = f"{show.number(self.lowest)} and {show.value(self.highest)}"
        return f"{self.metric} of all asked between {ends}"

    def _answered(self) -> str:
        return f"{percent(round(self.response_rate, 4))} answered"

    def _finding(self) -> str:
        show = self._format()
        if self.verdict == "open":
            return f"Not even those who answered differ from {show.value(self.against)} for sure."
        if self.silent is None:
            return (
                f"That {self._side()} {show.value(self.against)} stands, whatever the silent say."
            )
        return (
            f"That {self._side()} {show.value(self.against)} falls if the silent score "
            f"{show.value(self.silent)} or {'less' if (self.gap or 0) < 0 else 'more'}."
        )

    def _side(self) -> str:
        return "it lies above" if (self.value or 0) > (self.against or 0) else "it lies below"

    def summary(self) -> str:
        """The bounds as text for a terminal.

        Returns
        -------
        str
            Those who answered, everybody, and what would overturn the finding.

        Examples
        --------
        >>> import cxm_core as cx
        >>> score = cx.nps([10, 9, 9, 8, 7, 3] * 20)
        >>> print(cx.response_bounds(score, asked=300, against=0).summary())
        nps of all asked between -46.7 and 73.3 points
        who                      value   from  to
        -----------------------  -----  -----  ----
        those who answered        33.3
        all asked                    -  -46.7  73.3
        with the sample's doubt      -  -55.8  79.5
        40% answered, 120 answers, 95% level, method worst case
        That it lies above 0.0 points falls if the silent score -12.9 points or less.
        """
        headers, rows = self._cells()
        facts = (
            f"{self._answered()}, {how_many(self.n, 'answers')}, "
            f"{percent(self.confidence_level)} level, method {self.method}"
        )
        return "\n".join(
            [
                self._between(),
                text_table(headers, rows, left=1),
                facts,
                *([self._finding()] if self.verdict != "none" else []),
                *(f"{caveat.code}: {caveat.message}" for caveat in self.caveats),
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """The bounds as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first; a number that is not there is None.

        Examples
        --------
        >>> import cxm_core as cx
        >>> score = cx.nps([10, 9, 9, 8, 7, 3] * 20)
        >>> cx.response_bounds(score, asked=300).to_dict()["response_rate"]
        0.4
        """
        names = ("against", "silent", "gap", "verdict", "method")
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "bounds",
            "metric": self.metric,
            "unit": self.unit,
            **{name: plain(getattr(self, name)) for name in _NUMBERS},
            "confidence_level": self.confidence_level,
            "n": self.n,
            **{name: plain(getattr(self, name)) for name in names},
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _title(self) -> str:
        return f"{self.metric} and those who stayed silent"

    def _columns(self) -> list[Column]:
        return [
            Column(name="metric", type="text", values=(self.metric,)),
            *(Column(name=n, type="number", values=(getattr(self, n),)) for n in _NUMBERS),
            Column(name="n", type="integer", values=(self.n,)),
            Column(name="against", type="number", values=(self.against,)),
            Column(name="silent", type="number", values=(self.silent,)),
            Column(name="gap", type="number", values=(self.gap,)),
            Column(name="verdict", type="text", values=(self.verdict,)),
            Column(name="unit", type="text", values=(self.unit,)),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),)),
        ]

    def _bars(self) -> list[Bar]:
        show = self._format()
        value = Bar(
            label="those who answered",
            value=self.value,
            low=self.value,
            high=self.value,
            text=show.value(self.value),
        )
        ends = (("all asked", self.lowest, self.highest), ("with doubt", self.low, self.high))
        return [
            value,
            *(
                Bar(label=name, value=self.value, low=a, high=b, text=show.interval(a, b))
                for name, a, b in ends
            ),
        ]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        show = self._format()
        return ["who", "value", "from", "to"], [
            ["those who answered", show.number(self.value), "", ""],
            ["all asked", "-", show.number(self.lowest), show.number(self.highest)],
            ["with the sample's doubt", "-", show.number(self.low), show.number(self.high)],
        ]
