"""Deciding, changing, confirming: nothing is lost, nothing confirmed changes."""

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction

from mapping import services
from mapping.blockers import blockers
from mapping.core.document import content_hash
from mapping.errors import (
    DecisionRefused,
    MapTampered,
    NotConfirmable,
    NotEditable,
    StaleEdit,
)
from mapping.models import FieldLine, MapVersion
from projects.models import AuditEntry


def line(draft, phase, source):
    return FieldLine.objects.select_related("draft__version__discovery").get(
        draft__version=draft, draft__phase=phase, source_field=source
    )


def codes(version):
    return [blocker.code for blocker in blockers(version)]


@pytest.fixture
def other(db):
    return get_user_model().objects.create_user("dimas")


@pytest.fixture
def reviewed(draft, consultant):
    services.lines_accept_all(version=draft, actor=consultant, min_confidence=0)
    return draft


@pytest.fixture
def confirmed(reviewed, consultant):
    return services.version_confirm(version=reviewed, actor=consultant, role="admin")


def test_accepting_keeps_the_proposal_beside_the_decision(draft, consultant):
    before = line(draft, "accounts", "name")

    after = services.line_accept(line=before, actor=consultant, revision=0)

    assert after.status == FieldLine.Status.ACCEPTED
    assert after.decision == before.proposal["decision"] == after.proposal["decision"]
    assert (after.reviewed_by, after.revision) == (consultant, 1)
    assert AuditEntry.objects.filter(action="line:accepted", facts__line=after.pk).exists()


def test_an_alternative_is_one_click_away(draft, consultant):
    before = line(draft, "contacts", "telephone")
    second = before.proposal["candidates"][1]

    after = services.line_accept(line=before, actor=consultant, revision=0, candidate=1)

    assert (after.outcome["action"], after.status) == (second["action"], "changed")


def test_a_stale_edit_is_refused_with_the_change_of_the_other(draft, consultant, other):
    mine = line(draft, "accounts", "website")
    services.line_skip(line=mine, actor=other, revision=0, reason="unused")

    with pytest.raises(StaleEdit, match="dimas") as stale:
        services.line_accept(line=mine, actor=consultant, revision=0)

    assert stale.value.line.decision["reason"] == "unused"
    assert line(draft, "accounts", "website").status == "skipped"


def test_a_decision_can_be_taken_back(draft, consultant):
    skipped = services.line_skip(line=line(draft, "accounts", "slug"), actor=consultant, revision=0)

    reopened = services.line_reopen(line=skipped, actor=consultant, revision=1)

    assert (reopened.status, reopened.decision, reopened.revision) == ("unreviewed", None, 2)


def test_another_field_gets_its_own_conversion(draft, consultant):
    after = services.line_change(
        line=line(draft, "accounts", "cf_501"),
        actor=consultant,
        revision=0,
        action="field",
        target="AccountNumber",
        conversion={"too_long": "truncate"},
    )

    assert after.outcome["conversion"] == {"kind": "text", "length": 40, "too_long": "truncate"}
    assert after.outcome["custom"] is None


def test_a_custom_field_can_be_renamed(draft, consultant):
    after = services.line_change(
        line=line(draft, "accounts", "cf_501"),
        actor=consultant,
        revision=0,
        action="custom",
        custom={"name": "NPWP__c", "label": "NPWP"},
    )

    assert (after.outcome["target"], after.outcome["custom"]["label"]) == ("NPWP__c", "NPWP")


@pytest.mark.parametrize(
    "change",
    [
        {"action": "field", "target": "NoSuchField"},
        {"action": "field", "target": "SystemModstamp"},
        {"action": "field", "target": "ParentId"},
        {"action": "dance"},
        {"action": "field", "target": "Site", "conversion": {"kind": "eval"}},
        {"action": "field", "target": "Site", "custom": {"name": "X__c"}},
        {"action": "custom", "custom": {"type": "blob"}},
        {"action": "custom", "custom": {"name": "no spaces allowed__c"}},
        {"action": "custom", "custom": {"name": "Two__underscores__c"}},
        {"action": "custom", "custom": {"label": " "}},
        {"action": "custom", "custom": {"length": 256}},
        {"action": "custom", "custom": {"type": "picklist"}},
    ],
)
def test_what_the_destination_cannot_take_is_refused_with_a_sentence(draft, consultant, change):
    before = line(draft, "accounts", "cf_501")

    with pytest.raises(DecisionRefused) as refused:
        services.line_change(line=before, actor=consultant, revision=0, **change)

    assert len(str(refused.value)) > 10
    assert line(draft, "accounts", "cf_501").revision == 0


def test_bulk_acceptance_leaves_the_unsure_and_the_decided_alone(draft, consultant):
    services.line_skip(line=line(draft, "accounts", "name"), actor=consultant, revision=0)

    count = services.lines_accept_all(version=draft, actor=consultant, min_confidence=0.9)

    unsure = FieldLine.objects.filter(draft__version=draft, status="unreviewed")
    assert count + unsure.count() + 1 == FieldLine.objects.filter(draft__version=draft).count()
    assert all(left.confidence < 0.9 for left in unsure)
    assert line(draft, "accounts", "name").status == "skipped"


def test_the_conversion_follows_the_type_of_a_custom_field(draft, consultant):
    after = services.line_change(
        line=line(draft, "accounts", "cf_501"),
        actor=consultant,
        revision=0,
        action="custom",
        custom={"type": "long_text", "length": 32768},
    )

    assert after.outcome["conversion"]["length"] == 32768


# ---------------------------------------------------------------- blockers


