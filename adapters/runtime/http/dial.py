"""A new connection to a department: straight or through a proxy, in the clear or with TLS."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from urllib.parse import unquote

from adapters.contract.errors import BadReply, Unreachable
from adapters.runtime.http.addresses import Addresses, open_socket
from adapters.runtime.http.connection import Connection, Lost
from adapters.runtime.http.endpoint import Endpoint, Origin
from adapters.runtime.http.tls_identity import TlsIdentity


class Dial:
    """Opens connections to one department."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._identity = TlsIdentity(endpoint)
        self._never_replaced = not endpoint.tls_files
        self._first_tls = self._identity.current()
        self._origin = endpoint.origin()
        self._proxy = endpoint.proxy_origin()
        nearest = self._proxy or self._origin
        self._addresses = Addresses(nearest.host, nearest.port)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What a connection of now is opened with; one that was opened with anything else is out of date."""
        return self._first_tls if self._never_replaced else self._identity.current()

    async def connect(self) -> Connection:
        """A connection that is ready for a request. Raises: Unreachable."""
        try:
            async with asyncio.timeout(self._endpoint.connect_seconds):
                return await self._connect()
        except (OSError, BadReply, Lost) as exc:  # a timeout and TLS's errors are OSErrors
            self._addresses.forget()
            raise Unreachable("no connection to the department") from exc

    async def _connect(self) -> Connection:
        connected = await open_socket(await self._addresses.get())
        connection = Connection(self._endpoint.largest_reply)
        identity = connection.tls = self.tls
        tls = None if self._proxy else identity
        name = self._origin.host if tls else None
        await asyncio.get_running_loop().create_connection(  # which owns the socket now, whatever happens
            lambda: connection, sock=connected, ssl=tls, server_hostname=name
        )
        if self._proxy and identity:
            try:
                await self._ask_for_tunnel(connection, self._proxy)
                await self._start_tls(connection, identity)
            except BaseException:
                connection.abort()
                raise
        return connection

    async def _ask_for_tunnel(self, connection: Connection, proxy: Origin) -> None:
        """RFC 9110, 9.3.6."""
        where = self._origin.host_and_port
        head = f"CONNECT {where} HTTP/1.1\r\nhost: {where}\r\n{proxy_authorization(proxy)}\r\n"
        reply = await connection.exchange(head.encode(), bodiless=True)
        if not 200 <= reply.status < 300:
            raise ConnectionRefusedError(f"the proxy answered HTTP {reply.status}")

    async def _start_tls(self, connection: Connection, tls: ssl.SSLContext) -> None:
        loop, name = asyncio.get_running_loop(), self._origin.host
        secure = connection.open and await loop.start_tls(connection.transport, connection, tls, server_hostname=name)
        if not secure:
            raise ConnectionResetError("the connection ended before the TLS handshake did")
        connection.connection_made(secure)


def proxy_authorization(proxy: Origin) -> str:
    """The header line with a proxy's user and password (RFC 7617); empty where it has none."""
    if not proxy.userinfo:
        return ""
    user, _, password = proxy.userinfo.partition(":")
    credentials = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return f"proxy-authorization: Basic {credentials}\r\n"
