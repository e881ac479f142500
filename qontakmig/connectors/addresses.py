"""Which hosts and addresses a connection may reach. The sockets themselves are in outbound.py."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from qontakmig.connectors.errors import StopError, TransientError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATING = tuple(
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)
"""NAT64 and 6to4 lead to any IPv4 address; ``is_global`` lets them pass."""
_RELAY = ipaddress.ip_network("192.88.99.0/24")
_UNICAST = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """Hosts that a connection may reach.

    suffixes   ``("mekari.com",)`` allows that host and every name below it, https on 443 only
    practice   the connection is to practice orgs: own machine and private networks, any port,
               http as well, and nothing public
    """

    suffixes: tuple[str, ...]
    practice: bool = False
    system: str = ""

    def check_url(self, url: str) -> None:
        """Raise StopError ``host_refused`` unless the URL may be asked at all."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise self._refused("The address is not a web address.") from None
        host = (parts.hostname or "").rstrip(".").lower()
        if not host or parts.username is not None or parts.password is not None:
            raise self._refused("The address has no host name, or a password in it.")
        if self.practice:
            if parts.scheme not in ("http", "https"):
                raise self._refused("The address does not begin with http:// or https://.")
            return
        if parts.scheme != "https" or port not in (None, 443):
            raise self._refused("Only https addresses on the ordinary port are asked.")
        if not any(host == s or host.endswith("." + s) for s in self.suffixes):
            raise self._refused(f"The host {host} does not belong to the vendor.")

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of ``host``, all of them checked.

        Raises StopError ``host_refused`` when any is not allowed, TransientError ``unreachable``
        when the name has none.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise TransientError(
                f"The host {host} was not found.",
                system=self.system,
                code="unreachable",
                advice="Check the address in the connection, and this machine's network.",
            ) from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not address_allowed(address, practice=self.practice):
                kind = "in this machine's network" if self.practice else "public"
                raise self._refused(f"The host {host} leads to an address that is not {kind}.")
        return addresses

    def _refused(self, message: str) -> StopError:
        hosts = ", ".join(self.suffixes)
        advice = f"Use an address of the vendor ({hosts}), copied from its own pages."
        if self.practice:
            advice = "This project is between practice orgs: use the address that one of them says."
        return StopError(message, system=self.system, code="host_refused", advice=advice)


def address_allowed(text: str, *, practice: bool = False) -> bool:
    """Return whether a socket may connect to the numeric address ``text``."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if practice:
        return address.is_loopback or (address.is_private and not address.is_reserved)
    if not address.is_global or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address in _UNICAST and not any(address in net for net in _TRANSLATING)
    return address not in _RELAY
