"""`make simulate`: a month of watching in half a minute; exit 1 if an event is missed or invented."""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.simulate import plan
from benchmarks.simulate.clock import SharedClock
from benchmarks.simulate.judge import Verdict, crashes_of, judge
from benchmarks.simulate.world import World
from fixtures import Origin

_FULL_FROM_S = plan.START.timestamp() + 6.4 * 86_400
_NEVER_S = 1e18
_FEWEST = 12
# httpcore loads trio where it is installed, which is half of its own start; only development has it.
_START = """import sys
sys.modules["trio"] = None
from benchmarks.simulate.child import lives
lives(*sys.argv[1:])"""


def simulate(folder: Path, count: int, seed: int) -> tuple[Verdict, int, int]:
    """Run the month; return the verdict, how often the process died, how often storage failed."""
    clock = SharedClock(folder / "clock", start=plan.START)
    articles = plan.staged(count, seed)
    world = World(articles, clock)
    died = 0
    with Origin(world, now=clock.now) as origin, _lives(folder, origin.port) as live:  # type: ignore[arg-type]  # it only asks for hosts and answers
        _configure(folder, origin.ca_file)
        for death in [*crashes_of(3), (_NEVER_S, "never")]:
            code = live(*death)
            if code == 0:
                break
            died += code == -signal.SIGKILL
            if code != -signal.SIGKILL:
                raise SystemExit(
                    f"the watching process failed ({code}):\n{_read(folder / plan.SAID)[-4000:]}"
                )
    return judge(folder, articles, world.log), died, len(_read(folder / plan.FAULTS).splitlines())


@contextlib.contextmanager
def _lives(folder: Path, port: int) -> Iterator[Callable[[float, str], int]]:
    """Give what lets the watching process live once, and returns its exit code (negative: the signal)."""
    command = [sys.executable, "-c", _START, str(folder), str(port), str(_FULL_FROM_S)]
    environment = os.environ | {"HARVESTER_STATE": str(folder / "state")}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as parent:

        def live(at_s: float, how: str) -> int:
            if parent.stdin is None or parent.stdout is None:
                raise SystemExit("the watching process has no pipes")
            print(at_s, how, file=parent.stdin, flush=True)
            return int(parent.stdout.readline() or 1)

        yield live


def _read(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


def _configure(folder: Path, ca_file: str) -> None:
    (folder / "harvester.toml").write_text(
        f"""archive = "archive"
[operator]
contact = "simulation@example.org"
[fetch]
images = false
requisites = false
allow_hosts = ["{plan.FEEDS}"]
ca_file = "{ca_file}"
[[watch]]
name = "account"
feeds = ["{plan.FEED}"]
cron = "15 */2 * * *"
tz = "Europe/Berlin"
[[watch]]
name = "section"
listings = ["{plan.LISTING}"]
every = "3h"
""",
        encoding="utf-8",
    )


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """Give a folder for the month: in memory, where the machine has that; nothing durable is asked."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place, prefix="harvester-month-") as made:
        yield Path(made)


def processor_s() -> float:
    """Return the seconds of processor that this process and those it waited for have used."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def report(verdict: Verdict, died: int, faults: int, took: tuple[float, float], count: int) -> None:
    """Print the table; `took` is seconds by the clock and of processor."""
    console = Console(highlight=False)
    clock_s, used_s = took
    console.print(f"A month, {count} articles: {clock_s:.1f} s, {used_s:.1f} s of processor")
    table = Table("event", "staged", "told")
    for kind in sorted({*verdict.staged, *verdict.told}):
        table.add_row(kind, str(verdict.staged.get(kind, 0)), str(verdict.told.get(kind, 0)))
    for kind, number in sorted(verdict.quiet.items()):
        table.add_row(kind, "–", str(number), style="dim")
    console.print(table)
    console.print(
        f"{verdict.requests} requests ({1000 * used_s / verdict.requests:.1f} ms of processor each), "
        f"no two of a host within {verdict.closest_s:.2f} s, "
        f"{verdict.while_open} to a host with an open breaker; killed {died} times, no room {faults} times"
    )
    for line in verdict.wrong[:20]:
        console.print(f"WRONG: {line}", style="red", markup=False)
    words = (
        "every staged event is told once, nothing else"
        if not verdict.wrong
        else f"{len(verdict.wrong)} wrong"
    )
    console.print(words, style="red" if verdict.wrong else "green")


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(prog="benchmarks.simulate")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where to keep the archive; else it is removed")
    given = parser.parse_args()
    if given.articles < _FEWEST:
        parser.error(f"at least {_FEWEST} articles: one of every kind")
    with workplace() as made:
        folder = given.keep or made
        folder.mkdir(parents=True, exist_ok=True)
        began, used_s = time.monotonic(), processor_s()
        verdict, died, faults = simulate(folder, given.articles, given.seed)
        took = (time.monotonic() - began, processor_s() - used_s)
        report(verdict, died, faults, took, given.articles)
    return 1 if verdict.wrong or died != 3 or not faults else 0


if __name__ == "__main__":
    sys.exit(main())
