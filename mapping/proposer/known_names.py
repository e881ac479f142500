"""API names whose meaning is fixed by their system, whatever the label says.

Qontak's names are those of its field templates and records (CRM API, */info); templates and
records differ for telephones (crm_phones, telephone). Salesforce's are standard fields of the
sObject reference, Freshsales' those of its API reference, where a label misleads.
"""

QONTAK = {
    "contact": """first_name name.first; last_name name.last; job_title job_title; email email
        crm_phones phone; telephone phone; crm_status_id contact_status; address street
        country country; province state; city city; zipcode postcode; date_of_birth birth_date
        crm_source_id lead_source; crm_gender_id gender; income income; customer_id customer_id
        crm_occupation_id occupation; crm_company_id company""",
    "company": """name name; website website; crm_phones phone; telephone phone; address street
        country country; province state; city city; zipcode postcode; industry_id industry
        crm_type_id type; number_of_employees employees; crm_source_id lead_source
        annual_revenue revenue; business_reg_number business_reg; ancestry parent
        crm_person_ids other_end""",
    "deal": """name name; currency currency; size amount; closed_date closed_at
        crm_source_id lead_source; crm_priority_id priority; start_date start_date
        expired_date close_date; crm_lost_reason_id lost_reason; crm_stage_id stage
        crm_pipeline_id pipeline; crm_contact contact; crm_company company
        crm_deal_status_id deal_status; crm_lead_ids contact; crm_company_id company
        product_association_name products; idempotency_key unique_id""",
    "ticket": """name subject; ticket_pipeline_id pipeline; ticket_stage_id status
        ticket_priority_id priority; description description; ticket_category_id type
        user_id owner; creator_id creator; due_date due_date
        crm_lead_ids contact; crm_company_id company; crm_product_ids product
        channel channel; resolved_at closed_at""",
    "task": """name name; crm_person contact; crm_company company; crm_deal deal
        crm_task_status_id status; user_id owner; reporter_id creator; due_date due_date
        crm_task_priority_id priority; crm_task_category_id type; detail description
        next_step next_step""",
    "product": """name name; unit_price price; price price; product_code account_number
        description description; currency currency""",
}
QONTAK_EVERYWHERE = """id record_id; creator_id owner; created_at created_at
    updated_at updated_at; slug slug; upload_id upload_id; unique_lead_id unique_id
    unique_company_id unique_id; unique_deal_id unique_id; unique_hub_account unique_id
    crm_location_address_map gps; creator_name owner_detail; creator_email owner_detail
    creator_username owner_detail; crm_deal_ids other_end; crm_task_ids other_end"""

SALESFORCE = """Id system; Name name; FirstName name.first; LastName name.last
    MiddleName name.middle; AccountId company; ContactId contact; OwnerId owner
    ParentId parent; ReportsToId manager; RecordTypeId pipeline; CampaignId campaign
    Title job_title; StageName stage; Amount amount; CloseDate close_date; Type type
    LeadSource lead_source; AccountSource lead_source; ExpectedRevenue expected_revenue
    TotalOpportunityQuantity quantity; ForecastCategoryName forecast_category
    ForecastCategory system; IsClosed is_closed; IsWon is_won; CurrencyIsoCode currency
    Subject subject; Origin channel; Reason reason; CaseNumber ticket_number
    SuppliedName reporter.name; SuppliedEmail reporter.email; SuppliedPhone reporter.phone
    SuppliedCompany reporter.company; Comments comments; ClosedDate closed_at
    ProductId product; AssetId asset; SlaStartDate sla_start; SlaExitDate sla_end
    Phone phone; MobilePhone phone.mobile; HomePhone phone.home; OtherPhone phone.other
    AssistantPhone assistant.phone; AssistantName assistant.name; Fax fax; Email email
    Birthdate birth_date; GenderIdentity gender; DoNotCall do_not_call
    HasOptedOutOfEmail email_opt_out; HasOptedOutOfFax fax_opt_out
    AnnualRevenue revenue; NumberOfEmployees employees; AccountNumber account_number
    YearStarted founded; Website website; Industry industry; Rating rating
    Ownership ownership; Site site; TickerSymbol ticker; Sic sic; SicDesc sic_desc
    NaicsCode naics; NaicsDesc naics_desc; DunsNumber duns; CompanyDunsNumber duns
    Tradestyle tradestyle; CreatedDate created_at; LastModifiedDate updated_at
    CreatedById creator; LastModifiedById updater; LastActivityDate last_activity
    LastStageChangeDate stage_changed; SystemModstamp system; IsDeleted system
    LastViewedDate system; LastReferencedDate system; MasterRecordId system
    Jigsaw system; JigsawCompanyId system; JigsawContactId system; CleanStatus system
    PhotoUrl system; IndividualId system; DandbCompanyId system; OperatingHoursId system
    BillingAddress system; ShippingAddress system; MailingAddress system; OtherAddress system
    Address system; LastCURequestDate system; LastCUUpdateDate system
    IsConverted system; ConvertedDate system; ConvertedAccountId system
    ConvertedContactId system; ConvertedOpportunityId system; IsUnreadByOwner system
    Pricebook2Id pricebook; SyncedQuoteId quote; ContractId contract; Company company
    Status status; LastStageChangeInDays system; LastActivityInDays system; PushCount system
    AgeInDays system; FiscalQuarter system; FiscalYear system; Fiscal system; IqScore score
    LastAmountChangedHistoryId system; LastCloseDateChangedHistoryId system
    HasOpportunityLineItem system; HasOpenActivity system; HasOverdueTask system
    ContactPhone system; ContactMobile system; ContactEmail system; ContactFax system
    EmailBouncedReason system; EmailBouncedDate system; IsEmailBounced system
    IsStopped system; StopStartDate system; MilestoneStatus system; IsClosedOnCreate system
    IsVisibleInSelfService system; SourceId system; BusinessHoursId system
    EntitlementId entitlement; ServiceContractId contract_service; IsEscalated escalated
    IsPrivate private; Street street; City city; State state; PostalCode postcode
    Country country; Description description; Language language; Priority priority
    WhoId contact; WhatId deal; ActivityDate due_date"""

