"""What a rule may do. Each step may change the row it is given or raise RowProblem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rows import Row

if TYPE_CHECKING:
    from ..org import Org


class Rule:
    """`given` is the row as it came, with defaults, before the rule filled anything in."""

    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        """Check and complete a new row; it has no id yet."""

    def after_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        """Make companion rows; `row` is stored and must not be changed."""

    def before_update(self, org: Org, old: Row, new: Row, changes: Row, user_id: str) -> None:
        """Check and complete `new`, which becomes the row."""

    def after_update(self, org: Org, old: Row, new: Row, user_id: str) -> None:
        """Follow-ups in other rows."""

    def before_delete(self, org: Org, row: Row) -> None:
        """Refuse a deletion."""

    def after_delete(self, org: Org, row: Row) -> None:
        """Follow-ups in other rows."""
