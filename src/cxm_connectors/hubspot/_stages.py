"""What the stages of ticket pipelines mean: each account has its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cxm_core.errors import SchemaChanged

_FIRST = "new"
_OWN_PIPELINE = "0"
# Stages of the pipeline that every account begins with (developer docs, Pipelines, seen 2026-11).
_OWN_STAGES = {"1": "new", "2": "pending", "3": "open", "4": "solved"}


class Stages:
    """Looks up what a ticket's stage means; the pipelines are asked for once.

    Parameters
    ----------
    declared : mapping of str to str
        What the user says that stages mean.
    fetch : callable
        Gives the vendor's answer with all pipelines.
    """

    def __init__(self, declared: Mapping[str, str], fetch: Callable[[], Any]) -> None:
        self._declared = declared
        self._fetch = fetch
        self._known: dict[str, str] = {}

    def status(self, stage: str | None) -> str | None:
        """Status that a stage means, in our words."""
        if stage is None:
            return None
        if stage in self._declared:
            return self._declared[stage]
        if stage not in self._known:
            # It may have been made since; one that is gone is asked for only once.
            self._known = {stage: "other", **self._known, **_statuses(self._fetch())}
        return self._known[stage]


def _statuses(answer: Any) -> dict[str, str]:
    try:
        return {
            str(stage["id"]): _status(pipeline, stage)
            for pipeline in answer["results"]
            for stage in pipeline["stages"]
        }
    except (LookupError, TypeError, AttributeError):
        problem = "The pipelines of tickets came in another shape than ever."
    raise SchemaChanged(
        problem, hint="look whether HubSpot has ended the configured version of its interface"
    )


def _status(pipeline: Mapping[str, Any], stage: Mapping[str, Any]) -> str:
    facts = stage.get("metadata") or {}
    if facts.get("ticketState") == "CLOSED" or facts.get("isClosed") == "true":
        # HubSpot knows no solution before the close: its time to close runs until here.
        return "solved"
    if str(pipeline.get("id")) == _OWN_PIPELINE:
        return _OWN_STAGES.get(str(stage["id"]), "open")
    is_first = stage is min(pipeline["stages"], key=lambda one: one.get("displayOrder", 0))
    return _FIRST if is_first else "open"
