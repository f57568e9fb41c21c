"""Everything that checks, measures and builds the project; `nox -l` lists it, `nox` is CI."""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_external_run = True
nox.options.reuse_venv = "yes"
nox.options.sessions = [
    "lint",
    "types",
    "contracts",
    "docs",
    "oracles",
    "tests",
]  # pytest's summary comes last

PYPROJECT = nox.project.load_toml("pyproject.toml")


# What each locked environment holds; `nox -s lock` writes requirements/NAME.txt anew.
LOCKED = {
    "app": ["pyproject.toml", "--extra", "app"],
    "build": ["--group", "build"],
    "contracts": ["pyproject.toml", "--group", "contracts"],
    "docs": ["pyproject.toml", "--extra", "all", "--group", "docs", "--group", "test"],
    "lint": ["--group", "lint"],
    "oracles": ["pyproject.toml", "--extra", "all", "--group", "oracles"],
    "test": [
        "pyproject.toml",
        *("--extra", "all", "--extra", "charts", "--extra", "dlt"),
        *("--extra", "keyring", "--extra", "oauth"),
        *("--group", "test", "--group", "browser"),
    ],
    "types": ["pyproject.toml", "--extra", "all", "--group", "types"],
}
QUIET = ["--no-header", "--no-annotate"]
SBOM = ["requirements/app.txt", "--output-reproducible", "--output-file", "dist/cxm.cdx.json"]


def _install_locked(session: nox.Session, name: str, *, project: bool = True) -> None:
    """Install what requirements/NAME.txt pins, each file by its hash, and the project itself."""
    session.install("--require-hashes", "-r", f"requirements/{name}.txt")
    if project:
        session.install("--no-deps", "--build-constraint", "requirements/build.txt", "-e", ".")


