"""Lines for programs: stable keys, no secret, begun anew when the file is moved away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures import Origin, crowd
from fixtures.behaviours import challenge
from harvester.errors import StorageError, UsageError
from harvester.log_options import Log
from harvester.logs import KEYS, chosen, opened, without_secrets
from tests.notify.test_run import watching


def test_lines_are_json_with_stable_keys(tmp_path: Path) -> None:
    """One line a fact, keys in order, unknown ones left out, anything that pages say on one line."""
    with opened("json", tmp_path / "l") as log:
        log.tell(
            "visit", duration_s=1.23456, url="https://a.example/x?b=1", message="a\nb\u2028\ud800", id=None
        )
    [line] = (tmp_path / "l").read_text(encoding="utf-8").split("\n")[:-1]
    value = json.loads(line)
    assert list(value) == ["at", "level", "event", "url", "host", "duration_s", "message"]
    assert set(value) <= set(KEYS)
    assert (value["host"], value["duration_s"]) == ("a.example", 1.235)


def test_text_lines_are_key_and_value(tmp_path: Path) -> None:
    """Values with blanks or signs are quoted as JSON."""
    with opened("text", tmp_path / "l") as log:
        log.fault("fault", message='a "b"=c', state="ok")
    assert (tmp_path / "l").read_text().endswith('level=error event=fault state=ok message="a \\"b\\"=c"\n')


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@a.example/x?token=1&b=2", "https://a.example/x?b=2"),
        ("https://a.example/x?KEY=1&Sig=2", "https://a.example/x"),
        (
            "https://mp.weixin.qq.com/s?__biz=M&mid=1&key=s&pass_ticket=t",
            "https://mp.weixin.qq.com/s?__biz=M&mid=1",
        ),
    ],
)
def test_secrets_are_left_out(tmp_path: Path, url: str, shown: str) -> None:
    """In URLs and in messages that hold them."""
    assert without_secrets(url) == shown
    with opened("json", tmp_path / "l") as log:
        log.tell("visit", url=url, message=f"cannot reach {url}: refused")
    value = json.loads((tmp_path / "l").read_bytes())
    assert value["url"] == shown
    assert value["message"] == f"cannot reach {shown}: refused" or value["message"].startswith(
        f"cannot reach {shown}"
    )


def test_a_file_that_is_moved_away_is_begun_anew(tmp_path: Path) -> None:
    """Rotation is the system's: no signal is needed."""
    with opened("json", tmp_path / "l") as log:
        log.tell("start")
        (tmp_path / "l").rename(tmp_path / "l.1")
        log.tell("stop")
    assert "start" in (tmp_path / "l.1").read_text()
    assert "stop" in (tmp_path / "l").read_text()


def test_lines_that_are_lost_stop_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk is said once, and raises nothing, at the end neither."""
    with opened("json", Path("/dev/full")) as log:
        for _ in range(3):
            log.tell("visit")
    assert capsys.readouterr().err.count("lines of the log are lost") == 1


def test_lines_are_led_elsewhere(tmp_path: Path) -> None:
    """A configuration that is read again may name another file; one that cannot be written is not taken."""
    with opened(None, None) as log:
        assert not log.is_wanted
        log.lead("json", tmp_path / "one")
        log.tell("start")
        with pytest.raises(StorageError):
            log.lead("json", tmp_path)
        log.tell("visit")
        log.lead("text", tmp_path / "two")
        log.tell("stop")
    one, two = ((tmp_path / name).read_text(encoding="utf-8") for name in ("one", "two"))
    assert [json.loads(line)["event"] for line in one.splitlines()] == ["start", "visit"]
    assert "event=stop" in two


def test_where_lines_go(tmp_path: Path) -> None:
    """The command line wins; a path in the configuration is relative to it; another form is refused."""
    config = tmp_path / "harvester.toml"
    assert chosen(Log(file="l", format="json"), config, None, None) == ("json", tmp_path / "l")
    assert chosen(Log(file="l"), config, "text", Path("m")) == ("text", Path("m"))
    with pytest.raises(UsageError, match="xml"):
        chosen(Log(), config, "xml", None)
    with pytest.raises(StorageError), opened("json", tmp_path):
        pass


def test_a_run_in_lines(harvester: Any, tmp_path: Path) -> None:
    """With JSON on standard error every line there is one; a breaker is told when it opens."""
    site, urls = crowd(2)
    routes = dict(site.routes)
    routes[next(key for key in routes if urls[1].endswith(key[-1].rpartition("/")[2]))] = challenge()
    with Origin(type(site)(routes=routes, fallbacks=site.fallbacks, hosts=site.hosts)) as running:
        watching(tmp_path, running, urls[0], f'[[watch]]\nurls = ["{urls[1]}"]')
        answer = harvester("run", "--log-format", "json")
    assert answer.code == 3
    lines = [json.loads(line) for line in answer.err.splitlines()]
    said = [line["event"] for line in lines]
    assert said == ["start", "visit", "told", "visit", "breaker", "told", "handoff", "stop"]
    visit, told = lines[1:3]
    assert (visit["state"], visit["code"], visit["level"]) == ("ok", 0, "info")
    assert visit["record_id"] == told["record_id"]
    assert (lines[4]["host"], lines[4]["reason"], lines[4]["state"]) == (
        "mp.weixin.qq.com",
        "verification",
        "open",
    )
    assert harvester("run", "--log-format", "xml").code == 2
    assert harvester("status").code == 0
