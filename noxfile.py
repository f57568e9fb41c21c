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
    "tests",
]  # pytest's summary comes last

PYPROJECT = nox.project.load_toml("pyproject.toml")


def _install(session: nox.Session, *groups: str, project: str | None = ".[all]") -> None:
    """Install the project for editing, with extras, and the dependency groups."""
    editable = ["-e", project] if project else []
    session.install(*editable, *nox.project.dependency_groups(PYPROJECT, *groups))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the suite but for its slow part; browser tests skip where no Chromium is found."""
    _install(session, "test", "browser")
    session.run("pytest", "-n", "auto", "--dist", "worksteal", "-m", "not slow", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format; change nothing."""
    _install(session, "lint", project=None)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check every annotation, strictly."""
    _install(session, "types")
    session.run("mypy")


@nox.session
def contracts(session: nox.Session) -> None:
    """Check who imports whom."""
    _install(session, "contracts", project=None)
    session.install("--no-deps", "-e", ".")
    session.run("lint-imports", "--no-cache")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site, with every warning an error, and check what stands in it."""
    _install(session, "docs", "test")
    session.run("mkdocs", "build", "--strict", "--quiet", env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("pytest", "-q", "tests/test_docs.py", "-k", "TestSite", env={"CXM_SITE": "site"})


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the hot paths beside their rivals, in one run."""
    _install(session, "test")
    session.run("python", "benchmarks/bench_tally.py", *session.posargs)
    session.run("python", "benchmarks/bench_load.py", *session.posargs)


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
def nightly(session: nox.Session) -> None:
    """Run everything, slow tests and many more generated examples included."""
    _install(session, "test", "browser")
    session.run("pytest", "-n", "auto", *session.posargs, env={"HYPOTHESIS_PROFILE": "thorough"})


@nox.session(venv_backend="none")
def sizes(session: nox.Session) -> None:
    """Print code lines per module, with the median and the longest function."""
    session.run("python3", "tests/code_lines.py", external=True)