def _install(session: nox.Session, *groups: str) -> None:
    """Install the project for editing, with all extras, and groups, as new as they may be."""
    session.install("-e", ".[all]", *nox.project.dependency_groups(PYPROJECT, *groups))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the suite but for its slow part; browser tests skip where no Chromium is found."""
    _install_locked(session, "test")
    session.run("pytest", "-n", "auto", "--dist", "worksteal", "-m", "not slow", *session.posargs)


@nox.session
def oracles(session: nox.Session) -> None:
    """Hold curves against lifelines, designs against svy, frames against an older pandas."""
    _install_locked(session, "oracles")
    held = ["tests/engines", "tests/reference", "tests/stats"]
    session.run("pytest", "-q", "-m", "oracle and not slow", *held, *session.posargs)
    session.run(
        "pytest", "-q", "-m", "not slow", "tests/contracts/test_results.py", "tests/columns"
    )


@nox.session
def pm4py(session: nox.Session) -> None:
    """Compare steps, ways and XES with pm4py, which is AGPL and has an environment of its own."""
    _install_locked(session, "test")
    alone = session.create_tmp()
    session.run("python", "-m", "venv", f"{alone}/pm4py")
    python = f"{alone}/pm4py/bin/python"
    session.run(python, "-m", "pip", "install", "-q", "pm4py==2.7.23.11", external=True)
    tests = "tests/engines/journeys/test_pm4py.py"
    session.run("pytest", "-q", tests, *session.posargs, env={"CXM_PM4PY": python})


@nox.session
def confseq(session: nox.Session) -> None:
    """Compare sequences with confseq, which has to be compiled: needs a compiler and Boost."""
    _install_locked(session, "test")
    alone = session.create_tmp()
    session.run("python", "-m", "venv", f"{alone}/confseq")
    python = f"{alone}/confseq/bin/python"
    # Its own build asks for a pybind11 that no longer compiles, so ours comes first.
    built = ("pybind11>=3,<4", "scikit-build", "cmake", "ninja", "setuptools", "wheel")
    used = ("numpy<2", "scipy<1.14", "matplotlib<3.11", "multiprocess")
    install = (python, "-m", "pip", "install", "-q")
    session.run(*install, *built, *used, external=True)
    session.run(*install, "--no-build-isolation", "--no-deps", "confseq==0.0.11", external=True)
    tests = "tests/stats/test_confseq.py"
    session.run("pytest", "-q", tests, *session.posargs, env={"CXM_CONFSEQ": python})


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format; change nothing."""
    _install_locked(session, "lint", project=False)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check every annotation, strictly."""
    _install_locked(session, "types")
    session.run("mypy")
    session.run("mypy", "--config-file", "tests/typing/app.ini")


@nox.session
def contracts(session: nox.Session) -> None:
    """Check who imports whom."""
    _install_locked(session, "contracts")
    session.run("lint-imports", "--no-cache")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, with every warning an error, and check what stands in it."""
    _install_locked(session, "docs")
    session.run("mkdocs", "build", "--strict", "--quiet", env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("pytest", "-q", "tests/test_docs.py", "-k", "TestSite", env={"CXM_SITE": "site"})


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the hot paths beside their rivals, in one run."""
    _install(session, "test")
    session.run("python", "benchmarks/bench_tally.py", *session.posargs)
    session.run("python", "benchmarks/bench_where.py", *session.posargs)
    session.run("python", "benchmarks/bench_flow.py", *session.posargs)
    session.run("python", "benchmarks/bench_survival.py", *session.posargs)
    session.run("python", "benchmarks/bench_bootstrap.py")
    session.run("python", "benchmarks/bench_load.py", *session.posargs)
    session.run("python", "benchmarks/bench_bulk.py", *session.posargs)
    session.run("python", "benchmarks/bench_rows.py", *session.posargs)
    session.run("python", "benchmarks/bench_connector.py", *session.posargs)


@nox.session
def calibration(session: nox.Session) -> None:
    """Show that intervals cover as often as they say."""
    _install(session, "test")
    session.run("pytest", "-n", "auto", "tests/calibration", *session.posargs)


@nox.session
def oldest(session: nox.Session) -> None:
    """Run what touches the store on DuckDB 1.5, whose client and file format differ from 2.0."""
    _install(session, "test")
    session.install("duckdb>=1.5,<2")
    session.run("pytest", "-n", "auto", "tests/store", "tests/contracts", "tests/connectors")


@nox.session
def newest(session: nox.Session) -> None:
    """Run the suite on the newest versions that the ranges allow, to meet the next break first."""
    _install(session, "test", "browser")
    session.run("pytest", "-n", "auto", "-m", "not slow", *session.posargs)


@nox.session
def nightly(session: nox.Session) -> None:
    """Run everything, slow tests and many more generated examples included."""
    _install(session, "test", "browser")
    session.run("pytest", "-n", "auto", *session.posargs, env={"HYPOTHESIS_PROFILE": "thorough"})


@nox.session
def bpmn(session: nox.Session) -> None:
    """Let bpmn-moddle, installed by npm, read the BPMN that we write; needs Node."""
    _install_locked(session, "test")
    folder = session.create_tmp()
    # npm has no environment of its own here; the folder is.
    session.run("npm", "install", "--prefix", folder, "bpmn-moddle@10", external=True)
    wanted = ("tests/program/test_bpmn.py", "-m", "not slow")
    session.run("pytest", *wanted, *session.posargs, env={"CXM_BPMN_MODDLE": folder})


@nox.session
def taps(session: nox.Session) -> None:
    """Run Singer taps from PyPI, each in an environment of its own, beside our connectors."""
    _install_locked(session, "test")
    session.run("python", "tests/taps.py")
    session.run("pytest", "tests/connectors/typeform/test_tap.py", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the pure parts in small ways: the unit tests must notice 85 of 100 changes."""
    _install_locked(session, "test", project=False)
    session.install("mutmut>=3.8,<4")
    session.run("python", "tests/reliability/mutants.py", *session.posargs)


@nox.session(venv_backend="none")
def sizes(session: nox.Session) -> None:
    """Print code lines per module, with the median and the longest function."""
    session.run("python3", "tests/code_lines.py", external=True)


@nox.session
def lock(session: nox.Session) -> None:
    """Pin every environment of CI anew: each file by its hash, no host by its name."""
    session.install("uv>=0.9")
    options = "--quiet --universal --python-version 3.11 --upgrade --generate-hashes"
    for name, wanted in LOCKED.items():
        target = f"requirements/{name}.txt"
        session.run("uv", "pip", "compile", *options.split(), *QUIET, *wanted, "-o", target)


@nox.session
def audit(session: nox.Session) -> None:
    """Look every pinned version up among known weaknesses; one that cannot be looked up fails."""
    _install_locked(session, "test", project=False)
    for name in LOCKED:
        pinned = f"requirements/{name}.txt"
        session.run("pip-audit", "--strict", "--disable-pip", "--require-hashes", "-r", pinned)


@nox.session
def sbom(session: nox.Session) -> None:
    """Write what an app with cxm is made of, as CycloneDX, to dist/cxm.cdx.json."""
    _install_locked(session, "test", project=False)
    session.run("python", "-m", "cyclonedx_py", "requirements", *SBOM)
