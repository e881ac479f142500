"""What must hold for the summary of any rehearsal that came to its end."""

from __future__ import annotations

KEYS = {
    "destination", "seed", "balanced", "matrix", "phases", "verification", "in_destination",
    "second_run_writes", "rollback", "seconds", "cpu_seconds", "peak_rss_mb",
    "records_per_second",
}  # fmt: skip
OUTCOMES = (
    "created", "updated", "matched", "merged", "filtered", "skipped", "held", "errored",
)  # fmt: skip
OBJECTS = {
    "accounts": "Account",
    "contacts": "Contact",
    "leads": "Lead",
    "opportunities": "Opportunity",
}


def check(summary, sizes, *, again=True, undone=True):
    """Assert that every record of ``sizes`` has one outcome, is where it should be, and back."""
    assert summary.keys() >= KEYS
    assert len(summary["matrix"]) == 14
    phases = {phase["name"]: phase for phase in summary["phases"]}
    for phase in phases.values():
        assert phase["extracted"] == sum(phase[name] for name in OUTCOMES), phase
        assert phase["unexplained"] == 0
    assert summary["balanced"]
    read = {name: phase["extracted"] for name, phase in phases.items()}
    assert read["accounts"] == sizes.get("companies", 0)
    assert read["contacts"] + read["leads"] == sizes.get("contacts", 0)
    assert read["opportunities"] == sizes.get("deals", 0)
    assert summary["in_destination"] == {
        target: phases[name]["created"] for name, target in OBJECTS.items()
    }
    assert summary["verification"]["different"] == summary["verification"]["missing"] == 0
    assert summary["verification"]["records"] == sum(p["created"] for p in phases.values())
    if again:
        assert summary["second_run_writes"] == 0
    if undone:
        created = sum(phase["created"] for phase in phases.values())
        assert summary["rollback"] == {
            "restored": True, "reversed": created, "kept": 0, "failed": 0, "left": 0,
        }  # fmt: skip


def in_error(summary):
    return sum(phase["held"] + phase["errored"] for phase in summary["phases"])


def keys_twice(content):
    """Return the migration keys that more than one record of the practice org carries."""
    found = []
    for target in OBJECTS.values():
        keys = [row.get("Qontak_Id__c") for row in content.get(target, {}).values()]
        keys = [key for key in keys if key]
        found += [key for key in set(keys) if keys.count(key) > 1]
    return found
