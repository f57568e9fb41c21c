"""Which way is good news."""

from __future__ import annotations

from typing import Literal

__all__ = ["Better"]

Better = Literal["higher", "lower"]
