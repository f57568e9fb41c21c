"""The edge to a connector: what it serves, one item at a time, with every failure named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from cxm_core.errors import (
    ConfigurationError,
    CxmError,
    FatalError,
    MissingExtraError,
    SourceError,
)
from cxm_core.plugins import Checkpoint, Connector, Item, Rejected
from cxm_core.records import Record, Table

_OURS = (SourceError, ConfigurationError, MissingExtraError)
# Even SystemExit: a plugin that ends itself must not end its host.
_FAULTS = (Exception, SystemExit, GeneratorExit)
_SERVED = (Record, Rejected, Table, Checkpoint)


@contextmanager
def named(connector: object) -> Iterator[None]:
    """Turn a fault inside the connector into an error of ours that names it."""
    try:
        yield
    except _OURS:
        raise
    except _FAULTS as error:
        raise _failed(connector, error) from error


def _failed(connector: object, error: BaseException) -> FatalError:
    name = getattr(getattr(connector, "info", None), "name", type(connector).__name__)
    return FatalError(
        f"The connector {name!r} failed with {type(error).__name__}{_told(error)}.",
        hint="this is a fault of the connector; tell its authors",
        plugin=name,
    )


def _told(error: BaseException) -> str:
    # Our own errors hold nobody's words; any other may hold what the connector was reading.
    return f": {error.message.rstrip('.')}" if isinstance(error, CxmError) else ""


class Items:
    """What one stream serves.

    `is_over` tells whether the stream has ended, so that no error is thrown into it any more.
    """

    def __init__(self, connector: Connector, read: Callable[[], Iterable[Item]]) -> None:
        self._connector = connector
        self.is_over = False
        with named(connector):
            self._items: Any = iter(read())
        self._next = partial(next, self._items)

    def next(self) -> Item | None:
        """Take the next item; None at the end."""
        return self._step(self._next)

    def throw(self, error: CxmError) -> Item | None:
        """Tell the connector that its table could not be loaded, and take its next item."""
        if self.is_over or not hasattr(self._items, "throw"):
            raise error
        return self._step(lambda: self._items.throw(error))

    def close(self) -> None:
        """Let the connector put away what it holds open."""
        if hasattr(self._items, "close"):
            with suppress(CxmError), named(self._connector):
                self._items.close()

    def _step(self, take: Callable[[], object]) -> Item | None:
        self.is_over = True
        # As `named` does, without its price for every single record.
        try:
            item = take()
            # Within the edge, for a plugin's object may fail even when it is asked what it is.
            if not isinstance(item, _SERVED):
                raise self._foreign(item)
        except StopIteration:
            return None
        except _OURS:
            raise
        except _FAULTS as error:
            raise _failed(self._connector, error) from error
        self.is_over = False
        return item

    def _foreign(self, item: object) -> FatalError:
        return FatalError(
            f"The connector {self._connector.info.name!r} served a {type(item).__name__}, "
            f"which is neither a record nor a table nor a checkpoint."
        )
