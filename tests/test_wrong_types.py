"""A wrong type for any argument of any public function is told, and no error of Python's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import cxm_core
from cxm_core.errors import CxmError
from every_call import (
    CONTACTS,
    EVENTS,
    ISSUE_TABLE,
    JOURNEY,
    LOST,
    QUICK,
    RULE,
    TICKET_LOG,
    TICKETS,
    UNTIL,
    made_issues,
    made_tickets,
    walks,
)

cx: Any = cxm_core  # wrong types are what a type checker would refuse

WRONG: Final[dict[str, Any]] = {
    "None": None,
    "list": [],
    "text": "nope",
    "whole number": 3,
    "number": 3.7,
    "nan": float("nan"),
    "flag": True,
    "tuple": ("x", "y"),
    "dict": {"a": 1},
    "array": np.array([1, 2]),
    "object": object(),
}
SCORES = [10, 9, 9, 8, 7, 3] * 8
FIVES = [1, 2, 3, 4, 5, 5] * 8
SHOPS = ["North", "South", "West", "East"] * 12
FIVE = {"scale": "1-5"}
SAMPLE = {"shop": SHOPS, "score": SCORES}
TIMED = ("clusters", "until", "calendar", "start", "end", "tz", "confidence_level", "method")
LOG = ("case", "activity", "at", "customer")
#: Keywords that a function takes as **keywords.
FURTHER: Final[dict[str, tuple[str, ...]]] = {
    "agent_work": ("clusters", "confidence_level", "method", "calendar"),
    "requester_wait": ("clusters", "confidence_level", "method", "calendar"),
    "compare_times": TIMED,
    "mean_resolution_time": TIMED,
    "resolution_curve": TIMED,
    "ticket_ends": TIMED,
    "sensitivity": ("customer", "at", "until"),
    "tickets": ("ticket", "at", "event", "status"),
    **dict.fromkeys(
        (
            "flow",
            "friction",
            "funnel",
            "map_check",
            "moments_that_matter",
            "outcome_by_path",
            "rework",
            "time_to_value",
            "to_process_mining",
            "to_xes",
            "variants",
        ),
        LOG,
    ),
}
Given = tuple[tuple[Any, ...], dict[str, Any]]


def _few(table: dict[str, Any], rows: int = 60) -> dict[str, Any]:
    return {name: list(values)[:rows] for name, values in table.items()}


def _feedback() -> dict[str, Given]:
    days = [UNTIL.replace(day=1 + place % 28) for place in range(len(SCORES))]
    shops = cx.nps(SCORES, by=SHOPS)
    whole = cx.nps(SCORES)
    known = {"shop": {"North": 5, "South": 4, "West": 3, "East": 2}}
    boxes = dict.fromkeys(("bottom_box", "ces", "csat", "mean_score", "top_box"), ((FIVES,), FIVE))
    return {
        **boxes,
        "nps": ((SCORES,), {}),
        "tally": ((SCORES,), {"scale": "0-10"}),
        "quantile": ((SCORES,), {}),
        "ratio": ((SCORES, FIVES), {}),
        "against_rest": ((SCORES,), {"metric": "nps", "by": SHOPS}),
        "compare": ((SCORES, SCORES[5:]), {"metric": "nps"}),
        "equivalent": ((SCORES, SCORES), {"metric": "nps", "margin": 10}),
        "track": ((SCORES, sorted(days)), {"metric": "nps", "baseline": 30}),
        "control_chart": ((SCORES, sorted(days)), {"metric": "nps"}),
        "decompose": ((SCORES, SCORES[::-1]), {"metric": "nps", "by": (SHOPS, SHOPS)}),
        "pool": ((shops,), {}),
        "rank": ((shops,), {}),
        "plan": (("nps",), {"half_width": 5}),
        "explain_difference": ((whole, cx.nps(SCORES[1:])), {}),
        "response_bounds": ((whole,), {"asked": 300}),
        "response_rate": (({"complete": 180, "refusal": 50, "non_contact": 250},), {}),
        "mentions": ((["Long queue", "Lovely", None] * 16, r"\bqueue"), {}),
        "weigh": ((SAMPLE, known), {"margins": ["shop"]}),
        "weigh_response": ((SAMPLE, [True, True, False] * 16), {"known": ["shop"]}),
        "definition": (("nps",), {}),
        "report": (([whole], "out.html"), {}),
        **dict.fromkeys(("day", "week", "month", "quarter"), ((days,), {"tz": "UTC"})),
    }


def _tickets() -> dict[str, Given]:
    table = _few(TICKETS | {"ended_at": TICKETS["solved_at"], "end": ["solved"] * 240}, 90)
    timed = ("resolution_time", "first_reply_time", "resolution_curve", "ticket_ends")
    logged = ("requester_wait", "agent_work", "one_touch", "escalation_rate")
    return {
        **dict.fromkeys(timed, ((table,), {"until": UNTIL})),
        **dict.fromkeys(logged, ((made_tickets(),), {})),
        "mean_resolution_time": ((table,), {"until": UNTIL, "within": "20d"}),
        "sla_attainment": ((table,), {"until": UNTIL, "target": "24h"}),
        "compare_times": ((table,), {"until": UNTIL, "by": "channel"}),
        "reopen_rate": ((table,), {"counter": "reopen_count"}),
        "tickets": ((TICKET_LOG,), {"until": UNTIL}),
    }


def _issues() -> dict[str, Given]:
    made, contacts = made_issues(), _few(CONTACTS, 90)
    table = _few(ISSUE_TABLE, 120)
    names = ("first_contact_resolution", "repeat_contact", "containment", "effort", "return_curve")
    sent = {"customer": table["customer"], "occurred_at": TICKETS["occurred_at"][:120]}
    read = {"reason": contacts["order"], "channel": contacts["channel"]}
    sides = ("resolution_time.zendesk", "resolution_time.full")
    closed = TICKETS | {"closed_at": TICKETS["solved_at"]}
    return {
        **dict.fromkeys(names, ((made,), {})),
        "issues": ((contacts,), {}),
        "hand_over": ((made, ["order"]), {}),
        "threading_quality": ((made, "matter"), {}),
        "effort_map": ((made, "ease"), {"scale": "1-7"}),
        "sensitivity": ((contacts,), {"until": UNTIL}),
        "promise": ((QUICK, ISSUE_TABLE), {"now": UNTIL, "window": "2026"}),
        "channel_parity": (
            (ISSUE_TABLE,),
            {"margins": {"resolution_time": "2d"}, "until": UNTIL},
        ),
        "misrouted": ((read, RULE), {"customer": None}),
        "promotions_in_complaints": ((sent, table), {"until": UNTIL}),
        "explain_definitions": ((closed, *sides), {"until": UNTIL}),
        "log_definition": (("one_touch.zendesk",), {}),
    }


def _journeys() -> dict[str, Given]:
    log = _few(EVENTS, 120)
    lost = {case: is_lost for case, is_lost in LOST.items() if case in log["case"]}
    walked, walked_away = walks()
    names = ("flow", "variants", "rework", "to_process_mining", "to_xes", "cases")
    return {
        **dict.fromkeys(names, ((log,), {})),
        "cases": ((log,), {"rule": "session"}),
        "funnel": ((log, ["home", "form", "paid"]), {}),
        "outcome_by_path": ((log,), {"outcome": lost}),
        "time_to_value": ((log,), {"start": "home", "goal": "paid", "until": UNTIL}),
        "friction": ((EVENTS,), {"goal": "paid"}),
        "moments_that_matter": ((walked,), {"outcome": walked_away}),
        "map_check": ((log, JOURNEY), {}),
        "from_xes": ((cx.to_xes(log),), {}),
    }


GOOD: Final = {**_feedback(), **_tickets(), **_issues(), **_journeys()}
_PUBLIC = {name: getattr(cx, name) for name in cx.__all__}
FUNCTIONS = {n for n, one in _PUBLIC.items() if callable(one) and not inspect.isclass(one)}


def _calls(name: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each argument of a function in turn, with each wrong thing in its place."""
    engine, (data, known) = getattr(cx, name), GOOD[name]
    parameters = inspect.signature(engine).parameters.values()
    named = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    for what, wrong in WRONG.items():
        for place in range(len(data)):
            given = (*data[:place], wrong, *data[place + 1 :])
            yield f"argument {place}: {what}", lambda given=given: engine(*given, **known)
        for key in (*named, *FURTHER.get(name, ())):
            asked = known | {key: wrong}
            yield f"{key}: {what}", lambda asked=asked: engine(*data, **asked)


def _python_error(call: Callable[[], object]) -> str | None:
    """What Python said, where the library said nothing."""
    try:
        call()
    except CxmError:
        return None
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what must not be
        return f"{type(error).__name__}: {error}"[:120]
    return None


def test_every_function_is_called() -> None:
    """The table of good arguments names every public function, and no other."""
    assert set(GOOD) == FUNCTIONS


@pytest.mark.parametrize("name", GOOD)
def test_wrong_types_are_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one argument of a wrong type there is a result or an error of the library's own."""
    monkeypatch.chdir(tmp_path)
    data, known = GOOD[name]
    getattr(cx, name)(*data, **known)
    found = {what: _python_error(call) for what, call in _calls(name)}
    assert not {what: told for what, told in found.items() if told}
