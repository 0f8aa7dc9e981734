"""`harvester export`: what goes into a package, what never does, and how it fails."""

from __future__ import annotations

import errno
import gzip
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, StoredRecord, read_warc
from archive.disk import SystemDisk
from harvester.export import Choice, choose, export_wacz
from harvester.library import Library

NOW = datetime(2027, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def records(package: Path, folder: Path) -> list[StoredRecord]:
    with zipfile.ZipFile(package) as file:
        path = Path(file.extract("archive/data.warc.gz", folder))
    return list(read_warc(path))


def pages(package: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(package) as file:
        head, *lines = file.read("pages/pages.jsonl").decode().splitlines()
    assert json.loads(head)["format"] == "json-pages-1.0"
    return [json.loads(line) for line in lines]


def stored(archive: Path) -> dict[str, StoredRecord]:
    return {record.record_id: record for path in archive.glob("warc/*.warc.gz") for record in read_warc(path)}


def test_a_package_holds_the_records_octet_for_octet(harvester: Any, world: Any, tmp_path: Path) -> None:
    """Every record of the archive that belongs to an article is in the package with the same fields and
    block; what is new says itself to be Harvester's; every reference leads to a record in it.
    """
    assert harvester("export", "--wacz", "x.wacz", "--archive", "a").code == 0
    found = {record.record_id: record for record in records(tmp_path / "x.wacz", tmp_path)}
    held = stored(world.archive)
    for record_id in found.keys() & held.keys():
        if held[record_id].type != "revisit":
            assert (found[record_id].fields, found[record_id].block) == (
                held[record_id].fields,
                held[record_id].block,
            )
    new = [found[record_id] for record_id in found.keys() - held.keys()]
    assert all(record.type in {"warcinfo", "metadata", "resource"} for record in new)
    assert all(
        (record.target_uri or "").startswith("https://reading.harvester.invalid/")
        for record in new
        if record.type == "resource"
    )
    left_out = [held[record_id] for record_id in held.keys() - found.keys()]
    assert {record.target_uri for record in left_out} == {world.deleted}
    for record in found.values():
        for name in ("WARC-Concurrent-To", "WARC-Warcinfo-ID", "WARC-Refers-To"):
            assert set(record.get_all(name)) <= found.keys()


def test_the_strict_check_and_the_plain_warc_agree(harvester: Any, world: Any) -> None:
    """Our own check finds nothing in either form, not even a warning; both hold the same responses."""
    assert harvester("export", "--wacz", "x.wacz", "--archive", "a").code == 0
    assert harvester("export", "--warc", "x.warc.gz", "--archive", "a").code == 0
    report = harvester("check", "x.wacz", "x.warc.gz", "--json").json
    assert report["counts"] == {}
    plain = Counter(record.type for record in read_warc(Path("x.warc.gz")))
    packed = Counter(record.type for record in records(Path("x.wacz"), Path("u")))
    assert plain["response"] == packed["response"] > 0
    assert packed["resource"] - plain["resource"] == 3  # the reading views


def test_pages_lead_to_documents_and_views(harvester: Any, world: Any, tmp_path: Path) -> None:
    """Each article is listed under its own address with its text, once, and its reading view beside it."""
    harvester("export", "--wacz", "x.wacz", "--archive", "a")
    listed = pages(tmp_path / "x.wacz")
    urls = [page["url"] for page in listed if "readingOf" not in page]
    assert sorted(urls) == sorted([world.repost, world.original, world.article])
    targets = {record.target_uri for record in records(tmp_path / "x.wacz", tmp_path)}
    assert {page["url"] for page in listed} <= targets
    assert sum("声音比光走得远" in page.get("text", "") for page in listed) == 1
    with zipfile.ZipFile(tmp_path / "x.wacz") as file:
        for page in listed:
            assert json.loads(file.read(page["document"]))["title"] in page["title"]


def test_the_same_export_gives_the_same_bytes(world: Any, tmp_path: Path) -> None:
    """At one clock value the same choice gives the same bytes; the ZIP's times come from the captures."""
    for name in ("1.wacz", "2.wacz"):
        with Archive.open(world.archive) as archive, Library(archive) as library:
            export_wacz(archive, library, choose(library, Choice()), tmp_path / name, created=NOW)
    assert (tmp_path / "1.wacz").read_bytes() == (tmp_path / "2.wacz").read_bytes()
    with zipfile.ZipFile(tmp_path / "1.wacz") as file:
        assert {info.date_time[0] for info in file.infolist()} != {NOW.year}
        for name in ("archive/data.warc.gz", "indexes/index.cdx.gz"):
            assert file.getinfo(name).compress_type == zipfile.ZIP_STORED


def test_the_index_leads_to_every_record(harvester: Any, world: Any, tmp_path: Path) -> None:
    """Each CDXJ line names a member that holds that URL; the blocks of index.idx are where it says."""
    harvester("export", "--wacz", "x.wacz", "--archive", "a")
    records(tmp_path / "x.wacz", tmp_path)
    with zipfile.ZipFile(tmp_path / "x.wacz") as file:
        packed, blocks = file.read("indexes/index.cdx.gz"), file.read("indexes/index.idx").decode()
    lines = gzip.decompress(packed).splitlines()
    assert lines == sorted(lines)
    for line in lines:
        entry = json.loads(line[line.index(b" {") :])
        warc = tmp_path / "archive" / entry["filename"]
        record = next(read_warc(warc, offset=int(entry["offset"])))
        assert (record.target_uri, record.location.length) == (entry["url"], int(entry["length"]))
    place = json.loads(blocks.splitlines()[1].partition(" {")[2].join(["{", ""]))
    piece = packed[place["offset"] : place["offset"] + place["length"]]
    assert gzip.decompress(piece).splitlines() == lines[:1024]


def test_choosing(harvester: Any, world: Any) -> None:
    """Ids, times, words in any case and page states choose; what fits nothing is exit 1, and no file."""

    def chosen(*options: str) -> list[str]:
        answer = harvester("export", "--wacz", "x.wacz", "--force", "--archive", "a", "--json", *options)
        assert answer.code == (0 if answer.json["pages"] else 1)
        return [page.split("-")[0] for page in answer.json["pages"]]

    assert chosen() == ["wechat", "mfa", "wechat"]
    assert chosen("--query", "DATA TO THE SEA") == ["wechat", "mfa"]
    assert chosen("--query", "MFA.GOV.CN/web") == ["mfa"]
    assert chosen("--id", world.article) == ["wechat"]
    assert chosen("--id", world.deleted) == ["wechat"]
    assert len(chosen("--states")) == 4
    assert len(chosen("--since", "2020-01-01")) == 3
    Path("x.wacz").unlink()
    assert chosen("--since", "2999-01-01T00:00:00+08:00") == []
    assert not Path("x.wacz").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "say where to"),
        (("--wacz", "x.wacz", "--warc", "x.warc.gz"), "say where to"),
        (("--wacz", "x.zip"), "ends in .wacz"),
        (("--warc", "x.warc"), "ends in .warc.gz"),
        (("--wacz", "there.wacz"), "exists already"),
        (("--warc", "there.warc.gz"), "exists already"),
        (("--wacz", "x.wacz", "--since", "yesterday"), "not a time"),
        (("--wacz", "x.wacz", "--id", "none"), "no capture"),
    ],
)
def test_wrong_calls_are_said(harvester: Any, world: Any, options: tuple[str, ...], words: str) -> None:
    """Exit 2, one line that says what to do, and nothing written or replaced."""
    for name in ("there.wacz", "there.warc.gz"):
        Path(name).write_text("mine", encoding="utf-8")
    answer = harvester("export", "--archive", "a", *options)
    assert answer.code == 2
    assert words in answer.err
    assert Path("there.wacz").read_text(encoding="utf-8") == "mine"
    assert not {path.name for path in Path().iterdir()} & {"x.wacz", "x.warc.gz", "x.zip", "x.warc"}


