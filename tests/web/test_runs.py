"""Sandbox, run monitor, records, owners, rollback and workbook as people use them."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.core import signing
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from projects.models import Connection
from projects.services import project_create
from qontakmig.connectors.errors import StopError
from runs import reconciliation
from runs.engine import drive
from runs.models import OwnerDecision, Record, Run, SchemaDeployment
from runs.services import rollback_preview, rollback_start

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _nothing_remembered(settings, tmp_path):
    settings.EXPORT_DIR = tmp_path / "exports"
    cache.clear()


@pytest.fixture
def run(done_run, project):
    for side, system in (("source", "qontak"), ("sandbox", "salesforce")):
        Connection.objects.create(project=project, side=side, system=system, state="working")
    return done_run()


def url(name, run, *more):
    return reverse(f"runs:{name}", args=[run.project_id, *more])


def of_run(name, run):
    return url(name, run, run.pk)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


PROJECT_PAGES = ("home", "sandbox", "schema", "schema-progress", "owners")
RUN_PAGES = ("run", "run-live", "records", "rollback", "workbook", "workbook-progress")


def pages(run):
    yield from (url(name, run) for name in PROJECT_PAGES)
    yield from (of_run(name, run) for name in RUN_PAGES)
    yield url("record", run, run.pk, run.records.first().pk)


def asks(run):
    """The address of everything that changes something."""
    for name in ("run-start", "schema-check", "schema-apply"):
        yield url(name, run)
    for name in ("run-pause", "run-resume", "run-cancel", "run-retry", "workbook-make"):
        yield of_run(name, run)
    yield url("owner-decide", run, OwnerDecision.objects.first().pk)


# ---------------------------------------------------------------- who may what


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_member_reads_every_page(rani, run, headers):
    for address in pages(run):
        assert rani.get(address, headers=headers).status_code == 200, address


def test_a_stranger_finds_none_of_them(reader, run):
    stranger = reader(None)
    for address in pages(run):
        assert stranger.get(address).status_code == 404, address
    for address in asks(run):
        assert stranger.post(address).status_code == 404, address


def test_a_viewer_changes_nothing_and_takes_nothing_away(reader, run):
    viewer = reader("viewer")
    for address in asks(run):
        assert viewer.post(address).status_code == 403, address
    for name in ("rollback", "workbook"):
        assert viewer.get(of_run(name, run)).status_code == 403, name
    assert viewer.get(of_run("run", run)).status_code == 200


def test_reading_never_changes_anything(rani, run):
    for address in asks(run):
        assert rani.get(address).status_code == 405, address


def test_a_run_of_another_project_is_not_found(rani, run, consultant):
    other = project_create(name="Other", destination="salesforce", actor=consultant)
    for name in RUN_PAGES:
        address = reverse(f"runs:{name}", args=[other.pk, run.pk])
        assert rani.get(address).status_code == 404, name


# ---------------------------------------------------------------- starting


def test_start_queues_a_run_once(rani, project, version, source, target, bells):
    start = reverse("runs:run-start", args=[project.pk])
    first = rani.post(start)
    second = rani.post(start)

    (run,) = Run.objects.all()
    assert run.state == "queued"
    assert first.url == second.url == of_run("run", run)


def test_start_is_refused_in_a_sentence_and_leaves_no_draft(
    rani, project, version, source, target, bells
):
    SchemaDeployment.objects.all().delete()
    answer = rani.post(reverse("runs:run-start", args=[project.pk]))

    assert answer.url == reverse("runs:sandbox", args=[project.pk])
    assert "Apply the schema first." in said(answer)[0]
    assert not Run.objects.exists()


def test_start_without_a_map_is_refused(rani, project, bells):
    answer = rani.post(reverse("runs:run-start", args=[project.pk]))

    assert said(answer) == ["Confirm the map first; nothing moves before."]


def test_an_unreachable_destination_is_said_with_its_advice(
    rani, project, version, monkeypatch, bells
):
    def down(project, environment):
        raise StopError("The organisation does not answer.", advice="Try again in a minute.")

    monkeypatch.setattr("projects.connections.target", down)
    answer = rani.post(reverse("runs:run-start", args=[project.pk]))
    assert said(answer) == ["The organisation does not answer. Try again in a minute."]

    plan = rani.get(reverse("runs:schema", args=[project.pk])).text
    assert "The organisation does not answer." in plan
    assert "Traceback" not in plan


def test_the_schema_plan_is_a_diff(rani, project, version, target):
    text = rani.get(reverse("runs:schema", args=[project.pk])).text

    assert re.search(r"To create</span><span class=\"stat__value\">\d+", text)
    assert "Qontak_Id__c" in text


@pytest.mark.parametrize(("name", "trial"), [("schema-check", True), ("schema-apply", False)])
def test_a_deployment_is_started_and_watched(rani, project, version, target, bells, name, trial):
    SchemaDeployment.objects.all().delete()
    rani.post(reverse(f"runs:{name}", args=[project.pk]))

    assert SchemaDeployment.objects.get().check_only is trial
    card = rani.get(reverse("runs:schema-progress", args=[project.pk]), headers=HTMX)
    assert 'hx-trigger="every 2s"' in card.text
    SchemaDeployment.objects.update(state="done", finished_at=timezone.now())
    card = rani.get(reverse("runs:schema-progress", args=[project.pk]), headers=HTMX)
    assert "hx-trigger" not in card.text
    assert card["HX-Refresh"] == "true"


# ---------------------------------------------------------------- the monitor


def numbers(text):
    body = re.search(r"<tfoot>(.*?)</tfoot>", text, re.S).group(1)
    return [int(n) for n in re.findall(r'<td class="num[^"]*">(?:<a[^>]*>)?([\d,]+)', body)]


def test_the_table_is_the_equation(rani, run):
    total, *outcomes, to_go, unexplained = numbers(rani.get(of_run("run", run)).text)

    phases = reconciliation.equation(run)
    assert total == sum(phase.extracted for phase in phases) == sum(outcomes) + to_go
    assert outcomes == [
        sum(getattr(phase, name) for phase in phases) for name in reconciliation.OUTCOMES
    ]
    assert unexplained == 0


def test_an_unexplained_record_is_shown_not_rounded_away(rani, run):
    step = run.steps.get(name="accounts", kind="load")
    step.extracted += 1
    step.save()

    page = rani.get(of_run("run", run)).text
    assert numbers(page)[-1] == 1
    assert "Does not balance" in page


def test_a_working_run_asks_again_and_a_resting_one_reloads_the_page(rani, new_run):
    run = new_run()
    assert 'hx-trigger="every 2s"' in rani.get(of_run("run", run)).text
    Run.objects.filter(pk=run.pk).update(state="done", finished_at=timezone.now())

    last = rani.get(of_run("run-live", run), headers=HTMX)
    assert "hx-trigger" not in last.text
    assert last["HX-Refresh"] == "true"


def test_what_did_not_change_is_not_sent_again(rani, new_run):
    run = new_run()
    page = rani.get(of_run("run", run)).text
    seen = re.search(r"seen=(\w+)", page).group(1)

    same = rani.get(of_run("run-live", run), {"seen": seen}, headers=HTMX).text
    assert 'id="run-below"' not in same
    Run.objects.filter(pk=run.pk).update(request="pause")
    changed = rani.get(of_run("run-live", run), {"seen": seen}, headers=HTMX).text
    assert 'id="run-below" class="stack stack--loose" hx-swap-oob="true"' in changed
    assert "Pausing" in changed


def test_pause_and_resume_tell_the_truth(rani, new_run):
    run = new_run()
    paused = rani.post(of_run("run-pause", run))
    assert said(paused) == ["It pauses when the batches under way have ended."]
    Run.objects.filter(pk=run.pk).update(state="paused", request="")

    page = rani.get(of_run("run", run)).text
    assert "Resume goes on where it stopped" in page
    rani.post(of_run("run-resume", run))
    run.refresh_from_db()
    assert run.state == "queued"


def test_what_cannot_be_done_is_a_sentence(rani, run):
    assert said(rani.post(of_run("run-pause", run)))[-1] == "The run cannot be paused: it is done."
    assert said(rani.post(of_run("run-cancel", run)))[-1] == "The run is already done."


def test_a_run_that_needs_a_person_says_why_and_what_to_do(rani, run):
    Run.objects.filter(pk=run.pk).update(
        state="needs_attention",
        problem="The token was refused.",
        problem_code="INVALID_SESSION_ID",
        advice="Sign in again under Connect.",
    )
    page = rani.get(of_run("run", run)).text

    for text in ("The token was refused.", "Sign in again under Connect.", "INVALID_SESSION_ID"):
        assert text in page


@pytest.fixture
def errored(run):
    """Three errors: two of one cause that the map can mend, one of the destination's."""
    wanted = list(run.records.filter(state="created").order_by("pk")[:3])
    for record, code, reason in zip(
        wanted,
        ("date_invalid", "date_invalid", "FIELD_FILTER_VALIDATION_EXCEPTION"),
        ("Birthdate: not a date.", "Birthdate: not a date.", "Stage is <switched off>."),
        strict=True,
    ):
        Record.objects.filter(pk=record.pk).update(state="errored", reason_code=code, reason=reason)
    return run


