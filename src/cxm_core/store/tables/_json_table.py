"""The view `raw` of lines of JSON: regular lines by their template, the others by a long look."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cxm_core.store._sql import quote_text

from ._json_lines import CLEAN, IS_CLEAN, Shapes, lines_sql, may_be_loose, whole_digits
from ._scratch import Scratch
from ._templates import HEAD, Template, common_template

_FEWEST_REGULAR = 0.5


def parse_lines(scratch: Scratch, path: Path, wanted: Sequence[str]) -> tuple[str, ...]:
    """Make of the view `lines` the view `raw` and the table `shapes`.

    Parameters
    ----------
    scratch : Scratch
        Where the lines are.
    path : Path
        File that they come from.
    wanted : sequence of str
        Columns to look for.

    Returns
    -------
    tuple of str
        Columns that there are, of those.
    """
    template = template_of_most(scratch, wanted)
    if template is None:
        shapes = _parse_others(scratch, "lines", wanted, is_loose=may_be_loose(path))
        scratch.run("CREATE OR REPLACE VIEW raw AS FROM others")
        return shapes.names
    regular = _parse_regular(scratch, template, wanted)
    scratch.run(_ODD_LINES)
    shapes = _parse_others(scratch, "odd_lines", wanted, is_loose=True)
    scratch.run(_ADD_SHAPE.format(_list_of(template.keys)))
    names = tuple(name for name in wanted if name in {*regular, *shapes.names})
    cells = _cells(names, regular), _cells(names, shapes.names)
    scratch.run(_BOTH.format(*cells, clean=CLEAN))
    return names


def parse_left(scratch: Scratch, template: Template, wanted: Sequence[str]) -> tuple[str, ...]:
    """Do the same with lines that are left over; the table `typed` has those of the template."""
    places = {slot.name for slot in template.slots}
    shapes = _parse_others(scratch, "lines", wanted, is_loose=True)
    names = tuple(name for name in wanted if name in {*places, *shapes.names})
    scratch.run(_ADD_TAKEN.format(_list_of(template.keys)))
    cells = _cells(names, shapes.names)
    scratch.run(f"CREATE OR REPLACE VIEW raw AS SELECT row, defer, {CLEAN}{cells} FROM others")
    return names


def template_of_most(scratch: Scratch, wanted: Sequence[str]) -> Template | None:
    """Template of most lines, as far as the first ones tell."""
    head = [line for (line,) in scratch.run(f"SELECT line FROM lines LIMIT {HEAD}")]
    template = common_template(head)
    if template is None or not template.serves(wanted):
        return None
    few = f"(FROM lines LIMIT {HEAD})"
    sql = f"SELECT coalesce(avg(is_regular::INTEGER), 0) FROM ({template.regular_sql(few)})"
    return template if scratch.run(sql)[0][0] >= _FEWEST_REGULAR else None


def _parse_regular(scratch: Scratch, template: Template, wanted: Sequence[str]) -> tuple[str, ...]:
    places = {slot.name: f"v{place}" for place, slot in enumerate(template.slots, start=1)}
    names = tuple(name for name in wanted if name in places)
    for slot in template.slots:
        if not slot.is_text:
            places[slot.name] = whole_digits(places[slot.name], "true")
    cells = "".join(f", {places[name]} AS c{place}" for place, name in enumerate(names))
    query = template.regular_sql("lines")
    scratch.run(
        f"CREATE OR REPLACE TABLE regular AS "
        f"SELECT row, is_regular, {IS_CLEAN} AS {CLEAN}{cells} FROM ({query})"
    )
    return names


def _parse_others(
    scratch: Scratch, source: str, wanted: Sequence[str], *, is_loose: bool
) -> Shapes:
    shapes = Shapes.of(scratch, source, wanted)
    parsed = lines_sql(source, shapes, may_be_loose=is_loose)
    scratch.run(f"CREATE OR REPLACE TABLE others AS {parsed}")
    return shapes


def _cells(names: Sequence[str], found: Sequence[str]) -> str:
    """SQL for all columns, where a table has some of them under other numbers."""
    cells = (f"c{found.index(name)}" if name in found else "NULL::VARCHAR" for name in names)
    return "".join(f", {cell} AS c{place}" for place, cell in enumerate(cells))


def _list_of(keys: Sequence[str]) -> str:
    return f"[{', '.join(map(quote_text, keys))}]"


_ODD_LINES = """
CREATE OR REPLACE TABLE odd_lines AS
FROM lines WHERE row IN (SELECT row FROM regular WHERE NOT is_regular)
"""
_BOTH = """
CREATE OR REPLACE VIEW raw AS
SELECT row, false AS defer, {clean}{} FROM regular WHERE is_regular
UNION ALL SELECT row, defer, {clean}{} FROM others
"""
_ADD_SHAPE = """
INSERT INTO shapes SELECT [{}], count(*) FROM regular WHERE is_regular
"""
_ADD_TAKEN = """
INSERT INTO shapes SELECT [{}], count(*) FROM typed WHERE is_plain
"""
