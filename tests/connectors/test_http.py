"""What headers and bodies mean."""

import pytest

from qontakmig.connectors.errors import TransientError
from qontakmig.connectors.http import Answer, check_type, parse_json, path_template
from qontakmig.connectors.http import retry_after_seconds as wait
from qontakmig.connectors.ratelimit import AdaptiveLimiter

DATE = "Wed, 10 Nov 2021 07:24:29 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "Wed, 10 Nov 2021 07:25:29 GMT", "date": DATE}, 60),
        ({"retry-after": "Wed, 10 Nov 2021 07:00:00 GMT", "date": DATE}, 0),
        ({"x-ratelimit-reset": "30"}, 30),
        ({"x-ratelimit-reset": "1636529099", "date": DATE}, 30),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "1e99"}, 86_400),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_date_or_reset(headers, seconds):
    assert wait(headers) == seconds


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/qontak/crm/contacts/12/timeline", "/qontak/crm/contacts/{id}/timeline"),
        ("/services/data/v66.0/jobs/ingest/750dC0000000001QAA/batches",
         "/services/data/v66.0/jobs/ingest/{id}/batches"),
        ("/services/data/v66.0/query/01gdC0000000001QAA-2000", "/services/data/v66.0/query/{id}"),
        ("/rooms/a1b2c3d4-0000-4000-8000-000000000000", "/rooms/{id}"),
        ("/services/data/v66.0/sobjects/Opportunity/describe",
         "/services/data/v66.0/sobjects/Opportunity/describe"),
    ],
)  # fmt: skip
def test_the_call_log_keeps_no_ids(path, template):
    assert path_template(path) == template


def answer(body, content_type="application/json", status=200):
    return Answer(status, {"content-type": content_type}, body, "https://x")


@pytest.mark.parametrize(
    "bad",
    [answer(b"<html>", "text/html"), answer(b"a,b", "text/csv"), answer(b"<p>", "text/html;x=1")],
)
def test_a_good_status_with_the_wrong_kind_of_body_is_a_failure(bad):
    with pytest.raises(TransientError) as caught:
        check_type(bad, "json", system="salesforce", maybe_done=True)

    assert caught.value.code == "bad_answer"
    assert caught.value.maybe_done


@pytest.mark.parametrize("body", [b'{"a": [1, 2', b"", b"\xff\xfe"])
def test_json_that_is_not_whole_is_a_failure(body):
    with pytest.raises(TransientError):
        parse_json(answer(body), system="qontak")


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_the_rate_is_free_until_the_first_refusal_then_halves_and_rises_gently():
    clock = Clock()
    limiter = AdaptiveLimiter(clock=clock)
    for _ in range(20):
        assert limiter.reserve() == 0
        clock.now += 0.1
        limiter.answered()

    assert limiter.refused(4.0) == 4.0
    slow = limiter.per_second
    assert 4 < slow < 6
    assert limiter.reserve() == pytest.approx(4.0)
    assert limiter.reserve() == pytest.approx(4.0 + 1 / slow)
    for _ in range(40):
        limiter.answered()
    assert slow * 1.2 < limiter.per_second < slow * 1.3


def test_without_retry_after_the_wait_doubles_up_to_fifteen_minutes():
    limiter = AdaptiveLimiter(clock=Clock())

    waits = [limiter.refused(None) for _ in range(12)]

    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 900
