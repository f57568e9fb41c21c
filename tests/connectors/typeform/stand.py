"""A Typeform account on loopback, a clock that only moves when it is told to, and a store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve

from cxm_connectors.simulation import (
    Company,
    InProcess,
    SimForm,
    SimQuestion,
    SimSubmission,
)
from cxm_connectors.typeform import Typeform
from cxm_connectors.typeform._simulator import Quirks, TypeformSimulator
from cxm_core.errors import RetryableError
from cxm_core.plugins import CheckReport, Item, ReadRequest, Runtime, State, StreamInfo, build
from cxm_core.records import Response
from cxm_core.results import SyncReceipt
from cxm_core.store import open_store
from cxm_core.sync import pull
from cxm_core.vocabulary import Scale

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = "typeform:acme"
TOKEN = "t0p"  # noqa: S105  (opens nothing but the simulator)
EASE = Scale(1, 5, labels={1: "hard", 5: "easy"})

RECOMMEND = SimQuestion(
    key="recommend",
    text="How likely are you to recommend us?",
    measures="recommendation",
    scale=Scale.named("0-10"),
)
EFFORT = SimQuestion(key="effort", text="How easy was it?", measures="effort", scale=EASE)
STARS = SimQuestion(key="stars", text="How was it packed?", scale=Scale.named("stars"))
QUESTIONS = (
    RECOMMEND,
    EFFORT,
    SimQuestion(key="why", text="Why?", form="open"),
    SimQuestion(key="reason", text="What for?", form="choice", choices=("price", "time")),
    SimQuestion(key="liked", text="What did you like?", form="choices", choices=("app", "shop")),
    SimQuestion(key="years", text="How many years?", form="number"),
    SimQuestion(key="next", text="When again?", form="date"),
    SimQuestion(key="mail", text="Your address?", form="email"),
)
FORM = SimForm(key=1, title="Your visit", questions=QUESTIONS, created_at=BEGIN, changed_at=BEGIN)
OTHER = SimForm(key=2, title="Your box", questions=(STARS,), created_at=BEGIN, changed_at=BEGIN)
EMPTY = SimForm(key=3, title="Nobody's", questions=(STARS,), created_at=BEGIN, changed_at=BEGIN)


def submission(
    key: int, *, form: int = 1, at: datetime | None = None, state: str = "completed", **answers: Any
) -> SimSubmission:
    """A form that was filled in, five minutes after it was opened."""
    changed = at or BEGIN + timedelta(days=key)
    landed = changed if state == "started" else changed - timedelta(minutes=5)
    return SimSubmission(
        key=key,
        form=form,
        landed_at=landed,
        changed_at=changed,
        submitted_at=changed if state == "completed" else None,
        state=state,
        answers=answers,
        hidden={"customer": str(key), "segment": "consumer" if key % 2 else "business"},
    )


def whole(key: int, *, at: datetime | None = None, **others: Any) -> SimSubmission:
    """A form of which every question was answered."""
    answers: dict[str, Any] = {
        "recommend": key % 11,
        "effort": key % 5 + 1,
        "why": f"words {key} \u2728",
        "reason": "price" if key % 3 else "something else",
        "liked": ("app", "shop") if key % 2 else ("app",),
        "years": key,
        "next": "2027-01-01",
        "mail": f"c{key}@example.org",
    }
    return submission(key, at=at, **{**answers, **others})


def submissions() -> tuple[SimSubmission, ...]:
    """Nine whole ones, of which four came in one second, and some of every other sort."""
    crowd = BEGIN + timedelta(days=4)
    return (
        *(whole(key, at=crowd if 4 <= key <= 7 else None) for key in range(1, 10)),
        *(submission(key, form=2, stars=key % 5 + 1) for key in range(20, 25)),
        *(submission(key, state="partial", recommend=3, why="so") for key in range(30, 34)),
        *(submission(key, state="started") for key in range(40, 45)),
        submission(50, form=2, state="started"),
    )


COMPANY = Company(now=NOW, forms=(FORM, OTHER, EMPTY), submissions=submissions())


class Clock:
    """Stands still but for those who sleep or move it on."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.now += timedelta(seconds=seconds)


