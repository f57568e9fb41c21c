"""PLUG-01, PLUG-02, PLUG-04, PLUG-07, PLUG-09: a broken plugin breaks only itself."""

from __future__ import annotations

import builtins
import http.client
import json
import os
import resource
import socket
import ssl
import sys
import urllib.request
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cxm_core.cli import main
from cxm_core.errors import ConfigurationError, FatalError
from cxm_core.plugins import Catalogue, Checkpoint, Runtime, build, discover
from cxm_core.records import Note
from cxm_core.results import SyncReceipt
from cxm_core.store import open_store
from cxm_core.sync import pull
from reliability.hostile_plugins import (
    BROKEN,
    GOOD,
    SECRET,
    distribution_of,
    install,
    install_all,
    module_of,
)
from sync.scripted import Clock, Scripted, note, rejected

FLOOD = int(os.environ.get("CXM_FLOOD", "10000000"))
_ENTRY = "[cxm.connectors]\n{name} = {module}:Letters\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path, whose modules are forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in [name for name in sys.modules if name.startswith("planted_")]:
        del sys.modules[name]


@pytest.fixture
def everyone(site: Path) -> Catalogue:
    """All broken plugins beside a sound one, found in one scan."""
    install_all(site)
    return discover(path=[str(site)])


def synced(catalogue: Catalogue, name: str) -> SyncReceipt:
    """Receipt of a sync with one connector of the catalogue."""
    runtime = Runtime(clock=Clock(), root=Path())
    connector = build(catalogue.load(name), {}, runtime)
    with closing(open_store("memory:", clock=Clock())) as store:
        (receipt,) = pull(store, connector, source=f"{name}:x", clock=Clock())
    return receipt


def test_plug_01_a_dozen_broken_ones_hold_nobody_back(everyone: Catalogue) -> None:
    """The sound one is listed, loaded and pulled from; every other is told, by name."""
    assert len(BROKEN) >= 12
    assert set(everyone.load_all()) == {"letters"}
    assert synced(everyone, "letters").applied == 1
    told = {part for one in everyone.problems for part in one.distribution.split(", ")}
    assert told == {distribution_of(name) for name in BROKEN}


@pytest.mark.parametrize("name", BROKEN)
def test_plug_01_each_problem_names_distribution_and_entry_point(
    name: str, everyone: Catalogue
) -> None:
    """What is wrong, with whom: and never a word of what the plugin raised."""
    with pytest.raises(ConfigurationError) as caught:
        everyone.load(name)
    mine = [one for one in everyone.problems if distribution_of(name) in one.distribution]
    assert BROKEN[name].told in " ".join(one.reason for one in mine)
    assert [one.name.casefold() for one in mine] == [name.casefold() if name != "cutfile" else ""]
    assert SECRET not in str(caught.value) + repr(mine) + repr(caught.value.context)
    assert synced(everyone, "letters").applied == 1


