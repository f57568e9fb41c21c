"""A real Chromium that reaches no address, and what it did with a document that it was given."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_RAN = "cxm-pwned "
# In every frame, before anything of the document: what a payload calls.
_TRAP = f"window.pwn = () => {{ console.debug('{_RAN}' + location.href) }};"
# What a person might do to a page, all at once.
_POKE = """() => {
    const kinds = ['mouseover', 'mouseenter', 'pointerenter', 'focus', 'focusin', 'click', 'toggle',
        'beforetoggle', 'load', 'error', 'begin', 'start', 'animationstart', 'transitionend',
        'pageshow', 'input', 'submit'];
    document.querySelectorAll('details').forEach(fold => { fold.open = true });
    const ours = location.href.split('#')[0];
    for (const one of document.querySelectorAll('*')) {
        for (const kind of kinds) one.dispatchEvent(new Event(kind));
        if (one.hasAttribute('autofocus') || one.tabIndex >= 0) one.focus && one.focus();
    }
    for (const link of document.querySelectorAll('a, area, math[href], button, input[type=submit]'))
        if (!link.href || !String(link.href).startsWith(ours + '#'))
            link.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"


@define
class Seen:
    """What a document made the browser do."""

    home: str = ""
    ran: list[str] = field(factory=list)
    asked: list[str] = field(factory=list)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing ran, and nothing but the file itself was asked for."""
        return not self.ran and not self.asked

    def drop(self, request: Any) -> None:
        """Forget a request that the page's own policy kept from being made."""
        if request.failure == "csp" and request.url in self.asked:
            self.asked.remove(request.url)

    def ask(self, url: str) -> None:
        """Note a request, but for the one for the file itself."""
        if url != self.home:
            self.asked.append(url)


@define
class Lab:
    """A tab that opens documents one by one from files, and keeps count."""

    tab: Any
    folder: Path
    seen: Seen = field(factory=Seen)

    def open(self, html: str) -> None:
        """Open a document."""
        path = self.folder / "page.html"
        # Half a surrogate pair cannot be in a file, so not in an attack either.
        path.write_bytes(html.encode(errors="replace"))
        self.seen = Seen(home=path.as_uri())
        self.tab.goto(path.as_uri(), wait_until="domcontentloaded")

    def leave(self) -> None:
        """Leave a document with all that it opened, so that nothing of it is told later."""
        for other in self.tab.context.pages:
            if other != self.tab:
                other.close()
        self.tab.goto("about:blank")

    def attack(self, html: str) -> Seen:
        """Open a document, do to it what a person might do, and tell what it did."""
        self.open(html)
        self.poke()
        return self.seen

    def poke(self) -> None:
        """Do to the document whatever a person might do."""
        from playwright.sync_api import Error  # noqa: PLC0415  (a test that is skipped has none)

        for frame in self.tab.frames:
            try:
                frame.evaluate(_POKE)
                # One turn of the loop, for what runs a moment later.
                frame.evaluate("() => new Promise(done => setTimeout(done, 0))")
            except Error:
                continue  # the document has left, which only one without encoding can do


@contextmanager
def chromium() -> Iterator[Any]:
    """One browser for many documents; the test is skipped where none is installed."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield running
        running.close()


@contextmanager
def lab(running: Any, folder: Path, **settings: Any) -> Iterator[Lab]:
    """A tab without a network that counts what runs and what is asked for."""
    size = {"width": 1100, "height": 900}
    context = running.new_context(**{"offline": True, "viewport": size, **settings})
    context.add_init_script(_TRAP)
    made = Lab(tab=context.new_page(), folder=folder)
    made.tab.on("console", lambda message: _note(made, message.text))
    made.tab.on("dialog", lambda dialog: dialog.dismiss())
    context.on("request", lambda request: made.seen.ask(request.url))
    context.on("requestfailed", lambda request: _drop(made, request))
    yield made
    context.close()


def _drop(made: Lab, request: Any) -> None:
    made.seen.drop(request)


def _note(made: Lab, text: str) -> None:
    if text.startswith(_RAN):
        made.seen.ran.append(text.removeprefix(_RAN))
