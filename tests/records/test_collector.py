"""Pausing the cyclic collector: always undone, whoever nests it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest

from cxm_core.records import collector_paused


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """The collector runs before and after each test."""
    gc.enable()
    yield
    gc.enable()


class TestByHand:
    """One thread."""

    def test_nested(self) -> None:
        """Only the outermost page lets the collector run again."""
        with collector_paused():
            with collector_paused():
                assert not gc.isenabled()
            assert not gc.isenabled()
        assert gc.isenabled()

    def test_after_an_error(self) -> None:
        """An error within the page changes nothing."""
        with pytest.raises(KeyError), collector_paused():
            raise KeyError
        assert gc.isenabled()

    def test_one_that_was_off_stays_off(self) -> None:
        """Who turned it off keeps it off."""
        gc.disable()
        with collector_paused():
            pass
        assert not gc.isenabled()

    def test_thresholds(self) -> None:
        """The thresholds of the generations stay as they are."""
        before = gc.get_threshold()
        with collector_paused():
            assert gc.get_threshold() == before
        assert gc.get_threshold() == before


class TestByLaw:
    """Several threads."""

    def test_the_last_thread_to_leave_lets_it_run(self) -> None:
        """As long as any thread has a page open, the collector stands still."""
        both_in, one_out = Barrier(2), Barrier(2)
        seen: list[bool] = []

        def first() -> None:
            with collector_paused():
                both_in.wait()
            one_out.wait()

        def second() -> None:
            with collector_paused():
                both_in.wait()
                one_out.wait()
                seen.append(gc.isenabled())

        threads = [Thread(target=first), Thread(target=second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [False]
        assert gc.isenabled()
