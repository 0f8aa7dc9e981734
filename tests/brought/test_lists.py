"""Lists of files: one path a line."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

from archive.storage import RemotePath
from harvester.errors import UsageError
from harvester.rebuild.brought import listed


@pytest.mark.parametrize("data", [b"a.warc\nb c.warc.gz\n", b"\xef\xbb\xbfa.warc\r\n\r\n  b c.warc.gz  "])
def test_a_line_is_a_path(data: bytes, tmp_path: Path) -> None:
    """Each line is a path, blanks inside it kept; blank lines, Windows' line ends, gzip do not matter."""
    for name, form in (("plain", data), ("packed", gzip.compress(data))):
        (tmp_path / name).write_bytes(form)
        assert listed(str(tmp_path / name)) == ["a.warc", "b c.warc.gz"]


def test_a_list_at_a_url() -> None:
    """It is read as one on a disk; one that is not there is told in words."""
    pytest.importorskip("fsspec", reason="SKIPPED: fsspec is not installed")
    place = RemotePath.of("memory://lists/of/files")
    place.write_bytes(gzip.compress(b"s3://b/a.warc\n"))
    assert listed(place.url) == ["s3://b/a.warc"]
    with pytest.raises(UsageError, match=r"cannot read memory:///?lists/none: it is not there"):
        listed("memory://lists/none")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash is standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a.warc\n")))
    assert listed("-") == ["a.warc"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "names no file"),
        (b"\n \n", "names no file"),
        (b"a\0b", "holds NUL"),
        (b"\xff", "byte 0 is not UTF-8"),
        (gzip.compress(b"a", mtime=0)[:-4], "damaged gzip"),
    ],
)
def test_what_is_no_list(data: bytes, why: str, tmp_path: Path) -> None:
    """What is no list of paths is refused in one line."""
    (tmp_path / "list").write_bytes(data)
    with pytest.raises(UsageError, match=why):
        listed(str(tmp_path / "list"))


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    """A list that is not there, or a folder, is refused."""
    for name in ("nowhere", "."):
        with pytest.raises(UsageError, match="cannot read"):
            listed(str(tmp_path / name))
