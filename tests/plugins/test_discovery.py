"""Discovery against planted distributions: real folders, one bad thing each."""

from __future__ import annotations

import configparser
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import entrypoints
import pytest

from cxm_core.errors import ConfigurationError, MissingExtraError
from cxm_core.plugins import discover, offered

GOOD = """
from pydantic import BaseModel
from cxm_core.plugins import Info

class Config(BaseModel):
    pass

class Letters:
    info = Info(name="letters", version="1", config=Config)
    def __init__(self, config, runtime): pass
    def streams(self): return ()
    def check(self): return None
    def read(self, stream, state, request): return iter(())
"""

Plant = Callable[..., Path]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Plant a distribution with its entry points and modules in a folder that can be imported."""
    before = set(sys.modules)

    def plant_one(
        distribution: str,
        entry_points: str | bytes,
        *,
        folder: str = "site",
        suffix: str = "-1.0.dist-info",
        **modules: str,
    ) -> Path:
        site = tmp_path / folder
        info = site / (distribution + suffix)
        info.mkdir(parents=True)
        raw = entry_points if isinstance(entry_points, bytes) else entry_points.encode()
        (info / "entry_points.txt").write_bytes(raw)
        for name, code in modules.items():
            (site / f"{name}.py").write_text(code)
        if folder == "site":
            monkeypatch.syspath_prepend(str(site))
        return site

    kept = list(sys.path)
    yield plant_one
    sys.path[:] = [p for p in sys.path if p in kept]
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def plant_good(plant: Plant, distribution: str = "cxm_letters", name: str = "letters") -> Path:
    """Plant a connector that works."""
    module = f"planted_{distribution}"
    return plant(distribution, f"[cxm.connectors]\n{name} = {module}:Letters\n", **{module: GOOD})


class TestSound:
    def test_names_without_import(self, plant: Plant) -> None:
        """A connector is listed without being imported."""
        site = plant_good(plant)
        catalogue = discover(path=[str(site)])
        assert catalogue.names == ("letters",)
        assert catalogue.problems == ()
        assert "planted_cxm_letters" not in sys.modules

    def test_load(self, plant: Plant) -> None:
        """A connector is imported when it is asked for, in any case."""
        site = plant_good(plant)
        assert discover(path=[str(site)]).load("LETTERS").info.name == "letters"

    def test_distribution_name_is_normal(self, plant: Plant) -> None:
        """The folder's form of a distribution's name is told as the distribution's own."""
        site = plant_good(plant, "Cxm_My.Letters")
        assert discover(path=[str(site)]).distribution("letters") == "cxm-my-letters"

    def test_unknown_name(self, plant: Plant) -> None:
        """A name that is not there is an error with the nearest name."""
        site = plant_good(plant)
        with pytest.raises(ConfigurationError, match="did you mean 'letters'"):
            discover(path=[str(site)]).load("leters")

    def test_allow(self, plant: Plant) -> None:
        """What is not on the allow list is neither listed nor imported."""
        site = plant_good(plant)
        catalogue = discover(path=[str(site)], allow=["files"])
        assert catalogue.names == ()
        with pytest.raises(ConfigurationError, match="not allowed"):
            catalogue.load("letters")
        assert "planted_cxm_letters" not in sys.modules

    def test_extra_folder(self, plant: Plant) -> None:
        """A folder beside the installed packages can bring a connector."""
        code = {"planted_extra": GOOD}
        entry = "[cxm.connectors]\nletters = planted_extra:Letters\n"
        folder = plant("cxm_extra", entry, folder="extra", **code)
        catalogue = discover(path=[], folders=[folder])
        assert str(folder) not in sys.path
        assert catalogue.load("letters").info.name == "letters"

    def test_installed_shadows_extra_folder(self, plant: Plant) -> None:
        """A distribution that stands in two places is used from the first, with no clash."""
        site = plant_good(plant)
        entry = "[cxm.connectors]\nletters = planted_extra:Letters\n"
        folder = plant("cxm_letters", entry, folder="extra", planted_extra=GOOD)
        catalogue = discover(path=[str(site)], folders=[folder])
        assert catalogue.load("letters").__module__ == "planted_cxm_letters"

    def test_load_all(self, plant: Plant) -> None:
        """All that work are loaded at once."""
        site = plant_good(plant)
        assert set(discover(path=[str(site)]).load_all()) == {"letters"}


