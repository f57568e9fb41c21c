"""Reference cases of weighted, stratified, clustered and calibrated samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import cxm_core as cx
from cxm_core.results import Weighting
from cxm_core.stats import CodedAxis, RatioEstimate, Role, Tally, kish, linear_ratio

Given = Mapping[str, Any]
Found = dict[str, Any]
ROLES: dict[str, Role] = {"cluster": "cluster", "strata": "stratum"}
BALANCE = (-1, 0, 1), (1, 1, 1)


def rows_of(given: Given, data: Given) -> list[dict[str, Any]]:
    """Rows of the block that the case names."""
    rows: list[dict[str, Any]] = data[given["data"]]
    return rows


def table(given: Given, data: Given) -> dict[str, list[Any]]:
    """The block as columns."""
    rows = rows_of(given, data)
    return {name: [row[name] for row in rows] for name in rows[0]}


def estimate(
    given: Given, data: Given, values: list[Any], sides: Callable[[Any], tuple[float, float]]
) -> RatioEstimate:
    """Ratio over any values, each of which is a level of a tally, under the design of the case."""
    rows = rows_of(given, data)
    levels = sorted(set(values))
    place = {value: i for i, value in enumerate(levels)}
    axes = [
        CodedAxis.of(f"@{name}", [row[given[name]] for row in rows], role=role)
        for name, role in ROLES.items()
        if name in given
    ]
    tally = Tally.from_codes(
        levels=range(len(levels)),
        level_codes=np.array([place[value] for value in values]),
        axes=axes,
        weights=np.array([row[given["weight"]] for row in rows], float),
    )
    above, below = zip(*(sides(level) for level in levels), strict=True)
    return linear_ratio(tally, above, below, population=population(given, rows))


def population(given: Given, rows: list[dict[str, Any]]) -> Any:
    """Size of the population, or of each stratum."""
    if "fpc" not in given:
        return None
    if "strata" not in given:
        return rows[0][given["fpc"]]
    return {row[given["strata"]]: row[given["fpc"]] for row in rows}


def with_replacement(effect: float, weights: list[float]) -> float:
    """Design effect as R has it: against a sample drawn without replacement out of all weights."""
    n, total = len(weights), sum(weights)
    return effect * (n - 1) / n / (1 - n / total)


def mean(given: Given, data: Given) -> Found:
    """Weighted mean of one column, with finite populations."""
    rows = rows_of(given, data)
    found = estimate(given, data, [row[given["y"]] for row in rows], lambda y: (y, 1.0))
    effect = with_replacement(found.design_effect[0], [row[given["weight"]] for row in rows])
    return {"mean": found.value[0], "se": found.standard_error[0], "deff": effect}


def ratio(given: Given, data: Given) -> Found:
    """Ratio of two columns."""
    rows = rows_of(given, data)
    pairs = [(row[given["num"]], row[given["den"]]) for row in rows]
    found = estimate(given, data, pairs, lambda pair: pair)
    return {"ratio": found.value[0], "se": found.standard_error[0]}


def poststratified_mean(given: Given, data: Given) -> Found:
    """Mean of a column, weighted to the totals by `weigh`, error by residuals."""
    columns = table(given, data)
    weighting = fitted(given, columns)
    found = cx.mean_score(
        columns,
        given["y"],
        scale="0-1000",
        weights=weighting,
        clusters=given["cluster"],
        population=given["fpc"],
    )
    return {"mean": found.value, "se": found.standard_error}


def fitted(given: Given, columns: dict[str, list[Any]]) -> Weighting:
    """Weights of the case, fitted to its margins."""
    margins = given.get("margins") or {given["poststrata"]: given["totals"]}
    return cx.weigh(columns, margins, margins=list(margins), weights=given["weight"])


def balance(given: Given, data: Given) -> Found:
    """NPS of the block, in parts of one, with its error under the design."""
    columns = table(given, data)
    found = cx.nps(
        columns,
        "score",
        weights=given.get("weight"),
        clusters=given.get("cluster"),
        strata=given.get("strata"),
    )
    told = {"nps": found.value, "se": found.standard_error}
    assert found.recipe is not None
    of_design = {k: float(v[0]) for k, v in found.recipe.inputs.items()}
    effect = of_design.get("design_effect", 1.0)
    weights = columns[given["weight"]] if "weight" in given else [2.0] * len(columns["w"])
    return {
        **{name: number / 100 for name, number in told.items() if number is not None},
        "deff": with_replacement(effect, weights),
        "df": of_design.get("design_df"),
    }


def calibrated_balance(given: Given, data: Given) -> Found:
    """NPS of the block, with weights that are fitted to margins."""
    columns = table(given, data)
    found = cx.nps(columns, "score", weights=fitted(given, columns), clusters=given["cluster"])
    assert found.value is not None
    assert found.standard_error is not None
    return {"nps": found.value / 100, "se": found.standard_error / 100}


def parts(given: Given, data: Given) -> Found:
    """Both shares behind an NPS, and their covariance out of three variances."""
    columns = table(given, data)
    design = {"weights": given["weight"], "clusters": given["cluster"], "strata": given["strata"]}
    good = cx.top_box(columns, "score", scale="0-10", top=(9, 10), **design)
    bad = cx.bottom_box(columns, "score", scale="0-10", bottom=range(7), **design)
    score = cx.nps(columns, "score", **design)
    a, b, c = (one.standard_error or 0.0 for one in (good, bad, score))
    both = (a**2 + b**2 - (c / 100) ** 2) / 2
    return {
        "promoters": good.value,
        "detractors": bad.value,
        "vcov": [[a**2, both], [both, b**2]],
    }


def difference(given: Given, data: Given) -> Found:
    """NPS of each stratum, and their difference."""
    found = cx.nps(
        table(given, data),
        "score",
        by=given["by"],
        weights=given["weight"],
        clusters=given["cluster"],
        strata=given["strata"],
    )
    change = cx.compare(found["B"], found["A"])
    assert change.value is not None
    assert change.standard_error is not None
    pairs = {g: [found[g].value / 100, found[g].standard_error / 100] for g in "AB"}
    return {**pairs, "difference": change.value / 100, "se": change.standard_error / 100}


def beta(given: Given, data: Given) -> Found:
    """Share with the interval of Clopper and Pearson at the design's effective number."""
    found = cx.top_box(
        table(given, data),
        "score",
        scale="0-10",
        top=(9, 10),
        weights=given["weight"],
        clusters=given["cluster"],
        strata=given["strata"],
        method="clopper_pearson",
    )
    return {"lower": found.low, "upper": found.high}


def by_weights(given: Given, data: Given) -> Found:
    """Effective number by the weights alone."""
    weights = np.array(table(given, data)[given["weight"]])
    n = kish(weights.sum(keepdims=True), (weights**2).sum(keepdims=True))[0]
    return {"n_eff": n, "deff_kish": len(weights) / n}


HOW = {
    "survey-clus1-mean": mean,
    "survey-clus1-ratio": ratio,
    "survey-strat-mean": mean,
    "survey-poststrat": poststratified_mean,
    "survey-nps-weights-only": balance,
    "survey-nps-clustered": balance,
    "survey-nps-pd-cov": parts,
    "survey-nps-diff": difference,
    "survey-nps-poststrat": calibrated_balance,
    "survey-nps-rake-se": calibrated_balance,
    "survey-csat-beta": beta,
    "survey-nps-per-customer-ratio": balance,
    "kish-neff": by_weights,
}