def test_errors_are_grouped_by_cause_largest_first(rani, errored):
    page = rani.get(of_run("run", errored)).text

    assert page.index("A date cannot be read") < page.index("Stage is &lt;switched off&gt;.")
    assert "FIELD_FILTER_VALIDATION_EXCEPTION" in page
    assert page.count(f'action="{of_run("run-retry", errored)}"') == 1  # only what retrying helps


def test_retrying_one_cause_takes_only_its_records(rani, errored, bells):
    answer = rani.post(of_run("run-retry", errored), {"cause": "FIELD_FILTER_VALIDATION_EXCEPTION"})

    assert said(answer) == ["1 record is tried again."]
    assert errored.records.filter(state="errored").count() == 2


# ---------------------------------------------------------------- records


def test_a_list_shows_one_outcome_with_its_reasons(rani, errored):
    page = rani.get(of_run("records", errored), {"state": "errored", "code": "date_invalid"})

    assert page.context["page"].paginator.count == 2
    assert "Birthdate: not a date." in page.text


def test_an_id_of_either_side_leads_to_its_record(rani, run):
    record = run.records.filter(state="created").first()
    for text in (record.target_id, record.key):
        answer = rani.get(of_run("records", run), {"q": text, "phase": record.step.name})
        assert answer.url == url("record", run, run.pk, record.pk)


