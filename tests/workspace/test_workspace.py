"""What apps and scripts do with a workspace."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import cxm_core as cx
from cli.shops import ANSWERS, PROGRAM, SECOND_SOURCE
from cxm_core.errors import ConfigurationError, StoreError, UsageError
from cxm_core.program import Program
from cxm_core.records import Note, Record
from cxm_core.results import Breakdown, Comparison, Estimate
from cxm_core.store import open_store
from cxm_core.workspace import Workspace
from workspace.desks import NOON, Clock, answer, answers, shop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the program and the file of the small shop."""
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    (tmp_path / "cxm.toml").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


class TestContract:
    """The names that users type, in their order."""

    @pytest.mark.parametrize(
        ("method", "names"),
        [
            ("__init__", ["program", "store", "clock", "read_only"]),
            ("sync", ["sources", "progress"]),
            ("add", ["records", "source"]),
            ("measure", ["metric", "window", "by", "every", "where", "as_of"]),
            ("compare", ["metric", "before", "after", "where"]),
            ("report", ["path", "tables"]),
        ],
    )
    def test_parameters(self, method: str, names: list[str]) -> None:
        """Names and order of parameters are the contract; only more may come."""
        found = list(inspect.signature(getattr(Workspace, method)).parameters)[1:]
        assert found == names

    def test_door(self) -> None:
        """`cx.Workspace` is this class."""
        assert cx.Workspace is Workspace

    def test_first_script(self, folder: Path) -> None:
        """The script of the first page runs from a program file to a report."""
        with cx.Workspace(folder / "cxm.toml") as ws:
            (receipt,) = ws.sync(["files:shops"])
            added = ws.add([answer(100, 10)])
            result = ws.measure(
                "nps",
                window="last 28 days",
                by="channel",
                every="week",
                where={"journey": "onboarding"},
                as_of=None,
            )
            page = ws.report(folder / "report.html")
        assert (receipt.applied, added.applied, len(result)) == (6, 1, 0)
        assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


class TestOpening:
    """Which program, which store, and who closes it."""

    def test_program_by_path_as_text(self, folder: Path) -> None:
        """A path may be a text; the store lies beside the program."""
        with Workspace(str(folder / "cxm.toml")):
            assert (folder / "shops.duckdb").is_file()

    @pytest.mark.parametrize("kind", [str, Path])
    def test_store_by_path(self, folder: Path, kind: type) -> None:
        """`store=` names another place than the program does."""
        with Workspace(folder / "cxm.toml", store=kind(folder / "other.duckdb")):
            assert (folder / "other.duckdb").is_file()
        assert not (folder / "shops.duckdb").exists()

    def test_closes_what_it_opened(self, workspace: Workspace) -> None:
        """After the block, the store it opened is closed; closing twice does nothing."""
        workspace.close()
        workspace.close()
        with pytest.raises(StoreError, match="closed"):
            workspace.measure("nps")

    def test_closes_after_an_error(self, folder: Path) -> None:
        """A block that fails lets go of the file, so that it can be opened at once."""
        with pytest.raises(ZeroDivisionError), Workspace(folder / "cxm.toml"):
            raise ZeroDivisionError
        with Workspace(folder / "cxm.toml", read_only=True) as again:
            assert again.sources() == {}

    def test_leaves_an_open_store_to_its_owner(self, clock: Clock) -> None:
        """A store that was handed over open is still open afterwards."""
        store = open_store("memory:", clock=clock)
        with Workspace(shop(), store=store, clock=clock) as workspace:
            workspace.add(answers([10]))
        assert store.count("response") == 1

    def test_missing_program(self, tmp_path: Path) -> None:
        """A program that is not there is an error that says how to make one."""
        with pytest.raises(ConfigurationError, match="There is no program file"):
            Workspace(tmp_path / "cxm.toml")


