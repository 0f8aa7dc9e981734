"""Web archives of other tools, taken in: octet for octet, checked, indexed, then read like our own."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, read_warc
from archive.check import Check, Report
from archive.foreign import SUFFIXES
from archive.taking_in import FLAWS, TakingIn, stored_name
from fixtures.conformance import cases
from fixtures.conformance.parts import (
    FIELDS,
    INFO_ID,
    REQUEST,
    arc,
    base_fields,
    gz,
    http,
    info,
    package,
    raw,
    response,
    trained_dictionary,
    zipped,
    zst,
)

Command = Callable[..., Any]


def html(body: bytes, head: str = "") -> bytes:
    """Return an HTTP response that carries a page."""
    return http(body, head=f"Content-Length: {len(body)}\r\n{head}").replace(b"text/plain", b"text/html", 1)


URL = "https://mp.weixin.qq.com/s/TakenInFixture00000001"


@pytest.fixture
def records(page: bytes) -> tuple[bytes, bytes]:
    """A foreign crawl: its warcinfo, and an article's response."""
    return info(), response(("WARC-Warcinfo-ID", INFO_ID), uri=URL, block=html(page))


def results(answer: Any) -> list[dict[str, Any]]:
    return answer.json["results"]


def warcs(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "archive/warc").iterdir() if path.suffix != ".sha256")


def note(record_id: str) -> bytes:
    return raw(base_fields("metadata", record_id, FIELDS), b"a: b\r\n")


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", [".warc", ".warc.gz", ".warc.zst", "named.gz", ".wacz"])
def test_each_form_is_taken_in_octet_for_octet(
    harvester: Command, records: tuple[bytes, bytes], tmp_path: Path, form: str
) -> None:
    """The copy equals the original, has its sidecar, and its page is a document that can be made again."""
    data = {
        ".warc": b"".join(records),
        ".warc.gz": gz(*records),
        ".warc.zst": zst(*records, dictionary=trained_dictionary()),
        "named.gz": gz(*records),
        ".wacz": package({"archive/data.warc.gz": gz(*records)}),
    }[form]
    given = write(tmp_path / f"crawl{form}", data)
    answer = harvester("import", given, "--json")
    assert answer.code == 0, answer.err
    (result,) = results(answer)
    assert (result["state"], result["held"], result["taken"]["pages"]) == ("taken in", False, {"ok": 1})
    stored = tmp_path / "archive/warc" / result["taken"]["file"]
    inside = gz(*records) if form == ".wacz" else data
    assert stored.read_bytes() == inside
    assert given.read_bytes() == data
    assert (
        stored.with_name(stored.name + ".sha256").read_text()
        == f"{hashlib.sha256(inside).hexdigest()}  {stored.name}\n"
    )
    (row,) = harvester("list", "--json").json
    assert (row["method"], row["requested_url"], row["state"]) == ("warc", URL, "ok")
    assert harvester("check", "archive").code == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "archive/documents").rglob("*.json")}
    (tmp_path / "archive/index/records.sqlite").unlink()
    (tmp_path / "archive/library/library.sqlite").unlink()
    assert harvester("reindex").code == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "archive/documents").rglob("*.json")} == before


