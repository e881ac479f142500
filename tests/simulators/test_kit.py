"""The kit in front of a very small org: faults, limits, journal, durability, letting go."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from qontakmig.simulators import serve
from qontakmig.simulators.kit.change_log import ChangeLog
from qontakmig.simulators.kit.faults import BadFault, parse


@pytest.fixture(scope="module")
def info() -> Iterator[dict[str, Any]]:
    with serve.start(["salesforce"], faults=["salesforce.slow=0.2x1@/never"]) as running:
        yield running.info["salesforce"]


@pytest.fixture
def control(info: dict[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=info["control_url"]) as client:
        yield client
        client.delete("faults")
        client.post("latency", json={"milliseconds": 0})
        client.post("rate_limit", json={"per_minute": 0})


@pytest.fixture
def org(info: dict[str, Any]) -> Iterator[httpx.Client]:
    token = info["credentials"]["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=info["http_url"], headers=headers) as client:
        yield client


CONTACTS = "/services/data/v62.0/sobjects/Contact"


@pytest.mark.parametrize(
    ("text", "name", "value", "share", "remaining", "method", "path"),
    [
        ("status=503", "status", 503, 1.0, None, "", ""),
        ("status=503:0.1", "status", 503, 0.1, None, "", ""),
        ("status=429x3", "status", 429, 1.0, 3, "", ""),
        ("status=500x2@POST@/composite", "status", 500, 1.0, 2, "POST", "/composite"),
        ("drop_after=x1@/jobs", "drop_after", 5, 1.0, 1, "", "/jobs"),
        ("drop_before=0.25", "drop_before", 5, 0.25, None, "", ""),
        ("slow=2.5", "slow", 2.5, 1.0, None, "", ""),
        ("drip=", "drip", 5, 1.0, None, "", ""),
    ],
)
def test_faults_are_read_from_their_names(
    text: str, name: str, value: float, share: float, remaining: int, method: str, path: str
) -> None:
    fault = parse(text)

    assert (fault.name, fault.value, fault.share) == (name, value, share)
    assert (fault.remaining, fault.method, fault.path) == (remaining, method, path)


@pytest.mark.parametrize("text", ["stat=503", "status=abc", "status=9", "slow=x", "status"])
def test_a_fault_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadFault):
        parse(text + "@nowhere" if text == "status" else text)


def test_a_status_fault_answers_without_handling(org: httpx.Client, control: httpx.Client) -> None:
    before = control.get("stats").json().get("Contact", 0)
    control.post("faults", json={"add": ["status=503x2@POST@/sobjects/contact"]})

    answers = [org.post(CONTACTS, json={"LastName": f"Fault {n}"}) for n in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 201]
    assert answers[0].json()[0]["errorCode"] == "SERVER_UNAVAILABLE"
    assert control.get("stats").json()["Contact"] == before + 1


@pytest.mark.parametrize(("fault", "rows_made"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_commits_only_after_handling(
    org: httpx.Client, control: httpx.Client, fault: str, rows_made: int
) -> None:
    before = control.get("stats").json().get("Contact", 0)
    control.post("faults", json={"add": [f"{fault}=x1"]})

    with pytest.raises(httpx.TransportError):
        org.post(CONTACTS, json={"LastName": "Dropped"})

    assert control.get("stats").json().get("Contact", 0) == before + rows_made
    entry = control.get("journal", params={"limit": 100000}).json()["requests"][-1]
    assert (entry["status"], entry["fault"]) == (None, f"{fault}=x1")
    assert entry["committed"] is bool(rows_made)


def test_a_truncated_answer_ends_half_way(org: httpx.Client, control: httpx.Client) -> None:
    control.post("faults", json={"add": ["truncate=x1"]})

    with pytest.raises(httpx.RemoteProtocolError):
        org.get("/services/data")

    assert len(org.get("/services/data").json()) > 30


def test_html_may_come_with_status_200(org: httpx.Client, control: httpx.Client) -> None:
    control.post("faults", json={"add": ["html_200=x1"]})

    answer = org.get("/services/data")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_a_drip_sends_one_byte_at_a_time(org: httpx.Client, control: httpx.Client) -> None:
    control.post("faults", json={"add": ["drip=0.2x1"]})

    with org.stream("GET", "/services/data") as answer:
        pieces = answer.iter_raw()
        begun = time.monotonic()
        assert [len(next(pieces)) for _ in range(3)] == [1, 1, 1]
        assert time.monotonic() - begun > 0.3


def test_a_share_of_requests_fails_the_same_way_each_time() -> None:
    runs = []
    for _ in range(2):
        with serve.start(["salesforce"], seed=9, faults=["status=500:0.3"]) as running:
            url = running.info["salesforce"]["http_url"]
            with httpx.Client(base_url=url) as client:
                runs.append([client.get("/services/data").status_code for _ in range(60)])

    assert runs[0] == runs[1]
    assert 8 <= runs[0].count(500) <= 28


def test_latency_delays_every_answer(org: httpx.Client, control: httpx.Client) -> None:
    control.post("latency", json={"milliseconds": 150})

    begun = time.monotonic()
    org.get("/services/data")

    assert time.monotonic() - begun > 0.15


def test_the_rate_limit_answers_as_the_vendor_does(
    org: httpx.Client, control: httpx.Client
) -> None:
    control.post("rate_limit", json={"per_minute": 2})

    answers = [org.get("/services/data") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 403, 403]
    assert answers[2].json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_the_journal_numbers_what_arrived(org: httpx.Client, control: httpx.Client) -> None:
    last = control.get("journal", params={"limit": 100000}).json()["requests"]
    after = last[-1]["n"] if last else 0

    org.get("/services/data?x=1%2F2")
    org.post(CONTACTS, content=b'{"LastName": "Journal"}')

    first, second = control.get("journal", params={"after": after}).json()["requests"]
    assert (first["n"], second["n"]) == (after + 1, after + 2)
    assert (first["method"], first["path"], first["query"]) == ("GET", "/services/data", "x=1%2F2")
    assert (first["committed"], second["committed"]) == (False, True)
    assert second["body_bytes"] == 23
    assert len(second["body_sha256"]) == 64


def test_an_unknown_switch_is_refused_with_the_names_there_are(control: httpx.Client) -> None:
    answer = control.post("switches", json={"no_such": "on"})

    assert answer.status_code == 400
    assert "token_lifetime_seconds" in answer.json()["error"]


def test_a_refused_switch_stays_as_it_was(control: httpx.Client) -> None:
    answers = [
        control.post("switches", json=change)
        for change in ({"service_cloud": "off"}, {"token_lifetime_seconds": "soon"})
    ]

    switches = control.get("switches").json()
    assert [answer.status_code for answer in answers] == [400, 400]
    assert (switches["service_cloud"], switches["token_lifetime_seconds"]) == ("on", "0")


def test_the_clock_can_be_moved(org: httpx.Client, control: httpx.Client) -> None:
    control.post("clock", json={"offset_seconds": 86400 * 400})
    later = org.get("/services/data").headers["date"]
    control.post("clock", json={"offset_seconds": 0})

    assert later != org.get("/services/data").headers["date"]


def test_chunked_uploads_and_pipelining_are_joined(info: dict[str, Any]) -> None:
    parts = (piece for piece in [b'{"LastName"', b': "Chunk', b'ed"}'])
    token = info["credentials"]["access_token"]

    answer = httpx.post(
        info["http_url"] + CONTACTS, content=parts, headers={"authorization": f"Bearer {token}"}
    )

    assert answer.status_code == 201


def test_sigterm_ends_the_orgs_within_a_second() -> None:
    running = serve.start(["salesforce"])
    begun = time.monotonic()

    running.process.send_signal(signal.SIGTERM)
    running.process.wait(5)

    assert time.monotonic() - begun < 1
    ca_file = Path(running.info["salesforce"]["ca_file"])
    assert not ca_file.parent.exists()
    running.stop()


def test_the_orgs_end_when_their_parent_is_killed() -> None:
    script = (
        "import time; from qontakmig.simulators import serve;"
        "r = serve.start(['salesforce']); print(r.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())

    parent.kill()
    parent.wait()

    ended = threading.Event()
    for _ in range(100):
        if not _alive(child):
            ended.set()
            break
        time.sleep(0.03)
    parent.stdout.close()
    assert ended.is_set()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def test_ports_follow_each_other_from_the_base_given() -> None:
    with serve.start(["salesforce"]) as probe:
        free = int(probe.info["salesforce"]["http_url"].rpartition(":")[2])

    with serve.start(["salesforce"], port_base=free) as running:
        info = running.info["salesforce"]

    assert info["base_url"].endswith(f":{free}")
    assert info["http_url"].endswith(f":{free + 1}")


def test_a_torn_last_line_is_dropped_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "org.log"
    log = ChangeLog(path)
    log.append({"n": 1})
    log.append({"n": 2})
    log.flush()
    log.close()
    with path.open("ab") as file:
        file.write(b'{"n": 3, "half')

    again = ChangeLog(path)
    again.append({"n": 4})
    again.flush()

    assert list(again.entries()) == [{"n": 1}, {"n": 2}, {"n": 4}]
    assert json.loads(path.read_text().splitlines()[-1]) == {"n": 4}
    again.close()