class TestReadOnly:
    """A workspace that only reads."""

    @pytest.fixture(params=["memory:", "shops.duckdb", "open"])
    def reader(self, request: pytest.FixtureRequest, folder: Path) -> Iterator[Workspace]:
        """A reader of each kind of store."""
        place = request.param if request.param == "memory:" else folder / "shops.duckdb"
        with Workspace(folder / "cxm.toml") as writer:
            writer.sync()
            store = writer.store if request.param == "open" else None
            if store is not None:
                yield Workspace(folder / "cxm.toml", store=store, read_only=True)
                return
        with Workspace(folder / "cxm.toml", store=place, read_only=True) as reader:
            yield reader

    def test_refuses_to_write(self, reader: Workspace) -> None:
        """Each call that would write is a StoreError, whatever the store."""
        for write in (
            reader.sync,
            lambda: reader.add([answer(1, 9)]),
            lambda: reader.replay("files:shops"),
            lambda: reader.rename_source("files:shops", "files:b"),
        ):
            with pytest.raises(StoreError, match="only reads"):
                write()

    def test_reads(self, reader: Workspace, tmp_path: Path) -> None:
        """Measuring and reporting are no writing."""
        assert isinstance(reader.measure("nps"), Estimate)
        assert reader.report(tmp_path / "page.html").is_file()

    def test_makes_no_store(self, folder: Path) -> None:
        """A store that is not there is an error, and none is made."""
        with pytest.raises(StoreError, match="There is no store"):
            Workspace(folder / "cxm.toml", read_only=True)
        assert not (folder / "shops.duckdb").exists()


class TestSync:
    """Pulling from sources."""

    def test_one_source_by_its_name(self, folder: Path) -> None:
        """One name alone is one source, not its letters."""
        with Workspace(folder / "cxm.toml", store="memory:") as workspace:
            assert [one.source for one in workspace.sync("files:shops")] == ["files:shops"]

    def test_unchanged(self, folder: Path) -> None:
        """A second sync of the same file changes nothing, and says so."""
        with Workspace(folder / "cxm.toml") as workspace:
            workspace.sync()
            (receipt,) = workspace.sync()
        assert (receipt.served, receipt.unchanged) == (0, ("answers.csv",))

    def test_unknown_source(self, folder: Path) -> None:
        """A name that the program lacks is an error with the nearest one."""
        workspace = Workspace(folder / "cxm.toml", store="memory:")
        with pytest.raises(UsageError, match="did you mean 'files:shops'"):
            workspace.sync(["files:shop"])

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ('[[sources]]\nname = "nobody:acme"\n', "'nobody:acme' has no connector"),
            ('[[sources]]\nname = "files:b"\nconfig = { fils = [] }\n', "did you mean 'files'"),
            (
                '[[sources]]\nname = "files:b"\nconfig = { path = { env = "CXM_NOT_SET" } }\n',
                "needs the environment variable CXM_NOT_SET",
            ),
        ],
    )
    def test_wrong_source_stops_all(self, folder: Path, source: str, said: str) -> None:
        """A source that cannot be built is found before the first one is pulled."""
        (folder / "cxm.toml").write_text(PROGRAM + source, encoding="utf-8")
        with Workspace(folder / "cxm.toml", store="memory:") as workspace:
            with pytest.raises(ConfigurationError, match=said):
                workspace.sync()
            assert workspace.sources() == {}
            with pytest.raises(ConfigurationError, match=said):
                workspace.check()

    def test_lost_file_keeps_the_others(self, folder: Path) -> None:
        """A source that does not deliver is incomplete; the others are whole."""
        (folder / "cxm.toml").write_text(PROGRAM + SECOND_SOURCE, encoding="utf-8")
        with Workspace(folder / "cxm.toml", store="memory:") as workspace:
            receipts = workspace.sync()
            result = workspace.measure("nps")
            checked = workspace.check()
        assert [one.is_complete for one in receipts] == [True, False]
        assert [(one.source, one.is_complete) for one in result.receipt.sources] == [
            ("files:lost", False),
            ("files:shops", True),
        ]
        assert [bool(report.problems) for report in checked.values()] == [False, True]

    def test_progress(self, folder: Path) -> None:
        """Progress names the stream and counts what was served so far."""
        told: list[tuple[str, int]] = []
        with Workspace(folder / "cxm.toml", store="memory:") as workspace:
            workspace.sync(progress=lambda what, count: told.append((what, count)))
        assert {what for what, _ in told} == {"files:shops rows"}
        assert [count for _, count in told] == sorted(count for _, count in told)
        assert told[-1][1] == 7

    def test_replay(self, folder: Path) -> None:
        """A row that was set aside is read again by the mapping as it is now."""
        with Workspace(folder / "cxm.toml") as workspace:
            workspace.sync()
            assert len(workspace.quarantined("files:shops", reason="out_of_scale")) == 1
        mended = PROGRAM.replace('{ "99"', '{ "12" = "no_answer", "99"')
        (folder / "cxm.toml").write_text(mended, encoding="utf-8")
        with Workspace(folder / "cxm.toml") as workspace:
            assert workspace.replay("files:shops").applied == 1
            assert workspace.quarantined() == ()

    @pytest.mark.parametrize(("source", "reason"), [("files:x", None), (None, "bad_mood")])
    def test_quarantine_of_nobody(
        self, workspace: Workspace, source: str | None, reason: str | None
    ) -> None:
        """A source or a reason that nobody knows is an error, not an empty answer."""
        with pytest.raises(UsageError, match="There is no"):
            workspace.quarantined(source, reason=reason)


