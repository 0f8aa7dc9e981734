"""The processes that are killed, limited, or run beside others: a line for all that they are told is safe.

`record ID SEED`, `derived NAME`, `taken FILE SHA256`, `error TEXT`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import IO

from archive.errors import HarvesterError, LockedError
from benchmarks.faults.scenario import Promises, body_of, metadata, opened, response, utc_now

DERIVED = b'{"version": 2}\n'


def say(*words: object) -> None:
    """Print a line at once."""
    print(*words, flush=True)


def write_on(root: Path, foreign: list[Path], seed: str, *, rounds: Iterable[int]) -> None:
    """Open, append, take in, derive, reindex, close; again and again."""
    for number in rounds:
        with opened(root, clock=utc_now) as archive:
            for part in range(Random(f"{seed}{number}").randrange(1, 9)):
                mark = f"{seed}/{number}/{part}"
                page = response(body_of(mark))
                archive.append([metadata(page), page])
                say("record", page.record_id, mark)
            path = foreign[number % len(foreign)]
            with archive.taking_in() as intake, path.open("rb") as file:
                staged = intake.stage(file, str(path))
                if staged.held is None:
                    intake.judge(staged)
                    intake.settle(staged)
                say("taken", staged.held or staged.name, staged.sha256)
            archive.write_derived(f"documents/2026/01/{seed}.json", DERIVED)
            say("derived", f"documents/2026/01/{seed}.json")
            if number % 3 == 2:
                archive.reindex()


def main(arguments: list[str]) -> None:
    """`write ROOT FOREIGN SEED`: until killed; `once … BYTES`: one round under a limit; `reindex ROOT`."""
    what, root = arguments[0], Path(arguments[1])
    foreign = sorted(Path(arguments[2]).iterdir()) if len(arguments) > 2 else []
    say("ready")
    if what == "write":
        write_on(root, foreign, arguments[3], rounds=count())
    elif what == "once":
        size = int(arguments[4])
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        for number in range(4):
            try:
                write_on(root, foreign, arguments[3], rounds=[number])
            except HarvesterError as error:
                say("error", type(error).__name__, str(error).replace("\n", "\\n"))
    elif what == "reindex":
        while True:
            try:
                with opened(root, clock=utc_now) as archive:
                    archive.reindex()
            except LockedError:
                continue


def promises_of(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines of a child that came whole."""
    for line in lines:
        if line.endswith("\n"):
            word, *rest = line.split(" ") if line.startswith("error") else line.split()
            yield word, rest


def keep(promises: Promises, word: str, rest: list[str]) -> None:
    """Note what a child's line promises."""
    if word == "record":
        promises.records[rest[0]] = response(body_of(rest[1])).block.read()
    elif word == "taken":
        promises.taken[rest[0]] = rest[1]
    elif word == "derived":
        promises.derived[rest[0]] = DERIVED
    elif word == "error":
        promises.errors.append(HarvesterError(" ".join(rest[1:]).strip().replace("\\n", "\n")))


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start a child and wait until it is about to begin."""
    command = [sys.executable, "-m", "benchmarks.faults.child", *map(str, arguments)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    out_of(child).readline()
    return child


def out_of(child: subprocess.Popen[str]) -> IO[str]:
    """Return what a child prints."""
    if child.stdout is None:
        raise ValueError("a child without a pipe")
    return child.stdout


if __name__ == "__main__":
    main(sys.argv[1:])
