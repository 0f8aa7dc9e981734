"""`harvester verify` within an archive: originals found, versions, results kept and made again, bulk."""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import json
import shutil
import sqlite3
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from archive import Archive, read_warc
from fixtures import Origin, Site
from fixtures.behaviours import by_visit, plain
from fixtures.pages.mfa import zh_b_page
from fixtures.pages.wechat_article import Recent, article_page
from fixtures.stories import STATEMENT_ARTICLES, lighthouse_article, statement_original, statement_repost
from harvester.cli.app import run
from harvester.library import Library
from harvester.verify import Result
from harvester.verifying.saving import Keeping

ORIGINAL, REPOST, ARTICLE = statement_original(), statement_repost(), lighthouse_article()
PAGE = zh_b_page(ORIGINAL)
AS_REPOSTED = PAGE.replace("必须".encode(), "可以".encode())
ROOT = Path(__file__).parents[2]
ALONE = ("--no-images", "--no-requisites", "--archive", "a")


def wechat(article: Any) -> bytes:
    return article_page(article, Recent(era=2026, script_bytes=20_000, nonce="1"))


PAGES = {
    REPOST.short_url: plain(wechat(REPOST)),
    ARTICLE.short_url: plain(wechat(ARTICLE)),
    ORIGINAL.url: by_visit({1: plain(PAGE)}, plain(AS_REPOSTED)),
}
"""A repost, an article that reposts nothing, and an original that is edited before the second visit."""


@pytest.fixture
def origin(serve: Any) -> Any:
    return serve(PAGES)


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All three pages, captured once for the tests of this file."""
    folder = tmp_path_factory.mktemp("captured")
    with pytest.MonkeyPatch.context() as patch, Origin(Site.of(PAGES)) as origin:
        patch.setenv("HARVESTER_STATE", str(folder / "state"))
        patch.chdir(folder)
        assert run(["fetch", REPOST.short_url, ORIGINAL.url, ARTICLE.short_url, *ALONE, *origin.options]) == 0
    return folder / "a"


@pytest.fixture
def held(harvester: Any, captured: Path, tmp_path: Path) -> None:
    """An archive of one's own with the repost, the first version of its original, and the other article."""
    shutil.copytree(captured, tmp_path / "a")


def verify(harvester: Any, *arguments: object) -> Any:
    return harvester("verify", *arguments, "--archive", "a")


def metadata(folder: Path) -> list[Any]:
    records = [record for path in sorted((folder / "warc").glob("*.warc.gz")) for record in read_warc(path)]
    return [record for record in records if record.target_uri == "urn:x-harvester:verification"]


# ---- the original found ---------------------------------------------------------------------------


def test_the_original_is_found(harvester: Any, held: Any) -> None:
    """Without ORIGINAL the archive is looked through; the answer says why it is thought to be the one."""
    answer = verify(harvester, REPOST.short_url, "--json")
    assert answer.code == 1
    assert answer.json["original"].startswith("mfa-")
    assert answer.json["result"]["verdict"] == "altered"
    assert {"title.same", "link.source-url"} <= {
        one["rule"] for one in answer.json["candidates"][0]["reasons"]
    }
    schema = json.loads((ROOT / "docs" / "verification.schema.json").read_text("utf-8"))
    jsonschema.validate(answer.json, schema)
    told = verify(harvester, REPOST.short_url)
    assert "original found" in told.out
    assert "阅读原文" in told.out


def test_the_version_that_was_reposted(harvester: Any, held: Any, serve: Any, tmp_path: Path) -> None:
    """Each captured version of the original is compared; the verdict is that of the nearest."""
    origin = serve({ORIGINAL.url: plain(AS_REPOSTED)})
    for _ in range(2):  # the second time there is no further version
        harvester("fetch", ORIGINAL.url, *ALONE, *origin.options)
    answer = verify(harvester, REPOST.short_url, "--json", "--report", "out.html", "--lang", "en")
    assert answer.code == 0
    old, new = answer.json["versions"]
    assert (old["verdict"], old["nearest"], len(old["captures"])) == ("altered", False, 1)
    assert (new["verdict"], new["nearest"], len(new["captures"])) == ("same-text", True, 2)
    assert answer.json["original"] == new["id"]
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "How the original was found" in page
    assert old["id"] in page
    assert page.count("● nearest") == 1
    assert "2 versions of it were captured" in verify(harvester, REPOST.short_url).out


