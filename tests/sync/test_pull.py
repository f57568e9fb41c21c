"""The pull: nothing lost, nothing kept twice, and every failure named."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cxm_core.errors import (
    AuthError,
    ConfigurationError,
    NotFound,
    RetryableError,
    UsageError,
)
from cxm_core.plugins import Checkpoint, Item, ReadRequest
from cxm_core.records import Cell, Deletion, Note, Reader, RowMapping, Table
from cxm_core.results import SyncReceipt
from cxm_core.store import Store, open_store
from cxm_core.sync import pull
from sync.scripted import Clock, Scripted, note, rejected

SOURCE = "scripted:office"
AT = datetime(2026, 11, 20, tzinfo=UTC)
Pull = Callable[..., tuple[SyncReceipt, ...]]


@pytest.fixture
def pulled(store: Store, clock: Clock) -> Pull:
    """Pull scripts into the store."""

    def run(connector: Scripted | None = None, **scripts: Any) -> tuple[SyncReceipt, ...]:
        chosen = connector or Scripted(scripts)
        receipts = pull(store, chosen, source=SOURCE, clock=clock)
        assert all(receipt.balances for receipt in receipts)
        return receipts

    return run


def listed(*items: Item) -> Callable[[object], Iterator[Item]]:
    """Script that serves these items, whatever its state."""
    return lambda _: iter(items)


def notes(store: Store) -> list[str]:
    """Own ids of the notes that are kept."""
    return sorted(record.native_id for record in store.records("note"))


class TestTelling:
    """What a receipt says of how far a stream came, and whether that was all."""

    def test_new_changed_deleted_unchanged_and_repeated(self, pulled: Pull) -> None:
        """Each record that was served stands in one of these counts."""
        pulled(notes=listed(note(1), note(2), note(3)))
        gone = Deletion(kind="note", native_id="3")
        (receipt,) = pulled(notes=listed(note(1), note(2, "Warm"), gone, note(4), note(4)))
        parts = (receipt.new, receipt.changed, receipt.deleted, receipt.repeated)
        assert parts == (1, 1, 1, 1)
        assert (receipt.applied, receipt.duplicate, receipt.served) == (3, 2, 5)

    def test_what_checkpoints_tell(self, pulled: Pull) -> None:
        """Pages and repeated rows add up; total and newest stamp are the last word."""
        later = AT + timedelta(days=1)
        (receipt,) = pulled(
            notes=listed(
                note(1),
                Checkpoint({"n": 1}, pages=2, repeated=3, total=9, newest=later),
                note(2),
                Checkpoint({"n": 2}, pages=1, newest=AT, reached_end=True),
            )
        )
        assert (receipt.pages, receipt.repeated, receipt.duplicate) == (3, 3, 3)
        assert (receipt.served, receipt.balances) == (5, True)
        assert (receipt.total, receipt.newest) == (9, later)
        assert (receipt.verdict, receipt.reason) == ("complete", "")

    @pytest.mark.parametrize(
        ("reached_end", "verdict", "reason"),
        [
            (True, "complete", ""),
            (None, "unknown", "The source gives no sign of its end."),
            (False, "partial", "The stream ended before the end of its source."),
        ],
    )
    def test_the_end_of_a_source(
        self, pulled: Pull, reached_end: bool | None, verdict: str, reason: str
    ) -> None:
        """Only the source's own word makes a stream complete."""
        (receipt,) = pulled(notes=listed(note(1), Checkpoint({}, reached_end=reached_end)))
        assert (receipt.verdict, receipt.reason) == (verdict, reason)
        assert receipt.is_complete is (verdict != "partial")

    def test_a_count_that_was_not_reached(self, pulled: Pull) -> None:
        """Where the source counts more than it served, and gives no other sign, that is told."""
        (receipt,) = pulled(notes=listed(note(1), Checkpoint({}, total=1_200)))
        assert receipt.verdict == "unknown"
        assert receipt.reason == "The source counts 1,200 rows, and served 1."

    def test_gaps(self, pulled: Pull) -> None:
        """What is known to be missing makes a stream partial, whatever else the source says."""
        (receipt,) = pulled(
            notes=listed(
                Checkpoint({}, gaps=("Page 3 was not served.",)),
                Checkpoint(
                    {}, gaps=("Page 3 was not served.", "Nor was page 4."), reached_end=True
                ),
            )
        )
        assert receipt.gaps == ("Page 3 was not served.", "Nor was page 4.")
        assert receipt.reason == "Page 3 was not served. Gaps beside this one: 1."
        assert not receipt.is_complete

    @pytest.mark.parametrize(("reached_end", "verdict"), [(None, "partial"), (True, "complete")])
    def test_a_limit_that_was_reached(
        self, store: Store, clock: Clock, reached_end: bool | None, verdict: str
    ) -> None:
        """Where no more was asked for than came, there may be more, unless the source says no."""
        script = listed(note(1), note(2), Checkpoint({}, reached_end=reached_end))
        request = ReadRequest(limit=2)
        (receipt,) = pull(
            store, Scripted({"notes": script}), source=SOURCE, clock=clock, request=request
        )
        assert (receipt.verdict, receipt.limit) == (verdict, 2)

    def test_the_window_that_was_asked_for(self, store: Store, clock: Clock) -> None:
        """The receipt says which part was wanted."""
        request = ReadRequest(since=AT, until=AT + timedelta(days=1))
        connector = Scripted({"notes": listed(Checkpoint({}, reached_end=True))})
        (receipt,) = pull(store, connector, source=SOURCE, clock=clock, request=request)
        assert (receipt.since, receipt.until) == (request.since, request.until)
        assert store.receipts() == (receipt,)

    def test_a_sync_that_did_not_end(self, store: Store, clock: Clock) -> None:
        """What is kept on the way says that the sync did not end."""

        def killed(_: object) -> Iterator[Item]:
            yield note(1)
            yield Checkpoint({"n": 1}, reached_end=True)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            pull(store, Scripted({"notes": killed}), source=SOURCE, clock=clock)
        (receipt,) = store.receipts()
        assert (receipt.verdict, receipt.reason) == ("partial", "The sync did not end.")

    def test_a_failure_is_the_reason(self, pulled: Pull) -> None:
        """A stream that its source ended is partial; note and reason name the error."""

        def failing(_: object) -> Iterator[Item]:
            yield note(1)
            raise RetryableError("The office is closed.", hint="come again")

        (receipt,) = pulled(notes=failing)
        assert receipt.verdict == "partial"
        assert receipt.reason == "RetryableError: The office is closed. Come again"
        assert str(receipt).count("The office is closed.") == 1


