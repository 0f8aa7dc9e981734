"""What comes a second time is stored once, and read as if it had been stored twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, read_warc
from fixtures import Origin
from fixtures.behaviours import by_visit, chunked, coded, image, plain, redirect, until_close, validated
from fixtures.exchange import Behaviour
from fixtures.images import jpeg, placeholder, png
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester.library import Library

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))
URL = ARTICLE.short_url
OTHER = "https://mp.weixin.qq.com/s/AnotherFixtureArticle0"
NOT_MODIFIED = plain(b"", status=304)

PAGE_ALONE = ("--no-images", "--no-requisites")
Serve = Callable[..., Origin]


def captures(archive: Path) -> list[Any]:
    """Return responses and revisits of an archive, in order of time, read strictly."""
    records = [record for path in sorted((archive / "warc").glob("*.warc.gz")) for record in read_warc(path)]
    found = [record for record in records if record.type in {"response", "revisit"}]
    return sorted(found, key=lambda record: record.date)


def fetch(harvester: Any, origin: Origin, *urls: str, more: tuple[str, ...] = PAGE_ALONE) -> Any:
    return harvester("fetch", *urls, "--archive", "a", "--json", *more, *origin.options)


def documents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "documents").rglob("*.*"))}


def agree(harvester: Any, tmp_path: Path, count: int) -> None:
    """Hold fetch, reindex, rebuild and check against each other: the same documents, and no finding."""
    fetched = documents(tmp_path / "a")
    assert len(fetched) == 2 * count
    shutil.rmtree(tmp_path / "again", ignore_errors=True)
    assert harvester("rebuild", tmp_path / "a", "--output", "again").code == 0
    assert documents(tmp_path / "again") == fetched
    assert harvester("reindex", "--archive", "a").code == 0
    assert documents(tmp_path / "a") == fetched
    checked = harvester("check", "a", "--json")
    assert checked.code == 0, checked.out
    assert not [found for found in checked.json["findings"] if found["severity"] != "info"], checked.out


FRAMINGS: dict[str, Behaviour] = {
    "length": plain(PAGE),
    "chunked": chunked(PAGE),
    "chunked, trailers": chunked(PAGE, trailers=(("X-Check", "1"),), extension=";a=b"),
    "gzip": coded(PAGE, "gzip"),
    "until close": until_close(PAGE),
}


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_page_that_comes_again_is_a_revisit(
    harvester: Any, serve: Serve, tmp_path: Path, name: str
) -> None:
    """The second capture keeps its head only; resolved, it is what crossed the wire, octet for octet."""
    origin = serve({URL: FRAMINGS[name]})
    first, second = (fetch(harvester, origin, URL).json["results"][0] for _ in range(2))
    assert first["unchanged"] is None
    original, revisit = captures(tmp_path / "a")
    assert (original.type, revisit.type) == ("response", "revisit")
    assert second["state"] == "ok"
    assert second["unchanged"]["profile"] == "identical-payload-digest"
    assert second["unchanged"]["refers_to"] == original.record_id
    with Archive.open(tmp_path / "a") as archive:
        assert archive.resolved(revisit).block == origin.exchanges[1].message
        beside = {entry.type for entry in archive.concurrent_with(revisit.record_id)}
    assert beside == {"request", "metadata"}
    shown = harvester("show", second["id"], "--archive", "a").json
    assert shown["provenance"]["record_id"] == revisit.record_id
    assert shown["provenance"]["payload_record_id"] == original.record_id
    assert shown["provenance"]["block_digest"] == revisit.block_digest
    assert shown["records"]["payload"]["record_id"] == original.record_id
    assert shown["text"] == harvester("show", first["id"], "--archive", "a").json["text"]
    agree(harvester, tmp_path, 2)


def test_other_chunks_are_kept_whole(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """The octets of a chunked body show how the server cut it: cut elsewhere, it is stored again."""
    origin = serve({URL: by_visit({1: chunked(PAGE, size=4096)}, chunked(PAGE, size=4095))})
    fetch(harvester, origin, URL)
    again = fetch(harvester, origin, URL).json["results"][0]
    assert [record.type for record in captures(tmp_path / "a")] == ["response", "response"]
    assert again["unchanged"] is None


def test_an_image_of_two_pages_under_two_urls_is_stored_once(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """Images are told by their bytes: the second URL's capture refers to the first's."""
    picture = jpeg(400, 400)
    assert len(picture) > 1024
    shown = [f"https://mmbiz.qpic.cn/mmbiz_png/FIXTUREIMAGE{number}/640?wx_fmt=png" for number in range(2)]
    pages = {}
    for number, url in enumerate((URL, OTHER)):
        body = PAGE.replace(b"</p>", b'<img data-src="%s"></p>' % shown[number].encode(), 1)
        pages[url] = plain(body)
    origin = serve({**pages, **{url: image(picture, placeholder(), "jpeg") for url in shown}})
    for url in pages:
        fetch(harvester, origin, url, more=("--no-requisites",))
    found = [record for record in captures(tmp_path / "a") if record.target_uri in shown]
    assert [record.type for record in found] == ["response", "revisit"]
    assert found[1].get("WARC-Refers-To") == found[0].record_id
    assert found[1].get("WARC-Refers-To-Target-URI") == shown[0]
    agree(harvester, tmp_path, 2)


def test_what_has_not_changed_is_not_sent_again(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """The validators of the last good capture go with the request; the 304 is stored and read as the page."""
    origin = serve({URL: validated(PAGE)})
    results = [fetch(harvester, origin, URL).json["results"][0] for _ in range(3)]
    assert [result["state"] for result in results] == ["ok"] * 3
    assert results[2]["unchanged"]["profile"] == "server-not-modified"
    original, *later = captures(tmp_path / "a")
    assert [record.type for record in later] == ["revisit", "revisit"]
    for record, seen in zip(later, origin.exchanges[1:], strict=True):
        assert b'If-None-Match: "fixture-1"\r\n' in seen.request
        assert b"If-Modified-Since: Thu, 01 Jan 2026 08:00:00 GMT\r\n" in seen.request
        assert record.block == seen.message
        assert record.get("WARC-Profile").endswith("/server-not-modified")
        assert record.get("WARC-Refers-To") == original.record_id
    assert len(harvester("list", "--archive", "a", "--json").json) == 3
    agree(harvester, tmp_path, 3)


def test_it_is_said_in_words(harvester: Any, serve: Serve) -> None:
    """A person reads that nothing changed, since when, and how it is stored."""
    origin = serve({URL: validated(PAGE), OTHER: plain(PAGE)})
    said = [harvester("fetch", URL, "--archive", "a", *PAGE_ALONE, *origin.options).err for _ in range(2)]
    assert "unchanged" not in said[0]
    assert "unchanged from the capture of 20" in said[1]
    assert "the server says so" in said[1]
    same = harvester("fetch", OTHER, "--archive", "a", *PAGE_ALONE, *origin.options).err
    assert f"the same bytes as {URL}" in same


def test_conditional_requests_can_be_turned_off(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """`conditional = false`: every visit asks for the whole page; the bytes are still stored once."""
    (tmp_path / "harvester.toml").write_text("[fetch]\nconditional = false\n", encoding="utf-8")
    origin = serve({URL: validated(PAGE)})
    for _ in range(2):
        fetch(harvester, origin, URL)
    assert not any(b"If-" in seen.request for seen in origin.exchanges)
    assert captures(tmp_path / "a")[1].get("WARC-Profile").endswith("/identical-payload-digest")


STATES: dict[str, Behaviour] = {
    "a notice": validated(deleted_page()),
    "an error": plain(PAGE, status=404, fields=(("ETag", '"1"'),)),
    "an odd ETag": validated(PAGE, etag='bare"', modified="yesterday"),
    "a redirect": redirect(OTHER),
}


@pytest.mark.parametrize("name", STATES)
def test_nothing_is_asked_about_what_was_no_good(harvester: Any, serve: Serve, name: str) -> None:
    """No failure state, error or redirect is the ground of a condition, and no malformed validator."""
    origin = serve({URL: STATES[name], OTHER: plain(PAGE)})
    for _ in range(2):
        fetch(harvester, origin, URL)
    assert not any(b"If-" in seen.request for seen in origin.exchanges)


def test_nothing_is_asked_about_what_cannot_be_read_back(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """A damaged record could not be resolved: the page is fetched whole, and stored whole."""
    origin = serve({URL: validated(PAGE)})
    first = fetch(harvester, origin, URL).json["results"][0]
    place = harvester("show", first["id"], "--archive", "a").json["records"]["response"]
    path = tmp_path / "a" / "warc" / place["file"]
    data = bytearray(path.read_bytes())
    data[place["offset"] + place["length"] // 2] ^= 0x10
    path.write_bytes(bytes(data))
    again = fetch(harvester, origin, URL).json["results"][0]
    assert (again["state"], again["unchanged"]) == ("ok", None)
    assert b"If-" not in origin.exchanges[1].request


def test_nothing_is_asked_about_what_others_captured(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A page taken in from another archive is no ground: its body would be ours for its ETag alone."""
    origin = serve({URL: validated(PAGE)})
    fetch(harvester, origin, URL)
    [taken] = (tmp_path / "a" / "warc").glob("*.warc.gz")
    assert harvester("import", taken, "--archive", "b").code == 0
    answer = harvester("fetch", URL, "--archive", "b", "--json", *PAGE_ALONE, *origin.options)
    assert b"If-" not in origin.exchanges[1].request
    assert answer.json["results"][0]["unchanged"]["profile"] == "identical-payload-digest"


