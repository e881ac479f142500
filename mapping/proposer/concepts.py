"""The concepts of a CRM and the canonical words that name them.

A concept is written as alternatives of canonical words (see glossary.py), order free; a
leading ``?`` marks wording that often, not always, means the concept. A line may be limited
to kinds of object: ``concept @contact,deal: alternative | alternative``. Address parts and
telephones are composed with their qualifiers below.
"""

from functools import cache

from .wordlist import entries

CONCEPTS = """
record_id: id | id record | id object | guid | uuid | id system | id internal
record_id @contact: id contact | id lead | contact number
record_id @company: id company | id account
record_id @deal: id deal | deal number | id lead
record_id @ticket: id ticket
name @company: name | name company | company | name account | account | name customer | name legal
    | customer
name @contact: name | name full | name contact | name customer | name lead
name @deal: name | title | name deal | title deal | deal | subject | subject deal | name title
name @task,product: name | title | subject | name task | name product | task
subject @ticket: name | title | subject | name ticket | title ticket | subject ticket | subject
    title | name subject
name.first: name first | first
name.last: name last
name.middle: name middle | middle
nickname: nickname
salutation: salutation | salutation title
suffix: suffix | suffix name
gender: gender | gender type
pronouns: pronouns | pronoun
birth_date: date birth | birth date day | birth
job_title: job_title | job_title name
job_title @contact: title | role job_title | occupation job_title | job_title work | job_title
    company | role
occupation: occupation
department: department | department name | department work
company @contact,deal,ticket,task,product: company | company name | account | account name |
    company customer | customer company | company work | id company | company associated |
    associated company | company related | id account | id customer company | name account company
company @deal,ticket,task: customer | customer name | name customer | end customer | customer
    account | id customer
contact @deal,ticket,task,company: contact | contact primary | name contact | contact owner |
    contact related | related contact | associated contact | contact lead | lead | id contact |
    contact customer | contact name first last
contact @ticket: reporter | reporter id
deal @contact,company,ticket,task: deal | associated deal | deal name
owner: owner | owner id | owner name | owner user | owner email | user | user id | owner lead |
    owner contact | owner company | owner account | owner deal | owner ticket | owner primary |
    owner customer
creator: creator | creator id | creator user | creator name
updater: updater | updater id
created_at: created | created date | created time | date created time | created date time
updated_at: updated | updated date | updated time | updated last | updated date last | updated
    last time | time | modstamp system
last_activity: activity last | activity last date | activity last time
next_activity: activity next | activity next date | activity next time
last_viewed: viewed last date | viewed last
last_referenced: referenced last date
stage_changed: stage updated | stage updated date | stage last changed date | last stage updated
    date
website @company,contact: website | url | website domain | url company | website company | company
    url
domain: domain | domain company
industry @company,contact,lead: industry | industry name | industry company
type @company: type | type company | type account | type customer | category | category customer |
    type lead | relation type | type relationship | relationship type | customer type category
type @deal: type sale | type | type deal | category deal | type customer | type amount | type
    sales | category | type owner | type business
type @ticket: type | type ticket | category | category ticket | type category | type problem |
    type complaint
type @contact: type contact | type customer
reason @ticket: reason | reason ticket | root reason | category reason | reason complaint |
    subcategory
employees: employees | employees number | employees count | contact count | company size | number
    employees company | employees total
revenue: revenue annual | revenue | revenue company | annual revenue company | annual income
    company | revenue estimated annual
income @contact: income | income annual | income month | income revenue | revenue annual avg |
    income avg annual
ownership: ownership | ownership company | ownership type
rating: rating | rating customer | rating company | rating lead | rating account
parent @company: ?group | ?grup | parent | parent company | parent id | parent name | parent
    account
parent @ticket: parent | parent ticket | parent id
manager @contact: manager | manager name | manager contact
account_number @company: customer code | customer number | number account | account number | code
    account | code company | customer id | number company | code
ticker: ticker
sic: sic
sic_desc: sic description
naics: naics
naics_desc: naics description
duns: duns | duns number | company duns
founded: founded | founded year | founded date
site: site | site company
tradestyle: tradestyle
description @company,contact,task,product: description | description customer | description
    company | description contact | description deal | description primary
description @deal: description | description deal | description customer | description project
description @ticket: description | description ticket | problem | description problem | complaint
    | description complaint | content
recent_note: description last
comments @ticket: description internal | internal | description description internal | description
    owner
amount @deal: amount | amount deal | amount expected | amount total | revenue expected total |
    revenue | price | price total | amount primary | revenue deal | price deal | count amount
base_amount: amount currency base | amount base
expected_revenue @deal: revenue expected | amount deal expected weighted | amount weighted |
    revenue weighted | amount forecast | forecast amount | expected revenue amount
quantity @deal: count | quantity | count product | count unit
currency: currency | currency deal | currency amount
probability @deal: probability | probability deal | percent probability
stage @deal: stage | stage deal | stage sales | stage name | stage id | ?status | ?status deal |
    stage pipeline | status stage | stage owner | owner stage
pipeline: pipeline | pipeline id | pipeline name | pipeline deal | pipeline ticket | record type |
    type record
close_date @deal: date close expected | close date | close expected | close expected date | date
    expected close deal | close | expected date | date close expected date | date expected revenue
    | deal date expected
closed_at @deal: closed date | closed | date close actual | close actual | close date actual |
    date won | closed time | won time | date resolved | resolved | close actual date end | date
    deal
forecast_category: forecast category | forecast stage | forecast
lost_reason: reason lost | reason closed lost | reason lost deal | reason close lost | lost reason
    closed
lost_reason @deal: reason
is_closed: closed is | is close | is closed deal | closed flag
is_won: won | won is | closed won is | close won is | closed won
next_step: step next | step next deal
campaign: campaign | campaign id | campaign source | campaign primary
campaign.first: campaign first
campaign.last: campaign last
medium: medium
medium.first: medium first
medium.last: medium last
source.first: source first
source.last: source last
keyword: keyword
lead_source @contact,company,deal: source | source lead | source deal | source contact | source
    account | source company | source customer | channel | channel source | referral source |
    source data | source name | source channel | lead channel
channel @ticket: channel | source | source ticket | origin | channel ticket | origin ticket |
    source channel
source @task: source
contact_status @contact: status | status contact | status lead | status customer | stage | stage
    contact | stage lead | status description status
status @company: status | status company | status account | status customer | status lead
status @ticket: status | stage | status ticket | stage ticket
status @task: status | status task
lifecycle: lifecycle | lifecycle stage
priority: priority | priority deal | priority ticket | priority lead | priority task
due_date @ticket,task: due | due date | due time | due date time | expected date | date sla due
sla_start: entitlement process start time
sla_end: entitlement process end time | sla due | sla date
closed_at @ticket: resolved | closed | closed date | resolved date | resolved time | closed time |
    date resolved time
ticket_number @ticket: number ticket | ticket number | number | number id | code ticket
reporter.name @ticket: name reporter | ?reporter
reporter.email @ticket: email reporter | email
reporter.phone @ticket: phone reporter | mobile reporter | whatsapp reporter | phone | mobile
reporter.company @ticket: company reporter
contact.email @ticket,deal: contact email
contact.phone @ticket,deal: contact phone
contact.mobile @ticket,deal: contact mobile
escalated: escalated | escalated is
satisfaction: satisfaction | satisfaction score | satisfaction rating
asset: serial | serial product | id serial
product @ticket: product | product name | product id
products @deal: product | product name | product id | product related
product_single @deal: product primary
payment_status: payment status | status payment deal
territory: territory | territory id | territory name
team_users: user related | team | team user | collaborator
contract @deal: contract
contract_service: service contract
pricebook: price book | pricebook
quote: quote | synced quote
entitlement: entitlement
business_hours: business hour
age: age day | age deal
rotten: rotten day
fiscal: fiscal | fiscal period
score @contact,company,deal: score | score lead | score deal
email: email | email primary | email contact | email work | email company | email customer
email.second: email second | email other | email 2 | email home | email personal
email_opt_out: opt_out email | opt_out | opt_out email promo | email opt_out promo | opt_out email
    marketing | opt_out newsletter | opt_out promo
fax_opt_out: opt_out fax
do_not_call: do_not_call
do_not_contact: do_not_contact
decision: decision | decision is
subscription_status: subscription status
subscription_types: subscription type
sms_subscription: sms subscription status
whatsapp_subscription: whatsapp subscription status
unsubscribe_reason: opt_out reason | unsubscription reason
email_bounced: email bounced | bounced email date | bounced email reason
linkedin: linkedin | linkedin account | linkedin url | linkedin user name | linkedin profile |
    linkedin id
facebook: facebook | facebook account | facebook url | facebook user name | facebook page |
    facebook id
twitter: twitter | twitter account | twitter url | twitter user name | twitter id
instagram: instagram | instagram account | instagram url | instagram user name
external_id: external_id | external_id contact | user id external | customer external id
tags: tag | tag name | tag list | tag contact | tag deal
timezone: timezone
language: language
photo: photo | photo url
assistant.name: assistant | assistant name
assistant.phone: assistant phone | assistant mobile
private: private | private is
tax_id: tax | tax id | tax number | tax company | tax code | tax private | tax customer
national_id: national_id | national_id number | photo national_id | file national_id
business_reg: business_reg | business_reg number
bank_account: bank | bank number | bank name | bank account name
hobby: hobby
religion: religion
marital: marital
budget: budget | budget range
competitor: competitor | competitor primary
credit_limit: credit limit | limit credit
payment_terms: term payment | payment term | term | payment method
warranty: warranty | warranty is | warranty status
customer_id: id customer | customer id | customer number | customer code
gps: gps | location gps
district: district | district name
start_date: start date | start
end_date: end date | end
expiry: expired date | expired
medium_contacted: contacted last mode | activity last type | last contacted mode
slug: slug
upload_id: file id
unique_id: id unique lead | unique id | id unique company | id unique deal | unique id customer |
    hub account unique | id unique ticket
visible_to: visible | visible to
deleted_at: deleted | deleted is | deleted time | deleted date
merged: merged | merged id | master id
open_deals: deal count | deal open count | open deal | associated deal number | won deal count |
    activity count | note count | count email | number associated deal
"""

