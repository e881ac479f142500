"""The `simulate` command: its first line, its refusals, and that it lets go."""

import json
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "manage.py", "simulate"]


def test_the_first_line_says_where_every_org_is_and_how_to_log_in() -> None:
    process = subprocess.Popen(
        [*COMMAND, "--seed", "3", "--empty", "--org", "salesforce.service_cloud=off"],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    info = json.loads(process.stdout.readline())
    sandbox, production = info["salesforce"], info["salesforce_production"]
    tls = ssl.create_default_context(cafile=sandbox["ca_file"])
    answers = [
        httpx.get(f"{sandbox['base_url']}/services/data", verify=tls),
        httpx.get(f"{sandbox['http_url']}/services/data"),
        httpx.get(f"{production['base_url']}/services/data", verify=tls),
        httpx.get(f"{info['qontak']['control_url']}stats"),
    ]
    switches = httpx.get(f"{sandbox['control_url']}switches").json()

    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    status = process.wait(5)
    process.stdout.close()

    assert [answer.status_code for answer in answers] == [200] * 4
    assert switches["service_cloud"] == "off"
    assert (sandbox["sandbox"], production["sandbox"]) == (True, False)
    assert {
        "access_token", "client_id", "client_secret", "username", "password", "security_token",
        "refresh_token",
    } <= set(sandbox["credentials"])  # fmt: skip
    assert info["qontak"]["credentials"]
    assert (status, time.monotonic() - begun < 1) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--only", "hubspot"], "there are: qontak, salesforce"),
        (["--only", "salesforce", "--org", "salesforce.nothing=on"], "has no switch"),
        (["--only", "salesforce", "--org", "salesforce.edition=Tiny"], "edition"),
        (["--only", "salesforce", "--org", "nonsense"], "SYSTEM.SWITCH=VALUE"),
        (["--only", "salesforce", "--fault", "explode=1"], "cannot understand fault"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(arguments: list[str], reason: str) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=ROOT)

    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
