"""One figure of a metric that has several."""

from __future__ import annotations

from cxm_core.errors import UsageError, did_you_mean
from cxm_core.results import Breakdown, Estimate, Panel, Shape, Verdict

__all__ = ["figure_of"]


def figure_of(result: Shape, part: str | None) -> Estimate:
    """The figure of that name, or the only one; of a verdict, the difference."""
    found = result if part is None else _part(result, part)
    if isinstance(found, Verdict):
        return _difference(found)
    if isinstance(found, Estimate):
        return found
    told = "is several figures" if part is None else f"has a part {part!r} that is no figure"
    raise UsageError(f"{result.title} {told}.")


def _part(result: Shape, part: str) -> object:
    if not isinstance(result, Panel | Breakdown):
        raise UsageError(f"{result.title} has no parts.")
    known = result.names if isinstance(result, Panel) else [str(one) for one in result.groups]
    if part not in known:
        raise UsageError(f"{result.title} has no part {part!r}.", hint=did_you_mean(part, known))
    return result[part if isinstance(result, Panel) else result.groups[known.index(part)]]


def _difference(found: Verdict) -> Estimate:
    """How far the two sides of a verdict are apart, with the interval that decided."""
    compared = found.comparison
    return Estimate(
        metric=f"difference of {found.metric}",
        value=compared.value,
        low=compared.low,
        high=compared.high,
        confidence_level=compared.confidence_level,
        method=compared.method,
        n=compared.n,
        unit=compared.unit,
        caveats=found.caveats,
        receipt=found.receipt,
    )