class Cut:
    """A connector whose reading ends after so many items, as a kill would end it."""

    def __init__(self, connector: Typeform, after: int) -> None:
        self.info, self._connector, self._left = connector.info, connector, after

    def streams(self) -> Sequence[StreamInfo]:
        """List what can be read."""
        return self._connector.streams()

    def check(self) -> CheckReport:
        """Look whether the source answers."""
        return self._connector.check()

    def read(self, stream: str, state: State | None, request: ReadRequest) -> Iterator[Item]:
        """Serve a stream until the cut."""
        for item in self._connector.read(stream, state, request):
            if self._left <= 0:
                raise RetryableError("The process was killed.")
            self._left -= 1
            yield item


class Stand:
    """An account, and what of it is kept."""

    def __init__(
        self,
        company: Company = COMPANY,
        *,
        quirks: Quirks | None = None,
        clock: Clock | None = None,
        secrets: Mapping[str, str] | None = None,
        **config: Any,
    ) -> None:
        self.clock = clock or Clock(company.now)
        self.sim = TypeformSimulator(company, quirks=quirks, secret=TOKEN, clock=self.clock)
        self.carrier = InProcess(self.sim, origin=config.get("base_url", Typeform.origin))
        self.store = open_store("memory:", clock=self.clock)
        self.config = {"page_size": 3, **config}
        self.secrets = {"TYPEFORM_TOKEN": TOKEN} if secrets is None else secrets

    def connector(self) -> Typeform:
        """A connector, as a new process builds it."""
        runtime = Runtime(
            clock=self.clock,
            root=Path(),
            sleep=self.clock.sleep,
            secrets=self.secrets.get,
            transport=self.carrier,
            resolver=self.carrier.resolve,
        )
        made = build(Typeform, self.config, runtime)
        assert isinstance(made, Typeform)
        return made

    def sync(
        self, *, cut: int | None = None, streams: tuple[str, ...] | None = None
    ) -> tuple[SyncReceipt, ...]:
        """Pull once, in a process of its own; `cut` ends it after so many items."""
        connector: Any = self.connector()
        connector = connector if cut is None else Cut(connector, cut)
        request = ReadRequest(streams=streams)
        return pull(self.store, connector, source=SOURCE, clock=self.clock, request=request)

    def kept(self) -> dict[str, Any]:
        """What the store holds of each answer, as a plain value."""
        return {one.native_id: given(one) for one in self.answers()}

    def answers(self) -> list[Response]:
        """The answers that are kept."""
        return [one for one in self.store.records("response") if isinstance(one, Response)]

    def answer(self, customer: int, question: str) -> Response:
        """The answer of a customer to a question."""
        (found,) = [
            one
            for one in self.answers()
            if f"external:{customer}" in [name.text for name in one.customer]
            and str(one.question).endswith(f"/{question}")
        ]
        return found

    def outcomes(self) -> dict[str, Any]:
        """What the store holds of each response as a whole."""
        return {one.native_id: vars(one)["outcome"] for one in self.store.records("invitation")}

    def held(self) -> dict[str, Any]:
        """What the vendor holds of each answer: read off its rows, not through the mapping."""
        return {
            f"{row['form_id']}/{row['response_id']}/{answer['field']['id']}": _served(answer)
            for row in self.sim.truth()
            for answer in row["answers"] or ()
            if answer["type"] != "email"
        }

    def opened(self) -> dict[str, Any]:
        """How far each response came by the vendor's own word."""
        words = {"completed": "complete", "partial": "partial", "started": "refusal"}
        return {
            f"{row['form_id']}/{row['response_id']}": words[row["response_type"]]
            for row in self.sim.truth()
        }

    def check_same(self) -> None:
        """See that all that the vendor holds is kept, and nothing else."""
        assert self.outcomes() == self.opened()
        assert self.kept() == self.held()


def given(one: Response) -> Any:
    """Value of an answer as it is kept."""
    if one.score is not None:
        return one.score.value, one.score.scale.low, one.score.scale.high
    return one.verbatim, one.attributes.get("answer")


def _served(answer: Mapping[str, Any]) -> Any:
    scales = {"nps": (0, 10), "opinion_scale": (1, 5), "rating": (1, 5)}
    kind, value = answer["type"], answer[answer["type"]]
    if answer["field"]["type"] in scales:
        return value, *scales[answer["field"]["type"]]
    if kind == "text":
        return value, None
    if kind == "choice":
        return value.get("other"), value.get("label")
    if kind == "choices":
        return None, json.dumps(value["labels"], ensure_ascii=False)
    return None, value


def edited(form: SimForm, at: datetime, *questions: SimQuestion) -> SimForm:
    """The form after an edit."""
    return evolve(form, version=form.version + 1, before=form, changed_at=at, questions=questions)
