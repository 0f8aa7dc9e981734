"""What was handed to a person: the lines' meaning, what answers what, and the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from fixtures.pages.failures import verification_page
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.saved import mhtml
from fixtures.stories import lighthouse_article
from harvester.capture.pace import OpenBreaker
from harvester.handoff import lines
from harvester.handoff.desk import Desk, Wanted
from harvester.handoff.lines import Line, standing
from harvester.handoff.page import handoff_html
from harvester.imports.importer import Importer
from harvester.library import Library

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=1_000, nonce="1"))
NOW = datetime(2026, 5, 8, 6, tzinfo=UTC)
DEMANDS = {"mp.weixin.qq.com at 127.0.0.1:1": OpenBreaker("verification", 0.0)}
SHORT = "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv"


class Room:
    """An archive with its hand-off, and an importer whose clock is set."""

    def __init__(self, archive: Archive, library: Library, folder: Path) -> None:
        self.now = NOW
        self.folder = folder
        self.directory = folder / "a"
        self.desk = Desk(archive, library)
        self._importer = Importer(archive, library, lambda: self.now)

    def bring(self, page: bytes, url: str) -> lines.Standing:
        path = self.folder / "page.mhtml"
        path.write_bytes(mhtml(page, url))
        return self.desk.refresh(self.now, self.desk.brought_by(list(self._importer.import_all([path]))))

    def ask(self, *urls: str, breakers: Any = DEMANDS) -> lines.Standing:
        return self.desk.hand_over([Wanted(url=url) for url in urls], breakers, self.now)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """An empty archive, open."""
    with Archive.open(tmp_path / "a", create=True, write=True) as held, Library(held, write=True) as library:
        yield Room(held, library, tmp_path)


def line(what: Any, url: str, **more: Any) -> Line:
    return Line(at="2026-05-08T06:00:00Z", what=what, url=url, **more)


def test_what_the_lines_say() -> None:
    """Asked once, closed once; what was dropped is remembered until somebody asks again."""
    found = standing(
        [
            line("asked", "a", title="A", account="x"),
            line("asked", "a", title="later"),
            line("asked", "b"),
            line("saved", "a", id="1"),
            line("fetched", "none"),
            line("dropped", "b"),
        ]
    )
    assert (list(found.open), found.dropped) == ([], {"b"})
    assert [(one.url, one.what, one.title) for one in found.closed] == [
        ("b", "dropped", None),
        ("a", "saved", "A"),
    ]
    again = standing([*([line("asked", "b"), line("dropped", "b")] * 2), line("asked", "b")])
    assert (list(again.open), again.dropped) == (["b"], frozenset())


@pytest.mark.parametrize(
    "asked", [ARTICLE.short_url, ARTICLE.long_url, ARTICLE.long_url + "&chksm=f&scene=1"]
)
@pytest.mark.parametrize("saved", [ARTICLE.short_url, ARTICLE.long_url])
def test_a_page_answers_by_what_it_says_it_is(room: Room, asked: str, saved: str) -> None:
    """Whatever form of its link was asked for, and whatever address it was saved under."""
    room.ask(asked, SHORT)
    found = room.bring(PAGE, saved)
    assert [one.url for one in found.open.values()] == [SHORT]
    assert [(one.what, one.method, one.title) for one in found.closed] == [("saved", "mhtml", ARTICLE.title)]


def test_what_is_no_answer(room: Room) -> None:
    """The demand itself, and what was captured before it was asked for, close nothing; a notice does."""
    room.bring(PAGE, ARTICLE.short_url)
    room.now += timedelta(hours=1)
    assert list(room.ask(ARTICLE.short_url, SHORT).open) == [ARTICLE.short_url, SHORT]
    assert room.desk.refresh(room.now).closed == ()
    room.now += timedelta(hours=1)
    assert room.bring(verification_page(SHORT), SHORT).closed == ()
    [closed] = room.bring(deleted_page(), SHORT).closed
    assert (closed.url, closed.state) == (SHORT, "deleted")


def test_who_is_asked_for_what(room: Room) -> None:
    """Only what hosts keep behind a verification, each once, and not what was dropped."""
    throttled = {"mp.weixin.qq.com": OpenBreaker("rate_limited", 0.0)}
    assert room.ask(SHORT, breakers=throttled).open == {}
    assert not room.desk.page.exists()
    assert list(room.ask(SHORT, "https://www.mfa.gov.cn/").open) == [SHORT]
    room.ask(SHORT)
    assert room.desk.drop([SHORT], room.now).open == {}
    assert room.ask(SHORT).open == {}
    assert (room.directory / "journal" / lines.FILE).read_text("utf-8").count("asked") == 1


def test_the_page_is_inert() -> None:
    """Hostile titles and addresses are words; nothing is loaded or run, and only web addresses are links."""
    hostile = '"><script>alert(1)</script>\u202e'
    found = standing(
        [line("asked", "javascript:alert(1)", title=hostile), line("asked", SHORT, account=hostile)]
    )
    page = handoff_html(found, "/in/<b>").decode()
    assert "<script" not in page
    assert "\u202e" not in page
    assert "<b>" not in page
    assert page.count(" href=") == 1
    assert "default-src 'none'" in page
    assert "没有待办" in handoff_html(standing([]), None).decode()
