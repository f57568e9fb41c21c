"""One HTML file: well formed, self-contained, honest, and deaf to what customers write."""

from __future__ import annotations

import hashlib
import itertools
import re
import sys
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import MissingExtraError
from cxm_core.report import Headline, Quote, ReportPage, Wave, _html, page_of, to_html
from cxm_core.report._escape import visible
from cxm_core.results import Caveat, Estimate
from report.html_reading import Node, read
from report.payloads import ALL
from report.sample import NOW, page_full_of, sfo_page

ANY_TEXT = st.text(st.characters(), max_size=120).map("x{}".format)
OURS = to_html(page_full_of("x"))


@pytest.fixture(scope="module")
def html() -> str:
    """The airport's report."""
    return to_html(sfo_page())


@pytest.fixture(scope="module")
def document(html: str) -> Node:
    """The same, read."""
    return read(html)


def by_id(document: Node) -> dict[str, Node]:
    """Every element that has an id."""
    return {str(n.attributes["id"]): n for n in document.walk() if "id" in n.attributes}


class TestAlone:
    """The file needs nothing but itself."""

    def test_it_fits_the_budget(self, html: str) -> None:
        """A report of an airport stays far under 300 KB."""
        assert len(html.encode()) < 150_000

    def test_it_names_no_address(self, html: str) -> None:
        """Nothing in it points to the network, by any scheme."""
        assert not re.search(r"https?:|ftp:|url\(|@import|//[a-z]", html)

    def test_it_links_only_into_itself(self, document: Node) -> None:
        """Every link is a fragment whose target is there, and nothing is loaded."""
        known = by_id(document)
        links = [str(node.attributes["href"]) for node in document.find("a")]
        assert links
        assert all(link.startswith("#") and link[1:] in known for link in links)
        assert not [n for n in document.walk() if {"src", "srcset", "data"} & set(n.attributes)]

    def test_it_has_no_script(self, document: Node) -> None:
        """No script element, no handler, no style attribute, no form, no frame."""
        tags = {node.tag for node in document.walk()}
        assert not tags & {"script", "iframe", "object", "embed", "form", "link", "base", "img"}
        names = {name for node in document.walk() for name in node.attributes}
        assert not [name for name in names if name.startswith("on") or name == "style"]

    def test_the_policy_allows_this_style_and_nothing_else(self, document: Node) -> None:
        """The hash in the policy is the hash of the style sheet that is in the file."""
        (style,) = document.find("style")
        digest = b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
        policies = [
            str(meta.attributes["content"])
            for meta in document.find("meta")
            if meta.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        rules = dict(rule.strip().split(" ", 1) for rule in policies[0].split(";"))
        assert len(policies) == 1
        assert rules.pop("style-src") == f"'sha256-{digest}'"
        assert rules["default-src"] == "'none'"
        assert set(rules.values()) == {"'none'"}

    def test_the_policy_comes_before_what_it_rules(self, document: Node) -> None:
        """Only the character set stands before the policy."""
        (head,) = document.find("head")
        assert [child.attributes.get("http-equiv") for child in head.children][1] is not None
        assert head.children[0].attributes == {"charset": "utf-8"}

    def test_the_same_page_gives_the_same_bytes(self, html: str) -> None:
        """Nothing but the page decides what is written."""
        assert to_html(sfo_page()) == html

    def test_without_jinja_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who lacks the library is told the install command."""
        _html._environment.cache_clear()
        monkeypatch.setitem(sys.modules, "jinja2", None)
        with pytest.raises(MissingExtraError, match=r"cxm\[report\]"):
            to_html(sfo_page())
        _html._environment.cache_clear()


class TestReadable:
    """The structure is there for whoever does not see the page."""

    def test_headings_go_down_one_by_one(self, document: Node) -> None:
        """One h1, and no level is left out."""
        levels = [int(n.tag[1]) for n in document.walk() if re.fullmatch("h[1-6]", n.tag)]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))

    def test_landmarks_are_there_once(self, document: Node) -> None:
        """Header, navigation, main and footer; the first link leads to main."""
        for tag in ("header", "nav", "main", "footer"):
            assert len(document.find(tag)) == 1
        assert document.find("a")[0].attributes["href"] == "#figures"
        assert document.find("main")[0].attributes["id"] == "figures"
        assert document.find("html")[0].attributes["lang"] == "en"

    def test_ids_are_unique_and_names_are_found(self, document: Node) -> None:
        """Every reference by id leads somewhere, and to one place."""
        ids = [n.attributes["id"] for n in document.walk() if "id" in n.attributes]
        assert len(set(ids)) == len(ids)
        for node in document.walk():
            for name in ("aria-labelledby", "aria-describedby"):
                assert node.attributes.get(name, ids[0]) in ids

    def test_tables_have_captions_and_scopes(self, document: Node) -> None:
        """Every table says what it holds, every head whether it heads a row or a column."""
        tables = document.find("table")
        assert len(tables) > 20
        assert all(len(table.find("caption")) == 1 for table in tables)
        assert all(n.attributes.get("scope") in {"row", "col"} for n in document.find("th"))

    def test_tables_scroll_inside_a_region_that_takes_the_focus(self, document: Node) -> None:
        """A wide table never pushes the page; a keyboard can scroll it."""
        for table in document.find("table"):
            region = table.parent
            assert region is not None
            assert region.attributes["role"] == "region"
            assert region.attributes["tabindex"] == "0"
            assert region.attributes["aria-labelledby"] in by_id(document)

    def test_charts_are_pictures_with_words(self, document: Node) -> None:
        """Each chart has a title and a description with its numbers, and its data beside it."""
        pictures = [n for n in document.find("svg") if n.attributes.get("role") == "img"]
        assert len(pictures) == 2 * 8
        assert all(n.find("title") and re.search(r"\d", n.find("desc")[0].text) for n in pictures)
        folds = [n.text for n in document.find("summary")]
        assert sum(text.startswith("Data of the chart") for text in folds) == 5


class TestColours:
    """Every colour can be told from what is behind it, in light, in dark and in print."""

    @pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
    @pytest.mark.parametrize(
        ("front", "back", "least"),
        [
            *((name, "paper", 4.5) for name in ("ink", "soft", "accent", "good", "bad")),
            ("note", "note-paper", 4.5),
            ("accent", "card", 4.5),
            ("span", "paper", 3.0),
            ("accent", "paper", 3.0),
        ],
    )
    def test_contrast_is_enough(
        self, document: Node, theme: int, front: str, back: str, least: float
    ) -> None:
        """Text has 4.5 to 1, the parts of a chart have 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""
        themes = re.findall(r":root \{([^}]*)\}", document.find("style")[0].text)
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", themes[theme]))
        assert contrast(colours[front], colours[back]) >= least


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class TestFigures:
    """What the page says is what the results say."""

    @pytest.mark.parametrize(
        "fact",
        [
            "31.0",
            "between 28.2 and 33.8",
            "Fell by 8.9 points since 2017 (between 5.0 and 12.7).",
            "78.4%",
            "between 76.8% and 80.0%",
            "Fell by 3.6 percentage points since 2017",
            "35.1",
            "Fell by 5.28 points since 2017 (between 0.02 and 10.55).",
            "2,650 answers, 95% interval",
            "\u221212.7 to \u22125.0",
            "passengers who choose SFO again",
            "Some answers have no cluster",
            "2018: 1 January 2018 until before 1 January 2019",
            "rows 2,831 \u2192 in window 2,831 \u2192 answered 2,746",
            "no_answer 85",
            "42,135",
            "out_of_scale",
            "All 2 streams delivered everything",
            "Times are those of America/Los_Angeles.",
        ],
    )
    def test_a_reader_finds_the_fact(self, document: Node, fact: str) -> None:
        """Headline, change, receipt, completeness: all in plain text."""
        assert fact in document.text

    def test_touchpoints_stand_in_order(self, document: Node) -> None:
        """The one that disappoints most of all customers asked comes first."""
        chart = by_id(document)["touchpoint-narrow-d"]
        values = [float(v) for v in re.findall(r"([\d.]+)% \(", chart.text)]
        assert len(values) == 14
        assert values == sorted(values, reverse=True)
        assert chart.text.startswith("Restaurants 9.8% (8.7 to 10.9%)")

    def test_touchpoints_come_right_after_the_headlines(self, document: Node) -> None:
        """The order of the page is the order of interest."""
        names = [n.text for n in document.find("h2")]
        assert names[:2] == ["Headlines", "Touchpoints"]

    def test_every_number_has_its_receipt(self, document: Node) -> None:
        """Three headlines, fourteen touchpoints and one breakdown: one receipt each."""
        folds = [n for n in document.find("details") if n.attributes.get("class") == "receipt"]
        assert len(folds) == 3 + 14 + 1
        assert all("Definition hash" in fold.text for fold in folds)

    def test_no_minus_is_a_hyphen(self, document: Node) -> None:
        """Negative numbers have a real minus sign, in charts as well."""
        texts = [n.text for n in document.walk() if n.tag in {"td", "text", "tspan", "desc"}]
        assert not [t for t in texts if re.search(r"(?<![\w-])-\d", t)]

    def test_incomplete_data_is_said_at_the_top(self) -> None:
        """A stream that did not deliver everything is no footnote."""
        page = sfo_page()
        broken = evolve(page.completeness[0], is_complete=False, verdict="partial")
        shown = read(to_html(evolve(page, completeness=(broken, page.completeness[1]))))
        (header,) = shown.find("header")
        assert "Data incomplete. 1 of 2 streams" in header.text

    def test_a_figure_that_is_not_there_says_why(self) -> None:
        """Nobody answered: a dash, no interval, and the reason in words."""
        made = sfo_page().headlines[0].waves[0].estimate
        none = evolve(
            made,
            value=None,
            low=None,
            high=None,
            standard_error=None,
            effective_n=None,
            n=0,
            caveats=(Caveat.of("no_answers"),),
        )
        page = page_of([none], title="Empty", now=NOW)
        text = read(to_html(page)).text
        assert "no interval" in text
        assert "Nobody answered: there is no figure." in text
        assert "None" not in text

    def test_a_page_of_nothing_says_so(self) -> None:
        """A report without figures is a page, not an error."""
        page = ReportPage(title="Empty", generated_at=datetime(2026, 11, 21, tzinfo=UTC))
        assert "Nothing was measured" in read(to_html(page)).text

    def test_a_metric_with_another_unit_is_shown_with_its_word(self) -> None:
        """A unit that the report does not know is printed as it is."""
        made = evolve(sfo_page().headlines[0].waves[0].estimate, unit="minutes")
        page = page_of([made], title="Time", now=NOW)
        assert "40.40 minutes" in " ".join(read(to_html(page)).text.split())


class TestHostile:
    """Nothing that comes from data is anything but text."""

    @given(ANY_TEXT)
    def test_any_text_in_any_field_leaves_the_structure_alone(self, text: str) -> None:
        """Elements and attributes are those of a page full of one letter."""
        assert skeleton(to_html(page_full_of(text))) == skeleton(OURS)

    @given(ANY_TEXT)
    def test_any_text_reads_back_as_it_was(self, text: str) -> None:
        """What a reader of the file finds in each place is the text, made visible."""
        document = read(to_html(page_full_of(text)))
        wanted = visible(text)
        (heading,) = document.find("h1")
        (quote,) = document.find("blockquote")
        assert heading.text == wanted
        assert document.find("title")[0].text == wanted
        assert quote.text == wanted
        assert [n.text for n in document.find("dt") if n.within("section")][-1].startswith(wanted)

    @pytest.mark.parametrize("payload", ALL)
    def test_no_payload_stands_in_an_attribute_or_a_name(self, payload: str) -> None:
        """Tags, attributes and ids are ours alone, in the charts as well."""
        html = to_html(page_full_of(payload))
        assert skeleton(html) == skeleton(OURS)
        assert inside_charts(html) == inside_charts(OURS)

    @pytest.mark.parametrize("payload", ALL)
    def test_the_payload_is_shown(self, payload: str) -> None:
        """It is not swallowed either: the reader sees what was written."""
        text = read(to_html(page_full_of(payload))).find("blockquote")[0].text
        assert text == visible(payload)

    def test_templates_in_data_are_not_run(self) -> None:
        """A customer who writes a template is quoted."""
        text = read(to_html(page_full_of("{{7*7}}"))).text
        assert "49" not in text
        assert "{{7*7}}" in text

    def test_direction_overrides_cannot_turn_the_page(self) -> None:
        """Words are isolated, and overrides are gone from the whole file."""
        html = to_html(page_full_of("\u202egnihtyreve \u2066"))
        assert not set(html) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        (quote,) = read(html).find("blockquote")
        assert quote.children[0].attributes == {"dir": "auto"}

    def test_a_file_of_any_words_can_be_written(self) -> None:
        """Half a surrogate pair does not stop the report."""
        html = to_html(page_full_of("a\ud800b"))
        assert html.encode().decode() == html

    def test_a_long_answer_is_clipped_with_the_whole_a_click_away(self) -> None:
        """The first words are shown, the rest is folded, and a flood is cut with its count."""
        words = "word " * 400
        long = read(to_html(with_quote(words)))
        assert len(long.find("blockquote")[0].text) < 330
        assert words in " ".join(d.text for d in long.find("details"))
        flood = to_html(with_quote("x" * 100_000))
        assert "96,000 more characters" in flood
        assert len(flood) < 40_000

    def test_a_short_answer_is_not_folded(self) -> None:
        """Nothing to unfold where all is shown."""
        assert not read(to_html(with_quote("short"))).find("details")


def with_quote(text: str) -> ReportPage:
    """Page with one quote and nothing else."""
    return ReportPage(title="t", generated_at=NOW, quotes=[Quote(text=text)])


def skeleton(html: str) -> list[tuple[str, object]]:
    """Elements and attributes outside the charts, in order."""
    outside = (node for node in read(html).walk() if not node.within("svg"))
    return [(node.tag, own(node)) for node in outside]


def own(node: Node) -> tuple[tuple[str, str | None], ...]:
    """Attributes of an element; how large a chart is follows from its labels."""
    sizes = ("height", "width", "viewbox") if node.tag == "svg" else ()
    return tuple(sorted(pair for pair in node.attributes.items() if pair[0] not in sizes))


def inside_charts(html: str) -> set[tuple[str, frozenset[str]]]:
    """Which elements with which attributes the charts are drawn with."""
    inside = (node for node in read(html).walk() if node.within("svg"))
    return {(node.tag, frozenset(node.attributes)) for node in inside}


def test_a_headline_of_one_wave_has_no_verdict() -> None:
    """Without a change nothing is said about one."""
    made: Estimate = sfo_page().headlines[1].waves[1].estimate
    head = Headline(title="NPS", waves=[Wave(label="2018", estimate=made)])
    document = read(to_html(ReportPage(title="t", generated_at=NOW, headlines=[head])))
    assert not re.search(r"Fell|Rose|change", document.find("main")[0].text)
