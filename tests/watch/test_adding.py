"""What people add: written down once, in whatever form it comes, and looked at by the next run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from harvester.watch import journal
from harvester.watch.adding import ADDED, Added, add
from harvester.watch.sources import Link

NOW = datetime(2026, 5, 8, tzinfo=UTC)
LONG = "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==&mid=2650000123&idx=2&sn=0123456789abcdef0123456789abcdef"
SHORT = "https://mp.weixin.qq.com/s/AbCdEfGhIjKlMnOpQrStUv"
MFA = "https://www.mfa.gov.cn/web/ziliao_674904/1179_674909/202405/t20240508_11301538.shtml"


def added(folder: Path, *urls: str, **more: object) -> Added:
    return add(folder, [Link(url) for url in urls], via="by hand", now=NOW, **more)  # type: ignore[arg-type]


def test_an_article_is_written_down_once(tmp_path: Path) -> None:
    """Forms of one article's URL are one: noise, session values, the host that serves it."""
    first = added(
        tmp_path, LONG + "&chksm=ff&scene=58&key=s3cr3t#rd", SHORT, MFA, SHORT + "?from=x", tags=["t"]
    )
    assert [find.url for find in first.new][1:] == [SHORT, MFA]
    assert [(find.watch, find.via, find.tags) for find in first.new] == [(ADDED, "by hand", ("t",))] * 3
    assert "s3cr3t" not in first.new[0].url
    assert [words for _, words in first.warnings] == ["session values left out of the URL: key"]
    assert [(one.url, one.find.url) for one in first.known] == [(SHORT + "?from=x", SHORT)]
    again = added(tmp_path, LONG, SHORT, MFA.replace("www.mfa.gov.cn", "www.fmprc.gov.cn"))
    assert (again.new, len(again.known), again.refused) == ((), 3, ())
    assert list(journal.read(tmp_path, journal.FOUND, journal.Find)) == list(first.new)


def test_what_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    """Neither nonsense, nor a cut link, nor a bare verification page, nor a strange host is queued."""
    bad = (
        "nonsense",
        "https://mp.weixin.qq.com/s?__biz=MzkwMDAwMDAwMg==",
        "https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x",
        "https://elsewhere.example/a",
        "https://user:pw@www.mfa.gov.cn/a",
        "file:///etc/passwd",
    )
    found = added(tmp_path, *bad)
    said = ["not a web address", "shell cut it", "verification page", "allow_hosts", "user name", "not a web"]
    assert len(found.refused) == len(said), found
    assert all(words in one.why for words, one in zip(said, found.refused, strict=True)), found.refused
    assert not (tmp_path / "journal").exists()
    assert len(added(tmp_path, bad[3], allow_hosts=["elsewhere.example"]).new) == 1


def test_lines_are_followed(tmp_path: Path) -> None:
    """A reader that stays gets each whole line once, however it was written."""
    (tmp_path / "journal").mkdir()
    path = tmp_path / "journal" / journal.FOUND
    follower = journal.Follower(tmp_path, journal.FOUND, journal.Find)
    assert follower.new() == []
    added(tmp_path, SHORT)
    assert [find.url for find in follower.new()] == [SHORT]
    with path.open("ab") as file:
        file.write(b'{"at":"t","url":"u","watch":"w"')
    assert follower.new() == []
    added(tmp_path, MFA)  # ends the line that a crash cut
    assert [find.url for find in follower.new()] == [MFA]
    assert follower.new() == []
