from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects import uploads
from projects.models import Connection
from projects.uploads import UploadRefused, safe_name, uploads_check

CSV = b"ID,Nama Perusahaan\r\n1,PT Maju Jaya\r\n"


def upload(name, content=CSV):
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("contacts.csv", "01-contacts.csv"),
        ("Ekspor Kontak (2).CSV", "01-ekspor-kontak-2.csv"),
        ("../../etc/passwd.csv", "01-passwd.csv"),
        ("..\\..\\deals.xlsx", "01-deals.xlsx"),
        ("‮vsc.csv", "01-vsc.csv"),
        ("。。.csv", "01-file.csv"),
        ("a" * 300 + ".csv", f"01-{'a' * 60}.csv"),
    ],
)
def test_a_file_is_stored_under_a_name_of_our_own(name, stored):
    assert safe_name(1, name) == stored


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("contacts.exe", CSV, "neither a CSV nor an XLSX"),
        ("contacts.xlsx", CSV, "does not hold what its ending says"),
        ("contacts.csv", b"PK\x03\x04rest", "does not hold what its ending says"),
        ("contacts.csv", b"a\x00b", "does not hold what its ending says"),
    ],
)
def test_what_is_no_export_is_refused(name, content, sentence):
    with pytest.raises(UploadRefused, match=sentence):
        uploads_check([upload("companies.csv"), upload(name, content)])


def test_a_file_over_the_limit_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BYTES", 10)

    with pytest.raises(UploadRefused, match="larger than"):
        uploads_check([upload("contacts.csv")])


@pytest.fixture
def signed_in(client, consultant, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    client.force_login(consultant)
    return client


def hand_in(client, project, *files):
    address = reverse("projects:connection", args=[project.pk, "source"])
    return client.post(address, {"system": "qontak_files", "files": list(files)})


def test_files_handed_in_become_the_source_of_the_project(signed_in, project):
    answer = hand_in(signed_in, project, upload("Perusahaan.csv"), upload("kontak.csv"))

    assert answer.status_code == 302
    connection = Connection.objects.get(project=project, side="source")
    assert (connection.state, connection.problem) == ("working", "")
    folder = Path(connection.config["folder"])
    assert sorted(path.name for path in folder.iterdir()) == ["01-perusahaan.csv", "02-kontak.csv"]


def test_refused_files_leave_the_ones_before_in_place(signed_in, project):
    hand_in(signed_in, project, upload("companies.csv"))

    answer = hand_in(signed_in, project, upload("companies.csv"), upload("virus.exe"))

    assert "neither a CSV nor an XLSX" in answer.text
    connection = Connection.objects.get(project=project, side="source")
    assert [p.name for p in Path(connection.config["folder"]).iterdir()] == ["01-companies.csv"]


def test_a_folder_cannot_be_named_from_the_browser(signed_in, project):
    address = reverse("projects:connection", args=[project.pk, "source"])

    answer = signed_in.post(address, {"system": "qontak_files", "folder": "/etc"})

    assert answer.status_code == 200
    assert not Connection.objects.filter(project=project).exists()
