"""`harvester check` as a user has it, on an archive that the demonstration made."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from fixtures.conformance import cases
from harvester.cli.app import run
from harvester.document import Document


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with articles, images and a deleted page."""
    folder = tmp_path_factory.mktemp("demo") / "output"
    assert run(["demo", "--output", str(folder)]) == 0
    return folder / "archive"


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(made, tmp_path / "archive")


def _document(archive: Path) -> Path:
    return min((archive / "documents").rglob("*.json"))


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_what_was_just_captured_is_clean(harvester, archive) -> None:
    """WARC files, index, library and documents agree; exit 0 and no finding at all."""
    answer = harvester("check", archive, "--json")
    assert (answer.code, answer.json["findings"]) == (0, [])
    assert answer.json["records"] > 10
    assert harvester("check", archive).code == 0


def test_a_document_that_was_touched_is_found(harvester, archive) -> None:
    """E074: one letter of a document's text; E073: no document; both cured by reindex."""
    path = _document(archive)
    text = json.loads(path.read_text())["text"]
    changed = path.read_text().replace(text[5:9], text[6:9] + text[5], 1)
    path.write_text(changed)
    assert harvester("check", archive, "--json").codes == {"E074"}
    path.unlink()
    answer = harvester("check", archive, "--json")
    assert answer.code == 1
    assert answer.codes == {"E073"}
    assert harvester("reindex", "--archive", archive).code == 0
    assert harvester("check", archive).code == 0


def test_a_document_of_another_version_is_no_damage(harvester, archive) -> None:
    """W070: a program that reads differently is not a damaged file."""
    path = _document(archive)
    document = json.loads(path.read_text())
    document["provenance"]["software"]["harvester"] = "0.0.1"
    path.write_text(json.dumps(document))
    answer = harvester("check", archive, "--json")
    assert (answer.code, answer.codes) == (0, {"W070"})
    document["text"] += "x"  # and the document no longer agrees with itself
    path.write_text(json.dumps(document))
    assert harvester("check", archive, "--json").codes == {"E074"}


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ("delete from pages", {"E071", "W074"}),
        ("update pages set title = 'another' where state = 'ok'", {"E072"}),
        ("update pages set page_state = '{}' where state <> 'ok'", {"E072"}),
        ("update pages set record_id = '<urn:x:gone>' where state = 'ok'", {"E072", "E075"}),
    ],
)
def test_the_library_is_compared(harvester, archive, statement, codes) -> None:
    """Every page has its row, every row its page."""
    with sqlite3.connect(archive / "library/library.sqlite") as database:
        database.execute(statement)
    database.close()
    answer = harvester("check", archive, "--json")
    assert (answer.code, answer.codes) == (1, codes)


def test_a_lost_library_or_index_is_told(harvester, archive) -> None:
    """E070, E066 with W075: what cannot be compared is not passed over in silence."""
    for path in (archive / "library").iterdir():
        path.unlink()
    assert harvester("check", archive, "--json").codes == {"E070"}
    for path in (archive / "index").iterdir():
        path.unlink()
    assert harvester("check", archive, "--json").codes == {"E066", "W075"}


def test_stray_files_among_the_documents_are_told(harvester, archive) -> None:
    """W074: a document that no record gives."""
    _document(archive).with_name("wechat-0-0.json").write_text("{}")
    assert harvester("check", archive, "--json").codes == {"W074"}


def test_a_flip_in_any_stored_file_is_found(harvester, archive, made) -> None:
    """No byte of WARC file, sidecar or document can change unnoticed (one place of each file is tried)."""
    for path in sorted(made.rglob("*")):
        relative = path.relative_to(made)
        if not path.is_file() or relative.parts[0] not in {"warc", "documents"}:
            continue
        _flip(archive / relative, path.stat().st_size // 3)
        assert harvester("check", archive).code == 1, relative
        shutil.copy(path, archive / relative)


def test_salvage_from_the_command_line(harvester, archive, tmp_path) -> None:
    """`--salvage` writes a file that is clean, and says what is in it."""
    (warc,) = (archive / "warc").glob("*.warc.gz")
    _flip(warc, warc.stat().st_size // 2)
    answer = harvester("check", archive, "--salvage", tmp_path / "saved.warc.gz", "--json")
    assert answer.code == 1
    assert answer.json["salvage"]["records"] > 10
    assert harvester("check", tmp_path / "saved.warc.gz").code == 0


def test_exit_codes_and_words(harvester, archive, tmp_path) -> None:
    """0 with warnings, 1 damaged, 2 for what is not there, 5 for a newer format."""
    (tmp_path / "W010.warc").write_bytes(cases()["warn/W010_draft_version.warc"])
    (tmp_path / "E030.warc").write_bytes(cases()["bad/E030_block_digest.warc"])
    warned = harvester("check", "W010.warc")
    assert warned.code == 0
    assert "W010" in warned.out
    damaged = harvester("check", "E030.warc")
    assert damaged.code == 1
    assert "E030" in damaged.out
    assert "does not match its digest" in damaged.out
    assert harvester("check", "absent.warc").code == 2
    marker = archive / "harvester-archive.json"
    marker.write_text(marker.read_text().replace('"version": 1', '"version": 99'))
    assert harvester("check", archive).code == 5


def test_documents_have_what_the_comparison_reads() -> None:
    """The few fields that tell another version's document are in the schema."""
    assert {"provenance", "text", "text_sha256"} <= set(Document.__struct_fields__)