@pytest.mark.parametrize("query", [{"state": "'"}, {"page": "-1"}, {"q": "%" * 900}])
def test_odd_questions_get_an_ordinary_list(rani, run, query):
    assert rani.get(of_run("records", run), query).status_code == 200


def test_a_trace_shows_what_was_read_planned_and_written(rani, run):
    record = run.records.filter(step__name="opportunities", state="created").first()
    page = rani.get(url("record", run, run.pk, record.pk))

    fields = {field.target: field.planned for field in page.context["trace"].fields}
    assert fields["Amount"] == f"{record.source_id}000000"
    assert record.target_id in page.text


def test_the_trace_of_a_record_in_error_says_what_happened(rani, errored):
    record = errored.records.filter(reason_code="date_invalid").first()
    page = rani.get(url("record", errored, errored.pk, record.pk)).text

    assert "Birthdate: not a date." in page
    assert "date_invalid" in page


# ---------------------------------------------------------------- owners


@pytest.fixture
def owner(run):
    return OwnerDecision.objects.get(source_user_id="4")


def test_the_queue_counts_the_records_of_each_owner(rani, run, owner):
    page = rani.get(url("owners", run)).text

    assert owner.source_name in page
    assert "No user of the destination has this e-mail address." in page


@pytest.mark.parametrize(
    ("choice", "chosen", "fallback"), [("005B", "005B", False), ("fallback", "", True)]
)
def test_an_owner_is_decided(rani, run, owner, choice, chosen, fallback):
    rani.post(url("owner-decide", run, owner.pk), {"owner": choice})

    owner.refresh_from_db()
    assert (owner.target_user_id, owner.fallback, owner.decided) == (chosen, fallback, True)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [("", "Choose who gets the records."), ("005C", "This user is not active in the destination")],
)
def test_a_choice_that_nobody_can_be_is_refused(rani, run, owner, choice, sentence):
    answer = rani.post(url("owner-decide", run, owner.pk), {"owner": choice})

    assert sentence in said(answer)[0]
    owner.refresh_from_db()
    assert not owner.decided


