"""Rebuilds and indexes of what lies at URLs: the same output, byte for byte, as from a disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from archive.storage import RemotePath
from archive.storage.mirror import mirror
from harvester.cli.app import run
from harvester.engines.pool import Pool
from harvester.errors import UsageError
from harvester.rebuild import Bringing, Options, Report, rebuild
from tests.rebuild.conftest import contents, make, page, response, world

from .conftest import Proxy, fsspec

__all__ = ["make", "world"]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.storage.faults.FIRST_WAIT_S", 0.001)


def rebuilt(output: Path, *inputs: Path | RemotePath | str, **how: Any) -> tuple[dict[str, bytes], Report]:
    report = rebuild(list(inputs), output, **how)
    return contents(output), report


def read_in(proxy: Proxy) -> set[str]:
    """The WARC files of which bytes were asked for."""
    asked = (request.split(b" ")[1].decode() for request in proxy.requests if b"range:" in request.lower())
    return {path.rpartition("/")[2] for path in asked if path.endswith(".warc.gz")}


def test_a_mirror_gives_what_its_archive_gives(world: Path, folder: RemotePath, tmp_path: Path) -> None:
    """Pages, assets, revisits across files, withdrawn captures: every file of the output, and the report."""
    mirror(world.parent, folder)
    here = rebuilt(tmp_path / "here", world.parent)
    assert rebuilt(tmp_path / "there", folder) == here
    assert here[1].outcomes["withdrawn"] == 1


@pytest.mark.parametrize("pattern", ["warc", "warc/*.warc.gz", "**/*.warc.gz"])
def test_folders_and_patterns(world: Path, folder: RemotePath, tmp_path: Path, pattern: str) -> None:
    """They stand for the files that they stand for on a disk."""
    mirror(world.parent, folder)
    here, _ = rebuilt(tmp_path / "here", f"{world.parent}/{pattern}")
    assert rebuilt(tmp_path / "there", f"{folder}/{pattern}")[0] == here


def test_several_workers_read_from_s3(world: Path, bucket: RemotePath, tmp_path: Path) -> None:
    """Worker processes of their own open the store for themselves."""
    mirror(world.parent, bucket / "m")
    here = rebuilt(tmp_path / "here", world.parent)
    assert rebuilt(tmp_path / "there", f"{bucket}/m", engine=Pool(2)) == here


def test_faults_on_the_way_change_nothing(
    world: Path, bucket: RemotePath, proxy: Proxy, tmp_path: Path
) -> None:
    """Refusals, resets and answers cut short, every second one: the output is the same."""
    mirror(world.parent, bucket / "m")
    here = rebuilt(tmp_path / "here", world.parent)
    turn = cycle([None, "503", None, "reset", None, "truncate"])
    proxy.fault = lambda request: next(turn) if request.startswith(b"GET") else None
    assert rebuilt(tmp_path / "there", f"{bucket}/m") == here
    assert proxy.faults > 3


def test_a_store_lost_half_way_leaves_the_rest_to_the_next_run(
    world: Path, bucket: RemotePath, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be read is told of with exit 5; the next run does only that, and all is there."""
    mirror(world.parent, bucket / "m")
    here = rebuilt(tmp_path / "here", world.parent)
    lost = max(path.name for path in world.glob("*.warc.gz"))
    monkeypatch.setattr("archive.storage.faults.ATTEMPTS", 1)
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    proxy.fault = lambda request: "503" if lost.encode() in request and b"range:" in request.lower() else None
    _, report = rebuilt(tmp_path / "there", f"{bucket}/m")
    assert report.exit == 5
    assert [lost in line for line in report.unreadable] == [True]
    assert str(bucket) not in "".join(report.unreadable)
    proxy.fault = lambda _: None
    proxy.requests.clear()
    assert rebuilt(tmp_path / "there", f"{bucket}/m") == here
    assert lost in read_in(proxy)


def test_what_was_done_is_not_read_again(
    world: Path, bucket: RemotePath, proxy: Proxy, tmp_path: Path
) -> None:
    """A second run asks for sizes and versions only; a file that was replaced is read."""
    mirror(world.parent, bucket / "m")
    rebuilt(tmp_path / "there", f"{bucket}/m")
    proxy.requests.clear()
    first, _ = rebuilt(tmp_path / "there", f"{bucket}/m")
    assert read_in(proxy) == set()
    one = min(path for path in world.glob("*.warc.gz"))
    (bucket / "m/warc" / one.name).write_bytes(b"")
    changed, report = rebuilt(tmp_path / "there", f"{bucket}/m")
    assert changed != first
    assert report.input_bytes < sum(path.stat().st_size for path in world.glob("*.warc.gz"))


def test_damage_is_told_without_the_place(world: Path, folder: RemotePath, tmp_path: Path) -> None:
    """A report of damaged input says the same wherever the file lay."""
    broken = min(path for path in world.glob("*.warc.gz"))
    data = bytearray(broken.read_bytes())
    data[len(data) // 2] ^= 1
    broken.write_bytes(bytes(data))
    for path in world.glob("*.warc.gz"):
        (folder / path.name).write_bytes(path.read_bytes())
    plain = tmp_path / "plain"
    shutil.copytree(world, plain, ignore=lambda _, names: [one for one in names if not one.endswith(".gz")])
    here = rebuilt(tmp_path / "here", plain)
    assert here[1].damaged
    assert rebuilt(tmp_path / "there", folder) == here


def _table(path: Path, rows: Sequence[dict[str, str]]) -> None:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return
    pa = pytest.importorskip("pyarrow", reason="SKIPPED: pyarrow is not installed")
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist(list(rows)), path)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_tables_at_a_url(folder: RemotePath, tmp_path: Path, suffix: str) -> None:
    """Tables of pages are read from where they are."""
    table = tmp_path / f"pages{suffix}"
    _table(
        table, [{"html": page(n).decode(), "url": f"https://mp.weixin.qq.com/s/{n:022}"} for n in range(3)]
    )
    (folder / table.name).write_bytes(table.read_bytes())
    here = rebuilt(tmp_path / "here", table)
    assert here[1].documents == 3
    assert rebuilt(tmp_path / "there", folder / table.name) == here


