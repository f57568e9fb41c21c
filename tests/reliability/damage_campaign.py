"""One damage after the other to copies of one store, and what must be true of each of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from cxm_core.store import open_store
from cxm_core.sync import add
from reliability.damage import cases, damage
from reliability.damage_child import Onlooker, ended, python
from reliability.damage_stand import BATCHES, OWN, Look, clock, digest, own_note, states

_MAKE = """
import sys
from pathlib import Path
from reliability.damage_stand import make
make(Path(sys.argv[1]))
"""


@frozen(kw_only=True)
class Case:
    """One damage, and what came of it; `look` is None where the process died."""

    part: str
    wound: str
    seed: int
    look: Look | None


class Campaign:
    """Copies of one store, damaged and looked at.

    Parameters
    ----------
    folder : pathlib.Path
        An empty folder to work in.
    """

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template"
        self._work = folder / "work"
        self._template.mkdir()
        code = ended(python(_MAKE, str(self._template / "cxm.duckdb")))
        assert code == 0, "the store could not be made"
        self.states = states()
        self.own = _own()
        self._onlooker = Onlooker()

    def run(self, part: str, count: int) -> Iterator[Case]:
        """Damage one part of as many copies."""
        for wound, seed in cases(part, count):
            yield self.case(part, wound, seed)

    def case(self, part: str, wound: str, seed: int) -> Case:
        """Damage a fresh copy, and have a child look at it."""
        shutil.rmtree(self._work, ignore_errors=True)
        shutil.copytree(self._template, self._work)
        damage(self._work, part, wound, seed)
        look = self._onlooker.look(self._work / "cxm.duckdb")
        return Case(part=part, wound=wound, seed=seed, look=look)

    def faults_of(self, case: Case) -> Iterator[str]:
        """Promises that were broken, one sentence each."""
        name = f"{case.part} {case.wound} {case.seed}"
        look = case.look
        if look is None:
            yield f"{name}: the process died"
            return
        for is_kept, promise in self._promises(look):
            if not is_kept:
                yield f"{name}: {promise}: {look}"

    def _promises(self, look: Look) -> Iterator[tuple[bool, str]]:
        yield look.error in {None, "StoreDamaged"}, "opens, or is told to be damaged"
        yield look.is_typed, "gives errors of the library only"
        yield look.end == self.states[-1], "holds all of the source after a sync"
        yield look.own == self.own, "holds all that only the app knew"
        if look.error is None:
            pages = look.pages or 0
            yield look.is_counted, "counts the same in every way"
            yield look.seen == self.states[pages], "is as it was after a whole page"
            yield pages == BATCHES or not look.is_clean, "says that something is gone"
            yield set(look.aside) <= set(look.left), "keeps what it set aside"
        else:
            is_told = "cxm.duckdb" in look.message and "Hint: " in look.message
            yield is_told, "names the file and the way back"

    def close(self) -> None:
        """End the child."""
        self._onlooker.close()


def _own() -> str:
    """Digest of all that the app kept by itself."""
    store = open_store("memory:", clock=clock)
    for number in range(0, BATCHES, 4):
        add(store, [own_note(number)], source=OWN, clock=clock)
    return digest(store, OWN)
