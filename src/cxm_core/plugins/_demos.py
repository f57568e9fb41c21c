"""What a demonstration is: a program, and the sources that it reads, for as long as it runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self


class Demo(Protocol):
    """A program over sources that are not real; its entry point stands in the group `cxm.demos`.

    Attributes
    ----------
    files : mapping of str to bytes
        What lies in the user's folder, ``cxm.toml`` among it; the same at every run.
    environment : mapping of str to str
        Variables of the environment that the program takes its addresses and secrets from; they
        hold within the `with` block only.
    """

    @property
    def files(self) -> Mapping[str, bytes]:
        """What lies in the user's folder."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that the program's configuration names."""

    def __enter__(self) -> Self:
        """Let the sources answer."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let them answer no more."""
