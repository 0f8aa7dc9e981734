"""`harvester listen`: a real process, spoken to over real HTTP by friends and strangers."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from harvester.errors import UsageError
from harvester.listening.token import token_of
from harvester.watch import journal

URL = "https://mp.weixin.qq.com/s/{}bCdEfGhIjKlMnOpQrStUv"
FORM = "application/x-www-form-urlencoded"


class Door:
    """The process, its port, and its token."""

    def __init__(self, folder: Path, *options: str) -> None:
        (folder / "harvester.toml").write_text('archive = "a"\n', encoding="utf-8")
        environment = {**os.environ, "HARVESTER_STATE": str(folder / "state")}
        environment.pop("HARVESTER_ARCHIVE", None)
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "harvester", "listen", "--port", "0", *options],
            cwd=folder,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr
        said = self.process.stderr.readline()
        self.port = int(said.partition("127.0.0.1:")[2].partition("/")[0])
        self.token = (folder / "state" / "listen.token").read_text(encoding="ascii")

    def ask(
        self, method: str, path: str = "/add", body: bytes | None = None, **headers: str
    ) -> tuple[int, Any]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        is_json = answer.getheader("Content-Type") == "application/json"
        return answer.status, json.loads(data) if is_json else data

    def add(self, body: bytes, kind: str = FORM, **headers: str) -> tuple[int, Any]:
        return self.ask(
            "POST", body=body, **{"Authorization": f"Bearer {self.token}", "Content_Type": kind, **headers}
        )

    @property
    def finds(self) -> list[journal.Find]:
        return list(journal.read(self.folder / "a", journal.FOUND, journal.Find))

    def end(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A door that is open."""
    opened = Door(tmp_path, "--name", "box.tail.example")
    yield opened
    if opened.process.poll() is None:
        opened.end()
    if opened.process.stderr:
        opened.process.stderr.close()


def test_what_friends_send_is_queued(door: Door) -> None:
    """JSON, a form, and shared text; what is known or no use is told; a tunnel's name is a name of ours."""
    form = f"url={URL.format('A')}&title=%E6%A0%87%E9%A2%98".encode()
    assert door.add(form)[1]["results"] == [{"state": "queued", "url": URL.format("A"), "title": "标题"}]
    status, again = door.add(json.dumps({"url": URL.format("A") + "?scene=1"}).encode(), "application/json")
    assert (status, again["results"][0]["state"]) == (200, "known")
    shared = f"看一看：{URL.format('B')}。".encode()
    tunnel = {"Host": "box.tail.example", "Origin": "https://box.tail.example"}
    assert door.add(shared, "text/plain; charset=utf-8", **tunnel)[0] == 200
    status, bad = door.add(b"url=nonsense")
    assert (status, bad["results"][0]["state"]) == (422, "refused")
    assert [(find.url, find.via) for find in door.finds] == [
        (URL.format("A"), "sent to harvester listen"),
        (URL.format("B"), "sent to harvester listen"),
    ]


def test_strangers_get_nothing_in(door: Door) -> None:
    """No token, a wrong one, another site's page, a rebound name, a flood, a GET: nothing is ever added."""
    good = f"url={URL.format('A')}".encode()
    assert door.ask("POST", body=good)[0] == 401
    for wrong in (
        "Bearer wrong",
        f"Bearer {door.token}x",
        f"Basic {door.token}",
        "Bearer 令牌".encode().decode("latin-1"),
    ):
        assert door.add(good, Authorization=wrong)[0] == 401, wrong
    for headers in (
        {"Host": "evil.example"},
        {"Host": f"evil.example:{door.port}"},
        {"Origin": "https://mp.weixin.qq.com"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
    ):
        assert door.add(good, **headers)[0] == 403, headers
    assert door.ask("GET", "/", Host="evil.example")[0] == 403
    assert door.add(b"x" * (65 << 10))[0] == 413
    assert door.add(good, Transfer_Encoding="chunked")[0] == 411
    assert door.add(good, Content_Length="-1")[0] == 400
    assert door.add(b"{", "application/json")[0] == 400
    assert door.add(b"title=x")[0] == 400
    assert door.add(good, "multipart/form-data")[0] == 415
    assert door.ask("HEAD", "/") == (200, b"")
    assert door.ask("GET", f"/add?url={URL.format('A')}")[0] == 405
    for method in ("GET", "PUT", "OPTIONS", "DELETE", "NONSENSE"):
        status, answer = door.ask(method)
        assert (status, "POST to /add" in answer["error"]) == (405, True), method
    assert door.ask("POST", "/other", good, Authorization=f"Bearer {door.token}")[0] == 404
    assert door.finds == []
    code, said = door.end()
    assert (code, door.token in said) == (0, False)


def test_many_at_once(door: Door) -> None:
    """Each URL is written once, whoever sends it how often at the same moment."""
    urls = [URL.format(letter) for letter in "ABCDEFGH" * 4]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda url: door.add(f"url={url}".encode()), urls))
    assert {status for status, _ in answers} == {200}
    assert sorted(find.url for find in door.finds) == sorted(set(urls))


