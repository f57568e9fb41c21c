"""What an address of a store means."""

from __future__ import annotations

from pathlib import Path

from cxm_core.errors import ConfigurationError

_MEMORY = ("memory:", ":memory:")


def is_memory(url: str | Path) -> bool:
    """Whether this is the store in memory; a slip of its name would make a file in silence."""
    if str(url) in _MEMORY:
        return True
    if isinstance(url, str) and url.strip(" :").casefold() == "memory":
        raise ConfigurationError(
            f"The store {url!r} would be a file of that name.",
            hint="memory: is the store in memory, memory.duckdb a file",
        )
    return False
