"""What people do to a map: draft it, decide its lines, change its rules, confirm it.

Each function is one transaction, takes keywords only and raises an error of ``mapping.errors``
whose text may be shown. Who may do it is checked by the caller.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping import drafting
from mapping.assembly import document_build, split_propose
from mapping.blockers import blockers
from mapping.blueprints import blueprint_get
from mapping.blueprints.base import Phase
from mapping.core import custom_fields
from mapping.core.conversions import compile_conversion
from mapping.core.document import DocumentError, content_hash
from mapping.core.spec import Conversion, FieldRule, MapSpec, Settings
from mapping.describes import describe_from_json, describe_to_json
from mapping.errors import (
    DecisionRefused,
    DraftExists,
    MapTampered,
    NotConfirmable,
    NotEditable,
    NothingToMap,
    StaleEdit,
)
from mapping.models import FieldLine, MapVersion, ObjectDraft
from projects import audit
from projects.models import DiscoveredObject, Discovery, Membership, Project
from qontakmig.connectors.base import FieldType, ObjectDescribe, SourceRecord

SAMPLE_RECORDS = 200
"""Records of each object kept beside a draft, for previews and the counts of the split rule."""

CONFIRMING_ROLES = (Membership.Role.CONSULTANT, Membership.Role.ADMIN, Membership.Role.REVOPS)


# ---------------------------------------------------------------- drafts


@transaction.atomic
def draft_create(
    *,
    project: Project,
    discovery: Discovery,
    target_describes: Mapping[str, ObjectDescribe],
    actor: AbstractBaseUser,
    samples: Mapping[str, Sequence[SourceRecord]] | None = None,
) -> MapVersion:
    """Propose a map for everything that discovery found; return the new draft.

    target_describes  target object name (Account, Contact, …) → its describe
    samples           source object → some records, kept for previews

    Raises DraftExists, and NothingToMap when the audit is not done or a describe is missing.
    """
    if discovery.state != Discovery.State.DONE:
        raise NothingToMap(_("The audit of the account has to be done first."))
    blueprint = blueprint_get(project.destination)
    loads = [phase for phase in blueprint.phases if phase.mode == "load"]
    missing = sorted({phase.target_object for phase in loads} - set(target_describes))
    if missing:
        raise NothingToMap(_("The destination shows no %s to this user.") % ", ".join(missing))
    version = _version_create(project, discovery, actor)
    found = {o.name: o for o in discovery.objects_found.prefetch_related("fields")}
    facts = {
        name: [drafting.source_facts(field) for field in item.fields.all()]
        for name, item in found.items()
    }
    by_name = {name: {fact["name"]: fact for fact in items} for name, items in facts.items()}
    version.splits = split_propose(
        blueprint, by_name.get(blueprint.split.object, {}) if blueprint.split else {}
    )
    version.save(update_fields=["splits"])
    for position, phase in enumerate(loads):
        draft = _object_create(
            version, phase, position, target_describes[phase.target_object], found, samples or {}
        )
        frame = drafting.Frame(
            blueprint, phase, target_describes[phase.target_object], discovery.pipelines
        )
        sources = facts.get(phase.source_object, [])
        _lines_create(draft, sources, drafting.draft_lines(frame, sources))
    audit.record(project, actor, "map:drafted", version=version.number)
    return version


def _version_create(
    project: Project, discovery: Discovery, actor: AbstractBaseUser, **values: Any
) -> MapVersion:
    last = project.map_versions.aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            return MapVersion.objects.create(
                project=project,
                discovery=discovery,
                number=last + 1,
                blueprint=project.destination,
                created_by=actor,
                **values,
            )
    except IntegrityError as exc:
        raise DraftExists(
            _("This project has a draft of its map already. Confirm or discard it first.")
        ) from exc


def _object_create(
    version: MapVersion,
    phase: Phase,
    position: int,
    describe: ObjectDescribe,
    found: Mapping[str, DiscoveredObject],
    samples: Mapping[str, Sequence[SourceRecord]],
) -> ObjectDraft:
    audited = [describe.field(audit_field.target) for audit_field in phase.audit_fields]
    source = found.get(phase.source_object)
    return ObjectDraft.objects.create(
        version=version,
        phase=phase.name,
        position=position,
        source_object=phase.source_object,
        target_object=phase.target_object,
        records=source.records_read if source else 0,
        target_describe=describe_to_json(describe),
        audit_dates=bool(audited) and all(f is not None and f.createable for f in audited),
        stand_ins=_stand_ins(phase, describe),
        sample_records=_samples_json(samples.get(phase.source_object, ())),
    )


def _stand_ins(phase: Phase, describe: ObjectDescribe) -> dict[str, str]:
    proposed = dict(phase.stand_ins)
    for name in phase.never_empty:
        field = describe.field(name)
        first = next((o.value for o in field.options if o.active), "") if field else ""
        if first:
            proposed[name] = first
    return proposed


def _samples_json(records: Sequence[SourceRecord]) -> list[dict[str, Any]]:
    rows = [asdict(record) for record in records[:SAMPLE_RECORDS]]
    spelled = json.dumps(rows, default=lambda moment: moment.isoformat())
    # PostgreSQL's JSON stores neither the character NUL nor half a character.
    return json.loads(spelled.replace("\\u0000", "").encode("utf-8", "ignore"))


def _lines_create(
    draft: ObjectDraft, sources: Sequence[Mapping[str, Any]], proposals: Sequence[Mapping[str, Any]]
) -> None:
    FieldLine.objects.bulk_create(
        FieldLine(
            draft=draft,
            position=position,
            source_field=source["name"],
            source=source,
            proposal=proposal,
            confidence=proposal["candidates"][0]["confidence"],
        )
        for position, (source, proposal) in enumerate(zip(sources, proposals, strict=True))
    )


@transaction.atomic
def draft_copy(*, version: MapVersion, actor: AbstractBaseUser) -> MapVersion:
    """Open a new draft with everything that a confirmed version decided; return it.

    Raises DraftExists.
    """
    copy = _version_create(
        version.project, version.discovery, actor, splits=version.splits, filters=version.filters
    )
    for draft in version.objects_drafted.prefetch_related("lines"):
        lines = list(draft.lines.all())
        draft.pk, draft.version, draft.revision = None, copy, 0
        draft._state.adding = True
        draft.save(force_insert=True)
        for line in lines:
            line.pk, line.draft, line.revision = None, draft, 0
        FieldLine.objects.bulk_create(lines)
    audit.record(
        version.project, actor, "map:reopened", version=copy.number, copied_from=version.number
    )
    return copy


@transaction.atomic
def draft_discard(*, version: MapVersion, actor: AbstractBaseUser) -> None:
    """Throw a draft away with its decisions. Raises NotEditable for a confirmed version."""
    locked = _draft(version.pk)
    audit.record(locked.project, actor, "map:discarded", version=locked.number)
    locked.delete()


def _draft(version_id: int) -> MapVersion:
    """Return the version locked for this transaction; raises NotEditable unless it is a draft."""
    version = MapVersion.objects.select_for_update().get(pk=version_id)
    if not version.is_draft:
        raise NotEditable(
            _("Map %d is confirmed and stays as it is. Open a new draft to change it.")
            % version.number
        )
    return version


# ---------------------------------------------------------------- lines


@transaction.atomic
def line_accept(
    *, line: FieldLine, actor: AbstractBaseUser, revision: int, candidate: int = 0
) -> FieldLine:
    """Decide a line as proposed; ``candidate`` counts the proposals from 0, best first.

    ``revision`` is the line's as the person saw it. Raises StaleEdit, NotEditable or
    DecisionRefused.
    """
    decision = line.proposal["decision"]
    if candidate:
        try:
            chosen = line.proposal["candidates"][candidate]
        except IndexError as exc:
            raise DecisionRefused(_("There is no such proposal.")) from exc
        decision = _decide(line, chosen["action"], chosen["target"], chosen["reason"])
    status = FieldLine.Status.ACCEPTED if not candidate else FieldLine.Status.CHANGED
    if decision["action"] == "skip" and candidate:
        status = FieldLine.Status.SKIPPED
    return _line_save(line, actor, revision, decision, status, "line:accepted")


@transaction.atomic
def line_change(
    *,
    line: FieldLine,
    actor: AbstractBaseUser,
    revision: int,
    action: str,
    target: str = "",
    conversion: Mapping[str, Any] | None = None,
    custom: Mapping[str, Any] | None = None,
    fallbacks: Sequence[str] | None = None,
    new_values: Mapping[str, Mapping[str, Any]] | None = None,
    reason: str = "",
) -> FieldLine:
    """Decide a line otherwise: another ``target`` (action ``field``) or a custom field (action
    ``custom``), with parts of the conversion and of the custom field replaced.

    Raises StaleEdit, NotEditable, and DecisionRefused with a sentence when the destination
    cannot take it.
    """
    decision = _decide(line, action, target, reason)
    if custom is not None:
        _redefine(line, decision, custom)
    decision["conversion"] |= dict(conversion or {})
    if fallbacks is not None:
        decision["fallbacks"] = list(fallbacks)
    if new_values is not None:
        decision["new_values"] = {value: dict(facts) for value, facts in new_values.items()}
    _check_decision(decision)
    return _line_save(line, actor, revision, decision, FieldLine.Status.CHANGED, "line:changed")


@transaction.atomic
def line_skip(
    *, line: FieldLine, actor: AbstractBaseUser, revision: int, reason: str = ""
) -> FieldLine:
    """Leave a source field behind. Raises StaleEdit or NotEditable."""
    decision = drafting.decision_skip(reason)
    return _line_save(line, actor, revision, decision, FieldLine.Status.SKIPPED, "line:skipped")


@transaction.atomic
def line_reopen(*, line: FieldLine, actor: AbstractBaseUser, revision: int) -> FieldLine:
    """Take a decision back: the line waits for review again. Raises StaleEdit or NotEditable."""
    return _line_save(line, actor, revision, None, FieldLine.Status.UNREVIEWED, "line:reopened")


@transaction.atomic
def lines_accept_all(
    *,
    version: MapVersion,
    actor: AbstractBaseUser,
    min_confidence: float = 0.9,
    phase: str = "",
    only: Collection[int] | None = None,
) -> int:
    """Accept every line not yet reviewed whose first proposal has at least that confidence;
    return how many. ``only``: no lines but these (ids). Raises NotEditable."""
    locked = _draft(version.pk)
    waiting = FieldLine.objects.filter(
        draft__version=locked,
        status=FieldLine.Status.UNREVIEWED,
        confidence__gte=min_confidence,
    )
    if phase:
        waiting = waiting.filter(draft__phase=phase)
    if only is not None:
        waiting = waiting.filter(pk__in=only)
    lines = list(waiting)
    now = timezone.now()
    for line in lines:
        line.decision, line.status = line.proposal["decision"], FieldLine.Status.ACCEPTED
        line.reviewed_by, line.reviewed_at = actor, now
        line.revision += 1
    FieldLine.objects.bulk_update(
        lines, ["decision", "status", "reviewed_by", "reviewed_at", "revision"], batch_size=100
    )
    audit.record(
        locked.project,
        actor,
        "lines:accepted",
        version=locked.number,
        lines=len(lines),
        min_confidence=min_confidence,
    )
    return len(lines)


def _decide(line: FieldLine, action: str, target: str, reason: str) -> dict[str, Any]:
    frame = frame_of(line.draft)
    try:
        if action == "field":
            return drafting.decision_field(
                frame, line.source, target, values=line.proposal["values"], reason=reason
            )
    except ValueError as exc:
        raise DecisionRefused(str(exc)) from exc
    if action == "custom":
        return drafting.decision_custom(
            frame, line.source, taken=_names_taken(line, frame), reason=reason
        )
    if action in ("skip", "carried"):
        return drafting.decision_skip(reason, action=action)
    raise DecisionRefused(_("There is no such decision."))


def frame_of(draft: ObjectDraft) -> drafting.Frame:
    """Return what the lines of a phase are decided against, as of draft time."""
    blueprint = blueprint_get(draft.version.blueprint)
    return drafting.Frame(
        blueprint,
        blueprint.phase(draft.phase),
        describe_from_json(draft.target_describe),
        draft.version.discovery.pipelines,
    )


def _names_taken(line: FieldLine, frame: drafting.Frame) -> set[str]:
    names = {field.name for field in frame.describe.fields}
    names |= {companion.custom.name for companion in frame.phase.companions}
    names.add(frame.phase.key_field)
    others = line.draft.lines.exclude(pk=line.pk)
    return names | {other.outcome["target"] for other in others}


def _redefine(line: FieldLine, decision: dict[str, Any], custom: Mapping[str, Any]) -> None:
    """Replace parts of a custom field; its conversion follows the type."""
    if decision["custom"] is None:
        raise DecisionRefused(_("An existing field of the destination is not redefined."))
    wanted = decision["custom"] | dict(custom)
    obstacle = custom_fields.obstacle(wanted, blueprint_get(line.draft.version.blueprint).limits)
    if obstacle:
        raise DecisionRefused(obstacle)
    decision["custom"], decision["target"] = wanted, wanted["name"]
    decision["conversion"] = drafting.custom_conversion(line.source, wanted)


def _check_decision(decision: Mapping[str, Any]) -> None:
    """Refuse a decision that could not become a rule."""
    if not decision["conversion"]:
        return
    options = dict(decision["conversion"])
    try:
        kind = options.pop("kind")
        if kind != "reference":
            rule = FieldRule(decision["target"], FieldType.TEXT, None, Conversion(kind, options))
            compile_conversion(rule, Settings())
    except (KeyError, ValueError, TypeError) as exc:
        raise DecisionRefused(_("This conversion is not possible: %s") % exc) from exc


def _line_save(
    line: FieldLine,
    actor: AbstractBaseUser,
    revision: int,
    decision: dict[str, Any] | None,
    status: str,
    action: str,
) -> FieldLine:
    """Store a decision in one conditional UPDATE; raises StaleEdit when somebody was faster."""
    version = _draft(line.draft.version_id)
    decided = decision is not None
    changed = FieldLine.objects.filter(pk=line.pk, revision=revision).update(
        decision=decision,
        status=status,
        reviewed_by=actor if decided else None,
        reviewed_at=timezone.now() if decided else None,
        revision=F("revision") + 1,
    )
    fresh = FieldLine.objects.select_related("draft__version", "reviewed_by").get(pk=line.pk)
    if not changed:
        who = fresh.reviewed_by.get_username() if fresh.reviewed_by else _("somebody")
        message = _("%(who)s changed “%(field)s” while you looked at it. Nothing was overwritten.")
        raise StaleEdit(message % {"who": who, "field": fresh.label}, fresh)
    audit.record(version.project, actor, action, version=version.number, line=line.pk)
    return fresh


# ---------------------------------------------------------------- rules beside the lines


@transaction.atomic
def split_rule_change(
    *,
    version: MapVersion,
    actor: AbstractBaseUser,
    revision: int,
    splits: Sequence[Mapping[str, Any]],
    filters: Sequence[Mapping[str, Any]] | None = None,
) -> MapVersion:
    """Replace the split rules (and the filters, where given), in the form of the map document.

    Raises StaleEdit, NotEditable, and DecisionRefused when they do not hold together.
    """
    locked = _draft(version.pk)
    if locked.revision != revision:
        raise StaleEdit(_("Somebody changed the rule meanwhile. Nothing was overwritten."))
    locked.splits = [dict(split) for split in splits]
    if filters is not None:
        locked.filters = [dict(item) for item in filters]
    try:
        MapSpec.from_document(document_build(locked))
    except DocumentError as exc:
        raise DecisionRefused(str(exc)) from exc
    locked.revision += 1
    locked.save(update_fields=["splits", "filters", "revision"])
    audit.record(locked.project, actor, "split:changed", version=locked.number)
    return locked


@transaction.atomic
def object_choices_change(
    *,
    draft: ObjectDraft,
    actor: AbstractBaseUser,
    revision: int,
    stand_ins: Mapping[str, str] | None = None,
    audit_dates: bool | None = None,
) -> ObjectDraft:
    """Change the stand-ins for empty required fields, or whether original dates are written.

    Raises StaleEdit, NotEditable, and DecisionRefused when the destination does not let dates
    be written.
    """
    version = _draft(draft.version_id)
    fresh = ObjectDraft.objects.select_for_update().get(pk=draft.pk)
    if fresh.revision != revision:
        raise StaleEdit(_("Somebody changed this meanwhile. Nothing was overwritten."))
    if stand_ins is not None:
        cleaned = {target: text.strip() for target, text in stand_ins.items()}
        fresh.stand_ins = {target: text for target, text in cleaned.items() if text}
    if audit_dates is not None:
        describe = describe_from_json(fresh.target_describe)
        created = describe.field("CreatedDate")
        if audit_dates and (created is None or not created.createable):
            raise DecisionRefused(_("The destination does not let this user write original dates."))
        fresh.audit_dates = audit_dates
    fresh.revision += 1
    fresh.save(update_fields=["stand_ins", "audit_dates", "revision"])
    audit.record(version.project, actor, "object:changed", version=version.number, draft=draft.pk)
    return fresh


# ---------------------------------------------------------------- confirmation


@transaction.atomic
def version_confirm(*, version: MapVersion, actor: AbstractBaseUser, role: str) -> MapVersion:
    """Freeze a draft: its document, the document's sha256, who confirmed it as what, and when.

    Raises NotEditable when it is confirmed already, and NotConfirmable with all blockers.
    """
    if role not in CONFIRMING_ROLES:
        raise NotConfirmable(_("A viewer cannot confirm a map."))
    locked = _draft(version.pk)
    found = blockers(locked)
    if found:
        message = _("%d things have to be settled before the map can be confirmed.") % len(found)
        raise NotConfirmable(message, found)
    locked.document = document_build(locked)
    locked.content_hash = content_hash(locked.document)
    locked.state = MapVersion.State.CONFIRMED
    locked.confirmed_by, locked.confirmed_role = actor, role
    locked.confirmed_at = timezone.now()
    locked.save()
    audit.record(
        locked.project,
        actor,
        "map:confirmed",
        version=locked.number,
        content_hash=locked.content_hash,
        role=role,
    )
    return locked


def version_document(version: MapVersion) -> dict[str, Any]:
    """Return a version's document: the frozen one of a confirmed version, else as it stands.

    Raises MapTampered when the stored text does not have the hash that was confirmed.
    """
    if version.is_draft:
        return document_build(version)
    if version.document is None or content_hash(version.document) != version.content_hash:
        raise MapTampered(_("The stored map is not the one that was confirmed."))
    return version.document
