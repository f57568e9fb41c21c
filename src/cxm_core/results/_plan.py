"""How many answers it takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, Literal

from attrs import field, frozen

from cxm_core.errors import UsageError

from ._caveats import Caveat
from ._estimate import codes_of
from ._frames import Column
from ._plain import as_tuple, plain
from ._receipts import Receipt
from ._shape import SCHEMA_VERSION, Shape
from ._show import Format, how_many, percent
from ._svg import Bar
from ._ticks import Tick

Goal = Literal["half_width", "difference", "equivalence"]

_ASKED = {
    "half_width": "know {metric} by an interval {width} wide",
    "difference": "show a difference of {target} in {metric}",
    "equivalence": "show that two sides are alike in {metric} within {target}",
}


@frozen(kw_only=True)
class Scenario:
    """The plan if answers differ more, or less, than was thought.

    Parameters
    ----------
    name : str
        What is taken to hold.
    spread : float
        Standard deviation of a single answer, in the unit of the metric.
    n : int
        Answers on each side.
    target : float
        Half-width, difference or margin, in the unit of the metric.
    power : float or None
        Chance of showing it.
    """

    name: str
    spread: float
    n: int
    target: float
    power: float | None = None


@frozen(kw_only=True, repr=False)
class Plan(Shape):
    """How many answers a question takes, or what a number of answers can show.

    Parameters
    ----------
    metric : str
        What will be measured.
    unit : str
        Unit of the metric.
    goal : {"half_width", "difference", "equivalence"}
        What is wanted.
    target : float
        Half-width, difference or margin, in `unit`.
    n : int
        Answers on each side; customers, if the same ones answer twice.
    sides : int
        1 for a single figure, 2 for a comparison.
    power : float or None
        Chance of showing it; None for a half-width.
    confidence_level : float in (0, 1)
        Nominal coverage.
    design_effect : float
        Answers for one of a simple sample.
    correlation : float or None
        Of a customer's two answers, if the same ones answer twice.
    scenarios : tuple of Scenario
        The same with answers that differ a tenth less, as was thought, and a tenth more.
    method : str
        How it was found.
    caveats : tuple of Caveat
        What to know before acting on it.
    receipt : Receipt
        What was assumed.

    Examples
    --------
    >>> import cxm_core as cx
    >>> plan = cx.plan("csat", half_width=0.05, expected=0.8)
    >>> plan.n, plan.duration(per_day=20)
    (246, 13)
    """

    metric: str
    unit: str
    goal: Goal
    target: float
    n: int
    sides: int
    power: float | None
    confidence_level: float
    design_effect: float = 1.0
    correlation: float | None = None
    scenarios: tuple[Scenario, ...] = field(converter=as_tuple)
    method: str
    caveats: tuple[Caveat, ...] = field(default=(), converter=as_tuple)
    receipt: Receipt

    @property
    def total(self) -> int:
        """Answers on all sides together."""
        return self.n * self.sides

    @property
    def spread(self) -> float:
        """Standard deviation of a single answer that was taken to hold, in `unit`."""
        return self.scenarios[len(self.scenarios) // 2].spread

    def duration(self, *, per_day: float, response_rate: float = 1.0) -> int:
        """Days until the answers are in.

        Parameters
        ----------
        per_day : float
            Customers who can be asked in a day, on all sides together.
        response_rate : float in (0, 1]
            Share of them who answer.

        Returns
        -------
        int
            Whole days.

        Raises
        ------
        UsageError
            Nobody can be asked, or the response rate lies outside 0 to 1.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.plan("csat", half_width=0.05, expected=0.8).duration(per_day=100, response_rate=0.2)
        13
        """
        if not per_day > 0 or not 0 < response_rate <= 1:
            raise UsageError(
                f"With {per_day!r} asked a day of whom {response_rate!r} answer, it never ends.",
                hint="per_day=40, response_rate=0.2",
            )
        return ceil(self.total / (per_day * response_rate))

    def __repr__(self) -> str:
        codes = "".join(f" [{caveat.code}]" for caveat in self.caveats)
        return f"Plan({self._asked()}: n={self.n:,}{' on each side' * (self.sides > 1)}{codes})"

    def __str__(self) -> str:
        """One sentence to act on."""
        who = "customers who answer twice" if self.correlation is not None else "answers"
        where = " on each side" if self.sides > 1 and self.correlation is None else ""
        chance = "" if self.power is None else f" with power {percent(round(self.power, 3))}"
        head = (
            f"To {self._asked()} at {percent(self.confidence_level)}{chance}, "
            f"{self.n:,} {who} are needed{where}"
        )
        counts = [scenario.n for scenario in self.scenarios]
        if min(counts) != max(counts):
            reach = f"{min(counts):,} to {max(counts):,}"
            head += f" ({reach} if answers differ a tenth less or more)"
        return " ".join([f"{head}.", *(caveat.message for caveat in self.caveats)])

    def _asked(self) -> str:
        target, width = self._target(self.target), self._target(2.0 * self.target)
        return _ASKED[self.goal].format(metric=self.metric, target=target, width=width)

    def _target(self, target: float) -> str:
        return Format.fitting(self.unit, [2.0 * target], is_change=True).value(target).lstrip("+")

    def _title(self) -> str:
        return f"plan to {self._asked()}"

    def summary(self) -> str:
        """The plan as text for a terminal.

        Returns
        -------
        str
            The sentence, and what was assumed.

        Examples
        --------
        >>> import cxm_core as cx
        >>> print(cx.plan("csat", half_width=0.05, expected=0.8).summary().splitlines()[0])
        To know csat by an interval 10.0 percentage points wide at 95%, 246 answers are needed \
