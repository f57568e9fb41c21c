"""A shop with a canary in every secret and every personal field, and all that comes out of it."""

from __future__ import annotations

import logging
import os
import pickle
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from io import StringIO
from pathlib import Path
from types import FrameType

from attrs import define, field

from cxm_core.cli import main
from cxm_core.errors import CxmError
from cxm_core.plugins import Runtime, build
from cxm_core.records import Customer, Response, Score, Ticket
from cxm_core.workspace import Workspace
from reliability.canary import PERSON, SECRET
from reliability.hostile_plugins import install

#: A connector that needs a token, checks it too loudly, and serves people.
VAULT = """
from pydantic import BaseModel, field_validator
from cxm_core.plugins import Checkpoint, CheckReport, Info, StreamInfo
from cxm_core.records import Response, Score

class Config(BaseModel, extra="forbid"):
    token: str
    count: int = 0
    bad: str = ""

    @field_validator("bad")
    @classmethod
    def _check(cls, value):
        if value:
            raise ValueError(f"{value} is not accepted")
        return value

class Letters:
    info = Info(name="vault", version="1", config=Config)
    def __init__(self, config, runtime):
        self._config, self._runtime = config, runtime
        runtime.log.debug("built for %s", self.info.name)
    def streams(self): return (StreamInfo(name="notes", kinds=("response",)),)
    def check(self): return CheckReport(account="office", streams=self.streams())
    def read(self, stream, state, request):
        assert self._runtime.secrets("VAULT_TOKEN") == self._config.token
        yield Response(native_id="v1", occurred_at="2026-03-02T10:00Z", question="recommend",
                       score=Score(9, "0-10"), verbatim="PERSON",
                       customer=[("email", "PERSON@example.com")])
        raise RuntimeError("the vault is shut")
"""
PROGRAM = """
name = "Shops"
zone = "UTC"
[store]
url = "store/shops.duckdb"
[[sources]]
name = "files:shops"
[sources.config]
files = ["answers.csv"]
[sources.config.row]
id = "{id}"
customer = { email = "email", external = "id" }
occurred_at = { column = "date", format = "%Y-%m-%d", zone = "UTC" }
attributes = { shop = "shop" }
[[sources.config.questions]]
id = "recommend"
text = "How likely are you to recommend us?"
scale = "0-10"
column = "score"
verbatim = "comment"
[[sources]]
name = "vault:office"
[sources.config]
token = { env = "VAULT_TOKEN" }
[[metrics]]
name = "nps"
engine = "nps"
question = "recommend"
[report]
path = "out/report.html"
headline = ["nps"]
by = ["shop"]
min_group = 1
quotes = { question = "recommend", count = 9 }
"""
_ROW = "{0},{1}@example.com,{2},{3},north,{1}\n"


def lay_out(folder: Path, site: Path) -> Path:
    """Program, data and plugin; the address and the words of every answer hold the canary."""
    install(
        site,
        "vault",
        VAULT.replace("PERSON", PERSON),
        "[cxm.connectors]\n{name} = {module}:Letters\n",
    )
    rows = [
        _ROW.format(1, PERSON, "2026-03-02", 9),
        _ROW.format(2, PERSON, "2026-03-03", 3),
        _ROW.format(3, PERSON, PERSON, 4),
        _ROW.format(4, PERSON, "2026-03-04", PERSON),
        _ROW.format(5, PERSON, "2026-03-04", 99),
        f"6,{PERSON}\n",
    ]
    (folder / "answers.csv").write_text("id,email,date,score,shop,comment\n" + "".join(rows))
    (folder / "out").mkdir()
    (folder / "store").mkdir()
    (folder / "cxm.toml").write_text(PROGRAM)
    return folder / "cxm.toml"


@define
class Sinks:
    """Everything that came out, by a name for it."""

    outputs: dict[str, bytes] = field(factory=dict)

    def add(self, name: str, text: object) -> None:
        """Keep an output; a second one of a name stands behind the first."""
        raw = text if isinstance(text, bytes) else str(text).encode(errors="backslashreplace")
        self.outputs[name] = self.outputs.get(name, b"") + b"\n" + raw

    def shown(self, name: str, thing: object) -> None:
        """Keep all that a person may see of a thing."""
        self.add(f"repr of {name}", repr(thing))
        self.add(f"str of {name}", str(thing))
        self.add(f"f-string of {name}", f"{thing}")

    def error(self, name: str, call: Callable[[], object]) -> None:
        """Keep all that may be seen of the error that a call ends with; it must be one of ours."""
        try:
            call()
        except CxmError as error:
            self.shown(f"error {name}", error)
            self.add(f"args of error {name}", (error.args, error.context, error.hint))
            self.add(f"pickle of error {name}", pickle.dumps(error))
            self.add(f"traceback of error {name}", "".join(traceback.format_exception(error)))
            self.add(f"locals of error {name}", _told(error))
            return
        raise AssertionError(f"{name} is no error")

    def command(self, *words: str) -> None:
        """Keep what a command prints on both ends."""
        kept = sys.argv, sys.stdout, sys.stderr
        sys.argv, sys.stdout, sys.stderr = ["cxm", *words], StringIO(), StringIO()
        try:
            with suppress(SystemExit):
                main()
            name = " ".join(words[:2])
            self.add(f"output of {name}", sys.stdout.getvalue())
            self.add(f"messages of {name}", sys.stderr.getvalue())
        finally:
            sys.argv, sys.stdout, sys.stderr = kept


def _told(error: BaseException) -> str:
    """What every frame of ours held when the error, or one behind it, passed through."""
    behind = [one for one in (error.__cause__, error.__context__) if one is not None]
    # The test's own frames, and a plugin's, hold what they like.
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if _is_ours(frame)]
    held = [_shown(value) for frame in frames for value in frame.f_locals.values()]
    return "\n".join([*held, *map(_told, behind)])


