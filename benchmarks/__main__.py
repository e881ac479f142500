"""``make bench``: what a record costs on the real road, beside the floor of the same rows.

Machines are noisy, so what counts are the ratios within one run: each size rehearses a whole
migration, plans the same records again by themselves, and loads the same planned rows with
simple-salesforce's own Bulk 2.0 call into a second, equal practice org.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.rehearsal import measure_rehearsal

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10_000, 100_000)
SEED = 7
HEAD = ("records", "stage", "records/s", "CPU µs/record", "peak MB", "× floor CPU")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--records", type=int, action="append", help="sizes to measure")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    results = [measure(size, options.seed) for size in options.records or SIZES]
    table(results)
    machine = {"python": platform.python_version(), "processor": platform.machine()}
    document = {"seed": options.seed, "machine": machine, "sizes": results}
    (ROOT / "benchmarks/results.json").write_text(json.dumps(document, indent=1) + "\n")


def measure(records: int, seed: int) -> dict[str, Any]:
    """Return the stages of one size: {"records", "stages": {name: {…}}, "status"}."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        found = measure_rehearsal(records, seed, folder)
        for part in ("transform", "floor"):
            found["stages"][part] = in_own_process(part, folder, seed)
    return found


def in_own_process(part: str, folder: Path, seed: int) -> dict[str, Any]:
    """Measure a part alone, so that its memory is its own."""
    command = [sys.executable, "-m", f"benchmarks.{part}", str(folder), str(seed)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


def table(results: list[dict[str, Any]]) -> None:
    rows = [HEAD]
    for result in results:
        floor = per_record(result["stages"]["floor"])
        for name in ("extract", "transform", "load", "verify", "whole", "floor"):
            stage = result["stages"][name]
            cost = per_record(stage)
            rows.append(
                (
                    f"{result['records']:,}",
                    name,
                    f"{stage['records'] / stage['seconds']:,.0f}" if stage["seconds"] else "–",
                    f"{cost:,.0f}",
                    f"{stage['peak_mb']:,.0f}",
                    f"{cost / floor:.1f}" if floor else "–",
                )
            )
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for row in rows:
        cells = [
            text.ljust(width) if column == 1 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells))


def per_record(stage: dict[str, Any]) -> float:
    """CPU microseconds of our processes for each record of the stage."""
    return 1e6 * stage["cpu_seconds"] / stage["records"] if stage["records"] else 0.0


if __name__ == "__main__":
    main()
