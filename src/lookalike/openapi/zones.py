"""Zones of the network: which addresses a document may make this machine connect to.

A document is data of someone else. One from a public server that refers to `http://127.0.0.1/`, or to the metadata
service of a cloud, would let its author read what only this machine can read (server-side request forgery).
"""

import ipaddress
from enum import IntEnum

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Zone(IntEnum):
    """The part of the network that a document comes from; a later one is trusted less."""

    FILE = 0
    PRIVATE = 1  # loopback, and the addresses of private networks (RFC 1918, RFC 4193, RFC 6598)
    LINK_LOCAL = 2  # RFC 3927 and RFC 4291 section 2.5.6: where clouds serve credentials to their machines
    PUBLIC = 3


class NotAllowed(Exception):
    """A connection that the referrer may not make."""


def zone_of(address: str) -> Zone:
    """The zone of an IP address; of one that stands for an IPv4 address, that of the latter."""
    parsed = _embedded(ipaddress.ip_address(address.partition("%")[0]))
    if parsed.is_link_local:
        return Zone.LINK_LOCAL
    return Zone.PUBLIC if parsed.is_global and not parsed.is_multicast else Zone.PRIVATE


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


def _embedded(address: _Address) -> _Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def check_zone(referrer: Zone | None, target: Zone, where: str, allows_private: bool) -> None:
    """Raise `NotAllowed` if a referrer may not reach a target; None is the user, who may reach everything."""
    if referrer is None:
        return
    if target is Zone.LINK_LOCAL:
        raise NotAllowed(f"it is at {where}, a link-local address, to which no reference may lead")
    if referrer is Zone.PUBLIC and target is not Zone.PUBLIC and not allows_private:
        raise NotAllowed(
            f"it is at {where}, an address of a private network, and the document that refers to it is from a "
            "public one; --allow-private follows it"
        )
