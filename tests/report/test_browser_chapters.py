"""Tickets, effort and journeys in a real browser: seen, read aloud, attacked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cxm_core.report import to_html
from report.log_sample import desk_page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1100, "height": 900}
OPEN_ALL = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOOKS = [
    pytest.param({"color_scheme": scheme, "viewport": size}, id=f"{scheme}-{size['width']}")
    for scheme in ("light", "dark")
    for size in (PHONE, DESK)
]


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    """One Chromium for all tests of this file."""
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM)
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
    """The helpdesk's report as a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html(desk_page()), encoding="utf-8")
    return path


@pytest.mark.parametrize("opened", LOOKS, indirect=True)
def test_it_fits_and_is_silent(opened: sync_api.Page, file: Path) -> None:
    """Folded or unfolded, nothing is wider than the screen, and the console stays silent."""
    messages: list[str] = []
    opened.on("console", lambda message: messages.append(message.text))
    opened.goto(file.as_uri())
    assert opened.evaluate(OVERFLOW) == 0
    opened.evaluate(OPEN_ALL)
    assert opened.evaluate(OVERFLOW) == 0
    assert messages == []


@pytest.mark.parametrize("opened", LOOKS, indirect=True)
def test_axe_finds_no_violation(opened: sync_api.Page, file: Path) -> None:
    """Every rule of axe-core holds, folded and unfolded, maps and curves included."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened.goto(file.as_uri())
    folded = axe.run(opened)
    opened.evaluate(OPEN_ALL)
    unfolded = axe.run(opened)
    found = [one["id"] for run in (folded, unfolded) for one in run.response["violations"]]
    assert found == []


def test_a_map_is_seen(opened: sync_api.Page, file: Path) -> None:
    """Each map is drawn, with its letters inside it."""
    opened.goto(file.as_uri())
    maps = opened.locator("svg.cxm-map")
    assert maps.count() == 2
    outside = opened.evaluate(
        """() => [...document.querySelectorAll('svg.cxm-map')].flatMap(svg => {
            const frame = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
                const box = text.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1;
            }).map(text => text.textContent);
        })"""
    )
    assert outside == []


def test_hostile_words_stay_words(opened: sync_api.Page, tmp_path: Path) -> None:
    """Labels of a map that look like markup run nothing."""
    payload = "</text></svg><script>window.pwned=1</script><img src=x onerror='window.pwned=1'>"
    path = tmp_path / "hostile.html"
    path.write_text(to_html(desk_page(payload)), encoding="utf-8")
    opened.goto(path.as_uri())
    opened.evaluate(OPEN_ALL)
    assert opened.evaluate("window.pwned === undefined")
    assert opened.locator("script, img").count() == 0