# ---------------------------------------------------------------- rollback


def test_the_preview_counts_what_would_happen_and_does_nothing(rani, run, target):
    before = target.dump()
    page = rani.get(of_run("rollback", run))

    assert page.context["totals"] == rollback_preview(run).totals
    assert page.context["totals"]["delete"] == run.records.filter(state="created").count()
    assert target.dump() == before


def test_only_what_was_shown_is_rolled_back(rani, run, target, bells):
    shown = rani.get(of_run("rollback", run)).context["confirmed"]
    answer = rani.post(of_run("rollback", run), {"confirmed": shown})

    rollback = Run.objects.get(kind="rollback")
    assert answer.url == of_run("run", rollback)
    page = rani.get(answer.url).text
    assert "band--rollback" in page
    assert 'hx-trigger="every 2s"' in page


def test_a_rollback_lists_what_it_did_with_its_records(rani, run, consultant):
    rollback = rollback_start(run=run, actor=consultant, preview=rollback_preview(run))
    drive(rollback.pk, 60)
    page = rani.get(of_run("records", rollback), {"state": "reversed"})

    counted = {name: count for name, _label, count in page.context["states"]}
    assert counted["reversed"] == run.records.filter(state="created").count()
    assert page.context["page"].paginator.count == counted["reversed"]
    record = rollback.records.first()
    assert rani.get(url("record", rollback, rollback.pk, record.pk)).status_code == 200


@pytest.mark.parametrize(
    "confirmed", ["", "forged", signing.dumps({}, salt="other")], ids=["none", "forged", "others"]
)
def test_a_preview_that_was_never_shown_is_refused(rani, run, confirmed):
    answer = rani.post(of_run("rollback", run), {"confirmed": confirmed})

    assert said(answer) == ["Look at the preview first, then confirm it."]
    assert not Run.objects.filter(kind="rollback").exists()


def test_a_preview_that_is_no_longer_true_is_refused(rani, run, target):
    shown = rani.get(of_run("rollback", run)).context["confirmed"]
    target.edit(run.records.filter(state="created").first().target_id, Name="Edited")

    answer = rani.post(of_run("rollback", run), {"confirmed": shown})
    assert "changed since the preview" in said(answer)[0]
    assert not Run.objects.filter(kind="rollback").exists()


# ---------------------------------------------------------------- the workbook


def test_the_workbook_is_sent_under_its_full_name(rani, run):
    answer = rani.get(of_run("workbook", run))

    name = f"PT-Arunika-Medika-SANDBOX-run-{run.pk}-map-v{run.map_version.number}.xlsx"
    assert f'filename="{name}"' in answer["Content-Disposition"]
    assert load_workbook(BytesIO(b"".join(answer))).sheetnames[0] == "Summary"


def test_a_large_workbook_is_made_by_the_queue_once(rani, run, monkeypatch):
    asked = []
    monkeypatch.setattr("runs.views.workbook.AT_ONCE", 3)
    monkeypatch.setattr("runs.views.workbook.async_task", lambda *what: asked.append(what))

    assert "Make the workbook" in rani.get(of_run("workbook", run)).text
    for _ in range(2):
        rani.post(of_run("workbook-make", run))
    assert asked == [("runs.exports.making.make_workbook", run.pk, "Asia/Jakarta")]
    page = rani.get(of_run("workbook-progress", run), headers=HTMX).text
    assert 'hx-trigger="every 2s"' in page


def test_a_rollback_has_no_workbook(rani, run):
    rollback = Run.objects.create(
        project=run.project,
        environment="sandbox",
        kind="rollback",
        map_version=run.map_version,
        map_hash=run.map_hash,
        reverses=run,
        state="done",
        started_at=timezone.now() - timedelta(minutes=1),
        finished_at=timezone.now(),
        created_by=run.created_by,
    )
    assert rani.get(of_run("workbook", rollback)).status_code == 404
    assert rani.get(of_run("run", rollback)).status_code == 200
