"""Two sides compared: what is counted, what is shown, and that neither order nor format matters."""

from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harvester.comparing import Comparison, compare, html_page, opened, to_bytes
from harvester.comparing.compare import SAMPLES
from harvester.comparing.result import FieldCount
from harvester.document import to_bytes as document_bytes
from harvester.errors import UsageError

from .sides import FORMS, Found, articles, changed, found, states, written

Items = list[Found]


def compared(
    tmp_path: Path, old: Items, new: Items, form: str = "json", old_form: str = "json"
) -> Comparison:
    sides = [written(tmp_path / name, kind, items) for name, kind, items in
             (("old", old_form, old), ("new", form, new))]  # fmt: skip
    return compare(*map(opened, sides), tmp_path / "scratch")


def older() -> Items:
    """Return what an older version made of the same records: a change of each kind."""
    docs = articles()
    out: Items = list(found())
    place = {one.id: number for number, one in enumerate(out)}
    for number, document in enumerate(docs):
        fields: dict[str, Any] = {}
        if number % 2:
            fields["text"] = document.text.replace("。", "。\n\n【打印】", 1) + "。"
        if number % 3 == 0:
            fields["date"] = None
        if number % 5 == 0:
            fields["author"] = "某人"
        out[place[document.id]] = changed(document, **fields)
    return out


def test_equal_sides_have_no_difference(tmp_path: Path) -> None:
    """Of the same documents every one is equal, and the versions are the same."""
    result = compared(tmp_path, list(found()), list(found()))
    assert (result.equal, result.changed, result.fields) == (len(articles()), 0, {})
    assert result.is_same_version
    assert result.old.captures == result.new.captures == len(found())


def test_versions_alone_are_no_difference(tmp_path: Path) -> None:
    """Documents that differ in nothing but what made them are equal; who made them is told."""
    old = [changed(one) if one in articles() else one for one in found()]  # type: ignore[arg-type]
    result = compared(tmp_path, old, list(found()))
    assert result.equal == len(articles())
    assert not result.is_same_version
    assert all("-old" in made_by for made_by in result.old.versions)


def test_fields_are_counted_by_how_they_differ(tmp_path: Path) -> None:
    """Each field by itself: was null, is null, is another value; a document counts once as changed."""
    docs = articles()
    new: Items = list(docs)
    old: Items = list(docs)
    dated = [number for number, one in enumerate(docs) if one.date]
    old[dated[0]] = changed(docs[dated[0]], date=None, title="x")
    old[dated[1]] = changed(docs[dated[1]], date="1999-01-01")
    new[dated[2]] = msgspec.structs.replace(docs[dated[2]], date=None)
    result = compared(tmp_path, old, new)
    assert result.fields["date"] == FieldCount(changed=3, filled=1, emptied=1, rewritten=1)
    assert result.fields["title"] == FieldCount(changed=1, filled=0, emptied=0, rewritten=1)
    assert (result.changed, result.equal) == (3, len(docs) - 3)
    assert next(iter(result.fields)) == "date"
    sample = next(one for one in result.samples["date"] if one.how == "filled")
    assert (sample.old, sample.new) == (None, docs[dated[0]].date)


def test_members_and_sources_are_fields_of_their_own(tmp_path: Path) -> None:
    """A member of a structure has its dotted name; that a field came from another place is told apart."""
    document = next(one for one in articles() if one.account and one.provenance.fields.get("title"))
    told = msgspec.structs.replace(document.provenance.fields["title"], source="title")
    old = changed(
        document,
        account=msgspec.structs.replace(document.account, name="别人"),
        provenance={"fields": {**document.provenance.fields, "title": told}},
    )
    result = compared(tmp_path, [old], [document])
    assert set(result.fields) == {"account.name", "provenance.fields.title"}
    assert "source of title" in html_page(result).decode()


def test_other_bytes_are_never_called_an_extractor_change(tmp_path: Path) -> None:
    """Where the digest of what was read differs, the page says that the records do."""
    document = articles()[0]
    old = changed(document, text="x", provenance={"body_sha256": "0" * 64})
    result = compared(tmp_path, [old], [document])
    assert "provenance.body_sha256" in result.fields
    assert "read from other bytes" in html_page(result).decode()


def test_the_same_version_with_differences_is_said(tmp_path: Path) -> None:
    """If both sides name the same versions, the difference is no extractor's."""
    document = articles()[0]
    result = compared(tmp_path, [msgspec.structs.replace(document, title="x")], [document])
    assert result.is_same_version
    assert "no difference here comes from an extractor" in html_page(result).decode()


def test_what_turned_and_what_only_one_side_saw(tmp_path: Path) -> None:
    """A record that both looked at and one reads as an article turned; one that a side never saw did not."""
    document, other, third = articles()[:3]
    state = states()[0]
    lost = msgspec.structs.replace(state, provenance=document.provenance, id=document.id)
    provenance = msgspec.structs.replace(other.provenance, record_id=state.provenance.record_id)
    gained = msgspec.structs.replace(other, id="x", provenance=provenance)
    result = compared(tmp_path, [document, third, state], [lost, gained, other])
    assert (result.vanished, result.appeared, result.only_old, result.only_new) == (1, 1, 1, 1)
    assert [(one.was, one.now) for one in result.vanished_samples] == [("ok", state.state)]
    assert [(one.was, one.now) for one in result.appeared_samples] == [(state.state, "ok")]


