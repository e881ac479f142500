"""A rehearsal watched from outside: stage times from its database, memory from /proc."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"extract": ("extract",), "load": ("match", "load"), "verify": ("verify",)}
LOOK_SECONDS = 0.05


def measure_rehearsal(records: int, seed: int, folder: Path) -> dict[str, Any]:
    """Rehearse into ``folder`` and return {"records", "status", "stages": {name: stage}}.

    A stage is {"records", "seconds", "cpu_seconds", "peak_mb"}; ``whole`` is everything from
    discovery to the end. Raises CalledProcessError unless the rehearsal balanced.
    """
    process = subprocess.Popen(
        [
            sys.executable, "manage.py", "rehearse", "--destination", "salesforce",
            "--records", str(records), "--seed", str(seed), "--keep", str(folder),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    peaks: dict[str, float] = {}
    watcher = threading.Thread(target=watch, args=(process, folder, peaks), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    watcher.join(timeout=5)
    if process.returncode not in (0, 1):
        raise subprocess.CalledProcessError(process.returncode, process.args)
    summary = json.loads(output.splitlines()[-1])
    stages = {name: stage(folder, kinds, peaks.get(name, 0)) for name, kinds in KINDS.items()}
    stages["whole"] = {
        "records": sum(phase["extracted"] for phase in summary["phases"]),
        "seconds": summary["seconds"],
        "cpu_seconds": summary["cpu_seconds"],
        "peak_mb": summary["peak_rss_mb"],
    }
    return {"records": records, "status": process.returncode, "stages": stages}


def stage(folder: Path, kinds: tuple[str, ...], peak_mb: float) -> dict[str, Any]:
    """Read a stage's times and records from the run's steps."""
    marks = ",".join("?" * len(kinds))
    with sqlite3.connect(database(folder)) as connection:
        begin, end, cpu = connection.execute(
            "SELECT min(started_at), max(finished_at), sum(cpu_seconds) FROM runs_runstep"
            f" WHERE kind IN ({marks})",
            kinds,
        ).fetchone()
        (records,) = connection.execute("SELECT count(*) FROM runs_record").fetchone()
    seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    return {"records": records, "seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak_mb}


def database(folder: Path) -> str:
    return str(folder / "rehearsal.sqlite3")


def watch(process: subprocess.Popen[bytes], folder: Path, peaks: dict[str, float]) -> None:
    """Note the highest resident memory while steps of each stage are open."""
    while process.poll() is None:
        memory = resident_mb(process.pid)
        for name in open_stages(folder):
            peaks[name] = max(peaks.get(name, 0), memory)
        time.sleep(LOOK_SECONDS)


def resident_mb(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


def open_stages(folder: Path) -> list[str]:
    try:
        with sqlite3.connect(f"file:{database(folder)}?mode=ro", uri=True) as connection:
            kinds = {
                kind
                for (kind,) in connection.execute(
                    "SELECT kind FROM runs_runstep WHERE state = 'open'"
                )
            }
    except sqlite3.OperationalError:
        return []
    return [name for name, members in KINDS.items() if kinds & set(members)]
