"""Requests over real sockets: deadlines, repeats, caps and the call log."""

import time

import pytest

from qontakmig.connectors.addresses import HostPolicy
from qontakmig.connectors.errors import RateLimitedError, StopError, TransientError
from qontakmig.connectors.outbound import Outbound

PATH = "/services/data"


@pytest.fixture
def outbound(salesforce_org):
    policy = HostPolicy((), practice=True, system="salesforce")
    with Outbound(policy, ca_file=salesforce_org.info["ca_file"]) as made:
        yield made


@pytest.fixture
def url(salesforce_org):
    return salesforce_org.info["http_url"] + PATH


def asked(org):
    return [request for request in org.requests() if request["path"] == PATH]


@pytest.mark.parametrize(
    "fault", ["status=503x2", "drop_before=x2", "drop_after=x2", "truncate=x2", "html_200=x2"]
)
def test_a_read_is_repeated_twice_and_then_served(outbound, url, salesforce_org, fault):
    salesforce_org.fault(fault)

    assert isinstance(outbound.request("GET", url).data, list)

    assert len(asked(salesforce_org)) == 3


def test_a_read_is_given_up_after_three_attempts(outbound, url, salesforce_org):
    salesforce_org.fault("status=500x9")

    with pytest.raises(TransientError) as caught:
        outbound.request("GET", url)

    assert caught.value.code == "server_error"
    assert not caught.value.maybe_done
    assert len(asked(salesforce_org)) == 3


@pytest.mark.parametrize(
    ("fault", "code"),
    [("status=503x1", "server_error"), ("drop_after=x1", "network"), ("html_200=x1", "bad_answer")],
)
def test_a_write_is_sent_once_and_may_have_been_done(outbound, url, salesforce_org, fault, code):
    salesforce_org.fault(fault)

    with pytest.raises(TransientError) as caught:
        outbound.request("POST", url, body=b"{}")

    assert (caught.value.code, caught.value.maybe_done) == (code, True)
    assert len(asked(salesforce_org)) == 1


def test_an_answer_that_drips_ends_at_the_total_deadline(outbound, url, salesforce_org):
    salesforce_org.fault("drip=0.2x5")
    started = time.monotonic()

    with pytest.raises(TransientError) as caught:
        outbound.request("GET", url, total_seconds=1.2)

    assert caught.value.code == "timeout"
    assert time.monotonic() - started < 2


def test_requests_in_a_block_end_with_it_and_none_is_sent_afterwards(outbound, url, salesforce_org):
    with outbound.within(0.3):
        outbound.request("GET", url)
        time.sleep(0.35)
        with pytest.raises(TransientError) as caught:
            outbound.request("POST", url, body=b"{}")

    assert (caught.value.code, caught.value.maybe_done) == ("timeout", False)
    assert len(asked(salesforce_org)) == 1
    assert outbound.request("GET", url).status == 200


def test_an_answer_above_the_cap_is_refused(outbound, url):
    with pytest.raises(StopError) as caught:
        outbound.request("GET", url, max_bytes=100)

    assert caught.value.code == "answer_too_large"


def test_429_says_how_long_to_wait_and_closes_the_connection_until_then(outbound, qontak_org):
    qontak_org.fault("status=429x1")
    url = qontak_org.info["base_url"] + "/qontak/crm/contacts"
    with pytest.raises(RateLimitedError) as first:
        outbound.request("GET", url)
    outbound._limiter.refused(30.0)

    with pytest.raises(RateLimitedError) as second:
        outbound.request("GET", url)

    assert first.value.retry_after > 0
    assert 25 < second.value.retry_after <= 31
    assert len(qontak_org.requests()) == 1


def test_a_write_to_a_closed_port_was_certainly_not_done(outbound):
    with pytest.raises(TransientError) as caught:
        outbound.request("POST", "http://127.0.0.1:1/x", body=b"{}")

    assert caught.value.code == "unreachable"
    assert not caught.value.maybe_done
    assert caught.value.advice


def test_an_unknown_certificate_stops_with_a_sentence(salesforce_org):
    policy = HostPolicy((), practice=True, system="salesforce")
    with Outbound(policy) as outbound, pytest.raises(StopError) as caught:
        outbound.request("GET", salesforce_org.info["base_url"] + PATH)

    assert caught.value.code == "tls_failed"


def test_a_connection_without_the_practice_mark_never_reaches_loopback(salesforce_org):
    policy = HostPolicy(("localhost",), system="salesforce")
    with Outbound(policy) as outbound, pytest.raises(StopError) as caught:
        outbound.request("GET", "https://localhost/services/data")

    assert caught.value.code == "host_refused"


def test_the_call_log_has_no_query_and_no_body(salesforce_org):
    calls = []
    policy = HostPolicy((), practice=True, system="salesforce")
    with Outbound(policy, on_call=calls.append) as outbound:
        outbound.request("GET", salesforce_org.info["http_url"] + PATH + "?q=rahasia")

    assert [(c.method, c.host, c.path, c.status) for c in calls] == [
        ("GET", "127.0.0.1", PATH, 200)
    ]
    assert calls[0].received_bytes > 100
    assert "rahasia" not in repr(calls)


def test_the_servers_clock_is_learned_from_its_date(outbound, url, salesforce_org):
    salesforce_org.ask("clock", {"offset_seconds": 900})

    outbound.request("GET", url)

    assert outbound.now() - time.time() == pytest.approx(900, abs=2)


def test_proxy_variables_are_ignored(outbound, url, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert outbound.request("GET", url).status == 200
