"""Lucidchart's export of shape data as CSV, read as a blueprint."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from cxm_core.errors import ConfigurationError, UsageError, did_you_mean

from ._blueprints import MOST_STEPS, Blueprint, Lane, StepKind
from ._grid import read_grid
from ._map_import import MapImport, Names, check_lanes, cut_in, lane_of, name_of, words

Row: TypeAlias = Mapping[str, str]

_NEEDED: Final = ("id", "name", "line source", "line destination", "text area 1")
_READ: Final = {*_NEEDED, "page id", "contained by", "source arrow", "destination arrow"}
_CONTAINER: Final = re.compile(r"swim ?lane|\blane\b|pool|container|region", re.IGNORECASE)
_LANES: Final = re.compile(r"lane|pool", re.IGNORECASE)
_SILENT: Final = re.compile(
    r"note|text|comment|title|image|icon|svgpath|^group\b|stencil|logo", re.IGNORECASE
)
_WORDS: Final[Mapping[StepKind, str]] = {
    "parallel": r"summing|parallel",
    "choice": r"decision|diamond|gateway|^or$",
    "wait": r"delay|timer|\bwait",
    "start": r"terminator|event|start|^end$|circle|oval|connector",
}
_KINDS: Final = {kind: re.compile(text, re.IGNORECASE) for kind, text in _WORDS.items()}
_MORE: Final = {
    "role": "role",
    "owner": "role",
    "systems": "systems",
    "system": "systems",
    "policies": "policies",
    "policy": "policies",
}


def read_lucidchart(
    content: str | bytes,
    *,
    name: str | None = None,
    page: str | None = None,
    lanes: Mapping[str, Lane] | None = None,
) -> MapImport:
    r"""Blueprint of a diagram that Lucidchart exported as CSV (shape data).

    Parameters
    ----------
    content : str or bytes
        The file.
    name : str or None
        Name of the blueprint; by default that of the page.
    page : str or None
        Title of the page to read; by default the first with a shape on it.
    lanes : mapping of str to str or None
        Lane of the blueprint for the title of a swim lane, such as ``{"Bank": "support"}``;
        what is not named is guessed from its title, and told in `assumed`.

    Returns
    -------
    MapImport
        With one blueprint.

    Raises
    ------
    UsageError
        The file is no such export, has no such page, or has no step on it.

    Notes
    -----
    Swim lanes become lanes, other containers stages, lines links.
    Columns ``role``, ``systems`` and ``policies`` are read where shape data were added under
    these names; several systems stand in one cell with semicolons between them.

    References
    ----------
    .. [1] Lucid Software, Process diagram import from CSV, which describes the columns.

    Examples
    --------
    >>> from cxm_core.program import read_lucidchart
    >>> head = "Id,Name,Page ID,Contained By,Line Source,Line Destination,Text Area 1"
    >>> rows = ["1,Page,,,,,Returns", "2,Swim Lane,1,,,,Customer", "3,Process,1,2,,,Ask"]
    >>> rows += ["4,Decision,1,2,,,Worth it?", "5,Line,1,,3,4,"]
    >>> found = read_lucidchart("\n".join([head, *rows]))
    >>> [(step.name, step.lane, step.kind) for step in found.blueprints[0].steps]
    [('ask', 'customer', 'task'), ('worth_it', 'customer', 'choice')]
    """
    rows = _rows(content)
    pages = [row for row in rows if row["name"] == "Page"]
    shown = _shown_page(rows, pages, page)
    here = [row for row in rows if shown is None or row.get("page id") == shown["id"]]
    reading = _Reading(here, check_lanes(lanes))
    reading.left_out["other page"] += max(len(pages) - 1, 0)
    title = words(shown["text area 1"]) if shown else None
    return reading.imported(name, title)


def _rows(content: str | bytes) -> list[Row]:
    head, *body = read_grid(content, fits=_is_export) or [[]]
    keys = [key.casefold() for key in head]
    missing = _missing(keys)
    if missing:
        raise UsageError(
            f"The file has no column {missing[0]!r}, so it is no shape data of Lucidchart.",
            hint="in Lucidchart: File, Export, CSV of shape data",
        )
    twice = next((key for key in keys if key in _READ and keys.count(key) > 1), None)
    if twice is not None:
        raise UsageError(f"The file has more than one column {twice!r}.", hint="rename one of them")
    return [dict(zip(keys, row, strict=True)) for row in body]


def _is_export(grid: list[list[str]]) -> bool:
    return bool(grid) and not _missing([cell.casefold() for cell in grid[0]])


def _missing(keys: list[str]) -> list[str]:
    return [key for key in _NEEDED if key not in keys]


def _shown_page(rows: list[Row], pages: list[Row], title: str | None) -> Row | None:
    if title is not None:
        titles = [one["text area 1"] for one in pages]
        if title not in titles:
            raise UsageError(f"There is no page {title!r}.", hint=did_you_mean(title, titles))
        return pages[titles.index(title)]
    used = {row.get("page id") for row in rows}
    return next((one for one in pages if one["id"] in used), None)


class _Reading:
    """One page while it is read."""

    def __init__(self, rows: list[Row], lanes: Mapping[str, Lane]) -> None:
        self.given = lanes
        self.left_out: Counter[str] = Counter()
        self.assumed: dict[str, str] = {}
        self.lines = [row for row in rows if row["name"] == "Line"]
        held = {part.partition(":")[0] for row in rows for part in _parts(row)}
        drawn = [row for row in rows if _is_drawn(row)]
        self.containers = {
            row["id"]: row for row in drawn if row["id"] in held or _CONTAINER.search(row["name"])
        }
        self.shapes = [row for row in drawn if row["id"] not in self.containers]
        self.linked = {end for line in self.lines for end in _ends(line)}
        self.names, self.stages = Names("step"), Names("stage")
        self.stage_of: dict[str, dict[str, str]] = {}
        self.of_id: dict[str, str] = {}

    def imported(self, name: str | None, title: str | None) -> MapImport:
        steps = [step for row in self.shapes for step in self._step(row)]
        if not steps or len(steps) > MOST_STEPS:
            raise UsageError(f"The page has {len(steps):,} steps.", hint="another `page=`")
        links = [link for row in self.lines for link in self._link(row)]
        _end(steps, links)
        try:
            blueprint = Blueprint(
                name=name or name_of(title or "", "blueprint"),
                title=title,
                stages=list(self.stage_of.values()),
                steps=steps,
                links=links,
            )
        except ConfigurationError as error:
            raise UsageError(f"The page makes no blueprint: {error.message}") from None
        left_out = {what: count for what, count in self.left_out.items() if count}
        left_out |= cut_in(text for row in (*self.shapes, *self.lines) for text in row.values())
        return MapImport(blueprints=(blueprint,), left_out=left_out, assumed=self.assumed)

    def _step(self, row: Row) -> Iterator[dict[str, Any]]:
        title = words(row["text area 1"])
        is_linked = row["id"] in self.linked
        if _SILENT.search(row["name"]) or not (title or is_linked):
            self.left_out[row["name"] or "shape"] += 1
            return
        name = self.names.of(title or f"{row['name']} {row['id']}")
        if row["id"] in self.of_id:
            self.assumed["a line to an id that several shapes bear"] = "one to the first of them"
        self.of_id.setdefault(row["id"], name)
        found: dict[str, Any] = {"name": name, "kind": _kind(row["name"])}
        yield found | ({"title": title} if title else {}) | self._place(row) | _more(row)

    def _place(self, row: Row) -> dict[str, str]:
        titles: list[str] = []
        found: dict[str, str] = {}
        for part in reversed(_parts(row)):
            container = self.containers.get(part.partition(":")[0])
            title = words(_title(container, part)) if container else None
            if container is None or title is None:
                continue
            if _LANES.search(container["name"]) or lane_of([title], self.given):
                titles.append(title)
            else:
                found.setdefault("stage", self._stage(container["id"], title))
        lane = lane_of(titles, self.given)
        if not any(title in self.given for title in titles):
            self.assumed[f"lane {titles[0]!r}" if titles else "no lane"] = lane or "backstage"
        role = {"role": titles[0]} if titles else {}
        return {**role, **found, "lane": lane or "backstage"}

    def _stage(self, identity: str, title: str) -> str:
        if identity not in self.stage_of:
            self.stage_of[identity] = {"name": self.stages.of(title), "title": title}
        return self.stage_of[identity]["name"]

    def _link(self, row: Row) -> Iterator[dict[str, Any]]:
        source, target = (self.of_id.get(one) for one in _ends(row))
        if source is None or target is None:
            self.left_out["line without two steps"] += 1
            return
        points = [row.get(key, "None") for key in ("source arrow", "destination arrow")]
        to_source, to_target = (point not in {"", "None"} for point in points)
        label = words(row["text area 1"])
        more = {"label": label} if label else {}
        if to_target or not to_source:
            yield {"source": source, "target": target, **more}
        if to_source:
            yield {"source": target, "target": source, **more}


def _is_drawn(row: Row) -> bool:
    """Whether a row is a shape; the file itself is a `Document`, too, on no page."""
    is_file = row["name"] == "Document" and not row.get("page id")
    return row["name"] not in {"Page", "Line"} and not is_file


def _parts(row: Row) -> list[str]:
    return [part for part in row.get("contained by", "").split("|") if part]


def _ends(line: Row) -> tuple[str, str]:
    return line["line source"], line["line destination"]


def _title(container: Row, part: str) -> str:
    """Title of a container; `2:3` is the third lane of container 2."""
    areas = (value for key, value in container.items() if key.startswith("text area"))
    texts = [text for text in areas if text]
    number = part.partition(":")[2]
    if number.isdecimal() and 0 < int(number) <= len(texts):
        return texts[int(number) - 1]
    return texts[0] if len(texts) == 1 or (texts and not number) else ""


def _kind(name: str) -> StepKind:
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(name)), "task")


def _more(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, meaning in _MORE.items():
        if text := words(row.get(key)):
            found[meaning] = text if meaning == "role" else _several(text)
    return found


def _several(text: str) -> list[str]:
    return [part for part in map(words, text.split(";")) if part]


def _end(steps: list[dict[str, Any]], links: list[dict[str, Any]]) -> None:
    """Round shapes begin where nothing leads to them, and end where nothing leads on."""
    reached = {link["target"] for link in links}
    left = {link["source"] for link in links}
    for step in steps:
        if step["kind"] == "start" and step["name"] in reached:
            step["kind"] = "task" if step["name"] in left else "end"
