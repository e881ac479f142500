import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from runs.exports import sheets
from runs.exports.sheets import Book, Column

ZONE = ZoneInfo("Asia/Jakarta")
HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://evil")',
    "+62812",
    "-1",
    "@SUM(A1)",
    "#N/A",
    "0012345",
    "3.1E+15",
    "two\nlines",
    "emoji 👩‍⚕️ 中文",
]


def written(tmp_path, columns, rows, title="Data"):
    book = Book(ZONE)
    book.sheet(title, columns, rows)
    path = tmp_path / "book.xlsx"
    book.save(path)
    return path


def test_text_comes_back_as_it_went_in_and_no_formula_is_made(tmp_path):
    path = written(tmp_path, [Column("Value")], [[text] for text in HOSTILE])

    sheet = load_workbook(path)["Data"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == HOSTILE
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_control_characters_are_shown_and_overlong_text_says_that_it_was_cut(tmp_path):
    path = written(tmp_path, [Column("Value")], [["a\x0bb"], ["x" * 40_000]])

    first, second = (row[0].value for row in load_workbook(path)["Data"].iter_rows(min_row=2))
    assert first == "a�b"
    assert len(second) == sheets.MAX_TEXT
    assert second.endswith("[cut: 40000 characters]")


def test_times_are_in_the_readers_zone(tmp_path):
    path = written(
        tmp_path, [Column("At", "datetime")], [[datetime(2026, 3, 31, 17, 30, tzinfo=UTC)]]
    )

    assert load_workbook(path)["Data"]["A2"].value == datetime(2026, 4, 1, 0, 30)


def test_every_sheet_is_a_table_with_filter_and_frozen_header(tmp_path):
    path = written(tmp_path, [Column("Name"), Column("Count", "number")], [["a", 1], ["b", 2]])

    sheet = load_workbook(path)["Data"]
    (table,) = sheet.tables.values()
    assert table.ref == "A1:B3"
    assert [column.name for column in table.tableColumns] == ["Name", "Count"]
    assert table.autoFilter.ref == "A1:B3"
    assert sheet.freeze_panes == "A2"


def test_a_list_longer_than_a_sheet_goes_on_in_a_second_one(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "BODY_ROWS", 2)
    path = written(tmp_path, [Column("n", "number")], [[n] for n in range(5)])

    book = load_workbook(path)
    assert book.sheetnames == ["Data", "Data (2)", "Data (3)"]
    assert [row[0].value for row in book["Data (3)"].iter_rows(min_row=2)] == [4]


@pytest.mark.parametrize("title", ["a/b:c*d", "x" * 50])
def test_sheet_names_are_made_acceptable(tmp_path, title):
    (name,) = load_workbook(written(tmp_path, [Column("n")], [], title)).sheetnames

    assert len(name) <= 31
    assert not set(name) & set("[]:*?/\\")


def test_an_empty_list_says_so(tmp_path):
    sheet = load_workbook(written(tmp_path, [Column("a"), Column("b")], []))["Data"]

    assert sheet["A2"].value == "Nothing"
