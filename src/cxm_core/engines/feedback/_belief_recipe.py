"""What the interval of a pooled group was made from: what is believed of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve, frozen

from cxm_core.results import check_level, locked_arrays
from cxm_core.stats import Limits, bounded_limits


@frozen(kw_only=True)
class BeliefRecipe:
    """Mean and error of what is believed of each group, within the ends of its scale.

    Parameters
    ----------
    inputs : mapping of str to float64 array (groups,)
        ``value``, ``standard_error``, and ``n``, the answers that the group is worth.
    bounds : (float, float) or None
        Least and largest value that there can be.
    """

    inputs: Mapping[str, np.ndarray] = locked_arrays()
    bounds: tuple[float, float] | None

    __hash__ = None  # type: ignore[assignment]  # arrays inside: equal by value, not hashable

    def sizes(self, confidence_level: float) -> np.ndarray:
        """Answers that each group is worth, at every level."""
        check_level(confidence_level)
        return self.inputs["n"]

    def interval(self, confidence_level: float) -> Limits:
        """Limits of what is believed of each group."""
        check_level(confidence_level)
        mean, error = self.inputs["value"], self.inputs["standard_error"]
        return bounded_limits(mean, error, self.bounds, confidence_level=confidence_level)

    def select(self, place: int) -> BeliefRecipe:
        """Recipe of one group."""
        inputs = {name: values[place : place + 1] for name, values in self.inputs.items()}
        return evolve(self, inputs=inputs)
