"""Reading the files that Qontak's pages export, and files that only look like it."""

import io
import json
import zipfile

import pytest
from openpyxl import Workbook

from qontakmig.connectors.base import FieldType
from qontakmig.connectors.errors import RejectedError
from qontakmig.connectors.qontak.columns import column_field
from qontakmig.connectors.qontak.export_files import ExportFilesSource

HEADER = "ID;Nama;Telepon;Tanggal Lahir;Nilai;Status;Created At"
ROW = "{n};Siti {n};+62 812-0000-{n:04d};{d:02d}/03/1990;1.250.{n:03d},50;{s};31/12/2023 23:30"


def text(rows=40):
    lines = [ROW.format(n=n, d=n % 28 + 1, s=("Baru", "Lama")[n % 2]) for n in range(1, rows + 1)]
    return "\n".join([HEADER, *lines]) + "\n"


def read_all(source, name):
    records, cursor = [], None
    while True:
        page = source.read_page(name, cursor)
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records


@pytest.mark.parametrize(
    ("encoding", "replaced"),
    [("utf-8", ";"), ("utf-8-sig", ";"), ("utf-16", ";"), ("cp1252", ";"), ("utf-8", "\t")],
)
def test_encodings_and_delimiters_are_detected(tmp_path, encoding, replaced):
    content = text().replace("Siti 7", "Zoë 7").replace(";", replaced)
    (tmp_path / "kontak.csv").write_bytes(content.encode(encoding))

    records = read_all(ExportFilesSource(tmp_path), "contacts")

    assert [record.id for record in records] == [str(n) for n in range(1, 41)]
    assert records[6].values["Nama"] == "Zoë 7"


def test_columns_are_typed_by_their_cells(tmp_path):
    (tmp_path / "contacts.csv").write_text(text())

    fields = {
        field.name: field for field in ExportFilesSource(tmp_path).describe("contacts").fields
    }

    assert {name: field.type for name, field in fields.items()} == {
        "ID": FieldType.INTEGER,
        "Nama": FieldType.TEXT,
        "Telepon": FieldType.PHONE,
        "Tanggal Lahir": FieldType.DATE,
        "Nilai": FieldType.DECIMAL,
        "Status": FieldType.PICKLIST,
        "Created At": FieldType.DATETIME,
    }
    assert fields["Tanggal Lahir"].native_type == "DD/MM/YYYY"
    assert fields["Nilai"].native_type == "1.234,56"
    assert {option.value for option in fields["Status"].options} == {"Baru", "Lama"}


@pytest.mark.parametrize(
    ("cells", "kind", "native"),
    [
        (["12/31/2023", "01/02/2024"], FieldType.DATE, "MM/DD/YYYY"),
        (["01/02/2023"], FieldType.DATE, "DD/MM/YYYY"),
        (["2023-01-02T10:00:00"], FieldType.DATETIME, "YYYY-MM-DD"),
        (["1,234.50", "7.25"], FieldType.DECIMAL, "1,234.56"),
        (["a@b.co", "c@d.id"], FieldType.EMAIL, "e-mail"),
        (["0012", "0013"], FieldType.TEXT, "text"),
        ([None, ""], FieldType.TEXT, "empty"),
        (["x" * 300], FieldType.LONG_TEXT, "long text"),
    ],
)
def test_one_column(cells, kind, native):
    field = column_field("X", "X", cells)

    assert (field.type, field.native_type) == (kind, native)


def test_times_of_the_files_are_jakartas(tmp_path):
    (tmp_path / "contacts.csv").write_text(text(1))

    (record,) = read_all(ExportFilesSource(tmp_path), "contacts")

    assert record.created_at.isoformat() == "2023-12-31T16:30:00+00:00"


def test_rows_without_an_id_column_get_a_lasting_one_of_their_own(tmp_path):
    (tmp_path / "deals.csv").write_text("Nama,Nilai\nA,1\nB,2\nA,1\n")

    first = [record.id for record in read_all(ExportFilesSource(tmp_path), "deals")]
    second = [record.id for record in read_all(ExportFilesSource(tmp_path), "deals")]

    assert first == second
    assert len(set(first)) == 3


def test_empty_and_repeated_headers_become_separate_fields(tmp_path):
    (tmp_path / "deals.csv").write_text('Nama,,Nama\n"A\nB",x,C\n')

    (record,) = read_all(ExportFilesSource(tmp_path), "deals")

    assert record.values == {"Nama": "A\nB", "Column 2": "x", "Nama (2)": "C"}


def test_a_workbook_is_read_like_a_csv(tmp_path):
    book = Workbook()
    for row in (["ID", "Nama"], [1, "=1+1"], [None, None], [2.0, "B"]):
        book.active.append(row)
    book.active["B2"].data_type = "s"
    book.save(tmp_path / "Perusahaan 2026.xlsx")

    records = read_all(ExportFilesSource(tmp_path), "companies")

    assert [(record.id, record.values["Nama"]) for record in records] == [("1", "=1+1"), ("2", "B")]


def test_pages_continue_after_a_restart(tmp_path):
    (tmp_path / "contacts.csv").write_text(text(1200))
    first = ExportFilesSource(tmp_path).read_page("contacts")

    second = ExportFilesSource(tmp_path).read_page("contacts", first.next_cursor)

    assert len(first.records) == len(second.records) == 500
    assert second.records[0].id == "501"
    assert json.loads(second.next_cursor) == {"row": 1000}


def test_the_practice_orgs_exports_are_read_whole(tmp_path, qontak_org):
    qontak_org.ask("act", {"action": "export", "folder": str(tmp_path)})
    source = ExportFilesSource(tmp_path)
    stats = qontak_org.ask("stats")

    for name in ("companies", "contacts", "deals"):
        assert len(read_all(source, name)) == source.count(name) == stats[name]
    assert len(source.pipelines()) == 3


def archive(entries, data=b"x"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for n in range(entries):
            made.writestr(f"xl/{n}.xml", data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deals.xlsx", b"PK not a zip"),
        ("deals.xlsx", archive(2001)),
        ("deals.xlsx", archive(1, b"0" * 5_000_000)),
        ("deals.xlsx", archive(1, b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>')),
        ("deals.xlsx", archive(3)),
        ("deals.csv", b"\x00\x01\x02\x03" * 50),
    ],
    ids=["no zip", "many entries", "bomb", "doctype", "no workbook", "binary"],
)
def test_hostile_or_broken_files_are_refused_in_a_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(RejectedError) as caught:
        ExportFilesSource(tmp_path).describe("deals")

    assert caught.value.code == "file_refused"
    assert caught.value.advice


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("ID\n1\n")
    (folder / "contacts.csv").symlink_to(tmp_path / "secret.csv")

    with pytest.raises(RejectedError) as caught:
        ExportFilesSource(folder).identify()

    assert caught.value.code == "no_files"


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RejectedError) as caught:
        ExportFilesSource(tmp_path / "nowhere")

    assert caught.value.code == "folder_unreadable"
