"""Leaving Qontak with nothing but the files that its pages export."""

import urllib.request

import pytest

from mapping.opening import draft_from_accounts
from mapping.rehearsing import review_as_proposed
from mapping.services import version_confirm
from projects.connections import connection_save, connection_test
from projects.discovery import discovery_drive, discovery_start
from projects.practice import connection_settings
from qontakmig.simulators.serve import start
from runs import reconciliation, schema, services
from runs.engine import drive

FILES = {
    "contacts.csv": "contacts.csv",
    "companies.csv": "companies.semicolon.csv",
    "deals.xlsx": "deals.xlsx",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


@pytest.fixture
def orgs(folder):
    sizes = {"companies": 10, "contacts": 40, "deals": 15}
    with start(("qontak", "salesforce"), seed=5, sizes=sizes) as running:
        for name, exported in FILES.items():
            address = f"{running.info['qontak']['base_url']}/exports/{exported}"
            with urllib.request.urlopen(address) as answer:
                (folder / name).write_bytes(answer.read())
        yield running.info


def connect(project, actor, side, system, config, credentials):
    connection = connection_save(
        project=project,
        side=side,
        system=system,
        config=config,
        credentials=credentials,
        actor=actor,
    )
    connection_test(connection=connection, actor=actor)
    assert connection.problem == ""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_exported_files_without_users_are_loaded_and_balance(project, consultant, orgs, folder):
    config = {"folder": str(folder)}
    connect(project, consultant, "source", "qontak_files", config, {})
    target = connection_settings("salesforce", orgs["salesforce"])
    connect(project, consultant, "sandbox", "salesforce", *target)
    discovery = discovery_drive(discovery_start(project=project, actor=consultant))
    version = draft_from_accounts(
        project=project, discovery=discovery, environment="sandbox", actor=consultant
    )
    assert review_as_proposed(version, consultant) == []
    version = version_confirm(version=version, actor=consultant, role="consultant")
    place = {"project": project, "environment": "sandbox", "map_version": version}
    schema.schema_drive(schema.schema_apply(**place, actor=consultant))
    run = services.run_create(**place, actor=consultant)
    services.run_start(run=run, actor=consultant)

    assert drive(run.pk) == "done"

    counts = {phase.name: phase for phase in reconciliation.equation(run)}
    assert reconciliation.balanced(run)
    assert counts["users"].extracted == 0
    assert counts["accounts"].extracted == 10
    assert counts["contacts"].extracted + counts["leads"].extracted == 40
    assert counts["opportunities"].extracted == 15
    verified = reconciliation.verification(run)
    assert verified.records > 40
    assert (verified.different, verified.missing) == (0, 0)
