"""A receiver as an application of a web server: ASGI or WSGI, without a framework."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote

from ._ack import Ack

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Environ: TypeAlias = Mapping[str, Any]
Start: TypeAlias = Callable[[str, list[tuple[str, str]]], object]
WsgiApp: TypeAlias = Callable[[Environ, Start], Iterable[bytes]]


class Adapters:
    """What makes an application of `handle`."""

    most_bytes: int
    handle: Any

    def asgi(self, *, public_url: str | None = None) -> AsgiApp:
        """Give an ASGI application, such as uvicorn or hypercorn serve, or Starlette mounts.

        Parameters
        ----------
        public_url : str or None
            How vendors call this server, such as ``"https://hooks.acme.com"``, where a proxy stands
            before it: some vendors sign the address. What the request says if None.

        Returns
        -------
        callable
            ASGI 3; each request is handled in a thread, so the loop never waits for the disk.

        Examples
        --------
        >>> import asyncio
        >>> from cxm_core.sync import Ack, WebhookReceiver
        >>> class Welcoming(WebhookReceiver):
        ...     def __init__(self):
        ...         self.most_bytes = 100
        ...     def handle(self, method, url, headers, body):
        ...         return Ack(status=200, body=f"{method} {url}".encode())
        >>> scope = {"type": "http", "method": "POST", "scheme": "https", "path": "/a b",
        ...          "raw_path": b"/a%20b", "query_string": b"x=1", "headers": [(b"host", b"cx")]}
        >>> async def receive():
        ...     return {"type": "http.request", "body": b"{}", "more_body": False}
        >>> async def send(message):
        ...     print(message.get("status", message.get("body")))
        >>> asyncio.run(Welcoming().asgi()(scope, receive, send))
        200
        b'POST https://cx/a%20b?x=1'
        """

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await _live(receive, send)
            elif scope["type"] == "http":
                body = await _body(receive, most=self.most_bytes)
                headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]]
                url = _url(public_url, scope["scheme"], headers, _asgi_path(scope))
                ack = await asyncio.to_thread(self.handle, scope["method"], url, headers, body)
                await _answer(send, ack)

        return app

    def wsgi(self, *, public_url: str | None = None) -> WsgiApp:
        """Give a WSGI application, such as gunicorn serves, or Flask and Django mount.

        Parameters
        ----------
        public_url : str or None
            As for `asgi`.

        Returns
        -------
        callable
            An application of PEP 3333.

        Examples
        --------
        >>> from io import BytesIO
        >>> from cxm_core.sync import Ack, WebhookReceiver
        >>> class Welcoming(WebhookReceiver):
        ...     def __init__(self):
        ...         self.most_bytes = 100
        ...     def handle(self, method, url, headers, body):
        ...         return Ack(status=200, body=f"{method} {url} {len(body)}".encode())
        >>> environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/hook", "QUERY_STRING": "",
        ...            "wsgi.url_scheme": "https", "HTTP_HOST": "cx", "CONTENT_LENGTH": "2",
        ...            "wsgi.input": BytesIO(b"{}")}
        >>> Welcoming().wsgi()(environ, lambda status, headers: print(status))
        200 OK
        [b'POST https://cx/hook 2']
        """

        def app(environ: Environ, start: Start) -> Iterable[bytes]:
            body = _read(environ, most=self.most_bytes)
            headers = _wsgi_headers(environ)
            path = _wsgi_path(environ)
            url = _url(public_url, environ["wsgi.url_scheme"], headers, path)
            ack: Ack = (
                Ack(status=HTTPStatus.LENGTH_REQUIRED)
                if body is None
                else self.handle(environ["REQUEST_METHOD"], url, headers, body)
            )
            start(f"{ack.status} {HTTPStatus(ack.status).phrase}", _told(ack))
            return [ack.body]

        return app


async def _live(receive: Receive, send: Send) -> None:
    """Take part in the server's start and end, which need nothing."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _body(receive: Receive, *, most: int) -> bytes:
    """The body; of a longer one than is taken, so much that it is seen to be too long."""
    pieces, size, has_more = list[bytes](), 0, True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        if size <= most:
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
        has_more = bool(message.get("more_body"))
    return b"".join(pieces)


async def _answer(send: Send, ack: Ack) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _told(ack)]
    await send({"type": "http.response.start", "status": ack.status, "headers": headers})
    await send({"type": "http.response.body", "body": ack.body})


def _told(ack: Ack) -> list[tuple[str, str]]:
    return [*ack.headers.items(), ("content-length", str(len(ack.body)))]


def _asgi_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    path = quote(scope["path"]) if raw is None else raw.decode("latin-1").partition("?")[0]
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


def _wsgi_path(environ: Environ) -> str:
    # Servers that know the path as it was sent say so; PEP 3333 has it only unquoted.
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw and str(raw).startswith("/"):
        return str(raw)
    whole = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    path = quote(whole.encode("latin-1"))
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


def _wsgi_headers(environ: Environ) -> list[tuple[str, str]]:
    names = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}
    own = [(name, environ[key]) for key, name in names.items() if environ.get(key)]
    others = [
        (key.removeprefix("HTTP_").replace("_", "-").lower(), value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    ]
    return [*own, *others]


def _read(environ: Environ, *, most: int) -> bytes | None:
    """The body; None where it comes in pieces, and the server does not say where it ends."""
    length = environ.get("CONTENT_LENGTH")
    if not length and "HTTP_TRANSFER_ENCODING" in environ:
        return _to_its_end(environ, most + 1) if environ.get("wsgi.input_terminated") else None
    try:
        size = int(length or 0)
    except ValueError:
        size = 0
    body: bytes = environ["wsgi.input"].read(max(0, min(size, most + 1)))
    return body


def _to_its_end(environ: Environ, most: int) -> bytes:
    # A server may give less than it was asked for before the end.
    body = b""
    while len(body) < most and (piece := environ["wsgi.input"].read(most - len(body))):
        body += piece
    return body


def _url(public: str | None, scheme: str, headers: Iterable[tuple[str, str]], path: str) -> str:
    if public is not None:
        return public.rstrip("/") + path
    host = next((value for name, value in headers if name.lower() == "host"), "localhost")
    return f"{scheme}://{host}{path}"
