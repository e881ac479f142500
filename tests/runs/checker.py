"""The invariants that hold after every run, whatever happened on the way."""

from __future__ import annotations

from runs.models import IdMap, PreImage, Record, RunStep
from runs.reconciliation import equation, verification

OBJECTS = {
    "accounts": "Account",
    "contacts": "Contact",
    "leads": "Lead",
    "opportunities": "Opportunity",
}


def check(run, target, source):
    """I1 nothing lost, I2 sums agree, I3 one record each, I4 id map true, I9 lookups whole."""
    run.refresh_from_db()
    assert run.state == "done", (run.state, run.problem)
    phases = {phase.name: phase for phase in equation(run)}
    for phase in phases.values():
        assert (phase.unexplained, phase.to_go) == (0, 0), phase
    extracted = {}
    for step in RunStep.objects.filter(run=run, kind__in=("match", "load")):
        extracted.setdefault(step.source_object, 0)
        extracted[step.source_object] += phases[step.name].extracted
    assert extracted == source.sizes
    dump = target.dump()
    for name, object_name in OBJECTS.items():
        rows = dump.get(object_name, {})
        keys = [key for key, _ in rows.values() if key]
        assert len(keys) == len(set(keys))
        arrived = Record.objects.filter(
            run=run, step__name=name, step__kind="load", state__in=Record.IN_DESTINATION
        )
        for source_id, target_id in arrived.values_list("source_id", "target_id"):
            assert rows[target_id][0] == source_id
        mapped = dict(
            IdMap.objects.filter(project=run.project, target_object=object_name).values_list(
                "source_id", "target_id"
            )
        )
        assert set(arrived.values_list("source_id", "target_id")) <= set(mapped.items())
    assert not PreImage.objects.filter(record__preimage="absent").exists()
    found = verification(run)
    assert (found.different, found.missing) == (0, 0), found
    return phases