(200 to 297 if answers differ a tenth less or more).
        """
        spreads = ", ".join(
            f"{s.name}: {how_many(s.n, 'answers')}, {self._target(s.target)}"
            for s in self.scenarios
        )
        facts = [f"design effect {self.design_effect:g}", f"method {self.method}"]
        if self.correlation is not None:
            facts.insert(1, f"correlation {self.correlation:g}")
        return "\n".join([str(self), spreads, ", ".join(facts)])

    def to_dict(self) -> dict[str, Any]:
        """The plan as a plain mapping.

        Returns
        -------
        dict
            Stable keys, ``schema_version`` first.

        Examples
        --------
        >>> import cxm_core as cx
        >>> cx.plan("csat", half_width=0.05, expected=0.8).to_dict()["n"]
        246
        """
        names = ("metric", "unit", "goal", "target", "n", "sides", "total", "power")
        more = ("confidence_level", "spread", "design_effect", "correlation", "method")
        return {
            "schema_version": SCHEMA_VERSION,
            "shape": "plan",
            **{name: plain(getattr(self, name)) for name in (*names, *more)},
            "scenarios": [plain(scenario) for scenario in self.scenarios],
            "caveats": [caveat.to_dict() for caveat in self.caveats],
            "receipt": self.receipt.to_dict(),
        }

    def _notes(self) -> tuple[Caveat, ...]:
        return self.caveats

    def _columns(self) -> list[Column]:
        rows = self.scenarios
        types: dict[str, Any] = {"name": "text", "n": "integer"}
        return [
            Column(name="metric", type="text", values=(self.metric,) * len(rows)),
            *(
                Column(name=n, type=types.get(n, "number"), values=[getattr(s, n) for s in rows])
                for n in ("name", "spread", "n", "target", "power")
            ),
            Column(name="unit", type="text", values=(self.unit,) * len(rows)),
            Column(name="caveats", type="text", values=(codes_of(self.caveats),) * len(rows)),
        ]

    def _has_zero(self) -> bool:
        return True

    def _tick(self) -> Tick | None:
        return Tick("{:,.0f}".format, least=1.0)

    def _bars(self) -> list[Bar]:
        return [
            Bar(label=s.name, value=s.n, low=0.0, high=s.n, text=how_many(s.n, "answers"))
            for s in self.scenarios
        ]

    def _cells(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        rows = [
            [
                s.name,
                self._target(s.target),
                f"{s.n:,}",
                "-" if s.power is None else f"{s.power:.2f}",
            ]
            for s in self.scenarios
        ]
        return ["if answers differ", self.goal.replace("_", " "), "n", "power"], rows
