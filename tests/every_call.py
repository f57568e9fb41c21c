"""Every public function that gives figures, called with small data at a level of confidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import numpy as np

import cxm_core as cx
from cxm_core.engines import mentions, misrouted, promotions_in_complaints, usage
from cxm_core.program import ChannelRule, Journey, Promise

Call = Callable[[float], Any]

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
UNTIL = START + timedelta(days=120)
SCORES = ([10, 9, 9, 8, 7, 3] * 10 + [10, 10, 8, 6, 3] * 10 + [9, 8, 8, 7, 5] * 8) * 2
FIVES = [max(1, score // 2) for score in SCORES]
SHOPS = (["North"] * 60 + ["South"] * 50 + ["West"] * 40) * 2
OWNERS = [place // 3 for place in range(len(SCORES))]
SURVEY = {
    "score": SCORES,
    "five": FIVES,
    "shop": SHOPS,
    "owner": OWNERS,
    "weight": [1.0 + place % 4 for place in range(len(SCORES))],
    "orders": [1 + place % 3 for place in range(len(SCORES))],
}
_LENGTHS = np.random.default_rng(7).exponential(30.0, 240).round(2).tolist()


def _after(hours: list[float], begin: list[datetime]) -> list[datetime | None]:
    """Instants so many hours later; none where the log is over before."""
    later = [at + timedelta(hours=h) for at, h in zip(begin, hours, strict=True)]
    return [at if at < UNTIL else None for at in later]


OPENED = [START + timedelta(hours=12 * place) for place in range(240)]
TICKETS: Final[dict[str, list[Any]]] = {
    "occurred_at": OPENED,
    "solved_at": _after(_LENGTHS, OPENED),
    "first_replied_at": _after([h / 8 for h in _LENGTHS], OPENED),
    "channel": ["chat", "mail", "chat", "phone"] * 60,
    "customer": [place // 2 for place in range(240)],
    "reopen_count": [0, 0, 2, 0, 1] * 48,
}
_WAYS = ("home form form paid", "home form help form", "home paid", "home help paid")
_EVENTS = [
    (case, case // 2, step, START + timedelta(hours=case, minutes=7 * place + case % 5))
    for case in range(120)
    for place, step in enumerate(_WAYS[case % 4].split())
]
EVENTS: Final[dict[str, Any]] = dict(
    zip(["case", "customer", "activity", "occurred_at"], zip(*_EVENTS, strict=True), strict=True)
)
_STEPS = (("created", "new"), ("comment", None), ("status", "pending"), ("status", "solved"))
_TOLD = [
    (f"T{ticket}", event, status, START + timedelta(hours=7 * ticket + (2 + ticket % 9) * place))
    for ticket in range(80)
    for place, (event, status) in enumerate(_STEPS)
]
TICKET_LOG: Final[dict[str, Any]] = dict(
    zip(["ticket", "event", "status", "occurred_at"], zip(*_TOLD, strict=True), strict=True)
) | {"actor": ["customer", "human", "human", "human"] * 80}
CONTACTS: Final[dict[str, Any]] = {
    "customer": [n // 3 if n % 3 else 1000 + n for n in range(300)],
    "occurred_at": [START + timedelta(hours=8 * n) for n in range(300)],
    "channel": ["chat", "chat", "phone", "mail", "chat"] * 60,
    "actor": ["bot", "bot", "human"] * 100,
    "wait_s": [60, 90, 600] * 100,
    "order": ["A7", "A7", "B2", None] * 75,
    "matter": [n // 3 if n % 8 else -1 - n for n in range(300)],
    "ease": [6, None, 3, 5, 2] * 60,
}
ISSUE_TABLE: Final[dict[str, Any]] = {
    "customer": range(240),
    "opened_at": OPENED,
    "solved_at": TICKETS["solved_at"],
    "channel": TICKETS["channel"],
    "score": [5, 5, 4, 4, 2, 2, 5, 5] * 30,
}
_SOON = {"name": "solved", "expect": "solved", "within": "2d", "target": 0.5}
QUICK = Promise(name="quick", indicators=[_SOON])
_STAGE = {"name": "all", "touchpoints": ["home", "form", "paid", "gift"]}
JOURNEY = Journey(name="buy", stages=[_STAGE])
RULE = ChannelRule(name="order", reasons="A7", channels="phone")
LOST = {case: case % 4 == 1 or case % 7 == 0 for case in range(120)}


def walks() -> tuple[dict[str, Any], dict[int, bool]]:
    """Cases that wander, of which those lose more that fill in the form more often."""
    rng = np.random.default_rng(1)
    rows, lost = [], {}
    for case in range(300):
        steps = ["home"] * rng.integers(1, 3) + ["form"] * rng.integers(1, 4)
        steps += ["help"] * rng.integers(1, 3)
        lost[case] = bool(rng.random() < 0.3 * (steps.count("form") - 1))
        rows += [(case, step, START + timedelta(minutes=k)) for k, step in enumerate(steps)]
    names = ("case", "activity", "occurred_at")
    return dict(zip(names, zip(*rows, strict=True), strict=True)), lost


@cache
def made_tickets() -> Any:
    """Tickets of the log."""
    return cx.tickets(TICKET_LOG, until=UNTIL)


@cache
def made_issues() -> cx.Issues:
    """Issues of the contacts."""
    return cx.issues(CONTACTS, until=UNTIL)


def _survey(name: str, column: str, **more: Any) -> dict[str, Call]:
    engine = getattr(cx, name)

    def call(**asked: Any) -> Call:
        return lambda level: engine(SURVEY, column, confidence_level=level, **asked, **more)

    designed = {"weights": "weight", "clusters": "owner"}
    return {
        name: call(),
        f"{name} by shop": call(by="shop"),
        f"{name} designed": call(**designed),
        f"{name} designed by shop": call(by="shop", **designed),
    }


def _plain() -> dict[str, Call]:
    return {
        **_survey("nps", "score"),
        **_survey("csat", "five", scale="1-5"),
        **_survey("ces", "five", scale="1-5"),
        **_survey("top_box", "five", scale="1-5"),
        **_survey("bottom_box", "five", scale="1-5"),
        **_survey("mean_score", "five", scale="1-5"),
        **_survey("quantile", "score"),
        **_survey("ratio", ("score", "orders")),  # type: ignore[arg-type]
    }


def _drawn(level: float) -> Any:
    rng = np.random.default_rng(5)
    return cx.nps(SURVEY, "score", by="shop", method="bootstrap", rng=rng, confidence_level=level)


def _further() -> dict[str, Call]:
    shops = cx.nps(SURVEY, "score", by="shop")
    happy = cx.csat(SURVEY, "five", scale="1-5", by="shop")
    rest = {"metric": "nps", "by": "shop"}
    counts = {"complete": 180, "partial": 20, "refusal": 50, "non_contact": 250}
    told = ["Long queue", "Queueing again", "Lovely staff", None] * 25
    return {
        "nps by bootstrap": _drawn,
        "pool": lambda level: cx.pool(shops, confidence_level=level),
        "pool of shares": lambda level: cx.pool(happy, confidence_level=level),
        "rank": lambda level: cx.rank(shops, confidence_level=level),
        "against_rest": lambda level: cx.against_rest(
            SURVEY, "score", confidence_level=level, **rest
        ),
        "against_rest at once": lambda level: cx.against_rest(
            SURVEY, "score", adjust="simultaneous", confidence_level=level, **rest
        ),
        "against_rest designed": lambda level: cx.against_rest(
            SURVEY, "score", clusters="owner", weights="weight", confidence_level=level, **rest
        ),
        "compare": lambda level: cx.compare(
            SCORES[:150], SCORES[100:], metric="nps", confidence_level=level
        ),
        "compare paired": lambda level: cx.compare(
            SCORES[:150], SCORES[150:][::-1], paired=True, metric="nps", confidence_level=level
        ),
        "response_rate": lambda level: cx.response_rate(counts, confidence_level=level),
        "mentions": lambda level: mentions(told, r"\bqueue", confidence_level=level),
        "usage": lambda level: usage(
            [1, 2, 5, 6, 0] * 20,
            scale="1-5",
            missing={0: "no_answer", 6: "not_applicable"},
            confidence_level=level,
        ),
    }


def _of_tickets() -> dict[str, Call]:
    asked = {"until": UNTIL}
    log = made_tickets()
    times = ("resolution_time", "first_reply_time", "mean_resolution_time")

    def timed(name: str, **more: Any) -> Call:
        engine = getattr(cx, name)
        more |= {"within": "20d"} if name.startswith("mean") else {}
        return lambda level: engine(TICKETS, confidence_level=level, **asked, **more)

    def logged(name: str, **more: Any) -> Call:
        engine = getattr(cx, name)
        return lambda level: engine(log, confidence_level=level, **more)

    return {
        **{name: timed(name) for name in times},
        **{f"{name} by channel": timed(name, by="channel") for name in times},
        **{f"{name} of customers": timed(name, clusters="customer") for name in times},
        "resolution_time late": timed("resolution_time", q=0.95),
        "resolution_time plain": timed("resolution_time", method="plain"),
        "sla_attainment": timed("sla_attainment", target="24h"),
        "compare_times": timed("compare_times", by="channel"),
        "compare_times of means": timed("compare_times", by="channel", within="20d"),
        "resolution_curve": timed("resolution_curve"),
        "requester_wait": logged("requester_wait"),
        "agent_work": logged("agent_work"),
        "one_touch": logged("one_touch"),
        "escalation_rate": logged("escalation_rate"),
        "ticket_ends": logged("ticket_ends"),
        "reopen_rate": lambda level: cx.reopen_rate(
            TICKETS, counter="reopen_count", confidence_level=level
        ),
    }


def _of_issues() -> dict[str, Call]:
    made = made_issues()

    def call(name: str, *more: Any, **asked: Any) -> Call:
        engine = getattr(cx, name)
        return lambda level: engine(made, *more, confidence_level=level, **asked)

    names = ("first_contact_resolution", "repeat_contact", "containment", "effort", "return_curve")
    sent = [at + timedelta(days=1) for at in OPENED]
    return {
        **{name: call(name) for name in names},
        "effort by channel": call("effort", by="channel"),
        "hand_over": call("hand_over", ["order"]),
        "threading_quality": call("threading_quality", "matter"),
        "effort_map": lambda level: (
            cx.effort_map(made, "ease", scale="1-7", confidence_level=level).panel
        ),
        "sensitivity": lambda level: cx.sensitivity(CONTACTS, until=UNTIL, confidence_level=level),
        "promise": lambda level: cx.promise(
            QUICK, ISSUE_TABLE, now=UNTIL, window="2026", confidence_level=level
        ),
        "channel_parity": lambda level: cx.channel_parity(
            ISSUE_TABLE,
            margins={"csat": 0.2, "resolution_time": "2d"},
            scale="1-5",
            against="chat",
            until=UNTIL,
            confidence_level=(1.0 + level) / 2.0,
        ),
        "misrouted": lambda level: misrouted(
            {"reason": CONTACTS["order"], "channel": CONTACTS["channel"]},
            RULE,
            customer=None,
            confidence_level=level,
        ),
        "promotions": lambda level: promotions_in_complaints(
            {
                "customer": list(range(240)),
                "occurred_at": sent,
            },
            ISSUE_TABLE,
            until=UNTIL,
            confidence_level=level,
        ),
    }


def _of_journeys() -> dict[str, Call]:
    def call(name: str, *more: Any, **asked: Any) -> Call:
        engine = getattr(cx, name)
        return lambda level: engine(EVENTS, *more, confidence_level=level, **asked)

    walked, walked_away = walks()
    return {
        "funnel": call("funnel", ["home", "form", "paid"]),
        "variants": call("variants"),
        "rework": call("rework"),
        "outcome_by_path": call("outcome_by_path", outcome=LOST),
        "time_to_value": call("time_to_value", start="home", goal="paid", until=UNTIL),
        "friction": call("friction", goal="paid"),
        "moments_that_matter": lambda level: cx.moments_that_matter(
            walked, outcome=walked_away, confidence_level=level
        ),
        "map_check": call("map_check", JOURNEY),
    }


def every_call() -> dict[str, Call]:
    """Name -> the function at a level."""
    return {**_plain(), **_further(), **_of_tickets(), **_of_issues(), **_of_journeys()}