def test_plug_01_the_command_lists_them_all(
    everyone: Catalogue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`cxm connectors` ends well, with every broken one and its reason."""
    monkeypatch.setattr(sys, "argv", ["cxm", "connectors", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    listed = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in listed["connectors"]} >= {"letters", "files"}
    assert len(listed["problems"]) >= len(BROKEN) - 1
    assert SECRET not in json.dumps(listed)


@pytest.mark.parametrize("code", ["import sys; sys.exit(0)", "import os; raise SystemExit('x')"])
def test_plug_02_leaving_at_import_ends_nothing(code: str, site: Path) -> None:
    """A plugin that ends the process is a plugin that cannot be used."""
    install(site, "leaver", code, _ENTRY)
    catalogue = discover(path=[str(site)])
    with pytest.raises(ConfigurationError, match="raises SystemExit"):
        catalogue.load("leaver")


@pytest.mark.parametrize(
    "place", ["__init__(self, config, runtime)", "streams(self)", "check(self)"]
)
def test_plug_02_leaving_later_ends_nothing(place: str, site: Path) -> None:
    """Nor does one that does it when it is built, asked for streams, or checked."""
    name = place.partition("(")[0]
    code = f"{GOOD}\n    def {place}: raise SystemExit(3)\n"
    install(site, f"late{name.strip('_')}", code, _ENTRY)
    catalogue = discover(path=[str(site)])
    (found,) = catalogue.names
    if name == "check":
        assert "SystemExit" in synced(catalogue, found).note
    else:
        with pytest.raises(FatalError, match="SystemExit"):
            synced(catalogue, found)


def _bad_close() -> Iterator[Any]:
    try:
        yield note(1)
        raise RuntimeError(SECRET)
    finally:
        raise SystemExit(SECRET)


def _quits() -> Iterator[Any]:
    yield note(1)
    sys.exit(3)


class Evasive:
    """An object that fails when it is asked what it is."""

    @property
    def __class__(self) -> type:
        """Fail."""
        raise RuntimeError(SECRET)


#: What a plugin serves -> what the receipt says of it.
SERVED: dict[str, tuple[Callable[[], Any], str]] = {
    "raises": (lambda: (1 / 0 for _ in "x"), "ZeroDivisionError"),
    "raises at once": (lambda: {}["x"], "KeyError"),
    "quits": (_quits, "SystemExit"),
    "fails in its end": (_bad_close, "SystemExit"),
    "no iterator": (lambda: 7, "TypeError"),
    "nothing": (lambda: [None], "NoneType"),
    "a text": (lambda: [note(1), "words"], "str"),
    "a dict": (lambda: [{"native_id": "1"}], "dict"),
    "a class": (lambda: [Note], "ModelMetaclass"),
    "something evasive": (lambda: [Evasive()], "RuntimeError"),
    "an endless recursion": (lambda: _deep(0), "RecursionError"),
    "a foreign record": (
        lambda: [
            Note(native_id="1", occurred_at="2026-11-05T09:00Z", source="other:x", text="Cold")
        ],
        "another source",
    ),
    "no json": (lambda: [Checkpoint({"at": object()})], "plain JSON"),
    "odd checkpoint": (lambda: [Checkpoint({}, note=7)], "TypeError"),  # type: ignore[arg-type]  # wrong on purpose
    "odd drift": (lambda: [Checkpoint({}, drift={7: "x"})], "TypeError"),  # type: ignore[dict-item]  # wrong on purpose
}


def _deep(depth: int) -> Iterator[Any]:
    yield from _deep(depth + 1)


@pytest.mark.parametrize("what", SERVED)
def test_plug_01_what_goes_wrong_while_reading(what: str) -> None:
    """One stream is incomplete and says why, without a plugin's words; the next one goes on."""
    serve, told = SERVED[what]
    scripts = {"bad": lambda _: serve(), "good": lambda _: [note(9), Checkpoint({"at": 1})]}
    with closing(open_store("memory:", clock=Clock())) as store:
        bad, good = pull(store, Scripted(scripts), source="scripted:x", clock=Clock())
    assert (bad.is_complete, good.is_complete) == (False, True)
    assert told in bad.note
    assert SECRET not in repr(bad)
    assert good.applied == 1


def test_plug_01_a_table_that_fails_to_close_is_left() -> None:
    """A generator that throws when it is closed does not hide what went wrong before."""

    def serve(_: Mapping[str, Any] | None) -> Iterator[Any]:
        try:
            yield "garbage"
        finally:
            raise ValueError(SECRET)

    with closing(open_store("memory:", clock=Clock())) as store:
        (receipt,) = pull(store, Scripted({"s": serve}), source="scripted:x", clock=Clock())
    assert "str" in receipt.note
    assert SECRET not in repr(receipt)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import no_such_module_here", "needs the module"),
        (GOOD.replace('version="1"', 'version="1", api_version="latest"'), "connector contract"),
        (GOOD.replace('version="1"', 'version="1", api_version=0'), "connector contract"),
        ("class Letters: info = 'letters'", "no connector class"),
        ("def Letters(): pass", "no connector class"),
        (GOOD.replace("config=Config", "config=Config()"), "no class of pydantic"),
        (GOOD.replace("def check(", "check = 7\n    def chek("), "lacks the method check"),
        ("class Letters:\n    def __getattr__(self, n): raise SystemExit", "no connector class"),
    ],
)
def test_plug_04_what_is_not_a_connector_is_told(code: str, told: str, site: Path) -> None:
    """A missing dependency, another version or a wrong type is a typed problem."""
    install(site, "odd", code, _ENTRY)
    catalogue = discover(path=[str(site)])
    with pytest.raises(ConfigurationError, match=told) as caught:
        catalogue.load("odd")
    assert caught.value.context["distribution"] == "cxm-odd"
    assert [one.name for one in catalogue.problems] == ["odd"]


