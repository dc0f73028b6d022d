"""HTTP to one server that a person named, and to nothing else.

Only the request that is asked for goes out, to that server's address: no proxy, no redirect, no header but those named
here, whatever the environment or a library says. What comes back is bounded in size and time while it is read.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections.abc import Iterable

import httpcore2
import httpx2

from offramp.common.errors import UsageError
from offramp.draft.server_address import PORTS, ServerAddress, ServerError, addresses_of, is_local

MAX_REPLY = 4_000_000
"""Maximum bytes of a server's reply, with its headers."""
AGENT = "offramp"
_PIECE = 16_384
_ASKED = {"accept", "content-type"}
_ANSWERED = ("content-type", "retry-after", "location")


class GuardedTransport(httpx2.BaseTransport):
    """Sends requests to one server; one connection each, which ends after the request's timeout in all."""

    def __init__(self, server: ServerAddress, key: str, *, local_only: bool) -> None:
        self.server = server
        self._key = key
        self._sent_back = _spellings(key) if key else None
        self._local_only = local_only
        logging.getLogger("httpcore2").setLevel(logging.WARNING)  # it would log what a server sends, such as the key
        # only where it is needed: reading the authorities takes as long as a model on this machine may take to answer
        self._ssl = httpx2.create_ssl_context(trust_env=False) if server.scheme == "https" else None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and read the whole reply.

        Raises
        ------
        ServerError
            If there is no reply, or one that is too long or takes too long.
        """
        url, server = request.url, self.server
        if (url.scheme, url.host, url.port or PORTS[server.scheme]) != (server.scheme, server.host, server.port):
            raise ServerError(f"a request to {url.host} was refused: only {server.name} was named")
        headers: dict[bytes | str, bytes | str] = {
            name: value for name, value in request.headers.items() if name.lower() in _ASKED
        }
        headers |= {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        seconds = float(request.extensions["timeout"]["read"])
        backend = _Backend(server, time.monotonic() + seconds, self._local_only)
        try:
            with httpcore2.ConnectionPool(ssl_context=self._ssl, network_backend=backend) as pool:
                sent = pool.request(request.method, str(url), headers=headers, content=request.read())
        except httpcore2.TimeoutException:
            raise ServerError(f"{server.name} took longer than {seconds:.0f} seconds (--timeout)") from None
        except httpcore2.ConnectError as error:
            raise ServerError(f"cannot connect to {server.name}: {self._screened(str(error))}") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
            raise ServerError(f"{server.name} broke off: {self._screened(str(error))}") from None
        return self._reply(request, sent)

    def _reply(self, request: httpx2.Request, sent: httpcore2.Response) -> httpx2.Response:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in sent.headers}
        if headers.get("content-encoding", "identity") != "identity":
            raise ServerError(f"{self.server.name} sent a compressed reply, which was not asked for")
        kept = {name: self._screened(headers[name]) for name in _ANSWERED if name in headers}
        content = self._sent_back.sub(b"[key]", sent.content) if self._sent_back else sent.content
        return httpx2.Response(sent.status, headers=kept, content=content, request=request)

    def _screened(self, text: str) -> str:
        """A text without the key, if the server sent it back."""
        return text.replace(self._key, "[key]") if self._key else text


class _Backend(httpcore2.NetworkBackend):
    """Connects to a server's addresses, which are checked, until a time."""

    def __init__(self, server: ServerAddress, until: float, local_only: bool) -> None:
        self._server = server
        self._until = until
        self._local_only = local_only
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failed: httpcore2.ConnectError | None = None
        for address in addresses_of(self._server, local_only=self._local_only):
            try:
                stream = self._sockets.connect_tcp(address, port, _left(self._until), None, socket_options)
            except httpcore2.ConnectError as error:
                failed = error
                continue
            reached = str(stream.get_extra_info("server_addr")[0])
            if self._local_only and not is_local(reached):
                stream.close()
                raise UsageError(f"--local-only: the connection leads to {reached}; nothing was sent")
            return _Stream(stream, self._server.name, self._until)
        raise failed or httpcore2.ConnectError("it has no address")


class _Stream(httpcore2.NetworkStream):
    """A connection that ends at a time, and after `MAX_REPLY` bytes."""

    def __init__(self, stream: httpcore2.NetworkStream, name: str, until: float) -> None:
        self._stream = stream
        self._name = name
        self._until = until
        self._room = MAX_REPLY

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        content = self._stream.read(max_bytes, _left(self._until))
        self._room -= len(content)
        if self._room < 0:
            raise ServerError(f"{self._name} sent more than {MAX_REPLY:,} bytes; the rest was not read")
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):  # a server that reads slowly gains no time
            self._stream.write(buffer[start : start + _PIECE], _left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._until))
        return _Stream(secured, self._name, self._until)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _spellings(key: str) -> re.Pattern[bytes]:
    """The key in a JSON text, or in one that is a text of another: each character plain or escaped (RFC 8259, 7)."""
    return re.compile("".join(rf"\\{{0,3}}(?:{re.escape(each)}|u00(?i:{ord(each):02x}))" for each in key).encode())


def _left(until: float) -> float:
    """Seconds until a time; raises httpcore2.ReadTimeout if it has passed."""
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the time is over")
    return left