class FullDisk(SystemDisk):
    """Fails for good from its n-th change on."""

    def __init__(self, fail_at: int) -> None:
        self.left = fail_at

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "injected")

    def create(self, path: Path) -> int:
        self._step()
        return super().create(path)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        self._step()
        return super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        self._step()
        super().fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        super().rename(source, target)


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_a_full_disk_leaves_nothing_half(
    harvester: Any, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Whichever change of the disk fails, it is exit 5 in words, the old file stays, and no litter."""
    from harvester.export import exporter

    old = tmp_path / "out" / "x.wacz"
    old.parent.mkdir()
    old.write_bytes(b"the old one")
    defaults = exporter.export_wacz.__kwdefaults__
    for fail_at in range(0, 1000, step):
        monkeypatch.setitem(defaults, "disk", FullDisk(fail_at))
        answer = harvester("export", "--wacz", old, "--force", "--archive", "a")
        if answer.code == 0:
            break
        assert answer.code == 5
        assert "make room" in answer.err
        assert [path.name for path in old.parent.iterdir()] == ["x.wacz"]
        assert old.read_bytes() == b"the old one"
    assert fail_at > 20
    assert zipfile.is_zipfile(old)


def test_redirects_go_with_their_page(harvester: Any, moved: Path, tmp_path: Path) -> None:
    """The records of the addresses that led to a page are in the package, and are no pages of it."""
    assert harvester("export", "--wacz", "x.wacz", "--archive", "m", "--states").code == 0
    found = [record for record in records(tmp_path / "x.wacz", tmp_path) if record.type == "response"]
    assert len({record.target_uri for record in found}) == 2
    assert len([page for page in pages(tmp_path / "x.wacz") if "readingOf" not in page]) == 1


def test_revisits_become_responses_again(harvester: Any, twice: Path, tmp_path: Path) -> None:
    """A capture that is stored as a revisit is exported as a full response under its own id and date, with
    the octets that were received; a metadata record says so; the first capture is not needed.
    """
    (revisit,) = (record for record in stored(twice).values() if record.type == "revisit")
    original = stored(twice)[revisit.get("WARC-Refers-To") or ""]
    last = harvester("list", "--archive", "t", "--json").json[-1]["id"]
    assert harvester("export", "--wacz", "x.wacz", "--archive", "t", "--id", last).code == 0
    found = {record.record_id: record for record in records(tmp_path / "x.wacz", tmp_path)}
    assert original.record_id not in found
    response = found[revisit.record_id]
    assert (response.type, response.date, response.target_uri) == (
        "response",
        revisit.date,
        revisit.target_uri,
    )
    assert response.block.startswith(revisit.block)
    assert response.block.endswith(original.block.partition(b"\r\n\r\n")[2])
    (told,) = (r for r in found.values() if r.get("WARC-Refers-To") == revisit.record_id)
    assert b"stored as a revisit" in told.block
    assert original.record_id.encode() in told.block
    assert harvester("check", "x.wacz", "--json").json["counts"] == {}


def test_quarantine_is_never_exported(harvester: Any, tmp_path: Path) -> None:
    """Originals that were kept apart for the session values in them are in no export, of any form."""
    secret = "a1B2c3D4e5F6g7H8i9J0kLmN"
    from fixtures.pages.wechat_article import Recent, article_page
    from fixtures.stories import lighthouse_article

    page = article_page(lighthouse_article(), Recent(era=2026, script_bytes=5000, nonce="1"))
    page = page.replace(b"</body>", b'<script>var pass_ticket = "%s";</script></body>' % secret.encode())
    Path("saved.html").write_bytes(page)
    url = lighthouse_article().short_url
    assert harvester("import", "saved.html", "--url", url, "--archive", "q").code == 0
    kept = list(Path("q/quarantine").iterdir())
    assert [secret.encode() in path.read_bytes() for path in kept] == [True]
    assert harvester("export", "--wacz", "x.wacz", "--archive", "q").code == 0
    assert harvester("export", "--warc", "x.warc.gz", "--archive", "q").code == 0
    with zipfile.ZipFile("x.wacz") as file:
        names = file.namelist()
        everything = [file.read(name) for name in names]
    everything += [record.block for record in records(Path("x.wacz"), tmp_path)]
    everything += [record.block for record in read_warc(Path("x.warc.gz"))]
    assert all(secret.encode() not in data for data in everything)
    assert not any("quarantine" in name or kept[0].name in name for name in names)


def test_a_damaged_record_ends_the_export(harvester: Any, world: Any) -> None:
    """Nothing that is not whole is passed on: exit 1, the place is named, no file is left."""
    (warc,) = world.archive.glob("warc/*.warc.gz")
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 1
    warc.write_bytes(data)
    answer = harvester("export", "--wacz", "x.wacz", "--archive", "a")
    assert answer.code == 1
    assert warc.name in answer.err
    assert not Path("x.wacz").exists()
