"""What planning alone costs: ``python -m benchmarks.transform FOLDER SEED``."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.planned import lookups, map_spec, staged, use_database_of


def main() -> None:
    use_database_of(Path(sys.argv[1]))
    from mapping.core.planning import plan_row

    spec, known = map_spec(), lookups()
    records, cpu, seconds = 0, 0.0, 0.0
    for phase in spec.phases:
        if phase.mode != "load":
            continue
        for chunk in staged(phase):
            began, began_cpu = time.perf_counter(), time.process_time()
            for record in chunk:
                plan_row(record, phase, known)
            cpu += time.process_time() - began_cpu
            seconds += time.perf_counter() - began
            records += len(chunk)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"records": records, "seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak}))


if __name__ == "__main__":
    main()
