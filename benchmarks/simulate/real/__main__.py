"""`make simulate-real`: three minutes of real runners, killed and competing; exit 1 for what is wrong."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.simulate import plan
from benchmarks.simulate.judge import Told, told_of
from benchmarks.simulate.plan import Staged
from benchmarks.simulate.real import staging
from benchmarks.simulate.real.judge import Manners, manners
from benchmarks.simulate.real.keepers import KILLED, REFUSED, STOPPED, WELL, Keepers
from benchmarks.simulate.real.staging import Form
from benchmarks.simulate.world import World
from fixtures import Origin
from fixtures.exchange import Reply, Request

_LONGEST_ANSWER_S = 0.4
_RECORDED_S = 3.0
_GRACE_S = 90.0
"""So much longer than its form says a run may take on a busy machine, before what is missing is missed."""


class _RealTime:
    """The machine's clock, as the origin needs one."""

    @property
    def seconds(self) -> float:
        return time.time()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        time.sleep(seconds)


class _SlowWorld(World):
    """Takes a moment for each answer, so that kills come while one is awaited."""

    def answer(self, request: Request) -> Reply:
        reply = super().answer(request)
        self.clock.advance(random.uniform(0.0, _LONGEST_ANSWER_S))
        return reply

    def told_all(self, form: Form) -> bool:
        """Tell whether every article was answered as often, and when, as its story needs."""
        return all(self._answered(one, form) for one in self.articles)

    def _answered(self, one: Staged, form: Form) -> bool:
        path = one.url.partition(one.host)[2]
        came = [ask.at_s for ask in list(self.log) if (ask.host, ask.target) == (one.host, path)]
        story = staging.story_of(one, form)
        if len(story) < 2 or one.when is None:
            return len(came) >= len(story)
        changed = one.when.timestamp()
        return any(at < changed for at in came) and any(at >= changed for at in came)


@dataclass(frozen=True, slots=True)
class Run:
    """One run, judged: events, manners, how runners ended, and all that is wrong, as sentences."""

    told: Told
    manners: Manners
    requests: int
    killed: int
    refused: int
    takeovers: int
    wrong: list[str]


def run(folder: Path, form: Form, seed: int) -> Run:
    """Stage, let runners work and kill them, and judge."""
    start = datetime.now(UTC)
    articles = staging.staged(form, start, seed)
    world = _SlowWorld(articles, _RealTime(), troubles=[staging.storm(form, start)], slow=None)
    with Origin(world) as origin:  # type: ignore[arg-type]  # it only asks for hosts and answers
        _configure(folder, origin, articles)
        with Keepers(folder) as keepers:
            kills = _let_work(world, keepers, form, start.timestamp(), seed)
            keepers.stop()
    told = told_of(folder, articles, lambda one: staging.story_of(one, form))
    found = manners(world.log, kills)
    codes = [one.code for one in keepers.ends]
    wrong = [*told.wrong, *found.wrong, *_unsound(folder)]
    allowed = {True: STOPPED, False: frozenset({KILLED, REFUSED})}
    wrong += [f"a runner ended with {one.code}" for one in keepers.ends if one.code not in allowed[one.asked]]
    if not any(one.asked and one.code in WELL for one in keepers.ends):
        wrong.append("no runner ended well when it was asked to")
    if codes.count(KILLED) != form.kills:
        wrong.append(f"{codes.count(KILLED)} runners were killed, not {form.kills}")
    if wrong:
        wrong.append(keepers.said())
    return Run(
        told, found, len(world.log), codes.count(KILLED), codes.count(REFUSED), keepers.takeovers, wrong
    )


def _let_work(world: _SlowWorld, keepers: Keepers, form: Form, start_s: float, seed: int) -> list[float]:
    """Kill at the moments planned, then wait until all was answered; return when runners were killed."""
    kills = []
    for moment_s in staging.kill_moments(form, seed):
        time.sleep(max(0.0, start_s + moment_s - time.time()))
        at_s = keepers.kill(_GRACE_S)
        if at_s is not None:
            kills.append(at_s)
    while time.time() < start_s + form.seconds or not world.told_all(form):
        if time.time() > start_s + form.seconds + _GRACE_S:
            break
        time.sleep(0.2)
    time.sleep(_RECORDED_S)
    return kills


def _configure(folder: Path, origin: Origin, articles: Sequence[Staged]) -> None:
    # `127.1` is this machine, but not written so that the pace owed to strangers is waived.
    maps = [
        f"{host}:443:{'127.1' if host in staging.PACED else '127.0.0.1'}:{origin.port}"
        for host in (*staging.PACED, staging.CROWD, plan.FEEDS)
    ]
    listed = [f"https://{host}{plan.SECTION}" for host in staging.hosts_listed(articles)]
    stormy = [one.url for one in articles if one.host == staging.STORMY]
    again = f'revisit = ["{staging.STEP_S:.0f}s"]\nthen = ""\n'
    text = f"""archive = "archive"
[operator]
contact = "simulation@example.org"
[fetch]
images = false
requisites = false
allow_hosts = ["{plan.FEEDS}"]
ca_file = "{origin.ca_file}"
connect_to = {json.dumps(maps)}
[[watch]]
name = "account"
feeds = ["{plan.FEED}"]
every = "{staging.STEP_S:.0f}s"
{again}
[[watch]]
name = "sections"
listings = {json.dumps(listed)}
every = "{staging.STEP_S:.0f}s"
{again}
[[watch]]
name = "by name"
urls = {json.dumps(stormy)}
{again}"""
    (folder / "harvester.toml").write_text(text, encoding="utf-8")


def _unsound(folder: Path) -> list[str]:
    """Return what `harvester check` finds amiss in the archive."""
    command = [sys.executable, "-m", "harvester", "check", str(folder / "archive")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [f"harvester check: {done.stdout}{done.stderr}"]


def report(found: Run, took_s: float) -> None:
    """Print the table."""
    console = Console(highlight=False)
    table = Table("event", "staged", "told", title=f"Real runners, {took_s:.0f} s")
    for kind in sorted({*found.told.staged, *found.told.told}):
        table.add_row(kind, str(found.told.staged.get(kind, 0)), str(found.told.told.get(kind, 0)))
    for kind, number in sorted(found.told.quiet.items()):
        table.add_row(kind, "–", str(number), style="dim")
    console.print(table)
    console.print(
        f"{found.requests} requests, no two of a paced host within {found.manners.closest_s:.2f} s, "
        f"{found.manners.while_open} to a host with an open breaker, {found.manners.repeated} asked twice of "
        f"those that a kill cut off; {found.killed} runners killed, {found.refused} refused, "
        f"{found.takeovers} times another took over"
    )
    for line in found.wrong:
        console.print(f"WRONG: {line}", style="red", markup=False)
    console.print("all as promised" if not found.wrong else f"{len(found.wrong)} wrong")


def main() -> int:
    """Run the long form and judge."""
    parser = argparse.ArgumentParser(prog="benchmarks.simulate.real")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="the form of the test suite, 20 seconds")
    parser.add_argument("--keep", type=Path, help="where to keep the archive; else it is removed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="harvester-real-") as made:
        folder = given.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        found = run(folder, staging.SMALL if given.small else staging.LARGE, given.seed)
        report(found, time.monotonic() - began)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
