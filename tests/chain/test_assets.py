"""Attachments and requisites of fetched pages: what is asked, once, of whom, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, read_warc
from fixtures import Origin
from fixtures.behaviours import plain, redirect, throttled
from fixtures.images import png
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.papers import pdf
from fixtures.stories import lighthouse_article
from fixtures.world import ANNEX, SOFT_404_URL
from harvester.bodies import body_of
from harvester.capture.note import note_from_bytes
from harvester.library import Library
from harvester.requisites import belongings

ARTICLE = lighthouse_article()
URL = ARTICLE.short_url
RES = "https://res.wx.qq.com/fixture/assets/"
DIGEST = "mf7x2k9q4c1d09ab"
Serve = Callable[..., Origin]


def fetch(harvester: Any, origin: Origin, *urls: str, more: tuple[str, ...] = ()) -> Any:
    answer = harvester("fetch", *urls, "--archive", "a", "--json", *more, *origin.options)
    return answer.json["results"]


def asset_rows(archive: Path, page: str, role: str | None = None) -> list[Any]:
    with Archive.open(archive) as held, Library(held) as library:
        return library.assets_of(page, role)


def page_with(head: str) -> bytes:
    page = article_page(ARTICLE, Recent(era=2026, script_bytes=2_000, nonce="1"))
    return page.replace(b"</head>", head.encode() + b"</head>")


def test_a_page_is_captured_with_all_that_shows_it(harvester: Any, world: Any, tmp_path: Path) -> None:
    """Styles, their imports and pictures, modules and what they load come with the page, from the asset hosts
    alone, with the publisher's Referer; every row and note has the role; nothing belongs to the page unheld.
    """
    pages, origin = world
    [result] = fetch(harvester, origin, pages.article_url)
    assert result["requisites"] == {"fetched": 8, "held": 0, "failed": [], "left_out": {}}
    asked = [seen for seen in origin.exchanges if seen.host == "res.wx.qq.com"]
    assert len({seen.target for seen in asked}) == len(asked) == 7
    assert {seen.referer for seen in asked} == {"https://mp.weixin.qq.com/"}
    rows = asset_rows(tmp_path / "a", pages.article_url)
    assert {row.role for row in rows} == {"image", "requisite"}
    with Archive.open(tmp_path / "a") as held, Library(held) as library:
        row = library.find(pages.article_url)
        entry = held.entry(row.record_id)
        assert entry is not None
        body = body_of(held.read(entry.location))
        assert body is not None

        def lookup(url: str) -> bytes | None:
            asset = library.asset(url)
            place = held.entry(asset.record_id) if asset else None
            found = body_of(held.resolved(held.read(place.location))) if place else None
            return found.data if found else None

        belong = belongings(library.document(row), body.data, pages.article_url, body.content_type, lookup)
    assert {row.url: row.role for row in rows} == belong
    notes = [
        note
        for path in sorted((tmp_path / "a" / "warc").glob("*.warc.gz"))
        for record in read_warc(path)
        if record.type == "metadata" and (note := note_from_bytes(record.block)) and note.role == "asset"
    ]
    assert sorted(note.asset_role or "" for note in notes) == sorted(row.role for row in rows)


def test_what_is_held_is_not_asked_again(harvester: Any, world: Any) -> None:
    """A second page of the same layout asks for its own pictures only."""
    pages, origin = world
    fetch(harvester, origin, pages.article_url)
    before = [seen for seen in origin.exchanges if seen.host == "res.wx.qq.com"]
    [second] = fetch(harvester, origin, pages.repost_url)
    assert second["requisites"]["held"] == len(before)
    assert [seen for seen in origin.exchanges if seen.host == "res.wx.qq.com"] == before


def test_attachments_are_captured_with_their_page(harvester: Any, world: Any, tmp_path: Path) -> None:
    """The Ministry's annex is held byte for byte, also without images and requisites; `show` joins it."""
    pages, origin = world
    [result] = fetch(harvester, origin, pages.original_url, more=("--no-images", "--no-requisites"))
    assert result["attachments"] == {"fetched": 1, "held": 0, "failed": [], "left_out": {}}
    assert result["images"] is result["requisites"] is None
    assert len(origin.exchanges) == 2
    [row] = asset_rows(tmp_path / "a", pages.original_url, "attachment")
    assert row.url.endswith(ANNEX)
    shown = harvester("show", pages.original_url, "--archive", "a").json
    assert shown["records"]["attachments"][row.url]["record_id"] == row.record_id


NO_PAPER = {
    "a page": (plain(b"<!DOCTYPE html><html>no such file</html>"), "not-an-attachment"),
    "the soft 404": (redirect(SOFT_404_URL), "not-an-attachment"),
    "nothing": (plain(b"", content_type="application/pdf"), "empty"),
    "missing": (plain(b"no", status=404), "http-404"),
}


@pytest.mark.parametrize("name", NO_PAPER)
def test_an_attachment_that_does_not_serve_is_a_failure(
    harvester: Any, serve: Serve, world: Any, name: str
) -> None:
    """A page in a file's place is not the file: the failure is told, the capture stands."""
    pages, _ = world
    behaviour, why = NO_PAPER[name]
    answers = {f"https://{host}{target}": one for (host, target), one in pages.routes.items()}
    paper = next(url for url in answers if url.endswith(ANNEX))
    origin = serve(answers | {paper: behaviour})
    [result] = fetch(harvester, origin, pages.original_url)
    assert result["state"] == "ok"
    assert result["attachments"]["failed"] == [[paper, why]]
    assert result["requisites"]["failed"] == []


