"""`harvester fetch` against an origin that serves well, badly and maliciously."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, read_warc
from fixtures import Origin
from fixtures.behaviours import (
    by_visit,
    challenge,
    chunked,
    coded,
    flaky,
    plain,
    redirect,
    sets_cookie,
    throttled,
    until_close,
    verification_after,
)
from fixtures.misbehaviours import (
    bomb,
    close_mid_head,
    cut_coding,
    folded_head,
    garbage,
    lying_encoding,
    no_answer,
    reset,
    surplus,
    truncated_chunked,
    truncated_length,
    two_lengths,
)
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))
URL = ARTICLE.short_url
OTHER = "https://mp.weixin.qq.com/s/AnotherFixtureArticle0"

Serve = Callable[..., Origin]
BARE = ("--no-images", "--no-requisites")


def whole(archive: Path) -> list[Any]:
    """Read every WARC of an archive strictly; any damage raises."""
    return [record for path in sorted((archive / "warc").glob("*.warc.gz")) for record in read_warc(path)]


def responses(archive: Path) -> list[Any]:
    return [record for record in whole(archive) if record.type == "response"]


def fetch(harvester: Any, origin: Origin, *urls: str, more: tuple[str, ...] = BARE) -> Any:
    return harvester("fetch", *urls, "--archive", "a", "--json", *more, *origin.options)


def test_an_article_is_captured_byte_for_byte(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """The WARC holds what crossed the wire; the JSON holds the article; exit 0."""
    origin = serve({URL: plain(PAGE)})
    answer = fetch(harvester, origin, URL)
    assert answer.code == 0, answer.err
    [result] = answer.json["results"]
    assert result["state"] == "ok"
    assert result["title"] == ARTICLE.title
    [seen] = origin.exchanges
    records = whole(tmp_path / "a")
    assert [record.type for record in records if record.type != "resource"] == [
        "warcinfo",
        "metadata",
        "request",
        "response",
    ]
    by_type = {record.type: record for record in records}
    assert by_type["response"].block == seen.message
    assert by_type["request"].block == seen.request


def test_the_document_says_that_it_is_a_rehearsal(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A mapped capture says so in its warcinfo, its metadata record and its document."""
    origin = serve({URL: plain(PAGE)})
    fetch(harvester, origin, URL)
    shown = harvester("show", URL, "--archive", "a").json
    assert shown["capture"]["rehearsal"]["connect_to"]
    assert shown["capture"]["rehearsal"]["ca_file_sha256"]
    by_type = {record.type: record.block for record in whole(tmp_path / "a")}
    assert b"rehearsal" in by_type["warcinfo"]
    assert b"harvester-rehearsal" in by_type["metadata"]


