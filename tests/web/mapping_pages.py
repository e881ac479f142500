"""What the tests of the mapping's pages share: a draft of a map, and lines of it by name."""

from __future__ import annotations

from mapping.models import FieldLine

HTMX = {"HTTP_HX_REQUEST": "true"}


def line_of(version, field, phase="contacts"):
    return FieldLine.objects.get(draft__version=version, draft__phase=phase, source_field=field)


def url(version, *parts):
    return "/".join(["", "projects", str(version.project_id), "map", *map(str, parts), ""])


def line_url(line, verb=""):
    parts = ["lines", line.pk, *([verb] if verb else [])]
    return url(line.draft.version, *parts)


def body(answer):
    return answer.content.decode()
