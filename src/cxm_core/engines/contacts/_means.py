"""Mean of a number over issues, each customer a cluster."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable
from cxm_core.engines.feedback import ratio
from cxm_core.results import Caveat, Estimate

from ._looking import UNKNOWN, Looking, Result, noted, quick, stamps

_NUMBER, _ONE = "@number_of_issue", "@one_of_issue"
_WORDS = {"no_answers": "nothing_counted"}


@frozen(kw_only=True)
class Mean:
    """A number of each issue, and what its mean is called.

    Parameters
    ----------
    metric : str
        Name of the figure.
    values : float64 array (issues,)
        The numbers; not a number where none is known.
    unit : str
        What they are told in.
    """

    metric: str
    values: NDArray[np.float64]
    unit: str


def mean_of(issues: LogTable, mean: Mean, looking: Looking, **asked: Any) -> Result:
    """Mean of a number over the issues that have one, and whose time to look forward is over."""
    opened = stamps(issues.column("opened_at"))
    is_asked, is_over = looking.is_counted(opened), looking.is_over(opened)
    is_told = np.isfinite(mean.values)
    keep = is_asked & is_over & is_told
    number = Column(values=np.where(keep, mean.values, 0.0), is_missing=~keep)
    ones = Column(values=np.ones(keep.size), is_missing=np.zeros(keep.size, bool))
    whole = LogTable(columns={**issues.columns, _NUMBER: number, _ONE: ones})
    found: Result = ratio(whole, (_NUMBER, _ONE), unit=mean.unit, **quick(asked))
    n_open = int((is_asked & ~is_over).sum())
    left_out = {
        "not asked for": int((~is_asked).sum()),
        UNKNOWN: n_open,
        "not recorded": int((is_asked & is_over & ~is_told).sum()),
    }
    receipt = evolve(
        found.receipt,
        engine=mean.metric,
        counted="issues",
        parameters=(*issues.parameters, ("unit", mean.unit)),
        steps=(*issues.steps, ("issues", len(issues)), ("counted", int(keep.sum()))),
        exclusions=(*issues.exclusions, *((why, n) for why, n in left_out.items() if n)),
    )
    told = evolve(found, metric=mean.metric, receipt=receipt)
    return noted(_noted(told, issues), "open_windows", n_open)


def _noted(result: Result, table: LogTable) -> Result:
    extra = tuple(Caveat.of(code, count=count) for code, count in table.notes)
    if isinstance(result, Estimate):
        return evolve(result, caveats=(*_worded(result.caveats), *extra))
    each = tuple((*_worded(caveats), *extra) for caveats in result.group_caveats)
    return evolve(result, group_caveats=each)


def _worded(caveats: tuple[Caveat, ...]) -> tuple[Caveat, ...]:
    """Caveats in words that fit whatever was counted."""
    return tuple(Caveat.of(_WORDS[c.code]) if c.code in _WORDS else c for c in caveats)
