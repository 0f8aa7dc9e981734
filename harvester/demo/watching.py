"""The demonstration's watch: two days by a clock that is set by hand, an edit and a deletion."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from harvester.demo.embedded import fixtures

_START: Final = datetime(2026, 6, 1, 9, tzinfo=UTC)
_HOURS: Final = (0, 1, 3, 6, 12, 24, 30, 48)
"""When `harvester run` is called, after the start; it does what is due then."""
EXPECTED: Final = ["captured", "unchanged", "edited", "reported-gone", "gone"]


class _Clock:
    """Stands still unless somebody waits."""

    def __init__(self) -> None:
        self._now = _START

    def set(self, hours: float) -> None:
        self._now = max(self._now, _START + timedelta(hours=hours))

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return self._now.timestamp()

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def watch(output: Path) -> tuple[Path, str]:
    """Watch one article for two days; return the archive and the article's URL."""
    site, url = fixtures().watched_world()
    clock = _Clock()
    with fixtures().Origin(site, now=clock.now) as origin:
        config = _configuration(output, url, origin)
        for hours in _HOURS:
            clock.set(hours)
            _run(config, output / "watched", clock)
    return output / "watched", url


def _configuration(output: Path, url: str, origin: Any) -> Path:
    ca_file = output / "watch-ca.pem"
    shutil.copyfile(origin.ca_file, ca_file)
    path = output / "watch.toml"
    mappings = "".join(f'  "{line}",\n' for line in origin.connect_to)
    path.write_text(
        "# Written by `harvester demo`.\n"
        f'archive = "watched"\n\n[operator]\ncontact = "demo@example.org"\n\n[fetch]\nimages = false\n'
        f'requisites = false\nca_file = "{ca_file.name}"\nconnect_to = [\n{mappings}]\n\n'
        f'[[watch]]\nname = "harbour"\nurls = ["{url}"]\nrevisit = ["1h", "6h", "1d", "7d", "30d"]\n',
        encoding="utf-8",
    )
    return path


def _run(config: Path, archive: Path, clock: _Clock) -> None:
    from harvester.cli.session import Session
    from harvester.config import load
    from harvester.state import state_directory
    from harvester.watch.queue import Queue, queue_path
    from harvester.watch.runner import Runner

    loaded = load(config)
    with (
        Session(archive, loaded, clock=clock) as session,
        Queue(queue_path(state_directory(), archive)) as queue,
    ):
        runner = Runner(session, loaded, queue, clock)
        runner.sync()
        for _ in runner.once():
            pass
        runner.close()
