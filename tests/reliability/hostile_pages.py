"""Every place of the report where somebody else's text can land, each as a document full of it.

A place is a function from texts to a whole HTML document, through the engines and the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from unittest import mock

from attrs import evolve
from markdown_it import MarkdownIt

import cxm_core as cx
from cxm_core.report import (
    Definition,
    Grouped,
    Headline,
    QuarantineCount,
    Quote,
    ReportPage,
    TouchpointRow,
    Wave,
    _html,
    _markdown,
    to_html,
    to_markdown,
)
from cxm_core.results import (
    Breakdown,
    Caveat,
    Comparison,
    Estimate,
    Receipt,
    Shape,
    SourceStatus,
    Step,
    SyncReceipt,
    Waterfall,
    _shape,
    _show,
    _svg_marks,
)
from cxm_core.vocabulary import Scale, Window

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
#: A page shows no more groups of one metric than this.
CHUNK = 60
#: How many texts stand together where each costs several pictures.
TOGETHER = 12
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')

Texts = Sequence[str]
Document = Callable[[Texts], str]


ESTIMATE = cx.nps([10, 9, 9, 8, 7, 3, 10, 10, 2, 9])
CHANGE = cx.compare(ESTIMATE, cx.nps([9, 9, 10, 8, 2, 3, 1, 10, 2, 9]))
SHARE = cx.top_box([1, 2, 5, 4, 5, 5, 3], scale="1-5")


def estimate(**given: object) -> Estimate:
    """Ten answers as a number, with fields of it changed."""
    return evolve(ESTIMATE, **given)


def change(**given: object) -> Comparison:
    """Ten answers against ten others, with fields of it changed."""
    return evolve(CHANGE, **given)


def sync(**given: object) -> SyncReceipt:
    """Receipt of a sync, with fields of it changed."""
    base = SyncReceipt(
        source="files:shop", stream="answers", started_at=NOW, ended_at=NOW, served=9, applied=9
    )
    return evolve(base, **given)


def grouped(texts: Texts) -> list[Breakdown]:
    """Scores of one customer a text, by text, as the engine gives them."""
    chunks = (texts[at : at + CHUNK] for at in range(0, len(texts), CHUNK))
    return [cx.nps([9] * len(chunk), by={"group": list(chunk)}) for chunk in chunks]


def page(**given: object) -> ReportPage:
    """A page with nothing else on it."""
    return ReportPage(**{"title": "Shop", "generated_at": NOW, **given})  # type: ignore[arg-type]  # keywords of one class


def headline(text: str = "Score", **given: object) -> Headline:
    """A headline of one wave."""
    waves = (Wave(label="2025", estimate=estimate()), Wave(label="2026", estimate=estimate()))
    return Headline(**{"title": text, "waves": waves, "change": change(), **given})  # type: ignore[arg-type]  # keywords of one class


def row(label: str = "Desk", **given: object) -> TouchpointRow:
    """A touchpoint."""
    shares = dict.fromkeys(("usage", "bottom", "product"), SHARE)
    return TouchpointRow(**{"label": label, **shares, **given})  # type: ignore[arg-type]  # keywords of one class


def receipt(text: str) -> Receipt:
    """A receipt that says the same in every field that takes a text."""
    return Receipt(
        engine=text,
        method=text,
        confidence_level=0.95,
        definition=text,
        definition_hash=text,
        parameters=((text, text),),
        filters=((text, text),),
        steps=((text, 3),),
        exclusions=((text, 1),),
        sources=(SourceStatus(source=text, stream=text),),
        window=evolve(Window.parse("2026", zone="UTC"), label=text),
        program_hash=text,
        library_version=text,
    )


def fall(text: str) -> Waterfall:
    """A waterfall that says the same in every field that takes a text."""
    steps = [Step(text, 2.0, 1.0, 3.0, note=text), Step(text[::-1], -1.0)]
    return Waterfall(
        metric=text,
        unit=text,
        start=1.0,
        end=2.0,
        steps=steps,
        method=text,
        caveats=(Caveat(code="odd", message=text),),
        receipt=receipt(text),
        labels=(text, text),
    )


def _all(
    make: Callable[[str], dict[str, object]], *, together: int = 1
) -> Callable[[Texts], ReportPage]:
    """Page that holds, of each text, the parts that `make` makes of it."""

    def build(texts: Texts) -> ReportPage:
        parts: dict[str, list[object]] = {}
        for at in range(0, len(texts), together):
            for name, value in make(" ".join(texts[at : at + together])).items():
                parts.setdefault(name, []).append(value)
        return page(**parts)

    return build


_few = partial(_all, together=TOGETHER)


def _whole(texts: Texts) -> ReportPage:
    return page(title=texts[0], subtitle=" ".join(texts), program=" ".join(texts))


#: Place -> page with one of each text there.
PAGES: dict[str, Callable[[Texts], ReportPage]] = {
    "verbatim": _all(lambda t: {"quotes": Quote(text=t)}),
    "long verbatim": _all(lambda t: {"quotes": Quote(text=t + " x" * 400 + t)}),
    "question wording": _few(
        lambda t: {"quotes": Quote(text="x", question=t), "headlines": headline(question=t)}
    ),
    "level label": _all(
        lambda t: {
            "quotes": Quote(text="x", score=1, score_label=t, scale=Scale.named("0-10")),
        }
    ),
    "touchpoint name": _few(
        lambda t: {"touchpoints": row(t, question=t), "quotes": Quote(text="x", touchpoint=t)}
    ),
    "journey, owner, outcome": _few(
        lambda t: {"headlines": headline(journey=t, owner=t, outcome=t)}
    ),
    "metric title": _few(lambda t: {"headlines": headline(t)}),
    "window label": _few(
        lambda t: {
            "headlines": headline(
                waves=(Wave(label=t, estimate=estimate()), Wave(label=t, estimate=estimate()))
            )
        }
    ),
    "unit": _few(lambda t: {"headlines": headline(change=change(unit=t))}),
    "receipt of a number": _few(
        lambda t: {
            "headlines": headline(
                waves=(Wave(label="2026", estimate=estimate(method=t, receipt=receipt(t))),)
            )
        }
    ),
    "caveat": _few(
        lambda t: {
            "headlines": headline(
                waves=(
                    Wave(label="2026", estimate=estimate(caveats=(Caveat(code="odd", message=t),))),
                )
            )
        }
    ),
    "group label": lambda texts: page(
        groups=[Grouped(title="Score", breakdown=one) for one in grouped(texts)]
    ),
    "breakdown title and note": _few(
        lambda t: {"groups": Grouped(title=t, note=t, breakdown=grouped(["a", "b"])[0])}
    ),
    "source and stream": _all(lambda t: {"completeness": sync(source=t, stream=t)}),
    "sync note": _all(lambda t: {"completeness": sync(note=t)}),
    "unchanged file name": _all(lambda t: {"completeness": sync(unchanged=(t,))}),
    "drift column name": _all(lambda t: {"completeness": sync(drift={t: 1})}),
    "quarantine": _all(
        lambda t: {"quarantine": QuarantineCount(reason=t, count=1, streams=(t,), meaning=t)}
    ),
    "definition": _all(lambda t: {"definitions": Definition(term=t, text=t, definition_hash=t)}),
    "page title and program": _whole,
    "touchpoint window": lambda texts: page(
        touchpoints=(row(),), touchpoint_window=" ".join(texts)
    ),
    "result of another shape": _few(lambda t: {"results": fall(t)}),
    "program hash": lambda texts: page(program="x", program_hash=" ".join(texts)),
}


def _bare(body: str) -> str:
    """What a notebook or a wiki makes of `body`: a page without any policy."""
    return f"<!doctype html><meta charset=utf-8><title>x</title>{body}"


def _pictured(texts: Texts) -> str:
    return _bare("".join(one.svg() for one in _results(texts)))


def _tabled(texts: Texts) -> str:
    return _bare("".join(one._repr_html_() for one in _results(texts)))


def _results(texts: Texts) -> Iterator[Shape]:
    yield from grouped(texts)
    for text in texts:
        caveats = (Caveat(code="odd", message=text),)
        yield estimate(metric=text, unit=text, caveats=caveats, method=text)
        yield change(metric=text, unit=text, caveats=caveats)
        yield fall(text)


def _rendered(texts: Texts) -> str:
    viewer = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table")
    pages = (PAGES[name](texts) for name in ("verbatim", "group label", "quarantine", "definition"))
    return _bare("".join(viewer.render(to_markdown(one)) for one in pages))


def _document(name: str, texts: Texts) -> str:
    return to_html(PAGES[name](texts))


#: Place -> document; the last ones land where no policy of ours protects them.
DOCUMENTS: dict[str, Document] = {
    **{name: partial(_document, name) for name in PAGES},
    "picture of a result": _pictured,
    "result in a notebook": _tabled,
    "Markdown in a viewer": _rendered,
}


def without_policy(html: str) -> str:
    """The same document with only its encoding to protect it."""
    return _POLICY.sub("", html)


@contextmanager
def no_encoding() -> Iterator[None]:
    """Switch off whatever keeps text text, so that what is made inside runs."""
    open_ = _html._environment().overlay(autoescape=False, finalize=_plain)
    with (
        mock.patch.object(_html, "_environment", return_value=open_),
        mock.patch.object(_markdown, "escape", str),
        mock.patch.object(_show, "safe", str),
        mock.patch.object(_svg_marks, "safe", str),
        mock.patch.object(_svg_marks, "clean", str),
        mock.patch.object(_show, "clean", str),
        mock.patch.object(_shape, "html_table", _show.html_table),
    ):
        yield


def _plain(value: object) -> object:
    return value if hasattr(value, "__html__") else str(value)
