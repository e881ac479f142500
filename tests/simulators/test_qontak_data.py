import resource
from collections import Counter, defaultdict
from datetime import datetime
from itertools import islice

import pytest

from qontakmig.simulators.qontak import people
from qontakmig.simulators.qontak.org import QontakOrg
from qontakmig.simulators.qontak.rows import KINDS
from qontakmig.simulators.qontak.timeline import Timeline, milliseconds


def _org(seed=7, dirt="0.01", **sizes):
    sizes = sizes or {"contacts": 3000, "companies": 800, "deals": 900}
    return QontakOrg(seed=seed, sizes=sizes, switches={"dirt": dirt})


@pytest.fixture(scope="module")
def dump():
    return _org().dump()


def test_the_same_seed_gives_the_same_account_and_another_seed_another():
    sizes = {"contacts": 50, "companies": 20, "deals": 20}

    assert _org(3, **sizes).dump() == _org(3, **sizes).dump()
    assert _org(3, **sizes).dump()["contacts"] != _org(4, **sizes).dump()["contacts"]
    assert _org(3).credentials() != _org(4).credentials()


@pytest.mark.parametrize("seed", [0, -5, 2**80])
def test_any_whole_number_is_a_seed(seed):
    sizes = {"contacts": 40, "companies": 9, "deals": 12}

    assert _org(seed, **sizes).stats() == _org(1, **sizes).stats()
    assert len(_org(seed, **sizes).dump()["contacts"]) == 40


@pytest.mark.parametrize(
    "sizes",
    [(0, 0, 0), (1, 1, 1), (1, 0, 3), (0, 5, 5), (4, 1, 0), (7, 3, 2), (151, 2, 301)],
)
def test_any_size_holds_that_many_records_in_order(sizes):
    org = _org(**dict(zip(KINDS, sizes, strict=True)))

    content = org.dump()

    for kind, size in zip(KINDS, sizes, strict=True):
        rows = list(content[kind].values())
        assert len(rows) == size
        keys = [(row["updated_at"], row["id"]) for row in rows]
        assert keys == sorted(keys, reverse=True)
        assert all(row["created_at"] <= row["updated_at"] for row in rows)


@pytest.mark.parametrize("count", [1, 149, 150, 151, 2048, 5000, 30_011])
def test_ids_and_times_follow_the_timeline(count):
    timeline = Timeline(112, 500, count)
    places = range(count)

    slots = [timeline.swap(place) for place in places]
    assert sorted(slots) == list(places)
    assert [timeline.swap(slot) for slot in slots] == list(places)
    keys = [(timeline.updated_ms(slot), timeline.id_of(slot)) for slot in slots]
    assert keys == sorted(keys)
    assert all(timeline.created_ms(slot) <= timeline.updated_ms(slot) for slot in slots)
    assert [timeline.slot_of(timeline.id_of(slot)) for slot in slots] == slots
    assert (slots != list(places)) == (count >= 2048)


def test_bulk_imports_share_one_moment_over_more_than_a_page(dump):
    for kind in KINDS:
        assert max(Counter(r["updated_at"] for r in dump[kind].values()).values()) == 150


def test_users_are_24_with_addresses_of_their_own():
    for seed in range(40):
        team = people.users(seed)
        assert len({user.email for user in team}) == len({user.id for user in team}) == 24
        assert [user.active for user in team].count(False) == 3


def _custom(dump, kind):
    found = defaultdict(list)
    for row in dump[kind].values():
        for entry in row["additional_fields"]:
            found[entry["id"]].append(entry)
    return found


def _options(org, kind):
    from qontakmig.simulators.qontak.templates import info

    return {
        item["id"]: {str(o["id"]) for o in item["dropdown"]}
        for item in info(kind, org.seed)
        if item["additional_field"] and item["dropdown"]
    }


def test_each_kind_of_emptiness_and_of_money_occurs(dump):
    deals, contacts = dump["deals"].values(), dump["contacts"].values()

    assert {str(row["crm_company_id"] and len(row["crm_company_id"])) for row in deals} == {
        "None", "[]", "1", "2"
    }  # fmt: skip
    assert {type(row["size"]) for row in deals} == {str, int, type(None)}
    assert any(float(row["size"] or 0) > 2**31 for row in deals)
    assert {"", " ", None} <= {row["last_name"] for row in contacts}
    assert {"", " ", None} <= {row["customer_id"] for row in contacts}
    assert any(row["first_name"] == "-" for row in contacts)
    assert any(row["first_name"].startswith("08") for row in contacts)
    assert any(row["crm_company_id"] is None for row in contacts)
    assert any(row["crm_stage_name"].endswith("(lama)") for row in deals)
    ancestries = {row["ancestry"] for row in dump["companies"].values()}
    assert any("/" in (one or "") for one in ancestries)


