"""How customers found it: friction, moments that matter and outcomes, with answers of the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cxm_core.errors import UsageError
from cxm_core.program import Journey, Metric, Program, Stage, Touchpoint
from cxm_core.records import Interaction, Record, Response, Score
from cxm_core.workspace import Workspace
from workspace.desks import Clock
from workspace.log_desks import FIRST

PLACES = [
    Touchpoint(name="look", title="Looking", activities="viewed_page"),
    Touchpoint(name="form", title="The form", question="form_ok"),
    Touchpoint(name="pay", title="Paying"),
]
METRICS = [
    Metric(name="csat", engine="csat", question="form_ok", scale="1-5"),
    Metric(name="any_csat", engine="csat", scale="1-5"),
    Metric(name="hard", engine="friction", goal="pay"),
    Metric(name="hard_on_five", engine="friction", feedback="any_csat"),
    Metric(name="hard_buying", engine="friction", journey="buy"),
    Metric(name="matter", engine="moments_that_matter", feedback="csat"),
    Metric(name="lost", engine="moments_that_matter", outcome="lost"),
    Metric(name="ends_well", engine="outcome_by_path", feedback="csat"),
    Metric(name="ways", engine="outcome_by_path", outcome="kept", path="way"),
    Metric(name="odd", engine="outcome_by_path", outcome="mood"),
]
JOURNEY = Journey(
    name="buy",
    stages=[
        Stage(name="find", touchpoints="look"),
        Stage(name="order", touchpoints=["form", "pay"]),
    ],
)
PROGRAM = Program(name="Shop", zone="UTC", touchpoints=PLACES, metrics=METRICS, journeys=[JOURNEY])


def touch(who: int, place: int, what: str, **more: Any) -> Interaction:
    """One touch of a customer, some minutes into a morning."""
    return Interaction(
        native_id=f"{who}.{place}",
        customer=[("email", f"{who}@example.com")],
        occurred_at=FIRST + timedelta(hours=who, minutes=place),
        activity=what,
        channel="web",
        **more,
    )


def answer(who: int, value: int, question: str = "form_ok", **more: Any) -> Response:
    """What a customer answered on the evening of that day."""
    scale = more.pop("scale", "1-5")
    return Response(
        native_id=f"a{who}{question}",
        customer=[("email", f"{who}@example.com")],
        occurred_at=FIRST + timedelta(hours=who, minutes=50),
        question=question,
        score=Score(value, scale),
        **more,
    )


def visits(count: int = 60) -> list[Record]:
    """Customers who look, fill in the form once or twice, which they dislike, and mostly pay."""
    found: list[Record] = []
    for who in range(count):
        again = who % 3 == 0
        steps = ["viewed_page", *["form"] * (1 + again), *["pay"] * (who % 4 > 0)]
        steps += ["viewed_page"] * (who % 5 == 0) + ["pay"] * (who % 20 == 1)
        is_lost = again != (who % 10 == 0)
        kept = {"kept": not is_lost, "lost": "yes" if is_lost else "no", "mood": "sour"}
        found += [touch(who, n, step, attributes=kept) for n, step in enumerate(steps)]
        found.append(answer(who, 1 if is_lost else 5))
    return found


def shop(records: list[Record]) -> Workspace:
    """A workspace in memory with these records."""
    made = Workspace(PROGRAM, store="memory:", clock=Clock())
    made.add(records)
    return made


class TestFriction:
    """The signs of the log and the answers together."""

    def test_answers_are_a_sign(self) -> None:
        """Answers to a touchpoint's question are about it; a page is at the touchpoint Looking."""
        found = shop(visits()).measure("hard")
        assert set(found.groups) == {"form", "look", "pay"}
        unhappy = found.groups_pooled.figures["unhappy"]
        assert unhappy[found.groups_pooled.groups.index("form")] == pytest.approx(22 / 60)
        assert ("answers", 60) in found.receipt.steps
        assert "unhappy" in dict(found.receipt.parameters)["signs"]

    def test_each_answer_on_its_own_scale(self) -> None:
        """Without a metric that says which, every answer at a touchpoint counts, on its scale."""
        more = [answer(n, 9, "nice", scale="0-10", touchpoint="look") for n in range(30)]
        assert ("answers", 90) in shop([*visits(), *more]).measure("friction").receipt.steps

    def test_one_metric_says_which(self) -> None:
        """A metric without a question means the touchpoints' own, on its scale."""
        more = [answer(n, 9, "nice", scale="0-10", touchpoint="look") for n in range(30)]
        assert ("answers", 60) in shop([*visits(), *more]).measure("hard_on_five").receipt.steps

    def test_a_stage_with_one_touchpoint(self) -> None:
        """An answer about a stage is about its touchpoint, where it has only one."""
        more = [answer(n, 2, "stage_ok", stage="find") for n in range(10)]
        more += [answer(n, 2, "order_ok", stage="order") for n in range(10)]
        assert ("answers", 70) in shop([*visits(), *more]).measure("friction").receipt.steps

    def test_answers_of_a_journey(self) -> None:
        """Answers that carry another journey say nothing of this one."""
        records = [
            one.model_copy(update={"journey": "buy"}) if isinstance(one, Interaction) else one
            for one in visits()
        ]
        made = [type(one)(**one.model_dump(exclude={"known_at", "source"})) for one in records]
        more = [answer(n, 2, "nice", touchpoint="pay", journey="return") for n in range(10)]
        assert ("answers", 60) in shop([*made, *more]).measure("hard_buying").receipt.steps

    def test_a_selection_is_of_customers(self) -> None:
        """With a selection, answers of customers who are not in it are left out."""
        found = shop(visits()).measure("friction", where={"kept": True}).receipt.steps
        pleased = sum((n % 3 == 0) == (n % 10 == 0) for n in range(60))
        assert ("answers", pleased) in found

    def test_a_window(self) -> None:
        """Answers of the window count, as its cases do."""
        found = shop(visits()).measure("friction", window="2026-11-03").receipt.steps
        assert 20 < dict(found)["answers"] < 30

    def test_without_answers(self) -> None:
        """Where nobody answered, the log alone tells."""
        records = [one for one in visits() if isinstance(one, Interaction)]
        found = shop(records).measure("friction")
        assert "unhappy" not in dict(found.receipt.parameters)["signs"]


