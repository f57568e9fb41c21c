"""What we install and what we ship is what we looked at: hashes, audit, parts list, one wheel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINNED = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+?)(?: ; [^\\]+?)? \\$")
HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}(?: \\)?$")
CLOSED = "http://127.0.0.1:9"
LOCKS = ("app", "build", "contracts", "docs", "lint", "test", "types")


def pins(root: Path, name: str) -> dict[str, set[str]]:
    """Versions that a lock pins, by package; one can differ with the version of Python."""
    found: dict[str, set[str]] = {}
    for line in (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if pinned := PINNED.match(line):
            found.setdefault(pinned[1], set()).add(pinned[2])
    return found


def declared(root: Path, *extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, with these extras."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = list(project["dependencies"])
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    return [Requirement(text) for text in texts if not text.startswith("cxm[")]


class TestHashes:
    """Every file that CI installs is pinned by its hash, and no host is named."""

    @pytest.mark.parametrize("name", LOCKS)
    def test_supply_01_every_line_is_a_pin_or_a_hash(self, root: Path, name: str) -> None:
        """A lock holds versions and hashes and nothing else: no address, no option."""
        lines = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        assert lines
        assert not [line for line in lines if not PINNED.match(line) and not HASH.match(line)]

    @pytest.mark.parametrize("name", LOCKS)
    def test_supply_01_every_pin_has_a_hash(self, root: Path, name: str) -> None:
        """No version stands without at least one hash behind it."""
        lines = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        for place, line in enumerate(lines):
            if PINNED.match(line):
                assert HASH.match(lines[place + 1])

    def test_supply_01_locks_fit_what_is_declared(self, root: Path) -> None:
        """Each declared requirement is pinned at a version that its range allows."""
        known = pins(root, "app")
        for requirement in declared(root, "cli", "duckdb", "report"):
            versions = known[canonicalize_name(requirement.name)]
            assert all(requirement.specifier.contains(version) for version in versions)

    def test_supply_01_sessions_of_ci_install_by_hash_alone(self, root: Path) -> None:
        """The five sessions of CI call the locked installation, which asks for hashes."""
        text = (root / "noxfile.py").read_text(encoding="utf-8")
        assert '"--require-hashes", "-r"' in text
        for session in ("tests", "lint", "types", "contracts", "docs"):
            body = text.split(f"def {session}(", 1)[1].split("\n@nox", 1)[0]
            assert "_install_locked(" in body

    def test_supply_01_a_wrong_hash_is_refused(self, root: Path, tmp_path: Path) -> None:
        """An installation whose file does not have the pinned hash fails."""
        wheel = tmp_path / "some-1.0-py3-none-any.whl"
        wheel.write_bytes(b"not what was looked at")
        wanted = tmp_path / "wanted.txt"
        wanted.write_text(f"some @ {wheel.as_uri()} --hash=sha256:{'0' * 64}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--no-index", "--require-hashes"]
        if subprocess.run([*command[:3], "--version"], check=False, capture_output=True).returncode:
            pytest.skip("pip is not installed in this environment")
        refused = subprocess.run(
            [*command, "--target", str(tmp_path / "t"), "-r", str(wanted)],
            check=False,
            capture_output=True,
            text=True,
        )
        assert refused.returncode
        assert "HASH" in refused.stderr.upper()


class TestAudit:
    """A scan that could not look is no scan."""

    def test_supply_02_audit_without_its_source_fails(self, root: Path) -> None:
        """Where the list of known weaknesses cannot be reached, the audit ends with an error."""
        pytest.importorskip("pip_audit", reason="the audit needs pip-audit (group `test`)")
        pinned = root / "requirements" / "build.txt"
        audit = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"]
        closed = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), CLOSED)
        environment = {**os.environ, **closed, "NO_PROXY": "", "no_proxy": ""}
        done = subprocess.run(
            [*audit, "-r", str(pinned)], env=environment, check=False, capture_output=True
        )
        assert done.returncode

    def test_supply_02_session_refuses_what_could_not_be_audited(self, root: Path) -> None:
        """The audit session is strict: a package that was skipped fails it."""
        text = (root / "noxfile.py").read_text(encoding="utf-8")
        assert '"pip-audit", "--strict"' in text.split("def audit(", 1)[1]


class TestPartsList:
    """Who ships an app with cxm can say what it is made of."""

    def test_supply_04_every_runtime_dependency_is_listed(self, root: Path, tmp_path: Path) -> None:
        """The parts list, in CycloneDX, has each pinned package of the app with its version."""
        pytest.importorskip("cyclonedx_py", reason="needs cyclonedx-bom (group `test`)")
        target = tmp_path / "cxm.cdx.json"
        make = [sys.executable, "-m", "cyclonedx_py", "requirements"]
        source = str(root / "requirements" / "app.txt")
        options = ["--output-reproducible", "--output-file", str(target)]
        subprocess.run([*make, source, *options], check=True, capture_output=True)
        parts = json.loads(target.read_text(encoding="utf-8"))["components"]
        listed = {(canonicalize_name(part["name"]), part["version"]) for part in parts}
        wanted = {(name, one) for name, found in pins(root, "app").items() for one in found}
        assert wanted
        assert wanted <= listed


class TestWheel:
    """The same source gives the same wheel."""

    def test_supply_05_two_builds_are_one(self, root: Path, tmp_path: Path) -> None:
        """Built twice, at another time, the wheel is the same to the byte."""
        pytest.importorskip("hatchling", reason="builds need hatchling (group `test`)")
        digests = set()
        for number in (1, 2):
            folder = tmp_path / str(number)
            subprocess.run(
                [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
                cwd=root,
                env={**os.environ, "SOURCE_DATE_EPOCH": "1795132800"},
                check=True,
                capture_output=True,
            )
            (wheel,) = folder.glob("*.whl")
            digests.add(sha256(wheel.read_bytes()).hexdigest())
        assert len(digests) == 1
