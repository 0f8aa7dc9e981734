"""`harvester sync` as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.storage import RemotePath
from harvester.cli.app import run

from .test_mirror import archive, files_of

__all__ = ["archive"]


def test_sync_tells_what_it_did(
    archive: Path, bucket: RemotePath, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first run sends all, the second nothing; both end with 0 and say it, as JSON too."""
    assert run(["sync", str(archive), f"{bucket}/m"]) == 0
    said = capsys.readouterr().err
    assert "sent and proven" in said
    assert not said.startswith("\n")  # no bar where nobody looks
    assert run(["sync", str(archive), f"{bucket}/m/", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sent"], told["failed"]) == ([], [])
    assert told["present"] == len(files_of(bucket / "m")) - 1  # the manifest is none of them


def test_an_altered_mirror_is_mended(
    archive: Path, folder: RemotePath, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` names what mends it, `sync --verify` does it and says so, and then nothing is found."""
    assert run(["sync", str(archive), str(folder)]) == 0
    document = folder / "documents/2026/01/one.json"
    document.write_bytes(b"[]\n")
    assert run(["check", str(folder)]) == 1
    assert "harvester sync --verify" in " ".join(capsys.readouterr().out.split())
    assert run(["sync", str(archive), str(folder), "--verify"]) == 0
    assert "was altered at the mirror, and is sent anew: documents" in " ".join(
        capsys.readouterr().err.split()
    )
    assert run(["check", str(folder)]) == 0


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        ("/some/folder", 2, "is no URL"),
        ("s3://key:secret@bucket/x", 2, "leave credentials out"),
        ("s3://no-such-bucket-here/x", 5, "no such bucket"),
        ("what://x/y", 2, "no store is known by this scheme. Known are s3://"),
        ("sftp://x/y", 2, "paramiko"),
    ],
)
def test_places_that_do_not_serve(
    archive: Path, bucket: RemotePath, url: str, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each gives one clear line and its exit code."""
    assert run(["sync", str(archive), url]) == code
    said = capsys.readouterr().err
    assert words in " ".join(said.split())
    assert "secret" not in said


def test_no_credentials(
    archive: Path, bucket: RemotePath, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without credentials the store cannot be used, and that is what is said."""
    import fsspec

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    try:
        assert run(["sync", str(archive), f"{bucket}/m"]) == 5
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
    assert "no credentials" in " ".join(capsys.readouterr().err.split())
