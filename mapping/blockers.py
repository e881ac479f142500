"""Everything that stands between a draft and its confirmation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from mapping.assembly import document_build
from mapping.blueprints import blueprint_get
from mapping.core.conversions import compile_conversion
from mapping.core.document import DocumentError
from mapping.core.schema import Problem, field_allowance, problems
from mapping.core.spec import MapSpec
from mapping.describes import describe_from_json
from mapping.drafting import unmapped_values
from mapping.errors import Blocker
from mapping.models import FieldLine, MapVersion
from projects.models import Connection


def blockers(version: MapVersion) -> list[Blocker]:
    """Return all blockers of a draft, lines first in their order; [] means it may be confirmed.

    A bounded number of queries, whatever the number of lines.
    """
    lines = list(
        FieldLine.objects.filter(draft__version=version)
        .prefetch_related("draft")  # one describe in memory for all its lines
        .order_by("draft__position", "position")
    )
    found: list[Blocker] = []
    for line in lines:
        found.extend(_line_blockers(line, version.discovery.pipelines))
    found.extend(_shared_targets(lines))
    document = document_build(version)
    found.extend(_document_blockers(version, document, lines))
    return found


def _line_blockers(line: FieldLine, pipelines: list[dict[str, Any]]) -> Iterator[Blocker]:
    def blocker(code: str, message: str) -> Blocker:
        return Blocker(code, message, line.draft.phase, line.source_field, line.pk)

    place = {"field": line.label, "object": line.draft.target_object}
    if not line.is_reviewed:
        yield blocker("unreviewed", _("“%(field)s” to %(object)s waits for a decision.") % place)
        return
    decision = line.outcome
    unmapped = unmapped_values(line.source, decision, pipelines)
    if unmapped:
        count = sum(option["count"] for option in unmapped)
        message = _(
            "“%(field)s” to %(object)s: %(values)d values in use by %(records)d records have no "
            "counterpart."
        )
        yield blocker(
            "values_unmapped", message % {**place, "values": len(unmapped), "records": count}
        )
    conversion = decision["conversion"]
    length, longest = conversion.get("length"), line.source["length_max"] or 0
    if length and longest > length and "too_long" not in conversion and _is_text(conversion):
        message = _(
            "“%(field)s” to %(object)s: up to %(longest)d characters for a field of %(length)d. "
            "Decide between an error and cutting."
        )
        yield blocker("too_short", message % {**place, "longest": longest, "length": length})


def _is_text(conversion: Mapping[str, Any]) -> bool:
    return conversion["kind"] in ("text", "long_text", "given_name", "family_name")


def _shared_targets(lines: list[FieldLine]) -> Iterator[Blocker]:
    counts = Counter(
        (line.draft.phase, line.outcome["target"].casefold())
        for line in lines
        if line.outcome["target"]
    )
    for line in lines:
        target = line.outcome["target"]
        if target and counts[line.draft.phase, target.casefold()] > 1:
            message = _("%(count)d lines fill %(target)s of %(object)s; one of them can.") % {
                "count": counts[line.draft.phase, target.casefold()],
                "target": target,
                "object": line.draft.target_object,
            }
            yield Blocker("target_shared", message, line.draft.phase, line.source_field, line.pk)


def _document_blockers(
    version: MapVersion, document: dict[str, Any], lines: list[FieldLine]
) -> Iterator[Blocker]:
    try:
        spec = MapSpec.from_document(document)
        for phase in spec.phases:
            for rule in phase.fields:
                if rule.references and not spec.phases_of(rule.references):
                    message = _("%(field)s points to %(object)s, which this map does not move.")
                    place = {"field": rule.target, "object": rule.references}
                    yield Blocker("lookup_outside", message % place, phase.name, rule.target)
                elif not rule.references:
                    compile_conversion(rule, phase.settings)
    except (DocumentError, ValueError, KeyError) as exc:
        yield Blocker("document", _("The map does not hold together: %s") % exc)
        return
    drafts = list(version.objects_drafted.all())
    describes = {draft.target_object: describe_from_json(draft.target_describe) for draft in drafts}
    by_target = {(ln.draft.phase, ln.outcome["target"].casefold()): ln.pk for ln in lines}
    found = problems(document, describes, deployed=False)
    found += field_allowance(document, describes, _limits(version, list(describes)))
    for problem in found:
        yield _from_problem(problem, by_target)


def _from_problem(problem: Problem, by_target: Mapping[tuple[str, str], int]) -> Blocker:
    line = by_target.get((problem.phase, problem.field.casefold())) if problem.field else None
    return Blocker(problem.code, problem.message, problem.phase, problem.field, line)


def _limits(version: MapVersion, targets: list[str]) -> dict[str, int]:
    """Return how many custom fields each target object may have, by the org's edition."""
    limits = blueprint_get(version.blueprint).limits
    tested = version.project.connections.exclude(side=Connection.Side.SOURCE)
    allowed = [
        limits.per_object.get(connection.identity.get("edition", ""), limits.per_object_default)
        for connection in tested
    ]
    return dict.fromkeys(targets, min(allowed, default=limits.per_object_default))
