"""Under which names pace and breakers are kept, and to whom no pace is owed."""

from __future__ import annotations

from typing import Final, NamedTuple

from harvester.capture.options import CaptureOptions
from harvester.errors import UsageError
from harvester.urls import for_request, host_and_port

MAPPED: Final = " at "


def unmapped(key: str) -> str:
    """Return the host that a key of pace or breaker is of; that of a mapped host names the address, too."""
    return key.partition(MAPPED)[0]


class Name(NamedTuple):
    """The key of a host's pace and breaker; `exempt`: it is this machine, to which no pace is owed."""

    key: str
    exempt: bool


class Names:
    """Names hosts; one mapped to this machine apart, so that no rehearsal slows or blocks the real host.

    Any other mapping still leads to somebody's server, so it shares the host's name.
    """

    def __init__(self, options: CaptureOptions) -> None:
        self._options = options
        self._hosts: dict[str, Name] = {}

    def of(self, url: str) -> Name:
        """Return the name of a URL's host. Raises `UsageError` for a URL that cannot be sent."""
        host, port = host_and_port(for_request(url))
        mapping = self._options.mapping(host, port)
        if mapping is None or not mapping.is_loopback:
            return Name(host, exempt=False)
        return Name(f"{host}{MAPPED}{mapping}", exempt=True)

    def of_host(self, host: str) -> Name:
        """Return the name of a host, taken as https; what cannot be one has none, and owes nothing."""
        if host not in self._hosts:
            try:
                self._hosts[host] = self.of(f"https://{host}/")
            except UsageError:
                self._hosts[host] = Name("", exempt=True)
        return self._hosts[host]
