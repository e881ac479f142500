"""The eight steps of a migration as every project page shows them.

A step is locked (with what opens it), ready, running, in need of a person, or done. The steps read
the same facts as the services' own gates; hiding a link is never the gate itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.models import Connection, Discovery, Project
from qontakmig.templatetags.numbers import number, percent
from qontakmig.told import told
from runs.models import Run, SchemaDeployment
from runs.standing import Standing

Side = Connection.Side
NEEDED_SIDES = (Side.SOURCE, Side.SANDBOX)


@dataclass(frozen=True, slots=True)
class Step:
    """One step; the fields are what templates/components/_stepper.html reads."""

    key: str
    label: str
    state: str
    summary: str = ""
    detail: str = ""
    url: str = ""
    unlock_url: str = ""
    unlock_label: str = ""
    percent: float | None = None
    count: int | None = None
    gate: str = ""
    gate_name: str = ""
    gate_label: str = ""


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the steps of the project that the page belongs to, when drawn."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {}
    return {"steps": SimpleLazyObject(lambda: journey(membership.project))}


def journey(project: Project, standing: Standing | None = None) -> list[Step]:
    """Return the eight steps of ``project``. About ten queries, whatever its size."""
    facts = standing or Standing(project)
    return [
        _connect(facts),
        _discover(facts),
        _map(facts),
        _confirm(facts),
        _sandbox(facts),
        *_not_yet(facts),
    ]


def moment(when: datetime | None) -> str:
    """Return a time in the reader's zone, "11 Mar, 09:12"."""
    return date_format(timezone.localtime(when), "j M, H:i") if when else ""


def _url(facts: Standing, name: str) -> str:
    return reverse(name, args=[facts.project.pk])


def _connect(facts: Standing) -> Step:
    step = Step("connect", _("Connect"), "ready", url=_url(facts, "projects:connect"))
    failed = [c for c in facts.connections.values() if c.state == Connection.State.FAILED]
    working = [c for c in facts.connections.values() if c.state == Connection.State.WORKING]
    counted = _("%(working)d of %(all)d connections") % {
        "working": len(working),
        "all": len(Side.values),
    }
    if failed:
        summary = _("%d failed") % len(failed)
        return replace(
            step,
            state="attention",
            summary=summary,
            detail=told(failed[0].problem),
            count=len(failed),
        )
    tested = max((c.tested_at for c in working if c.tested_at), default=None)
    if all(facts.works(side) for side in NEEDED_SIDES):
        return replace(
            step, state="done", detail="\n".join((_("Tested %s") % moment(tested), counted))
        )
    return replace(step, detail=counted)


def _discover(facts: Standing) -> Step:
    url = _url(facts, "projects:discover")
    step = Step("discover", _("Discover"), "ready", url=url)
    found = facts.discovery
    if found is None and not facts.works(Side.SOURCE):
        return replace(
            step,
            state="locked",
            detail=_("Opens when Qontak is connected"),
            unlock_url=_url(facts, "projects:connect"),
            unlock_label=_("Connect"),
        )
    if found is None:
        return replace(step, detail=_("Counts records and profiles fields; reads only"))
    if found.is_active:
        share = facts.discovery_percent
        summary = percent(share / 100) if share is not None else ""
        return replace(step, state="running", percent=share, summary=summary)
    if found.state == Discovery.State.FAILED:
        return replace(step, state="attention", summary=_("stopped"), detail=told(found.problem))
    records = facts.records_read
    lines = (
        _("Audited %s") % moment(found.finished_at),
        ngettext("%s record", "%s records", records) % number(records),
    )
    return replace(step, state="done", detail="\n".join(lines))


def _map(facts: Standing) -> Step:
    step = Step("map", _("Map"), "ready", url=_url(facts, "mapping:workbench"))
    if not facts.versions:
        if facts.discovery_done is None:
            return replace(
                step,
                state="locked",
                url="",
                detail=_("Opens when the account is audited"),
                unlock_url=_url(facts, "projects:discover") if facts.works(Side.SOURCE) else "",
                unlock_label=_("Discover"),
            )
        return replace(step, detail=_("No proposal made yet"))
    total, reviewed = facts.lines
    if facts.draft is None:
        fields = ngettext("%s field decided", "%s fields decided", total) % number(total)
        return replace(step, state="done", detail=fields)
    counted = _("%(reviewed)s of %(total)s fields reviewed") % {
        "reviewed": number(reviewed),
        "total": number(total),
    }
    step = replace(step, detail=counted, percent=100 * reviewed / total if total else 100)
    waiting = facts.waiting
    if waiting:
        summary = ngettext("%d needs you", "%d need you", waiting) % waiting
        return replace(step, state="attention", summary=summary, count=waiting)
    if reviewed < total:
        return replace(step, summary=_("%s to review") % number(total - reviewed))
    return replace(step, state="done", percent=None)


