"""Addresses of the project home, the sandbox, runs, records, rollbacks and workbooks."""

from django.urls import include, path

from runs.views import home, owners, records, rollback, run, sandbox, schema, workbook

app_name = "runs"

of_a_run = [
    path("", run.run, name="run"),
    path("live/", run.run_live, name="run-live"),
    path("pause/", run.run_pause, name="run-pause"),
    path("resume/", run.run_resume, name="run-resume"),
    path("cancel/", run.run_cancel, name="run-cancel"),
    path("retry/", run.run_retry, name="run-retry"),
    path("records/", records.records, name="records"),
    path("records/<int:record_id>/", records.record, name="record"),
    path("rollback/", rollback.rollback, name="rollback"),
    path("workbook/", workbook.workbook, name="workbook"),
    path("workbook/make/", workbook.workbook_make, name="workbook-make"),
    path("workbook/progress/", workbook.workbook_progress, name="workbook-progress"),
]

of_a_project = [
    path("", home.home, name="home"),
    path("sandbox/", sandbox.sandbox, name="sandbox"),
    path("sandbox/start/", sandbox.run_start, name="run-start"),
    path("sandbox/schema/", schema.schema, name="schema"),
    path("sandbox/schema/check/", schema.schema_check, name="schema-check"),
    path("sandbox/schema/apply/", schema.schema_apply, name="schema-apply"),
    path("sandbox/schema/progress/", schema.schema_progress, name="schema-progress"),
    path("sandbox/owners/", owners.owners, name="owners"),
    path("sandbox/owners/<int:decision_id>/", owners.owner_decide, name="owner-decide"),
    path("runs/<int:run_id>/", include(of_a_run)),
]

urlpatterns = [path("projects/<int:project_id>/", include(of_a_project))]
