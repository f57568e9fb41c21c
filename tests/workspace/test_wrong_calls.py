"""Whatever a caller gives to the public surface: a result, or an error that says what was wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import pytest

import cxm_core as cx
from cxm_core.errors import ConfigurationError, CxmError, UsageError
from cxm_core.program import Journey, Metric, Program, Source, Touchpoint
from cxm_core.records import Response, Score
from cxm_core.workspace import (
    Workspace,
    check_up,
    copy_example,
    demonstration,
    new_connector,
    propose_program,
    read_export,
    rebuild,
    starter_program,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ODD: dict[str, Any] = {
    "None": None,
    "5": 5,
    "empty text": "",
    "bytes": b"",
    "empty list": [],
    "list of None": [None],
    "mapping": {},
    "list of numbers": [5],
    "object": object(),
}
SURVEY = Program(
    name="Shop",
    zone="UTC",
    metrics=[Metric(name="nps", engine="nps", question="q")],
    touchpoints=[Touchpoint(name="look")],
    journeys=[Journey(name="buy", stages=[{"name": "all", "touchpoints": ["look"]}])],
    sources=[
        Source(
            name="files:test",
            connector="files",
            config={
                "files": ["rows.csv"],
                "row": {"id": "id", "occurred_at": "at"},
                "questions": [{"id": "q", "scale": "0-10", "column": "score"}],
            },
        )
    ],
)


def opened() -> Workspace:
    """Workspace with a few answers."""
    workspace = Workspace(SURVEY, store="memory:", clock=lambda: NOW)
    workspace.add(
        Response(
            native_id=str(number),
            occurred_at="2026-11-05T09:00Z",
            question="q",
            score=Score(value, "0-10"),
        )
        for number, value in enumerate([10, 9, 8, 3])
    )
    return workspace


# What each parameter is given where another of its method is wrong.
RIGHT: dict[str, Any] = {
    "metric": "nps",
    "name": "buy",
    "before": "2026-10",
    "after": "2026-11",
    "source": "files:test",
    "sources": "files:test",
    "records": (),
    "old": "app:own",
    "new": "app:till",
    "folder": "made",
    "path": "made.md",
    "results": [],
    "program": SURVEY,
    "workspace": SURVEY,
    "window": "2026-11",
}
METHODS = [
    name
    for name, value in vars(Workspace).items()
    if callable(value) and not name.startswith("_") and name != "close"
]
FUNCTIONS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (
        Workspace,
        cx.WebhookReceiver,
        cx.report,
        check_up,
        copy_example,
        demonstration,
        new_connector,
        propose_program,
        read_export,
        rebuild,
        starter_program,
    )
}


def needed(call: Callable[..., Any]) -> dict[str, Any]:
    """Arguments that a call cannot do without, all of them right."""
    return {
        name: RIGHT.get(name)
        for name, one in signature(call).parameters.items()
        if one.default is Parameter.empty
    }


def attempts(call: Callable[..., Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each parameter with each odd value, the others as they should be."""
    for name in signature(call).parameters:
        for what, value in ODD.items():
            yield name, what, needed(call) | {name: value}


def told_otherwise(make: Callable[[], Callable[..., Any]]) -> list[str]:
    """Odd values that end in anything but a result or an error of ours with a message."""
    found = []
    for name, what, arguments in attempts(make()):
        try:
            made = make()(**arguments)
            if isinstance(made, Iterator):
                list(made)
            if isinstance(made, Workspace):
                made.add([])
                made.measure("nps")
                made.close()
        except CxmError as error:
            if not error.message.strip():
                found.append(f"{name}={what}: no message")
        except Exception as error:  # noqa: BLE001  (it is what is looked for)
            found.append(f"{name}={what}: {type(error).__name__}: {error}")
    return found


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is written here."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("id,at,score\n1,2026-11-05T09:00Z,9\n", encoding="utf-8")


class TestByHand:
    @pytest.mark.parametrize(
        ("call", "told"),
        [
            (lambda ws: ws.measure("nps", where="shop=n"), r"'where' is of the type str.*\{'chan"),
            (lambda ws: ws.measure("nps", by=5), "'by' is of the type int, and no name"),
            (lambda ws: ws.measure("nps", by=[None]), "'by' is a list with something else in it"),
            (lambda ws: ws.measure("nps", by=iter([None])), "A NoneType among the names"),
            (lambda ws: ws.measure(None), "'metric' is None, and no text"),
            (lambda ws: ws.measure("nps", by="customer"), "which is json.*a text, a whole number"),
            (lambda ws: ws.measure("nps", by="occurred_at"), "which is instant.*by a period"),
            (lambda ws: ws.sync(5), "'sources' is of the type int"),
            (lambda ws: ws.add(5), "'records' is of the type int, and no list"),
            (lambda ws: ws.add([], source=None), "'source' is None"),
            (lambda ws: ws.report(5), r"'path' is of the type int.*pathlib\.Path"),
            (lambda _: Workspace(5), "A int is no program"),  # type: ignore[arg-type]  # it is wrong
            (lambda _: Workspace(SURVEY, store=5), "A int is no store"),  # type: ignore[arg-type]  # so
            (lambda _: Workspace(SURVEY, clock=5), "cannot be read"),  # type: ignore[arg-type]  # so
        ],
    )
    def test_what_is_told(self, call: Callable[[Workspace], object], told: str) -> None:
        """The error names the argument, and how it is written."""
        with pytest.raises(UsageError, match=f"(?s){told}") as caught:
            call(opened())
        assert caught.value.hint

    def test_memory_without_its_colon(self) -> None:
        """It makes no file of that name in silence."""
        with pytest.raises(ConfigurationError, match="Hint: memory: is the store in memory"):
            Workspace(SURVEY, store="memory")
        assert not Path("memory").exists()

    @pytest.mark.parametrize("store", ["memory:", "shop.duckdb"])
    def test_a_clock_without_a_zone(self, store: str) -> None:
        """Each store refuses it alike, so that what works in a test works elsewhere."""
        with (
            pytest.raises(UsageError, match="a time without a zone") as caught,
            Workspace(SURVEY, store=store, clock=lambda: datetime(2026, 11, 21)) as workspace,
        ):
            workspace.add([])
        assert caught.value.hint == "clock=lambda: datetime.now(UTC)"


class TestByLaw:
    @pytest.mark.parametrize("method", METHODS)
    def test_methods(self, method: str) -> None:
        """No argument of a workspace's method ends in an error that is not ours."""
        assert told_otherwise(lambda: getattr(opened(), method)) == []

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_functions(self, function: str) -> None:
        """Nor does one of a function beside it."""
        assert told_otherwise(lambda: FUNCTIONS[function]) == []