def _confirm(facts: Standing) -> Step:
    step = Step("confirm", _("Confirm"), "locked", url="")
    done = facts.confirmed
    if facts.draft is not None:
        total, reviewed = facts.lines
        left = max(total - reviewed, facts.waiting)
        if left == 0:
            detail = _("Version %d is ready to be confirmed") % facts.draft.number
            return replace(step, state="ready", detail=detail, url=_url(facts, "mapping:confirm"))
        if done is None:
            return replace(
                step,
                detail=_("Opens when no field is left undecided"),
                unlock_url=_url(facts, "mapping:workbench"),
                unlock_label=ngettext("%d field in Map", "%d fields in Map", left) % left,
            )
    if done is not None:
        who = done.confirmed_by.get_full_name() or done.confirmed_by.get_username()
        lines = [_("by %s") % who, moment(done.confirmed_at)]
        if facts.draft is not None:
            lines.append(_("version %d is in review") % facts.draft.number)
        return replace(
            step,
            state="done",
            summary=f"v{done.number}",
            detail="\n".join(lines),
            url=_url(facts, "mapping:confirm"),
        )
    return replace(step, detail=_("Opens when no field is left undecided"))


def _sandbox(facts: Standing) -> Step:
    step = Step(
        "sandbox",
        _("Sandbox run"),
        "locked",
        gate="open" if facts.confirmed else "closed",
        gate_name=_("Gate 1"),
        gate_label=_("No record moves before a person confirmed the map"),
    )
    if facts.confirmed is None:
        ready = facts.draft is not None and facts.lines[0] == facts.lines[1]
        return replace(
            step,
            detail=_("Opens when the map is confirmed"),
            unlock_url=_url(facts, "mapping:confirm") if ready else "",
            unlock_label=_("Confirm the map"),
        )
    step = replace(step, state="ready", url=_url(facts, "runs:sandbox"))
    if facts.run is not None and facts.run.is_active:
        return _sandbox_active(step, facts, facts.run)
    if facts.deployment_active is not None:
        trial = facts.deployment_active.check_only
        return replace(
            step, state="running", summary=_("checking schema") if trial else _("making fields")
        )
    if not facts.schema_applied:
        failed = facts.deployment and facts.deployment.state == SchemaDeployment.State.FAILED
        if failed:
            return replace(
                step,
                state="attention",
                summary=_("schema refused"),
                detail=told(facts.deployment.problem),
            )
        return replace(step, detail=_("The fields of the map are not in the sandbox yet"))
    run = facts.run
    if run is None:
        return replace(step, detail=_("The sandbox has the fields; no run yet"))
    if run.kind == Run.Kind.ROLLBACK:
        return replace(step, detail=_("Run %d was rolled back") % run.reverses_id)
    if run.map_hash != facts.confirmed.content_hash:
        return replace(step, detail=_("Map v%d was not run yet") % facts.confirmed.number)
    return _sandbox_ended(step, facts, run)


def _sandbox_active(step: Step, facts: Standing, run: Run) -> Step:
    share = facts.run_percent
    step = replace(step, percent=share, detail=_("Run %d") % run.pk)
    if run.state == Run.State.NEEDS_ATTENTION:
        return replace(step, state="attention", summary=_("needs you"), detail=told(run.problem))
    if run.state == Run.State.PAUSED:
        return replace(step, state="ready", summary=_("paused"))
    return replace(step, state="running", summary=percent(share / 100))


def _sandbox_ended(step: Step, facts: Standing, run: Run) -> Step:
    name = _("Run %(run)d, %(when)s") % {"run": run.pk, "when": moment(run.finished_at)}
    if run.state == Run.State.CANCELLED:
        return replace(step, detail=_("Run %d was cancelled") % run.pk)
    if run.state == Run.State.ROLLED_BACK:
        return replace(step, detail=_("Run %d was rolled back") % run.pk)
    if facts.errored:
        summary = ngettext("%s in error", "%s in error", facts.errored) % number(facts.errored)
        return replace(step, state="attention", summary=summary, detail=name, count=facts.errored)
    if facts.unequal:
        summary = _("%s different") % number(facts.unequal)
        return replace(step, state="attention", summary=summary, detail=name, count=facts.unequal)
    return replace(step, state="done", detail="\n".join((name, _("balanced and verified"))))


def _not_yet(facts: Standing) -> list[Step]:
    """The steps that this release does not carry out: locked, and they say so."""
    missing = _("Not in this release yet")
    return [
        Step("spotcheck", _("Spot-check & sign-off"), "locked", detail=missing),
        Step(
            "production",
            _("Production"),
            "locked",
            detail=missing,
            gate="closed",
            gate_name=_("Gate 2"),
            gate_label=_("No production run before the sandbox was signed off by two people"),
        ),
        Step("cutover", _("Cutover & handoff"), "locked", detail=missing),
    ]