def test_what_is_not_archived_is_offered(harvester: Any, origin: Any) -> None:
    """No candidate: cannot-verify, exit 4; the address that the page gives is offered, nothing is fetched."""
    harvester("fetch", REPOST.short_url, *ALONE, *origin.options)
    asked = len(origin.exchanges)
    answer = verify(harvester, REPOST.short_url)
    assert answer.code == 4
    assert "cannot-verify" in answer.out
    assert f"could be fetched (--fetch): {ORIGINAL.url}" in answer.out
    assert len(origin.exchanges) == asked


def test_a_text_without_any_lead_says_what_to_do(harvester: Any, held: Any, tmp_path: Path) -> None:
    """Where nothing speaks for any document there is no verdict on it, and a way to go on is named."""
    (tmp_path / "other.txt").write_text(
        "今年园艺展的郁金香开得比往年早了十来天，游人如织。", encoding="utf-8"
    )
    answer = verify(harvester, "other.txt", "--report", "out.html")
    assert answer.code == 4
    assert "harvester import" in answer.out
    assert "存档中没有找到它的原文。" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_fetch_captures_the_address_first(harvester: Any, origin: Any, tmp_path: Path) -> None:
    """--fetch captures what the page names as its source, by an ordinary session, and then compares."""
    harvester("fetch", REPOST.short_url, *ALONE, *origin.options)
    mapped = json.dumps(list(origin.connect_to))
    config = f'[fetch]\nca_file = "{origin.ca_file}"\nconnect_to = {mapped}\nrequisites = false\n'
    (tmp_path / "harvester.toml").write_text(config, encoding="utf-8")
    answer = verify(harvester, REPOST.short_url, "--fetch", "--json")
    assert answer.code == 1
    assert answer.json["result"]["verdict"] == "altered"
    assert f"captured     {ORIGINAL.url}" in answer.err
    again = verify(harvester, REPOST.short_url, "--fetch")
    assert "nothing to fetch" in again.err


def test_another_text_that_nothing_names_is_not_called_different(
    harvester: Any, held: Any, tmp_path: Path
) -> None:
    """A document that shares a passage and no more is not the original: that cannot be told, exit 4."""
    garden = "\n".join(
        f"第{n}号花圃今年种下的是{name}，春分前后便可以看到花期。"
        for n, name in enumerate("松竹梅兰菊桂莲桃李杏" * 4)
    )
    (tmp_path / "mixed.txt").write_text(f"{STATEMENT_ARTICLES[0]}\n{garden}\n", encoding="utf-8")
    answer = verify(harvester, "mixed.txt", "--json")
    assert answer.code == 4
    assert answer.json["original"].startswith("mfa-")
    assert answer.json["result"]["verdict"] == "cannot-verify"
    assert "is another text" in answer.json["result"]["reason"]
    assert verify(harvester, "mixed.txt", ORIGINAL.url).code == 1  # named by the user, it is different


# ---- kept and made again --------------------------------------------------------------------------


def test_a_kept_result_is_a_metadata_record(harvester: Any, held: Any, tmp_path: Path) -> None:
    """--save writes the result as it is printed, in a metadata record that refers to the captured side's
    record; the same result is kept once; nothing of it disturbs check, reindex or rebuild.
    """
    answer = verify(harvester, REPOST.short_url, ORIGINAL.url, "--save", "--json")
    assert answer.code == 1
    assert verify(harvester, REPOST.short_url, "--save").code == 1
    (record,) = metadata(tmp_path / "a")
    assert record.type == "metadata"
    assert record.get("WARC-Refers-To") == answer.json["sides"]["captured"]["record_id"]
    assert json.loads(record.block) == answer.json
    assert record.record_id in answer.err
    checked = harvester("check", "a", "--json")
    assert not [found for found in checked.json["findings"] if found["severity"] != "info"]
    assert harvester("reindex", "--archive", "a").code == 0
    again = verify(harvester, "--recheck", "--json")
    assert (again.code, again.json["results"][0]["status"]) == (0, "equal")
    assert again.json["results"][0]["record"] == record.record_id


