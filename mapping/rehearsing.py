"""The test person of a rehearsal: reviews a draft as proposed, settles what stands in the way."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from mapping import services
from mapping.blockers import blockers
from mapping.errors import Blocker, DecisionRefused
from mapping.models import FieldLine, MapVersion

ROUNDS = 5
"""Settling one blocker can bring up another; a draft that is not settled after these is not."""


def review_as_proposed(version: MapVersion, actor: AbstractBaseUser) -> list[Blocker]:
    """Accept every proposal, then give way line by line; return the blockers that are left.

    Where two lines want one destination field the surer one keeps it, the other gets a field of
    its own; the same for a line whose values or length do not fit.
    """
    services.lines_accept_all(version=version, actor=actor, min_confidence=0)
    left = blockers(version)
    for _ in range(ROUNDS):
        lines = _lines_to_change(left)
        if not lines:
            break
        for line in lines:
            _give_way(line, actor)
        left = blockers(version)
    return left


def _lines_to_change(found: list[Blocker]) -> list[FieldLine]:
    ids = {blocker.line for blocker in found if blocker.line is not None}
    changing = FieldLine.objects.filter(pk__in=ids).prefetch_related("draft")
    lines = {line.pk: line for line in changing}
    keepers = _keepers(found, lines)
    return [
        lines[blocker.line]
        for blocker in _once_a_line(found)
        if blocker.line in lines and blocker.line not in keepers
    ]


def _keepers(found: list[Blocker], lines: dict[int, FieldLine]) -> set[int]:
    """The surest line of each shared destination field."""
    best: dict[Any, FieldLine] = {}
    for blocker in found:
        if blocker.code == "target_shared" and blocker.line in lines:
            line = lines[blocker.line]
            place = (line.draft_id, line.outcome["target"].casefold())
            if place not in best or line.confidence > best[place].confidence:
                best[place] = line
    return {line.pk for line in best.values()}


def _once_a_line(found: list[Blocker]) -> list[Blocker]:
    seen: dict[int, Blocker] = {}
    for blocker in found:
        if blocker.line is not None:
            seen.setdefault(blocker.line, blocker)
    return list(seen.values())


def _give_way(line: FieldLine, actor: AbstractBaseUser) -> None:
    try:
        if line.outcome["action"] == "custom":
            raise DecisionRefused("its own field does not fit either")
        services.line_change(line=line, actor=actor, revision=line.revision, action="custom")
    except DecisionRefused:
        services.line_skip(
            line=line, actor=actor, revision=line.revision, reason="Nothing that fits."
        )
