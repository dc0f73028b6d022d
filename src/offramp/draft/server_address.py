"""Where a model is asked: the address that a person names, and whether it is on this machine."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from offramp.common.errors import OfframpError, UsageError
from offramp.common.words import quoted

PORTS = {"https": 443, "http": 80}
"""The schemes of an address, each with its usual port."""


class ServerError(OfframpError):
    """A server that cannot be reached, or whose reply is of no use."""


@dataclass(frozen=True)
class ServerAddress:
    """Where a model is asked: the parts of a base URL."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        """Host and port, as shown to a person."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def stays_here(self) -> bool:
        """Whether the host, as it is written, is this machine; nothing is looked up."""
        return self.host == "localhost" or is_local(self.host)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"{self.scheme}://{self.name}{self.path}"


def server_address(base_url: str) -> ServerAddress:
    """The parts of a base URL.

    Raises
    ------
    UsageError
        If it is not an address of a server, or holds more than an address, such as a password.

    Examples
    --------
    >>> server_address("http://localhost:11434/v1/")
    ServerAddress(scheme='http', host='localhost', port=11434, path='/v1')
    """
    expected = "--base-url takes an address such as http://localhost:11434/v1"
    try:
        parts = urlsplit(base_url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise UsageError(f"{expected}, found one that cannot be read") from None
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{expected}, without a name or password: a key stands in the variable of --key-env")
    if parts.scheme not in PORTS or not host or not re.fullmatch(r"[\x21-\x7e]{1,500}", base_url):
        raise UsageError(f"{expected}, found {quoted(base_url)}")
    if parts.query or parts.fragment:
        raise UsageError(f"{expected}, without ? and #, found {quoted(base_url)}")
    return ServerAddress(parts.scheme, host, port or PORTS[parts.scheme], parts.path.rstrip("/"))


def addresses_of(server: ServerAddress, *, local_only: bool) -> tuple[str, ...]:
    """The numeric addresses of a server.

    Raises
    ------
    ServerError
        If there are none.
    UsageError
        If one of them is another machine's, and only this machine's are allowed.
    """
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ServerError(f"cannot find {server.host}: {getattr(error, 'strerror', None) or error}") from None
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    far = next((address for address in addresses if not is_local(address)), None)
    if local_only and far is not None:
        raise UsageError(f"--local-only: {server.host} is {far}, which is not this machine; nothing was sent")
    return addresses


def is_local(address: str) -> bool:
    """Whether a numeric address is this machine's own (loopback).

    Examples
    --------
    >>> is_local("127.0.0.1"), is_local("::1"), is_local("::ffff:127.0.0.1"), is_local("192.168.1.7")
    (True, True, True, False)
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
