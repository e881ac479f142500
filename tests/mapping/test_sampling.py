"""Samples are read from the first pages, once each, and no more than asked for."""

from mapping.sampling import samples_read
from qontakmig.connectors.base import SourcePage, SourceRecord


class Account:
    """Three pages of two contacts that overlap, as they do while people work."""

    pages = {None: ("12", "b"), "b": ("23", "c"), "c": ("45", None)}

    def __init__(self):
        self.asked = []

    def objects(self):
        return ["users", "contacts"]

    def read_page(self, name, cursor=None):
        self.asked.append(cursor)
        ids, following = self.pages[cursor]
        return SourcePage([SourceRecord(name, i, {}) for i in ids], following)


def test_overlapping_pages_give_each_record_once():
    account = Account()

    found = samples_read(account, ("contacts", "deals"))

    assert [record.id for record in found["contacts"]] == ["1", "2", "3", "4", "5"]
    assert found["deals"] == []


def test_reading_stops_when_there_are_enough():
    account = Account()

    found = samples_read(account, ("contacts",), most=2)

    assert len(found["contacts"]) == 2
    assert account.asked == [None]
