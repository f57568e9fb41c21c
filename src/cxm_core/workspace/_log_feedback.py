"""What customers answered, as a table beside a log: at a touchpoint, about a contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from cxm_core.columns import Column, LogTable
from cxm_core.errors import UsageError
from cxm_core.program import Metric, Program
from cxm_core.vocabulary import Scale

from ._log_inquiry import LogInquiry
from ._logs import View, behind, rows_of

__all__ = ["Heard", "heard_by", "scale_of", "score_of"]

_TICKET = "attributes.ticket"
_WORDS = (
    *("question", "score_value", "score_scale"),
    *("touchpoint", "journey", "stage", "interaction", _TICKET),
)


@frozen(kw_only=True, eq=False)
class Heard:
    """Answers with a score, and whether each is a good one or a bad one.

    Parameters
    ----------
    table : LogTable
        One row an answer: its customer, its time, its score, and what it is about.
    is_good, is_bad : boolean arrays (answers,)
        Answers in the top and in the bottom levels of their scales.
    """

    table: LogTable
    is_good: NDArray[np.bool_]
    is_bad: NDArray[np.bool_]

    def only(self, which: NDArray[np.bool_]) -> Heard:
        """Some of the answers."""
        return Heard(
            table=rows_of(self.table, which),
            is_good=self.is_good[which],
            is_bad=self.is_bad[which],
        )


def heard_by(asked: LogInquiry) -> Heard:
    """Answers that the metric takes for feedback; without a name of any, all at touchpoints."""
    name = asked.metric.feedback
    answers = None if name is None else asked.program.metric(name)
    return asked.made(("answers", name), lambda: _heard(asked, answers))


def _heard(asked: LogInquiry, answers: Metric | None) -> Heard:
    view = View(store=asked.store, as_of=asked.as_of)
    table = view.table("response", _WORDS)
    table = rows_of(table, _is_wanted(table, asked.program, answers))
    placed = {"touchpoint": _touchpoints(table, asked.program)}
    ticket = behind(table.column("source").values, table.column(_TICKET))
    table = evolve(table, columns={**table.columns, **placed, "ticket": ticket})
    scales = {code: _meant(str(code), answers) for code in _codes(table)}
    good, bad = (_in_levels(table, scales, side) for side in ("top", "bottom"))
    return Heard(table=table, is_good=good, is_bad=bad)


def _is_wanted(table: LogTable, program: Program, answers: Metric | None) -> NDArray[np.bool_]:
    """Answers with a score, to the questions of a metric; to any question without one."""
    is_told = ~table.column("score_value").is_missing & ~table.column("score_scale").is_missing
    if answers is None:
        return is_told
    of_places = (one for place in program.touchpoints for one in place.question)
    wanted = {*(answers.question or of_places)}
    is_asked = _among(table.column("question"), wanted)
    return is_told & is_asked & _among(table.column("score_scale"), {answers.scale.code})


def _touchpoints(table: LogTable, program: Program) -> Column:
    """Touchpoint of each answer: its own, that of its question, or the only one of its stage."""
    words = (table.column(name).values.tolist() for name in ("touchpoint", "question", "stage"))
    of_question = _only((q, place.name) for place in program.touchpoints for q in place.question)
    stages = [stage for one in program.journeys for stage in one.stages]
    of_stage = _only((stage.name, place) for stage in stages for place in stage.touchpoints)
    told = [
        place or of_question.get(question) or of_stage.get(stage)
        for place, question, stage in zip(*words, strict=True)
    ]
    values = np.empty(len(told), object)
    values[:] = told
    return Column(values=values, is_missing=np.array([one is None for one in told], np.bool_))


def _only(pairs: Iterable[tuple[str, str]]) -> dict[str | None, str]:
    """Words with the one place that each means; those that mean several are left out."""
    found: dict[str | None, set[str]] = {}
    for word, place in pairs:
        found.setdefault(word, set()).add(place)
    return {word: places.pop() for word, places in found.items() if len(places) == 1}


def _codes(table: LogTable) -> set[object]:
    return set(table.column("score_scale").values.tolist())


def _meant(code: str, answers: Metric | None) -> Scale:
    return Scale.parse(code) if answers is None else scale_of(answers)


def scale_of(answers: Metric) -> Scale:
    """Scale of a metric of answers, with the levels that count as good there."""
    return evolve(answers.scale, top=answers.top_levels)


def _in_levels(table: LogTable, scales: Mapping[object, Scale], side: str) -> NDArray[np.bool_]:
    levels = {code: set(getattr(scale, side)) for code, scale in scales.items()}
    pairs = zip(
        table.column("score_scale").values.tolist(),
        table.column("score_value").values.tolist(),
        strict=True,
    )
    return np.fromiter((int(value) in levels[code] for code, value in pairs), bool, len(table))


def _among(column: Column, words: set[str]) -> NDArray[np.bool_]:
    return np.fromiter((one in words for one in column.values.tolist()), bool, len(column))


def score_of(asked: LogInquiry, *ids: Column) -> Column:
    """What was answered about each row of a log, by the ids of its contact and of its ticket."""
    name = str(asked.metric.feedback)
    if not asked.program.metric(name).question:
        raise UsageError(
            f"{name} names no question, so nobody can say which answers are about a contact.",
            hint="question = '...' in that metric",
        )
    table = heard_by(asked).table
    order = np.argsort(table.column("occurred_at").values, kind="stable")
    scores: dict[object, float] = {}
    for word in ("ticket", "interaction"):
        about = table.column(word)
        for row in order[~about.is_missing[order]].tolist():
            scores[about.values[row]] = float(table.column("score_value").values[row])
    told = zip(*(column.values.tolist() for column in ids), strict=True)
    found = [next((scores[one] for one in row if one in scores), np.nan) for row in told]
    values = np.array(found, np.float64)
    return Column(values=values, is_missing=np.isnan(values))
