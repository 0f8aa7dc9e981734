"""Which hosts may be asked, and which addresses may be connected to.

Two independent checks. The name is checked before anything is resolved, on every hop of a redirect
chain; the address is checked at connect time, inside the network backend, on the very address that is
then connected to, so that no name and no second resolution can lead into a private network.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from harvester.errors import RefusedError
from harvester.urls import host_and_port, normal_host

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NETWORKS: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""IANA special-purpose registries (RFC 6890 and successors): nothing of a publisher is there.

Wrappers of IPv4 addresses (mapped, compatible, NAT64, 6to4, Teredo) are refused whole: the public hosts
have ordinary addresses, and looking inside each wrapper would be one more thing to get wrong.
198.18.0.0/15 is what fake-IP proxies answer with; a user of one maps the host by `--connect-to`.
"""


def forbidden_network(address: str) -> str | None:
    """Return the special network an address lies in, None for an ordinary public address.

    Text that is not an IP address counts as forbidden; an IPv6 zone does not matter.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "not an IP address"
    for network in _NETWORKS:
        if ip.version == network.version and ip in network:
            return str(network)
    return None if ip.is_global else "not globally reachable"


@dataclass(frozen=True, slots=True)
class Guard:
    """The allow-list. A name stands for itself and its subdomains; an IP address only for itself."""

    hosts: tuple[str, ...]

    @staticmethod
    def of(hosts: Iterable[str]) -> Guard:
        """Build from names in any form. Raises `UsageError` for one that is no host name."""
        return Guard(tuple(dict.fromkeys(normal_host(host) for host in hosts)))

    def allows(self, host: str) -> bool:
        return _allows(self.hosts, host)

    def check(self, url: str) -> None:
        """Raise `RefusedError` unless the host of a URL (in the form of `for_request`) is allowed."""
        host, _ = host_and_port(url)
        if not self.allows(host):
            raise RefusedError(
                f"{host} is not one of the allowed hosts; if you mean it, put it into allow_hosts under "
                f"[fetch] in harvester.toml, or give `fetch` --allow-host {host}",
                url=url,
                reason="host",
            )


def permitted_addresses(addresses: Iterable[str], *, host: str, url: str) -> tuple[str, ...]:
    """Keep the public addresses a name resolved to. Raises `RefusedError` if none is left."""
    verdicts = {address: forbidden_network(address) for address in addresses}
    good = tuple(address for address, network in verdicts.items() if network is None)
    if not good:
        found = ", ".join(f"{address} ({network})" for address, network in verdicts.items())
        raise RefusedError(
            f"{host} leads to an address that is not public: {found}; "
            "if that is meant, name it with --connect-to HOST:PORT:ADDR:PORT",
            url=url,
            reason="peer",
        )
    return good


@lru_cache(maxsize=4096)
def _allows(names: tuple[str, ...], host: str) -> bool:
    return any(host == name or (host.endswith(f".{name}") and not _is_ip(name)) for name in names)


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
