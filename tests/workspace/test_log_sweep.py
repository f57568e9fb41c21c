"""Every metric of a log by its name: what a workspace measures is what the function gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

import cxm_core as cx
from cxm_core.program import (
    LOG_ENGINES,
    Calendar,
    ChannelRule,
    Journey,
    Metric,
    Program,
    Stage,
    Touchpoint,
)
from cxm_core.records import Interaction, Order, Record, Response, Score, Ticket, TicketEvent
from cxm_core.results import Panel
from cxm_core.vocabulary import BusinessCalendar
from cxm_core.workspace import Workspace
from workspace.desks import Clock

BEGIN = datetime(2026, 8, 3, 9, tzinfo=UTC)
KNOWN, NOW = datetime(2026, 10, 20, 12, tzinfo=UTC), datetime(2026, 11, 21, 12, tzinfo=UTC)
WINDOW = (datetime(2026, 8, 20, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))
MARGINS = {"resolution_time": "6h", "csat": 0.2}
HOURS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
OPEN = BusinessCalendar("UTC", {day: [(time(9), time(17))] for day in range(5)})
PLACES = ("look", "cart", "pay")
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "mean_resolution_time": {"within": "3d"},
    "agent_work": {"calendar": "desk", "q": 0.75},
    "resolution_curve": {"calendar": "desk"},
    "sla_attainment": {"target": "20h"},
    "reopen_rate": {"within": "7d"},
    "compare_times": {"against": "chat"},
    "one_touch": {"within": "5d"},
    "effort_map": {"feedback": "ease"},
    "hand_over": {"fields": ("product",)},
    "threading_quality": {"truth": "matter"},
    "channel_parity": {"margins": MARGINS, "counted": "tickets", "feedback": "csat"},
    "promotions_in_complaints": {"reasons": ("r1", "r2")},
    "funnel": {"stages": PLACES, "within": "30d"},
    "time_to_value": {"start": "look", "goal": "pay"},
    "friction": {"goal": "pay"},
    "moments_that_matter": {"outcome": "lost"},
    "outcome_by_path": {"outcome": "won"},
    "map_check": {"journey": "buy"},
}
PROGRAM = Program(
    name="Desk",
    zone="UTC",
    calendars=[Calendar(name="desk", zone="UTC", hours=HOURS)],
    channel_rules=[ChannelRule(name="one", reasons="r1", channels="phone")],
    touchpoints=[Touchpoint(name=name) for name in PLACES],
    journeys=[Journey(name="buy", stages=[Stage(name="all", touchpoints=PLACES)])],
    metrics=[
        Metric(name="csat", engine="csat", question="helped", scale="1-5"),
        Metric(name="ease", engine="ces", question="easy", scale="1-7"),
        *(Metric(name=f"my_{one}", engine=one, **SETTINGS.get(one, {})) for one in LOG_ENGINES),
    ],
)
WAYS: Mapping[str, Mapping[str, Any]] = {
    "all": {},
    "by": {"by": "channel"},
    "every": {"every": "month"},
    "where": {"where": {"tier": "gold"}},
    "as_of": {"as_of": KNOWN},
    "window": {"window": WINDOW},
}
# What is told as a whole, or by groups of its own.
WHOLE = {
    *("effort_map", "hand_over", "sensitivity", "threading_quality", "variants", "flow", "rework"),
    *("friction", "moments_that_matter", "outcome_by_path", "map_check"),
}


def _ticket(rng: random.Random, n: int) -> list[Record]:
    """A ticket and its life: answered, perhaps solved, opened again, merged or left open."""
    who, at = f"c{rng.randrange(90)}", BEGIN + timedelta(hours=15 * n + rng.random())
    more: dict[str, Any] = {"customer": [("email", f"{who}@example.com")]}
    steps: list[tuple[float, dict[str, Any]]] = [
        (0, {"event": "created", "status": "new"}),
        (rng.expovariate(1 / 3), {"event": "comment", "actor": "human", "is_public": True}),
    ]
    length = rng.expovariate(1 / 20)
    end = rng.choice([*["solved"] * 7, "closed", "merged", None])
    if end is not None:
        steps.append((length + 3, {"event": "status", "status": end, "actor": "human"}))
    if end == "solved" and n % 5 == 0:
        steps.append((length + 30, {"event": "status", "status": "open", "actor": "customer"}))
        steps.append((length + 50, {"event": "status", "status": "solved", "actor": "human"}))
    if n % 7 == 0:
        steps.append((length / 2, {"event": "escalation"}))
    owner = Ticket(
        native_id=f"t{n}",
        occurred_at=at,
        channel="chat" if n % 3 else "phone",
        reason=f"r{n % 4}",
        attributes={"tier": "gold" if n % 2 else "iron"},
        **more,
    )
    told = [
        TicketEvent(
            native_id=f"t{n}.{place}", ticket=f"t{n}",
            occurred_at=at + timedelta(hours=hours), **what,
        )
        for place, (hours, what) in enumerate(steps)
    ]  # fmt: skip
    score = Response(
        native_id=f"s{n}", customer=more["customer"], question="helped",
        occurred_at=at + timedelta(days=3), score=Score(rng.choice([1, 3, 4, 5, 5]), "1-5"),
        attributes={"ticket": f"t{n}"},
    )  # fmt: skip
    return [owner, *told, score]


def _contact(rng: random.Random, n: int) -> list[Record]:
    """A touch of a customer's, perhaps an answer about it, a way to an order, and an offer."""
    who, at = f"c{rng.randrange(90)}", BEGIN + timedelta(hours=5 * n + rng.random())
    same: dict[str, Any] = {"customer": [("email", f"{who}@example.com")]}
    attributes = {
        "tier": "gold" if n % 2 else "iron", "matter": f"{who} {n % 3} {n // 60}",
        "wait_s": 60 * (n % 9), "transfers": n % 2, "product": f"p{n % 2}",
        "lost": rng.random() < 0.4, "won": rng.random() < 0.7,
    }  # fmt: skip
    touch = Interaction(
        native_id=f"i{n}", occurred_at=at, ended_at=at + timedelta(minutes=n % 50),
        channel=rng.choice(["chat", "phone", "web"]), direction="in", reason=f"r{n % 3}",
        actor=rng.choice(["human", "bot", "self_service"]), activity=rng.choice(PLACES),
        journey="buy", attributes=attributes, **same,
    )  # fmt: skip
    found: list[Record] = [touch]
    if n % 2:
        asked: dict[str, Any] = {"question": "easy", "interaction": f"i{n}", "touchpoint": "cart"}
        score = Score(1 + (n * 5) % 7, "1-7")
        after = at + timedelta(hours=1)
        found.append(Response(native_id=f"e{n}", occurred_at=after, score=score, **asked, **same))
    if n % 5 == 0:
        found.append(
            Interaction(
                native_id=f"m{n}", occurred_at=at + timedelta(days=1), direction="out",
                channel="email", campaign="sale", attributes={"tier": attributes["tier"]}, **same,
            )
        )  # fmt: skip
    if n % 9 == 0:
        found.append(Order(native_id=f"o{n}", occurred_at=at + timedelta(hours=2), **same))
    return found