class TestOutcomes:
    """How a case ended, by what was answered or by a column."""

    def test_moments_by_answers(self) -> None:
        """Doing the form again goes along with bad answers."""
        found = shop(visits(240)).measure("matter")
        assert found.best == "form"
        assert ("outcome known", 240) in found.receipt.steps

    def test_moments_by_a_column(self) -> None:
        """Yes and no of an attribute are the same as answers."""
        desk = shop(visits(240))
        by_column, by_answers = desk.measure("lost"), desk.measure("matter")
        assert by_column.groups == by_answers.groups
        assert by_column.groups_pooled.value.tolist() == by_answers.groups_pooled.value.tolist()

    def test_paths(self) -> None:
        """Of those who answered, each path has the share that was pleased."""
        found = shop(visits(120)).measure("ends_well")
        assert set(found.groups) <= {"form", "look", "pay"}
        assert dict(found.receipt.parameters)["path"] == "activity"
        ways = shop(visits(120)).measure("ways")
        assert ways["viewed_page > form > pay"].value > 0.9

    def test_an_answer_belongs_to_the_case_before_it(self) -> None:
        """A customer's later case has its own answer, and nobody else's."""
        session = Metric(
            name="ends", engine="outcome_by_path", feedback="csat", path="way", rule="session 2h"
        )
        program = PROGRAM.model_copy(update={"metrics": (METRICS[0], session)})
        records: list[Record] = []
        for who in range(12):
            for day, (way, value) in enumerate([("look", 5), ("form", 1)]):
                at = FIRST + timedelta(days=day, minutes=who)
                ident = [("email", f"{who}@example.com")]
                records += [
                    Interaction(
                        native_id=f"{who}.{day}", customer=ident, occurred_at=at, activity=way
                    ),
                    Response(
                        native_id=f"a{who}.{day}", customer=ident, question="form_ok",
                        occurred_at=at + timedelta(hours=5), score=Score(value, "1-5"),
                    ),
                ]  # fmt: skip
        with Workspace(program, store="memory:", clock=Clock()) as desk:
            desk.add(records)
            found = desk.measure("ends")
            assert (found["look"].value, found["form"].value) == (1.0, 0.0)
            first = desk.measure("ends", window=("2026-11-01", "2026-11-04"))
            assert first["look"].n == 12

    def test_neither_yes_nor_no(self) -> None:
        """Another word is refused, with how often it stands there and never what it is."""
        with pytest.raises(UsageError, match="60 of 60 cases have a 'mood'") as caught:
            shop(visits()).measure("odd")
        assert "sour" not in str(caught.value)

    def test_a_column_that_is_none(self) -> None:
        """An outcome that no event has is more likely misspelt than rare."""
        metric = Metric(name="odd", engine="outcome_by_path", outcome="lst")
        program = PROGRAM.model_copy(update={"metrics": (metric,)})
        with Workspace(program, store="memory:", clock=Clock()) as desk:
            desk.add(visits(5))
            with pytest.raises(UsageError, match="'lst' is no column there"):
                desk.measure("odd")
