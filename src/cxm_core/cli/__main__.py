"""Lets `python -m cxm_core.cli` do what `cxm` does."""

from __future__ import annotations

from . import main

main()