def test_phones_come_in_every_spelling(dump):
    phones = [row["telephone"] or "" for row in dump["contacts"].values()]

    for start in ("628", "08", "+62 8", "+628", "62-8", "(08", "(021)"):
        assert any(one.startswith(start) for one in phones), start
    for part in (" / ", "*****"):
        assert any(part in one for one in phones), part
    assert max(map(len, phones)) <= 40


def test_custom_values_hold_the_shapes_that_break_imports(dump):
    org, found = _org(), _custom(dump, "contacts")
    options = _options(org, "contacts")

    picked = {entry["value"] for entry in found[6069901]}
    assert {None, ""} < picked
    assert picked - options[6069901] - {None, ""} == {"5879050"}
    assert any(entry["value_name"] == [] for entry in found[6069905])
    assert any("," in (entry["value"] or "") for entry in found[6069905])
    assert sum(entry["value"] == "0.0" for entry in found[6069906]) > 1000
    texts = {entry["value"] for entry in found[6069908]}
    assert any(str(text).startswith("=") for text in texts)
    assert any("\n" in str(text) for text in texts)
    assert any("🌟" in str(text) for text in texts)
    assert {"long", "lat"} < set(found[6069912][0])
    assert {entry["name"] for entry in found[6069902] + found[6069911]} == {"service_type"}


def test_companies_and_contacts_occur_twice_in_other_spellings(dump):
    plain = Counter(
        " ".join(sorted(set(row["name"].lower().replace(".", " ").replace(",", " ").split())))
        for row in dump["companies"].values()
    )
    assert sum(count > 1 for count in plain.values()) >= 8
    emails = Counter(row["email"] for row in dump["contacts"].values() if row["email"])
    assert sum(count == 2 for count in emails.values()) >= 30


def test_dates_stand_at_midnight_in_jakarta(dump):
    days = [row["closed_date"] for row in dump["deals"].values() if row["closed_date"]]

    assert all(day.endswith("T00:00:00.000+07:00") for day in days)


def _misfits(dump):
    """Count records with a value that no other CRM would take."""
    count = 0
    for row in dump["contacts"].values():
        email, last = row["email"] or "", row["last_name"] or ""
        local, _, host = email.partition("@")
        bad_email = bool(email) and (not local or "." not in host or " " in email)
        dates = [e["value"] for e in row["additional_fields"] if e["id"] == 6069903 and e["value"]]
        bad_date = any(not _parsable(date) for date in dates)
        count += bad_email or bad_date or len(last) > 80
    return count


def _parsable(date):
    try:
        datetime.strptime(date, "%d/%m/%Y")
    except ValueError:
        return False
    return True


def test_dirt_is_a_share_and_can_be_off():
    sizes = {"contacts": 3000, "companies": 10, "deals": 10}

    assert _misfits(_org(dirt="0", **sizes).dump()) == 0
    assert 5 <= _misfits(_org(dirt="0.01", **sizes).dump()) <= 60
    assert _misfits(_org(dirt="1", **sizes).dump()) > 1000


def test_clean_values_keep_to_the_lengths_of_other_systems():
    clean = _org(dirt="0", contacts=4000, companies=1500, deals=1500).dump()
    limits = {"contacts": {"first_name": 40, "last_name": 80, "email": 80, "telephone": 40,
                           "city": 40, "zipcode": 20},
              "companies": {"name": 255, "website": 255, "telephone": 40},
              "deals": {"name": 120}}  # fmt: skip

    for kind, columns in limits.items():
        for column, limit in columns.items():
            longest = max(len(row[column] or "") for row in clean[kind].values())
            assert longest <= limit, (kind, column)


def test_a_million_contacts_take_no_memory():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    org = _org(contacts=1_000_000, companies=250_000, deals=300_000)

    shelf = org.content.shelves["contacts"]
    for offset in (0, 499_999, 999_900):
        rows = [org.content.read("contacts", i) for i in islice(shelf.ids(offset=offset), 100)]
        stamps = [milliseconds(row["updated_at"]) for row in rows]
        assert len(rows) == 100
        assert stamps == sorted(stamps, reverse=True)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_a_dump_that_would_not_fit_says_how_to_get_it():
    with pytest.raises(ValueError, match="use the action dump"):
        _org(contacts=300_000, companies=1, deals=1).dump()
