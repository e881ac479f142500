"""The fourteen rows of the object matrix from Mekari Qontak to Salesforce Sales Cloud."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from mapping.blueprints.base import MatrixRow

ROWS = (
    MatrixRow(
        1,
        _("Contact"),
        _("Contact (and Lead)"),
        "1:many",
        _(
            "A rule that you can read and change decides who is a Contact and who is still a "
            "Lead: the contact status where it is filled in, otherwise the channel through which "
            "the person last came. The channel itself stays readable in qontak_channel_source__c "
            "on both."
        ),
        "contacts",
        ("contacts", "leads"),
        moved=True,
    ),
    MatrixRow(
        2,
        _("Company"),
        "Account",
        "1:1",
        _(
            "Every company becomes an Account, with its website. Accounts are loaded ahead of "
            "contacts so that each contact can point to its Account from the start. Equal company "
            "names are shown as possible duplicates."
        ),
        "companies",
        ("accounts",),
        moved=True,
    ),
    MatrixRow(
        3,
        _("Deal"),
        "Opportunity",
        "1:1",
        _(
            "Deals become Opportunities with amount, close date, stage, Account, contact and "
            "owner. Reasons for winning and losing are kept in fields of their own."
        ),
        "deals",
        ("opportunities",),
        moved=True,
    ),
    MatrixRow(
        4,
        _("Deal stage"),
        "Opportunity stage",
        "lossy",
        _(
            "Each stage of each pipeline is matched to a stage in Salesforce; you see and confirm "
            "the whole list. A pipeline of more than fifteen stages has to be divided among "
            "several sales processes."
        ),
        "",
        ("opportunities",),
        moved=True,
    ),
    MatrixRow(
        5,
        _("Pipeline"),
        _("Record type and sales process"),
        "lossy",
        _(
            "A pipeline becomes a record type with its own sales process and page layout. "
            "Settings without a counterpart, such as linking deals to invoices, go into the "
            "set-up advice."
        ),
    ),
    MatrixRow(
        6,
        _("Ticket"),
        _("Case, or Task without Service Cloud"),
        "1:1",
        _(
            "Tickets become Cases where the org has Service Cloud, with status values matched one "
            "by one. Elsewhere they become Tasks marked by qontak_ticket_type__c."
        ),
    ),
    MatrixRow(
        7,
        _("Conversation and chat history"),
        _("Task and EmailMessage"),
        "1:1",
        _(
            "WhatsApp messages become EmailMessages; Instagram, LINE and e-mail conversations "
            "become Tasks that name their channel. Both hang on the contact and the Account, in "
            "their original order and with their original times."
        ),
    ),
    MatrixRow(
        8,
        _("WhatsApp message template"),
        _("Inventory for resubmission"),
        "documented",
        _(
            "Templates belong to the WhatsApp account at Qontak and cannot be moved. You get the "
            "list of approved ones with text, placeholders and category, ready to be submitted "
            "again."
        ),
    ),
    MatrixRow(
        9,
        _("Chatbot flow"),
        _("Flow map for rebuilding"),
        "documented",
        _(
            "Flows cannot be carried over. Their whole decision tree is written down: triggers, "
            "messages, branches and API actions, with advice on what to rebuild them in."
        ),
    ),
    MatrixRow(
        10,
        _("Automation rule"),
        _("Inventory for rebuilding"),
        "documented",
        _(
            "Each active rule is written down with trigger, conditions, delays and actions, and "
            "with the kind of Flow that would do the same."
        ),
    ),
    MatrixRow(
        11,
        _("Contact list and segment"),
        _("Campaign and members"),
        "1:1",
        _(
            "A list becomes a Campaign whose members are those of the day of the migration. The "
            "criteria of dynamic segments are written down, since a Campaign does not update "
            "itself."
        ),
    ),
    MatrixRow(
        12,
        _("Agent and user"),
        "User",
        "1:1",
        _(
            "Users are matched by e-mail address. Those without a counterpart wait in a queue, "
            "and their records with them, until somebody decides."
        ),
        "users",
        ("users",),
        moved=True,
    ),
    MatrixRow(
        13,
        _("Custom property"),
        "Custom field",
        "1:1",
        _(
            "Custom properties of contacts, companies and deals become custom fields of the "
            "matching type, made before the first record is loaded."
        ),
        "",
        ("accounts", "contacts", "leads", "opportunities"),
        moved=True,
    ),
    MatrixRow(
        14,
        _("Attachment and media"),
        "Salesforce Files",
        "1:1",
        _(
            "Files are fetched while the account at Qontak is still open, and uploaded as "
            "Salesforce Files linked to their record. The room that is left in the org is checked "
            "first."
        ),
    ),
)
