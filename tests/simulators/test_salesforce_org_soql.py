"""SOQL of the practice org, judged against plain Python over the same rows."""

import time
from datetime import UTC, datetime

import pytest

from qontakmig.simulators.salesforce.org import Org, OrgError

NOW = datetime(2026, 5, 20, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def org():
    org = Org(sandbox=True, clock=lambda: NOW)
    user = org.user_id
    names = ["Budi's", "50% off", "a_b", "axb", "Édith", "MAJU"]
    accounts = org.save("insert", "Account", [{"Name": n} for n in names], user)
    contacts = [
        {"LastName": f"L{n}", "FirstName": None if n % 3 else "Siti", "Email": f"c{n}@x.example",
         "AccountId": accounts[n % 6].id if n % 4 else None, "Birthdate": f"1990-01-{n + 1:02d}"}
        for n in range(20)
    ]  # fmt: skip
    org.save("insert", "Contact", contacts, user)
    deals = [
        {"Name": f"D{n}", "StageName": ["Prospecting", "Closed Won"][n % 2], "Amount": n * 10,
         "CloseDate": f"2026-0{n % 6 + 1}-15", "AccountId": accounts[n % 2].id}
        for n in range(12)
    ]  # fmt: skip
    org.save("insert", "Opportunity", deals, user)
    return org


def names(org, soql, field="Name"):
    return [r[field] for r in org.query(soql, org.user_id).records]


SELECTED = [
    ("Account", r"Name = 'budi\'s'", ["Budi's"]),
    ("Account", "Name LIKE 'a_b'", ["a_b", "axb"]),
    ("Account", r"Name LIKE 'a\_b'", ["a_b"]),
    ("Account", r"Name LIKE '50\%%'", ["50% off"]),
    ("Account", "Name IN ('MAJU', 'nothing', 'axb')", ["axb", "MAJU"]),
    ("Account", "Name NOT IN ('MAJU', 'axb', 'a_b', '50% off')", ["Budi's", "Édith"]),
    ("Account", "NOT (Name = 'MAJU' OR Name LIKE 'a%')", ["Budi's", "50% off", "Édith"]),
    ("Account", "Name != null AND (Name = 'MAJU' OR Name = 'axb')", ["axb", "MAJU"]),
    ("Opportunity", "Amount >= 100", ["D10", "D11"]),
    ("Opportunity", "Amount < 20 AND IsWon = true", ["D1"]),
    ("Opportunity", "CloseDate = 2026-01-15", ["D0", "D6"]),
    ("Opportunity", "CloseDate = THIS_MONTH", ["D4", "D10"]),
    ("Opportunity", "CloseDate = LAST_N_MONTHS:1", ["D3", "D9"]),
    ("Opportunity", "CloseDate = LAST_N_DAYS:5", ["D4", "D10"]),
    ("Opportunity", "CloseDate > TODAY", ["D5", "D11"]),
    ("Opportunity", "Account.Name LIKE '50%' AND Amount > 90", ["D11"]),
    ("Opportunity", "CreatedDate = TODAY AND Amount = 0", ["D0"]),
    ("Opportunity", "CreatedDate > 2026-05-20T10:00:00Z", []),
    ("Opportunity", "CreatedDate >= 2026-05-20T17:00:00+07:00 AND Amount = 0", ["D0"]),
    ("Account", "Id IN (SELECT AccountId FROM Opportunity WHERE Amount > 100)", ["50% off"]),
    ("Account", "Id NOT IN (SELECT AccountId FROM Contact)", []),
]


@pytest.mark.parametrize(("sobject", "where", "expected"), SELECTED)
def test_a_condition_selects_the_rows_it_describes(org, sobject, where, expected):
    assert sorted(names(org, f"SELECT Name FROM {sobject} WHERE {where}")) == sorted(expected)


def test_order_limit_and_offset_walk_through_all_rows(org):
    every = names(org, "SELECT LastName FROM Contact ORDER BY LastName DESC", "LastName")
    assert every == sorted((f"L{n}" for n in range(20)), reverse=True)
    soql = "SELECT LastName FROM Contact ORDER BY LastName DESC LIMIT 5 OFFSET 10"
    assert names(org, soql, "LastName") == every[10:15]
    firsts = names(org, "SELECT FirstName FROM Contact ORDER BY FirstName NULLS LAST", "FirstName")
    assert firsts == ["Siti"] * 7 + [None] * 13


def test_aggregates_group_and_name_their_columns(org):
    soql = (
        "SELECT IsWon, COUNT(Id) deals, SUM(Amount), MAX(CloseDate) FROM Opportunity "
        "GROUP BY IsWon HAVING COUNT(Id) > 1 ORDER BY IsWon"
    )
    lost, won = org.query(soql, org.user_id).records
    assert (lost["deals"], lost["expr0"], lost["expr1"]) == (6, 300.0, "2026-05-15")
    assert (won["IsWon"], won["expr0"]) == (True, 360.0)
    assert won["attributes"] == {"type": "AggregateResult"}
    result = org.query("SELECT COUNT() FROM Opportunity", org.user_id)
    assert (result.total, result.records) == (12, [])


def test_parents_nest_and_empty_children_are_null(org):
    soql = (
        "SELECT Name, Owner.Name, (SELECT Name FROM Opportunities WHERE Amount > 100) "
        "FROM Account WHERE Name IN ('50% off', 'MAJU') ORDER BY Name"
    )
    first, second = org.query(soql, org.user_id).records
    assert first["Owner"]["attributes"]["type"] == "User"
    assert [r["Name"] for r in first["Opportunities"]["records"]] == ["D11"]
    assert second["Opportunities"] is None
    orphan = org.query("SELECT Account.Name FROM Contact WHERE AccountId = null", org.user_id)
    assert orphan.records[0]["Account"] is None


def test_bulk_rows_have_dotted_parent_columns(org):
    soql = "SELECT Id, Name, Account.Name, IsWon, Amount FROM Opportunity WHERE Name = 'D1'"
    header, rows = org.query_csv_rows(soql, org.user_id)
    assert header == ["Id", "Name", "Account.Name", "IsWon", "Amount"]
    assert [row[1:] for row in rows] == [["D1", "50% off", "true", "10.0"]]


REFUSED = [
    ("SELECT Id FROM Accout", "INVALID_TYPE", "sObject type 'Accout' is not supported"),
    ("SELECT Shoe FROM Account", "INVALID_FIELD", "No such column 'Shoe' on sobject of type Acc"),
    ("SELECT IsPersonAccount FROM Account LIMIT 1", "INVALID_FIELD", "'IsPersonAccount'"),
    ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string"),
    ("SELECT Id FROM Account WHERE CreatedDate > '2020'", "INVALID_FIELD", "not be enclosed"),
    ("SELECT Id FROM Account WHERE Name = 'x' OR Name = 'y' AND Name = 'z'",
     "MALFORMED_QUERY", "unexpected token: 'AND'"),
    ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ("SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "single quote"),
    ("SELECT FROM Account", "MALFORMED_QUERY", "ERROR at Row:1:Column:"),
    ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY", "unexpected token: 'x'"),
    ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ("SELECT Id FROM Account WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR",
     "invalid ID field: nonsense"),
    ("SELECT Id FROM ContentDocumentLink", "MALFORMED_QUERY", "Implementation restriction"),
    ("", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
]  # fmt: skip


@pytest.mark.parametrize(("soql", "code", "words"), REFUSED)
def test_a_bad_query_is_refused_with_its_place(org, soql, code, words):
    with pytest.raises(OrgError) as refused:
        org.query(soql, org.user_id)
    assert refused.value.code == code
    assert refused.value.status == 400
    assert words in refused.value.message


def test_a_caret_stands_under_the_word_at_fault(org):
    with pytest.raises(OrgError) as refused:
        org.query("SELECT Name,BillingCity,IsDeleted FROM Accout", org.user_id)
    _, text, caret, place, _ = refused.value.message.split("\n")
    assert text[caret.index("^") :].startswith("Accout")
    assert place == "ERROR at Row:1:Column:40"


def test_a_list_of_five_hundred_keys_answers_in_milliseconds():
    org = Org(sandbox=True)
    rows = [[f"L{n}", f"c{n}@x.example"] for n in range(20_000)]
    org.save_csv("insert", "Contact", ["LastName", "Email"], rows, org.user_id)
    keys = ",".join(f"'C{n * 37}@x.example'" for n in range(500))
    soql = f"SELECT Id, Email FROM Contact WHERE Email IN ({keys})"
    org.query(soql, org.user_id)  # the index is made by the first question
    start = time.process_time()
    found = org.query(soql, org.user_id)
    assert time.process_time() - start < 0.1
    assert found.total == 500


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Account WHERE " + "(" * 3000 + "Name = 'x'" + ")" * 3000,
        "SELECT Id FROM Account WHERE " + "NOT " * 3000 + "Name = 'x'",
        "SELECT Id, " + "(SELECT Id, " * 500 + "Id FROM Contacts",
    ],
)
def test_deep_nesting_is_refused_not_a_crash(org, soql):
    with pytest.raises(OrgError, match="nested too deeply"):
        org.query(soql, org.user_id)


def test_a_pattern_full_of_percent_signs_is_quick():
    org = Org(sandbox=True)
    org.save("insert", "Account", [{"Name": "a" * 250}], org.user_id)
    start = time.process_time()
    assert (
        org.query(f"SELECT Id FROM Account WHERE Name LIKE '{'%a' * 100}b'", org.user_id).total == 0
    )
    assert (
        org.query(f"SELECT Id FROM Account WHERE Name LIKE '{'%a' * 100}'", org.user_id).total == 1
    )
    assert time.process_time() - start < 1