class TestKeeping:
    def test_records_and_checkpoint(self, store: Store, pulled: Pull) -> None:
        """What was served is kept under the source's name, with its checkpoint and receipt."""
        (receipt,) = pulled(notes=listed(note(1), note(2), Checkpoint({"last": 2})))
        assert (receipt.served, receipt.applied, receipt.is_complete) == (2, 2, True)
        assert notes(store) == ["1", "2"]
        assert {record.source for record in store.records("note")} == {SOURCE}
        assert store.checkpoint(SOURCE, "notes") == {"last": 2}
        assert store.receipts() == (receipt,)

    def test_state_comes_from_the_store(self, pulled: Pull) -> None:
        """The next pull hands the connector the state that was kept."""
        connector = Scripted({"notes": listed(Checkpoint({"last": [1, "a", None]}))})
        pulled(connector)
        pulled(connector)
        assert connector.states == [None, {"last": [1, "a", None]}]

    def test_end_without_checkpoint(self, store: Store, pulled: Pull) -> None:
        """What follows the last checkpoint is kept where the stream ends as it should."""
        pulled(notes=listed(note(1), Checkpoint({"last": 1}), note(2)))
        assert notes(store) == ["1", "2"]
        assert store.checkpoint(SOURCE, "notes") == {"last": 1}

    def test_served_again(self, pulled: Pull) -> None:
        """What is served again is recognised."""
        pulled(notes=listed(note(1)))
        (receipt,) = pulled(notes=listed(note(1), note(2)))
        assert (receipt.applied, receipt.duplicate) == (1, 1)

    def test_deletion(self, store: Store, pulled: Pull) -> None:
        """What a source says is gone is gone, and counted."""
        pulled(notes=listed(note(1), note(2)))
        (receipt,) = pulled(notes=listed(Deletion(kind="note", native_id="1")))
        assert (receipt.applied, receipt.deleted) == (1, 1)
        assert notes(store) == ["2"]

    def test_nothing_new(self, store: Store, pulled: Pull) -> None:
        """A pull that finds nothing new says so and keeps its receipt."""
        checkpoint = Checkpoint({}, unchanged=("a.csv", "b.csv"), note="unchanged: 2 files")
        (receipt,) = pulled(notes=listed(checkpoint))
        assert receipt.served == 0
        assert receipt.unchanged == ("a.csv", "b.csv")
        assert receipt.note == "unchanged: 2 files"
        assert receipt.is_complete
        assert len(store.receipts()) == 1

    def test_drift(self, pulled: Pull) -> None:
        """Drift that the connector met is summed over the checkpoints."""
        first = Checkpoint({}, drift={"mood": 2})
        (receipt,) = pulled(notes=listed(first, Checkpoint({}, drift={"mood": 1, "tone": 1})))
        assert receipt.drift == {"mood": 3, "tone": 1}

    def test_one_receipt_a_stream(self, store: Store, pulled: Pull) -> None:
        """However many pages it takes, a stream's pull has one receipt."""
        steps = [item for n in range(5) for item in (note(n), Checkpoint({"last": n}))]
        (receipt,) = pulled(notes=listed(*steps))
        assert receipt.served == 5
        assert store.receipts() == (receipt,)

    def test_account_is_pinned(self, store: Store, clock: Clock, pulled: Pull) -> None:
        """A source's name belongs to its account from the first pull on."""
        pulled(notes=listed())
        assert [(entry.name, entry.account) for entry in store.sources()] == [(SOURCE, "office")]
        other = Scripted({"notes": listed()}, account="home")
        with pytest.raises(ConfigurationError, match="another account"):
            pull(store, other, source=SOURCE, clock=clock)

    def test_chosen_streams(self, store: Store, clock: Clock) -> None:
        """Only the chosen streams are pulled; one that is not there is an error."""
        connector = Scripted({"notes": listed(note(1)), "tickets": listed(note(2))})
        (receipt,) = pull(
            store, connector, source=SOURCE, clock=clock, request=ReadRequest(streams=("tickets",))
        )
        assert receipt.stream == "tickets"
        with pytest.raises(UsageError, match="did you mean 'notes'"):
            pull(
                store, connector, source=SOURCE, clock=clock, request=ReadRequest(streams=("note",))
            )

    def test_progress(self, store: Store, clock: Clock) -> None:
        """Progress tells what is pulled and how much of it was served."""
        told: list[tuple[str, int]] = []
        script = listed(note(1), note(2), Checkpoint({}), note(3))
        pull(
            store, Scripted({"notes": script}), source=SOURCE, clock=clock,
            progress=lambda what, count: told.append((what, count)),
        )  # fmt: skip
        assert told == [(f"{SOURCE} notes", 2), (f"{SOURCE} notes", 3)]


