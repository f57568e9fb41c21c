"""The page as Markdown."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.report import Quote, ReportPage, to_markdown
from cxm_core.report._escape import visible
from cxm_core.report._markdown import escape
from report.payloads import ALL
from report.sample import NOW, page_full_of, sfo_page

markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")

MARKS = ("*a*", "_a_", "`a`", "# a", "- a", "+ a", "1. a", "1) a", "> a", "a|b", "![a](b)", "---")
SNEAKY = (
    "===",
    "    a",
    "\ta",
    "[a]: b",
    "<b>",
    "&amp;",
    "\\*a*",
    "http://a.b",
    "www.a.b",
    "~~a~~",
)
ANY_TEXT = st.text(max_size=80) | st.text("*_`#-+.1)>|![]()<&\\~=: \t\nahtpw/", max_size=20)


READER = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(text: str) -> list[markdown_it.token.Token]:
    """Every token of a text, inner ones as well."""
    return [one for token in READER.parse(text) for one in (token, *(token.children or ()))]


def plain(text: str) -> str:
    """What a reader sees of the text's inner tokens."""
    return "".join(t.content for t in tokens(text) if t.type in {"text", "text_special"})


@given(ANY_TEXT)
def test_escaped_text_is_text(text: str) -> None:
    """One paragraph of plain text, the same as what went in."""
    wanted = " ".join(visible(text).split())
    found = tokens(escape(text))
    kinds = {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    assert {token.type for token in found} <= kinds
    assert plain(escape(text)) == wanted


@pytest.mark.parametrize("text", [*MARKS, *SNEAKY, *ALL])
def test_no_mark_in_a_quote_works(text: str) -> None:
    """A customer's words make no list, heading, link, tag, code or table."""
    page = ReportPage(title="t", generated_at=NOW, quotes=[Quote(text=f"a\n{text}\nb\n{text}")])
    kinds = {token.type for token in tokens(to_markdown(page))}
    assert kinds <= {
        *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline"),
        *("text", "text_special", "softbreak", "hardbreak", "blockquote_open", "blockquote_close"),
    }


@pytest.mark.parametrize("text", [*MARKS, *SNEAKY, *ALL])
def test_no_text_changes_the_structure(text: str) -> None:
    """A page full of a text has the blocks of a page full of one letter."""

    def blocks(page: ReportPage) -> list[str]:
        return [token.type for token in READER.parse(to_markdown(page))]

    assert blocks(page_full_of(f"x{text}")) == blocks(page_full_of("x"))


def test_addresses_are_no_links() -> None:
    """Readers that make links of bare addresses find none."""
    assert escape("see http://a.b and www.a.b, mailto:x") == (
        "see http\\://a.b and www\\.a.b, mailto\\:x"
    )


def test_plain_words_stay_readable() -> None:
    """Dates, figures, colons and brackets are not littered with marks."""
    text = "Figure: 40.4 (37.4 to 43.4), 12:30, it's -5 or +3, 100% e-mail; ok?"
    assert escape(text) == text


@pytest.mark.parametrize(
    "fact",
    [
        "# San Francisco International Airport",
        "**Data complete.** All 2 streams",
        "### Net Promoter Score (weighted)",
        "**35.1 points**, between 30.8 and 39.4 (2018, 2,650 answers, 95% interval)",
        "\u25bc **Worse.** Fell by 8.9 points since 2017 (between 5.0 and 12.7).",
        "| 2018 | 31.0 | 28.2 to 33.8 | 2,650 |",
        "| Change | \u22128.9 | \u221212.7 to \u22125.0 | 5,396 |",
        "| Restaurants | 9.8% (8.7 to 10.9%), n 2,716 | 86.2% (84.9 to 87.5%), n 2,716 |",
        "- Note: 2018, Change: Some answers have no cluster",
        "> SECURITY LINES ARE ALWAYS WAY TOO LONG.",
        "| files:sfo 2018 | 42,135 | 42,114 | 9 | 0 | 12 | 0 | complete |",
        "| out\\_of\\_scale | 12 |",
        "### How these numbers were made: Restaurants",
        "Times are those of America/Los\\_Angeles.",
    ],
)
def test_a_reader_finds_the_fact(fact: str) -> None:
    """The same figures as in the HTML form."""
    assert fact in to_markdown(sfo_page())


def test_lines_of_an_answer_stay_lines() -> None:
    """A customer's line breaks are kept; empty lines are not."""
    page = ReportPage(title="t", generated_at=NOW, quotes=[Quote(text="one\n\r\ntwo")])
    assert "> one\\\n> two\n" in to_markdown(page)


def test_it_needs_no_template_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Markdown works without the report extra."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert to_markdown(sfo_page()).startswith("# ")


def test_a_flood_is_cut() -> None:
    """An answer of 100,000 letters does not fill the page."""
    page = ReportPage(title="t", generated_at=NOW, quotes=[Quote(text="x" * 100_000)])
    assert len(to_markdown(page)) < 5000
