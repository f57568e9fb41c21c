"""A vendor whose refresh tokens are good once, and a client that is killed while it renews them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl

from attrs import define, field

from cxm_connectors.testing._fault_server import Heard, Reply
from cxm_connectors.toolkit import Answer, OAuth2, Options, SafeClient
from cxm_core.plugins import FileTokens
from reliability.wire_stand import CALL, OK, START, Time, runtime_of

#: Each is the name of a secret, and the secret is the name in lower case.
NAMES = {"client_id": "CLIENT", "client_secret": "OWN", "refresh_token": "FIRST"}
SECRETS = {"CLIENT": "client-of-acme", "OWN": "own-secret-of-acme", "FIRST": "refresh-0"}
OAUTH = OAuth2("/oauth/token", **NAMES)  # type: ignore[arg-type]  # names alone
#: Moments of one renewal: before and after each of the two writes of the store.
MOMENTS = ("before 1", "after 1", "before 2", "after 2")


@define
class TokenVendor:
    """Serves data for a good access token, and new tokens for a good refresh token.

    Parameters
    ----------
    grace : bool
        The token before the last one is good until the last one is used.
    expires_in : object
        What the vendor says of an access token's life.
    """

    grace: bool = False
    expires_in: object = 3600
    accepts: str | None = None
    issued: int = 0
    good: set[str] = field(factory=lambda: {"refresh-0"})
    asked: list[dict[str, str]] = field(factory=list)
    headers: list[dict[str, str]] = field(factory=list)

    def __call__(self, heard: Heard) -> Reply:
        """Answer one request."""
        if heard.target != "/oauth/token":
            is_in = heard.headers.get("authorization") == f"Bearer {self.accepts}"
            return OK if is_in and self.accepts else Reply.of({}, status=401)
        form = dict(parse_qsl(heard.body.decode()))
        self.asked.append(form)
        self.headers.append(dict(heard.headers))
        return self._issue(form)

    def _issue(self, form: dict[str, str]) -> Reply:
        told = form.get("refresh_token")
        if form["grant_type"] == "refresh_token" and told not in self.good:
            return Reply.of({"error": "invalid_grant"}, status=400)
        self.issued += 1
        self.accepts = f"access-{self.issued}"
        self.good = {f"refresh-{self.issued}"} | ({told} if self.grace and told else set())
        return Reply.of({
            "access_token": self.accepts,
            "refresh_token": f"refresh-{self.issued}",
            "expires_in": self.expires_in,
        })  # fmt: skip


def client_with(
    origin: str,
    tokens: object,
    *,
    time: Time | None = None,
    oauth: OAuth2 = OAUTH,
    first: str = "refresh-0",
) -> SafeClient:
    """A client that signs in by OAuth."""
    secrets = {**SECRETS, "FIRST": first}
    return SafeClient(
        origin,
        auth=oauth,
        runtime=runtime_of(time or Time(), secrets=secrets, tokens=tokens),
        options=Options(allow_private=True, max_attempts=2),
    )


class Mortal:
    """A token store whose process dies at a moment of its life."""

    def __init__(self, folder: Path, moment: str) -> None:
        self._inner = FileTokens(folder)
        self._moment = moment
        self._count = 0

    def get(self, key: str) -> str | None:
        """Give what was kept."""
        return self._inner.get(key)

    def set(self, key: str, value: str) -> None:
        """Keep it, and die before or after."""
        self._count += 1
        self._die_at(f"before {self._count}")
        self._inner.set(key, value)
        self._die_at(f"after {self._count}")

    def _die_at(self, moment: str) -> None:
        if moment == self._moment:
            os.kill(os.getpid(), signal.SIGKILL)


def killed_renewal(origin: str, folder: Path, moment: str) -> int:
    """Let another process renew and die amid it; its exit code."""
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, __file__, origin, str(folder), moment],
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
        capture_output=True,
    )
    return done.returncode


def a_day_later(origin: str, tokens: object) -> Answer:
    """Send a call when every access token has ended."""
    time = Time(now=START + timedelta(days=1))
    return client_with(origin, tokens, time=time).send(CALL)


if __name__ == "__main__":
    address, kept_in, when = sys.argv[1:]
    client_with(address, Mortal(Path(kept_in), when)).send(CALL)
