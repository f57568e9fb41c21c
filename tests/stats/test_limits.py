"""Limits of many groups at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cxm_core.errors import UsageError
from cxm_core.stats import BALANCE_METHODS, SHARE_METHODS, Limits, wilson


class TestByHand:
    def test_shapes_broadcast(self) -> None:
        """Limits have the common shape of what they are found for."""
        low, high = wilson(np.arange(3)[:, None], np.array([5, 10]))
        assert low.shape == high.shape == (3, 2)
        assert wilson(1, 2).low.shape == ()
        assert wilson([], []).low.shape == (0,)

    def test_limits_are_read_only(self) -> None:
        """Nobody can change limits by accident."""
        assert not any(limit.flags.writeable for limit in wilson([1, 2], [3, 4]))

    @pytest.mark.parametrize("method", SHARE_METHODS.values())
    def test_share_beyond_all_is_refused(self, method: Callable[..., Limits]) -> None:
        """More than all, or fewer than none, is refused with their number."""
        for x in (-1, 11):
            with pytest.raises(UsageError, match="1 of 2"):
                method([5, x], 10)

    @pytest.mark.parametrize("method", BALANCE_METHODS.values())
    def test_balance_beyond_all_is_refused(self, method: Callable[..., Limits]) -> None:
        """Plus and minus together are at most all."""
        for plus, minus in ((6, 5), (-1, 2), (2, -1)):
            with pytest.raises(UsageError):
                method(plus, minus, 10)

    @pytest.mark.parametrize("method", SHARE_METHODS.values())
    def test_rounding_beyond_all_is_forgiven(self, method: Callable[..., Limits]) -> None:
        """A share times an effective number may exceed it by rounding."""
        n = 7.3
        beyond = method(n * (1 + 1e-15), n)
        assert beyond == method(n, n)


class TestByLaw:
    @pytest.mark.parametrize("method", SHARE_METHODS.values())
    def test_blocks_of_shares(self, method: Callable[..., Limits]) -> None:
        """Many groups have the limits that each has alone."""
        x = np.arange(40_000) % 50
        many = method(x, 60)
        few = method(np.arange(50), 60)
        assert np.array_equal(many.low, few.low[x])
        assert np.array_equal(many.high, few.high[x])

    @pytest.mark.parametrize("method", BALANCE_METHODS.values())
    def test_blocks_of_balances(self, method: Callable[..., Limits]) -> None:
        """Many groups have the limits that each has alone."""
        plus = np.arange(70_000) % 30
        many = method(plus, 20, 60)
        few = method(np.arange(30), 20, 60)
        assert np.array_equal(many.low, few.low[plus])
        assert np.array_equal(many.high, few.high[plus])
