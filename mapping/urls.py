"""Addresses of the map: workbench, lines, rules, confirmation."""

from django.urls import path

from mapping.views import confirm, lines, rules, workbench

app_name = "mapping"
MAP = "projects/<int:project_id>/map/"
urlpatterns = [
    path(MAP, workbench.workbench, name="workbench"),
    path(f"{MAP}propose/", workbench.propose, name="propose"),
    path(f"{MAP}draft/", workbench.draft_open, name="draft-open"),
    path(f"{MAP}draft/discard/", workbench.draft_discard, name="draft-discard"),
    path(f"{MAP}lines/<int:line_id>/", lines.line, name="line"),
    path(f"{MAP}lines/<int:line_id>/accept/", lines.accept, name="line-accept"),
    path(f"{MAP}lines/<int:line_id>/decide/", lines.decide, name="line-decide"),
    path(f"{MAP}lines/<int:line_id>/reopen/", lines.reopen, name="line-reopen"),
    path(f"{MAP}<slug:phase>/", workbench.object_page, name="object"),
    path(f"{MAP}<slug:phase>/accept/", workbench.accept_all, name="accept-all"),
    path(f"{MAP}<slug:phase>/preview/", workbench.preview, name="preview"),
    path(f"{MAP}<slug:phase>/rules/", rules.rules, name="rules"),
    path("projects/<int:project_id>/confirm/", confirm.confirm, name="confirm"),
]
