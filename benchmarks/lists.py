"""Commands over long lists: a journal, a file and a queue of 100 000 URLs, an archive of 5 000 articles.

Each command is a process of its own, as its user starts it; the start of a run is measured in this process,
up to the first choice, for what follows is the network's. Processor time counts: seconds of the command and
of what it starts, and by the clock in brackets.

`python -m benchmarks.lists [--items N] [--articles N] [--only WORD]`
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.shelf import document, prose, shelf
from harvester.cli.session import Session
from harvester.clock import SystemClock
from harvester.config import load
from harvester.document import Document
from harvester.state import state_directory
from harvester.watch import journal
from harvester.watch.queue import Queue, queue_path
from harvester.watch.runner import Runner

ITEMS = 100_000
ARTICLES = 5_000
NEW = "https://www.mfa.gov.cn/web/zyxw/209912/t20991231_99999999.shtml"


def url(number: int) -> str:
    """Return one of the URLs: half of the Ministry, a quarter each of WeChat's long and short form."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    match number % 4:
        case 0:
            biz = f"Mzk{number % 97:07d}Mg=="
            return f"https://mp.weixin.qq.com/s?__biz={biz}&mid={2650000000 + number}&idx=1&sn={digest[:32]}"
        case 1:
            return f"https://mp.weixin.qq.com/s/{digest[:22]}"
        case _:
            month = 1 + number % 12
            return f"https://www.mfa.gov.cn/web/zyxw/2031{month:02d}/t2031{month:02d}01_{number:08d}.shtml"


def _articles(count: int) -> Iterator[Document]:
    chance = random.Random(7)
    for number in range(count):
        text = prose(chance, 200)
        date = f"2031-05-{1 + number % 28:02d}T08:00:00Z"
        yield document(text, title=text[:20], key=f"url:{number}", url=url(number), fetch_date=date)


class Bench:
    """One folder with configuration, archive and state."""

    def __init__(self, folder: Path, items: int) -> None:
        self.folder = folder
        self.items = items
        self.environment = {**os.environ, "HARVESTER_STATE": str(folder / "state")}
        self.environment.pop("HARVESTER_ARCHIVE", None)
        (folder / "urls.txt").write_text("\n".join(map(url, range(items))), encoding="utf-8")
        self.configure("")

    def configure(self, watch: str) -> None:
        """Write the configuration with this of a watch in it."""
        text = f'archive = "a"\n[fetch]\ndaily_pages = {self.items}\n[operator]\ncontact = "a@example.net"\n'
        (self.folder / "harvester.toml").write_text(text + watch, encoding="utf-8")

    def fill_journal(self) -> None:
        """Write a journal of finds, as a source's were written."""
        finds = [
            journal.Find(at="2031-05-08T00:00:00Z", url=url(n), watch="added", via="by hand", added=True)
            for n in range(self.items)
        ]
        journal.append(self.folder / "a", journal.FOUND, finds)

    def visited(self) -> None:
        """Note in the queue that all were visited today."""
        with Queue(queue_path(state_directory(), self.folder / "a")) as queue:
            queue._run(  # noqa: SLF001 - as if time had passed
                "update items set first_s = found_s, last_s = found_s, attempted_s = found_s, "
                "event = 'captured', due_s = found_s + 86400"
            )

    def command(self, title: str, *arguments: str, times: int = 1) -> None:
        """Run a command, and print what the last of its runs took."""
        for _ in range(times):
            began = time.perf_counter()
            with subprocess.Popen(
                [sys.executable, "-m", "harvester", *arguments],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            ) as process:
                said = (process.stderr.read() if process.stderr else b"").decode()
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in {0, 1}:
                raise RuntimeError(said[-2000:])
            row(title, used.ru_utime + used.ru_stime, time.perf_counter() - began)

    def start(self, title: str) -> None:
        """Begin a run as `harvester run` does, up to its first choice."""
        loaded = load(self.folder / "harvester.toml")
        with ExitStack() as held:
            session = held.enter_context(Session(self.folder / "a", loaded))
            began, processor = time.perf_counter(), time.process_time()
            queue = held.enter_context(Queue(queue_path(state_directory(), self.folder / "a")))
            runner = Runner(session, loaded, queue, SystemClock())
            runner.sync()
            runner.take()
            row(title, time.process_time() - processor, time.perf_counter() - began)
            runner.close()


def row(title: str, processor_s: float, clock_s: float) -> None:
    """Print one line of the table."""
    print(f"  {title:<64} {processor_s:6.2f} ({clock_s:.2f})", flush=True)


def adding(bench: Bench) -> None:
    """One URL is added where very many were."""
    bench.command("add, an empty archive", "add", url(0))
    bench.fill_journal()
    bench.command("add of one to a journal of them: first, then again", "add", url(1), times=2)
    bench.command("add of one that is new", "add", NEW)


def listed(bench: Bench) -> None:
    """A run begins where very many are listed, or found; the queue is looked at."""
    bench.configure('[[watch]]\nfiles = ["urls.txt"]\n')
    for number in range(2):
        bench.start(f"start of a run with them listed, {number + 1}.")
    bench.visited()
    bench.start("start of a run with them listed, all visited")
    bench.command("status with them listed", "status", times=2)
    bench.command("add of one with them listed", "add", NEW, times=2)


def found(bench: Bench) -> None:
    """The same, where the journal names them."""
    bench.command("add, an empty archive", "add", NEW)
    bench.fill_journal()
    for number in range(2):
        bench.start(f"start of a run with them found, {number + 1}.")
    bench.command("status with them found", "status", times=2)


def discovering(bench: Bench) -> None:
    """A file of them is proposed, and looked at again."""
    bench.command("add, an empty archive", "add", NEW)
    bench.command("discover of a file of them: first, then again", "discover", "urls.txt", times=2)
    bench.command("approve, one of them", "approve", url(3))
    bench.command("approve, all the others", "approve", "--all", "--json")


def telling(bench: Bench, articles: int) -> None:
    """Stories of many articles."""
    with shelf(bench.folder / "a") as made:
        made.put_many(_articles(articles))
    bench.fill_journal()
    bench.command(f"timeline, of {articles} articles", "timeline", url(4), times=2)
    bench.command(f"changes, of {articles} articles", "changes", "--since", "2031-01-01", times=2)
    bench.command(f"status, {articles} articles, the journal as long", "status", times=2)


def main() -> None:
    """Print seconds of processor, and by the clock."""
    parser = argparse.ArgumentParser(prog="benchmarks.lists")
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument(
        "--only", default="", help="part of a name: adding, listed, found, discovering, telling"
    )
    given, _ = parser.parse_known_args()
    print(f"LISTS  {given.items} URLs: seconds of processor (by the clock)\n")
    parts: list[Callable[[Bench], None]] = [adding, listed, found, discovering]
    parts.append(lambda bench: telling(bench, given.articles))
    names = ["adding", "listed", "found", "discovering", "telling"]
    for name, part in zip(names, parts, strict=True):
        if given.only in name:
            with tempfile.TemporaryDirectory() as folder:
                os.environ["HARVESTER_STATE"] = str(Path(folder) / "state")
                part(Bench(Path(folder), given.items))


if __name__ == "__main__":
    main()