class TestAdd:
    """Records that the app itself made."""

    def test_receipt(self, workspace: Workspace) -> None:
        """The receipt is that of a sync: it balances, and the source is the app."""
        receipt = workspace.add([*answers([10, 9]), answer(1, 10)])
        assert (receipt.source, receipt.served, receipt.applied) == ("app:own", 3, 2)
        assert receipt.balances
        assert workspace.sources() == {"app:own": None}

    def test_takes_a_generator(self, workspace: Workspace) -> None:
        """Records may come one by one."""
        assert workspace.add(answer(n, 9) for n in range(50)).applied == 50

    @pytest.mark.parametrize("things", [[{"score": 9}], answer(9, 9), [answer(9, 9), "10"]])
    def test_something_else(self, workspace: Workspace, things: list[Record]) -> None:
        """What is no record is an error, and nothing of the call is kept."""
        with pytest.raises(UsageError, match="is no record; nothing was added"):
            workspace.add(things)
        assert workspace.store.count("response") == 0

    def test_source_of_its_own(self, workspace: Workspace) -> None:
        """`source=` keeps apart what comes from two apps; a rename takes the records along."""
        workspace.add([answer(1, 10)], source="app:till")
        workspace.add([answer(1, 3)], source="app:web")
        workspace.rename_source("app:till", "app:counter")
        assert list(workspace.sources()) == ["app:counter", "app:web"]
        assert workspace.measure("nps", where={"source": "app:counter"}).n == 1


