"""Discovery from an index, against pywb itself: its CDX server, its TimeMaps, its copies."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

HOST = "pywb.archive.example"


@pytest.mark.parametrize(
    ("index", "match"),
    [
        ("/t/cdx", "mp.weixin.qq.com/*"),
        ("/t/cdx?output=cdxj", "mp.weixin.qq.com/*"),
        ("/t/timemap/link/", None),
    ],
)
def test_pywbs_copies_are_found_and_are_articles(
    harvester: Any, package: Any, pywb: str, index: str, match: str | None
) -> None:
    """What pywb has taken in is proposed; its copy is fetched unaltered and taken in with pywb's time."""
    hosts = ("--allow-host", HOST, "--connect-to", f"{HOST}:80:127.0.0.1:{urlsplit(pywb).port}")
    asked = ("--index", f"http://{HOST}{index}", "--match", match or package.article_url, "--copies", "3")
    found = harvester("discover", *asked, "--take", "--json", "--archive", "a", *hosts)
    assert found.code == 0, found.err
    offered = [one for one in found.json["copies"] if one["offered"]]
    assert package.article_url in {one["url"] for one in offered}
    assert all("id_/https://" in one["copy"] for one in found.json["copies"])
    there = harvester("list", "--json", "--archive", package.archive).json
    here = harvester("list", "--json", "--archive", "a").json
    told = {row["identity_key"]: (row["text_sha256"], row["title"]) for row in there if row["state"] == "ok"}
    assert len(here) == len(offered)
    for row in here:
        assert (row["text_sha256"], row["title"]) == told[row["identity_key"]]