def test_a_requisite_that_fails_is_told(harvester: Any, serve: Serve) -> None:
    """A missing file and a page in a file's place are failures; an empty stylesheet is one."""
    page = page_with(
        "<link rel=stylesheet href=//res.wx.qq.com/e.css><script src=//res.wx.qq.com/h.js></script>"
    )
    origin = serve(
        {
            URL: plain(page),
            "https://res.wx.qq.com/e.css": plain(b"", content_type="text/css"),
            "https://res.wx.qq.com/h.js": plain(b"<html>gone</html>"),
        }
    )
    [result] = fetch(harvester, origin, URL, more=("--no-images",))
    assert result["state"] == "ok"
    assert result["requisites"] == {
        "fetched": 1,
        "held": 0,
        "failed": [[f"{RES}index.css", "http-404"], ["https://res.wx.qq.com/h.js", "not-a-requisite"]],
        "left_out": {},
    }


def many(count: int) -> str:
    return "".join(f"<script src=//res.wx.qq.com/s{n}.js></script>" for n in range(count))


def test_a_host_that_throttles_is_left_alone(harvester: Any, serve: Serve) -> None:
    """429 from an asset host: one request, the rest is not asked for, other hosts are, the page stands."""
    origin = serve(
        {URL: plain(page_with(many(5)))},
        fallbacks={
            "res.wx.qq.com": throttled("3600"),
            "mmbiz.qpic.cn": plain(png(), content_type="image/png"),
        },
    )
    [result] = fetch(harvester, origin, URL)
    assert result["state"] == "ok"
    assert result["images"]["failed"] == []
    assert len(result["requisites"]["failed"]) == 1
    assert result["requisites"]["left_out"] == {"blocked": 5}
    assert sum(seen.host == "res.wx.qq.com" for seen in origin.exchanges) == 1


def test_a_host_that_refuses_is_not_pressed(harvester: Any, serve: Serve) -> None:
    """Three times 403 in a row, and no more of the page is asked of that host."""
    origin = serve(
        {URL: plain(page_with(many(9)))}, fallbacks={"res.wx.qq.com": plain(b"Forbidden", status=403)}
    )
    [result] = fetch(harvester, origin, URL, more=("--no-images",))
    assert [why for _, why in result["requisites"]["failed"]] == ["http-403"] * 3
    assert result["requisites"]["left_out"] == {"refused": 7}
    assert sum(seen.host == "res.wx.qq.com" for seen in origin.exchanges) == 3


def test_the_number_is_capped_and_told(harvester: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond the cap is counted, not asked for."""
    monkeypatch.setitem(__import__("harvester.assets").assets._MAX, "requisite", 3)
    script = plain(b"1;", content_type="text/javascript")
    origin = serve({URL: plain(page_with(many(9)))}, fallbacks={"res.wx.qq.com": script})
    [result] = fetch(harvester, origin, URL, more=("--no-images",))
    assert result["requisites"] == {"fetched": 3, "held": 0, "failed": [], "left_out": {"cap": 7}}


def test_old_names_are_asked_for_again(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A held requisite whose name does not tell its content comes again when it is of age; others never."""
    head = (
        f"<script src=//res.wx.qq.com/plain.js></script><script src=//res.wx.qq.com/a.{DIGEST}.js></script>"
    )
    script = plain(b"1;", content_type="text/javascript")
    origin = serve({URL: plain(page_with(head))}, fallbacks={"res.wx.qq.com": script})
    fetch(harvester, origin, URL, more=("--no-images",))
    (tmp_path / "harvester.toml").write_text('[fetch]\nrequisite_age = "1s"\n', encoding="utf-8")
    with Archive.open(tmp_path / "a", write=True) as held, Library(held, write=True) as library:
        library._rows._db.execute("update assets set fetch_date = '2020-01-01T00:00:00Z'")
    [again] = fetch(harvester, origin, URL, more=("--no-images",))
    assert (again["requisites"]["fetched"], again["requisites"]["held"]) == (2, 1)


def test_roles_come_back_with_the_library(harvester: Any, world: Any, tmp_path: Path) -> None:
    """`reindex` reads the roles from the notes in the WARC files."""
    pages, origin = world
    fetch(harvester, origin, *pages.urls)
    before = [asset_rows(tmp_path / "a", url) for url in pages.urls]
    for path in (tmp_path / "a" / "library").iterdir():
        path.unlink()
    assert harvester("reindex", "--archive", "a").code == 0
    assert [asset_rows(tmp_path / "a", url) for url in pages.urls] == before


def test_a_person_is_told_in_a_line_a_role(harvester: Any, world: Any) -> None:
    """Counts by role; failures grouped by reason; nothing of a role that the page has not."""
    pages, origin = world
    answer = harvester("fetch", pages.original_url, "--archive", "a", *origin.options)
    assert "attachments: 1 fetched" in answer.err
    assert "requisites: 5 fetched" in answer.err
    assert "images:" not in answer.err


def test_papers_are_valid() -> None:
    """The annex's cross-reference table points at its objects (ISO 32000-1, 7.5.4)."""
    data = pdf(("a (b) \\ c",))
    start = int(data.split(b"startxref\n")[1].split(b"\n")[0])
    assert data[start:].startswith(b"xref\n0 6\n")
    rows = data[start:].split(b"\n")[3:8]
    for number, row in enumerate(rows, 1):
        assert data[int(row[:10]) :].startswith(b"%d 0 obj" % number)
