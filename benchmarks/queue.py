"""The queue at work: choosing the next of 100 000 items, as a runner does, with its visits in between."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.simulate import plan
from benchmarks.simulate.clock import SharedClock
from harvester.capture import FailedAttempt
from harvester.cli.session import Session
from harvester.config import load
from harvester.state import state_directory
from harvester.watch.queue import Queue, queue_path
from harvester.watch.runner import Runner

ITEMS = 100_000
CHOICES = 2_000


class _Unreachable:
    """A wire on which every host refuses the connection: each visit is one record, and soon over."""

    def __init__(self, clock: SharedClock) -> None:
        self._clock = clock

    def exchange(self, url: str, **_: object) -> FailedAttempt:
        now = self._clock.now()
        return FailedAttempt(
            url=url, request=None, reason="refused", message="refused", started=now, ended=now, peer_ip=None
        )

    def close(self) -> None:
        pass


def _configure(folder: Path, hosts: int) -> None:
    names = [f"host{number}.example" for number in range(hosts)]
    lines = [f"https://{names[number % hosts]}/{number * 7919 % ITEMS}" for number in range(ITEMS)]
    (folder / "urls.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "harvester.toml").write_text(
        f'archive = "a"\n[fetch]\ndaily_pages = {ITEMS}\nallow_hosts = {names}\n'
        '[[watch]]\nfiles = ["urls.txt"]\n',
        encoding="utf-8",
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of the clock for each choice, in order; of the processor for each, for each visit, for a
    start with a queue that is there.
    """

    choices: list[float]
    of_processor: list[float]
    visits: list[float]
    start: float


def measured(folder: Path, hosts: int, choices: int) -> Measured:
    """Choose and visit, again and again."""
    _configure(folder, hosts)
    clock = SharedClock(folder / "clock", start=plan.START)
    loaded = load(folder / "harvester.toml")
    found = Measured([], [], [], 0.0)
    with (
        Session(folder / "a", loaded, clock=clock, wire=_Unreachable(clock)) as session,
        Queue(queue_path(state_directory(), folder / "a")) as queue,
    ):
        runner = Runner(session, loaded, queue, clock)
        runner.sync()
        for _ in range(choices):
            processor, began = time.process_time(), time.perf_counter()
            item = runner.take()
            found.choices.append(1000 * (time.perf_counter() - began))
            found.of_processor.append(1000 * (time.process_time() - processor))
            if item is None:
                raise RuntimeError("nothing is due")
            processor = time.process_time()
            list(runner.visit(item))
            found.visits.append(1000 * (time.process_time() - processor))
        processor = time.process_time()
        Runner(session, loaded, queue, clock).sync()
        return replace(found, start=1000 * (time.process_time() - processor))


def _shares(values: Sequence[float]) -> str:
    ordered = sorted(values)
    picked = (ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1])
    return " ".join(f"{value:8.2f}" for value in picked)


def main() -> None:
    """Print milliseconds for a choice, lease written."""
    parser = argparse.ArgumentParser(prog="benchmarks.queue")
    parser.add_argument("--choices", type=int, default=CHOICES)
    given, _ = parser.parse_known_args()
    print(f"QUEUE  {ITEMS} items, {given.choices} choices with visits in between, ms (median, p99, worst)\n")
    print("   hosts   a choice, by the clock       of the processor             a visit      a start")
    for hosts in (1, 10, 100):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["HARVESTER_STATE"] = folder
            found = measured(Path(folder), hosts, given.choices)
        visit = sorted(found.visits)[len(found.visits) // 2]
        shares = f"{_shares(found.choices)}   {_shares(found.of_processor)}"
        print(f"{hosts:8d} {shares}   {visit:8.2f}   {found.start:8.0f}")


if __name__ == "__main__":
    main()