class TestFlood:
    def test_pages_without_checkpoint(
        self, store: Store, pulled: Pull, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """PLUG-07: a source that never pauses is committed page by page."""
        monkeypatch.setattr("cxm_core.sync._pull.MOST", 1_000)
        seen: list[int] = []

        def flood(_: object) -> Iterator[Item]:
            for number in range(3_500):
                if number % 1_000 == 1:
                    seen.append(store.count("note"))
                yield note(number)

        (receipt,) = pulled(notes=flood)
        assert seen == [0, 1_000, 2_000, 3_000]
        assert receipt.applied == 3_500

    def test_large_pages_share_a_commit(
        self, store: Store, pulled: Pull, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Pages of a thousand rows that come quickly are kept together, and small ones at once."""
        monkeypatch.setattr("cxm_core.sync._pull.HELD", timedelta(days=1))
        seen: list[int] = []

        def quick(_: object) -> Iterator[Item]:
            for number in range(3_010):
                yield note(number)
                if number % 1_000 == 999 or number == 3_005:
                    yield Checkpoint({"last": number})
                    seen.append(store.count("note"))

        (receipt,) = pulled(notes=quick)
        assert seen == [0, 0, 0, 3_006]
        assert receipt.applied == 3_010

    def test_a_failure_keeps_the_pages_that_were_held(self, store: Store, pulled: Pull) -> None:
        """What a checkpoint covers is kept although the source fails before the commit."""

        def failing(_: object) -> Iterator[Item]:
            for number in range(1_005):
                yield note(number)
                if number == 999:
                    yield Checkpoint({"last": number})
            raise RetryableError("Try later.")

        (receipt,) = pulled(notes=failing)
        assert (receipt.applied, receipt.is_complete) == (1_000, False)
        assert store.count("note") == 1_000


class TestFailures:
    @pytest.mark.parametrize("error", [RetryableError("Try later."), AuthError("No.", hint="Ask.")])
    def test_source_fails(self, store: Store, pulled: Pull, error: Exception) -> None:
        """A source that fails ends its stream at the last checkpoint; the others go on."""

        def failing(_: object) -> Iterator[Item]:
            yield note(1)
            yield Checkpoint({"last": 1})
            yield note(2)
            raise error

        first, second = pulled(notes=failing, more=listed(note(3)))
        assert (first.is_complete, first.served) == (False, 1)
        assert first.note.startswith(f"{type(error).__name__}: ")
        assert second.is_complete
        assert notes(store) == ["1", "3"]
        assert store.checkpoint(SOURCE, "notes") == {"last": 1}
        assert store.receipts()[0].is_complete is False

    def test_connector_fails(self, pulled: Pull) -> None:
        """A fault inside a connector is told by its class and the connector's name, no more."""

        def broken(_: object) -> Iterator[Item]:
            yield note(1)
            raise KeyError("canary")

        first, second = pulled(notes=broken, more=listed(note(3)))
        assert "'scripted' failed with KeyError" in first.note
        assert "canary" not in first.note
        assert second.is_complete

    def test_connector_fails_at_once(self, pulled: Pull) -> None:
        """A connector that fails before its first item is named as well."""

        def broken(_: object) -> Iterable[Item]:
            raise TypeError

        (receipt,) = pulled(notes=broken)
        assert "failed with TypeError" in receipt.note

    def test_connector_makes_a_wrong_record(self, pulled: Pull) -> None:
        """A record that a connector cannot even make is its own fault, not the caller's."""

        def broken(_: object) -> Iterator[Item]:
            yield Note(native_id="1", occurred_at="yesterday", text="canary")

        first, second = pulled(notes=broken, more=listed(note(3)))
        assert "'scripted' failed with UsageError" in first.note
        assert "occurred_at" in first.note
        assert "canary" not in first.note
        assert second.is_complete

    def test_check_fails(self, store: Store, pulled: Pull) -> None:
        """A source that does not even answer has an incomplete receipt for each stream."""
        scripts = {"notes": listed(note(1)), "more": listed(note(2))}
        receipts = pulled(Scripted(scripts, check_error=AuthError("No.")))
        assert [receipt.note for receipt in receipts] == ["AuthError: No."] * 2
        assert not any(receipt.is_complete for receipt in receipts)
        assert store.receipts() == receipts
        assert notes(store) == []

    def test_configuration_is_raised(self, store: Store, pulled: Pull) -> None:
        """A mistake of the configuration is the user's to mend now, so it is raised."""

        def misled(_: object) -> Iterator[Item]:
            yield note(1)
            raise ConfigurationError("Two readings.")

        with pytest.raises(ConfigurationError, match="Two readings"):
            pulled(notes=misled)
        assert notes(store) == []

    @pytest.mark.parametrize("item", [{"id": 1}, None, "note"])
    def test_wrong_item(self, pulled: Pull, item: Any) -> None:
        """An item that is none of the contract ends the stream."""
        (receipt,) = pulled(notes=listed(item))
        assert "which is neither a record" in receipt.note

    def test_foreign_source(self, store: Store, pulled: Pull) -> None:
        """A connector cannot write under another source's name."""
        (receipt,) = pulled(notes=listed(note(1).stamped(source="crm:other")))
        assert "record of another source" in receipt.note
        assert notes(store) == []

    def test_connector_is_closed(self, pulled: Pull) -> None:
        """A connector gets to put away what it holds open, however its stream ends."""
        closed = []

        def open_file(_: object) -> Iterator[Item]:
            try:
                yield note(1).stamped(source="crm:other")
            finally:
                closed.append(True)

        pulled(notes=open_file)
        assert closed == [True]


class TestQuarantine:
    def test_rejected_row(self, store: Store, pulled: Pull) -> None:
        """A row that is no record is set aside with its reason and its raw form."""
        (receipt,) = pulled(notes=listed(note(1), rejected(2), Checkpoint({})))
        assert (receipt.served, receipt.applied, receipt.quarantined) == (2, 1, 1)
        assert receipt.reasons == {"out_of_range": 1}
        (entry,) = store.quarantined(source=SOURCE)
        assert (entry.kind, entry.stream, entry.reason) == ("note", "notes", "out_of_range")
        assert entry.row == {"id": "2", "words": "canary"}
        assert "canary" not in repr(entry) + str(receipt)

    def test_good_version_clears_it(self, store: Store, pulled: Pull) -> None:
        """A record that arrives sound later takes its bad row out of quarantine."""
        pulled(notes=listed(rejected(2)))
        pulled(notes=listed(note(2)))
        assert store.quarantined() == ()

    def test_mass_drift(self, store: Store, pulled: Pull) -> None:
        """P7: where more than a fifth of at least 100 rows is bad, the stream stops."""
        good = [note(n) for n in range(100)]
        bad = [rejected(n) if n % 4 == 0 else note(n) for n in range(200, 400)]
        script = listed(*good, Checkpoint({"page": 1}), *bad, Checkpoint({"page": 2}))
        first, second = pulled(notes=script, more=listed(note(1_000)))
        assert first.note.startswith("SchemaChanged: 50 of 200 records cannot be kept")
        assert (first.is_complete, first.served) == (False, 100)
        assert store.checkpoint(SOURCE, "notes") == {"page": 1}
        assert store.quarantined() == ()
        assert second.is_complete

    def test_mass_drift_in_small_pages(self, store: Store, pulled: Pull) -> None:
        """P7: pages smaller than the window are judged together."""
        pages = [
            item
            for n in range(0, 300, 10)
            for item in (*[rejected(n + k) for k in range(3)], note(n + 5), Checkpoint({"at": n}))
        ]
        (receipt,) = pulled(notes=listed(*pages))
        assert receipt.note.startswith("SchemaChanged")
        assert receipt.served < 100

    @pytest.mark.parametrize(("bad", "of"), [(99, 99), (20, 100)])
    def test_few_bad_rows(self, pulled: Pull, bad: int, of: int) -> None:
        """P7: a small window, or a fifth of a large one, stops nothing."""
        rows = [rejected(n) if n < bad else note(n) for n in range(of)]
        (receipt,) = pulled(notes=listed(*rows))
        assert (receipt.is_complete, receipt.quarantined) == (True, bad)


def table(path: Path, *lines: str) -> Table:
    """Notes in a CSV file."""
    path.write_text("id,at\n" + "".join(f"{line}\n" for line in lines))
    cells = (
        ("native_id", Cell(template="{id}")),
        ("occurred_at", Cell(template="{at}", zone="UTC")),
        ("text", Cell(template="words")),
    )
    return Table(
        stream="notes",
        reader=Reader(format="csv", paths=(str(path),)),
        mappings=(RowMapping(kind="note", cells=cells),),
    )


class TestTables:
    def test_load(self, store: Store, pulled: Pull, tmp_path: Path) -> None:
        """A described table is kept with the checkpoint behind it."""
        described = table(tmp_path / "a.csv", "1,2026-11-05", "2,never", "3,2026-11-06")
        (receipt,) = pulled(notes=listed(note(9), described, Checkpoint({"a": 1})))
        assert (receipt.served, receipt.applied, receipt.quarantined) == (4, 3, 1)
        assert receipt.reasons == {"bad_datetime": 1}
        assert notes(store) == ["1", "3", "9"]
        assert store.checkpoint(SOURCE, "notes") == {"a": 1}

    def test_two_tables_without_checkpoint(
        self, store: Store, pulled: Pull, tmp_path: Path
    ) -> None:
        """Tables without checkpoints are kept too, at least once."""
        tables = [table(tmp_path / f"{n}.csv", f"{n},2026-11-05") for n in (1, 2)]
        (receipt,) = pulled(notes=listed(*tables, note(3)))
        assert receipt.applied == 3
        assert notes(store) == ["1", "2", "3"]

    def test_error_is_thrown_to_the_connector(
        self, store: Store, pulled: Pull, tmp_path: Path
    ) -> None:
        """A table that cannot be loaded raises in its connector, which may go on."""
        missing = table(tmp_path / "gone.csv")
        (tmp_path / "gone.csv").unlink()

        def patient(_: object) -> Iterator[Item]:
            try:
                yield missing
            except NotFound:
                yield table(tmp_path / "b.csv", "1,2026-11-05")
                yield Checkpoint({"b": 1}, note="One file is gone.")

        (receipt,) = pulled(notes=patient)
        assert (receipt.applied, receipt.note) == (1, "One file is gone.")
        assert store.checkpoint(SOURCE, "notes") == {"b": 1}

    @pytest.mark.parametrize("as_generator", [True, False])
    def test_connector_that_does_not_care(
        self, store: Store, pulled: Pull, tmp_path: Path, as_generator: bool
    ) -> None:
        """A table that cannot be loaded ends the stream of a connector that does not handle it."""
        missing = table(tmp_path / "gone.csv")
        (tmp_path / "gone.csv").unlink()

        def script(_: object) -> Iterator[Item]:
            yield missing
            yield Checkpoint({"a": 1})

        plain = listed(missing, Checkpoint({"a": 1}))
        (receipt,) = pulled(notes=script if as_generator else plain)
        assert receipt.note.startswith("NotFound")
        assert store.checkpoint(SOURCE, "notes") is None

    def test_source_changes_under_the_load(
        self, store: Store, pulled: Pull, tmp_path: Path
    ) -> None:
        """FILE-09: a connector that finds its table changed takes the whole load back."""

        def careful(_: object) -> Iterator[Item]:
            yield table(tmp_path / "a.csv", "1,2026-11-05")
            raise RetryableError("The file changed.")

        (receipt,) = pulled(notes=careful)
        assert (receipt.served, receipt.is_complete) == (0, False)
        assert notes(store) == []

    def test_mass_drift(self, store: Store, pulled: Pull, tmp_path: Path) -> None:
        """P7: a table of which more than a fifth is bad is not kept at all."""
        lines = [f"{n},{'never' if n % 3 == 0 else '2026-11-05'}" for n in range(120)]
        script = listed(table(tmp_path / "a.csv", *lines), Checkpoint({"a": 1}))
        (receipt,) = pulled(notes=script)
        assert receipt.note.startswith("SchemaChanged: 40 of 120 records")
        assert "bad_datetime 40" in receipt.note
        assert store.checkpoint(SOURCE, "notes") is None
        assert notes(store) == []


class Crash(BaseException):
    """The process is gone."""


class CrashAt:
    """Ends the process at the k-th fault point that is reached."""

    def __init__(self, k: int) -> None:
        self.left = k

    def reach(self, point: str) -> None:
        """Count down."""
        del point
        self.left -= 1
        if self.left == 0:
            raise Crash


class TestCrashes:
    def pages(self, state: Mapping[str, Any] | None) -> Iterator[Item]:
        """Serve two pages of notes with a bad row each, from where the state stands."""
        for page in range((state or {"page": 0})["page"], 2):
            yield from (note(10 * page + n) for n in range(2))
            yield rejected(10 * page + 9)
            yield Checkpoint({"page": page + 1})

    def crashes(self, path: Path, clock: Clock, k: int) -> bool:
        """Pull until the k-th fault point; whether the pull got that far."""
        store = open_store(str(path), clock=clock, faults=CrashAt(k))
        try:
            pull(store, Scripted({"notes": self.pages}), source=SOURCE, clock=clock)
        except Crash:
            return True
        finally:
            store.close()
        return False

    def test_every_fault_point(self, tmp_path: Path, clock: Clock) -> None:
        """P1, P2: after a crash anywhere the next pull loses nothing, keeps nothing twice."""
        empty, k = tmp_path / "empty.duckdb", 1
        open_store(str(empty), clock=clock).close()
        # A name of its own each time: what lies beside a store belongs to it.
        path = tmp_path / f"{k}.duckdb"
        shutil.copy(empty, path)
        while self.crashes(path, clock, k):
            store = open_store(str(path), clock=clock)
            (receipt,) = pull(store, Scripted({"notes": self.pages}), source=SOURCE, clock=clock)
            assert receipt.is_complete
            assert len(notes(store)) == len(set(notes(store))) == 4
            assert len(store.quarantined()) == 2
            assert store.checkpoint(SOURCE, "notes") == {"page": 2}
            store.close()
            k += 1
            path = tmp_path / f"{k}.duckdb"
            shutil.copy(empty, path)
        assert k > 12