class TestMeasure:
    """Numbers by window, group, filter and state of knowledge."""

    def test_figure(self, workspace: Workspace) -> None:
        """The figure is that of the engine on the same answers."""
        values = [10, 9, 8, 3, 0, 10]
        workspace.add(answers(values))
        measured, direct = workspace.measure("nps"), cx.nps(values)
        assert isinstance(measured, Estimate)
        for name in ("value", "low", "high", "standard_error", "n", "method", "unit"):
            assert getattr(measured, name) == getattr(direct, name), name

    def test_receipt(self, workspace: Workspace) -> None:
        """The receipt names definition, hashes, filters, window, and how complete sources were."""
        workspace.add(answers([10, 3], channel="email"))
        receipt = workspace.measure("nps", window="2026-W45", where={"channel": "email"}).receipt
        metric = workspace.program.metric("nps")
        assert (receipt.definition, receipt.version) == ("nps", 1)
        assert receipt.definition_hash == metric.definition_hash
        assert receipt.program_hash == workspace.program.hash
        assert receipt.filters == (("question", "recommend"), ("channel", "email"))
        assert receipt.window == workspace.window("2026-W45")
        assert receipt.as_of is None
        (status,) = receipt.sources
        assert (status.source, status.stream, status.ended_at) == ("app:own", "records", NOON)
        assert status.is_complete

    @pytest.mark.parametrize(
        ("window", "n"),
        [
            ("2026-W45", 2),
            ("2026-11", 3),
            ("2026-Q4", 4),
            ("2026", 4),
            ("last 7 days", 1),
            (("2026-11-01", "2026-11-03"), 1),
            ((datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)), 1),
            ((date(2026, 11, 2), date(2026, 11, 4)), 2),
            (None, 5),
        ],
    )
    def test_windows(self, workspace: Workspace, window: object, n: int) -> None:
        """A window is half-open, in the program's zone, and counted from the clock."""
        days = ["2026-11-02", "2026-11-03", "2026-11-20", "2026-10-25", "2025-12-31"]
        workspace.add(answer(i, 9, day) for i, day in enumerate(days))
        assert workspace.measure("nps", window=window).n == n

    def test_by_columns_and_attributes(self, workspace: Workspace) -> None:
        """Groups are columns of a response, or attributes; None is a group of its own."""
        workspace.add(
            [
                answer(1, 10, channel="email", attributes={"region": "north", "vip": True}),
                answer(2, 3, channel="email", attributes={"region": "south"}),
                answer(3, 9, attributes={"region": "north"}),
            ]
        )
        by_region = workspace.measure("nps", by="region")
        assert isinstance(by_region, Breakdown)
        assert by_region.groups == ("north", "south")
        both = workspace.measure("nps", by=["channel", "attributes.region"])
        assert both.axes == ("channel", "region")
        assert both["email", "south"].value == -100.0
        assert both[None, "north"].n == 1
        assert workspace.measure("nps", by="vip").groups == ("true", None)

    def test_every(self, workspace: Workspace) -> None:
        """Periods are those of the program's zone: late in UTC is the next day in Vienna."""
        late = answer(1, 9).model_copy(
            update={"occurred_at": datetime(2026, 11, 8, 23, 30, tzinfo=UTC)}
        )
        workspace.add([late, answer(2, 9, "2026-11-08")])
        assert workspace.measure("nps", every="week").groups == ("2026-W45", "2026-W46")
        assert workspace.measure("nps", every="day").groups == ("2026-11-08", "2026-11-09")
        assert workspace.measure("nps", every="month").groups == ("2026-11",)
        assert workspace.measure("nps", every="quarter").groups == ("2026-Q4",)
        assert workspace.measure("nps", every="year").groups == ("2026",)

    def test_where(self, workspace: Workspace) -> None:
        """A filter takes one value, several, or None; all filters hold together."""
        workspace.add(
            [
                answer(1, 10, channel="email", attributes={"region": "north"}),
                answer(2, 10, channel="chat", attributes={"region": "north"}),
                answer(3, 10, attributes={"region": "south"}),
            ]
        )

        def n(**where: object) -> int:
            return workspace.measure("nps", where=where).n

        assert n(channel="email") == 1
        assert n(channel=["email", "chat"]) == 2
        assert n(channel=("chat", None)) == 2
        assert n(channel=None) == 1
        assert n(region="north") == 2
        assert n(region="north", channel={"chat"}) == 1
        assert n(score_value=10) == 3
        assert n(score_value=9) == 0

    def test_state_of_knowledge(self, workspace: Workspace, clock: Clock) -> None:
        """`as_of=` tells what was known then: an answer that was changed later counts as it was."""
        workspace.add([answer(1, 10)])
        first = clock.now
        second = clock.pass_(hours=1)
        workspace.add([answer(1, 2)])
        clock.pass_(hours=1)

        def value(as_of: object) -> float | None:
            return workspace.measure("nps", as_of=as_of).value

        assert value(None) == value(second) == -100.0
        assert value(first) == value(first.isoformat()) == 100.0
        assert value("2026-11-21T13:30+01:00") == 100.0
        assert value(datetime(2026, 11, 20, tzinfo=UTC)) is None

    def test_sources_of_the_past(self, workspace: Workspace, clock: Clock) -> None:
        """The receipt of an answer from the past names the syncs until then."""
        workspace.add([answer(1, 10)])
        first = clock.now
        clock.pass_(hours=1)
        workspace.add([answer(2, 10)], source="app:till")
        receipt = workspace.measure("nps", as_of=first).receipt
        assert receipt.as_of == first
        assert [(one.source, one.ended_at) for one in receipt.sources] == [("app:own", first)]

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"metric": "npss"}, "did you mean 'nps'"),
            ({"window": "someday"}, "This is no window"),
            ({"window": 2026}, "window"),
            ({"every": "fortnight"}, "There is no period"),
            ({"by": "chanel"}, "did you mean 'channel'"),
            ({"by": "regoin"}, "did you mean 'region'"),
            ({"by": ["region", "region"]}, "region"),
            ({"by": "customer"}, "customer"),
            ({"where": {"regoin": "north"}}, "did you mean 'region'"),
            ({"where": {"channel": "emial"}}, "did you mean 'email'"),
            ({"where": {"score_value": "9"}}, "no integer"),
            ({"where": {"score_value": 9.5}}, "of the type float"),
            ({"where": {"channel": []}}, "keeps no value"),
            ({"as_of": "yesterday"}, "no instant"),
            ({"as_of": "2026-11-21"}, "no time zone"),
            ({"as_of": datetime(2026, 11, 21)}, "no time zone"),
            ({"as_of": date(2026, 11, 21)}, "is a date, no instant"),
        ],
    )
    def test_wrong_calls(self, workspace: Workspace, asked: dict[str, object], said: str) -> None:
        """Each wrong call is one clear error with the nearest cure."""
        workspace.add([answer(1, 10, attributes={"region": "north"})])
        with pytest.raises(UsageError, match=said):
            workspace.measure(**{"metric": "nps", **asked})

    def test_a_word_where_nobody_has_an_attribute(self, workspace: Workspace) -> None:
        """A word is no attribute of answers that have none."""
        workspace.add([answer(1, 10, channel="email")])
        told = "'chanel' is no column of a response, and no answer to the question 'recommend' has"
        with pytest.raises(UsageError, match=told) as caught:
            workspace.measure("nps", by="chanel")
        assert caught.value.hint == "did you mean 'channel'?"
        with pytest.raises(UsageError, match="'regio' is no column"):
            workspace.measure("nps", where={"regio": "north"})

    def test_word_that_nobody_can_know(self, workspace: Workspace) -> None:
        """Before the first answer, or said outright, an attribute is taken at its word."""
        assert len(workspace.measure("nps", by="region")) == 0
        workspace.add([answer(1, 10, attributes={"region": "north"})])
        assert workspace.measure("nps", by="attributes.later").groups == (None,)
        assert workspace.measure("nps", by="region", window="1999").groups == ()

    def test_nothing(self, workspace: Workspace) -> None:
        """An empty store gives no value, and a caveat in place of an error."""
        result = workspace.measure("nps")
        assert (result.value, result.n) == (None, 0)
        assert [caveat.code for caveat in result.caveats] == ["no_answers"]


