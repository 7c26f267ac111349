"""Where a department is, and how the two sides know each other: addresses, limits and TLS."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from adapters.contract.yaml_file import Misconfigured

LARGEST_REPLY = 1024 * 1024
CONNECT_SECONDS = 1.5
"""Shorter than a call's own time, so that what was never sent is not reported as unknown."""
PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|%[0-9A-Fa-f]{2})*+)?")
"""A path that is percent-encoded, or none (RFC 3986, 3.3)."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """The parts of an address. `host` is as TLS and DNS want it, `authority` as a URL does; `path` ends without `/`."""

    scheme: str
    host: str
    port: int
    path: str
    userinfo: str

    @classmethod
    def of(cls, address: str) -> Origin:
        """Raises: ValueError for what is not the address of an HTTP server."""
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("not http://host or https://host, with a port and a path perhaps")
        if not PATH.fullmatch(parts.path):
            raise ValueError("its path must be percent-encoded")
        host = parts.hostname.encode("idna").decode()
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
        userinfo = parts.netloc.rpartition("@")[0]
        return cls(parts.scheme, host, port, parts.path.rstrip("/"), userinfo)

    @property
    def host_and_port(self) -> str:
        """The two, with the brackets that IPv6 needs."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """Host, and the port where it is not the scheme's."""
        return self.host_and_port.removesuffix(f":{_PORTS[self.scheme]}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a department is: `address` has scheme, host, port and perhaps a path; TLS files are PEM paths.

    `proxy` is the address of an HTTP proxy, with its user and password where it wants them. `largest_reply` is in
    bytes; `connect_seconds` is for all that comes before the first request: name, socket, proxy and TLS.
    """

    department: str
    address: str
    connections: int = 64
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    proxy: str | None = None
    largest_reply: int = LARGEST_REPLY
    connect_seconds: float = CONNECT_SECONDS

    def origin(self) -> Origin:
        """The department's address in parts. Raises: Misconfigured."""
        origin = self._parsed("address", self.address)
        if origin.userinfo:
            raise Misconfigured(f"{self.department}: credentials are options of a department, not part of its address")
        return origin

    def proxy_origin(self) -> Origin | None:
        """The proxy's address in parts. Raises: Misconfigured."""
        if self.proxy is None:
            return None
        origin = self._parsed("proxy", self.proxy)
        if origin.scheme != "http" or origin.path:
            raise Misconfigured(f"{self.department}: a proxy's address is http://host:port")
        return origin

    def _parsed(self, key: str, address: str) -> Origin:
        try:
            return Origin.of(address)
        except ValueError as exc:  # without the address, which may hold a password
            raise Misconfigured(f"{self.department}: {key}: {exc}") from None

    @property
    def tls_files(self) -> tuple[str, ...]:
        """The PEM files that are named."""
        return tuple(each for each in (self.ca_file, self.certificate_file, self.key_file) if each)

    def tls(self) -> ssl.SSLContext | None:
        """What TLS is spoken with: private authorities, a client certificate, or the system's defaults.

        Raises: Misconfigured for a file that cannot be used, a key without its certificate, and TLS files for an
        address without TLS.
        """
        files = self.tls_files
        secure = self.address.startswith("https://")
        if not files:
            return _default_tls() if secure else None
        if not secure:
            raise Misconfigured(f"{self.department}: {self.address} is not https, so {files[0]} would not be used")
        if self.key_file and not self.certificate_file:
            raise Misconfigured(f"{self.department}: key_file {self.key_file} needs its certificate_file")
        for file in files:
            if not Path(file).is_file():
                raise Misconfigured(f"{self.department}: there is no TLS file {file}")
        try:
            return self._context()
        except (OSError, ValueError) as exc:
            raise Misconfigured(f"{self.department}: {', '.join(files)} do not make a TLS identity") from exc

    def _context(self) -> ssl.SSLContext:
        context = _new_context(self.ca_file)
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file, password=b"")
        return context


def _new_context(ca_file: str | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context


_default_tls = cache(_new_context)
"""The system's authorities are read once; it takes a while."""
