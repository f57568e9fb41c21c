"""How well a map from burdens to answers does on customers whom it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from cxm_core.errors import UsageError
from cxm_core.results import Caveat, Panel
from cxm_core.stats import Monotone
from cxm_core.vocabulary import Scale

from ._issues import Issues
from ._jackknifed import Figure, Teller

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_LEAST: Final = 2


def burden_of(scale: Scale, answers: Floats) -> Floats:
    """How many points answers are away from the best one."""
    is_up = scale.direction == "ascending"
    return scale.high - answers if is_up else answers - scale.low


def answer_of(scale: Scale, burden: Floats) -> Floats:
    """Answers that are so many points away from the best one."""
    return scale.high - burden if scale.direction == "ascending" else scale.low + burden


@frozen(kw_only=True, eq=False)
class Folds:
    """Customers dealt to parts, by their number and not by chance."""

    of_issue: Ints
    n: int

    @classmethod
    def of(cls, issues: Issues, folds: int) -> Folds:
        """Deal the customers of issues to at most so many parts."""
        if folds < _LEAST:
            raise UsageError(f"{folds} folds are too few to leave one out.", hint="folds=20")
        who = issues.who[issues.contacts.column("place").values == 1]
        names, place = np.unique(who, return_inverse=True)
        n = max(min(folds, names.size), 1)
        return cls(of_issue=place % n, n=n)


@frozen(kw_only=True, eq=False)
class Fitted:
    """Issues with what is known of each, of which some have an answer."""

    answers: Floats
    table: Floats
    is_whole: Mask
    fold: Folds
    scale: Scale
    names: tuple[str, ...]
    is_seen: Mask = field(init=False)

    def __attrs_post_init__(self) -> None:
        is_seen = self.is_whole & np.isfinite(self.answers)
        object.__setattr__(self, "is_seen", is_seen)
        parts = np.unique(self.fold.of_issue[is_seen]).size
        if parts < _LEAST:
            raise UsageError(
                f"{int(is_seen.sum()):,} issues have an answer, of {parts} parts of the customers: "
                "there is nothing to learn an index from.",
                hint="cx.effort(issues) has the raw counts",
            )

    @property
    def seen(self) -> Floats:
        """Burdens of the issues with an answer."""
        return self.table[self.is_seen]

    @property
    def burden(self) -> Floats:
        """How far their answers are from the best one."""
        return burden_of(self.scale, self.answers[self.is_seen])

    @property
    def seen_fold(self) -> Ints:
        """Part of each of them."""
        return self.fold.of_issue[self.is_seen]

    def panel(self, line: Monotone, without: Sequence[Monotone], teller: Teller) -> Panel:
        """Everything that says how good the map is."""
        gaps, plain = self._gaps(without)
        means = {"error": gaps, "error_of_mean": plain, "gain": plain - gaps}
        weights = Figure(
            metric="weights",
            value=line.weights,
            again=np.stack([one.weights for one in without]),
            n=gaps.size,
            names=self.names,
        )
        parts: dict[str, Any] = {
            "expected": teller.estimate(self._expected(line, without)),
            **{
                name: teller.estimate(Figure.mean(name, values, self.seen_fold))
                for name, values in means.items()
            },
            "weights": teller.breakdown(weights),
        }
        is_useless = not (parts["gain"].low or 0.0) > 0.0
        notes = (Caveat.of("useless_map"),) if is_useless else ()
        receipt = evolve(parts["error"].receipt, engine="effort_map")
        return Panel(metric="effort_map", parts=parts, own_caveats=notes, receipt=receipt)

    def _expected(self, line: Monotone, without: Sequence[Monotone]) -> Figure:
        """Mean answer to expect over all issues, those without an answer included."""
        table, fold = self.table[self.is_whole], self.fold.of_issue[self.is_whole]
        again = [
            answer_of(self.scale, one.at(table[fold != part])).mean()
            for one, part in zip(without, np.unique(self.seen_fold), strict=True)
        ]
        value = answer_of(self.scale, line.at(table)).mean()
        return Figure(metric="expected", value=value, again=np.array(again), n=len(table))

    def _gaps(self, without: Sequence[Monotone]) -> tuple[Floats, Floats]:
        """How far each answer is from the map, and from the mean, of the other parts."""
        burden, seen, fold = self.burden, self.seen, self.seen_fold
        gaps, plain = np.empty(burden.size), np.empty(burden.size)
        for one, part in zip(without, np.unique(fold), strict=True):
            out = fold == part
            gaps[out] = np.abs(burden[out] - one.at(seen[out]))
            plain[out] = np.abs(burden[out] - burden[~out].mean())
        return gaps, plain