def test_where_a_file_came_from_is_a_record_of_ours(
    harvester: Command, records: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """Name, digest and package are in our own WARC, under the URN of the digest, and survive a reindex."""
    outer = package({"archive/data.warc.gz": gz(*records)})
    result = results(harvester("import", write(tmp_path / "Sammlung 1.wacz", outer), "--json"))[0]
    assert harvester("reindex").code == 0
    with Archive.open(tmp_path / "archive") as archive:
        (entry,) = archive.find(f"urn:x-harvester:import:sha256:{result['taken']['sha256']}")
        text = archive.read(entry.location).block.decode()
    facts = dict(line.split(": ", 1) for line in text.splitlines())
    assert facts["harvester-source-file"] == "Sammlung 1.wacz"
    assert facts["harvester-source-sha256"] == hashlib.sha256(outer).hexdigest()
    assert facts["harvester-source-member"] == "archive/data.warc.gz"
    assert facts["harvester-warc-file"] == result["taken"]["file"]
    assert facts["harvester-taken-in"].endswith("Z")


def test_the_same_file_again_is_held(
    harvester: Command, records: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """By its digest, under whatever name, also inside a package; nothing is added."""
    assert harvester("import", write(tmp_path / "one.warc.gz", gz(*records))).code == 0
    before = warcs(tmp_path)
    second = write(tmp_path / "other name.warc.gz", gz(*records))
    third = write(tmp_path / "p.wacz", package({"archive/x.warc.gz": gz(*records)}))
    for path in (second, third):
        answer = harvester("import", path, "--json")
        assert answer.code == 0
        assert results(answer)[0]["held"]
        assert warcs(tmp_path) == before
    own = next(path for path in before if path.name.startswith("HARVESTER"))
    assert results(harvester("import", own, "--json"))[0]["held"]
    assert warcs(tmp_path) == before


def test_what_a_crash_left_half_taken_in_is_completed(
    harvester: Command, records: tuple[bytes, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash behind the file's own coming in: the next import adds the record of where it is from."""
    given = write(tmp_path / "one.warc.gz", gz(*records))
    settle = TakingIn.settle

    def crash(self: TakingIn, staged: Any) -> str:
        settle(self, staged)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TakingIn, "settle", crash)
        harvester("import", given)
    answer = harvester("import", given, "--json")
    (result,) = results(answer)
    assert result["held"]
    with Archive.open(tmp_path / "archive") as archive:
        assert len(archive.find(f"urn:x-harvester:import:sha256:{result['taken']['sha256']}")) == 1
    assert [row["state"] for row in harvester("list", "--json").json] == ["ok"]


def test_a_damaged_file_is_refused_and_the_advice_works(
    harvester: Command, records: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """The finding, its place, and a command; what that command writes can be imported. Nothing stays."""
    data = gz(*records)
    given = write(tmp_path / "cut.warc.gz", data + gz(response(uri=URL))[:-9])
    answer = harvester("import", given, "--json")
    (result,) = results(answer)
    assert (answer.code, result["state"]) == (1, "refused")
    assert f"E003 at byte {len(data)}" in result["message"]
    assert f"harvester check {given} --salvage GOOD.warc.gz" in result["message"]
    assert not list((tmp_path / "archive/warc").iterdir())
    assert harvester("check", given, "--salvage", "GOOD.warc.gz").code == 1
    assert harvester("import", "GOOD.warc.gz").code == 0


BAD = {name: data for name, data in cases().items() if name.startswith("bad/")}


@pytest.mark.parametrize("name", sorted(BAD))
def test_every_bad_case_is_refused_or_told(harvester: Command, tmp_path: Path, name: str) -> None:
    """What `check` calls damaged is not taken in, but for findings said of bytes that are all there."""
    given = write(tmp_path / name.partition("/")[2], BAD[name])
    report = Report()
    with Check(report) as check:
        check.path(given)
    errors = {code for code in report.counts if code.startswith("E")}
    answer = harvester("import", given, "--json")
    (result,) = results(answer)
    if errors <= FLAWS:
        assert result["state"] == "taken in"
        assert all(code in "".join(result["warnings"]) for code in errors)
    else:
        assert result["state"] == "refused", errors
        assert not list((tmp_path / "archive/warc").iterdir())
        if given.name.endswith(SUFFIXES[:3]):
            harvester("check", given, "--salvage", "GOOD.warc.gz")
            assert harvester("import", "GOOD.warc.gz").code == 0


@pytest.mark.parametrize("name", sorted(n for n in cases() if n.startswith(("good/", "warn/"))))
def test_every_good_case_is_taken_in_or_says_why(harvester: Command, tmp_path: Path, name: str) -> None:
    """What `check` calls sound is taken in, or refused in words, and the archive is then sound too."""
    given = write(tmp_path / name.partition("/")[2], cases()[name])
    answer = harvester("import", given, "--json")
    for result in results(answer):
        assert result["state"] == "taken in" or any(
            reason in result["message"]
            for reason in ("ARC file", "read leniently", "a draft of the format", "no WARC file", "no record")
        )
    assert harvester("check", "archive").code == 0


def test_a_file_that_is_not_the_one_of_its_sidecar_is_refused(
    harvester: Command, records: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """A cut between two records leaves no trace in a file; the digest beside it tells."""
    given = write(tmp_path / "one.warc.gz", gz(records[0]))
    whole = hashlib.sha256(gz(*records)).hexdigest()
    write(tmp_path / "one.warc.gz.sha256", f"{whole}  one.warc.gz\n".encode())
    assert "E060" in results(harvester("import", given, "--json"))[0]["message"]


def test_names_lead_nowhere(harvester: Command, records: tuple[bytes, bytes], tmp_path: Path) -> None:
    """Whatever a file or a member is called, the copy's name is plain, ours in form, and in `warc/`."""
    names = ["../../x.warc.gz", "/etc/x.warc.gz", "archive/-rf .open.warc.gz", "archive/a.torn-9.warc.gz"]
    files = {
        name: gz(raw(base_fields("metadata", f"<urn:x:{n}>", FIELDS), b"a: b\r\n"))
        for n, name in enumerate(names)
    }
    given = write(tmp_path / "odd.wacz", package(files))
    answer = harvester("import", given, "--json")
    assert results(answer)[0]["state"] == "refused"  # a list of files that are not read is a finding
    given.write_bytes(package({name: data for name, data in files.items() if name.startswith("archive")}))
    assert harvester("import", given).code == 0
    for path in warcs(tmp_path):
        assert path.name.removesuffix(".warc.gz").replace("-", "").replace("_", "").isalnum()
        assert not path.name.startswith((".", "-"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "odd.wacz"]
    for said in (
        "",
        "..",
        "../..",
        "a\nb",
        "\u202egz",
        "x" * 500,
        ".warc.gz",
        "a!b/../c.warc",
        "灯塔.warc.gz",
    ):
        name = stored_name(said, ".warc.gz", "ab" * 32)
        assert len(name.encode()) < 120
        assert name.endswith("-abababababababab.warc.gz")
        assert name[0].isalnum()


def test_a_package_that_grows_without_bound_is_refused(harvester: Command, tmp_path: Path) -> None:
    """A deflated member is copied up to a cap; the temporary copy goes."""
    big = response(block=http(b"\0" * 70_000_000))
    given = write(tmp_path / "bomb.wacz", package({"archive/a.warc": big}, deflate=True))
    assert given.stat().st_size < 200_000
    (result,) = results(harvester("import", given, "--json"))
    assert "too large to take in" in result["message"]
    assert not list((tmp_path / "archive/warc").iterdir())


def test_a_package_comes_in_whole_or_not_at_all(
    harvester: Command, records: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """One damaged WARC inside: none of the others is taken in."""
    members = {"archive/a.warc.gz": gz(*records), "archive/b.warc.gz": gz(records[0])[:-3]}
    given = write(tmp_path / "p.wacz", package(members))
    assert results(harvester("import", given, "--json"))[0]["state"] == "refused"
    assert not list((tmp_path / "archive/warc").iterdir())


def test_nobody_elses_file_speaks_for_our_records(
    harvester: Command, records: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """A record under a held record's id with other content, or a note attached to one, is refused."""
    assert harvester("import", write(tmp_path / "one.warc.gz", gz(*records))).code == 0
    first = harvester("list", "--json").json
    held = next(read_warc(tmp_path / "one.warc.gz", offset=len(gz(records[0]))))
    forged = response(uri=URL, block=html(b"<html>forged</html>"), record_id=held.record_id)
    attached = raw(
        (*base_fields("metadata", "<urn:x:9>", FIELDS), ("WARC-Concurrent-To", held.record_id)),
        b"software: harvester/9\r\nharvester-method: live\r\n",
    )
    for name, record, why in (("a", forged, "the id of another"), ("b", attached, "attaches itself")):
        (result,) = results(harvester("import", write(tmp_path / f"{name}.warc.gz", gz(record)), "--json"))
        assert result["state"] == "refused"
        assert why in result["message"]
    assert harvester("list", "--json").json == first
    # The same record in a file that is packed otherwise says nothing new.
    assert harvester("import", write(tmp_path / "c.warc", b"".join(records))).code == 0
    assert harvester("check", "archive").code == 0


def test_session_values_are_told_and_left(harvester: Command, page: bytes, tmp_path: Path) -> None:
    """Evidence is not altered: cookies and session URLs of a foreign file are counted in a warning."""
    asked = raw(
        base_fields("request", "<urn:x:1>", REQUEST, URL + "?pass_ticket=abcdef"),
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n",
    )
    answered = response(uri=URL, block=html(page, "Set-Cookie: a=b\r\n"))
    given = write(tmp_path / "one.warc.gz", gz(asked, answered))
    (result,) = results(harvester("import", given, "--json"))
    (warning,) = result["warnings"]
    assert "1 URLs with session values, 1 requests with cookies" in warning
    assert "1 responses that set cookies" in warning
    assert (tmp_path / "archive/warc" / result["taken"]["file"]).read_bytes() == given.read_bytes()


def test_what_is_no_web_archive_goes_the_ordinary_way(
    harvester: Command, page: bytes, tmp_path: Path
) -> None:
    """A gzip of a page, a ZIP of anything, text that begins like an ARC line: told by content."""
    assert (
        results(harvester("import", write(tmp_path / "p.html.gz", gzip.compress(page)), "--json"))[0]["state"]
        == "ok"
    )
    other = write(tmp_path / "x.bin", zipped({"a.txt": b"a"}))
    assert "nor a WARC or WACZ" in results(harvester("import", other, "--json"))[0]["message"]
    text = write(tmp_path / "links.txt", b"http://e.example/ 1.2.3.4 20260101 text/html 9\nhello hello")
    assert "nor a WARC or WACZ" in results(harvester("import", text, "--json"))[0]["message"]


@pytest.mark.parametrize("name", ["a.warc.gz.open", "a.arc", "a.wacz", "a.warc.gz"])
def test_what_cannot_be_taken_in_says_what_to_do(harvester: Command, tmp_path: Path, name: str) -> None:
    """A file in writing, an ARC, a package without a WARC, an empty file: one clear line each."""
    data, words = {
        "a.warc.gz.open": (gz(info()), "open its own archive first"),
        "a.arc": (arc(("http://e.example/", http())), "warcio recompress"),
        "a.wacz": (package({"pages/pages.jsonl": b"{}"}), "no WARC file"),
        "a.warc.gz": (b"", "no WARC file by its content"),
    }[name]
    answer = harvester("import", write(tmp_path / name, data), "--json")
    assert words in results(answer)[0]["message"]
    assert answer.code in {1, 2}


def test_a_folder_of_web_archives(harvester: Command, records: tuple[bytes, bytes], tmp_path: Path) -> None:
    """Every WARC and WACZ below it; sidecars are passed over."""
    folder = tmp_path / "crawls"
    (folder / "deep").mkdir(parents=True)
    write(folder / "deep/one.warc.gz", gz(*records))
    digest = hashlib.sha256(gz(*records)).hexdigest()
    write(folder / "deep/one.warc.gz.sha256", f"{digest}  one.warc.gz\n".encode())
    write(
        folder / "two.wacz",
        package({"archive/d.warc": note("<urn:x:1>")}),
    )
    answer = harvester("import", folder, "--json")
    assert answer.code == 0
    assert [result["state"] for result in results(answer)] == ["taken in", "taken in", "passed over"]
    assert json.loads(answer.out)["exit_code"] == 0