def test_a_file_cannot_be_kept(harvester: Any, held: Any, tmp_path: Path) -> None:
    """What could not be made again from records is not kept: exit 2, and what to do."""
    (tmp_path / "mine.txt").write_text("双方决定建立联合观测站，首批建设20座。", encoding="utf-8")
    for sides in (("mine.txt", ORIGINAL.url), (REPOST.short_url, "mine.txt")):
        answer = verify(harvester, *sides, "--save")
        assert answer.code == 2
        assert "harvester import" in answer.err
    assert not metadata(tmp_path / "a")


def test_no_original_nothing_kept(harvester: Any, origin: Any, tmp_path: Path) -> None:
    """Where no original was found there is no comparison to keep: that is said, and the exit code is 4."""
    harvester("fetch", REPOST.short_url, *ALONE, *origin.options)
    answer = verify(harvester, REPOST.short_url, "--save")
    assert answer.code == 4
    assert "nothing is kept" in answer.err
    assert not metadata(tmp_path / "a")


def test_results_made_again(harvester: Any, held: Any, tmp_path: Path) -> None:
    """Equal; made by other versions; changed by someone: each is told apart, from a file as well."""
    result = verify(harvester, REPOST.short_url, ORIGINAL.url, "--json").json
    older = {**result, "versions": {**result["versions"], "rules": "0"}, "verdict": "minor"}
    aged = {**result, "versions": {**result["versions"], "harvester": "0.0.1"}}
    forged = {**result, "verdict": "identical"}
    for name, value, status, code in (
        ("same", result, "equal", 0),
        ("found", verify(harvester, REPOST.short_url, "--json").json, "equal", 0),
        ("aged", aged, "other-versions", 0),
        ("older", older, "other-versions", 1),
        ("forged", forged, "differs", 1),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
        answer = verify(harvester, f"{name}.json", "--recheck", "--json")
        assert verify(harvester, f"{name}.json", "--json") == answer  # what it is, is seen
        assert (answer.json["results"][0]["status"], answer.code) == (status, code), name
    assert "verdict" in answer.json["results"][0]["words"]


def test_what_is_made_again_is_kept_and_counts(harvester: Any, held: Any, tmp_path: Path) -> None:
    """An older program's result, made again with --save: the new one is in `list`, `status`, exports; `check`
    holds the library's rows against the records.
    """
    result = verify(harvester, REPOST.short_url, ORIGINAL.url, "--json").json
    versions = {**result["versions"], "rules": "0"}
    older = msgspec.convert({**result, "versions": versions, "verdict": "minor"}, Result)
    with Archive.open(tmp_path / "a", write=True) as archive, Library(archive, write=True) as library:
        Keeping(archive, library).keep(older, datetime(2026, 1, 1, tzinfo=UTC))
    again = verify(harvester, "--recheck", "--save", "--json")
    assert (again.code, again.json["results"][0]["status"]) == (1, "other-versions")
    kept = again.json["results"][0]["kept"]
    assert [one["status"] for one in verify(harvester, "--recheck", "--json").json["results"]] == ["equal"]
    listed = {row["url"]: row for row in harvester("list", "--archive", "a", "--json").json}
    verified = next(row["verified"] for row in listed.values() if row["verified"])
    assert (verified["record_id"], verified["verdict"]) == (kept, "altered")
    assert "altered, 1 edit (1 material), against mfa-" in harvester("list", "--archive", "a").out
    told = harvester("timeline", REPOST.short_url, "--archive", "a", "--json").json["events"]
    assert [one["kind"] for one in told if one["compared"]] == ["verified", "differs"]
    assert harvester("export", "--wacz", "x.wacz", "--archive", "a").code == 0
    with zipfile.ZipFile(tmp_path / "x.wacz") as package:
        warc = gzip.decompress(package.read("archive/data.warc.gz"))
    assert warc.count(b"WARC-Target-URI: urn:x-harvester:verification") == 2
    with contextlib.closing(sqlite3.connect(tmp_path / "a" / "library" / "library.sqlite")) as database:
        database.execute("update verifications set verdict = 'identical' where verdict = 'minor'")
        database.execute("delete from verifications where verdict = 'altered'")
        database.commit()
    found = harvester("check", "a", "--json").json["findings"]
    assert {one["code"] for one in found if one["severity"] != "info"} == {"E072", "W071"}
    harvester("reindex", "--archive", "a")
    assert harvester("check", "a").code == 0


def test_what_cannot_be_made_again(harvester: Any, held: Any, tmp_path: Path) -> None:
    """A side that was withdrawn, or is in no archive, is said; so is a file that is no result."""
    verify(harvester, REPOST.short_url, ORIGINAL.url, "--save")
    repost = next(
        row["id"] for row in harvester("list", "--archive", "a", "--json").json if row["site"] == "wechat"
    )
    harvester("withdraw", repost, "--reason", "a test", "--archive", "a")
    answer = verify(harvester, "--recheck", "--json")
    assert answer.code == 4
    assert "captured" in answer.json["results"][0]["words"]
    (tmp_path / "no.json").write_text("{}", encoding="utf-8")
    for name in ("no.json", "0000"):
        assert verify(harvester, name, "--recheck").code == 2


@pytest.mark.parametrize("side", ["wechat", "mfa"])
def test_a_purge_takes_kept_results_with_it(harvester: Any, held: Any, tmp_path: Path, side: str) -> None:
    """A kept result quotes both sides: whoever purges one of them leaves none of its words in the archive."""
    verify(harvester, REPOST.short_url, ORIGINAL.url, "--save")
    name = next(
        row["id"] for row in harvester("list", "--archive", "a", "--json").json if row["site"] == side
    )
    answer = harvester("withdraw", name, "--purge", "--reason", "a court order", "--archive", "a", "--json")
    assert answer.code == 0
    assert len(answer.json["purged"]) == 2
    assert not metadata(tmp_path / "a")
    assert verify(harvester, "--recheck", "--json").json == {"results": []}
    assert not [
        one for one in harvester("check", "a", "--json").json["findings"] if one["severity"] == "error"
    ]


# ---- all reposts ----------------------------------------------------------------------------------


def test_all_reposts(harvester: Any, held: Any, tmp_path: Path) -> None:
    """--all verifies what names a source or is like an original, and writes what it is asked for."""
    answer = verify(
        harvester, "--all", "--csv", "t.csv", "--jsonl", "t.jsonl", "--report", "r", "--save", "--json"
    )
    assert answer.code == 1
    assert answer.json["articles"] == 2
    assert answer.json["summary"] == {"altered": 1}
    (one,) = answer.json["results"]
    assert (one["first_original"], one["first_captured"], one["rehearsal"]) == ("必须", "可以", True)
    (row,) = csv.DictReader((tmp_path / "t.csv").read_text("utf-8-sig").splitlines())
    assert (row["verdict"], row["material"], row["first_class"]) == ("altered", "1", "modality")
    (line,) = (tmp_path / "t.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["result"]["edits"][0]["captured"]["text"] == "可以"
    report = tmp_path / "r" / f"{one['captured']}.html"
    assert {path.name for path in (tmp_path / "r").iterdir()} == {report.name, "index.html"}
    assert f'href="{report.name}"' in (tmp_path / "r" / "index.html").read_text("utf-8")
    assert metadata(tmp_path / "a")[0].record_id.strip("<>") in report.read_text("utf-8")
    told = verify(harvester, "--all")
    assert "必须 → 可以" in told.out
    assert "reposts: 1 of 2 articles" in told.out


def test_the_same_order_and_bytes_every_time(harvester: Any, held: Any, tmp_path: Path) -> None:
    """Two runs write the same files."""
    for name in ("one", "two"):
        verify(harvester, "--all", "--csv", f"{name}.csv", "--jsonl", f"{name}.jsonl")
    for suffix in ("csv", "jsonl"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_only_since(harvester: Any, held: Any) -> None:
    """--since leaves earlier captures out; nothing to verify is no fault."""
    answer = verify(harvester, "--all", "--since", "2100-01-01", "--json")
    assert (answer.code, answer.json["results"], answer.json["articles"]) == (0, [], 0)
    assert verify(harvester, "--all", "--since", "2020-01-01", "--json").json["articles"] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x", "--all"), "leave 'x' out"),
        (("--all", "--since", "soon"), "is not a time"),
        (("--all", "--csv", "t.xls"), "ends in .csv"),
        (("--all", "--report", "r.html"), "names a folder"),
        (("--all", "--recheck"), "--all does not go with a result"),
        (("--all", "--workers", "0"), "--workers"),
        (("--all", "--engine", "dask"), "no engine 'dask': say local or ray"),
        (("--all", "--address", "auto"), "--address is of a Ray cluster: say --engine ray too"),
        (("x", "--workers", "2", "--engine", "ray"), "--workers, --engine do not go with one comparison"),
        (("x", "--csv", "t.csv"), "--csv does not go with one comparison"),
        (("x", "y", "--fetch"), "leave ORIGINAL out"),
        (("--recheck", "--csv", "t.csv"), "--csv does not go with a result"),
        ((), "name what to verify"),
    ],
)
def test_what_does_not_go_together(harvester: Any, arguments: tuple[str, ...], words: str) -> None:
    """Options that would be passed over in silence are refused: exit 2."""
    answer = verify(harvester, *arguments)
    assert answer.code == 2
    assert words in answer.err


def test_files_that_are_there_stay(harvester: Any, held: Any, tmp_path: Path) -> None:
    """A table or lines that exist are replaced only with --force, and that is said before any work."""
    (tmp_path / "t.csv").write_text("mine", encoding="utf-8")
    assert verify(harvester, "--all", "--csv", "t.csv").code == 2
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "mine"
    assert verify(harvester, "--all", "--csv", "t.csv", "--force").code == 1


def test_a_title_that_is_a_formula_is_words_in_a_spreadsheet() -> None:
    """A cell that a spreadsheet would take for a formula is marked as text; long ones are cut."""
    from harvester.verifying.bulk import Repost
    from harvester.verifying.sheets import csv_bytes

    fields = dict.fromkeys(Repost.__struct_fields__)
    repost = Repost(**{**fields, "title": "=HYPERLINK(1)", "reason": "长" * 5000, "suggested": ()})  # type: ignore[arg-type]
    (row,) = csv.DictReader(csv_bytes([repost]).decode("utf-8-sig").splitlines())
    assert row["title"] == "'=HYPERLINK(1)"
    assert len(row["reason"]) == 1000


def test_one_capture_for_programs(harvester: Any, held: Any) -> None:
    """`verify_capture` is the same comparison for a caller that has the archive open."""
    from harvester.cli.library import opened
    from harvester.verifying import verify_capture

    with opened(Path("a")) as (archive, library):
        row = library.find(REPOST.short_url)
        assert verify_capture(archive, library, row.id).verdict == "altered"


def test_two_texts_of_one_article_are_verified_apart(harvester: Any, serve: Any) -> None:
    """A repost that was edited after its first capture has two answers, in order of time."""
    mended = replace(REPOST, blocks=tuple(_mended(block) for block in REPOST.blocks))
    pages = {
        REPOST.short_url: by_visit({1: plain(wechat(REPOST))}, plain(wechat(mended))),
        ORIGINAL.url: plain(PAGE),
    }
    origin = serve(pages)
    for _ in range(3):
        harvester("fetch", REPOST.short_url, ORIGINAL.url, *ALONE, *origin.options)
    answer = verify(harvester, "--all", "--json")
    assert [one["verdict"] for one in answer.json["results"]] == ["altered", "same-text"]
    assert [one["captures"] for one in answer.json["results"]] == [1, 2]


def _mended(block: Any) -> Any:
    def text(value: Any) -> Any:
        return value.replace("可以帮助", "必须帮助") if isinstance(value, str) else value

    return replace(block, parts=tuple(map(text, block.parts))) if hasattr(block, "parts") else block


# ---- stored documents that were edited -------------------------------------------------------------


@pytest.mark.parametrize("digest_too", [False, True])
def test_an_edited_document_is_no_side(harvester: Any, held: Any, digest_too: bool) -> None:
    """A stored document that its record does not give is refused, however well the edit was made."""
    found = Path("a/documents").rglob("wechat-*.json")
    path = next(one for one in found if "可以" in one.read_text("utf-8"))
    text = path.read_text("utf-8").replace("可以", "必须")
    if digest_too:
        document = json.loads(text)
        digest = hashlib.sha256(document["text"].encode()).hexdigest()
        text = text.replace(document["text_sha256"], digest)
    path.write_text(text, "utf-8")
    for arguments in ([REPOST.short_url], [REPOST.short_url, ORIGINAL.url]):
        answer = verify(harvester, *arguments)
        assert answer.code == 1
        assert "is not what its WARC record gives" in " ".join(answer.err.split())
        assert "same-text" not in answer.out
    whole = verify(harvester, "--all")
    assert whole.code == 1
    assert "is not what its WARC record gives" in " ".join((whole.out + whole.err).split())
