"""A page's belongings over a real loopback origin: one host after the other, against hosts taking turns.

The pause between requests to one host is a tenth of the default, so that a round takes seconds; both ways
keep it, and neither ever has more than one request under way.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.timing import medians, table
from fixtures import Origin, Site
from fixtures.behaviours import plain
from fixtures.images import png
from harvester.capture import CaptureOptions, Client, ConnectTo
from harvester.turns import Turns

INTERVAL_S = 0.05
COUNTS = {"mmbiz.qpic.cn": 24, "res.wx.qq.com": 40, "mpcdn.qpic.cn": 8, "wx.qlogo.cn": 2}


class Far(ConnectTo):
    """A mapping to this machine that is paced like any other host."""

    __slots__ = ()

    @property
    def is_loopback(self) -> bool:
        return False


def main() -> None:
    """Print the median of both ways."""
    urls = [f"https://{host}/{number}" for host, count in COUNTS.items() for number in range(count)]
    picture = plain(png(), content_type="image/png")
    with Origin(Site.of({}, fallbacks=dict.fromkeys(COUNTS, picture))) as origin:
        mapped = tuple(Far(host, 443, "127.0.0.1", origin.port) for host in COUNTS)

        def fetch(*, turns: bool) -> None:
            options = CaptureOptions(
                connect_to=mapped, ca_file=Path(origin.ca_file), asset_interval_s=INTERVAL_S
            )
            client = Client(
                options,
                allowed_hosts=COUNTS,
                secret_params=frozenset(),
                is_challenge=lambda _: None,
                state_dir=None,
            )
            queue: Turns[str] = Turns()
            for url in urls:
                queue.add(url.split("/")[2] if turns else "", url)
            while url := queue.take(lambda one: client.due_in_s(one, "asset")):
                if client.get(url, role="asset").error:
                    raise RuntimeError(f"{url} was not served")
            client.close()

        ways = {"in order": lambda: fetch(turns=False), "hosts taking turns": lambda: fetch(turns=True)}
        measured = medians(ways, rounds=3)
    hosts = ", ".join(f"{count} of {host}" for host, count in COUNTS.items())
    table(f"{len(urls)} assets ({hosts}), {INTERVAL_S} s between requests to a host", measured, "in order")


if __name__ == "__main__":
    main()
