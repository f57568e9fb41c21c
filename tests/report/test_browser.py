"""The report in a real browser, with the network off: seen, read aloud, printed, attacked."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from cxm_core.report import Quote, to_html
from report.payloads import ALL, XSS
from report.sample import page_full_of, sfo_page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1100, "height": 900}
OPEN_ALL = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CALLS = "window.pwned"
#: Runs before the page: what a payload would call, and then what a person might do to the page.
TRAP = "window.pwned = 0; window.pwn = () => { window.pwned += 1 };"
POKE = """() => {
    document.querySelectorAll('details').forEach(fold => { fold.open = true });
    for (const one of document.querySelectorAll('*')) {
        for (const kind of ['mouseover', 'focus', 'click', 'toggle', 'load', 'error'])
            one.dispatchEvent(new Event(kind));
        if (one.focus) one.focus();
    }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    """One Chromium for all tests of this file, which can reach no address."""
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture
def opened(browser: sync_api.Browser, request: pytest.FixtureRequest) -> Iterator[sync_api.Page]:
    """An empty tab, offline; ``parametrize(..., indirect=True)`` gives its settings."""
    settings = {"offline": True, "viewport": DESK, **getattr(request, "param", {})}
    context = browser.new_context(**settings)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The airport's report as a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html(sfo_page()), encoding="utf-8")
    return path


LOOKS = [
    pytest.param({"color_scheme": scheme, "viewport": size}, id=f"{scheme}-{size['width']}")
    for scheme in ("light", "dark")
    for size in (PHONE, DESK)
]


class TestSeen:
    """The page opens from a file, without a network, and fits."""

    @pytest.mark.parametrize("opened", LOOKS, indirect=True)
    def test_it_asks_for_nothing_and_complains_of_nothing(
        self, opened: sync_api.Page, file: Path
    ) -> None:
        """The only request is the file itself; the console stays silent."""
        requests: list[str] = []
        messages: list[str] = []
        opened.on("request", lambda request: requests.append(request.url))
        opened.on("console", lambda message: messages.append(message.text))
        opened.on("pageerror", lambda error: messages.append(error.name or ""))
        opened.goto(file.as_uri())
        opened.evaluate(OPEN_ALL)
        assert requests == [file.as_uri()]
        assert messages == []

    @pytest.mark.parametrize("opened", LOOKS, indirect=True)
    def test_it_never_scrolls_sideways(self, opened: sync_api.Page, file: Path) -> None:
        """Folded or unfolded, no part is wider than the screen."""
        opened.goto(file.as_uri())
        assert opened.evaluate(OVERFLOW) == 0
        opened.evaluate(OPEN_ALL)
        assert opened.evaluate(OVERFLOW) == 0

    @pytest.mark.parametrize("opened", LOOKS, indirect=True)
    def test_each_chart_is_shown_in_one_layout(self, opened: sync_api.Page, file: Path) -> None:
        """Wide or narrow, never both, never none."""
        opened.goto(file.as_uri())
        for chart in opened.locator(".chart").all():
            assert chart.locator("> svg:visible").count() == 1

    @pytest.mark.parametrize("opened", LOOKS, indirect=True)
    def test_printed_numbers_stay_inside_their_chart(
        self, opened: sync_api.Page, file: Path
    ) -> None:
        """No letter of a chart is cut off at the edge of the page, and no two run together."""
        opened.goto(file.as_uri())
        clashes = opened.evaluate(
            """() => [...document.querySelectorAll('.chart > svg')].flatMap(svg => {
                const frame = svg.getBoundingClientRect();
                if (!frame.width) return [];
                const boxes = [...svg.querySelectorAll('text')].map(t => t.getBoundingClientRect());
                const out = boxes.filter(b => b.left < frame.left - 1 || b.right > frame.right + 1);
                const pairs = boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b =>
                    a.left < b.right && b.left < a.right &&
                    a.top + 3 < b.bottom && b.top + 3 < a.bottom));
                return [...out, ...pairs].map(b => [b.left, b.top]);
            })"""
        )
        assert clashes == []

    def test_light_and_dark_are_two_themes(self, opened: sync_api.Page, file: Path) -> None:
        """The page follows what the reader's system prefers."""
        opened.goto(file.as_uri())
        paper = "getComputedStyle(document.body).backgroundColor"
        opened.emulate_media(color_scheme="light")
        light = opened.evaluate(paper)
        opened.emulate_media(color_scheme="dark")
        assert opened.evaluate(paper) != light

    def test_it_prints_on_white_paper(self, opened: sync_api.Page, file: Path) -> None:
        """In print there is no navigation and no dark paper, and the browser makes a PDF."""
        opened.goto(file.as_uri())
        opened.emulate_media(media="print", color_scheme="dark")
        paper = opened.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(255, 255, 255)"
        assert not opened.locator("nav").is_visible()
        assert opened.pdf(format="A4").startswith(b"%PDF")


class TestUsed:
    """Keyboard and screen reader get everywhere."""

    @pytest.mark.parametrize("opened", LOOKS, indirect=True)
    def test_axe_finds_no_violation(self, opened: sync_api.Page, file: Path) -> None:
        """Every rule of axe-core holds, folded and unfolded."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        opened.goto(file.as_uri())
        folded = axe.run(opened)
        opened.evaluate(OPEN_ALL)
        unfolded = axe.run(opened)
        for found in (folded, unfolded):
            assert [rule["id"] for rule in found.response["violations"]] == []
            assert len(found.response["passes"]) > 20

    def test_the_first_tab_stop_skips_to_the_figures(
        self, opened: sync_api.Page, file: Path
    ) -> None:
        """Tab, enter: the focus is on the figures."""
        opened.goto(file.as_uri())
        opened.keyboard.press("Tab")
        assert opened.evaluate("document.activeElement.textContent") == "Skip to the figures"
        opened.keyboard.press("Enter")
        assert opened.evaluate("document.activeElement.id") == "figures"

    def test_a_receipt_is_one_click_away(self, opened: sync_api.Page, file: Path) -> None:
        """Without any script, a click unfolds how a number was made."""
        opened.goto(file.as_uri())
        receipt = opened.locator("details.receipt").first
        assert not receipt.locator("table").is_visible()
        receipt.locator("summary").click()
        assert receipt.locator("table").is_visible()
        assert "9f2c41d0a6b85e73" in receipt.inner_text()


class TestAttacked:
    """What customers write runs nowhere, even if the policy were not there."""

    @pytest.mark.parametrize("has_policy", [True, False], ids=["policy", "no-policy"])
    def test_no_payload_runs(self, opened: sync_api.Page, tmp_path: Path, has_policy: bool) -> None:
        """Every payload in every field, then every event on every element: nothing is called."""
        opened.add_init_script(TRAP)
        requests: list[str] = []
        opened.on("request", lambda request: requests.append(request.url))
        for place, payload in enumerate(ALL):
            html = to_html(page_full_of(payload))
            assert "Content-Security-Policy" in html
            shown = open_text(opened, html if has_policy else without_policy(html), tmp_path)
            opened.evaluate(POKE)
            assert opened.evaluate(CALLS) == 0, f"payload {place}"
            assert set(requests) == {shown}

    def test_the_harness_would_notice(self, opened: sync_api.Page, tmp_path: Path) -> None:
        """The same payloads, put into a page without escaping, do run."""
        opened.add_init_script(TRAP)
        executed = 0
        for payload in XSS:
            open_text(
                opened, f"<!doctype html><p>{payload.encode(errors='ignore').decode()}", tmp_path
            )
            opened.evaluate(POKE)
            executed += opened.evaluate(CALLS) > 0
        assert executed >= 10

    def test_the_policy_stops_what_escaping_would_miss(
        self, opened: sync_api.Page, tmp_path: Path
    ) -> None:
        """A script that got into the file all the same is refused by the browser."""
        opened.add_init_script(TRAP)
        html = to_html(sfo_page()).replace(
            "<main", "<script>pwn()</script><img src=x onerror=pwn()><main"
        )
        open_text(opened, html, tmp_path)
        opened.evaluate(POKE)
        assert opened.evaluate(CALLS) == 0

    @pytest.mark.parametrize("opened", LOOKS[:2], indirect=True)
    @pytest.mark.parametrize(
        "words",
        [
            "x" * 100_000,
            "\u202e" * 50 + "\u05d0" * 3000,
            "\u0e01\u0e33" * 2000,
            "\U0001f468\u200d" * 900,
        ],
        ids=["no-space", "right-to-left", "thai", "emoji"],
    )
    def test_no_words_break_the_page(
        self, opened: sync_api.Page, tmp_path: Path, words: str
    ) -> None:
        """A flood in every field: still no wider than the screen, the quote still readable."""
        page = evolve(page_full_of(words[:3000]), quotes=[Quote(text=words)])
        open_text(opened, to_html(page), tmp_path)
        opened.evaluate(OPEN_ALL)
        assert opened.evaluate(OVERFLOW) == 0
        assert opened.locator("blockquote").first.is_visible()


def open_text(tab: sync_api.Page, html: str, folder: Path) -> str:
    """Open a page from a file; its address."""
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    tab.goto(path.as_uri())
    return path.as_uri()


def without_policy(html: str) -> str:
    """The same page with only its escaping to protect it."""
    return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
