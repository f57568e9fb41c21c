"""Weights that make a sample agree with what is known of all customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from cxm_core.columns import Crossed, read_crossed, read_numbers
from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Margin, Receipt, Weighting
from cxm_core.stats import Label, Raked, rake
from cxm_core.vocabulary import takes

from ._known_margins import Margins, Matched, Size, margin_names, matched, totals_of

_HIGH_COST = 2.0
# Fewer rows than this have no spread of their own to speak of.
_THIN = 5


@takes(max_weight="number?", max_rounds="whole")
def weigh(
    sample: object,
    population: object,
    *,
    margins: Margins,
    weights: Any = None,
    max_weight: float | None = None,
    max_rounds: int = 1000,
) -> Weighting:
    """Weights that give each kind of customer the share that it has among all customers.

    Parameters
    ----------
    sample : table
        One row for each who answered, with the margins as columns.
    population : mapping of margin to mapping of category to number, or table
        How many customers there are of each category, or their shares; or a table with one row for
        each customer there is.
    margins : column name, or list of column names and tuples of them
        What to weigh to. A tuple crosses its columns: ``[("region", "plan")]`` weighs to every
        combination of the two, whose categories are tuples as well.
    weights : sequence, column name or None
        Weights to start from, such as those of the drawing; equal ones if None.
    max_weight : float or None
        Largest weight, as a multiple of the mean one; what lies above is cut and the rest weighed
        again. None for no limit.
    max_rounds : int
        Rounds of raking after which to give up.

    Returns
    -------
    Weighting
        Give it as ``weights=``; caveats tell if a total could not be met, or weights were cut.

    Raises
    ------
    UsageError
        A category of the sample is not in the population or the reverse, a number is not above
        zero, or two margins are of different populations.

    Notes
    -----
    One margin is post-stratification; several are met by raking.
    The error of a weighted figure is then that of what the margins do not explain: residuals are
    regressed on the margins, with the weights from before the fit [2]_.
    Weigh the rows that answered: rows without an answer would count in the margins.
    A ratio of two sums and a quantile take the weights as given, which is cautious as a rule.

    References
    ----------
    .. [1] Deming, W. and Stephan, F., On a least squares adjustment of a sampled frequency table,
       1940, Annals of Mathematical Statistics 11, 427-444.
    .. [2] Deville, J.-C. and Sarndal, C.-E., Calibration estimators in survey sampling, 1992,
       Journal of the American Statistical Association 87, 376-382.

    Examples
    --------
    >>> import cxm_core as cx
    >>> sample = {"region": ["N", "N", "N", "S"] * 30, "score": [10, 9, 8, 3] * 30}
    >>> weighting = cx.weigh(sample, {"region": {"N": 5000, "S": 5000}}, margins="region")
    >>> cx.nps(sample, "score").value, round(cx.nps(sample, "score", weights=weighting).value, 1)
    (25.0, -16.7)
    """
    names = margin_names(margins)
    drawn = read_crossed(sample, names, what="the sample")
    totals = totals_of(population, names)
    placed = [matched(part, totals[part.columns]) for part in drawn]
    size = Size.of([found.totals for found in placed], len(drawn[0].codes))
    base = _base(sample, weights, len(drawn[0].codes))
    raked = rake(
        [found.codes for found in placed],
        [size.scaled(found.totals) for found in placed],
        weights=base,
        max_weight=max_weight,
        max_rounds=max_rounds,
    )
    fitted = [
        _margin(part, found, (base, raked.weights))
        for part, found in zip(drawn, placed, strict=True)
    ]
    return _wrap(raked, base, fitted, size, max_weight)


def _base(sample: object, weights: object, rows: int) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(rows)
    found = read_numbers(sample, weights, what="weights=")
    if len(found) != rows:
        raise UsageError(
            f"weights= has the length {len(found):,}, and the sample has the length {rows:,}.",
            hint="both need one value a row",
        )
    return found


def _margin(
    part: Crossed, found: Matched, weights: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> Margin:
    before, after = (
        np.bincount(found.codes, weights=w, minlength=len(found.totals)) / w.sum() for w in weights
    )
    return Margin(
        name=" & ".join(part.columns),
        labels=_plain(found.labels),
        codes=found.codes,
        sample=before,
        population=found.totals / found.totals.sum(),
        weighted=after,
    )


def _plain(labels: Sequence[tuple[Label, ...]]) -> list[Label]:
    """One label for each category; those of several columns become a text."""
    if all(len(one) == 1 for one in labels):
        return [one[0] for one in labels]
    joined = [" & ".join(map(str, one)) for one in labels]
    return [*joined] if len(set(joined)) == len(joined) else [repr(one) for one in labels]


def _wrap(
    raked: Raked,
    base: NDArray[np.float64],
    margins: Sequence[Margin],
    size: Size,
    max_weight: float | None,
) -> Weighting:
    method = "post-stratification" if len(margins) == 1 else "raking"
    limit = [] if max_weight is None else [("max_weight", f"{max_weight:g}")]
    weighting = Weighting(
        weights=raked.weights,
        factors=raked.weights / base,
        margins=margins,
        method=method,
        rounds=raked.rounds,
        gap=raked.gap,
        trimmed=raked.trimmed,
        population=size.customers,
        receipt=Receipt(
            engine="weigh",
            method=method,
            confidence_level=0.95,
            parameters=[("margins", ", ".join(margin.name for margin in margins)), *limit],
            steps={"rows": len(base)},
        ),
    )
    thin = sum(int((np.bincount(m.codes, minlength=len(m)) < _THIN).sum()) for m in margins)
    counts = {"trimmed": raked.trimmed, "thin_margins": thin}
    told = {
        "not_converged": not raked.is_converged,
        **{code: count > 0 for code, count in counts.items()},
        "design_effect": weighting.design_effect > _HIGH_COST,
    }
    caveats = [Caveat.of(code, count=counts.get(code)) for code, holds in told.items() if holds]
    return evolve(weighting, caveats=caveats)