def _history() -> list[Record]:
    rng = random.Random(6)
    tickets = [one for n in range(150) for one in _ticket(rng, n)]
    return tickets + [one for n in range(440) for one in _contact(rng, n)]


class Direct:
    """The same records as plain tables, for whoever has no workspace."""

    def __init__(self, records: list[Record], way: Mapping[str, Any]) -> None:
        self.until = way.get("as_of", NOW)
        self.window = way.get("window", (datetime.min.replace(tzinfo=UTC), self.until))
        self.where = "where" in way
        self.records = records
        known = [one for one in records if one.occurred_at < self.until]
        self.of = {kind: [one for one in known if isinstance(one, kind)] for kind in KINDS}
        by = way.get("by") or way.get("every")
        self.by: Any = [by] if by else None

    def wanted(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is of the window, and of the selection."""
        return self.inside(row["occurred_at"]) and (not self.where or row.get("tier") == "gold")

    def inside(self, at: datetime) -> bool:
        """Whether an instant lies in the window."""
        return self.window[0] <= at < self.window[1]

    @property
    def tickets(self) -> Any:
        """Tickets of the selection, each with its answer."""
        told = {str(one.attributes["ticket"]): one for one in self.of[Response] if one.attributes}
        rows = [_row(one) | {"score": None} for one in self.of[Ticket]]
        for row in rows:
            answer = told.get(row["native_id"])
            row["score"] = None if answer is None or answer.score is None else answer.score.value
        rows = [row for row in rows if self.wanted(row)]
        own = {row["native_id"] for row in rows}
        names = ("ticket", "occurred_at", "event", "status", "actor", "is_public")
        events = [
            {name: getattr(one, name) for name in names}
            for one in self.of[TicketEvent]
            if one.ticket in own
        ]
        keep = ("channel", "reason", "tier", "customer", "month", "score")
        return cx.tickets(_table(events, names), _table(rows), until=self.until, keep=keep)

    @property
    def contacts(self) -> list[dict[str, Any]]:
        """Touches, and tickets, which nobody has said to be over."""
        rows = [_row(one) for one in self.of[Interaction]]
        rows += [_row(one) | {"ended_at": self.until} for one in self.of[Ticket]]
        return rows

    def issues(self, within: str = "7d", score: str | None = None) -> Any:
        """Contacts put together, as a workspace does it."""
        rows = self.contacts
        if score is not None:
            told = {
                one.interaction: one.score for one in self.of[Response] if one.question == score
            }
            values = (told.get(row["native_id"]) for row in rows)
            rows = [
                row | {"score": None if one is None else one.value}
                for row, one in zip(rows, values, strict=True)
            ]
        return cx.issues(
            _table(rows), reason="reason", native_id="native_id", direction="direction",
            within=within, until=self.until,
        )  # fmt: skip

    @property
    def steps(self) -> Any:
        """Cases of the selection."""
        rows = [_row(one) | {"activity": one.activity} for one in self.of[Interaction]]
        rows += [_row(one) | {"activity": "order"} for one in self.of[Order]]
        rows += [_row(one) | {"activity": "help"} for one in self.of[Ticket]]
        rows = [row for row in rows if not self.where or row.get("tier") == "gold"]
        first = {row["customer"]: NOW for row in rows}
        for row in rows:
            if row["activity"]:
                first[row["customer"]] = min(first[row["customer"]], row["occurred_at"])
        rows = [row for row in rows if self.inside(first[row["customer"]])]
        keep = ("channel", "month", "lost", "won")
        return cx.cases(_table(rows), rule="customer", keep=keep)

    @property
    def offers(self) -> list[dict[str, Any]]:
        """Messages of a campaign."""
        sent = [one for one in self.of[Interaction] if one.campaign]
        rows = [_row(one) for one in sent]
        return [row for row in rows if not self.where or row["tier"] == "gold"]

    def outcome(self, name: str) -> dict[Any, Any]:
        """What the first event of each case says."""
        cases = self.steps
        first = cases.column("position").values == 1
        names, told = (cases.column(one).values[first].tolist() for one in ("case", name))
        gone = cases.column(name).is_missing[first].tolist()
        rows = zip(names, told, gone, strict=True)
        return {case: None if is_gone else bool(value) for case, value, is_gone in rows}

    @property
    def answers(self) -> dict[str, list[Any]]:
        """Answers at touchpoints, of whom the selection has, bad ones as 0."""
        people = set(self.steps.column("customer").values.tolist())
        told = [one for one in self.of[Response] if one.touchpoint and one.score]
        told = [one for one in told if self.inside(one.occurred_at)]
        told = [one for one in told if not self.where or _who(one) in people]
        return {
            "customer": [_who(one) for one in told],
            "touchpoint": [one.touchpoint for one in told],
            "score": [int(not one.score.is_bottom) for one in told if one.score],
        }


def _of_tickets(engine: Callable[..., Any], **more: Any) -> Callable[[Direct], Any]:
    return lambda d: engine(d.tickets, by=d.by, clusters="customer", **more)


def _of_issues(engine: Callable[..., Any]) -> Callable[[Direct], Any]:
    return lambda d: engine(d.issues(), by=d.by)


def _of_cases(engine: Callable[..., Any], *stages: Any, **more: Any) -> Callable[[Direct], Any]:
    return lambda d: engine(
        d.steps, *stages, until=d.until, **more, **({"by": d.by} if d.by else {})
    )


def _compared(d: Direct) -> Any:
    by = (d.by or ["channel"])[0]
    return cx.compare_times(d.tickets, by=by, against="chat", clusters="customer")


def _parity(d: Direct) -> Any:
    return cx.channel_parity(d.tickets, margins=MARGINS, scale="1-5", by=d.by)


def _offers(d: Direct) -> Any:
    sent = [row for row in d.offers if d.inside(row["occurred_at"])]
    everybody = Direct(d.records, {"as_of": d.until})
    asked: dict[str, Any] = {"until": d.until, "reasons": ("r1", "r2"), "by": d.by}
    messages = cx.promotions_in_complaints(_table(sent), everybody.tickets, **asked)
    everybody.window = d.window
    complaints = cx.promotions_in_complaints(_table(d.offers), everybody.tickets, **asked)
    parts = {"messages": messages["messages"], "complaints": complaints["complaints"]}
    return Panel(metric=messages.metric, parts=parts, receipt=messages.receipt)


def _windows(d: Direct) -> Any:
    return cx.sensitivity([d.issues(within) for within in ("1d", "3d", "7d", "14d", "30d")])


def _ease(d: Direct) -> Any:
    return cx.effort_map(d.issues(score="easy"), "score", scale="1-7").panel


def _way(d: Direct) -> Any:
    cases, journey = d.steps, PROGRAM.journey("buy")
    names, told = (cases.column(one).values.tolist() for one in ("case", "activity"))
    came = {case for case, act in zip(names, told, strict=True) if act in PLACES}
    rows = [n for n, case in enumerate(names) if case in came]
    table = {one: cases.column(one).values[rows] for one in cases.names}
    asked: dict[str, Any] = {"touchpoints": PROGRAM.touchpoints, "until": d.until}
    return cx.map_check(table, journey, case="case", at="occurred_at", **asked)


def _hardest(d: Direct) -> Any:
    return cx.friction(d.steps, d.answers, goal="pay", scale="0-1", until=d.until)


#: Each metric as the function itself tells it.
TOLD: Mapping[str, Callable[[Direct], Any]] = {
    "first_reply_time": _of_tickets(cx.first_reply_time),
    "resolution_time": _of_tickets(cx.resolution_time),
    "mean_resolution_time": _of_tickets(cx.mean_resolution_time, within="3d"),
    "resolution_curve": _of_tickets(cx.resolution_curve, calendar=OPEN),
    "requester_wait": _of_tickets(cx.requester_wait),
    "agent_work": _of_tickets(cx.agent_work, calendar=OPEN, q=0.75),
    "ticket_ends": _of_tickets(cx.ticket_ends),
    "compare_times": _compared,
    "sla_attainment": _of_tickets(cx.sla_attainment, target="20h"),
    "reopen_rate": _of_tickets(cx.reopen_rate, window="7d"),
    "escalation_rate": _of_tickets(cx.escalation_rate),
    "one_touch": _of_tickets(cx.one_touch, window="5d"),
    "first_contact_resolution": _of_issues(cx.first_contact_resolution),
    "repeat_contact": _of_issues(cx.repeat_contact),
    "return_curve": _of_issues(cx.return_curve),
    "containment": _of_issues(cx.containment),
    "effort": _of_issues(cx.effort),
    "effort_map": _ease,
    "hand_over": lambda d: cx.hand_over(d.issues(), ["product"]),
    "sensitivity": _windows,
    "threading_quality": lambda d: cx.threading_quality(d.issues(), "matter"),
    "misrouted": lambda d: cx.misrouted(d.issues(), PROGRAM, by=d.by),
    "channel_parity": _parity,
    "promotions_in_complaints": _offers,
    "funnel": _of_cases(cx.funnel, PLACES, within="30d"),
    "variants": _of_cases(cx.variants),
    "flow": _of_cases(cx.flow),
    "time_to_value": _of_cases(cx.time_to_value, start="look", goal="pay"),
    "rework": _of_cases(cx.rework),
    "friction": _hardest,
    "moments_that_matter": lambda d: cx.moments_that_matter(
        d.steps, outcome=d.outcome("lost"), until=d.until
    ),
    "outcome_by_path": lambda d: cx.outcome_by_path(
        d.steps, outcome=d.outcome("won"), until=d.until
    ),
    "map_check": _way,
}

KINDS = (Ticket, TicketEvent, Interaction, Order, Response)
_FIELDS = ("native_id", "occurred_at", "ended_at", "channel", "reason", "direction", "actor")


def _who(record: Any) -> str:
    return str(record.customer[0].value)


def _row(record: Any) -> dict[str, Any]:
    row = {name: getattr(record, name, None) for name in _FIELDS}
    row["channel"] = None if row["channel"] is None else row["channel"].value
    row |= {"customer": _who(record), "month": f"{record.occurred_at:%Y-%m}"}
    return row | dict(getattr(record, "attributes", {}))


def _table(rows: list[dict[str, Any]], names: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    found = names or tuple(dict.fromkeys(name for row in rows for name in row))
    return {name: [row.get(name) for row in rows] for name in found}


def _alike(found: Any, told: Any) -> bool:
    """Whether figures and caveats are the same, but for what only a workspace can say of them."""
    if isinstance(found, Mapping):
        names = {*found, *told} - {"receipt", "sources"}
        return all(_alike(found.get(name), told.get(name)) for name in names)
    if isinstance(found, list):
        own = [one for one in found if not _is_of_workspace(one)]
        return len(own) == len(told) and all(map(_alike, own, told))
    # Customers have other names there, so that sums over them are made in another order.
    is_number = isinstance(found, float) and isinstance(told, float)
    return found == (pytest.approx(told, rel=1e-9, abs=1e-12) if is_number else told)


def _is_of_workspace(told: Any) -> bool:
    code = told.get("code") if isinstance(told, Mapping) else told
    return code in ("unfinished", "incomplete")


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Tickets, touches, orders, offers and answers of four months."""
    return [one for one in _history() if one.occurred_at < NOW]


@pytest.fixture(scope="module")
def desk(records: list[Record]) -> Iterator[Workspace]:
    """A workspace that has heard of them in two parts."""
    clock = Clock(now=KNOWN)
    with Workspace(PROGRAM, store="memory:", clock=clock) as opened:
        opened.add([one for one in records if one.occurred_at < KNOWN])
        clock.now = NOW
        opened.add([one for one in records if one.occurred_at >= KNOWN])
        yield opened


def _sweep(topics: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in (one for one in LOG_ENGINES if TOPICS[one] in topics):
        for way, asked in WAYS.items():
            is_grouped = bool({"by", "every"} & {*asked})
            is_selected = TOPICS[name] == "issues" and way in SELECTED and name not in SENT
            if not (is_selected or (is_grouped and name in WHOLE) or (name, way) in UNLIKE):
                yield name, way


TOPICS = {
    name: Metric(name=name, engine=name, **SETTINGS.get(name, {})).topic for name in LOG_ENGINES
}
# Channels are no groups of what compares channels, months are not held against a channel, and of
# cases of six weeks too few differ.
SENT = {"channel_parity", "promotions_in_complaints"}
UNLIKE = {("channel_parity", "by"), ("compare_times", "every"), ("moments_that_matter", "window")}
#: Where a selection of issues is a group to the function.
SELECTED: Mapping[str, Callable[[dict[str, Any]], bool]] = {
    "where": lambda row: row["tier"] == "gold",
    "window": lambda row: bool(WINDOW[0] <= row["opened_at"] < WINDOW[1]),
}


def test_every_metric_is_told() -> None:
    """No metric of a log is left out of the sweep."""
    assert {*TOLD} == {*LOG_ENGINES}


@pytest.mark.parametrize(("name", "way"), [*_sweep(("tickets", "journeys"))])
def test_tickets_and_journeys(desk: Workspace, records: list[Record], name: str, way: str) -> None:
    """A workspace and the function give the same figures, counts and caveats."""
    found = desk.measure(f"my_{name}", **WAYS[way])
    assert _alike(found.to_dict(), TOLD[name](Direct(records, WAYS[way])).to_dict())


@pytest.mark.parametrize(("name", "way"), [*_sweep(("issues",))])
def test_issues(desk: Workspace, records: list[Record], name: str, way: str) -> None:
    """Contacts that a workspace puts together give what they give without it."""
    found = desk.measure(f"my_{name}", **WAYS[way])
    told = TOLD[name](Direct(records, WAYS[way]))
    if name == "effort_map":  # customers are dealt to parts by their names, which are others there
        found, told = found["expected"], told["expected"]
        assert (found.value, found.n) == (pytest.approx(told.value), told.n)
        return
    assert _alike(found.to_dict(), told.to_dict())


@pytest.mark.parametrize("way", SELECTED)
@pytest.mark.parametrize("engine", [cx.first_contact_resolution, cx.containment, cx.effort])
def test_selected_issues(
    desk: Workspace, records: list[Record], engine: Callable[..., Any], way: str
) -> None:
    """Issues that are selected are those that a group of all issues has."""
    found = desk.measure(f"my_{engine.__name__}", **WAYS[way])
    issues = Direct(records, {}).issues()
    chosen = [SELECTED[way](row) for row in issues.to_frame("pandas").to_dict("records")]
    told = engine(issues, by={"chosen": chosen})
    is_panel = isinstance(told, Panel)
    pairs = [(found[name], told[name]) for name in told.names] if is_panel else [(found, told)]
    for one, group in pairs:
        other = group[True]
        assert (one.n, one.value) == (other.n, pytest.approx(other.value))
        # Of a group it is known that its customers are some of all.
        assert (one.low, one.high) == pytest.approx((other.low, other.high), rel=0.01)