def test_the_certificate_is_kept_once(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """The peer's certificate is a resource record, one for all exchanges that met it."""
    origin = serve({URL: plain(PAGE), OTHER: plain(PAGE)})
    fetch(harvester, origin, URL, OTHER)
    kept = [record for record in whole(tmp_path / "a") if record.content_type == "application/pkix-cert"]
    assert len(kept) == 1
    notes = [record for record in whole(tmp_path / "a") if record.type == "metadata"]
    digest = (kept[0].target_uri or "").rpartition(":")[2]
    assert all(digest.encode() in note.block for note in notes)


FINE = {
    "chunked": chunked(PAGE),
    "chunked in odd case": chunked(PAGE, header="transfer-ENCODING: Chunked", extension=";name=value"),
    "trailers": chunked(PAGE, trailers=(("X-Check", "1"),)),
    "gzip": coded(PAGE, "gzip"),
    "br": coded(PAGE, "br"),
    "stacked": coded(PAGE, "gzip, br"),
    "until close": until_close(PAGE),
    "surplus": surplus(PAGE),
    "folded": folded_head(PAGE),
    "cookie": sets_cookie(plain(PAGE)),
    "redirect": redirect("/s/Elsewhere0000000000000"),
    "second try": flaky(plain(PAGE)),
}


@pytest.mark.parametrize("name", FINE)
def test_odd_but_honest_answers_are_captured(harvester: Any, serve: Serve, tmp_path: Path, name: str) -> None:
    """Every framing and coding that HTTP allows gives the article, with the wire's bytes in the WARC."""
    origin = serve({URL: FINE[name], "https://mp.weixin.qq.com/s/Elsewhere0000000000000": plain(PAGE)})
    answer = fetch(harvester, origin, URL)
    assert answer.code == 0, answer.out + answer.err
    assert [record.block for record in responses(tmp_path / "a")] == [
        seen.message for seen in origin.exchanges
    ]
    assert origin.cookies == ()


BROKEN = {
    "length too long": truncated_length(PAGE),
    "cut chunk": truncated_chunked(PAGE),
    "declared br, plain": lying_encoding(PAGE),
    "cut gzip": cut_coding(PAGE),
    "bomb": bomb(),
    "two lengths": two_lengths(PAGE),
    "garbage": garbage(),
    "half a head": close_mid_head(),
    "no answer": no_answer(),
    "reset": reset(PAGE),
    "redirect to loopback": redirect("http://127.0.0.1:9/"),
    "redirect to a foreign host": redirect("https://example.org/"),
    "redirect to a file": redirect("file:///etc/passwd"),
    "endless redirect": redirect("/s/AnotherFixtureArticle0?again"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_answers_give_a_line_and_no_article(
    harvester: Any, serve: Serve, tmp_path: Path, name: str
) -> None:
    """A lie, a cut, a bomb or a trap: exit 1, a clear line, no article, and the archive stays whole."""
    origin = serve({URL: BROKEN[name], OTHER: redirect("/s/AnotherFixtureArticle0?again")})
    answer = fetch(harvester, origin, URL)
    assert answer.code == 1, answer.out + answer.err
    [result] = answer.json["results"]
    assert result["state"] != "ok"
    assert result["message"] or result["notice"] or result["state"] == "partial"
    whole(tmp_path / "a")
    assert not list((tmp_path / "a").glob("documents/**/*.json"))
    assert all(seen.host == "mp.weixin.qq.com" for seen in origin.exchanges)


def test_what_came_of_a_cut_answer_is_kept(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A cut body is stored with WARC-Truncated, as far as it came."""
    origin = serve({URL: truncated_length(PAGE)})
    fetch(harvester, origin, URL)
    kept = responses(tmp_path / "a")
    assert kept
    assert kept[-1].get("WARC-Truncated") == "disconnect"
    assert kept[-1].block == origin.exchanges[-1].response


def test_an_attempt_without_a_response_leaves_a_record(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A name that is not found is a metadata record: the attempt is evidence too."""
    origin = serve({URL: plain(PAGE)})
    answer = fetch(
        harvester,
        origin,
        "https://nowhere.invalid/",
        more=("--no-images", "--no-requisites", "--allow-host", "nowhere.invalid"),
    )
    assert answer.code == 1
    notes = [record for record in whole(tmp_path / "a") if record.type == "metadata"]
    assert notes
    assert b"harvester-end: failed" in notes[0].block
    assert b"harvester-failure: dns" in notes[0].block


def test_a_host_that_is_not_allowed_is_not_asked(harvester: Any, serve: Serve) -> None:
    """The allow-list holds for what the user types, too; the line says how to extend it."""
    origin = serve({URL: plain(PAGE)})
    answer = fetch(harvester, origin, "https://example.org/")
    assert answer.code == 2
    assert "--allow-host" in answer.err
    assert origin.exchanges == ()


def test_a_challenge_stops_the_host(harvester: Any, serve: Serve) -> None:
    """The redirect to the verification page is recorded, not followed; the host is left alone; exit 3."""
    origin = serve({URL: challenge(), OTHER: plain(PAGE)})
    answer = fetch(harvester, origin, URL, OTHER)
    assert answer.code == 3
    assert [result["state"] for result in answer.json["results"]] == ["blocked", "blocked"]
    assert len(origin.exchanges) == 1
    again = fetch(harvester, origin, OTHER)
    assert again.code == 3
    assert len(origin.exchanges) == 1
    assert "FIXTUREPOCTOKEN" not in answer.out + answer.err + again.out + again.err


def test_throttling_stops_the_host(harvester: Any, serve: Serve) -> None:
    """429 with a long Retry-After is exit 3, and no further request."""
    origin = serve({URL: throttled("86400"), OTHER: plain(PAGE)})
    answer = fetch(harvester, origin, URL, OTHER)
    assert answer.code == 3
    assert len(origin.exchanges) == 1


def test_verification_after_some_pages(harvester: Any, serve: Serve) -> None:
    """What was captured before the demand stays captured; the run says 3."""
    urls = [f"https://mp.weixin.qq.com/s/FixtureNumber{number:09d}" for number in range(4)]
    origin = serve({url: verification_after(2, plain(PAGE)) for url in urls})
    answer = fetch(harvester, origin, *urls)
    assert answer.code == 3
    assert [result["state"] for result in answer.json["results"]] == ["ok", "ok", "blocked", "blocked"]


def test_deleted_on_the_second_visit(harvester: Any, serve: Serve) -> None:
    """The article stays, the deletion is a state of its own with its notice; exit 1."""
    origin = serve({URL: by_visit({1: plain(PAGE)}, plain(deleted_page()))})
    assert fetch(harvester, origin, URL).code == 0
    second = fetch(harvester, origin, URL)
    assert second.code == 1
    assert second.json["results"][0]["state"] == "deleted"
    assert second.json["results"][0]["notice"]
    listed = harvester("list", "--archive", "a", "--json").json
    assert [row["state"] for row in listed] == ["ok", "deleted"]


def test_session_values_are_neither_sent_nor_kept(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A pasted link's session values are stripped, with a warning."""
    long_url = ARTICLE.long_url
    origin = serve(
        {long_url.partition("&chksm")[0]: plain(PAGE)}, fallbacks={"mp.weixin.qq.com": plain(PAGE)}
    )
    answer = fetch(
        harvester, origin, f"{long_url}&key=SECRETVALUE1&pass_ticket=SECRETVALUE2&uin=SECRETVALUE3"
    )
    assert answer.code == 0, answer.err
    assert answer.json["results"][0]["warnings"]
    [seen] = origin.exchanges
    assert b"SECRETVALUE" not in seen.request
    assert "SECRETVALUE" not in answer.out + answer.err
    for path in tmp_path.joinpath("a").rglob("*"):
        if path.is_file() and not path.name.endswith(".gz"):
            assert b"SECRETVALUE" not in path.read_bytes(), path
    for record in whole(tmp_path / "a"):
        assert b"SECRETVALUE" not in record.block
        assert "SECRETVALUE" not in (record.target_uri or "")


def test_a_link_that_the_shell_cut_is_answered_with_the_cure(harvester: Any) -> None:
    """`https://…/s?__biz=X` without the rest is what an unquoted link becomes."""
    answer = harvester("fetch", "https://mp.weixin.qq.com/s?__biz=MzA5ODUxOTYyMA==", "--archive", "a")
    assert answer.code == 2
    assert "quote" in answer.err
    assert "--from -" in answer.err


def test_images_are_captured_with_their_page(harvester: Any, world: Any) -> None:
    """Images come with the right Referer, once; `show` joins their records."""
    pages, origin = world
    answer = fetch(harvester, origin, pages.article_url, more=("--no-requisites",))
    assert answer.code == 0, answer.err
    images = answer.json["results"][0]["images"]
    assert images["fetched"] > 0
    assert images["failed"] == []
    asked = [seen for seen in origin.exchanges if seen.host != "mp.weixin.qq.com"]
    assert len(asked) == images["fetched"]
    assert {seen.referer for seen in asked} <= {None, "https://mp.weixin.qq.com/"}
    shown = harvester("show", pages.article_url, "--archive", "a").json
    assert all(image["record"] for image in shown["images"])
    again = fetch(harvester, origin, pages.article_url, more=("--no-requisites",)).json["results"][0][
        "images"
    ]
    assert again["fetched"] == 0
    assert again["held"] == images["fetched"]


def test_rebuild_and_reindex_give_the_same_bytes(harvester: Any, world: Any, tmp_path: Path) -> None:
    """The documents that `fetch` wrote are what `rebuild` and `reindex` give, byte for byte."""
    pages, origin = world
    fetch(harvester, origin, *pages.urls, more=())
    folder = tmp_path / "a" / "documents"

    def contents(root: Path) -> dict[str, bytes]:
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.*"))}

    first = contents(folder)
    assert len(first) == 2 * 3
    assert harvester("rebuild", "a", "--output", "again").code == 0
    assert contents(tmp_path / "again" / "documents") == first
    listed = harvester("list", "--archive", "a", "--json").json
    for name in ("library", "index", "documents"):
        for path in sorted((tmp_path / "a" / name).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    assert harvester("reindex", "--archive", "a").code == 0
    assert contents(folder) == first
    assert harvester("list", "--archive", "a", "--json").json == listed


def test_a_lost_library_comes_back_by_itself(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """Derived data may be deleted at any time: the next fetch makes it again."""
    origin = serve({URL: plain(PAGE), OTHER: plain(PAGE)})
    fetch(harvester, origin, URL)
    for path in (tmp_path / "a" / "library").iterdir():
        path.unlink()
    fetch(harvester, origin, OTHER)
    assert len(harvester("list", "--archive", "a", "--json").json) == 2


def test_an_archive_of_a_newer_format_is_refused_untouched(
    harvester: Any, serve: Serve, tmp_path: Path
) -> None:
    """Every command refuses it with 5, and not a byte changes."""
    origin = serve({URL: plain(PAGE)})
    fetch(harvester, origin, URL)
    marker = tmp_path / "a" / "harvester-archive.json"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"version": 99}))
    before = {path: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    assert fetch(harvester, origin, URL).code == 5
    assert harvester("list", "--archive", "a").code == 5
    assert harvester("show", URL, "--archive", "a").code == 5
    assert harvester("reindex", "--archive", "a").code == 5
    assert harvester("rebuild", "a", "--output", "out").code == 5
    assert {path: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()} == before


def test_a_full_disk_is_one_line_and_exit_5(serve: Serve, tmp_path: Path) -> None:
    """A real limit on file size (RLIMIT_FSIZE) in a real process: exit 5, and the archive stays whole."""
    origin = serve({URL: plain(PAGE + b"<!--" + os.urandom(300_000).hex().encode() + b"-->")})
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        "from harvester.cli.app import run\n"
        "sys.exit(run(sys.argv[1:]))\n"
    )
    command = [
        sys.executable,
        "-c",
        program,
        "fetch",
        URL,
        "--archive",
        str(tmp_path / "a"),
        "--no-images",
        "--no-requisites",
    ]
    environment = os.environ | {"HARVESTER_STATE": str(tmp_path / "state")}
    done = subprocess.run(
        [*command, *origin.options], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    with Archive.open(tmp_path / "a", write=True):
        pass
    assert not responses(tmp_path / "a")


def test_a_place_that_cannot_be_written_is_exit_5(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A directory below a file, or on a read-only file system, is a storage error in one line."""
    origin = serve({URL: plain(PAGE)})
    (tmp_path / "file").write_text("x")
    answer = harvester("fetch", URL, "--archive", tmp_path / "file" / "a", *origin.options)
    assert answer.code == 5
    assert len(answer.err.strip().splitlines()) == 1
    assert origin.exchanges == ()


def test_no_archive_named_and_nobody_there_is_exit_2(harvester: Any) -> None:
    """Without a terminal nothing is written to a guessed place."""
    answer = harvester("fetch", URL)
    assert answer.code == 2
    assert "--archive" in answer.err


def test_one_bad_line_does_not_cost_the_rest(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A list with a line that is no URL captures the others and says 1."""
    origin = serve({URL: plain(PAGE)})
    (tmp_path / "urls.txt").write_text(f"# a comment\n\nnot a url at all\n{URL}\n", encoding="utf-8")
    answer = fetch(harvester, origin, more=("--no-images", "--no-requisites", "--from", "urls.txt"))
    assert answer.code == 1
    assert [result["state"] for result in answer.json["results"]] == ["refused", "ok"]
