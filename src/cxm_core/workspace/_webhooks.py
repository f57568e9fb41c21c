"""A receiver of webhooks for one source of a program."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from cxm_core.errors import FatalError, UsageError
from cxm_core.plugins import WireAnswer, WireRequest
from cxm_core.program import Program
from cxm_core.store import Clock, open_journal
from cxm_core.sync import WebhookReceiver as Receiver
from cxm_core.sync import utc_now
from cxm_core.vocabulary import aware_clock, takes

from ._connections import connect, installed_connectors, runtime_of
from ._rescue import path_of, program_of
from ._workspace import Workspace

__all__ = ["WebhookReceiver"]


class WebhookReceiver(Receiver):
    """Takes what a source pushes, and answers it when it is safe on the disk.

    Neither a web framework nor the store is needed: deliveries are appended to the journal, which
    the store folds when it opens next, or when the workspace that holds it measures.
    Any number of processes may receive at the same time, beside the one that holds the store.

    Parameters
    ----------
    workspace : Workspace, Program, str or Path
        A workspace; or a program, or the path of its file, whose store then stays closed.
    source : str
        Name of a source of the program, such as ``"typeform:acme"``.
    clock : callable or None
        Gives the present instant, aware; that of the workspace if None.

    Raises
    ------
    UsageError
        The program has no such source, its connector takes no webhooks, or the store is in memory:
        then nothing could be kept.
    ConfigurationError
        The source is configured wrongly, or its connector is not installed.

    Notes
    -----
    The vendor waits for its answer, so the connector makes no calls here. What only points to
    something is kept as it came; `Workspace.take_in` and `Workspace.sync` fetch it.

    Examples
    --------
    >>> from cxm_core.workspace import WebhookReceiver
    >>> WebhookReceiver("examples/sfo/cxm.toml", "files:sfo")
    Traceback (most recent call last):
    cxm_core.errors.UsageError: The connector of 'files:sfo' takes no webhooks...
    """

    @takes(source="text", clock="function?")
    def __init__(
        self,
        workspace: Workspace | Program | str | Path,
        source: str,
        *,
        clock: Clock | None = None,
    ) -> None:
        program, path = _place(workspace)
        if path is None:
            raise UsageError(
                "A store in memory has no journal that could keep what is pushed.",
                hint='name a file as store.url, such as "cxm.duckdb"',
            )
        opened = workspace if isinstance(workspace, Workspace) else None
        used = aware_clock(clock or (opened.clock if opened else utc_now))
        runtime = evolve(runtime_of(program, used), transport=_NoCalls())
        installed = opened.connectors if opened else installed_connectors()
        connector = connect(program.source(source), installed, runtime)
        super().__init__(connector, open_journal(path, clock=used), source=source, clock=used)


def _place(workspace: Workspace | Program | str | Path) -> tuple[Program, Path | None]:
    """The program, and the file of its store."""
    if isinstance(workspace, Workspace):
        return workspace.program, workspace.store_path
    program = program_of(workspace)
    return program, path_of(program.store_url)


class _NoCalls:
    """A transport that carries nothing."""

    def send(self, request: WireRequest) -> WireAnswer:
        """Refuse."""
        del request
        raise FatalError("A receiver makes no calls; the delivery is read later.")

    def close(self) -> None:
        """Do nothing."""
