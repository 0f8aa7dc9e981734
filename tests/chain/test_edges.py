"""Edges of the chain that reviews found: each test holds one that once failed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin
from fixtures.behaviours import image, plain, redirect, throttled
from fixtures.images import placeholder, png
from fixtures.misbehaviours import bomb, lying_encoding, truncated_length
from fixtures.pages.notices import deleted_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article
from harvester.config import load
from harvester.sites import all_sites
from harvester.wants import Wants

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))
URL = ARTICLE.short_url
OTHER = "https://mp.weixin.qq.com/s/AnotherFixtureArticle0"

Serve = Callable[..., Origin]
NO_ASSETS = Wants(images=False, requisites=False)
BARE = ("--no-images", "--no-requisites")


def fetch(harvester: Any, origin: Origin, *urls: str, more: tuple[str, ...] = BARE) -> Any:
    return harvester("fetch", *urls, "--archive", "a", "--json", *more, *origin.options)


ODD_HEADERS = {
    "a date without a time in UTC": plain(PAGE, fields=(("Date", "Fri, 31 Dec 9999 23:59:59 -0800"),)),
    "a location in brackets": redirect("https://[bad]/x"),
    "half an address": redirect("http://[::1"),
}


@pytest.mark.parametrize("name", ODD_HEADERS)
def test_one_odd_header_does_not_poison_the_archive(harvester: Any, serve: Serve, name: str) -> None:
    """Whatever a response says, later fetches, `reindex` and `rebuild` go on."""
    origin = serve({URL: ODD_HEADERS[name], OTHER: plain(PAGE)})
    assert fetch(harvester, origin, URL).code in {0, 1}
    assert fetch(harvester, origin, OTHER).code == 0
    assert harvester("reindex", "--archive", "a").code == 0
    assert harvester("rebuild", "a", "--output", "again").code == 0
    assert len(harvester("list", "--archive", "a", "--json").json) == 2


def test_a_fault_of_a_reader_is_a_state_of_one_page(
    harvester: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that a reader trips over is `unknown`, exit 4, with the fault named; the run goes on."""
    origin = serve({URL: plain(PAGE)})
    site = next(site for site in all_sites() if site.name == "wechat")

    def trip(*_: object) -> None:
        raise ValueError("tripped")

    monkeypatch.setattr(type(site), "read", trip)
    answer = fetch(harvester, origin, URL)
    assert answer.code == 4
    assert "tripped" in answer.json["results"][0]["message"]
    assert harvester("reindex", "--archive", "a").code == 0


