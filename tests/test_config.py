"""`harvester.toml`: read strictly, with errors that name file and key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from archive import WriterOptions
from harvester import config
from harvester.capture.options import CaptureOptions
from harvester.errors import UsageError
from harvester.wants import Wants
from harvester.watch.schedule import interval


def written(folder: Path, text: str) -> Path:
    path = folder / config.FILE_NAME
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_is_optional(tmp_path: Path) -> None:
    """An empty file, or none, gives the defaults."""
    assert config.load(written(tmp_path, "")).config == config.load(None).config == config.Config()


def test_the_nearest_file_upwards_counts(tmp_path: Path) -> None:
    """A configuration is found from any folder below it."""
    path = written(tmp_path, 'archive = "data"')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert config.find(below) == path
    assert config.load(path).archive_path() == (tmp_path / "data").resolve()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "colour"),
        ("[fetch]\ntotal_timeout_s = 'a'", "fetch.total_timeout_s"),
        ("[fetch]\npage_interval_s = 1", ", line 2: [fetch] page_interval_s must be at least 5"),
        ("[fetch]\nattempts = 3\nconnect_to = ['x']", ", line 3: [fetch] --connect-to 'x' is not of"),
        ("[operator]\ncontact = '  '", ", line 2: operator.contact: '  ' cannot stand"),
        (
            "[[watch]]\nlistings = ['https://a.cn']\nlinks = 'ul..['",
            ", line 3: watch[0].links: 'ul..[' is not a CSS selector",
        ),
        ("[[watch]]\nurls = []", "watch[0]"),
        ("[[watch]]\nurls = ['https://a.cn']\nevery = 'daily'", "not an interval"),
        ("[[watch]]\nevery = '1d'", "urls"),
        ("[fetch", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    """Unknown keys, wrong types and impossible values are usage errors that name the place."""
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        config.load(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_mark_of_the_byte_order_is_passed_over(tmp_path: Path) -> None:
    """Editors that begin a file with a byte order mark do not make it a wrong one."""
    path = tmp_path / "harvester.toml"
    path.write_bytes(b'\xef\xbb\xbf[operator]\ncontact = "a@b.example"\n')
    assert config.load(path).config.operator.contact == "a@b.example"


def test_fetch_keys_are_the_clients_own_options() -> None:
    """[fetch] has no options of its own but those of `Wants`: one source for names, defaults and checks."""
    theirs = set(CaptureOptions.__dataclass_fields__)
    ours = {field.name for field in msgspec.structs.fields(config.Fetch)}
    assert ours - set(Wants.__struct_fields__) <= theirs


@pytest.mark.parametrize(
    ("text", "length"),
    [("90s", timedelta(seconds=90)), ("6h", timedelta(hours=6)), ("2 w", timedelta(weeks=2))],
)
def test_intervals(text: str, length: timedelta) -> None:
    """An interval is a number and a unit."""
    assert interval(text) == length


@pytest.mark.parametrize("text", ["", "0h", "h", "1", "1y", "-1h", "1h30m", "٣h"])
def test_what_is_not_an_interval(text: str) -> None:
    """Nothing else is guessed at."""
    with pytest.raises(ValueError, match="interval"):
        interval(text)


def test_the_warc_table_reaches_the_files(tmp_path: Path) -> None:
    """[warc] names the files, says who made them and of what they are part; the command line's form wins."""
    text = (
        '[operator]\nname = "N"\ncontact = "a@example.org"\n'
        '[warc]\nprefix = "LAB"\nis_part_of = "Collection 7"\npayload_digest = "sha1-base32"\n'
    )
    loaded = config.load(written(tmp_path, text))
    assert loaded.warcinfo(robots="ignore", description="") == {
        "operator": "N a@example.org",
        "isPartOf": "Collection 7",
        "robots": "ignore",
    }
    assert loaded.writer_options() == WriterOptions(prefix="LAB", payload_digest="sha1-base32")
    assert loaded.writer_options("sha256").payload_digest == "sha256"
    named = config.load(written(tmp_path, '[warc]\noperator = "Library X"\n[operator]\nname = "N"\n'))
    assert named.warcinfo() == {"operator": "Library X"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('prefix = "a/b"', "prefix"),
        ('payload_digest = "md5"', "payload_digest"),
        ('is_part_of = "a\\u0007"', "isPartOf"),
        ('immutable = "yes"', "immutable"),
    ],
)
def test_a_wrong_warc_table_is_refused_when_it_is_read(tmp_path: Path, text: str, said: str) -> None:
    """What a WARC file could not carry is told before anything is fetched."""
    with pytest.raises(UsageError, match=said):
        config.load(written(tmp_path, f"[warc]\n{text}\n"))
