"""Error of a ratio under the design of the sample: strata, clusters, margins, population."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxm_core.stats._sums import Floats, Ints, divide
from cxm_core.stats._tally import Tally

from ._cluster_bounds import Clusters
from ._clusters import ROUNDING, Linearised, Residuals, Units, group_sum, linearise, units_of
from ._margins import Fit, Parts, of_clusters
from ._population import Population, shares_left
from ._weight_bounds import Cells, Heaviness, is_bound
from ._weights import kish, korn_graubard


class Ratio(NamedTuple):
    """Per group: the ratio, what it was made of, and how far each level lies from it."""

    value: Floats
    n: Ints
    weight: Floats
    below: Floats
    shares: Floats
    residual: Floats
    simple: Floats  # variance of a single plain answer
    ends: Floats  # (2, levels) coefficients above and below the line


class RatioError(NamedTuple):
    """Per group: the variance of the ratio, and what stands behind it."""

    method: str
    variance: Floats
    left: Floats
    effective_n: Floats
    raw_n: Floats  # the same before it pays for few clusters
    most_n: Floats  # no effective number exceeds it
    n_clusters: Ints
    df: Ints
    freedom: Floats  # what clusters of unequal size leave of them
    unclustered: Ints
    lonely_strata: Ints


def plain_error(tally: Tally, ratio: Ratio, population: Population | None) -> RatioError:
    """Error of a simple sample: the multinomial one."""
    n = ratio.n
    none = np.zeros_like(n)
    left = shares_left(tally, n.sum(keepdims=True), population)[0]
    left = np.full(len(n), max(float(left), ROUNDING))
    variance = divide(ratio.simple, n) * left
    effective_n = np.where(n > 0, n, np.nan) / left
    df = np.maximum(n - 1, 0)
    return RatioError(
        "multinomial",
        variance,
        left,
        effective_n,
        effective_n,
        effective_n,
        n,
        df,
        df.astype(np.float64),
        none,
        none,
    )


def design_error(
    tally: Tally,
    cells: Cells,
    ratio: Ratio,
    *,
    confidence_level: float = 0.95,
    population: Population | None = None,
) -> RatioError:
    """Error by linearisation: residuals of the units, compared within their strata."""
    n_groups, answers = len(ratio.n), cells.n.sum(axis=1)
    units = units_of(tally, answers)
    rows = _parts(cells, ratio, units)
    parts = of_clusters(rows) if "margin" in tally.roles and units.are_clusters else rows
    left = shares_left(tally, units.per_stratum, population)
    found, freedom = _linearised(tally, rows, parts, n_groups, left)
    df = np.maximum(found.units - found.strata, 0)
    variance, endless = (
        np.where(df > 0, divide(total, ratio.below**2), np.nan)
        for total in (found.variance, found.endless)
    )
    drawn_less = np.where(endless > 0, divide(variance, endless), 1.0)
    drawn_less = np.maximum(drawn_less, ROUNDING)
    raw = divide(ratio.simple, endless) * freedom
    most = ratio.n if freedom == 1.0 else np.fmax(ratio.n, raw)
    if is_bound(tally):
        # Whoever dissents may carry little weight by chance, and would make the sample look large.
        most = np.fmin(most, _worth(cells, units, ratio))
    few = korn_graubard(ratio.n, found.freedom, confidence_level=confidence_level)
    effective = np.where(endless > 0, raw * few, _by_weight(parts, n_groups))
    effective = np.where(df > 0, np.minimum(effective, most), np.nan)
    return RatioError(
        "taylor",
        variance,
        drawn_less,
        effective / drawn_less,
        raw / drawn_less,
        most / drawn_less,
        found.units,
        df,
        found.freedom,
        group_sum(cells.group, n_groups, np.where(units.size > 0, 0, answers)),
        found.lonely_strata,
    )


def _worth(cells: Cells, units: Units, ratio: Ratio) -> Floats:
    """What the weights allow, and with clusters how alike their answers are."""
    if units.are_clusters:
        return Clusters.of(cells, units, ratio.ends).worth(ratio.value)
    return Heaviness.of(cells).worth(len(ratio.n))


def _parts(cells: Cells, ratio: Ratio, units: Units) -> Parts:
    parts = np.where(cells.n > 0, ratio.residual[cells.group], 0.0)
    totals = (cells.w * parts).sum(axis=1)
    totals[np.abs(totals) <= ROUNDING * (cells.w * np.abs(parts)).sum(axis=1)] = 0.0
    weight = cells.w.sum(axis=1)
    if units.are_clusters:
        return Parts(cells.group, units, totals, totals**2, totals * weight, weight, weight**2)
    squares, crossed = (cells.w2 * parts**2).sum(axis=1), (cells.w2 * parts).sum(axis=1)
    return Parts(cells.group, units, totals, squares, crossed, weight, cells.w2.sum(axis=1))


def _linearised(
    tally: Tally, rows: Parts, parts: Parts, n_groups: int, left: Floats
) -> tuple[Linearised, float]:
    """The variance, and the share of its freedom that the margins have left; one without them."""
    residuals = Residuals(parts.group, parts.squares, parts.totals)
    found = linearise(parts.units, residuals, n_groups, left=left)
    if "margin" not in tally.roles:
        return found, 1.0
    fit = Fit.of(tally, rows, parts, n_groups=n_groups)
    variance, endless = (
        fit.less(total, share)
        for total, share in ((found.variance, left), (found.endless, np.ones_like(left)))
    )
    return found._replace(variance=variance, endless=endless), fit.freedom


def _by_weight(parts: Parts, n_groups: int) -> Floats:
    """Units of equal weight that would be as sure, where nothing else varies."""
    is_unit = parts.units.size > 0
    sums = (
        group_sum(parts.group[is_unit], n_groups, w[is_unit]) for w in (parts.weight, parts.weight2)
    )
    return kish(*sums)
