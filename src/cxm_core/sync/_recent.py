"""The last things that were seen, and no more than fit."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock


class Recent:
    """Keys of the last deliveries; threads may share it.

    Parameters
    ----------
    most : int
        How many are remembered.
    """

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return key in self._keys

    def add(self, key: str) -> None:
        """Remember a key, and forget the oldest if there are too many."""
        with self._lock:
            self._keys[key] = None
            self._keys.move_to_end(key)
            if len(self._keys) > self._most:
                self._keys.popitem(last=False)
