"""Files of the tables: what goes in comes out, by readers that share no code with us."""

from __future__ import annotations

import contextlib
import hashlib
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import harvester
from archive.errors import StorageError
from harvester.document import Document
from harvester.parts import PartFile
from harvester.tables import CaptureRow, DocumentRow, to_line
from harvester.tables.parquet import MAX_GROUP_ROWS, ParquetPart, arrow_schema
from harvester.tables.part import JsonlPart, Part
from harvester.tables.rows import Row
from harvester.tables.sinks import Form, TableSink

GOLDEN = Path(__file__).parents[2] / "fixtures/golden"
Values = Callable[[type], st.SearchStrategy[Any]]
FORMS: tuple[Form, Form] = ("jsonl", "parquet")


@pytest.fixture(scope="module")
def found() -> list[Any]:
    return [harvester.extract(page.read_bytes()) for page in sorted(GOLDEN.glob("*/*/page.html"))]


def capture(number: int, item: Any) -> CaptureRow:
    return CaptureRow(
        record_id=f"<urn:uuid:{number}>",
        file="a.warc.gz",
        type="response",
        outcome=item.state,
        id=item.id,
        site=item.site,
    )


def written(folder: Path, unit: str, form: Form, found: list[Any]) -> list[Path]:
    sink = TableSink(folder, unit, form)
    for number, item in enumerate(found):
        sink.put(capture(number, item), item, None)
    done = sink.close()
    paths = [folder / one.path for one in done]
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] == [one.sha256 for one in done]
    return paths


def parquet(path: Path, table: type[Row]) -> ParquetPart:
    return ParquetPart(PartFile(path.parent, path.name), table)


def closed(folder: Path, part: Part) -> Path:
    return folder / part.close().path


def ask(query: str) -> list[Any]:
    return duckdb.sql(query).fetchall()


def rows_of(path: Path, table: type[Row]) -> list[Row]:
    values = pq.read_table(path).to_pylist()
    return [msgspec.convert(value, table) for value in values]


@pytest.mark.parametrize("table", [CaptureRow, DocumentRow])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_rows_come_back(values: Values, table: type[Row], data: st.DataObject, tmp_path: Path) -> None:
    """Any rows that the types allow are read from Parquet by pyarrow as they were, in their order."""
    rows = data.draw(st.lists(values(table), max_size=3))
    part = parquet(tmp_path / "a.parquet", table)
    for row in rows:
        part.add(row)
    assert rows_of(closed(tmp_path, part), table) == rows


@pytest.mark.parametrize("form", FORMS)
def test_the_parts_of_a_unit(form: Form, found: list[Any], tmp_path: Path) -> None:
    """A unit has one part of each table: every record a row of captures, every article one of documents."""
    paths = written(tmp_path, "u1", form, found)
    names = [path.relative_to(tmp_path).as_posix() for path in paths]
    assert names == [f"documents/part-u1.{form}", f"captures/part-u1.{form}"]
    articles = [item for item in found if isinstance(item, Document)]
    assert 0 < len(articles) < len(found)
    reader = "read_parquet" if form == "parquet" else "read_json_auto"
    documents, captures = (f"{reader}('{path}')" for path in paths)
    assert ask(f"select count(*), count(distinct id) from {documents}") == [(len(articles), len(articles))]
    states = ask(f"select outcome, count(*) from {captures} group by 1")
    assert sum(number for _, number in states) == len(found)
    assert dict(states)["ok"] == len(articles)
    joined = f"select d.title from {documents} d join {captures} c using (id) where c.outcome = 'ok'"
    assert {title for (title,) in ask(joined)} == {item.title for item in articles}


def test_duckdb_sees_the_documented_schema(found: list[Any], tmp_path: Path) -> None:
    """DuckDB opens text as VARCHAR, numbers as BIGINT, images as a list of structs; JSON is looked into."""
    path, _ = written(tmp_path, "u1", "parquet", found)
    types = dict(ask(f"select column_name, column_type from (describe from '{path}')"))
    assert list(types) == list(DocumentRow.__struct_fields__)
    image = 'STRUCT(url VARCHAR, "position" BIGINT, alt VARCHAR, caption VARCHAR, "role" VARCHAR)[]'
    assert types["images"] == image
    assert types["attachments"] == "VARCHAR[]"
    assert types["characters"] == "BIGINT"
    assert types["rehearsal"] == "BOOLEAN"
    others = {"images", "attachments", "albums", "characters", "rehearsal", "preview"}
    assert {types[name] for name in set(types) - others} == {"VARCHAR"}
    pictures = sum(len(item.images) for item in found if isinstance(item, Document))
    assert ask(f"select sum(len(images)) from '{path}'") == [(pictures,)]
    digest = f"select provenance->>'$.body_sha256' from '{path}' order by id"
    stored = [item.provenance.body_sha256 for item in sorted_articles(found)]
    assert [value for (value,) in ask(digest)] == stored


