"""The protocol over HTTP on this machine, for those who have the token."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

from offramp.app.listening import Listening, serve
from offramp.mcp.stdio_transport import MOST_LINE

HOST = "127.0.0.1"
PATH = "/mcp"
SESSIONS = 64
"""Maximum number of sessions at the same time."""


@dataclass(frozen=True)
class OneToken:
    """Admits requests with the one token of the server, which comes as `Authorization: Bearer TOKEN`."""

    token: str = field(repr=False)

    async def verify_token(self, token: str) -> AccessToken | None:
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode()):
            return None
        return AccessToken(token=token, client_id="assistant", scopes=[])


def address_of(listening: Listening) -> str:
    """The address that an assistant is given."""
    return f"http://{HOST}:{listening.port}{PATH}"


def serve_http(server: Server[Any], listening: Listening, token: str, ready: Callable[[], None]) -> None:
    """Serve on a listening socket until the process is interrupted or terminated.

    A request needs the token (401), a Host that is this machine (421), and no Origin of another page (403).
    """
    hosts = [f"{name}:{listening.port}" for name in (HOST, "localhost")]
    application = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=MOST_LINE,
        max_sessions=SESSIONS,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=hosts,
            allowed_origins=[f"http://{host}" for host in hosts],
        ),
        # the issuer is named in nothing that the server sends, since there is no address to get a token from
        auth=AuthSettings(issuer_url=AnyHttpUrl(f"http://{HOST}:{listening.port}"), resource_server_url=None),
        token_verifier=OneToken(token),
    )
    serve(application, listening, ready)