class TestBadMetadata:
    """The rows of the trap table: one bad file in the way of the `entrypoints` package."""

    def test_bad_reference_in_our_group(self, plant: Plant) -> None:
        """A reference that is none is reported, and its neighbour in the same file works."""
        entry = "[cxm.connectors]\nbad = not a reference!\nletters = planted_a:Letters\n"
        site = plant("cxm_bad", entry, planted_a=GOOD)
        catalogue = discover(path=[str(site)])
        assert catalogue.names == ("letters",)
        (problem,) = catalogue.problems
        assert (problem.name, problem.distribution) == ("bad", "cxm-bad")

    @pytest.mark.parametrize(
        ("entry", "raised"),
        [
            ("[cxm.connectors]\nbad = mod%ule:Class\n", "InterpolationSyntaxError"),
            ("[other]\na = x:y\na = x:z\n", "DuplicateOptionError"),
            ("a = x:y\n", "MissingSectionHeaderError"),
            ("[other]\na = x:y\n[other]\nb = x:y\n", "DuplicateSectionError"),
            ("[other]\nno equals sign\n", "ParsingError"),
            (b"[other]\na = \xff\xfe:y\n", "UnicodeDecodeError"),
        ],
    )
    def test_damaged_file(self, plant: Plant, entry: str | bytes, raised: str) -> None:
        """A file that ends a strict scan is reported, and the other distributions work."""
        site = plant_good(plant)
        plant("stranger", entry)
        with pytest.raises((configparser.Error, UnicodeDecodeError)) as caught:
            entrypoints.get_group_all("cxm.connectors", path=[str(site)])
        assert type(caught.value).__name__ == raised
        catalogue = discover(path=[str(site)])
        assert catalogue.load("letters").info.name == "letters"
        assert any(p.distribution == "stranger" and raised in p.reason for p in catalogue.problems)

    def test_damaged_file_with_our_group(self, plant: Plant) -> None:
        """A connector is still found in a file that is damaged elsewhere."""
        entry = "[other]\na = x:y\na = x:z\n[cxm.connectors]\nletters = planted_b:Letters\n"
        site = plant("cxm_half", entry, planted_b=GOOD)
        catalogue = discover(path=[str(site)])
        assert catalogue.names == ("letters",)
        assert [p.distribution for p in catalogue.problems] == ["cxm-half"]

    def test_damage_in_another_folder(self, plant: Plant, tmp_path: Path) -> None:
        """A damaged file in one folder does not change what another folder gives."""
        site = plant_good(plant)
        other = plant("stranger", "a = x:y\n", folder="other")
        catalogue = discover(path=[str(other), str(site), str(tmp_path / "nowhere")])
        assert catalogue.names == ("letters",)

    def test_damaged_archive(self, plant: Plant) -> None:
        """An archive on the path that cannot be read hides nothing."""
        site = plant_good(plant)
        archive = site / "bundle.zip"
        with zipfile.ZipFile(archive, "w") as bundle:
            bundle.writestr("cxm_zip-1.0.dist-info/entry_points.txt", "no section\n")
        catalogue = discover(path=[str(archive), str(site)])
        assert catalogue.names == ("letters",)
        assert [p.distribution for p in catalogue.problems] == ["bundle.zip"]

    def test_egg_info(self, plant: Plant) -> None:
        """A distribution in the old layout is found beside a damaged one."""
        entry = "[cxm.connectors]\nletters = planted_c:Letters\n"
        site = plant("cxm_old", entry, suffix="-1.0-py3.11.egg-info", planted_c=GOOD)
        plant("stranger", "a = x:y\n")
        catalogue = discover(path=[str(site)])
        assert catalogue.distribution("letters") == "cxm-old"

    def test_names_that_differ_in_case(self, plant: Plant) -> None:
        """Two connectors of one name, whatever its case, are refused by naming both."""
        site = plant_good(plant, "cxm_one", "letters")
        plant_good(plant, "cxm_two", "Letters")
        catalogue = discover(path=[str(site)])
        assert catalogue.names == ()
        with pytest.raises(ConfigurationError, match="share a name") as caught:
            catalogue.load("letters")
        assert "'cxm-one'" in caught.value.message
        assert "'cxm-two'" in caught.value.message
        assert len(catalogue.problems) == 1

    def test_clash_spares_others(self, plant: Plant) -> None:
        """A clash of two names leaves a third connector alone."""
        site = plant_good(plant, "cxm_one", "letters")
        plant_good(plant, "cxm_two", "LETTERS")
        plant_good(plant, "cxm_three", "parcels")
        assert discover(path=[str(site)]).names == ("parcels",)