def test_a_selection_of_records_at_a_url(
    world: Path, folder: RemotePath, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A CDXJ and its files at URLs; what the archive withdrew stays withdrawn, though no index is there."""
    mirror(world.parent, folder)
    assert run(["index", *map(str, sorted(world.glob("*.warc.gz")))]) == 0
    selection = tmp_path / "all.cdxj"
    selection.write_bytes(capsysbinary.readouterr().out)
    (folder / "all.cdxj").write_bytes(selection.read_bytes())
    here = rebuilt(tmp_path / "here", selection, bringing=Bringing(warc_root=str(world)))
    there = rebuilt(tmp_path / "there", folder / "all.cdxj", bringing=Bringing(warc_root=f"{folder}/warc"))
    assert there == here
    assert here[1].outcomes["withdrawn"] == 1
    with pytest.raises(UsageError, match="--warc-root"):
        rebuilt(tmp_path / "no", selection, bringing=Bringing(warc_root=f"{folder}/nothing"))


def test_the_index_of_a_mirror(
    world: Path, folder: RemotePath, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Line for line that of the archive; what is withdrawn is left out, though its tombstone comes later."""
    mirror(world.parent, folder)
    assert run(["index", str(world.parent)]) == 0
    here = capsysbinary.readouterr().out
    assert run(["index", str(folder)]) == 0
    assert capsysbinary.readouterr().out == here
    assert run(["index", f"{folder}/warc/*.gz"]) == 0
    assert len(capsysbinary.readouterr().out.splitlines()) == len(here.splitlines()) + 1


def test_a_web_server(world: Path, bucket: RemotePath, proxy: Proxy, tmp_path: Path) -> None:
    """A file and the files of a selection at a web server, which knows no folders."""
    mirror(world.parent, bucket / "m")
    for path, _ in (bucket / "m/warc").files():
        fsspec.filesystem("s3").chmod(path.url, acl="public-read")
    site = f"http://127.0.0.1:{proxy.port}/{bucket.name}/m"
    one = min(world.glob("*.warc.gz"))
    here = rebuilt(tmp_path / "here", one)
    assert rebuilt(tmp_path / "there", f"{site}/warc/{one.name}") == here
    assert rebuilt(tmp_path / "there", f"{site}/warc/{one.name}") == here
    assert run(["check", f"{site}/warc/{one.name}"]) == 0
    selection = tmp_path / "all.cdxj"
    assert run(["index", str(world.parent), "--output", str(selection)]) == 0
    here = rebuilt(tmp_path / "selected", selection, bringing=Bringing(warc_root=str(world)))
    there = rebuilt(tmp_path / "afar", selection, bringing=Bringing(warc_root=f"{site}/warc"))
    assert there == here


def test_the_cost_of_reading(
    make: Callable[..., list[Path]], bucket: RemotePath, proxy: Proxy, tmp_path: Path
) -> None:
    """A file is asked about a bounded number of times, and each of its bytes crosses the network once."""
    [warc] = make(
        [response(number, body=page(number) + b"<!-- " + b"\1\2\3" * 9000 + b" -->") for number in range(20)]
    )
    (bucket / "in" / warc.name).write_bytes(warc.read_bytes())
    proxy.requests.clear()
    proxy.sent_bytes = 0
    rebuilt(tmp_path / "out", f"{bucket}/in", options=Options(format="jsonl"))
    size = warc.stat().st_size
    assert size < proxy.sent_bytes < size + 20 * 1024 + 65536 * 2
    assert len(proxy.requests) < 12


@pytest.mark.parametrize("form", ["json", "jsonl", "parquet"])
def test_what_a_rebuild_wrote_is_compared_and_related_at_a_url(
    world: Path, folder: RemotePath, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--compare URL` and `dedup URL` say of an output at a URL what they say of it on a disk."""
    pytest.importorskip("pyarrow", reason="SKIPPED: pyarrow is not installed")
    rebuilt(tmp_path / "old", world.parent, options=Options(format=form))
    for name, data in contents(tmp_path / "old").items():
        (folder / "old" / name).write_bytes(data)
    compared = []
    for number, old in enumerate((str(tmp_path / "old"), f"{folder}/old")):
        out = tmp_path / str(number) / "out"
        order = ["rebuild", str(world), "--output", str(out), "--workers", "1", "--compare", old]
        assert run(order) in {0, 1}
        compared.append(json.loads((out / "compare.json").read_bytes()))
    assert compared[0] == compared[1]
    capsys.readouterr()
    related = []
    for old in (str(tmp_path / "old"), f"{folder}/old"):
        assert run(["dedup", old, "--json"]) == 0
        related.append(json.loads(capsys.readouterr().out))
    assert related[0] == related[1]
    assert related[0]["documents"] > 3