def sorted_articles(found: list[Any]) -> list[Document]:
    return sorted((item for item in found if isinstance(item, Document)), key=lambda item: item.id)


@pytest.mark.parametrize("table", [CaptureRow, DocumentRow])
def test_null_is_allowed_where_the_table_says_so(table: type[Row]) -> None:
    """A column may be null in the file exactly where the documented row may be."""
    from harvester.tables.rows import columns

    schema = arrow_schema(table)
    assert {name: null for name, _, null, _ in columns(table)} == {
        field.name: field.nullable for field in schema
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_unit_without_rows_has_its_parts(form: Form, found: list[Any], tmp_path: Path) -> None:
    """Parts without rows are files with the schema, and all parts are read as one table."""
    written(tmp_path, "empty", form, [])
    written(tmp_path, "full", form, found)
    reader = "read_parquet" if form == "parquet" else "read_json_auto"
    assert ask(f"select count(*) from {reader}('{tmp_path}/captures/*.{form}')") == [(len(found),)]
    if form == "parquet":
        assert pq.read_table(tmp_path / "documents").num_rows == len(sorted_articles(found))
        assert pq.read_schema(tmp_path / "documents/part-empty.parquet") == arrow_schema(DocumentRow)


def test_row_groups_are_bounded(tmp_path: Path) -> None:
    """A row group holds at most so many rows, and ends sooner where the texts are long."""
    row = CaptureRow(file="a", type="response", outcome="asset")
    part = parquet(tmp_path / "many.parquet", CaptureRow)
    for _ in range(MAX_GROUP_ROWS + 1):
        part.add(row)
    assert groups(closed(tmp_path, part)) == [MAX_GROUP_ROWS, 1]
    part = parquet(tmp_path / "long.parquet", CaptureRow)
    for _ in range(5):
        part.add(msgspec.structs.replace(row, detail="长" * (6 << 20)))
    assert groups(closed(tmp_path, part)) == [3, 2]


def groups(path: Path) -> list[int]:
    metadata = pq.ParquetFile(path).metadata
    return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_give_the_same_bytes(form: Form, found: list[Any], tmp_path: Path) -> None:
    """With one version of the library a part's bytes depend on its rows alone."""
    one, two = (written(tmp_path / name, "u", form, found) for name in "ab")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_lines_are_the_rows(found: list[Any], tmp_path: Path) -> None:
    """A part of JSON lines is the lines of its rows, in the order they came."""
    part = JsonlPart(PartFile(tmp_path, "a.jsonl"))
    rows = [DocumentRow.from_document(item) for item in sorted_articles(found)]
    for row in rows:
        part.add(row)
    lines = closed(tmp_path, part).read_bytes().splitlines(keepends=True)
    assert lines == [to_line(row) for row in rows]
    assert [json.loads(line)["id"] for line in lines] == [row.id for row in rows]


@pytest.mark.parametrize("room_bytes", [0, 10, 3000])
@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_cannot_grow(form: Form, room_bytes: int, found: list[Any], tmp_path: Path) -> None:
    """Where the disk takes no more bytes the sink says so with the cure, and leaves no file."""
    many = [item for item in found if isinstance(item, Document)] * 10
    with pytest.raises(StorageError, match="raise the limit"), files_of_at_most(room_bytes):
        fill(tmp_path, form, many)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow further (RLIMIT_FSIZE): a real write fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(folder: Path, form: Form, found: list[Any]) -> None:
    sink = TableSink(folder, "u", form)
    try:
        for number, item in enumerate(found):
            sink.put(capture(number, item), item, None)
        sink.close()
    except BaseException:
        sink.abort()
        raise


@pytest.mark.parametrize("form", FORMS)
def test_an_aborted_unit_leaves_the_older_parts(form: Form, found: list[Any], tmp_path: Path) -> None:
    """What stood before under a part's name stays whole until the new one is."""
    before = [path.read_bytes() for path in written(tmp_path, "u", form, found)]
    sink = TableSink(tmp_path, "u", form)
    sink.put(capture(1, found[0]), found[0], None)
    sink.abort()
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert sorted(path.read_bytes() for path in files) == sorted(before)


def test_without_the_extra_the_cure_is_named(tmp_path: Path) -> None:
    """Where pyarrow is missing, Parquet is refused in one line that names the extra; JSON lines work."""
    program = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path\n"
        "from harvester.tables.sinks import TableSink\n"
        "from harvester.errors import UsageError\n"
        f"TableSink(Path({str(tmp_path)!r}), 'u', 'jsonl').close()\n"
        "try:\n"
        f"    TableSink(Path({str(tmp_path)!r}), 'u', 'parquet')\n"
        "except UsageError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "wechat-harvester[tables]" in done.stdout
    assert not done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["part-u.jsonl", "part-u.jsonl"]


def test_types_come_from_pyarrow() -> None:
    """The schema is pyarrow's own object, so that other programs can take it."""
    assert isinstance(arrow_schema(CaptureRow), pa.Schema)