ADDRESS_PARTS = ("street", "street2", "city", "state", "postcode", "country")
GEO_PARTS = ("latitude", "longitude")
ADDRESS_QUALIFIERS = ("billing", "shipping", "mailing", "other", "home", "work", "second")

PHONES = {
    "phone": ("phone", "phone number", "phone primary", "phone customer", "phone contact"),
    "phone.mobile": ("mobile", "mobile number", "mobile primary", "phone mobile", "mobile work"),
    "phone.whatsapp": ("whatsapp", "whatsapp number", "whatsapp phone", "whatsapp mobile"),
    "phone.work": ("phone work", "work", "work number", "phone work number", "phone company"),
    "phone.home": ("phone home", "phone home number"),
    "phone.other": ("phone other", "phone other number", "mobile other"),
    "phone.second": (
        *("phone second", "mobile second", "phone 2", "mobile 2", "whatsapp 2", "phone 3"),
        *("phone number 2", "mobile number 2", "whatsapp second", "phone home mobile"),
    ),
    "fax": ("fax", "fax number", "fax work", "phone fax"),
    "fax.other": ("fax home", "fax other"),
}

SKIPPED = frozenset(
    {"slug", "upload_id", "unique_id", "visible_to", "deleted_at", "merged", "open_deals"}
    | {"last_viewed", "last_referenced", "updated_at", "is_closed", "is_won", "age", "rotten"}
    | {"other_end", "stage_changed", "next_activity", "last_activity", "updater", "fiscal"}
)
"""Concepts that only the source system needs: without a counterpart they are left behind."""


