"""Reading a list that moves: nothing that exists throughout is missed."""

import random

import pytest

from qontakmig.connectors.errors import RejectedError
from qontakmig.connectors.qontak.paging import RawPage, read


class Shelf:
    """A list in Qontak's order (newest change first), with people working on it."""

    def __init__(self, count, *, clamp=100, order="updated_at", pages_lie=False):
        self.rows = {n: {"id": n, "updated_at": n, "created_at": n} for n in range(count)}
        self.now = count
        self.clamp, self.order, self.pages_lie = clamp, order, pages_lie
        self.asked = 0

    def fetch(self, page, per_page):
        self.asked += 1
        size = min(per_page, self.clamp)
        rows = sorted(self.rows.values(), key=lambda r: (r[self.order], r["id"]), reverse=True)
        counted = per_page if self.pages_lie else size
        shown = [
            {**r, "updated_at": stamp(r["updated_at"]), "created_at": stamp(r["created_at"])}
            for r in rows[(page - 1) * size : page * size]
        ]
        return RawPage(shown, -(-len(rows) // counted), len(rows))

    def edit(self, record_id):
        self.now += 1
        self.rows[record_id]["updated_at"] = self.now

    def create(self):
        self.now += 1
        self.rows[self.now] = {"id": self.now, "updated_at": self.now, "created_at": self.now}


def stamp(seconds):
    return f"2024-01-01T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000+07:00"


def read_all(shelf, between=lambda: None):
    found, cursor = {}, None
    while True:
        rows, cursor, _ = read(shelf.fetch, cursor)
        found.update((row["id"], row) for row in rows)
        if cursor is None:
            return found
        between()


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
@pytest.mark.parametrize("clamp", [25, 50, 100])
@pytest.mark.parametrize("pages_lie", [False, True])
def test_all_records_are_read_whatever_the_page_size_becomes(count, clamp, pages_lie):
    shelf = Shelf(count, clamp=clamp, pages_lie=pages_lie)

    assert set(read_all(shelf)) == set(range(count))
    assert shelf.asked <= -(-count // clamp) + 2


@pytest.mark.parametrize("order", ["updated_at", "created_at"])
@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_missed_while_people_edit_create_and_delete(seed, order):
    shelf, chance = Shelf(700, order=order), random.Random(seed)

    def work():
        for _ in range(chance.randrange(4)):
            kind = chance.choice(("edit", "create", "delete"))
            if kind == "create":
                shelf.create()
            elif kind == "edit":
                shelf.edit(chance.choice(list(shelf.rows)))
            else:
                del shelf.rows[chance.choice(list(shelf.rows))]

    found = read_all(shelf, work)

    created_late = {n for n in shelf.rows if n >= 700}
    assert set(shelf.rows) - created_late <= set(found)


def test_a_record_edited_while_reading_comes_with_its_new_content():
    shelf = Shelf(500)
    edits = iter([3, 250])

    def work():
        for record_id in edits:
            shelf.edit(record_id)
            return

    found = read_all(shelf, work)

    assert found[3]["updated_at"] == stamp(501)
    assert found[250]["updated_at"] == stamp(502)


def test_a_smaller_page_is_asked_for_when_100_is_refused():
    shelf = Shelf(120)

    def fetch(page, per_page):
        if per_page > 50:
            raise RejectedError("per_page", system="qontak")
        return shelf.fetch(page, per_page)

    found, cursor = set(), None
    while True:
        rows, cursor, _ = read(fetch, cursor)
        found |= {row["id"] for row in rows}
        if cursor is None:
            break
    assert len(found) == 120


@pytest.mark.parametrize("cursor", ["{", "[]", "3", '{"unknown": 1}'])
def test_a_foreign_cursor_is_refused_with_a_code(cursor):
    with pytest.raises(RejectedError) as caught:
        read(Shelf(3).fetch, cursor)

    assert caught.value.code == "cursor_unreadable"