class TestCompare:
    """Two windows."""

    def test_change(self, workspace: Workspace) -> None:
        """The change is after minus before, with an interval, under the same filters."""
        workspace.add(answer(i, 10, "2025-03-01", channel="email") for i in range(30))
        workspace.add(answer(100 + i, 8, "2026-03-01", channel="email") for i in range(30))
        workspace.add(answer(200 + i, 0, "2026-03-01", channel="chat") for i in range(30))
        change = workspace.compare("nps", "2025", "2026", where={"channel": "email"})
        assert isinstance(change, Comparison)
        assert change.value == -100.0
        assert change.low is not None
        assert change.high is not None
        assert -200.0 <= change.low < -100.0 < change.high < 0
        assert change.before.receipt.window == workspace.window("2025")
        assert (change.before.n, change.after.n) == (30, 30)

    def test_side_without_answers(self, workspace: Workspace) -> None:
        """Without answers on one side there is no change to tell, and no error."""
        workspace.add([answer(1, 10, "2026-03-01")])
        assert workspace.compare("nps", "2025", "2026").value is None

    def test_headlines(self, tmp_path: Path, clock: Clock) -> None:
        """The metrics at the top are measured in the report's last window."""
        program = shop(windows=["2025", "last 28 days"])
        with Workspace(program, store="memory:", clock=clock) as workspace:
            workspace.add([answer(1, 10), answer(2, 10, "2025-05-01")])
            (headline,) = workspace.headlines().values()
        assert headline.n == 1


