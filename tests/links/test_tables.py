"""Links in tables: which column they stand in, and where a spreadsheet hides them."""

from __future__ import annotations

import csv
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.links import Named, links_in

A = "https://mp.weixin.qq.com/s/AAAAAAAAAAAAAAAAAAAAAA"
B = "https://mp.weixin.qq.com/s?__biz=MzA3MDAwMDAwMA==&mid=2650000001&idx=1&sn=abcdef"
COVER = "https://mmbiz.qpic.cn/mmbiz_jpg/x/0?wx_fmt=jpeg"


def table(rows: list[list[str]], delimiter: str = ",", codec: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(codec)


EXPORT = [
    ["公众号", "标题", "封面", "链接", "发布时间", "文章内容"],
    ["外交部发言人办公室", "第一篇", COVER, A, "2024-05-08 14:04:05", f'行一\n行二 "引" {B}'],
    ["外交部发言人办公室", "第二篇", COVER, B.replace("&", "&amp;"), "1715148245", "x" * 200_000],
    ["", "坏的", COVER, "htp:/x", "", ""],
    ["", "空的", COVER, "", "", ""],
    [],
]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_exporters_table(delimiter: str, codec: str) -> None:
    """Columns are known by their Chinese names in any dialect and encoding; bad rows are told by number."""
    found = links_in(table(EXPORT, delimiter, codec), "导出.txt")
    account = "外交部发言人办公室"
    assert found.kind == "csv"
    assert found.named == (
        Named(url=A, title="第一篇", account=account, published="2024-05-08 14:04:05", where="row 2"),
        Named(url=B, title="第二篇", account=account, published="2024-05-08T06:04:05Z", where="row 3"),
    )
    assert found.skipped == (
        "column 3 (封面): its web addresses are left out, they are not the link of their row",
        "row 4: 'htp:/x' is no web address",
        "row 5: there is no web address in it",
    )


def test_columns_without_known_names() -> None:
    """Without a name that is known, the column of a publisher's pages is the link's."""
    rows = [[COVER, "题", A], [COVER, "题二", B]]
    found = links_in(table(rows), "a.csv")
    assert [(one.url, one.where) for one in found.named] == [(A, "row 1"), (B, "row 2")]


def test_names_of_other_tools() -> None:
    """English names, a line above the header, `sep=` of Excel, and a header that comes again."""
    rows = [
        ["Export of 2024"],
        ["Title", "content_url", "nickname"],
        ["t", A, "n"],
        ["Title", "content_url", ""],
    ]
    for data in (table(rows), b"sep=;\n" + table(rows, ";")):
        found = links_in(data, "a.csv")
        assert [(one.url, one.title, one.account) for one in found.named] == [(A, "t", "n")]
        assert found.skipped == ()


def test_one_column_and_words_in_a_cell() -> None:
    """A table of one column is one; an address within a cell's words is taken out of them."""
    assert [one.url for one in links_in(f"链接\n{A}\n".encode(), "a.csv").named] == [A]
    found = links_in(table([["标题", "链接"], ["t", f"点这里 {A}，{B}"]]), "a.csv")
    assert [one.url for one in found.named] == [A, B]


def workbook(fill: object) -> bytes:
    book = openpyxl.Workbook()
    fill(book)  # type: ignore[operator]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_links_behind_cells() -> None:
    """Behind a title's cell, in a HYPERLINK formula, as a cell's text: all are links; sheets are named."""

    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet.title = "五月"
        sheet.append(["标题", "发布时间"])
        sheet.append(["第一篇", "2024-05-08"])
        sheet["A2"].hyperlink = A
        sheet.append([f'=HYPERLINK("{B}","第二篇")', None])
        sheet.append(["没有链接", None])
        other = book.create_sheet("其他")
        other.append(["链接"])
        other.append(["https://www.mfa.gov.cn/a.shtml"])

    found = links_in(workbook(fill), "a.xlsx")
    assert found.kind == "xlsx"
    assert [(one.url, one.title, one.published, one.where) for one in found.named] == [
        (A, "第一篇", "2024-05-08", "sheet '五月', row 2"),
        (B, "第二篇", None, "sheet '五月', row 3"),
        ("https://www.mfa.gov.cn/a.shtml", None, None, "sheet '其他', row 2"),
    ]
    assert found.skipped == ("sheet '五月', row 4: there is no web address in it",)


def test_a_cell_far_out_costs_nothing() -> None:
    """One cell in the last corner of a sheet does not make a rectangle of seventeen thousand million."""

    def fill(book: openpyxl.Workbook) -> None:
        book.active["A1"] = A
        book.active["XFD1048576"] = "x"

    found = links_in(workbook(fill), "a.xlsx")
    assert [one.url for one in found.named] == [A]
    assert len(found.skipped) == 2


def altered(data: bytes, part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>', "declares entities"),
        (b"<worksheet>" + b"<c />" * 1_600_000, "too many cells"),
        (b" " * (97 << 20), "too many cells"),
        (b"<worksheet", "cannot be read as a spreadsheet"),
    ],
    ids=["entities", "cells", "large", "cut"],
)
def test_hostile_spreadsheets_are_refused(content: bytes, why: str) -> None:
    """Entities, bombs of cells and of bytes, and broken parts each give one line."""
    data = workbook(lambda book: None)
    with pytest.raises(UsageError, match=why):
        links_in(altered(data, "xl/worksheets/sheet1.xml", content), "a.xlsx")


def test_cut_spreadsheet_and_other_zips() -> None:
    """A cut file is damaged; an OpenDocument sheet is told to be saved otherwise."""
    data = workbook(lambda book: None)
    with pytest.raises(UsageError, match="damaged"):
        links_in(data[:-200], "a.xlsx")
    with pytest.raises(UsageError, match=r"save it as \.xlsx"):
        links_in(b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "a.ods")


CELLS = st.text(alphabet='ab题\n\r",;\t|#=: ', max_size=12)
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=8)


@given(ROWS, st.sampled_from(",\t;"))
def test_any_table_gives_its_links(rows: list[tuple[str, str]], delimiter: str) -> None:
    """Whatever stands in the other cells, quoted as CSV is, each row's link and title come out."""
    made = [[title, f"https://x.example/{n}", note] for n, (title, note) in enumerate(rows)]
    found = links_in(table([["标题", "链接", "备注"], *made], delimiter), "a.csv")
    got = {one.url: one.title for one in found.named}
    assert got == {url: " ".join(title.split()) or None for title, url, _ in made}