def _shown(value: object) -> str:
    try:
        return repr(value)
    except AttributeError:
        return "half made"


def _is_ours(frame: FrameType) -> bool:
    return f"{os.sep}cxm_" in frame.f_code.co_filename


class _Kept(logging.Handler):
    """Keeps every line of every log."""

    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, and all that came with it."""
        self.lines.append(f"{self.format(record)} {record.args!r} {vars(record)!r}")


@contextmanager
def everything_logged(sinks: Sinks) -> Iterator[None]:
    """All loggers at DEBUG, all warnings, into the sinks."""
    handler, root = _Kept(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    sinks.add("logs of all loggers at DEBUG", "\n".join(handler.lines))
    sinks.add("warnings", [str(one.message) for one in told])


def records_of_people() -> list[object]:
    """Records with the canary in every field that takes a person's text."""
    at = "2026-03-05T10:00Z"
    who = [("email", f"{PERSON}@example.com"), ("external", PERSON)]
    return [
        Response(native_id="a1", occurred_at=at, question="recommend", score=Score(9, "0-10"),
                 verbatim=PERSON, customer=who, attributes={"said": PERSON}),
        Ticket(native_id="a2", occurred_at=at, subject=PERSON, customer=who),
        Customer(native_id="a3", occurred_at=at, name=PERSON, customer=who),
    ]  # fmt: skip


def refusals(workspace: Workspace, sinks: Sinks, folder: Path) -> None:
    """Every sort of error, each asked for with a canary in its hands."""
    source = workspace.program.source("vault:office")
    runtime = Runtime(clock=workspace.clock, root=folder, secrets=lambda _: SECRET)
    cls = workspace.connectors.load("vault")
    secret = source.resolved({"VAULT_TOKEN": SECRET})
    sinks.shown("resolved configuration", secret)
    sinks.shown("runtime", runtime)
    for name, more in {
        "of a wrong type": {"count": secret["token"]},
        "of an unknown key": {"colour": secret["token"]},
        "of a loud validator": {"bad": secret["token"]},
    }.items():
        sinks.error(name, lambda more=more: build(cls, {**secret, **more}, runtime))  # type: ignore[misc]  # bound now
    sinks.error("of a missing variable", lambda: source.resolved({"OTHER": SECRET}))
    sinks.error("of a record", lambda: Response(native_id="x", occurred_at=PERSON))
    sinks.error("of a score", lambda: Score(PERSON, "0-10"))  # type: ignore[arg-type]  # wrong on purpose
    sinks.error(
        "of a filter", lambda: workspace.measure("nps", where={"said": PERSON, "x": PERSON})
    )
    sinks.error("of a window", lambda: workspace.measure("nps", as_of=PERSON))
    sinks.error("of no record", lambda: workspace.add([PERSON]))  # type: ignore[list-item]  # wrong on purpose
    sinks.error("of a store", lambda: Workspace(workspace.program, store=folder / "answers.csv"))


def through(folder: Path, program: Path) -> Sinks:
    """One life of the shop: synced, measured, reported, refused; and all that was said of it."""
    sinks = Sinks()
    with everything_logged(sinks):
        with closing(Workspace(program)) as workspace:
            for receipt in workspace.sync():
                sinks.shown("sync receipt", receipt)
                sinks.add("JSON of a sync receipt", receipt.to_dict())
                sinks.add("pickle of a sync receipt", pickle.dumps(receipt))
            people = records_of_people()
            sinks.shown("records", people)
            sinks.shown("receipt of add", workspace.add(people))  # type: ignore[arg-type]  # records
            sinks.shown("quarantine", workspace.quarantined())
            sinks.shown("check", workspace.check())
            for name, thing in _things(workspace).items():
                sinks.shown(name, thing)
            result = workspace.measure("nps", by="shop")
            sinks.shown("result", result)
            sinks.add("JSON of a result", result.to_json())
            sinks.add("HTML of a result", result._repr_html_())
            sinks.add("picture of a result", result.svg())
            sinks.add("pickle of a result", pickle.dumps(result))
            workspace.report(folder / "out" / "report.html", tables=folder / "out" / "tables")
            refusals(workspace, sinks, folder)
        for words in COMMANDS:
            sinks.command(*words)
    sinks.add("names of files", [path.name for path in folder.rglob("*")])
    return sinks


COMMANDS = (
    ("--help",),
    ("check",),
    ("check", "--json"),
    ("connectors", "--json"),
    ("sync",),
    ("sync", "--json"),
    ("run",),
    ("run", "--json"),
    ("measure", "nps"),
    ("measure", "nps", "--by", "shop", "--json"),
    ("measure", "nps", "--where", f"shop={PERSON}"),
    ("quarantine",),
    ("quarantine", "--json"),
    ("quarantine", "replay", "files:shops"),
    ("sources", "--json"),
    ("report",),
    ("report", "--json"),
    ("doctor",),
    ("doctor", "--json"),
    ("store", "verify"),
    ("store", "compact"),
    ("init", "--from", "answers.csv", "--out", "proposed.toml"),
)


def _things(workspace: Workspace) -> dict[str, object]:
    return {
        "workspace": workspace,
        "program": workspace.program,
        "JSON of the program": workspace.program.model_dump_json(),
        "source": workspace.program.source("vault:office"),
        "store": workspace.store,
        "opening": getattr(workspace.store, "opening", None),
        "checkpoint": workspace.store.checkpoint("files:shops", "rows"),
        "catalogue": workspace.connectors,
        "table of the store": workspace.store.read("response"),
    }
