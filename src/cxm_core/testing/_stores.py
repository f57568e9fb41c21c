"""What every store must do: inherit `StoreSuite` in a test class and say how to open one."""

from __future__ import annotations

from ._store_ledger import LedgerTests
from ._store_merging import MergeTests
from ._store_reading import ReadTests
from ._store_tables import TableTests


class StoreSuite(MergeTests, ReadTests, LedgerTests, TableTests):
    """Behaviour of a store; a subclass says in `open_at` how one is opened.

    Examples
    --------
    >>> from cxm_core.store import open_store
    >>> class TestMemory(StoreSuite):
    ...     def open_at(self, folder, clock, faults=None):
    ...         return open_store("memory:", clock=clock, faults=faults)
    """
