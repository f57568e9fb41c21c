"""Lines of JSON of which nothing is odd, read and judged in one pass; the others are left over.

A line that its template proves to be regular, and whose row is plain, needs no second look. Only
the lines that are left over are taken apart, and kept as text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from attrs import frozen

from cxm_core.records import RowMapping

from ._columns import Stamps
from ._json_lines import CLEAN, IS_CLEAN, whole_digits
from ._json_table import parse_left, template_of_most
from ._judging import pays
from ._lines import Survey
from ._plain import Halves, compile_halves
from ._raw import RawTable, Taken
from ._scratch import Scratch
from ._templates import HEAD, Template

# With fewer plain lines than that, a glance and then a long look cost more than the long look.
_FEWEST_PLAIN = 0.8
# If so many lines have no null, those that have one may as well be left over.
_FEWEST_FULL = 0.95


class Lines(NamedTuple):
    """Lines with a template: the columns that are looked for, and whether all is visible ASCII."""

    template: Template
    wanted: Sequence[str]
    is_ascii: bool


@frozen(kw_only=True)
class OnePass:
    """How lines become records of one kind.

    Attributes
    ----------
    mapping : RowMapping
        How a row becomes a record; the lines have no other.
    stamps : Stamps
        Source and moment of the records.
    names_of : callable
        Names that a column may have in the lines.
    """

    mapping: RowMapping
    stamps: Stamps
    names_of: Callable[[str], Sequence[str]]

    def take(self, scratch: Scratch, wanted: Sequence[str], found: Survey) -> Taken | None:
        """Put plain lines of the view `lines` into the table `typed`, the others into `raw`.

        None if that does not pay; then nothing has changed.

        Parameters
        ----------
        scratch : Scratch
            Where the lines are.
        wanted : sequence of str
            Columns to look for.
        found : Survey
            What is known of the lines.
        """
        template = template_of_most(scratch, wanted) if pays(found.rows) else None
        if template is None:
            return None
        lines = Lines(template, wanted, found.is_ascii)
        halves = self._halves(scratch, lines)
        if halves is None or not _is_looked_at(scratch, lines, halves):
            return None
        return _taken(scratch, lines, halves)

    def _halves(self, scratch: Scratch, lines: Lines) -> Halves | None:
        _look_at(scratch, lines, "lines", has_nulls=True)
        row = RawTable(scratch=scratch, name="", names=tuple(_places(lines)), is_json=True)
        return compile_halves(
            scratch.con,
            self.mapping,
            self.stamps,
            resolve=lambda name: row.column(self.names_of(name)),
            rows="looked_at",
        )


def _places(lines: Lines) -> dict[str, str]:
    """Values of the template behind the columns that it has."""
    values = {
        slot.name: f"v{n}" if slot.is_text else whole_digits(f"v{n}", "true")
        for n, slot in enumerate(lines.template.slots, start=1)
    }
    return {name: values[name] for name in lines.wanted if name in values}


def _look_at(scratch: Scratch, lines: Lines, source: str, *, has_nulls: bool) -> None:
    """Make the view `looked_at`; a line that is not regular is deferred."""
    regular = lines.template.regular_sql(source, has_nulls=has_nulls)
    cells = [f"{value} AS c{n}" for n, value in enumerate(_places(lines).values())]
    clean = f"{'true' if lines.is_ascii else IS_CLEAN} AS {CLEAN}"
    columns = ", ".join(["row", "NOT is_regular AS defer", clean, *cells])
    scratch.run(f"CREATE OR REPLACE VIEW looked_at AS SELECT {columns} FROM ({regular})")


def _is_looked_at(scratch: Scratch, lines: Lines, halves: Halves) -> bool:
    """Look at all lines in the cheaper of two ways that takes enough of the first ones."""
    for has_nulls, fewest in ((False, _FEWEST_FULL), (True, _FEWEST_PLAIN)):
        _look_at(scratch, lines, f"(FROM lines LIMIT {HEAD})", has_nulls=has_nulls)
        share = scratch.run(f"SELECT avg(is_plain::INTEGER) FROM ({halves.first})")[0][0]
        if share >= fewest:
            _look_at(scratch, lines, "lines", has_nulls=has_nulls)
            return True
    return False


def _taken(scratch: Scratch, lines: Lines, halves: Halves) -> Taken:
    scratch.run(f"CREATE OR REPLACE TABLE typed AS {halves.first}")
    scratch.run(_LEFT)
    # What is left over is all that there is to be read.
    scratch.run("CREATE OR REPLACE VIEW lines AS FROM left_lines")
    scratch.run("DROP TABLE raw_rows CASCADE")
    count, distinct, is_deleted = scratch.run(_FOUND.format(halves.last))[0]
    return Taken(
        names=parse_left(scratch, lines.template, lines.wanted),
        query=halves.last,
        count=count,
        is_plain=count == distinct and not is_deleted,
    )


_LEFT = """
CREATE OR REPLACE TABLE left_lines AS
FROM lines WHERE row IN (SELECT row FROM typed WHERE NOT is_plain)
"""
# Ids are told apart by a number: two that share one only take the longer way.
_FOUND = """
SELECT count(*), count(DISTINCT hash(native_id)), coalesce(bool_or(is_deleted), false) FROM ({})
"""
