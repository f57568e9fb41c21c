"""A journey map as the table that Smaply and like tools export, read as journey and touchpoints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from cxm_core.errors import ConfigurationError, UsageError

from ._blueprints import LANES, Blueprint, Lane
from ._grid import read_grid
from ._journeys import Journey, Touchpoint
from ._map_import import MapImport, Names, channels_in, cut_in, name_of, words

# What a lane is called, in the order in which it is tried.
_ROWS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (row, re.compile(pattern, re.IGNORECASE))
    for row, pattern in (
        ("stage", r"^(stages?|phases?)\b"),
        ("step", r"^(steps?|step titles?|actions?|activit(y|ies)|touch ?points?)\b"),
        ("feeling", r"^(emotion|emotional journey|sentiment|satisfaction|feeling)"),
        ("channels", r"^channels?\b"),
        ("goal", r"^(goals?|needs?|user goals?|customer goals?|jobs?)\b"),
        ("asks", r"^(questions?|thoughts?)\b"),
        ("systems", r"^(systems?|tools?)\b"),
        ("owner", r"^(owners?|responsib)"),
        ("evidence", r"evidence"),
        ("front_stage", r"front ?-?stage|on ?-?stage"),
        ("backstage", r"back ?-?stage"),
        ("support", r"^support"),
        ("actor", r"^(persona|actor)s?\b"),
        ("title", r"^(journey|map|title|name)"),
    )
)
# Lanes that are about the whole map, and not about what stands beneath one step.
_OF_MAP: Final = ("stage", "title", "actor")
_SEVERAL: Final = re.compile(r"[\n;,/|]+")
_NUMBER: Final = re.compile(r"[+-]?[0-9](\.0+)?")


def read_smaply(content: str | bytes, *, name: str | None = None) -> MapImport:
    """Journey with its touchpoints from a map that Smaply exported as a table (CSV).

    Parameters
    ----------
    content : str or bytes
        The file: one row a lane and one column a step, or the other way round. The first cell of
        a row names the lane: stages, steps, emotional journey (-2 to 2), channels, goals,
        questions, systems, owner, and whatever else.
    name : str or None
        Name of the journey; by default that of the map.

    Returns
    -------
    MapImport
        With one journey, a touchpoint for each step, and a blueprint where there is a lane of
        front stage, backstage, support or evidence. Other lanes become notes of the touchpoints.

    Raises
    ------
    UsageError
        The file has no row of steps.

    Notes
    -----
    A stage reaches to the right until the next one begins.
    The links of the blueprint are guessed: from step to step, and down a column.

    Examples
    --------
    >>> from cxm_core.program import read_smaply
    >>> found = read_smaply('''Stages,Before,,After
    ... Steps,Search,Order,Unpack
    ... Emotional journey,1,-2,2
    ... Channels,Web,"Web, Phone",
    ... ''')
    >>> [(stage.name, stage.touchpoints) for stage in found.journeys[0].stages]
    [('before', ('search', 'order')), ('after', ('unpack',))]
    >>> found.touchpoints[1].feeling, found.touchpoints[1].channels
    (-2, (<Channel.WEB: 'web'>, <Channel.PHONE: 'phone'>))
    """
    return _Reading(_turned(read_grid(content, fits=_has_steps))).imported(name)


def _meaning(title: str) -> str | None:
    return next((row for row, pattern in _ROWS if pattern.search(title)), None)


def _has_steps(grid: list[list[str]]) -> bool:
    return any(_meaning(row[0]) == "step" and any(row[1:]) for row in _turned(grid))


def _turned(grid: list[list[str]]) -> list[list[str]]:
    """The table with one row a lane."""
    down = sum(_meaning(row[0]) is not None for row in grid)
    across = sum(_meaning(cell) is not None for cell in (grid[0] if grid else []))
    return [list(row) for row in zip(*grid, strict=True)] if across > down else grid


class _Reading:
    """One map while it is read."""

    def __init__(self, grid: list[list[str]]) -> None:
        self.assumed: dict[str, str] = {}
        self.rows: dict[str, list[str]] = {}
        self.notes: list[list[str]] = []
        for row in grid:
            meaning = _meaning(row[0])
            if meaning is None or meaning in self.rows:
                self.notes.append(row)
            else:
                self.rows[meaning] = row[1:]
        if not any(self.rows.get("step", ())):
            raise UsageError(
                "The file has no row of steps.", hint="its first cell reads `Steps`, as exported"
            )
        self.columns = [at for at, title in enumerate(self.rows["step"]) if title]
        names = Names("touchpoint")
        self.names = {at: names.of(self.rows["step"][at]) for at in self.columns}

    def imported(self, name: str | None) -> MapImport:
        title = words(next((cell for cell in self.rows.get("title", ()) if cell), None))
        actor = words(next((cell for cell in self.rows.get("actor", ()) if cell), None))
        name = name or name_of(title or "", "journey")
        try:
            touchpoints = tuple(Touchpoint(**self._touchpoint(at)) for at in self.columns)
            journey = Journey(
                name=name, title=title, actor=actor or "customer", stages=list(self._stages())
            )
            blueprints = tuple(self._blueprints(journey))
        except ConfigurationError as error:
            raise UsageError(f"The file makes no map: {error.message}") from None
        return MapImport(
            touchpoints=touchpoints,
            journeys=(journey,),
            blueprints=blueprints,
            left_out=self._left_out(),
            assumed=self.assumed,
        )

    def _left_out(self) -> dict[str, int]:
        """Cells beneath no step, titles and actors behind the first, and what is cut."""
        lost: Counter[str] = Counter()
        told = [cells for row, cells in self.rows.items() if row not in _OF_MAP]
        for cells in (*told, *(cells for _, *cells in self.notes)):
            beneath = (text for at, text in enumerate(cells) if at not in self.names)
            lost["cell without a step"] += sum(map(bool, beneath))
        for row in ("title", "actor"):
            lost[f"further {row}"] += max(len({*self.rows.get(row, ())} - {""}) - 1, 0)
        every = (text for cells in (*self.rows.values(), *self.notes) for text in cells)
        return {what: count for what, count in lost.items() if count} | cut_in(every)

    def _cell(self, row: str, at: int) -> str:
        return (self.rows.get(row) or [""] * (at + 1))[at]

    def _touchpoint(self, at: int) -> dict[str, Any]:
        channels, strange = channels_in(self._several("channels", at))
        for word in strange:
            self.assumed[f"channel {word!r}"] = "other"
        found: dict[str, Any] = {
            "name": self.names[at],
            "title": words(self.rows["step"][at]),
            "goal": words(self._cell("goal", at)),
            "owner": words(self._cell("owner", at)),
        }
        lists = {
            "channels": channels,
            "asks": [text for text in map(words, self._cell("asks", at).split("\n")) if text],
            "systems": self._several("systems", at),
            "notes": list(self._notes(at)),
        }
        return found | lists | self._feeling(at)

    def _several(self, row: str, at: int) -> list[str]:
        return [text for text in map(words, _SEVERAL.split(self._cell(row, at))) if text]

    def _feeling(self, at: int) -> dict[str, Any]:
        text = self._cell("feeling", at).replace("\u2212", "-")
        if _NUMBER.fullmatch(text) and -2 <= float(text) <= 2:
            return {"feeling": int(float(text))}
        return {"emotions": [text for text in map(words, _SEVERAL.split(text)) if text]}

    def _notes(self, at: int) -> Iterator[str]:
        for title, *cells in self.notes:
            text = words(f"{title}: {cells[at]}" if title else cells[at])
            if text and cells[at]:
                yield text

    def _stages(self) -> Iterator[dict[str, Any]]:
        titles = self._stage_titles()
        names = Names("stage")
        for place, (start, title) in enumerate(titles):
            end = titles[place + 1][0] if place + 1 < len(titles) else len(self.rows["step"])
            inside = [self.names[at] for at in self.columns if start <= at < end]
            yield {"name": names.of(title), "title": words(title), "touchpoints": inside}

    def _stage_titles(self) -> list[tuple[int, str]]:
        row = self.rows.get("stage", ())
        titles = [
            (at, text) for at, text in enumerate(row) if text and (not at or text != row[at - 1])
        ]
        if not titles or any(at < titles[0][0] for at in self.columns):
            self.assumed["steps before the first stage"] = "a stage of their own"
            titles.insert(0, (0, "Start"))
        return titles

    # ---- lanes that no customer sees ---------------------------------------------------------

    def _blueprints(self, journey: Journey) -> Iterator[Blueprint]:
        lanes = [lane for lane in LANES if lane != "customer" and any(self.rows.get(lane, ()))]
        if not lanes:
            return
        stage_of = {name: stage.name for stage in journey.stages for name in stage.touchpoints}
        names, steps, links = Names("step"), [], []
        before = None
        for at in self.columns:
            column = list(self._column(at, lanes, names, stage_of[self.names[at]]))
            steps += column
            middle = next(step["name"] for step in column if step["lane"] == "customer")
            links += _down([s["name"] for s in column if s["lane"] != "evidence"])
            links += [{"source": before, "target": middle}] if before else []
            before = middle
        self.assumed["links"] = "from step to step, and down each column"
        yield Blueprint(
            name=f"{journey.name}_blueprint",
            title=journey.title,
            journey=journey.name,
            actor=journey.actor,
            steps=steps,
            links=links,
        )

    def _column(
        self, at: int, lanes: Sequence[Lane], names: Names, stage: str
    ) -> Iterator[dict[str, Any]]:
        for lane in LANES:
            if lane == "customer":
                title = self.rows["step"][at]
            else:
                title = self._cell(lane, at) if lane in lanes else ""
            if text := words(title):
                found = {"name": names.of(text), "title": text, "lane": lane, "stage": stage}
                yield found | ({"touchpoint": self.names[at]} if lane == "customer" else {})


def _down(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"source": a, "target": b} for a, b in pairwise(names)]
