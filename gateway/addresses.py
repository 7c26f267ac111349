"""Who is behind an address: what one household or one server has of a network."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

NETWORK_BITS = 64
"""What one household or one server has of IPv6 addresses at least (RFC 6177)."""


def network_of(address: str) -> str:
    """The address itself, or of IPv6 the network that one client has to itself; `unknown` for what is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Network((found, NETWORK_BITS), strict=False))
    return address
