"""The page as Markdown, in which every word from outside is text and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from cxm_core.results import Estimate, library_version

from ._escape import clip, visible
from ._evidence import OUTCOMES, evidence, meaning_of, notes, state, unused
from ._figures import MOST_GROUPS, group_table
from ._page import Chapter, Grouped, Headline, KnownRow, Quote, ReportPage, Titled, TouchpointRow
from ._receipts import receipt_rows
from ._view import (
    Named,
    Noted,
    compared_with,
    group_caveats,
    groups_left_out,
    headline_caveats,
    headline_tags,
    known_sentence,
    map_cells,
    quote_facts,
    receipted,
    sections,
    told,
    touchpoint_caveats,
)
from ._words import NONE, WITHIN, clock, day, numbers_of, numbers_of_change, percent, verdict

__all__ = ["escape", "to_markdown"]

_MOST = 4000
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&@^$])")
_LINKS = re.compile(r"(?<=www)\.|:(?=//)|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_FENCE = re.compile("~+")
# What makes a list or a heading where it begins a line.
_OPENER = re.compile(r"^(\d*)([-+=.)])(?=[-=\s]|$)")


def to_markdown(page: ReportPage) -> str:
    """Report as Markdown, for a wiki, a mail or a pull request.

    Parameters
    ----------
    page : ReportPage
        What to show.

    Returns
    -------
    str
        The same figures as in the HTML form, their receipts at the end; no charts.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.report import ReportPage, to_markdown
    >>> page = ReportPage(title="This week", generated_at=datetime(2026, 11, 21, tzinfo=UTC))
    >>> print(to_markdown(page).splitlines()[2])
    Customer experience report, 21 November 2026
    """
    blocks = [*_top(page)]
    for name, heading in sections(page):
        blocks += [f"## {heading}", *_SECTIONS[name](page)]
    blocks += [*_receipts(page), *_bottom(page)]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """One line of text of which a Markdown reader makes no mark, link, tag or list."""
    line = " ".join(visible(text).split())
    marked = _LINKS.sub(r"\\\g<0>", _MARKS.sub(r"\\\1", line))
    return _OPENER.sub(r"\1\\\2", marked)


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    cells = [[cell if cell == "---" else escape(cell) for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _top(page: ReportPage) -> Iterator[str]:
    yield f"# {escape(page.title)}"
    yield f"Customer experience report, {day(page.generated_at, page.zone)}"
    if page.subtitle:
        yield escape(page.subtitle)
    if page.completeness:
        found = evidence(page)
        yield f"**{found.heading}** {found.sentence}"


def _bottom(page: ReportPage) -> Iterator[str]:
    program = f" by the program {escape(page.program)}" if page.program else ""
    hashed = f", whose hash is {escape(page.program_hash)}" if page.program_hash else ""
    made = f"Made on {clock(page.generated_at, page.zone)}{program}{hashed}"
    yield f"{made}. Times are those of {escape(page.zone)}. cxm {library_version()}."


def _caveats(items: Sequence[Noted]) -> Iterator[str]:
    if items:
        said = (f"{where}: {c.message}" if where else c.message for where, c in items)
        yield "\n".join(f"- Note: {escape(sentence)}" for sentence in said)


def _figure(estimate: Estimate) -> tuple[str, str, str]:
    show = numbers_of([estimate])
    limits = show.to(estimate.low, estimate.high)
    return show.value(estimate.value), limits, f"{estimate.n:,}"


def _headlines(page: ReportPage) -> Iterator[str]:
    for headline in page.headlines:
        yield from _headline(headline)


def _headline(headline: Headline, level: str = "###") -> Iterator[str]:
    tags = ", ".join(headline_tags(headline)[:1])
    yield f"{level} {escape(headline.title)}" + (f" ({escape(tags)})" if tags else "")
    last = headline.waves[-1]
    show = numbers_of([last.estimate])
    value = f"{show.large(last.estimate.value)} {show.word}".strip()
    basis = f"{last.label}, {last.estimate.n:,} {headline.counted}"
    level = percent(last.estimate.confidence_level)
    limits = show.between(last.estimate.low, last.estimate.high)
    yield f"**{escape(value)}**, {limits} ({escape(basis)}, {level} interval)"
    if headline.change is not None:
        since, counted = compared_with(headline), headline.counted
        said = verdict(headline.change, headline.better, since=since, counted=counted)
        yield f"{said.sign} **{said.heading}** {escape(said.sentence)}"
    for name, text in (("Question", headline.question), ("Stands for", headline.outcome)):
        if text:
            yield f"{name}: {escape(text)}"
    yield from _caveats(headline_caveats(headline))
    heads = ("Window", "Value", "Interval", headline.counted.capitalize())
    yield _rows(heads, _waves(headline))


def _waves(headline: Headline) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [(w.label, *_figure(w.estimate)) for w in headline.waves]
    change = headline.change
    if change is not None:
        show = numbers_of_change(change)
        limits = show.change_to(change.low, change.high)
        rows.append(
            (change.change_word.capitalize(), show.change(change.value), limits, f"{change.n:,}")
        )
    return rows


def _known(page: ReportPage) -> Iterator[str]:
    yield escape(known_sentence(page))
    for known in page.known:
        yield f"### {escape(known.title)}"
        heads = ("Figure", "Measured", "Interval", "Answers", "Known", "Within")
        yield _rows(heads, [_known_row(row) for row in known.rows])


def _known_row(row: KnownRow) -> Sequence[str]:
    show = numbers_of([row.estimate])
    return (row.label, *_figure(row.estimate), show.value(row.known), WITHIN[row.is_within])


def _touchpoints(page: ReportPage) -> Iterator[str]:
    window = f" Window: {escape(page.touchpoint_window)}." if page.touchpoint_window else ""
    yield (
        "Ordered by the share of all customers asked who used a touchpoint and rated it in the "
        f"two lowest levels.{window}"
    )
    yield from _caveats(touchpoint_caveats(page))
    heads = ("Touchpoint", "Rated low, of all asked", "Used it", "Rated low, of users", "Change")
    yield _rows(heads, [_touchpoint(row) for row in page.ordered_touchpoints])


def _touchpoint(row: TouchpointRow) -> Sequence[str]:
    figures = (_figure(estimate) for estimate in (row.product, row.usage, row.bottom))
    cells = [f"{value} ({limits}), n {n}" for value, limits, n in figures]
    if row.change is None:
        return (row.label, *cells, NONE)
    show = numbers_of_change(row.change)
    limits = show.change_to(row.change.low, row.change.high)
    return (row.label, *cells, f"{show.change(row.change.value)} ({limits})")


def _groups(page: ReportPage) -> Iterator[str]:
    for grouped in page.groups:
        yield from _group(grouped)


def _group(grouped: Grouped, level: str = "###") -> Iterator[str]:
    yield f"{level} {escape(grouped.title)}"
    if grouped.note:
        yield escape(grouped.note)
    yield from _caveats(group_caveats(grouped))
    left_out = groups_left_out(grouped, MOST_GROUPS)
    if left_out:
        yield left_out
    yield _rows(*group_table(grouped))


def _results(page: ReportPage) -> Iterator[str]:
    for one in page.further:
        yield from _result(one)


def _result(one: Titled, level: str = "###") -> Iterator[str]:
    result = one.result
    yield f"{level} {escape(one.title)}"
    if told(result):
        yield escape(told(result))
    yield from _caveats([("", caveat) for caveat in result.notes])
    yield _fenced(visible(result.summary()))


def _chapters(parts: Sequence[Chapter]) -> Iterator[str]:
    for part in parts:
        if part.title:
            yield f"### {escape(part.title)}"
        if part.lede:
            yield escape(part.lede)
        yield from _chapter(part, "####" if part.title else "###")


def _chapter(part: Chapter, level: str) -> Iterator[str]:
    for drawing in part.drawings:
        yield f"{level} {escape(drawing.title)}"
        yield _rows(*map_cells(drawing))
    for headline in part.headlines:
        yield from _headline(headline, level)
    for one in part.results:
        yield from _result(one, level)
    for grouped in part.groups:
        yield from _group(grouped, level)
    yield from (escape(f"Not measured: {note}") for note in part.notes)


def _fenced(text: str) -> str:
    """Text as it stands, between fences longer than any that it has itself."""
    longest = max((len(run) for run in _FENCE.findall(text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _quotes(page: ReportPage) -> Iterator[str]:
    yield "Words of single customers, as they wrote them. They explain; they do not measure."
    for quote in page.quotes:
        yield _quote(quote, page.zone)


def _quote(quote: Quote, zone: str) -> str:
    said = visible(clip(quote.text, _MOST)).split("\n")
    words = "\\\n> ".join(line for line in map(escape, said) if line)
    facts = " \u00b7 ".join(escape(fact) for fact in quote_facts(quote, zone))
    return f"> {words}\n>\n> {facts}" if facts else f"> {words}"


def _completeness(page: ReportPage) -> Iterator[str]:
    heads = ("Stream", "Served", *(name for _, name in OUTCOMES), "State", "When")
    rows = [
        (
            f"{sync.source} {sync.stream}",
            f"{sync.served:,}",
            *(f"{getattr(sync, name):,}" for name, _ in OUTCOMES),
            state(sync),
            clock(sync.ended_at, page.zone),
        )
        for sync in page.completeness
    ]
    yield _rows(heads, rows)
    for sync in page.completeness:
        noted = notes(sync, zone=page.zone)
        if noted:
            yield escape(f"{sync.source} {sync.stream}: {' '.join(noted)}")
        if sync.drift:
            yield escape(f"{sync.source} {sync.stream} not used: {unused(sync)}")


def _quarantine(page: ReportPage) -> Iterator[str]:
    rows = [
        (entry.reason, f"{entry.count:,}", ", ".join(entry.streams), meaning_of(entry))
        for entry in page.quarantine
    ]
    yield _rows(("Reason", "Records", "Streams", "Meaning"), rows)


def _definitions(page: ReportPage) -> Iterator[str]:
    for known in page.definitions:
        version = "" if known.version is None else f" (version {known.version})"
        tail = f" Hash: {escape(known.definition_hash)}" if known.definition_hash else ""
        yield f"**{escape(known.term)}**{version}: {escape(known.text)}{tail}"


def _receipts(page: ReportPage) -> Iterator[str]:
    parts = receipted(page)
    if parts:
        yield "## Receipts"
    for title, named in parts:
        yield f"### How these numbers were made: {escape(title)}"
        yield _receipt(named, page.zone)


def _receipt(named: Named, zone: str) -> str:
    rows = receipt_rows([result for _, result in named], zone)
    cells = [(row.name, *row.cells) for row in rows]
    return _rows(("Fact", *(name for name, _ in named)), cells)


_SECTIONS: Mapping[str, Callable[[ReportPage], Iterator[str]]] = {
    "headlines": _headlines,
    "known": _known,
    "touchpoints": _touchpoints,
    "groups": _groups,
    "tickets": lambda page: _chapters(page.tickets),
    "effort": lambda page: _chapters(page.effort),
    "journeys": lambda page: _chapters(page.journeys),
    "results": _results,
    "quotes": _quotes,
    "completeness": _completeness,
    "quarantine": _quarantine,
    "definitions": _definitions,
}