class TestClock:
    """The clock that was passed in is the only one."""

    def test_everywhere(self, workspace: Workspace, clock: Clock, tmp_path: Path) -> None:
        """Receipts, records, windows and the page carry the clock's time."""
        clock.now = datetime(2031, 5, 6, 7, tzinfo=UTC)
        receipt = workspace.add(
            [answer(1, 10), Note(native_id="n", occurred_at="2031-05-05T09:00Z", text="Cold")]
        )
        assert receipt.started_at == receipt.ended_at == clock.now
        assert {one.known_at for one in workspace.store.records("response")} == {clock.now}
        (entry,) = workspace.store.sources()
        assert entry.pinned_at == clock.now
        window = workspace.window("last 7 days")
        assert window is not None
        assert window.end == datetime(2031, 5, 5, 22, tzinfo=UTC)
        page = workspace.report(tmp_path / "page.html").read_text(encoding="utf-8")
        assert "2031" in page

    def test_reaches_connectors(self, folder: Path, clock: Clock) -> None:
        """A sync's receipts carry the clock's time, too."""
        with Workspace(folder / "cxm.toml", store="memory:", clock=clock) as workspace:
            (receipt,) = workspace.sync()
            assert receipt.started_at == receipt.ended_at == NOON
            (entry,) = workspace.quarantined()
            assert entry.first_seen_at == NOON


class TestThreads:
    """One workspace for all threads."""

    def test_measuring_and_adding(self, workspace: Workspace) -> None:
        """Eight threads add and measure; nothing is lost, and no figure is half a page."""
        page, pages = 10, 5

        def work(thread: int) -> list[int]:
            seen = []
            for turn in range(pages):
                first = (thread * pages + turn) * page
                workspace.add(
                    [answer(first + i, 10) for i in range(page)], source=f"app:t{thread % 3}"
                )
                seen.append(workspace.measure("nps").n)
            return seen

        with ThreadPoolExecutor(8) as pool:
            seen = [n for found in pool.map(work, range(8)) for n in found]
        assert all(n % page == 0 for n in seen)
        assert workspace.measure("nps").n == max(seen) == 8 * page * pages
        assert sum(one.applied for one in workspace.store.receipts()) == 8 * page * pages
        assert sorted(workspace.sources()) == ["app:t0", "app:t1", "app:t2"]

    def test_reports(self, workspace: Workspace, tmp_path: Path) -> None:
        """Threads that write one report leave one whole page, and no draft of it."""
        workspace.add(answers([10, 9, 3]))
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: workspace.report(tmp_path / "out" / "page.html"), range(8)))
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["page.html"]


def test_program_object(clock: Clock) -> None:
    """A program that was made in Python needs no file."""
    with Workspace(Program(name="Bare", zone="UTC"), store="memory:", clock=clock) as workspace:
        assert workspace.sync() == ()
        assert workspace.check() == {}
        assert workspace.headlines() == {}
