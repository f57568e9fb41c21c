"""SQLI-01, SQLI-03, SQLI-04, SQLI-05: names and values stay names and values."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pytest

from cxm_core.errors import CxmError, UsageError
from cxm_core.records import Format, Response, Score
from cxm_core.store import Store, open_store
from cxm_core.store._driver import Limits, connect_file, connect_scratch, run
from cxm_core.sync import add, pull
from cxm_core.workspace import Workspace
from reliability.hostile_names import CANARY, IMPOSSIBLE, KEPT, NAMES
from reliability.hostile_texts import PACKS
from reliability.sql_stand import COLUMNS, FORMATS, ROWS, Guarded, described, guarded, make_template
from sync.scripted import Clock, Scripted, note, rejected
from workspace.desks import answer, shop

#: Names of attributes hold at most this many to one file; the others come in the next one.
CHUNK = 120


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a store with the canary table."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def store(tmp_path: Path, template: Path) -> Iterator[Guarded]:
    """A copy of the store with the canary table, looked at when the test is over."""
    made = guarded(tmp_path, template)
    yield made
    made.assert_intact()


def chunks(names: Sequence[str]) -> list[Sequence[str]]:
    """The names, so many as fit into a row."""
    return [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]


def test_sqli_01_there_are_enough_names() -> None:
    """At least 200, the pack among them."""
    assert len(NAMES) >= 200
    assert len(COLUMNS) >= 200


@pytest.mark.parametrize("format_", FORMATS)
def test_sqli_01_columns_of_files(format_: Format, store: Guarded) -> None:
    """The pack and a fifth of all names, as columns, attributes and values: all rows are kept."""
    pack = [name for name in PACKS["sql"] if name in COLUMNS]
    check_columns(format_, store, {*pack, *COLUMNS[FORMATS.index(format_) :: len(FORMATS)]})


@pytest.mark.slow
@pytest.mark.parametrize("format_", FORMATS)
def test_sqli_01_all_columns_of_files(format_: Format, store: Guarded) -> None:
    """Every name in every format."""
    check_columns(format_, store, COLUMNS)


def check_columns(format_: Format, store: Guarded, names: Iterable[str]) -> None:
    """Load rows whose columns have these names; each comes back as attribute and value."""
    wanted = sorted(names)
    for number, some in enumerate(chunks(wanted)):
        with store.store.transaction() as transaction:
            table = described(format_, store.folder, some)
            report = transaction.load(table, source=f"files:{number}")
        assert (report.counts.applied, report.reasons) == (ROWS, {})
    kept = [one for one in store.store.records("response") if one.native_id == "1"]
    found = {k: v for one in kept for k, v in one.attributes.items()}  # type: ignore[attr-defined]  # responses
    assert found == {name: name for name in wanted}


@pytest.mark.parametrize("format_", FORMATS)
def test_sqli_01_names_with_control_characters_are_set_aside(
    format_: Format, store: Guarded
) -> None:
    """What no attribute may be called sets its row aside with a reason, in every format."""
    names = [name for name in NAMES if name not in KEPT]
    assert len(names) > 10
    with store.store.transaction() as transaction:
        report = transaction.load(described(format_, store.folder, names), source="files:x")
    assert report.reasons == {"bad_pattern": ROWS}


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 6])
def test_sqli_01_groups_and_filters(step: int, store: Guarded) -> None:
    """Every name as what is grouped by and filtered on: the very answers, or a typed error."""
    told = [answer(at, 9, attributes={name: name}) for at, name in enumerate(KEPT)]
    with Workspace(shop(), store=store.store, clock=Clock()) as workspace:
        workspace.add(told)
        for name in KEPT[::step]:
            path = f"attributes.{name}"
            if name.startswith("@"):
                with pytest.raises(UsageError, match="reserved"):
                    workspace.measure("nps", by=path)
                continue
            counted = workspace.measure("nps", by=path, where={path: name})
            assert counted.n.sum() == 1, name
            assert workspace.measure("nps", where={path: name + "x"}).n == 0


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 12])
def test_sqli_01_names_in_every_argument(step: int, store: Guarded) -> None:
    """As a kind, a column, a source, a stream, a reason, a metric: an answer or a typed error."""
    for name in (*NAMES[::step], *IMPOSSIBLE):
        for call in calls(store.store, name):
            with suppress(CxmError):
                call()


def calls(opened: Store, name: str) -> list[Callable[[], object]]:
    """Everything that takes a name."""
    desk = Workspace(shop(), store=opened)
    return [
        lambda: opened.count(name),
        lambda: list(opened.records(name)),
        lambda: opened.read("response", columns=[name]),
        lambda: opened.read("response", where={name: "x"}),
        lambda: opened.read("response", where={"question": name}),
        lambda: opened.checkpoint(name, name),
        lambda: opened.receipts(source=name),
        lambda: opened.quarantined(source=name),
        lambda: opened.pin_source(name, name),
        lambda: opened.rename_source(name, f"{name}2"),
        lambda: add(opened, [note(1, "x")], source=name, clock=Clock()),
        lambda: _pulled(opened, name),
        lambda: desk.measure(name),
        lambda: desk.measure("nps", by=name, where={name: name}),
        lambda: desk.quarantined(name, reason=name),
    ]


def _pulled(store: Store, name: str) -> object:
    scripts = {name: lambda _: [note(1, name), rejected(2)]}
    return pull(store, Scripted(scripts, account=name), source="scripted:x", clock=Clock())


def test_sqli_01_values_of_records(store: Guarded) -> None:
    """Every text as id, words and question of a record comes back as it went in."""
    texts = [text for text in NAMES if text.strip() == text and text.isprintable()]
    records = [
        Response(
            native_id=text[:200],
            occurred_at="2026-03-02T10:00Z",
            question=text[:200],
            score=Score(9, "0-10"),
            verbatim=text,
        )
        for text in texts
    ]
    add(store.store, records, source="app:own", clock=Clock())
    words = [one.verbatim for one in store.store.records("response")]  # type: ignore[attr-defined]  # responses
    assert sorted(words) == sorted(texts)


def test_sqli_03_names_of_python_variables(store: Guarded, closed: Closed) -> None:
    """A name that a variable has here is no table for any of our connections."""
    private_df = private_table = pa.table({"n": [42]})
    for name in ("private_df", "private_table", "NAMES"):
        with pytest.raises(UsageError):
            store.store.count(name)
        counted = store.store.read("response", where={f"attributes.{name}": name})
        assert pa.table(counted).num_rows == 0
    for con in closed.connections:
        with pytest.raises(duckdb.Error, match="private_df"):
            run(con, "FROM private_df")
    assert private_df is private_table


class Closed(NamedTuple):
    """One of each sort of connection that we open, and the folder around them."""

    folder: Path
    connections: list[duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    """A store to write, one to read, and a scratch one."""
    folder = tmp_path_factory.mktemp("closed")
    scratch = folder / "scratch"
    scratch.mkdir()
    connect_file(folder / "read.duckdb", Limits(), read_only=False).close()
    opened = [
        connect_file(folder / "write.duckdb", Limits(), read_only=False),
        connect_file(folder / "read.duckdb", Limits(), read_only=True),
        connect_scratch(Limits(), folder=scratch),
    ]
    yield Closed(folder, opened)
    for con in opened:
        con.close()


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_csv('/etc/passwd')",
        "FROM read_text('/etc/passwd')",
        "FROM read_blob('/etc/passwd')",
        "FROM read_json('/etc/passwd')",
        "FROM read_parquet('/etc/passwd')",
        "FROM sniff_csv('/etc/passwd')",
        "FROM glob('/etc/*')",
        "FROM '/etc/passwd'",
        "FROM 'http://evil.test/x.csv'",
        "COPY (SELECT 1) TO '{folder}/pwned'",
        "COPY (SELECT 1) TO '{folder}/scratch/../pwned'",
        "ATTACH '{folder}/pwned.db' AS p",
        "EXPORT DATABASE '{folder}/pwned'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '{folder}/pwned.duckdb_extension'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET lock_configuration = false",
        "SET python_enable_replacements = true",
        "SET autoinstall_known_extensions = true",
        "SET temp_directory = '{folder}/pwned'",
        "SET secret_directory = '/tmp'",
        "PRAGMA enable_external_access",
        "RESET lock_configuration",
        "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
    ],
)
def test_sqli_04_files_and_settings_are_closed(statement: str, closed: Closed) -> None:
    """Even as a whole statement, which no text can be, it reaches no file and no setting."""
    for con in closed.connections:
        with pytest.raises(duckdb.Error):
            run(con, statement.format(folder=closed.folder))
    assert not list(closed.folder.rglob("pwned*"))


def test_sqli_04_every_connection_is_locked(closed: Closed) -> None:
    """External access, extensions, variables and the lock itself stand as they should."""
    wanted = {
        "enable_external_access": False,
        "lock_configuration": True,
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    for con in closed.connections:
        for name, value in wanted.items():
            assert run(con, f"SELECT current_setting('{name}')") == [(value,)], name


def test_sqli_04_no_other_file_connects(root: Path) -> None:
    """Store, scratch, export and compaction all connect through the driver, which locks."""
    found = set()
    for path in sorted((root / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                if node.func.attr == "connect" and owner in {"duckdb", "driver()", "_driver"}:
                    found.add(path.name)
    assert found == {"_driver.py"}


@pytest.mark.parametrize("name", IMPOSSIBLE, ids=["empty", "long", "nul", "nul2", "half", "half2"])
def test_sqli_05_impossible_names(name: str, store: Guarded) -> None:
    """An empty, an endless, a NUL or a broken name is refused with a typed error, or kept whole."""
    for call in (
        lambda: store.store.read("response", columns=[name]),
        lambda: store.store.read("response", where={name: "x"}),
        lambda: store.store.count(name),
    ):
        with pytest.raises(UsageError):
            call()
    try:
        record = answer(1, 9, attributes={name: "x"})
    except (CxmError, ValueError):
        return
    add(store.store, [record], source="app:own", clock=Clock())
    (kept,) = store.store.records("response")
    assert kept.attributes == {name: "x"}  # type: ignore[attr-defined]  # a response


@pytest.mark.parametrize("format_", [one for one in FORMATS if one != "csv"])
def test_sqli_05_names_that_differ_in_case(format_: Format, store: Guarded) -> None:
    """`Select`, `SELECT` and `select` are three columns and three attributes."""
    names = ("Select", "SELECT", "select", "GROUP", "group", "\u00df", "\u1e9e", "\u0130", "i")
    with store.store.transaction() as transaction:
        report = transaction.load(described(format_, store.folder, names), source="files:x")
    assert report.counts.applied == ROWS
    kept = next(one for one in store.store.records("response") if one.native_id == "1")
    assert set(kept.attributes) == set(names)  # type: ignore[attr-defined]  # a response


def test_sqli_05_reserved_words_as_columns_of_sql(store: Guarded) -> None:
    """A canary table named by a hostile word is no table of ours, and no kind."""
    with pytest.raises(UsageError):
        store.store.count(CANARY)
    with pytest.raises(UsageError):
        store.store.read("response", columns=["rowid"])


def test_sqli_05_a_store_in_a_folder_with_a_hostile_name(tmp_path: Path) -> None:
    """Quotes and semicolons in a path are a path."""
    for name in ("a'b", 'a"b', "a;b --", "$x$", "a b", "{x}", "%s", "[x]", "x%3Fy=1"):
        folder = tmp_path / name
        folder.mkdir()
        with closing(open_store(str(folder / "s'1.duckdb"), clock=Clock())) as opened:
            add(opened, [note(1, "x")], source="app:own", clock=Clock())
            table = opened.read("note", columns=["text"])
            out = opened.write_table(table, folder / "t';--.parquet", format="parquet")
        assert out.is_file()


def test_sqli_05_a_path_with_a_question_mark_is_refused(tmp_path: Path) -> None:
    """The driver would take what follows for settings, so such a path is told, not tried."""
    folder = tmp_path / "x?access_mode=read_only"
    folder.mkdir()
    with pytest.raises(UsageError, match="'\\?'"):
        open_store(str(folder / "cxm.duckdb"), clock=Clock())
    assert list(folder.iterdir()) == []
