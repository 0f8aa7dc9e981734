"""Taking down: hidden everywhere and for every engine; purged where asked, with proof of what went."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from archive import Archive, read_warc
from archive.raw import raw_records
from harvester.withdrawal import WITHDRAWAL_URN, withdrawal_of

from fixtures.behaviours import plain  # isort: skip
from fixtures.pages.wechat_article import Recent, article_page  # isort: skip
from fixtures.stories import lighthouse_article, statement_repost  # isort: skip

KEPT, GONE = lighthouse_article(), statement_repost()


@pytest.fixture
def taken(harvester: Any, tmp_path: Path) -> tuple[Any, str, str]:
    """An archive of two imported pages in files of their own; the command, and the two ids."""
    ids = []
    for number, article in enumerate((KEPT, GONE)):
        page = tmp_path / f"{number}.html"
        page.write_bytes(article_page(article, Recent(era=2026, script_bytes=20_000, nonce="1")))
        assert harvester("import", page, "--archive", "a").code == 0
        ids.append(
            next(
                row["id"]
                for row in harvester("list", "--archive", "a", "--json").json
                if row["id"] not in ids
            )
        )
    return (lambda *arguments: harvester(*arguments, "--archive", "a")), ids[0], ids[1]


def _ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer.json]


def _octets(root: Path) -> dict[str, bytes]:
    paths = [path for path in (root / "warc").iterdir() if path.suffix in {".gz", ".zst"}]
    return {raw.record.record_id: raw.octets for path in paths for raw in raw_records(path)}


def _check_hidden(command: Any, tmp_path: Path, kept: str, gone: str) -> None:
    assert _ids(command("list", "--json")) == [kept]
    shown = command("show", gone)
    assert shown.code == 1
    assert shown.json["reason"] == "a court order"
    assert shown.json["when"]
    assert command("show", gone[:-2], "--format", "txt").code == 1
    assert not list((tmp_path / "a" / "documents").rglob(f"{gone}*"))
    assert list((tmp_path / "a" / "documents").rglob(f"{kept}*"))


def test_hidden_and_still_hidden_when_all_is_made_again(taken, harvester, tmp_path) -> None:
    """Listing, showing, reindexing with everything derived lost, rebuilding from WARC alone, checking."""
    command, kept, gone = taken
    before = _octets(tmp_path / "a")
    listed = harvester("index", "a").out.splitlines()
    answer = command("withdraw", gone, "--reason", "a court order", "--json")
    assert answer.code == 0
    (hidden,) = set(listed) - set(harvester("index", "a").out.splitlines())
    assert f'"{answer.json["url"]}"' in hidden
    assert answer.json["document"] == gone
    _check_hidden(command, tmp_path, kept, gone)
    for folder in ("documents", "library", "index"):
        shutil.rmtree(tmp_path / "a" / folder)
    assert command("reindex").code == 0
    _check_hidden(command, tmp_path, kept, gone)
    assert harvester("check", "a").code == 0
    assert harvester("rebuild", "a", "--output", "again").code == 0
    assert [path.stem for path in (tmp_path / "again").rglob("*.md")] == [kept]
    assert before.items() <= _octets(tmp_path / "a").items(), "the evidence itself stays"
    # Said again, it stays as it was.
    assert command("withdraw", gone, "--reason", "another", "--json").json["reason"] == "a court order"


def test_the_tombstone_is_a_record(taken, tmp_path) -> None:
    """A metadata record names the capture in WARC-Refers-To and holds reason, time and document."""
    command, _, gone = taken
    command("withdraw", gone, "--reason", "a court\norder")
    with Archive.open(tmp_path / "a") as archive:
        (entry,) = archive.find(WITHDRAWAL_URN)
        record = archive.read(entry.location)
        found = withdrawal_of(record)
        assert archive.entry(record.get("WARC-Refers-To")).type == "resource"
    assert (found.document, found.reason, found.action) == (gone, "a court order", "withdrawn")


def test_restored(taken, tmp_path) -> None:
    """A further record undoes the first; both stay."""
    command, kept, gone = taken
    rows = command("list", "--json").json
    command("withdraw", gone, "--reason", "a court order")
    assert command("withdraw", gone, "--restore", "--reason", "set aside").code == 0
    assert command("list", "--json").json == rows
    assert command("show", gone).code == 0
    assert list((tmp_path / "a" / "documents").rglob(f"{gone}*"))
    assert command("withdraw", kept, "--restore", "--reason", "x").code == 2


@pytest.mark.parametrize("form", [".warc.gz", ".warc.zst"])
def test_purged(taken, harvester, tmp_path, form) -> None:
    """No stored file holds the text afterwards; all other records are octet for octet; the proof is kept."""
    command, kept, gone = taken
    root = tmp_path / "a"
    if form == ".warc.zst":
        assert command("compact", "--delete-originals").code == 0
    assert command("compact").code == 0  # copies of what is going to be purged
    before = _octets(root)
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (root / "warc").glob(f"*{form}")
    }
    answer = command("withdraw", gone, "--purge", "--reason", "a court order", "--json")
    assert answer.code == 0
    (purged,) = answer.json["purged"]
    assert files[purged["file"]] == purged["sha256"]
    new = root / "warc" / purged["new_file"]
    assert hashlib.sha256(new.read_bytes()).hexdigest() == purged["new_sha256"]
    went = {item["record_id"] for item in purged["gone"]}
    assert {item["type"] for item in purged["gone"]} == {"resource", "metadata"}
    after = _octets(root)
    assert {key: after[key] for key in before if key not in went} == {
        key: octets for key, octets in before.items() if key not in went
    }
    assert not went & after.keys()
    _check_hidden(command, tmp_path, kept, gone)
    words = GONE.title.encode()
    for path in root.rglob("*"):
        if path.suffix in {".gz", ".zst"}:
            assert all(words not in raw.octets for raw in raw_records(path)), path
        elif path.is_file():
            assert words not in path.read_bytes(), path
    checked = harvester("check", "a", "--json")
    assert (checked.code, checked.codes) == (0, set())  # also the tombstones that name what is gone
    assert command("reindex").code == 0
    assert command("show", gone).json["action"] == "purged"
    (proof,) = [
        found for path in (root / "warc").glob("*.gz") for record in read_warc(path)
        if (found := withdrawal_of(record)) and found.purge
    ]  # fmt: skip
    assert proof.purge == purged
    assert command("withdraw", gone, "--restore", "--reason", "x").code == 2


def test_not_where_files_are_immutable(taken, tmp_path, monkeypatch) -> None:
    """`immutable = true` refuses what changes files; hiding changes none."""
    from types import SimpleNamespace

    from harvester.cli.compact import refuse_if_immutable
    from harvester.errors import UsageError

    loaded = SimpleNamespace(
        config=SimpleNamespace(warc=SimpleNamespace(immutable=True)), path="harvester.toml"
    )
    with pytest.raises(UsageError, match="immutable"):
        refuse_if_immutable(loaded, "nothing is purged")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 3000, "a\x00b"])
def test_a_reason_is_needed(taken, reason) -> None:
    """Without a usable reason nothing happens."""
    command, _, gone = taken
    assert command("withdraw", gone, "--reason", reason).code == 2
    assert gone in _ids(command("list", "--json"))


def test_a_capture_others_refer_to_is_not_purged(harvester, serve) -> None:
    """A revisit has only the first capture's payload: it has to go first, and the message names it."""
    page = article_page(GONE, Recent(era=2026, script_bytes=20_000, nonce="1"))
    origin = serve({GONE.short_url: plain(page)})
    options = ("--archive", "a", "--json", "--no-images", "--no-requisites", *origin.options)
    first, second = (harvester("fetch", GONE.short_url, *options).json["results"][0]["id"] for _ in range(2))
    purging = ("--purge", "--reason", "a court order", "--archive", "a")
    refused = harvester("withdraw", first, *purging)
    assert refused.code == 2
    assert "purge these first" in refused.err
    assert harvester("show", second, "--archive", "a").code == 0, "the other capture is not hidden with it"
    assert harvester("show", first, "--archive", "a").code == 1
    assert harvester("show", GONE.short_url, "--archive", "a").json["id"] == second
    assert harvester("withdraw", second, *purging).code == 0
    assert harvester("withdraw", first, *purging).code == 0
    with Archive.open("a") as archive:
        assert not [entry for entry in archive.entries() if entry.type in {"request", "response", "revisit"}]
    assert harvester("check", "a").code == 0
