"""Storing one side of a project: what is kept of credentials, and what a change ends."""

import pytest

from projects import secrets
from projects.connections import connection_save

TYPED = {"client_secret": "typed-secret", "refresh_token": "typed-token"}
LOGGED_IN = {"access_token": "from-a-log-in", "instance_url": "https://old.example"}
CONFIG = {"base_url": "https://old.example", "client_id": "app"}


@pytest.fixture
def save(project, consultant):
    def saved(config, credentials):
        return connection_save(
            project=project,
            side="sandbox",
            system="salesforce",
            config=config,
            credentials=credentials,
            actor=consultant,
        )

    return saved


@pytest.mark.parametrize(
    ("config", "credentials", "kept"),
    [
        (CONFIG, {}, TYPED | LOGGED_IN),
        (CONFIG | {"base_url": "https://new.example"}, {}, TYPED),
        (CONFIG, {"refresh_token": "another"}, TYPED | {"refresh_token": "another"}),
    ],
)
def test_what_a_log_in_brought_does_not_outlive_a_change(save, config, credentials, kept):
    connection = save(CONFIG, TYPED)
    secrets.seal(connection, TYPED | LOGGED_IN)
    connection.save()
    assert secrets.unseal(save(config, credentials)) == kept
