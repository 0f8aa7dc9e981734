"""How far one machine goes: captures a day at polite pace, from the options; bytes a capture, measured.

`python -m benchmarks.reach` measures. docs/scale.md has the computed tables from here (`make docs`).
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

from harvester.capture import CaptureOptions
from harvester.watch.plan import Plan

DAY_S: Final = 86_400
CORPUS: Final = Path(os.environ.get("HARVESTER_CORPUS", "../shared/corpus"))
YEARS: Final = (1, 2, 5, 10)
_VISITS: Final = 3


def at_pace(options: CaptureOptions) -> int:
    """Return the pages that a host is asked for in a day by pace alone: pauses are stretched at random."""
    mean_s = options.page_interval_s * (1 + options.jitter_fraction / 2)
    return int(DAY_S / mean_s)


def a_day(options: CaptureOptions) -> int:
    """Return the pages that a host is asked for in a day: what pace and daily cap both allow."""
    return min(at_pace(options), options.daily_pages)


def visits(plan: Plan, age: timedelta) -> float:
    """Return how often an article has been visited at an age, its first visit included, by its plan."""
    reached = min(age, plan.until or age)
    steps = sum(step <= reached for step in plan.steps)
    last = plan.steps[-1] if plan.steps else timedelta(0)
    every = plan.then.every if plan.then else None
    return 1 + steps + (max(timedelta(0), reached - last) / every if every else 0)


def new_a_day(options: CaptureOptions, plan: Plan, age: timedelta) -> int:
    """Return for how many new articles a day a host's pages suffice, those of the last `age` revisited."""
    return int(a_day(options) / visits(plan, age))


def tables() -> str:
    """Return the computed part of docs/scale.md."""
    options, plan = CaptureOptions(), Plan()
    pause = f"{options.page_interval_s:g} s, stretched at random by up to {options.jitter_fraction:.0%}"
    belongings = f"one in {options.asset_interval_s:g} s, not counted in the cap"
    young = Plan(steps=plan.steps, then=None)
    rows = [
        f"| {years} year{'s' if years > 1 else ''} | {visits(plan, _years(years)):.0f} | "
        f"{new_a_day(options, plan, _years(years))} | {new_a_day(options, young, _years(years))} |"
        for years in YEARS
    ]
    return "\n".join(
        [
            "| by default, of one host | |",
            "| --- | --- |",
            f"| pause between two pages (`page_interval_s`) | {pause} |",
            f"| pages a day at that pace | {at_pace(options)} |",
            f"| cap of a day (`daily_pages`) | {options.daily_pages} |",
            f"| **pages a day** | **{a_day(options)}** |",
            f"| images and other belongings (`asset_interval_s`) | {belongings} |",
            "",
            '| watching since | visits of an article of that age | new articles a day | with `then = ""` |',
            "| --- | --- | --- | --- |",
            *rows,
        ]
    )


def _years(count: int) -> timedelta:
    return timedelta(days=365 * count)


class Stored(NamedTuple):
    """Bytes a capture: of the page itself, in WARC files, in compact form, and of all that is derived.

    `cpu_ms` is the processor time of a capture, with that of the origin that serves it.
    """

    pages: int
    cpu_ms: float
    page: float
    warc: float
    compact: float
    derived: float


def measure(pages: dict[str, list[bytes]]) -> Stored:
    """Capture pages over a loopback origin, each as often as it has forms, then compact the archive."""
    from fixtures import Origin, Site
    from fixtures.behaviours import by_visit, plain
    from harvester.cli.app import run
    from harvester.watch.status import sizes

    behaviours = {
        url: by_visit({n: plain(body) for n, body in enumerate(forms, 1)}, plain(forms[-1]))
        for url, forms in pages.items()
    }
    count = max(len(forms) for forms in pages.values())
    captures = sum(map(len, pages.values()))
    with tempfile.TemporaryDirectory() as folder, Origin(Site.of(behaviours)) as origin, _quietly(folder):
        archive = Path(folder) / "a"
        where = ["--archive", str(archive)]
        began_s = time.process_time()
        for _ in range(count):
            run(["fetch", *pages, *where, "--no-images", "--no-requisites", *origin.options])
        cpu_ms = (time.process_time() - began_s) / captures * 1000
        full = sizes(archive)
        run(["compact", "--delete-originals", *where])
        small = sizes(archive)["warc"]
    body = sum(len(form) for forms in pages.values() for form in forms)
    derived = sum(size for name, size in full.items() if name not in {"warc", "journal"})
    return Stored(
        len(pages), cpu_ms, body / captures, full["warc"] / captures, small / captures, derived / captures
    )


@contextlib.contextmanager
def _quietly(folder: str) -> Iterator[None]:
    before = os.environ.get("HARVESTER_STATE")
    os.environ["HARVESTER_STATE"] = f"{folder}/state"
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        os.environ.pop("HARVESTER_STATE")
        if before is not None:
            os.environ["HARVESTER_STATE"] = before


def fixture_pages() -> dict[str, list[bytes]]:
    """Return pages of ours, of the size that real ones have, as several visits bring them: nonces differ."""
    from dataclasses import replace

    from fixtures.pages.wechat_article import Recent, article_page
    from fixtures.stories import lighthouse_article

    story, found = lighthouse_article(), {}
    for number in range(4):
        article = replace(story, title=f"{story.title}（{number}）", mid=2247600000 + number)
        forms = [article_page(article, Recent(era=2026, nonce=f"{number}{n}")) for n in range(_VISITS)]
        found[f"https://mp.weixin.qq.com/s/ReachFixture{number:010d}"] = forms
    return found


def saved_pages(folder: str, *, least_bytes: int = 0) -> tuple[dict[str, list[bytes]], float]:
    """Return the saved articles of a folder of the corpus, and how many images they have (median)."""
    found: dict[str, list[bytes]] = {}
    images = []
    for entry in json.loads((CORPUS / "manifest.json").read_text(encoding="utf-8")):
        if entry.get("state") != "ok" or not entry["file"].startswith(folder):
            continue
        data = gzip.decompress((CORPUS / entry["file"]).read_bytes())
        if len(data) >= least_bytes:
            host = "mp.weixin.qq.com/s/" if folder == "wechat/" else "www.mfa.gov.cn/web/reach/"
            found[f"https://{host}ReachSaved{len(found):012d}"] = [data]
            images.append(len(entry.get("gold", {}).get("image_urls", ())))
    return found, statistics.median(images) if images else 0


def main() -> None:
    """Print the computed tables, then what was measured."""
    print(tables())
    print("\n| pages | captures of each | page | .warc.gz | compact | derived | images (median) | ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    _print(f"ours, {_VISITS} visits with other nonces", measure(fixture_pages()), _VISITS, None)
    if not (CORPUS / "manifest.json").exists():
        print(f"NOT MEASURED: no saved pages at {CORPUS}")
        return
    for words, folder, least in (
        ("saved WeChat articles and shares of 1 MB and more", "wechat/", 1 << 20),
        ("saved WeChat articles and shares, all", "wechat/", 0),
        ("saved Ministry articles", "mfa/", 0),
    ):
        pages, images = saved_pages(folder, least_bytes=least)
        _print(words, measure(pages), 1, images)


def _print(words: str, stored: Stored, times: int, images: float | None) -> None:
    sizes = " | ".join(f"{size / 1000:.1f} kB" for size in stored[2:])
    counted = "–" if images is None else f"{images:g}"
    print(f"| {words} ({stored.pages}) | {times} | {sizes} | {counted} | {stored.cpu_ms:.0f} |")


if __name__ == "__main__":
    main()
