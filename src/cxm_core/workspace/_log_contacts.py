"""Metrics of issues: what customers went through until a matter was settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import evolve

from cxm_core.engines import (
    containment,
    effort,
    effort_map,
    first_contact_resolution,
    hand_over,
    misrouted,
    repeat_contact,
    return_curve,
    sensitivity,
    threading_quality,
)
from cxm_core.errors import UsageError
from cxm_core.results import Shape

from ._log_feedback import scale_of
from ._log_inquiry import LogInquiry
from ._log_issues import Put, issues_of
from ._log_parity import measure_parity, measure_promotions

__all__ = ["measure_issues"]

_TOLD: Mapping[str, Callable[..., Shape]] = MappingProxyType(
    {
        "first_contact_resolution": first_contact_resolution,
        "repeat_contact": repeat_contact,
        "containment": containment,
        "effort": effort,
    }
)
# Where a customer is looked forward to under another name than in the program.
_WINDOWS = {"effort": "horizon"}
_USUAL = ("1d", "3d", "7d", "14d", "30d")
_ACROSS = ("channel",)
_ISSUE, _RULE = "issue", "rule"


def measure_issues(asked: LogInquiry) -> Shape:
    """One metric of issues."""
    return _ENGINES.get(asked.metric.engine, _told)(asked)


def _told(asked: LogInquiry) -> Shape:
    metric = asked.metric
    window = _WINDOWS.get(metric.engine, "window")
    given = {window: metric.within, "definition": metric.definition}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return _TOLD[metric.engine](issues_of(asked), by=asked.names, **options)


def _misrouted(asked: LogInquiry) -> Shape:
    # The rules of the program are its setting, and a group that no record carries.
    if asked.names == [_RULE]:
        plain = evolve(asked, groups=evolve(asked.groups, by={}))
        return misrouted(issues_of(plain), asked.program, by=_RULE)
    return misrouted(issues_of(asked), asked.program, by=asked.names)


def _return_curve(asked: LogInquiry) -> Shape:
    return return_curve(issues_of(asked), by=asked.names)


def _hand_over(asked: LogInquiry) -> Shape:
    asked.refuse_groups()
    across = asked.metric.across or _ACROSS
    along = tuple(dict.fromkeys((*asked.metric.fields, *across)))
    return hand_over(issues_of(asked, Put(along=along)), asked.metric.fields, across=across)


def _sensitivity(asked: LogInquiry) -> Shape:
    asked.refuse_groups()
    windows = asked.metric.windows or _USUAL
    return sensitivity([issues_of(asked, Put(within=window)) for window in windows])


def _threading_quality(asked: LogInquiry) -> Shape:
    asked.refuse_groups()
    truth = str(asked.metric.truth)
    # What is held against the truth must not have been made from it.
    ignored = (_ISSUE,) if truth == _ISSUE else ()
    along = () if truth == _ISSUE else (truth,)
    found = issues_of(asked, Put(along=along, ignored=ignored))
    if ignored and f"{_ISSUE}_told" not in found.contacts.names:
        raise UsageError(
            f"None of {len(found.contacts):,} contacts says which issue it is of.",
            hint="truth names another column or attribute that does",
        )
    return threading_quality(found, truth)


def _effort_map(asked: LogInquiry) -> Shape:
    asked.refuse_groups()
    within = asked.metric.within
    horizon: dict[str, Any] = {} if within is None else {"horizon": within}
    found = issues_of(asked, Put(is_answered=True))
    answers = asked.program.metric(str(asked.metric.feedback))
    return effort_map(found, "score", scale=scale_of(answers), **horizon).panel


_ENGINES: Mapping[str, Callable[[LogInquiry], Shape]] = MappingProxyType(
    {
        "misrouted": _misrouted,
        "return_curve": _return_curve,
        "hand_over": _hand_over,
        "sensitivity": _sensitivity,
        "threading_quality": _threading_quality,
        "effort_map": _effort_map,
        "channel_parity": measure_parity,
        "promotions_in_complaints": measure_promotions,
    }
)
