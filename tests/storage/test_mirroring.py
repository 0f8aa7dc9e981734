"""`--mirror URL` of `fetch`, `run` and `import`: sent when all is closed; no fault there costs a capture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.storage import RemotePath
from fixtures import Origin, watched_world
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import statement_repost
from tests.configuring import configured

from .conftest import Proxy
from .test_mirror import files_of


@pytest.fixture
def origin() -> Iterator[tuple[Origin, str]]:
    """One article."""
    site, url = watched_world(script_bytes=2_000)
    with Origin(site) as running:
        yield running, url


def watching(folder: Path, running: Origin, url: str, top: str = "") -> None:
    configured(folder, running, f'[[watch]]\nurls = ["{url}"]\nevery = "1d"', top=top)


def warcs(root: Path) -> set[str]:
    return {path.name for path in root.glob("warc/*.warc.gz")}


def mirrored(root: RemotePath) -> set[str]:
    return {name.removeprefix("warc/") for name in files_of(root) if name.endswith(".warc.gz")}


def test_what_is_captured_is_mirrored(
    harvester: Any, origin: tuple[Origin, str], folder: RemotePath, tmp_path: Path
) -> None:
    """`run` by its configuration, `fetch` and `import` by their option: each sends what it closed."""
    running, url = origin
    watching(tmp_path, running, url, f'mirror = "{folder}"')
    first = harvester("run")
    assert first.code == 0
    assert "sent and proven" in first.err
    assert mirrored(folder) == warcs(tmp_path / "a")
    watching(tmp_path, running, url)
    assert "mirror" not in harvester("fetch", url, "--json").json
    assert mirrored(folder) < warcs(tmp_path / "a")
    (tmp_path / "page.html").write_bytes(article_page(statement_repost(), Recent(script_bytes=2_000)))
    taken = harvester("import", "page.html", "--mirror", folder, "--json")
    assert (taken.code, taken.json["mirror"]["failed"]) == (0, [])
    assert mirrored(folder) == warcs(tmp_path / "a")
    again = harvester("fetch", url, "--mirror", folder, "--json").json
    assert len([name for name in again["mirror"]["sent"] if name.endswith(".warc.gz")]) == 1
    assert harvester("check", tmp_path / "a").code == 0


def test_a_fault_there_costs_no_capture(
    harvester: Any, origin: tuple[Origin, str], bucket: RemotePath, proxy: Proxy, tmp_path: Path
) -> None:
    """A store that refuses is one line and 5, and the capture is whole; the next command takes it up."""
    running, url = origin
    watching(tmp_path, running, url)
    proxy.fault = lambda _: "403"
    refused = harvester("fetch", url, "--mirror", bucket / "m", "--json")
    assert (refused.code, refused.json["exit_code"]) == (5, 5)
    assert refused.json["results"][0]["state"] == "ok"
    assert bucket.url in refused.json["mirror"]["url"]
    assert f"harvester sync a {bucket}/m" in refused.err.replace(f"{tmp_path}/", "")
    assert harvester("check", "a").code == 0
    proxy.fault = lambda request: "403" if b"PUT" in request and b".warc.gz" in request else None
    assert harvester("run", "--mirror", bucket / "m").code == 5
    proxy.fault = lambda _: None
    assert harvester("fetch", url, "--mirror", bucket / "m").code == 0
    assert mirrored(bucket / "m") == warcs(tmp_path / "a")


@pytest.mark.parametrize(
    ("named", "words"),
    [("folder/x", "no URL"), ("s3://key:secret@b/x", "credentials"), ("what://x/y", "what")],
)
def test_no_place_is_refused_first(
    harvester: Any, origin: tuple[Origin, str], named: str, words: str, tmp_path: Path
) -> None:
    """What can be no mirror is told before anything is captured."""
    running, url = origin
    watching(tmp_path, running, url, f'mirror = "{named}"')
    for command in (("fetch", url), ("run",), ("import", "harvester.toml")):
        answer = harvester(*command)
        assert answer.code == 2
        assert words in answer.err
        assert "secret" not in answer.err
    assert not (tmp_path / "a").exists()


def test_an_archive_at_a_url_leads_to_the_mirror(harvester: Any) -> None:
    """Who names a URL as archive is told how closed files get there."""
    assert "--mirror s3://bucket/x" in harvester("fetch", "https://e.org/", "--archive", "s3://bucket/x").err