ANSWERS: dict[str, Behaviour] = {
    "never asked": NOT_MODIFIED,
    "another ETag": by_visit({1: validated(PAGE)}, plain(b"", status=304, fields=(("ETag", '"other"'),))),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_304_that_confirms_nothing_is_a_state(
    harvester: Any, serve: Serve, tmp_path: Path, name: str
) -> None:
    """Not asked for, or of another ETag: recorded as the response it is, told as http_error, exit 1."""
    origin = serve({URL: ANSWERS[name]})
    answers = [fetch(harvester, origin, URL) for _ in range(2)]
    assert answers[1].code == 1
    result = answers[1].json["results"][0]
    assert (result["state"], result["unchanged"]) == ("http_error", None)
    last = captures(tmp_path / "a")[-1]
    assert last.type == "response"
    assert last.block == origin.exchanges[-1].message
    assert harvester("rebuild", "a", "--output", "again").code == 0


def test_a_missing_file_is_told_everywhere(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Without the referred record: no document, an outcome in rebuild, a finding in check, exit 1."""
    origin = serve({URL: plain(PAGE)})
    for _ in range(2):
        fetch(harvester, origin, URL)
    original, revisit = captures(tmp_path / "a")
    first, second = sorted((tmp_path / "a" / "warc").glob("*.warc.gz"))
    assert first.name == original.location.file
    rebuilt = harvester("rebuild", second, "--output", "part", "--json")
    assert rebuilt.code == 1
    assert rebuilt.json["outcomes"] == {"unresolved": 1}
    assert original.record_id in rebuilt.json["unresolved"][0]
    [line] = (tmp_path / "part" / "captures.jsonl").read_text().splitlines()
    assert json.loads(line)["outcome"] == "unresolved"
    assert not (tmp_path / "part" / "documents").exists()
    # Both files, in whatever order their names put them, are enough.
    shutil.copy(first, tmp_path / "z.warc.gz")
    assert harvester("rebuild", second, "z.warc.gz", "--output", "whole").code == 0
    assert documents(tmp_path / "whole") == documents(tmp_path / "a")
    for path in first.parent.glob(first.name + "*"):
        path.unlink()
    checked = harvester("check", "a", "--json")
    assert checked.code == 1
    assert "E076" in {found["code"] for found in checked.json["findings"]}
    again = harvester("reindex", "--archive", "a", "--json")
    assert again.code == 1
    assert any(revisit.record_id in line for line in again.json["damaged"])


def test_a_revisit_never_refers_to_a_revisit(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """However often and under whatever URL the bytes come, all refer to the one response that has them."""
    origin = serve({URL: plain(PAGE), OTHER: validated(PAGE)})
    for url in (URL, OTHER, OTHER, URL, OTHER):
        fetch(harvester, origin, url)
    original, *later = captures(tmp_path / "a")
    assert {record.type for record in later} == {"revisit"}
    assert {record.get("WARC-Refers-To") for record in later} == {original.record_id}
    # The validators are in the head of a revisit, not of the response a 304 would be resolved with.
    assert not any(b"If-" in seen.request for seen in origin.exchanges)
    agree(harvester, tmp_path, 5)


def test_a_stylesheet_of_age_is_asked_about(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A requisite that is of age is asked about; the 304 is good, and what it requires is known."""
    css, picture = "https://res.wx.qq.com/fixture/plain.css", "https://res.wx.qq.com/fixture/dot.png"
    style = b"body { background: url(dot.png) }" + b" " * 2000
    pages = {
        URL: plain(PAGE.replace(b"</head>", b"<link rel=stylesheet href=%s></head>" % css.encode(), 1)),
        css: validated(style, content_type="text/css"),
        picture: plain(png(), content_type="image/png"),
    }
    origin = serve(pages)
    (tmp_path / "harvester.toml").write_text('[fetch]\nrequisite_age = "1s"\n', encoding="utf-8")
    fetch(harvester, origin, URL, more=())
    with Archive.open(tmp_path / "a", write=True) as held, Library(held, write=True) as library:
        library._rows._db.execute("update assets set fetch_date = '2020-01-01T00:00:00Z'")
    before = len(origin.exchanges)
    [again] = fetch(harvester, origin, URL, more=()).json["results"]
    assert css not in dict(again["requisites"]["failed"])
    asked = {seen.target: seen.request for seen in origin.exchanges[before:]}
    assert b"If-None-Match" in asked["/fixture/plain.css"]
    assert "/fixture/dot.png" in asked
    [first, second] = [record for record in captures(tmp_path / "a") if record.target_uri == css]
    assert second.get("WARC-Profile").endswith("/server-not-modified")
    assert second.get("WARC-Refers-To") == first.record_id
