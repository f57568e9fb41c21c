"""HTML-01, HTML-03, HTML-04, HTML-05: what others write is read in a browser and runs in none."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cxm_core.report import Quote, to_html
from cxm_core.report._escape import visible
from reliability.browser import OVERFLOW, UNFOLD, Lab, chromium, lab
from reliability.hostile_pages import DOCUMENTS, no_encoding, page, without_policy
from reliability.hostile_report import NAMES, make
from reliability.hostile_texts import FLOODS, PACKS, XSS
from report.sample import page_full_of

SHAPE = """() => [...document.querySelectorAll('*')].map(
    one => one.localName + ' ' + one.namespaceURI + ' ' + [...one.attributes].map(a => a.name))"""
#: As long as the hostile texts, so that the same ones are folded, and as different.
HARMLESS = tuple(f"{at}\n{'word ' * (len(text) // 5)}{at}" for at, text in enumerate(XSS))
#: In text, and in the title of a picture, which a browser shows as text too.
TEXT = "document.documentElement.textContent"


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    """One browser for this file."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def desk(running: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A tab as wide as a desk."""
    with lab(running, tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture
def bare(running: Any, tmp_path: Path) -> Iterator[Lab]:
    """A tab for documents that may do anything, and do."""
    with lab(running, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def free(running: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One tab for many such documents, which must be left before the next."""
    with lab(running, tmp_path_factory.mktemp("free")) as made:
        yield made


@pytest.fixture(scope="module")
def phone(running: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A tab as narrow as a phone."""
    size = {"width": 360, "height": 780}
    with lab(running, tmp_path_factory.mktemp("phone"), viewport=size) as made:
        yield made


def test_there_are_enough_texts_and_places() -> None:
    """At least 200 texts, the packs among them, in at least 13 places."""
    assert len(XSS) >= 200
    assert len(DOCUMENTS) >= 13


@pytest.mark.parametrize("place", DOCUMENTS)
def test_html_01_nothing_runs_in_any_place(place: str, desk: Lab) -> None:
    """The whole pack on one page, without the policy: 0 run, 0 requests, no new element."""
    desk.open(without_policy(DOCUMENTS[place](XSS)))
    hostile = set(desk.tab.evaluate(SHAPE))
    desk.poke()
    assert desk.seen.is_quiet
    desk.open(DOCUMENTS[place](HARMLESS))
    assert hostile <= set(desk.tab.evaluate(SHAPE))


@pytest.mark.parametrize("place", DOCUMENTS)
def test_html_01_control_runs_without_encoding(place: str, free: Lab) -> None:
    """The same document with encoding switched off does run, so the harness is not blind."""
    with no_encoding():
        html = without_policy(DOCUMENTS[place](PACKS["xss"]))
    free.leave()
    assert free.attack(without_policy(DOCUMENTS[place](["Fine"]))).is_quiet
    assert free.attack(html).ran


def test_html_01_every_text_is_shown_as_it_is(desk: Lab) -> None:
    """A reader sees each text letter by letter, but for letters that cannot be seen."""
    desk.open(DOCUMENTS["verbatim"](XSS))
    shown = desk.tab.evaluate(TEXT)
    for at, text in enumerate(XSS):
        assert visible(text) in shown, f"text {at}"


@pytest.mark.slow
@pytest.mark.parametrize("place", DOCUMENTS)
def test_html_01_each_text_alone_in_each_place(place: str, desk: Lab, bare: Lab) -> None:
    """One document a text: 0 of all run, by encoding alone; without it some do."""
    without = 0
    for at, text in enumerate(XSS):
        assert desk.attack(without_policy(DOCUMENTS[place]((text,)))).is_quiet, f"text {at}"
        with no_encoding():
            html = without_policy(DOCUMENTS[place]((text,)))
        without += bool(bare.attack(html).ran)
    sys.stdout.write(f"{place}: 0 of {len(XSS)} ran; without encoding {without}\n")
    assert without > 0


def test_html_04_opened_from_a_file_it_asks_for_nothing(desk: Lab) -> None:
    """A report as it is written, full of texts in every field: no script, no request."""
    html = to_html(page_full_of(" ".join(XSS)))
    assert html.index("Content-Security-Policy") < html.index("<title>")
    assert desk.attack(html).is_quiet


def test_html_04_the_policy_holds_where_encoding_would_fail(bare: Lab) -> None:
    """With no encoding at all the policy alone keeps scripts, frames and pictures out."""
    inert = [text for text in XSS if not re.search("(?i)http-equiv|href|formaction|action=", text)]
    with no_encoding():
        html = DOCUMENTS["verbatim"](inert)
    assert bare.attack(html).is_quiet


def test_html_04_control_asks_the_network_without_policy(bare: Lab) -> None:
    """Without encoding and policy the same counter does count."""
    with no_encoding():
        html = without_policy(DOCUMENTS["verbatim"](["<img src=http://evil.test/x>"]))
    assert bare.attack(html).asked == ["http://evil.test/x"]


def test_html_05_links_in_words_stay_words(desk: Lab) -> None:
    """Every link of a page full of addresses leads into the page itself; none opens a window."""
    addresses = [text for text in XSS if re.search("http|mailto|www|href", text)]
    assert len(addresses) > 30
    for html in (to_html(page_full_of(" ".join(addresses))), DOCUMENTS["verbatim"](addresses)):
        desk.open(html)
        links = desk.tab.evaluate(
            "[...document.querySelectorAll('a, area, form, base, link')]"
            ".map(a => a.getAttribute('href'))"
        )
        assert [link for link in links if not (link or "").startswith("#")] == []
        assert desk.tab.evaluate("document.querySelectorAll('[target], [ping]').length") == 0


@pytest.mark.parametrize("width", [pytest.param("desk", marks=pytest.mark.slow), "phone"])
@pytest.mark.parametrize("flood", FLOODS)
def test_html_03_no_words_break_the_page(
    flood: str, width: str, request: pytest.FixtureRequest
) -> None:
    """In every place at once, folded or not, the page is no wider than the screen."""
    shown = request.getfixturevalue(width)
    flooded = page_full_of(FLOODS[flood][:1500])
    shown.open(to_html(evolve(flooded, quotes=[Quote(text=FLOODS[flood])])))
    assert shown.tab.evaluate(OVERFLOW) == 0
    shown.tab.evaluate(UNFOLD)
    assert shown.tab.evaluate(OVERFLOW) == 0
    assert shown.tab.locator("footer").is_visible()


@pytest.mark.parametrize("flood", FLOODS)
def test_html_03_a_flood_stays_in_its_quote(flood: str, desk: Lab) -> None:
    """The quote after a flooded one stands below or beside it: nothing is drawn over it."""
    quotes = [Quote(text=FLOODS[flood][:300]), Quote(text="The hall was cold.", touchpoint="Hall")]
    desk.open(to_html(page(quotes=quotes)))
    desk.tab.evaluate(UNFOLD)
    flooded, other = (desk.tab.locator("blockquote").nth(at).evaluate(_INK) for at in (0, 1))
    apart = flooded["bottom"] <= other["top"] + 1 or flooded["right"] <= other["left"] + 1
    assert apart
    assert desk.tab.locator("blockquote").nth(1).is_visible()


#: Where the words of a quote are drawn, cut off where the page cuts them off.
_INK = "one => { const b = one.getBoundingClientRect(); return b.toJSON() }"


def test_html_03_direction_stays_inside(desk: Lab) -> None:
    """An override in one customer's words turns no letter beside them."""
    desk.open(DOCUMENTS["touchpoint name"]((FLOODS["override"], "Desk")))
    shown = desk.tab.evaluate(TEXT)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)
    apart = desk.tab.evaluate(
        "[...document.querySelectorAll('bdi, svg text, blockquote p')]"
        ".every(one => ['isolate', 'plaintext'].includes(getComputedStyle(one).unicodeBidi))"
    )
    assert apart


def test_html_03_a_pile_of_marks_hides_no_neighbour(desk: Lab, tmp_path: Path) -> None:
    """Marks piled on a letter are drawn over nothing else: the page cuts them off."""
    stack = FLOODS["stack"][:2000]
    plain = page(quotes=[Quote(text="Z Z"), Quote(text="The hall was cold.")])
    piled = page(quotes=[Quote(text=stack), Quote(text="The hall was cold.")])
    pictures = []
    for one in (plain, piled):
        desk.open(to_html(one))
        pictures.append(desk.tab.locator("blockquote").nth(1).screenshot())
    assert pictures[0] == pictures[1]


def test_html_03_empty_lines_and_piled_marks_are_thinned() -> None:
    """Nobody pushes the rest of a page out of sight, or paints over the line above."""
    assert visible("a" + "\r\n \u2028" * 500 + "b") == "a\n\nb"
    assert visible("e\u0301" + "\u0301" * 500 + "x") == "e" + "\u0301" * 5 + "x"
    assert visible("\u05e9\u05c1\u05bc\u05b8\u0591") == "\u05e9\u05c1\u05bc\u05b8\u0591"


def test_html_01_a_report_of_nothing_but_hostile_text(tmp_path: Path, desk: Lab) -> None:
    """From a hostile program and file through sync and engines to a page: nothing runs."""
    path = make(tmp_path)
    assert {file.suffix for file in (tmp_path / "tables").iterdir()} == {".csv", ".md", ".parquet"}
    html = path.read_text(encoding="utf-8")
    assert desk.attack(without_policy(html)).is_quiet
    shown = desk.tab.evaluate(TEXT)
    assert all(visible(name) in shown for name in NAMES[4:8])
    assert desk.tab.evaluate(OVERFLOW) == 0
