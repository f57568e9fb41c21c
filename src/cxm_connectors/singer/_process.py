"""A tap as a process of its own: started, listened to, and ended whenever we end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from logging import Logger
from pathlib import Path
from queue import Empty, Full, Queue
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic
from typing import IO

from attrs import field, frozen

from cxm_core.errors import ConfigurationError, RetryableError, TruncatedAnswer

from ._config import SingerConfig

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "TEMP", "TMP")
# A tap that is faster than the store waits here. Few lines, for each may be as long as is allowed.
_AHEAD = 16
_GRACE_S = 5.0
_END = None
Masked = Callable[[str], str]


@frozen(kw_only=True)
class Tap:
    """How a tap is run.

    Parameters
    ----------
    config : SingerConfig
        What the user has set.
    folder : Path
        Where it is started.
    log : logging.Logger
        Where its own messages go.
    masked : callable
        Takes the secrets out of them.
    """

    config: SingerConfig
    folder: Path
    log: Logger
    masked: Masked = field(repr=False)

    @contextmanager
    def lines(self, files: Mapping[str, object], *flags: str) -> Iterator[Iterator[bytes]]:
        """Lines of one run, with these values as files; when the block ends, so does the tap.

        Raises
        ------
        ConfigurationError
            The command cannot be started.
        RetryableError
            While lines are taken: the tap failed, or took longer than it may.
        TruncatedAnswer
            Its last line has no end, or a line is longer than it may be.
        """
        with TemporaryDirectory(prefix="cxm-tap-") as name:
            paths = [part for pair in _written(Path(name), files) for part in pair]
            run = _Run(self._started([*self.config.command, *paths, *flags]), self)
            try:
                yield run.lines()
            finally:
                run.end()

    def _started(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        try:
            return subprocess.Popen(  # noqa: S603  (a list from the program, never a shell)
                command,
                cwd=self.folder,
                env={**inherited, **self.config.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise ConfigurationError(
                f"The tap {Path(command[0]).name!r} cannot be started: {error.strerror}.",
                hint="install it in an environment of its own and name its path in `command`",
            ) from error


def _written(folder: Path, files: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Options for files that only this user can read; the folder is gone after the run."""
    for name, value in files.items():
        path = folder / f"{name}.json"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file)
        yield f"--{name}", str(path)


class _Run:
    """One process, and the two threads that listen to it."""

    def __init__(self, process: subprocess.Popen[bytes], tap: Tap) -> None:
        self._process = process
        self._tap = tap
        self._queue: Queue[bytes | None] = Queue(_AHEAD)
        self._is_over = Event()
        self._until = monotonic() + tap.config.budget_s
        self._threads = [
            Thread(target=work, args=(pipe,), daemon=True)
            for work, pipe in ((self._read, process.stdout), (self._log, process.stderr))
        ]
        for thread in self._threads:
            thread.start()

    def lines(self) -> Iterator[bytes]:
        """Give whole lines until the tap has ended well."""
        longest = self._tap.config.longest_line
        while (line := self._next()) is not _END:
            if not line.endswith(b"\n"):
                what = f"is longer than {longest:,} bytes" if len(line) > longest else "has no end"
                raise TruncatedAnswer(f"A line of the tap {what}.", hint="tell the tap's authors")
            yield line
        self._check_ended()

    def end(self) -> None:
        """End the tap and all that it has started."""
        self._is_over.set()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, sign)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_S)
        for thread in self._threads:
            thread.join(_GRACE_S)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _next(self) -> bytes | None:
        left = self._until - monotonic()
        try:
            return self._queue.get(timeout=max(left, 0.001))
        except Empty:
            raise RetryableError(
                f"The tap took longer than {self._tap.config.budget_s:g} seconds.",
                hint="the next sync goes on from its last state; budget_s gives it more time",
            ) from None

    def _check_ended(self) -> None:
        try:
            code = self._process.wait(max(self._until - monotonic(), _GRACE_S))
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        if code != 0:
            raise RetryableError(
                f"The tap ended with code {code}.",
                hint="logs_messages = true shows what it said; the next sync goes on",
                code=code,
            )

    def _read(self, pipe: IO[bytes]) -> None:
        longest = self._tap.config.longest_line
        with suppress(ValueError, OSError):
            while line := pipe.readline(longest + 1):
                if not self._put(line):
                    return
        self._put(_END)

    def _put(self, line: bytes | None) -> bool:
        while not self._is_over.is_set():
            with suppress(Full):
                self._queue.put(line, timeout=0.1)
                return True
        return False

    def _log(self, pipe: IO[bytes]) -> None:
        with suppress(ValueError, OSError):
            for line in pipe:
                if self._tap.config.logs_messages:
                    text = line.decode("utf-8", "replace").rstrip()
                    self._tap.log.info("tap: %s", self._tap.masked(text))
