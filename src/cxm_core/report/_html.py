"""The page as one HTML file that needs neither network nor script."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache, partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from cxm_core.errors import MissingExtraError
from cxm_core.results import library_version

from . import _figures, _view, _words
from ._charts import draw
from ._escape import clip, visible
from ._evidence import OUTCOMES, evidence, meaning_of, notes, state, unused
from ._page import ReportPage
from ._receipts import receipt_rows

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["content_security_policy", "to_html"]

#: Letters of an answer that are shown at once, and at most.
_CLIP, _MOST = 320, 4000


def to_html(page: ReportPage) -> str:
    """Report as one HTML file that opens anywhere, offline, without a script.

    Parameters
    ----------
    page : ReportPage
        What to show.

    Returns
    -------
    str
        The whole document; the same page always gives the same text.

    Raises
    ------
    MissingExtraError
        Jinja2 is not installed.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from cxm_core.report import ReportPage, to_html
    >>> page = ReportPage(title="This week", generated_at=datetime(2026, 11, 21, tzinfo=UTC))
    >>> "<h1>" in to_html(page)
    True
    """
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            page=page,
            sections=_view.sections(page),
            evidence=evidence(page),
            known_sentence=_view.known_sentence(page),
            touchpoint_caveats=_view.touchpoint_caveats(page),
            clock=partial(_words.clock, zone=page.zone),
            day=partial(_words.day, zone=page.zone),
            quote_facts=partial(_view.quote_facts, zone=page.zone),
            receipt_rows=partial(receipt_rows, zone=page.zone),
            sync_notes=partial(notes, zone=page.zone),
        )
    )


def content_security_policy(style: str) -> str:
    """Policy that lets a page do nothing but use this style sheet."""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'none'; script-src 'none'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _style() -> str:
    folder = resources.files("cxm_core.report") / "templates"
    return (folder / "style.css").read_text(encoding="utf-8").strip()


@cache
def _environment() -> Environment:
    try:
        import jinja2  # noqa: PLC0415  (an extra, loaded when it is needed)
        import markupsafe  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError.of("report", "an HTML report") from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cxm_core.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals.update(_known(), style=markupsafe.Markup(_style()), ours=markupsafe.Markup)  # noqa: S704  (ours)
    environment.filters.update(clip=partial(clip, limit=_CLIP), whole=partial(clip, limit=_MOST))
    return environment


def _known() -> dict[str, object]:
    """What every template knows, whatever the page."""
    return {
        "policy": content_security_policy(_style()),
        "library_version": library_version(),
        "outcomes": OUTCOMES,
        "most": _MOST,
        "figures": _figures,
        "draw": draw,
        "numbers_of": _words.numbers_of,
        "numbers_of_change": _words.numbers_of_change,
        "percent": _words.percent,
        "within": _words.WITHIN,
        "verdict": _words.verdict,
        "compared_with": _view.compared_with,
        "headline_caveats": _view.headline_caveats,
        "headline_results": _view.headline_results,
        "headline_tags": _view.headline_tags,
        "known_results": _view.known_results,
        "told": _view.told,
        "result_caveats": _view.result_caveats,
        "panel_rows": _view.panel_rows,
        "verdict_heads": _view.VERDICT_HEADS,
        "verdict_rows": _view.verdict_rows,
        "map_cells": _view.map_cells,
        "touchpoint_results": _view.touchpoint_results,
        "group_caveats": _view.group_caveats,
        "groups_left_out": _view.groups_left_out,
        "sync_state": state,
        "unused": unused,
        "meaning_of": meaning_of,
    }


def _shown(value: Any) -> Any:
    """What a template may print: everything but None, with nothing in it that cannot be seen."""
    if value is None:
        raise ValueError("a template prints a value that is not there")
    return value if hasattr(value, "__html__") else visible(str(value))
