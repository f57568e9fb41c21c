"""Twelve broken plugins and a sound one, installed as real distributions into one folder."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

SECRET = "zq-plugin-secret"  # noqa: S105  (a marker, no password)
GOOD = """
from pydantic import BaseModel
from cxm_core.plugins import Checkpoint, CheckReport, Info, StreamInfo
from cxm_core.records import Note

class Config(BaseModel, extra="forbid"):
    pass

class Letters:
    info = Info(name="NAME", version="1", config=Config)
    def __init__(self, config, runtime): pass
    def streams(self): return (StreamInfo(name="notes", kinds=("note",)),)
    def check(self): return CheckReport(account="office", streams=self.streams())
    def read(self, stream, state, request):
        if state is None:
            yield Note(native_id="1", occurred_at="2026-11-05T09:00Z", text="Cold hall")
            yield Checkpoint({"last": 1})
"""


class Broken(NamedTuple):
    """A plugin that does not work: its code, its entry points, and what is told of it."""

    code: str
    told: str
    entry: str = "[cxm.connectors]\n{name} = {module}:Letters\n"


#: Name -> what is wrong with it. None of them may keep another one back.
BROKEN: dict[str, Broken] = {
    "raiser": Broken(f"raise RuntimeError('{SECRET}')", "raises RuntimeError"),
    "quitter": Broken("import sys; sys.exit(3)", "raises SystemExit"),
    "hardquit": Broken("class Own(BaseException): pass\nraise Own", "raises Own"),
    "generatorquit": Broken("raise GeneratorExit", "raises GeneratorExit"),
    "syntax": Broken("def broken(:", "raises SyntaxError"),
    "recursive": Broken("def f(): f()\nf()", "raises RecursionError"),
    "needy": Broken("import no_such_dependency_here", "needs the module 'no_such_dependency_here'"),
    "future": Broken(
        GOOD.replace('version="1"', 'version="1", api_version=2'),
        "version 2 of the connector contract",
    ),
    "nothing": Broken("Letters = 7", "no connector class"),
    "configless": Broken(GOOD.replace("config=Config", "config=dict"), "no class of pydantic"),
    "nameless": Broken(GOOD.replace('name="NAME"', "name=7"), "no text"),
    "liar": Broken(f"raise ImportError('{SECRET}')", "raises ImportError"),
    "cheat": Broken(f"raise AttributeError('{SECRET}')", "raises AttributeError"),
    "patcher": Broken(
        "import ssl\nssl.create_default_context = ssl._create_unverified_context\n" + GOOD,
        "it changes ssl.create_default_context for the whole process",
    ),
    "methodless": Broken(GOOD.replace("def read(", "def reed("), "lacks the method read"),
    "garbled": Broken("", "no reference", "[cxm.connectors]\n{name} = not a reference!\n"),
    "cutfile": Broken("", "damaged", "[cxm.connectors\n{name} = x:y\n"),
    "goneaway": Broken(GOOD, "not there", "[cxm.connectors]\n{name} = no_module_of_mine:Letters\n"),
    "twin": Broken(GOOD, "share a name"),
    "TWIN": Broken(GOOD, "share a name"),
}


def module_of(name: str) -> str:
    """Module that a plugin's code stands in."""
    return f"planted_{name.lower()}_{'upper' if name.isupper() else 'lower'}"


def distribution_of(name: str) -> str:
    """Name of a plugin's distribution."""
    return f"cxm-{name.lower()}{'-upper' if name.isupper() else ''}"


def install(site: Path, name: str, code: str, entry: str) -> None:
    """Install a distribution as an installer does: metadata in a folder beside the modules."""
    info = site / f"{distribution_of(name).replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    module = module_of(name)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution_of(name)}\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(entry.format(name=name, module=module))
    (site / f"{module}.py").write_text(code.replace("NAME", name))


def install_all(site: Path) -> None:
    """All the broken ones, and a sound one among them."""
    for name, broken in BROKEN.items():
        install(site, name, broken.code, broken.entry)
    install(site, "letters", GOOD, "[cxm.connectors]\n{name} = {module}:Letters\n")
