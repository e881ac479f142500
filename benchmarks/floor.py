"""The floor: the same planned rows loaded by simple-salesforce's own Bulk 2.0 call, and nothing
else. No ledger, no read-back, no lookups: ``python -m benchmarks.floor FOLDER SEED``."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import requests
from simple_salesforce import Salesforce

from benchmarks.planned import lookups, map_spec, staged, use_database_of

WAIT_SECONDS = 0.1


def main() -> None:
    use_database_of(Path(sys.argv[1]))
    from qontakmig.simulators.serve import start

    with start(("salesforce",), seed=int(sys.argv[2])) as orgs:
        print(json.dumps(load_all(orgs.info["salesforce"])))


def load_all(org: dict[str, Any]) -> dict[str, Any]:
    give_it_the_schema(org)
    client = connect(org)
    spec, known = map_spec(), lookups()
    records, cpu, seconds = 0, 0.0, 0.0
    for phase in spec.phases:
        if phase.mode != "load":
            continue
        rows = rows_of(phase, known)
        if not rows:
            continue
        began, began_cpu = time.perf_counter(), time.process_time()
        jobs = getattr(client.bulk2, phase.target_object).insert(records=rows, wait=WAIT_SECONDS)
        cpu += time.process_time() - began_cpu
        seconds += time.perf_counter() - began
        processed = sum(job["numberRecordsProcessed"] - job["numberRecordsFailed"] for job in jobs)
        if processed != len(rows):
            sys.exit(f"{phase.target_object}: {len(rows) - processed} rows failed in the floor")
        records += len(rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"records": records, "seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak}


def rows_of(phase: Any, known: Any) -> list[dict[str, Any]]:
    """The rows that the run created, without references: this org has other ids."""
    from mapping.core.planning import PlannedRow, insert_row, plan_row
    from runs.models import Record

    references = {rule.target for rule in phase.reference_rules}
    created = set(
        Record.objects.filter(
            step__name=phase.name, step__kind="load", state=Record.State.CREATED
        ).values_list("source_id", flat=True)
    )
    rows = []
    for chunk in staged(phase):
        for record in chunk:
            planned = plan_row(record, phase, known)
            if record.id in created and isinstance(planned, PlannedRow):
                row = insert_row(planned, phase)
                rows.append({name: spelled(row[name]) for name in row if name not in references})
    return rows


def spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def give_it_the_schema(org: dict[str, Any]) -> None:
    """Create what the rehearsal's org has, with the connector."""
    from projects.practice import connection_settings
    from qontakmig.connectors.base import SchemaItem
    from qontakmig.connectors.salesforce.target import SalesforceTarget
    from runs.models import SchemaDeployment

    config, secrets = connection_settings("salesforce", org)
    target = SalesforceTarget({**config, "practice": True}, secrets)
    deployment = SchemaDeployment.objects.filter(check_only=False).latest("pk")
    items = [SchemaItem(**item) for item in deployment.created_items]
    deploy_id = target.deploy_start(items, check_only=False)
    while not (state := target.deploy_state(deploy_id, items)).done:
        time.sleep(0.05)
    if not state.ok:
        sys.exit(f"The floor's org refused the schema: {state.message}")
    target.grant_access(items)
    target.close()


def connect(org: dict[str, Any]) -> Salesforce:
    session = requests.Session()
    session.verify = org["ca_file"]
    session.trust_env = False
    return Salesforce(
        instance_url=org["base_url"],
        session_id=org["credentials"]["access_token"],
        session=session,
        version="62.0",
    )


if __name__ == "__main__":
    main()
