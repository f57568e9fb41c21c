"""Pull from sources into the store, keep an app's own records, and replay what was set aside."""

from ._add import add
from ._check import check
from ._pull import Progress, pull, utc_now
from ._replay import replay

__all__ = ["Progress", "add", "check", "pull", "replay", "utc_now"]
