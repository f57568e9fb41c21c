"""After the reliability tests: every byte that they left behind is searched for the secret."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reliability.canary import SECRET, files_with, found

_SAID = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session", autouse=True)
def _no_secret_is_left(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Files of the whole session, and what every test printed and logged, hold no secret."""
    yield
    said = request.config.stash.get(_SAID, [])
    left = files_with(tmp_path_factory.getbasetemp(), SECRET)
    assert (said, left) == ([], [])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Search what a test printed and logged."""
    report = yield
    text = "".join(content for _, content in report.sections).encode(errors="replace")
    if found(text, SECRET):
        item.config.stash.setdefault(_SAID, []).append(item.nodeid)
    return report
