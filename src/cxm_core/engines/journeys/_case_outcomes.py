"""Whether each case ended so or so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxm_core.columns import EventLog
from cxm_core.errors import UsageError

from ._reading import EventNames, read

_OUTCOME = "outcome"


def outcomes_of(
    events: object, outcome: Any, names: EventNames, *, until: datetime | None = None
) -> tuple[EventLog, NDArray[np.int64], NDArray[np.bool_]]:
    """The log, whether each case has the outcome, and whether that is known."""
    is_own = isinstance(outcome, Mapping)
    log = read(events, names, by=None if is_own else {_OUTCOME: outcome}, until=until)
    return log, *_outcomes(log, outcome if is_own else None)


def _outcomes(
    log: EventLog, given: Mapping[Any, Any] | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Whether each case ended well, and whether that is known."""
    if given is None:
        column = log.cases.column(_OUTCOME)
        values, is_known = column.values.tolist(), ~column.is_missing
    else:
        cases = log.cases.column("case").values.tolist()
        values = [given.get(case) for case in cases]
        is_known = np.array([value is not None for value in values], np.bool_)
    told = [value if known else 0 for value, known in zip(values, is_known, strict=True)]
    wrong = sum(value not in (0, 1) for value in told)
    if wrong or not is_known.any():
        raise UsageError(
            f"{wrong:,} of {len(told):,} outcomes are neither yes nor no, and "
            f"{int((~is_known).sum()):,} are missing.",
            hint="true or 1 where it ended well, false or 0 where it did not",
        )
    return np.array([int(value) for value in told], np.int64), is_known
