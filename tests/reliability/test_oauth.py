"""A kill amid a renewal of tokens: the next run recovers, or a person is told, never a loop."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from cxm_connectors.testing import FaultServer
from cxm_core.errors import AuthError
from cxm_core.plugins import FileTokens
from reliability.token_stand import MOMENTS, TokenVendor, a_day_later, client_with, killed_renewal
from reliability.wire_stand import CALL, PAGE


@pytest.mark.parametrize("moment", MOMENTS)
def test_crash_21_a_vendor_with_grace_loses_nothing(moment: str, tmp_path: Path) -> None:
    """Killed at any moment, the next run signs in again by itself, and so does the one after."""
    vendor = TokenVendor(grace=True)
    with FaultServer(vendor) as server:
        assert killed_renewal(server.origin, tmp_path, moment) == -signal.SIGKILL
        assert client_with(server.origin, FileTokens(tmp_path)).send(CALL).data == PAGE
        assert a_day_later(server.origin, FileTokens(tmp_path)).data == PAGE
    assert len(vendor.asked) <= 3


@pytest.mark.parametrize("moment", ["before 1", "after 1", "after 2"])
def test_crash_21_what_was_kept_is_not_lost(moment: str, tmp_path: Path) -> None:
    """Where tokens are good once and never again, every moment but one is recovered from."""
    vendor = TokenVendor(grace=False)
    with FaultServer(vendor) as server:
        assert killed_renewal(server.origin, tmp_path, moment) == -signal.SIGKILL
        asked = len(vendor.asked)
        assert client_with(server.origin, FileTokens(tmp_path)).send(CALL).data == PAGE
        assert len(vendor.asked) - asked == (0 if moment == "after 2" else 1)


def test_crash_21_an_answer_that_nobody_kept_is_told(tmp_path: Path) -> None:
    """The token that died with the process cannot be known: each run asks once, and says so."""
    vendor = TokenVendor(grace=False)
    with FaultServer(vendor) as server:
        assert killed_renewal(server.origin, tmp_path, "before 2") == -signal.SIGKILL
        for _ in range(3):
            before = len(server.heard)
            with pytest.raises(AuthError, match="stopped amid it") as caught:
                client_with(server.origin, FileTokens(tmp_path)).send(CALL)
            assert len(server.heard) - before == 1
            assert "sign in again" in str(caught.value)


def test_crash_21_a_new_sign_in_mends_it(tmp_path: Path) -> None:
    """Another first token from a person takes the place of what was kept."""
    vendor = TokenVendor(grace=False)
    with FaultServer(vendor) as server:
        killed_renewal(server.origin, tmp_path, "before 2")
        vendor.good.add("refresh-of-a-person")
        client = client_with(server.origin, FileTokens(tmp_path), first="refresh-of-a-person")
        assert client.send(CALL).data == PAGE
        assert vendor.asked[-1]["refresh_token"] == "refresh-of-a-person"  # noqa: S105  (no secret)
