"""The one thing to do next in a project, for the person who looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mapping.workbench import BenchLine
from projects.access import may
from projects.models import Connection, Discovery, Membership, Project
from projects.systems import SYSTEMS
from qontakmig.templatetags.numbers import number, percent
from qontakmig.told import told
from runs.models import Run
from runs.selectors import CauseLine, cause_lines, owners_undecided
from runs.standing import Standing

ITEMS_SHOWN = 6
Side = Connection.Side


@dataclass(frozen=True, slots=True)
class NextAction:
    """What templates/components/_next_action.html draws. ``who`` is the action of
    ``projects.access.MAY`` that it takes; others read ``reason`` beside a closed button."""

    title: str
    text: str
    label: str
    url: str
    who: str = "look"
    method: str = ""
    items: tuple[dict[str, Any], ...] = ()
    other_label: str = ""
    other_url: str = ""
    then: str = ""
    disabled: bool = False
    reason: str = ""


def next_action(
    project: Project, membership: Membership, standing: Standing | None = None
) -> NextAction:
    """Return the next thing to do. Who may not do it is told who does."""
    action = _next(standing or Standing(project))
    if may(membership, action.who):
        return action
    return replace(
        action, disabled=True, reason=_("A consultant or the customer's admin does this.")
    )


def _next(facts: Standing) -> NextAction:
    for step in (_connecting, _discovering, _mapping, _confirming, _running):
        action = step(facts)
        if action is not None:
            return action
    return _ended(facts)


def _url(facts: Standing, name: str, *more: Any) -> str:
    return reverse(name, args=[facts.project.pk, *more])


def _system(facts: Standing, side: str) -> str:
    found = facts.connections.get(side)
    key = found.system if found else "qontak" if side == Side.SOURCE else facts.project.destination
    return str(SYSTEMS[key].label)


def _connecting(facts: Standing) -> NextAction | None:
    for side, name in ((Side.SOURCE, ""), (Side.SANDBOX, _("sandbox"))):
        found = facts.connections.get(side)
        label = " ".join(filter(None, (_system(facts, side), name)))
        if found is not None and found.state == Connection.State.FAILED:
            return NextAction(
                _("Put the connection to %s right") % label,
                told(f"{found.problem} {found.advice}".strip()),
                _("See the connection"),
                _url(facts, "projects:connect"),
                who="connect",
            )
        if found is None or found.state != Connection.State.WORKING:
            text = (
                _("The account that is left. It is only read; the test takes a few seconds.")
                if side == Side.SOURCE
                else _("Where everything is tried first. Production is not touched.")
            )
            return NextAction(
                _("Connect %s") % label,
                text,
                _("Connect"),
                _url(facts, "projects:connection", side),
                who="connect",
                then=_("read the account") if side == Side.SOURCE else _("propose a map"),
            )
    return None


def _discovering(facts: Standing) -> NextAction | None:
    if facts.discovery_done is not None:
        return None
    found = facts.discovery
    url = _url(facts, "projects:discover")
    if found is None:
        return NextAction(
            _("Read the account"),
            _("Counts every record, profiles every field, lists pipelines and owners. Reads only."),
            _("Go to discovery"),
            url,
            who="discover",
            then=_("decide what becomes of each field"),
        )
    if found.state == Discovery.State.FAILED:
        return NextAction(
            _("The audit stopped"),
            told(f"{found.problem} {found.advice}".strip()),
            _("See how far it came"),
            url,
            who="discover",
        )
    return NextAction(
        _("The account is being read"),
        _("Nothing to do until it ends. You can leave this page."),
        _("Watch"),
        url,
        then=_("decide what becomes of each field"),
    )


def _mapping(facts: Standing) -> NextAction | None:
    url = _url(facts, "mapping:workbench")
    if not facts.versions:
        return NextAction(
            _("Let the map be proposed"),
            _("Each field gets a proposal with its reason; you decide every one of them."),
            _("Go to the map"),
            url,
            who="map",
            then=_("decide the fields"),
        )
    total, reviewed = facts.lines
    if facts.draft is None or (total == reviewed and not facts.waiting):
        return None
    open_lines, count = total - reviewed, facts.waiting
    if not count:
        return NextAction(
            ngettext("Review one proposed field", "Review %(n)s proposed fields", open_lines)
            % {"n": number(open_lines)},
            # xgettext:no-python-format
            _("Each has a proposal of at least 90% confidence with its reason."),
            _("Review the fields"),
            url,
            who="map",
            then=_("confirm the map"),
        )
    return NextAction(
        ngettext(
            "Decide the field the machine would not guess",
            "Decide %(n)s fields the machine would not guess",
            count,
        )
        % {"n": number(count)},
        _("%(sure)s of %(total)s fields are reviewed or have a sure proposal.")
        % {"sure": number(total - count), "total": number(total)},
        ngettext("Decide the field", "Decide the fields", count),
        url,
        who="map",
        items=tuple(_line_item(facts, line) for line in facts.undecided(ITEMS_SHOWN)),
        other_label=_("Review all %s open fields") % number(open_lines),
        other_url=url,
        then=_("confirm the map"),
    )


def _line_item(facts: Standing, bench_line: BenchLine) -> dict[str, Any]:
    line = bench_line.line
    return {
        "name": line.label,
        "url": _url(facts, "mapping:object", line.draft.phase),
        "tag": line.draft.target_object,
        "reason": bench_line.problem or bench_line.reason,
        "needs_person": True,
    }


def _confirming(facts: Standing) -> NextAction | None:
    if facts.draft is None:
        return None
    return NextAction(
        _("Confirm map version %d") % facts.draft.number,
        _("All %s fields are decided. Confirming freezes the version with its hash.")
        % number(facts.lines[0]),
        _("Read and confirm"),
        _url(facts, "mapping:confirm"),
        who="confirm",
        then=_("make the fields in the sandbox"),
    )


def _running(facts: Standing) -> NextAction | None:
    run, version = facts.run, facts.confirmed
    if run is not None and run.is_active:
        return _run_active(facts, run)
    if not facts.schema_applied:
        return NextAction(
            _("Make the fields of map v%d in the sandbox") % version.number,
            _("The plan shows what will be created and what is there already, before anything is."),
            _("See the schema plan"),
            _url(facts, "runs:sandbox"),
            who="provision",
            then=_("start the sandbox run"),
        )
    if run is None or run.map_hash != version.content_hash or run.state != Run.State.DONE:
        return _run_start(facts)
    return _run_start(facts) if run.kind == Run.Kind.ROLLBACK else None


def _run_start(facts: Standing) -> NextAction:
    records = facts.records_read
    return NextAction(
        _("Start the sandbox run"),
        _("%(records)s records by map v%(version)d into the sandbox. It can be rolled back.")
        % {"records": number(records), "version": facts.confirmed.number},
        _("Go to the sandbox"),
        _url(facts, "runs:sandbox"),
        who="run",
        then=_("look at what did not arrive"),
    )


def _run_active(facts: Standing, run: Run) -> NextAction:
    url = _url(facts, "runs:run", run.pk)
    if run.state == Run.State.NEEDS_ATTENTION:
        return NextAction(
            _("Run %d needs you") % run.pk,
            told(f"{run.problem} {run.advice}".strip()),
            _("Open the run"),
            url,
            who="run",
        )
    if run.state == Run.State.PAUSED:
        return NextAction(
            _("Run %d is paused") % run.pk,
            _("%s of its records have an outcome. It goes on where it stopped.")
            % percent(facts.run_percent / 100),
            _("Open the run"),
            url,
            who="run",
        )
    return NextAction(
        _("Run %d is under way") % run.pk,
        _("%s of its records have an outcome. You can leave this page.")
        % percent(facts.run_percent / 100),
        _("Watch the run"),
        url,
        then=_("look at what did not arrive"),
    )


def _ended(facts: Standing) -> NextAction:
    run = facts.run
    url = _url(facts, "runs:run", run.pk)
    if facts.errored:
        return NextAction(
            ngettext("Look at one record in error", "Look at %(n)s records in error", facts.errored)
            % {"n": number(facts.errored)},
            _("Run %d balances; every other record has its outcome.") % run.pk,
            _("See them by cause"),
            url,
            items=tuple(_cause_item(facts, run, cause) for cause in cause_lines(run)[:ITEMS_SHOWN]),
            then=_("correct the cause and run again"),
        )
    if facts.unequal:
        return NextAction(
            _("Look at what came back different"),
            _("%s differences in what was read back.") % number(facts.unequal),
            _("See them by field"),
            url,
        )
    if owners := owners_undecided(facts.project, "sandbox"):
        return NextAction(
            ngettext(
                "Decide who gets one owner's records",
                "Decide who gets the records of %(n)s owners",
                owners,
            )
            % {"n": number(owners)},
            _("The fallback owner has them until then."),
            _("Decide the owners"),
            _url(facts, "runs:owners"),
            who="run",
        )
    return NextAction(
        _("Read the reconciliation of run %d") % run.pk,
        _("It balances and everything that was read back is as meant."),
        _("Open the run"),
        url,
        other_label=_("Workbook"),
        other_url=_url(facts, "runs:workbook", run.pk),
    )


def _cause_item(facts: Standing, run: Run, cause: CauseLine) -> dict[str, Any]:
    listed = reverse("runs:records", args=[facts.project.pk, run.pk])
    return {
        "name": cause.meaning.title,
        "url": f"{listed}?{urlencode({'state': 'errored', 'code': cause.code})}",
        "tag": f"{number(cause.count)} · {', '.join(cause.phases)}",
        "reason": told(cause.reasons[0][0]),
        "needs_person": True,
    }
