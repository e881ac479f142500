"""Salesforce Sales Cloud: what each Qontak object becomes, in which order, with which extras."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from mapping.blueprints.base import (
    AuditField,
    Blueprint,
    Companion,
    Custom,
    CustomFieldLimits,
    Default,
    Known,
    Phase,
    SplitProposal,
)
from mapping.blueprints.salesforce_rows import ROWS
from qontakmig.connectors.base import FieldType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEY = Custom(
    "Qontak_Id__c",
    "Qontak Id",
    FieldType.TEXT,
    length=40,
    unique=True,
    external_id=True,
    description="Id of the record in Mekari Qontak. Set by the migration; do not change.",
)

CREATED = Companion(
    Custom(
        "Qontak_Created_At__c",
        "Qontak Created At",
        FieldType.DATETIME,
        description="When the record was created in Mekari Qontak.",
    ),
    "@created_at",
    {"kind": "datetime"},
)
UPDATED = Companion(
    Custom(
        "Qontak_Updated_At__c",
        "Qontak Updated At",
        FieldType.DATETIME,
        description="When the record was last changed in Mekari Qontak.",
    ),
    "@updated_at",
    {"kind": "datetime"},
)
OWNER = Companion(
    Custom(
        "Qontak_Owner__c",
        "Qontak Owner",
        FieldType.TEXT,
        length=255,
        description="Owner of the record in Mekari Qontak.",
    ),
    "creator_id",
    {"kind": "text", "length": 255},
)
CHANNEL = Companion(
    Custom(
        "qontak_channel_source__c",
        "Qontak Channel Source",
        FieldType.TEXT,
        length=255,
        description="Channel that brought the contact to Mekari Qontak.",
    ),
    "crm_source_id",
    {"kind": "text", "length": 255},
)
PIPELINE = Custom(
    "Qontak_Pipeline__c",
    "Qontak Pipeline",
    FieldType.TEXT,
    length=255,
    description="Pipeline of the deal in Mekari Qontak.",
)
LOST_REASON = Custom(
    "Qontak_Lost_Reason__c",
    "Qontak Lost Reason",
    FieldType.TEXT,
    length=255,
    description="Why the deal was lost, as picked in Mekari Qontak.",
)


def _products(source: str, name: str, what: str) -> Known:
    """Lists that belong to the deal's products, one entry each, in the same order."""
    return Known(
        source,
        "custom",
        gettext_noop("Kept as text until products are moved."),
        custom=Custom(
            f"Qontak_{name}__c",
            f"Qontak {name.replace('_', ' ')}",
            FieldType.LONG_TEXT,
            length=32_768,
            description=f"{what} of the deal in Mekari Qontak, in one order.",
        ),
    )


PRODUCTS = (
    _products("product_association_ids", "Products", "Products"),
    _products("product_association_quantity", "Product_Quantities", "Quantities of the products"),
    _products("product_association_price", "Product_Prices", "Prices of the products"),
    _products("product_association_total_price", "Product_Totals", "Totals of the products"),
)

AUDIT = (
    AuditField("CreatedDate", "@created_at"),
    AuditField("LastModifiedDate", "@updated_at", moves=True),
)
"""Settable at insert only, where the org switched audit fields on: describe then says createable
(Salesforce reference, section 9)."""

FROM_DEAL = gettext_noop("The link is kept from the deal's side.")

EVERYWHERE = (
    Known("id", "carried", gettext_noop("It becomes the migration key Qontak_Id__c.")),
    Known(
        "created_at", "carried", gettext_noop("It becomes CreatedDate and Qontak_Created_At__c.")
    ),
    Known(
        "updated_at",
        "carried",
        gettext_noop("It becomes LastModifiedDate and Qontak_Updated_At__c."),
    ),
    Known(
        "creator_id",
        "field",
        gettext_noop("Qontak's owner; users are matched by e-mail."),
        target="OwnerId",
        conversion={"kind": "reference", "object": "users", "owner": True},
    ),
)

NAMES = (
    Known(
        "first_name",
        "field",
        gettext_noop("Given name. Without a last name the last word moves to Last Name."),
        target="FirstName",
        conversion={"kind": "given_name", "first": "first_name", "last": "last_name"},
    ),
    Known(
        "last_name",
        "field",
        gettext_noop("Family name. Where it is empty, the last word of the first name."),
        target="LastName",
        conversion={"kind": "family_name", "first": "first_name", "last": "last_name"},
        fallbacks=("first_name",),
    ),
    Known("crm_deal_ids", "carried", FROM_DEAL),
)
LAST_NAME = Default(
    "LastName",
    ("last_name", "first_name"),
    {"kind": "family_name", "first": "first_name", "last": "last_name"},
)

STAND_IN = "[not provided]"