def test_every_line_without_a_decision_blocks(draft):
    assert (
        codes(draft).count("unreviewed") == FieldLine.objects.filter(draft__version=draft).count()
    )


def test_a_reviewed_proposal_has_no_blockers(reviewed):
    assert codes(reviewed) == []


def test_a_required_field_that_nothing_fills_blocks(reviewed, consultant):
    services.line_skip(line=line(reviewed, "accounts", "name"), actor=consultant, revision=1)

    (blocker,) = blockers(reviewed)

    assert (blocker.code, blocker.field) == ("required_unfilled", "Name")


def test_two_lines_to_one_field_block_both(reviewed, consultant):
    services.line_change(
        line=line(reviewed, "accounts", "cf_501"),
        actor=consultant,
        revision=1,
        action="field",
        target="Website",
    )

    assert codes(reviewed) == ["target_shared", "target_shared"]


def test_values_in_use_without_a_counterpart_block(reviewed, consultant):
    services.line_change(
        line=line(reviewed, "contacts", "crm_source_id"),
        actor=consultant,
        revision=1,
        action="field",
        target="LeadSource",
        conversion={"values": {"10": "Web"}},
    )

    (blocker,) = blockers(reviewed)

    assert blocker.code == "values_unmapped"
    assert "1 values in use by 20 records" in blocker.message


def test_a_field_too_short_needs_a_decision(reviewed, consultant):
    changed = line(reviewed, "accounts", "cf_501")
    changed.source["length_max"] = 60
    changed.save()
    conversion = {"kind": "text", "length": 40}
    decision = changed.decision | {"conversion": conversion, "target": "Site", "custom": None}
    FieldLine.objects.filter(pk=changed.pk).update(decision=decision)

    assert codes(reviewed) == ["too_short"]


# ---------------------------------------------------------------- rules beside the lines


def test_the_split_rule_is_replaced_and_checked(draft, consultant):
    splits = [{"object": "contacts", "rules": [], "otherwise": "contacts"}]

    changed = services.split_rule_change(version=draft, actor=consultant, revision=0, splits=splits)

    assert (changed.splits, changed.revision) == (splits, 1)
    with pytest.raises(StaleEdit):
        services.split_rule_change(version=draft, actor=consultant, revision=0, splits=splits)
    with pytest.raises(DecisionRefused):
        services.split_rule_change(version=draft, actor=consultant, revision=1, splits=[])


def test_stand_ins_can_be_changed_and_dropped(draft, consultant):
    leads = draft.objects_drafted.get(phase="leads")

    changed = services.object_choices_change(
        draft=leads,
        actor=consultant,
        revision=0,
        stand_ins={"Company": "Perorangan", "LastName": " "},
    )

    assert changed.stand_ins == {"Company": "Perorangan"}
    with pytest.raises(StaleEdit):
        services.object_choices_change(draft=leads, actor=consultant, revision=0)


# ---------------------------------------------------------------- confirmation


def test_confirming_freezes_the_document_with_its_hash(confirmed, consultant):
    assert confirmed.state == MapVersion.State.CONFIRMED
    assert confirmed.content_hash == content_hash(confirmed.document)
    assert (confirmed.confirmed_by, confirmed.confirmed_role) == (consultant, "admin")
    entry = AuditEntry.objects.get(action="map:confirmed")
    assert entry.facts["content_hash"] == confirmed.content_hash


def test_the_same_decisions_have_the_same_hash_in_the_next_version(confirmed, consultant):
    again = services.draft_copy(version=MapVersion.objects.get(pk=confirmed.pk), actor=consultant)

    twin = services.version_confirm(version=again, actor=consultant, role="revops")

    assert (twin.number, twin.content_hash) == (confirmed.number + 1, confirmed.content_hash)


def test_a_draft_with_blockers_is_not_confirmed(draft, consultant):
    with pytest.raises(NotConfirmable) as refused:
        services.version_confirm(version=draft, actor=consultant, role="consultant")

    assert refused.value.blockers
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_viewer_confirms_nothing(reviewed, consultant):
    with pytest.raises(NotConfirmable):
        services.version_confirm(version=reviewed, actor=consultant, role="viewer")


def test_a_confirmed_map_takes_no_edit(confirmed, consultant):
    decided = line(confirmed, "accounts", "name")
    edits = [
        lambda: services.line_skip(line=decided, actor=consultant, revision=1),
        lambda: services.lines_accept_all(version=confirmed, actor=consultant),
        lambda: services.split_rule_change(
            version=confirmed, actor=consultant, revision=0, splits=[]
        ),
        lambda: services.draft_discard(version=confirmed, actor=consultant),
        lambda: services.version_confirm(version=confirmed, actor=consultant, role="admin"),
    ]
    for edit in edits:
        with pytest.raises(NotEditable):
            edit()
    assert line(confirmed, "accounts", "name").revision == 1


def test_the_database_itself_refuses_to_change_a_confirmed_map(confirmed):
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        MapVersion.objects.filter(pk=confirmed.pk).update(document={})
    with (
        pytest.raises(DatabaseError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE mapping_mapversion SET state = 'draft' WHERE id = %s", [confirmed.pk]
        )
    with pytest.raises(TypeError):
        confirmed.delete()


def test_a_document_that_was_tampered_with_is_not_handed_out(confirmed):
    assert services.version_document(confirmed) == confirmed.document
    confirmed.document["settings"]["country_code"] = "65"

    with pytest.raises(MapTampered):
        services.version_document(confirmed)


def test_a_discarded_draft_makes_room_for_the_next(draft, consultant, project):
    services.draft_discard(version=draft, actor=consultant)

    assert not project.map_versions.exists()