class TestBrokenPlugins:
    """PLUG-01, PLUG-02 and PLUG-04: each beside a connector that works."""

    @pytest.mark.parametrize(
        ("code", "told"),
        [
            pytest.param(
                "raise RuntimeError('secret-canary')", "raises RuntimeError", id="PLUG-01"
            ),
            pytest.param("import sys; sys.exit(3)", "raises SystemExit", id="PLUG-02"),
            pytest.param(
                "class Own(BaseException): pass\nraise Own", "raises Own", id="PLUG-02-base"
            ),
            pytest.param("def broken(:", "raises SyntaxError", id="PLUG-01-syntax"),
            pytest.param(
                "import no_such_module_here", "needs the module 'no_such_module_here'", id="PLUG-04"
            ),
            pytest.param("from os import no_such_name", "no_such_name", id="PLUG-04-name"),
            pytest.param("other = 1", "has no attribute 'Letters'", id="PLUG-04-attribute"),
            pytest.param("Letters = 7", "no connector class", id="PLUG-04-type"),
            pytest.param(
                GOOD.replace('version="1"', 'version="1", api_version=2'),
                "version 2 of the connector contract",
                id="PLUG-04-version",
            ),
            pytest.param(
                GOOD.replace("def read(", "def reed("), "lacks the method read", id="PLUG-04-method"
            ),
            pytest.param(
                "class Meta(type):\n"
                "    @property\n"
                "    def info(cls): raise SystemExit\n"
                "class Letters(metaclass=Meta): pass",
                "raises SystemExit",
                id="PLUG-02-attribute",
            ),
        ],
    )
    def test_isolated(self, plant: Plant, code: str, told: str) -> None:
        """A broken connector is a problem that names it, and the others go on."""
        site = plant_good(plant)
        entry = "[cxm.connectors]\nbroken = planted_broken:Letters\n"
        plant("cxm_broken", entry, planted_broken=code)
        catalogue = discover(path=[str(site)])
        with pytest.raises(ConfigurationError, match="'broken' of 'cxm-broken'") as caught:
            catalogue.load("broken")
        assert told in caught.value.message
        assert "secret-canary" not in str(caught.value)
        assert set(catalogue.load_all()) == {"letters"}
        assert [(p.name, p.distribution) for p in catalogue.problems] == [("broken", "cxm-broken")]

    def test_own_module_missing(self, plant: Plant) -> None:
        """A connector whose own module is gone is told apart from a missing dependency."""
        site = plant("cxm_gone", "[cxm.connectors]\ngone = planted_gone.inner:Letters\n")
        with pytest.raises(ConfigurationError, match="its own module 'planted_gone'"):
            discover(path=[str(site)]).load("gone")

    def test_missing_extra(self, plant: Plant) -> None:
        """A connector that needs an extra says how to install it."""
        code = "from cxm_core.errors import MissingExtraError\nraise MissingExtraError.of('x', 'X')"
        site = plant("cxm_x", "[cxm.connectors]\nx = planted_x:X\n", planted_x=code)
        with pytest.raises(MissingExtraError, match="pip install"):
            discover(path=[str(site)]).load("x")

    def test_keyboard_interrupt(self, plant: Plant) -> None:
        """A person who stops the program is obeyed."""
        site = plant(
            "cxm_slow",
            "[cxm.connectors]\nslow = planted_slow:S\n",
            planted_slow="raise KeyboardInterrupt",
        )
        with pytest.raises(KeyboardInterrupt):
            discover(path=[str(site)]).load("slow")

    def test_failure_is_not_kept(self, plant: Plant) -> None:
        """A connector that is mended works at the next call."""
        entry = "[cxm.connectors]\nlater = planted_later:Letters\n"
        site = plant("cxm_later", entry)
        catalogue = discover(path=[str(site)])
        with pytest.raises(ConfigurationError):
            catalogue.load("later")
        module = site / "planted_later.py"
        module.write_text(GOOD)
        sys.path_importer_cache.clear()
        assert catalogue.load("later").info.name == "letters"
        assert catalogue.problems == ()


class TestOffered:
    """Any group of entry points, such as that of simulators."""

    def test_names_in_order_without_import(self, plant: Plant) -> None:
        """What is installed is listed by name; only whoever calls it imports it."""
        shops = "[cxm.shops]\nsouth = planted_shops:SOUTH\nnorth = planted_shops:NORTH\n"
        site = plant("cxm_shops", shops, planted_shops="NORTH, SOUTH = 1, 2\n")
        found = offered("cxm.shops", path=[str(site)])
        assert list(found) == ["north", "south"]
        assert "planted_shops" not in sys.modules
        assert [load() for load in found.values()] == [1, 2]

    def test_other_groups_are_not_mixed_in(self, plant: Plant) -> None:
        """A connector is no shop, and a shop is no connector."""
        site = plant_good(plant)
        assert dict(offered("cxm.shops", path=[str(site)])) == {}

    def test_a_name_that_stands_twice_is_left_out(self, plant: Plant) -> None:
        """Nobody could say which of two is meant, so neither is offered."""
        plant("cxm_one", "[cxm.shops]\nnorth = json:dumps\nwest = json:loads\n")
        site = plant("cxm_two", "[cxm.shops]\nnorth = json:loads\n", folder="other")
        path = [str(site), str(site.parent / "site")]
        assert list(offered("cxm.shops", path=path)) == ["west"]

    def test_a_damaged_stranger_hides_nobody(self, plant: Plant) -> None:
        """A distribution whose entry points cannot be read takes none of the others with it."""
        plant("cxm_one", "[cxm.shops]\nnorth = json:dumps\n")
        site = plant("stranger", b"[cxm.shops\n\xff")
        assert list(offered("cxm.shops", path=[str(site)])) == ["north"]
