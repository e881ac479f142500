import csv
import io
import re

import pytest
from openpyxl import load_workbook
from qontak_fixtures import practice_account

from qontakmig.simulators.qontak.exports import write_files
from qontakmig.simulators.qontak.org import QontakOrg


@pytest.fixture(scope="module")
def account():
    running, account = practice_account({"contacts": 500, "companies": 40, "deals": 50})
    with running:
        yield account


def _csv(content, delimiter=","):
    assert content.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), ""), delimiter=delimiter))


@pytest.mark.parametrize(("kind", "count"), [("contacts", 500), ("companies", 40), ("deals", 50)])
def test_a_download_has_the_template_labels_and_every_record(account, kind, count):
    answer = account.http.get(f"/exports/{kind}.csv")

    with io.StringIO(answer.content.decode("utf-8-sig"), "") as text:
        header, *lines = csv.reader(text)
    assert answer.headers["content-type"].startswith("text/csv")
    labels = [i["name_alias"] for i in account.crm(f"{kind}/info")["response"] if i["name_alias"]]
    assert set(labels) <= set(header)
    assert len(lines) == count
    assert all(len(line) == len(header) for line in lines)
    assert {line[0] for line in lines} == {str(row["id"]) for row in account.every(kind)}


def test_cells_hold_names_and_indonesian_dates(account):
    rows = {row["id"]: row for row in account.every("deals")}
    for line in _csv(account.http.get("/exports/deals.semicolon.csv").content, ";"):
        row = rows[int(line["ID"])]
        assert line["Stage"] == row["crm_stage_name"]
        assert line["Kontak"] == ", ".join(row["crm_lead_name"])
        assert line["Owner"] == row["creator_name"]
        assert re.fullmatch(r"(\d\d/\d\d/\d{4} 00:00)?", line["Tanggal Tutup"])


def test_the_workbook_holds_the_same_cells_and_formulas_as_text(account):
    book = load_workbook(io.BytesIO(account.http.get("/exports/contacts.xlsx").content))
    sheet = book.active
    lines = _csv(account.http.get("/exports/contacts.csv").content)

    assert sheet.max_row == len(lines) + 1
    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    assert "=SUM(A1:A9)" in texts
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_files_are_written_into_a_folder_with_or_without_ids(tmp_path):
    org = QontakOrg(seed=5, sizes={"contacts": 0, "companies": 1, "deals": 3})

    paths = write_files(org.content, tmp_path / "out", with_id=False)

    assert len(paths) == 9
    text = (tmp_path / "out" / "contacts.csv").read_text("utf-8-sig")
    assert text.startswith("Nama Depan,Nama Belakang")
    assert text.count("\n") == 1


def test_an_unknown_file_is_not_found(account):
    for name in ("calls.csv", "contacts.doc", "contacts", "../people.py"):
        assert account.http.get(f"/exports/{name}").status_code == 404
