"""What customers answered about their issues."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxm_core.columns import read_answers
from cxm_core.errors import UsageError
from cxm_core.vocabulary import Scale

from ._issues import Issues

Floats = NDArray[np.float64]


def answers_of(issues: Issues, scores: Any, scale: Scale) -> Floats:
    """The answer for each issue, its last one; not a number where nobody answered."""
    if not isinstance(scores, str):
        found = _on_scale(scores, None, scale)
        if found.size != len(issues):
            raise UsageError(
                f"There are {found.size:,} answers and {len(issues):,} issues.",
                hint="one answer an issue, none where nobody answered; or a column of the contacts",
            )
        return found
    told = _on_scale(issues.contacts, scores, scale)
    rows = np.flatnonzero(np.isfinite(told))
    found = np.full(len(issues), np.nan)
    # Contacts of an issue stand in the order of time, and the last write stays.
    found[issues.contacts.column("issue").values[rows]] = told[rows]
    return found


def _on_scale(data: object, column: str | None, scale: Scale) -> Floats:
    answers = read_answers(data, column, scale=scale)
    levels = np.array([*scale.levels, np.nan], np.float64)
    told: Floats = levels[answers.level_codes]
    return told
