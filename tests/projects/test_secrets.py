import pytest
from cryptography.fernet import Fernet

from projects import secrets
from projects.models import Connection


@pytest.fixture
def connection(project):
    return Connection.objects.create(project=project, side="source", system="qontak")


def test_credentials_come_back_as_stored_and_are_not_in_the_row(connection):
    secrets.seal(connection, {"client_secret": "canary-secret"})
    connection.save()
    connection.refresh_from_db()

    assert secrets.unseal(connection) == {"client_secret": "canary-secret"}
    assert "canary" not in connection.sealed


def test_credentials_moved_to_another_row_are_refused(connection, project):
    secrets.seal(connection, {"client_secret": "canary-secret"})
    other = Connection(project=project, side="sandbox", system="salesforce")
    other.sealed = connection.sealed

    with pytest.raises(secrets.Unreadable, match="another connection"):
        secrets.unseal(other)


def test_an_older_key_still_opens_what_it_sealed(connection, settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SECRET_KEYS = [old]
    secrets.seal(connection, {"token": "t"})

    settings.SECRET_KEYS = [new, old]
    assert secrets.unseal(connection) == {"token": "t"}

    settings.SECRET_KEYS = [new]
    with pytest.raises(secrets.Unreadable, match="keys of this installation"):
        secrets.unseal(connection)


def test_each_folder_of_a_checkout_has_a_key_of_its_own(connection, settings, tmp_path):
    settings.SECRET_KEYS = []
    home = settings.VAR_DIR
    settings.VAR_DIR = tmp_path
    secrets.seal(connection, {"token": "t"})

    settings.VAR_DIR = home

    with pytest.raises(secrets.Unreadable):
        secrets.unseal(connection)
