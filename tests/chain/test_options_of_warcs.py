"""What a configuration says of WARC files stands in them; an account that moved is followed once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import read_warc
from archive.http1 import parse_response
from fixtures import Origin
from fixtures.behaviours import chunked, plain
from fixtures.pages.notices import migrated_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import lighthouse_article

ARTICLE = lighthouse_article()
PAGE = article_page(ARTICLE, Recent(era=2026, script_bytes=20_000, nonce="1"))
URL = ARTICLE.short_url
OLD = "https://mp.weixin.qq.com/s/AnotherFixtureArticle0"
BARE = ("--no-images", "--no-requisites")


def records(folder: Path) -> list[Any]:
    return [record for path in sorted((folder / "warc").glob("*.warc.gz")) for record in read_warc(path)]


@pytest.mark.parametrize("behaviour", [plain, chunked])
def test_payload_digests_in_the_form_that_older_indexes_join_by(
    harvester: Any, serve: Callable[..., Origin], behaviour: Any
) -> None:
    """`--payload-digest sha1-base32` changes payload digests alone; blocks keep sha256, and all is clean."""
    origin = serve({URL: behaviour(PAGE)})
    assert (
        harvester(
            "fetch", URL, "--archive", "a", *BARE, "--payload-digest", "sha1-base32", *origin.options
        ).code
        == 0
    )
    (response,) = [record for record in records(Path("a")) if record.type == "response"]
    payload = parse_response(response.block).payload
    assert response.payload_digest == f"sha1:{base64.b32encode(hashlib.sha1(payload).digest()).decode()}"
    assert response.block_digest == f"sha256:{hashlib.sha256(response.block).hexdigest()}"
    assert harvester("check", "a").code == 0


def test_an_unknown_form_is_refused_before_an_archive_is_made(harvester: Any) -> None:
    """A usage error, and nothing on disk."""
    answer = harvester("fetch", URL, "--archive", "a", "--payload-digest", "md5")
    assert answer.code == 2
    assert "sha1-base32" in answer.err
    assert not Path("a").exists()


def test_a_payload_is_known_again_in_either_form(harvester: Any, serve: Callable[..., Origin]) -> None:
    """A second visit with the same form of digest is a revisit, which resolves to the same page."""
    origin = serve({URL: plain(PAGE)})
    for _ in range(2):
        command = ("fetch", URL, "--archive", "a", *BARE, "--payload-digest", "sha1-base32")
        assert harvester(*command, *origin.options).code == 0
    assert [record.type for record in records(Path("a"))].count("revisit") == 1
    assert harvester("check", "a").code == 0


def test_warcinfo_and_file_names_come_from_the_configuration(
    harvester: Any, serve: Callable[..., Origin]
) -> None:
    """Prefix, operator and isPartOf stand where other tools look for them."""
    Path("harvester.toml").write_text(
        '[warc]\nprefix = "LAB"\noperator = "Library X"\nis_part_of = "Collection 7"\n', encoding="utf-8"
    )
    origin = serve({URL: plain(PAGE)})
    assert harvester("fetch", URL, "--archive", "a", *BARE, *origin.options).code == 0
    (file,) = Path("a/warc").glob("*.warc.gz")
    assert file.name.startswith("LAB-")
    first = records(Path("a"))[0]
    assert b"operator: Library X\r\nisPartOf: Collection 7\r\n" in first.block


def test_an_account_that_moved_is_followed_once(harvester: Any, serve: Callable[..., Origin]) -> None:
    """The notice is kept, the page it leads to is captured, and the document says how it was reached."""
    origin = serve({OLD: plain(migrated_page(URL)), URL: plain(PAGE)})
    answer = harvester("fetch", OLD, "--archive", "a", *BARE, "--json", *origin.options)
    assert answer.code == 0
    assert [result["state"] for result in answer.json["results"]] == ["migrated", "ok"]
    assert answer.json["results"][0]["moved_to"] == URL
    assert any(OLD in warning for warning in answer.json["results"][1]["warnings"])


def test_a_notice_that_leads_to_a_notice_is_not_followed_on(
    harvester: Any, serve: Callable[..., Origin]
) -> None:
    """Once is once: two notices that name each other end there, with a negative answer."""
    origin = serve({OLD: plain(migrated_page(URL)), URL: plain(migrated_page(OLD))})
    answer = harvester("fetch", OLD, "--archive", "a", *BARE, "--json", *origin.options)
    assert answer.code == 1
    assert [result["state"] for result in answer.json["results"]] == ["migrated", "migrated"]


def test_a_notice_that_leads_to_a_stranger_is_not_followed(
    harvester: Any, serve: Callable[..., Origin]
) -> None:
    """The allow-list holds for what a page names, too."""
    origin = serve({OLD: plain(migrated_page("https://example.com/x"))})
    answer = harvester("fetch", OLD, "--archive", "a", *BARE, "--json", *origin.options)
    assert answer.code == 1
    assert [result["state"] for result in answer.json["results"]] == ["migrated", "refused"]