def test_it_ends_after_the_request_in_hand(door: Door) -> None:
    """SIGTERM lets a request that has begun be answered; a client that sends nothing does not hold it up."""
    body = f"url={URL.format('A')}".encode()
    head = f"POST /add HTTP/1.1\r\nHost: localhost:{door.port}\r\nAuthorization: Bearer {door.token}\r\n"
    head += f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", door.port)) as client:
        client.sendall(head.encode() + body[:5])
        time.sleep(0.3)
        door.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        client.sendall(body[5:])
        assert client.recv(64).startswith(b"HTTP/1.0 200")
    assert door.process.wait(30) == 0
    assert len(door.finds) == 1


def test_the_page_holds_no_secret(door: Door) -> None:
    """The page sets a browser up: no token in it, nothing from elsewhere, nobody may frame it."""
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    connection.request("GET", "/")
    answer = connection.getresponse()
    page = answer.read().decode()
    policy = answer.getheader("Content-Security-Policy") or ""
    assert answer.status == 200
    assert door.token not in page
    assert "http" not in page.replace("https://…", "").replace("HTTP Shortcuts", "")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_bookmarklet(door: Door, start_chromium: Any, tmp_path: Path) -> None:
    """A browser that was set up adds the page it shows, after a press of the button; another one cannot."""
    page = tmp_path / "page.html"
    page.write_text("<meta charset=utf-8><title>标题 &amp; “引号”</title>", encoding="utf-8")
    here, wanted = f"http://127.0.0.1:{door.port}/", URL.format("A")
    browser = start_chromium()
    browser.implicitly_wait(10)

    def result_of_adding() -> str:
        browser.get("about:blank")
        browser.get(f"{here}#url={wanted}&title=t")
        if browser.find_element("id", "add").is_enabled():
            browser.find_element("id", "add").click()
            return str(browser.find_element("css selector", "#result:not([hidden])").text)
        return str(browser.find_element("id", "not-set-up").text)

    try:
        assert "not set up" in result_of_adding()
        browser.get("about:blank")
        browser.get(f"{here}#token=wrong")
        assert "token is wrong" in result_of_adding()
        browser.get("about:blank")
        browser.get(f"{here}#token={door.token}")
        assert door.token not in browser.current_url
        script = browser.find_element("id", "bookmarklet").get_attribute("href").removeprefix("javascript:")
        assert door.token not in script
        browser.get(page.as_uri())
        browser.execute_script(script.replace("location.href", f"'{wanted}?a=1&b=2'"))
        browser.switch_to.window(browser.window_handles[-1])
        browser.find_element("id", "add").click()
        assert "Queued" in browser.find_element("css selector", "#result.good").text
    finally:
        browser.quit()
    assert [(find.url, find.title) for find in door.finds] == [(f"{wanted}?a=1&b=2", "标题 & “引号”")]


def test_the_token_is_for_one_user(tmp_path: Path) -> None:
    """It is made once, readable to its user alone; a file that others can read is refused."""
    token = token_of(tmp_path / "state")
    path = tmp_path / "state" / "listen.token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (token_of(tmp_path / "state"), len(token) >= 40) == (token, True)
    path.chmod(0o644)
    with pytest.raises(UsageError, match="others can read"):
        token_of(tmp_path / "state")
    path.chmod(0o600)
    path.write_text("short", encoding="ascii")
    with pytest.raises(UsageError, match="no token"):
        token_of(tmp_path / "state")