PHASES = (
    Phase(
        name="users",
        label="Users",
        source_object="users",
        target_object="User",
        mode="match_users",
        match_by="email",
    ),
    Phase(
        name="accounts",
        label="Accounts",
        source_object="companies",
        target_object="Account",
        mode="load",
        depends_on=("users",),
        key=KEY,
        companions=(CREATED, UPDATED, OWNER),
        audit_fields=AUDIT,
        known=(
            *EVERYWHERE,
            Known(
                "ancestry",
                "field",
                gettext_noop("Parent company."),
                target="ParentId",
                conversion={"kind": "reference", "object": "companies", "id_prefix": "001"},
            ),
            Known("crm_deal_ids", "carried", FROM_DEAL),
            Known(
                "crm_person_ids",
                "carried",
                gettext_noop("The link is kept from the contact's side."),
            ),
        ),
    ),
    Phase(
        name="contacts",
        label="Contacts",
        source_object="contacts",
        target_object="Contact",
        mode="load",
        depends_on=("users", "accounts"),
        key=KEY,
        companions=(CHANNEL, CREATED, UPDATED, OWNER),
        audit_fields=AUDIT,
        known=(
            *EVERYWHERE,
            *NAMES,
            Known(
                "crm_company_id",
                "field",
                gettext_noop("Company of the contact."),
                target="AccountId",
                conversion={"kind": "reference", "object": "companies", "id_prefix": "001"},
            ),
        ),
        defaults=(LAST_NAME,),
        stand_ins={"LastName": STAND_IN},
    ),
    Phase(
        name="leads",
        label="Leads",
        source_object="contacts",
        target_object="Lead",
        mode="load",
        depends_on=("users",),
        key=KEY,
        companions=(CHANNEL, CREATED, UPDATED, OWNER),
        audit_fields=AUDIT,
        known=(
            *EVERYWHERE,
            *NAMES,
            Known(
                "crm_company_id",
                "field",
                gettext_noop("A lead has no account; the company's name is kept."),
                target="Company",
                conversion={"kind": "text"},
            ),
        ),
        defaults=(LAST_NAME, Default("Company", ("crm_company_id",), {"kind": "text"})),
        stand_ins={"LastName": STAND_IN, "Company": STAND_IN},
        never_empty=("Status",),
    ),
    Phase(
        name="opportunities",
        label="Opportunities",
        source_object="deals",
        target_object="Opportunity",
        mode="load",
        depends_on=("users", "accounts", "contacts"),
        key=KEY,
        companions=(CREATED, UPDATED, OWNER),
        audit_fields=AUDIT,
        known=(
            *EVERYWHERE,
            Known(
                "crm_company_id",
                "field",
                gettext_noop("Company of the deal."),
                target="AccountId",
                conversion={"kind": "reference", "object": "companies", "id_prefix": "001"},
            ),
            Known(
                "crm_lead_ids",
                "field",
                gettext_noop(
                    "First contact of the deal; Salesforce makes the primary contact role."
                ),
                target="ContactId",
                conversion={"kind": "reference", "object": "contacts", "id_prefix": "003"},
            ),
            Known(
                "crm_stage_id",
                "field",
                gettext_noop("Stage, looked up together with its pipeline."),
                target="StageName",
                conversion={"kind": "picklist", "within": "crm_pipeline_id"},
            ),
            Known(
                "crm_pipeline_id",
                "custom",
                gettext_noop("Kept as text until pipelines become record types."),
                custom=PIPELINE,
            ),
            Known(
                "crm_lost_reason_id",
                "custom",
                gettext_noop("Reason of a lost deal."),
                custom=LOST_REASON,
            ),
            *PRODUCTS,
            Known(
                "closed_date",
                "field",
                gettext_noop(
                    "Close date; where empty the expiry date, then the day it was created."
                ),
                target="CloseDate",
                conversion={"kind": "date"},
                fallbacks=("expired_date", "@created_at"),
            ),
            Known(
                "size",
                "field",
                gettext_noop("Value of the deal."),
                target="Amount",
                conversion={"kind": "currency"},
            ),
        ),
        defaults=(
            Default("CloseDate", ("closed_date", "expired_date", "@created_at"), {"kind": "date"}),
        ),
    ),
)

QUALIFIED_WORDS = _words("""
    qualified terkualifikasi customer pelanggan client klien opportunity peluang partner mitra
    won deal member
""")
UNQUALIFIED_WORDS = _words("""
    lead leads prospect prospects prospek cold dingin new baru unqualified raw mentah subscriber
    open warm hangat hot attempted contacted dihubungi junk nurturing calon inquiry
""")
INBOUND_WORDS = _words("""
    whatsapp wa instagram ig facebook fb messenger line telegram tiktok email website web webchat
    livechat chat twitter iklan ads ad google social sosial media online form campaign kampanye
    marketplace tokopedia shopee
""")
"""Words in the labels of contact statuses and channels, English and Indonesian."""

SPLIT = SplitProposal(
    object="contacts",
    qualified="contacts",
    unqualified="leads",
    status_field="crm_status_id",
    deals_field="crm_deal_ids",
    channel_field="crm_source_id",
    company_field="crm_company_id",
    qualified_words=QUALIFIED_WORDS,
    unqualified_words=UNQUALIFIED_WORDS,
    inbound_words=INBOUND_WORDS,
)

LIMITS = CustomFieldLimits(
    name_length=40,
    name_suffix="__c",
    label_length=40,
    text_length=255,
    long_text_length=131_072,
    picklist_options=1_000,
    multipicklist_options=500,
    option_length=255,
    per_object={
        "Starter Edition": 25,
        "Group Edition": 100,
        "Essentials Edition": 100,
        "Professional Edition": 100,
        "Enterprise Edition": 500,
        "Unlimited Edition": 800,
        "Performance Edition": 800,
        "Developer Edition": 500,
    },
    per_object_default=500,
)
"""Salesforce reference, section 7: field table and allowances by edition."""

SALESFORCE = Blueprint(
    key="salesforce",
    label="Salesforce Sales Cloud",
    version="1",
    rows=ROWS,
    phases=PHASES,
    split=SPLIT,
    limits=LIMITS,
    id_prefixes={"Account": "001", "Contact": "003", "Lead": "00Q"},
)