def test_states_of_pages_that_are_no_articles(tmp_path: Path) -> None:
    """How many records went from one state to another."""
    old = [msgspec.structs.replace(one, state="unknown") for one in states()[:4]]
    result = compared(tmp_path, old, list(states()[:4]))
    assert sum(one.records for one in result.states) == sum(one.state != "unknown" for one in states()[:4])
    assert {one.was for one in result.states} == {"unknown"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("old_form", FORMS)
def test_formats_do_not_matter(tmp_path: Path, form: str, old_form: str) -> None:
    """JSON files, JSON lines and Parquet of the same documents give the same comparison."""
    plain = compared(tmp_path / "plain", older(), list(found()))
    other = compared(tmp_path / "other", older(), list(found()), form, old_form)
    assert (other.old.kind, other.new.kind) == (old_form, form)
    assert plain.fields == other.fields
    assert plain.samples == other.samples
    assert (plain.equal, plain.changed, plain.states) == (other.equal, other.changed, other.states)


def test_order_does_not_matter(tmp_path: Path) -> None:
    """The same sides in any order of their rows give the same bytes, samples included."""
    made = []
    for seed in range(3):
        old, new = older(), list(found())
        random.Random(seed).shuffle(old)
        random.Random(seed + 9).shuffle(new)
        made.append(to_bytes(compared(tmp_path / str(seed), old, new, "jsonl", "jsonl")))
    assert made[0] == made[1] == made[2]


def test_lines_of_documents_are_a_side(tmp_path: Path) -> None:
    """A file with one document a line, as other tools make of ours; it tells of no other records."""
    lines = [json.dumps(json.loads(document_bytes(one))) for one in older() if one.state == "ok"]
    (tmp_path / "old.jsonl").write_text("\n".join(lines) + "\n\n", "utf-8")
    new = written(tmp_path / "new", "json", found())
    result = compare(opened(tmp_path / "old.jsonl"), opened(new), tmp_path / "scratch")
    assert result.old.captures is None
    assert result.changed
    assert (result.appeared, result.only_new) == (0, 0)


def test_documents_of_another_form_are_compared_by_what_they_have(tmp_path: Path) -> None:
    """Members that the old form lacks are as null there, and those that it had besides are told."""
    value = json.loads(document_bytes(articles()[0]))
    del value["section"]
    value |= {"mood": "calm", "schema": "another"}
    value["author"] = value["author"] or "x"
    (tmp_path / "old.jsonl").write_text(json.dumps(value), "utf-8")
    new = written(tmp_path / "new", "json", articles()[:1])
    result = compare(opened(tmp_path / "old.jsonl"), opened(new), tmp_path / "scratch")
    assert result.fields["mood"].emptied == 1
    assert "schema" not in result.fields


@pytest.mark.parametrize(
    ("content", "word"),
    [("no json\n", "no document"), ("[1]\n", "no document"), ('{"id": "x", "text": ""}\n', "another form")],
)
def test_what_is_no_document_is_told_with_its_place(tmp_path: Path, content: str, word: str) -> None:
    """File and byte are named, and nothing is left behind."""
    (tmp_path / "old.jsonl").write_text(content, "utf-8")
    side = opened(tmp_path / "old.jsonl")
    with pytest.raises(UsageError, match=f"byte 0: .*{word}"):
        compare(side, side, tmp_path / "scratch")
    assert not (tmp_path / "scratch").exists()


def test_a_damaged_table_is_told(tmp_path: Path) -> None:
    """A Parquet file that is none is a matter of usage, with its name."""
    (tmp_path / "old" / "documents").mkdir(parents=True)
    (tmp_path / "old" / "documents" / "part-a.parquet").write_bytes(b"PAR1 no")
    side = opened(tmp_path / "old")
    with pytest.raises(UsageError, match=r"part-a\.parquet"):
        compare(side, side, tmp_path / "scratch")


def test_samples_are_few(tmp_path: Path) -> None:
    """However many documents differ, a dozen of each field are shown, and the page says of how many."""
    document = articles()[0]
    many = [
        changed(document, id=f"x-{number}", title=f"{number}", provenance={"record_id": f"<urn:x:{number}>"})
        for number in range(40)
    ]
    new = [msgspec.structs.replace(one, title="y", date=None) for one in many]
    result = compared(tmp_path, list(many), list(new), "jsonl", "jsonl")
    assert {name: len(samples) for name, samples in result.samples.items()} == {
        "title": SAMPLES,
        "date": SAMPLES,
    }
    assert f"{SAMPLES} of 40 are shown" in html_page(result).decode()


def _peak(tmp_path: Path, count: int) -> int:
    """Return the most memory that Python held while so many documents were compared, each differing."""
    value = json.loads(document_bytes(articles()[0]))
    for name, title in (("old", "a"), ("new", "b")):
        with (tmp_path / f"{name}-{count}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(count):
                value["title"], value["id"] = f"{title}{number}", f"x-{number}"
                value["provenance"]["record_id"] = f"<urn:x:{number}>"
                file.write(json.dumps(value) + "\n")
    sides = [opened(tmp_path / f"{name}-{count}.jsonl") for name in ("old", "new")]
    tracemalloc.start()
    try:
        result = compare(*sides, tmp_path / "scratch")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result.fields["title"].changed == count
    return peak


def test_memory_does_not_grow_with_documents(tmp_path: Path) -> None:
    """Ten times the documents need no more than half as much memory again."""
    _peak(tmp_path, 20)  # what is imported or kept once
    assert _peak(tmp_path, 1500) < 1.5 * _peak(tmp_path, 150)


@pytest.mark.slow
def test_memory_of_a_hundred_thousand(tmp_path: Path) -> None:
    """The long form: 100 000 documents, all of them different, in less than 64 MiB of Python's memory."""
    assert _peak(tmp_path, 100_000) < 64 << 20
