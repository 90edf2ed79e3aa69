"""Which network addresses this hub may call (server-side request forgery guard).

The check is made where the connection is made, and the connection goes to the very address that was checked: a name that
resolves differently a moment later (DNS rebinding) gains nothing. It knows no HTTP.

Source: RFC 6890 (special-purpose addresses); RFC 6052, RFC 3056, RFC 4380 (IPv4 carried inside IPv6).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

import httpcore

from connectors.faults import RefusedAddress, Unreachable

Resolve = Callable[[str, int], list[str]]
"""Returns the addresses of (host, port), in the order they are to be tried; raises OSError."""

_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


def resolved(host: str, port: int) -> list[str]:
    """Return the addresses the machine's resolver gives for `host`; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str) -> bool:
    """Say whether an address is one of the public internet, also behind the forms that carry an IPv4 address in IPv6."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_global(each) for each in _carried(address))


class AddressBook:
    """Turns host and port into addresses that may be called.

    `allowed` holds `host:port` pairs inside private networks that may be called all the same; `resolve` is the resolver.
    """

    def __init__(self, allowed: Iterable[str] = (), resolve: Resolve = resolved) -> None:
        self._allowed = frozenset(pair.strip().lower() for pair in allowed)
        self._resolve = resolve

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses to try, in order. Raises RefusedAddress if any of them may not be called, Unreachable if none."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"无法解析主机名 {host}。", f"The host name {host} does not resolve.") from error
        if not found:
            raise Unreachable(f"无法解析主机名 {host}。", f"The host name {host} does not resolve.")
        if self._is_allowed(host, port) or all(is_public(address) for address in found):
            return found
        raise RefusedAddress(
            f"拒绝访问 {host}:{port}：它是私有、回环、链路本地或元数据地址。",
            f"{host}:{port} is not called: it is a private, loopback, link-local or metadata address.",
        )

    def _is_allowed(self, host: str, port: int) -> bool:
        name = host.lower()
        return f"{name}:{port}" in self._allowed or f"[{name}]:{port}" in self._allowed


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only; the name stays in the Host header and in the TLS handshake."""

    def __init__(self, book: AddressBook) -> None:
        self._book = book
        self._tcp = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to the first checked address that answers; raises RefusedAddress, Unreachable, httpcore's errors."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._book.addresses(host, port):
            try:
                return self._tcp.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or Unreachable(f"无法连接 {host}。", f"{host} cannot be reached.")


def _carried(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Return the address itself and every IPv4 address it carries, but for a mapped one, which stands for its IPv4 alone."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    carried: list[IPv4Address | IPv6Address] = [address]
    if address.sixtofour is not None:
        carried.append(address.sixtofour)
    if address.teredo is not None:
        carried.extend(address.teredo)
    if any(address in network for network in _NAT64):
        carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return carried


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
