"""What a user says of a Singer tap: how it is started, and what its streams mean."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from cxm_connectors.mapping import Part, TableConfig, Word


class SingerConfig(Part):
    """A tap, its configuration, and what each of its streams becomes.

    Attributes
    ----------
    command : tuple of str
        The tap and its arguments, each for itself; no shell reads them.
    config : mapping
        The tap's own configuration; it gets it as a file that nobody else can read.
    catalog : mapping or None
        Streams of the tap with their schemas; the tap is asked for it where there is none.
    streams : mapping of str to TableConfig
        Streams that are wanted, and which column means what.
    environment : mapping of str to str
        Variables that the tap sees beside `PATH`, `HOME` and the language.
    budget_s : float
        Seconds for one stream, from start to end.
    longest_line : int
        Bytes of the longest line; a longer one ends the stream.
    logs_messages : bool
        Hand the tap's own messages on to the log; they may hold customers' words.
    account : str or None
        Whose data these are.
    """

    command: Annotated[tuple[Word, ...], Field(min_length=1)]
    config: dict[str, Any] = Field(default_factory=dict, repr=False)
    catalog: dict[str, Any] | None = Field(default=None, repr=False)
    streams: Annotated[dict[Word, TableConfig], Field(min_length=1)]
    environment: dict[Word, str] = Field(default_factory=dict, repr=False)
    budget_s: Annotated[float, Field(gt=0)] = 3600.0
    longest_line: Annotated[int, Field(ge=1024)] = 16 << 20
    logs_messages: bool = False
    account: Word | None = None