FRESHSALES = {
    "contact": """id system; display_name name; emails email; work_number phone.work
        mobile_number phone.mobile; phone_numbers phone.other; sales_accounts company
        lead_source_id lead_source; contact_status_id contact_status
        lifecycle_stage_id lifecycle; lost_reason_id lost_reason; has_authority decision
        do_not_disturb do_not_contact; address street; recent_note recent_note
        last_contacted last_activity; last_seen system; last_contacted_mode system
        web_form_ids system; team_user_ids team_users; first_source source.first
        latest_source source.last; first_campaign campaign.first; first_medium medium.first
        latest_campaign campaign.last; latest_medium medium.last; locale language""",
    "company": """id system; phone phone; industry_type_id industry
        business_type_id type; number_of_employees employees; annual_revenue revenue
        parent_sales_account_id parent; address street; zipcode postcode
        last_contacted last_activity; recent_note recent_note; team_user_ids team_users""",
    "deal": """id system; lead_source_id lead_source; base_currency_amount base_amount
        currency_id currency
        sales_account_id company; contacts contact; deal_pipeline_id pipeline
        deal_stage_id stage; deal_reason_id lost_reason; deal_type_id type
        deal_payment_status_id payment_status; deal_product_id product_single
        products products; expected_deal_value expected_revenue; expected_close close_date
        closed_date closed_at; stage_updated_time stage_changed; age system
        rotten_days system; recent_note recent_note; next_activity system
        last_assigned_at system; last_contacted_sales_activity_mode system
        last_contacted_via_sales_activity last_activity; upcoming_activities_time system
        web_form_id system; team_user_ids team_users; amount amount""",
    "ticket": "id system; subject subject; group_id system",
    "task": "id system",
    "product": "id system",
}


def _table(text: str) -> dict[str, str]:
    table: dict[str, str] = {}
    for pair in text.replace("\n", ";").split(";"):
        if pair.strip():
            name, concept = pair.split()
            table[name] = concept
    return table


SALESFORCE_NAMES = {name.lower(): concept for name, concept in _table(SALESFORCE).items()}
FRESHSALES_NAMES = {kind: _table(text) for kind, text in FRESHSALES.items()}
QONTAK_NAMES = {kind: _table(QONTAK_EVERYWHERE + ";" + text) for kind, text in QONTAK.items()}


def known_source_concept(system: str, kind: str, name: str) -> str | None:
    """Return the concept of a built-in field of the source system, where the name settles it."""
    return QONTAK_NAMES[kind].get(name) if "qontak" in system.lower() else None


def known_dest_concept(system: str, kind: str, name: str) -> str | None:
    """Return the concept of a standard destination field; "system" is never a target."""
    system = system.lower()
    if "salesforce" in system:
        concept = SALESFORCE_NAMES.get(name.lower())
        return {("ticket", "status"): "status", ("contact", "status"): "contact_status"}.get(
            (kind, concept or ""), concept
        )
    return FRESHSALES_NAMES[kind].get(name) if "fresh" in system else None