def test_a_fault_of_the_program_is_a_line_and_exit_70(
    harvester: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last net: no traceback, its own exit code, and what to do."""

    def trip(*_: object, **__: object) -> None:
        raise ZeroDivisionError("tripped")

    monkeypatch.setattr("harvester.cli.library.opened", trip)
    answer = harvester("list", "--archive", "a", "--json")
    assert answer.code == 70
    assert answer.json["error"]["kind"] == "DefectError"
    assert "report" in answer.err


def test_a_title_cannot_steer_the_terminal(harvester: Any, serve: Serve) -> None:
    """Escape sequences and direction marks in a page's words are shown, not obeyed."""
    hostile = replace(ARTICLE, title="清屏\x1b[2J\x1b]0;owned\x07\u202e反")
    origin = serve({URL: plain(article_page(hostile, Recent(era=2026, script_bytes=20_000, nonce="1")))})
    answer = harvester("fetch", URL, "--no-images", "--no-requisites", "--archive", "a", *origin.options)
    listed = harvester("list", "--archive", "a")
    for shown in (answer.err, listed.out):
        assert "清屏" in shown
        assert "\x1b[2J" not in shown
        assert "\x07" not in shown
        assert "\u202e" not in shown


def test_reindex_beside_a_running_fetch_loses_nothing(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """What a fetch acknowledges after another process rebuilt the library is listed all the same."""
    from harvester.cli.session import Session

    origin = serve({URL: plain(PAGE), OTHER: plain(PAGE)})
    session = Session(
        tmp_path / "a",
        load(None),
        connect_to=origin.connect_to,
        ca_file=Path(origin.ca_file),
        wants=NO_ASSETS,
    )
    with session:
        outcomes = session.fetch_all([URL, OTHER])
        assert next(outcomes).code == 0
        assert harvester("reindex", "--archive", "a").code == 0
        assert next(outcomes).code == 0
        assert len(harvester("list", "--archive", "a", "--json").json) == 2


NO_ARTICLE = {
    "cut": (truncated_length(PAGE), "partial"),
    "a lie about the coding": (lying_encoding(PAGE), "partial"),
    "bomb": (bomb(), "partial"),
    "server fault": (plain(PAGE, status=500), "http_error"),
    "not found": (plain(PAGE, status=404), "http_error"),
    "a part": (plain(PAGE, status=206), "partial"),
    "an odd status": (plain(PAGE, status=299), "http_error"),
}


@pytest.mark.parametrize("name", NO_ARTICLE)
def test_every_page_that_is_no_article_says_why(harvester: Any, serve: Serve, name: str) -> None:
    """State, reason and exit 1, in the JSON and in the line for a person."""
    behaviour, state = NO_ARTICLE[name]
    origin = serve({URL: behaviour})
    answer = fetch(harvester, origin, URL)
    assert answer.code == 1
    [result] = answer.json["results"]
    assert result["state"] == state
    assert result["message"]
    assert result["message"] in answer.err.replace("\n", " ")


def test_throttled_pages_open_the_breaker_whatever_they_ask(harvester: Any, serve: Serve) -> None:
    """The first 429 stops the host, also one that asks for no wait."""
    origin = serve({URL: throttled("0"), OTHER: plain(PAGE)})
    assert fetch(harvester, origin, URL, OTHER).code == 3
    assert len(origin.exchanges) == 1
    assert harvester("list", "--archive", "a", "--json").json[0]["state"] == "rate_limited"


def test_a_verification_page_served_with_200_stops_the_host(harvester: Any, serve: Serve) -> None:
    """The breaker opens by what the page is, not only by a redirect."""
    from fixtures.pages.failures import verification_page

    origin = serve({URL: plain(verification_page(URL)), OTHER: plain(PAGE)})
    answer = fetch(harvester, origin, URL, OTHER)
    assert answer.code == 3
    assert len(origin.exchanges) == 1


def test_images_are_held_by_the_form_that_was_sent(harvester: Any, world: Any) -> None:
    """A fragment in an image's URL (`#imgIndex=0`) does not make it a new image at every visit."""
    pages, origin = world
    first = fetch(harvester, origin, pages.repost_url, more=()).json["results"][0]["images"]
    asked = len(origin.exchanges)
    second = fetch(harvester, origin, pages.repost_url, more=()).json["results"][0]["images"]
    assert second == {"fetched": 0, "held": first["fetched"] + first["held"], "failed": [], "left_out": {}}
    assert len(origin.exchanges) == asked + 1


BAD_IMAGES = {
    "not found": (plain(b"gone", status=404), "http-404"),
    "a page": (plain(b"<html><body>no</body></html>"), "not-an-image"),
    "nothing": (plain(b"", content_type="image/png"), "empty"),
    "the placeholder": (image(placeholder(), placeholder(), "png"), "placeholder"),
    "cut": (truncated_length(png(30, 30, 9)), "cut (disconnect)"),
}


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_an_image_that_does_not_serve_is_a_failure(harvester: Any, serve: Serve, name: str) -> None:
    """The page is captured all the same; the failure is told, and the image counts as not held."""
    behaviour, why = BAD_IMAGES[name]
    origin = serve({URL: plain(PAGE)}, fallbacks={"mmbiz.qpic.cn": behaviour})
    answer = fetch(harvester, origin, URL, more=())
    assert answer.code == 0
    images = answer.json["results"][0]["images"]
    assert images["fetched"] == 0
    assert {reason for _, reason in images["failed"]} == {why}
    shown = harvester("show", URL, "--archive", "a").json
    assert all(item["record"] is None for item in shown["images"])


def test_a_rehearsal_shows_in_its_markdown_too(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """The Markdown file alone says that hosts were mapped, and `verify` passes it on."""
    origin = serve({URL: plain(PAGE)})
    fetch(harvester, origin, URL)
    [markdown] = (tmp_path / "a" / "documents").rglob("*.md")
    answer = harvester("verify", markdown, URL, "--archive", "a", "--json")
    assert answer.json["verdict"] == "identical"
    assert answer.json["sides"]["captured"]["rehearsal"] == answer.json["sides"]["original"]["rehearsal"]
    assert answer.json["sides"]["captured"]["rehearsal"]


def test_what_show_prints_can_be_verified(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """`show ID > s.json` is a document joined with places; `verify` takes it as the document it is."""
    origin = serve({URL: plain(PAGE)})
    fetch(harvester, origin, URL)
    (tmp_path / "s.json").write_text(harvester("show", URL, "--archive", "a").out, encoding="utf-8")
    assert harvester("verify", "s.json", URL, "--archive", "a", "--json").json["verdict"] == "identical"


def test_damage_is_reported_and_the_rest_is_there(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """A swapped bit in one record: `reindex` and `rebuild` say 1 and where, and give all other pages."""
    urls = [f"https://mp.weixin.qq.com/s/DamageFixture{number:09d}" for number in range(3)]
    origin = serve({url: plain(PAGE + f"<!-- {url} -->".encode()) for url in urls})
    for url in urls:
        fetch(harvester, origin, url)
    place = harvester("show", urls[0], "--archive", "a").json["records"]["response"]
    path = tmp_path / "a" / "warc" / place["file"]
    data = bytearray(path.read_bytes())
    data[place["offset"] + place["length"] // 2] ^= 0x10
    path.write_bytes(bytes(data))
    for name in ("library", "documents"):
        for item in sorted((tmp_path / "a" / name).rglob("*"), reverse=True):
            item.rmdir() if item.is_dir() else item.unlink()
    answer = harvester("reindex", "--archive", "a", "--json")
    assert answer.code == 1
    assert place["file"] in answer.json["damaged"][0]
    listed = harvester("list", "--archive", "a", "--json").json
    assert {row["requested_url"] for row in listed} == set(urls[1:])
    again = harvester("rebuild", "a", "--output", "again", "--json")
    assert again.code == 1
    assert again.json["documents"] == 2
    assert fetch(harvester, origin, urls[0]).code == 0


def test_a_capture_is_found_by_any_form_of_its_url(harvester: Any, serve: Serve) -> None:
    """What `fetch` accepts, `show` finds: without scheme, with noise, with a fragment."""
    origin = serve({URL: plain(PAGE)})
    fetch(harvester, origin, URL)
    for form in (URL.removeprefix("https://"), f"{URL}#rd", ARTICLE.long_url):
        assert harvester("show", form, "--archive", "a").code == 0, form


def test_secrets_in_a_redirect_are_in_no_derived_file(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """The response keeps its bytes; what is derived from it names no session value."""
    origin = serve(
        {
            URL: redirect("/s/AnotherFixtureArticle0?key=SECRETVALUE&pass_ticket=SECRETVALUE"),
            OTHER: plain(PAGE),
        }
    )
    assert fetch(harvester, origin, URL).code == 0
    listed = harvester("list", "--archive", "a", "--json")
    shown = [harvester("show", row["id"], "--archive", "a").out for row in listed.json]
    assert "SECRETVALUE" not in listed.out + "".join(shown)
    for path in (tmp_path / "a").rglob("*"):
        if path.is_file() and not path.name.endswith(".gz"):
            assert b"SECRETVALUE" not in path.read_bytes(), path


@pytest.mark.parametrize(
    "text", ["ftp://mp.weixin.qq.com/s?key=SECRETVALUE", "https://u:SECRETVALUE@mp.weixin.qq.com/s/x",
             "https://mp.weixin.qq.com/s?__biz=MzA&key=SECRETVALUE"]
)  # fmt: skip
def test_refused_input_is_not_echoed_with_its_secrets(harvester: Any, text: str) -> None:
    """A refusal names the URL without what must not be logged; exit 2."""
    answer = harvester("fetch", text, "--archive", "a", "--json")
    assert answer.code == 2
    assert "SECRETVALUE" not in answer.out + answer.err


def test_results_stand_beside_the_error_that_ended_the_run(serve: Serve, tmp_path: Path) -> None:
    """A disk that fills up in the middle: what was captured before is in the JSON, with the error."""
    big = PAGE + b"<!--" + os.urandom(400_000).hex().encode() + b"-->"
    origin = serve({URL: plain(PAGE), OTHER: plain(big)})
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (350_000, 350_000))\n"
        "from harvester.cli.app import run\n"
        "sys.exit(run(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", program, "fetch", URL, OTHER, "--archive", str(tmp_path / "a"), "--json"]
    environment = os.environ | {"HARVESTER_STATE": str(tmp_path / "state")}
    done = subprocess.run(
        [*command, "--no-images", "--no-requisites", *origin.options],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 5, done.stderr
    value = json.loads(done.stdout)
    assert [result["state"] for result in value["results"]] == ["ok"]
    assert value["error"]["kind"] == "StorageError"
    assert value["exit_code"] == 5


def test_the_archive_can_be_named_by_the_environment(
    harvester: Any, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HARVESTER_ARCHIVE counts where no option is given."""
    origin = serve({URL: plain(PAGE)})
    monkeypatch.setenv("HARVESTER_ARCHIVE", str(tmp_path / "named"))
    assert harvester("fetch", URL, "--no-images", "--no-requisites", *origin.options).code == 0
    assert list((tmp_path / "named" / "warc").glob("*.warc.gz"))


def test_a_url_in_two_watches_is_fetched_once(harvester: Any, serve: Serve, tmp_path: Path) -> None:
    """One pass asks for a page once, however often the list names it."""
    origin = serve({URL: plain(PAGE)})
    (tmp_path / "harvester.toml").write_text(
        f'archive = "kept"\n[fetch]\nimages = false\nrequisites = false\nca_file = "{origin.ca_file}"\n'
        f"connect_to = {json.dumps(origin.connect_to)}\n"
        f'[[watch]]\nurls = ["{URL}", "{URL}#rd"]\n[[watch]]\nurls = ["{URL}"]\n',
        encoding="utf-8",
    )
    assert harvester("run").code == 0
    assert len(origin.exchanges) == 1


def test_show_of_a_page_that_is_no_article(harvester: Any, serve: Serve) -> None:
    """Its text cannot be shown: exit 1 and a line; its JSON can."""
    origin = serve({URL: plain(deleted_page())})
    fetch(harvester, origin, URL)
    assert harvester("show", URL, "--archive", "a", "--format", "txt").code == 1
    assert harvester("show", URL, "--archive", "a").json["state"] == "deleted"


@pytest.mark.parametrize("closed", ["full", "closed", "gone"])
def test_an_output_that_cannot_be_written(tmp_path: Path, closed: str) -> None:
    """A full, closed or abandoned stdout gives no traceback."""
    command = f"{sys.executable} -m harvester --help"
    target = {"full": "> /dev/full", "closed": ">&-", "gone": "| true"}[closed]
    done = subprocess.run(["sh", "-c", f"{command} {target}"], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
