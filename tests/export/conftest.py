"""What the tests of exports share: the command line in its own folder, and an archive of a small world."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin, Site, demo_world
from fixtures.behaviours import plain, redirect
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester import extract
from harvester.cli.app import run
from harvester.document import Document

SCRIPT_BYTES = 5_000


Command = Callable[..., Any]


@dataclass(frozen=True)
class World:
    """An archive that was fetched once, and the URLs in it."""

    archive: Path
    repost: str
    original: str
    article: str
    deleted: str


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The demonstration's world in an archive."""
    folder = tmp_path_factory.mktemp("fetched")
    world = demo_world(script_bytes=SCRIPT_BYTES)
    with pytest.MonkeyPatch.context() as patch, Origin(world) as origin:
        patch.setenv("HARVESTER_STATE", str(folder / "state"))
        patch.chdir(folder)
        run(["fetch", *world.urls, "--archive", "a", *origin.options])
    return World(folder / "a", *world.urls)


@pytest.fixture
def world(fetched: World, tmp_path: Path) -> World:
    """A copy of it for one test."""
    shutil.copytree(fetched.archive, tmp_path / "a")
    return World(tmp_path / "a", fetched.repost, fetched.original, fetched.article, fetched.deleted)


@pytest.fixture
def moved(harvester: Command) -> Path:
    """An archive with an article that a short link redirects to."""
    article = lighthouse_article()
    page = article_page(article, Recent(era=2026, script_bytes=SCRIPT_BYTES, nonce="1"))
    pages = {
        article.short_url: plain(page),
        "https://mp.weixin.qq.com/s/FixtureMoved0000000001": redirect(article.short_url),
    }
    with Origin(Site.of(pages)) as origin:
        url = "https://mp.weixin.qq.com/s/FixtureMoved0000000001"
        harvester("fetch", url, "--archive", "m", "--no-images", *origin.options)
    return Path("m")


@pytest.fixture
def twice(harvester: Command) -> Path:
    """An archive with an article that was captured twice, its octets the same both times."""
    article = lighthouse_article()
    page = article_page(article, Recent(era=2026, script_bytes=SCRIPT_BYTES, nonce="1"))
    with Origin(Site.of({article.short_url: plain(page)})) as origin:
        for _ in range(2):
            harvester("fetch", article.short_url, "--archive", "t", "--no-images", *origin.options)
    return Path("t")


@pytest.fixture(scope="session")
def document() -> Document:
    """An article's document, as `extract` makes it of a page."""
    page = article_page(lighthouse_article(), Recent(era=2026, script_bytes=SCRIPT_BYTES, nonce="1"))
    found = extract(page, url=lighthouse_article().short_url)
    assert isinstance(found, Document)
    return found