class Flood:
    """Records without end and without a checkpoint, of which it knows how many are alive."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.alive = 0
        self.most = 0

    def __call__(self, _: Mapping[str, Any] | None) -> Iterator[Any]:
        """Serve records and rows that are none, and count them until they are let go."""
        for at in range(self.count):
            row = rejected(at) if at % 50 == 49 else note(at % 5_000)
            weakref.finalize(row, self._let_go).atexit = False
            self.alive += 1
            self.most = max(self.most, self.alive)
            yield row

    def _let_go(self) -> None:
        self.alive -= 1


def test_plug_07_a_flood_is_taken_page_by_page(tmp_path: Path) -> None:
    """Never more records are alive than two pages, however many are served."""
    flood = Flood(8_000)
    with closing(open_store(str(tmp_path / "cxm.duckdb"), clock=Clock())) as store:
        (receipt,) = pull(store, Scripted({"s": flood}), source="scripted:x", clock=Clock())
    assert receipt.served == 8_000
    assert receipt.balances
    assert 900 <= flood.most <= 2_500


def test_plug_07_a_stream_that_never_ends_can_be_stopped(tmp_path: Path) -> None:
    """A person who stops an endless stream keeps the pages that were committed."""

    def stop(_what: str, served: int) -> None:
        if served >= 4_000:
            raise KeyboardInterrupt

    path = str(tmp_path / "cxm.duckdb")
    endless = Scripted({"s": lambda _: map(note, count(1))})
    with closing(open_store(path, clock=Clock())) as store, pytest.raises(KeyboardInterrupt):
        pull(store, endless, source="scripted:x", clock=Clock(), progress=stop)
    with closing(open_store(path, clock=Clock())) as store:
        assert store.count("note") == 4_000


@pytest.mark.slow
def test_plug_07_ten_million_in_constant_memory(tmp_path: Path) -> None:
    """CXM_FLOOD records: the memory of the last nine tenths is that of the first."""
    peaks: list[int] = []

    def watch(_what: str, _served: int) -> None:
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    scripts = {"s": lambda _: (note(at % 5_000) for at in range(FLOOD))}
    with closing(open_store(str(tmp_path / "cxm.duckdb"), clock=Clock())) as store:
        pull(store, Scripted(scripts), source="scripted:x", clock=Clock(), progress=watch)
    assert peaks[-1] - peaks[len(peaks) // 10] < 200_000


PATCHES = {
    "ssl.create_default_context": (
        "import ssl; ssl.create_default_context = ssl._create_unverified_context"
    ),
    "SSLContext.wrap_socket": "import ssl; ssl.SSLContext.wrap_socket = lambda *a, **k: None",
    "socket.getaddrinfo": "import socket; socket.getaddrinfo = lambda *a, **k: []",
    "socket.connect": "import socket; socket.socket.connect = lambda *a: None",
    "builtins.open": "import builtins; builtins.open = lambda *a, **k: None",
    "HTTPConnection.request": (
        "import http.client; http.client.HTTPConnection.request = lambda *a: None"
    ),
    "urllib.request.urlopen": "import urllib.request; urllib.request.urlopen = lambda *a: None",
    "json.loads": "import json; json.loads = eval",
}


@pytest.mark.parametrize("name", PATCHES)
def test_plug_09_changing_python_at_import_is_told_and_undone(name: str, site: Path) -> None:
    """A plugin that patches what others rely on is named with what it changed, and not used."""
    before = _safety()
    install(site, "patcher", f"{PATCHES[name]}\n{GOOD}", _ENTRY)
    install(site, "letters", GOOD, _ENTRY)
    catalogue = discover(path=[str(site)])
    with pytest.raises(ConfigurationError, match=f"'patcher' of 'cxm-patcher'.*{name}"):
        catalogue.load("patcher")
    assert _safety() == before
    assert synced(catalogue, "letters").applied == 1


def test_plug_09_importing_more_of_python_is_no_change(site: Path) -> None:
    """A sound plugin may import what it needs, and define what it likes in its own module."""
    code = "import asyncio, http.server, xmlrpc.client, multiprocessing\nopen = print\n" + GOOD
    install(site, "busy", code, _ENTRY)
    assert synced(discover(path=[str(site)]), "busy").applied == 1
    assert module_of("busy") in sys.modules


def _safety() -> list[object]:
    return [
        ssl.create_default_context,
        ssl.SSLContext.wrap_socket,
        socket.getaddrinfo,
        socket.socket.connect,
        builtins.open,
        http.client.HTTPConnection.request,
        urllib.request.urlopen,
        json.loads,
    ]
