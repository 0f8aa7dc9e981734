"""A real browser as the oracle: whatever it asks for to show a page is what a capture holds."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fixtures.site import address
from harvester.sites import site_for_url

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to ask what a page requires")


_ATTEMPTS = 5
"""The browser asks for a page's icon on its own time, and on a busy machine may end before it does."""


def browse(origin: Any, url: str, folder: Path) -> str:
    """Load a page in a headless browser that finds every host on this machine; return its DOM."""
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--ignore-certificate-errors",
        f"--user-data-dir={folder}",
        f"--host-resolver-rules=MAP * 127.0.0.1:{origin.port}",
        "--virtual-time-budget=5000",
        "--dump-dom",
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@needs_chromium
@pytest.mark.parametrize("name", ["article_url", "repost_url", "original_url"])
def test_a_browser_asks_for_what_is_captured(harvester: Any, world: Any, tmp_path: Path, name: str) -> None:
    """The browser's requests beside the page are those of the capture, less what the publisher's rule
    leaves out and plus what only a reader's click asks for; the body that was hidden is shown.
    """
    pages, origin = world
    url = getattr(pages, name)
    harvester("fetch", url, "--archive", "a", "--json", *origin.options)
    before = len(origin.exchanges)
    captured = {(seen.host, seen.target) for seen in origin.exchanges}
    asked: set[tuple[str, str]] = set()
    for attempt in range(_ATTEMPTS):
        dom = browse(origin, url, tmp_path / f"profile{attempt}")
        asked.update((seen.host, seen.target) for seen in origin.exchanges[before:])
        if not any(target.endswith(".ico") for _, target in captured - asked):
            break
    left_out = site_for_url(url).requisites.left_out
    missing = {one for one in asked - captured if not any(part in "".join(one) for part in left_out)}
    # The soft 404 is where the origin sends a browser for the firewall's script.
    assert {target for _, target in missing} <= {"/web/system/index_17321.shtml"}
    unasked = {target.rpartition("/")[2] for _, target in captured - asked}
    assert all(name.startswith("P0") for name in unasked - {"0?wx_fmt=jpeg&from=appmsg"})
    if "weixin" in url:
        assert address(url) in asked
        assert 'data-ready="yes"' in dom
        assert "visibility: visible" in dom