OFTEN = 0.85
"""Strength of wording marked with ``?``."""

Alternatives = dict[frozenset[str], float]


@cache
def alternatives(kind: str) -> dict[str, Alternatives]:
    """Return {concept: {set of canonical words: strength}} that hold for ``kind``."""
    found: dict[str, Alternatives] = {}
    for head, body in entries(CONCEPTS):
        concept, _, kinds = head.partition("@")
        if not kinds or kind in kinds.strip().split(","):
            for words in body.split("|"):
                strength = OFTEN if words.strip().startswith("?") else 1.0
                key = frozenset(words.replace("?", "").split())
                found.setdefault(concept.strip(), {}).setdefault(key, strength)
    for part in ADDRESS_PARTS + GEO_PARTS:
        extra = frozenset({"street"}) if part != "street" else frozenset()
        found[part] = dict.fromkeys((frozenset({part}), frozenset({part}) | extra), 1.0)
        for qualifier in ADDRESS_QUALIFIERS:
            both = frozenset({part, qualifier})
            found[f"{part}.{qualifier}"] = dict.fromkeys((both, both | extra), 1.0)
    for concept, phrases in PHONES.items():
        if kind != "ticket" or concept not in ("phone", "phone.mobile"):
            found[concept] = dict.fromkeys((frozenset(words.split()) for words in phrases), 1.0)
    return found
