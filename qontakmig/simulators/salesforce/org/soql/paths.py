"""Field paths of a query, resolved once into a function from a row to a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import OrgError
from ..fields import Field
from ..rows import Row
from .lexer import place
from .tree import Path

if TYPE_CHECKING:
    from ..org import Org
    from ..schema import SObject

Getter = Callable[[Row], Any]
DEEPEST = 5


@dataclass(slots=True)
class Resolved:
    """`links` lead from the row to the parent that holds `field`."""

    field: Field
    get: Getter
    links: list[Field]
    names: list[str]  # relationship names as describe spells them, then the field's name
    owner: SObject


class Paths:
    """Resolves the paths of one query for one user."""

    def __init__(self, org: Org, sobject: SObject, user_id: str, text: str, alias: str | None):
        self.org = org
        self.sobject = sobject
        self.user_id = user_id
        self.text = text
        self.own = {sobject.name.lower()} | ({alias.lower()} if alias else set())

    def _field(self, sobject: SObject, name: str, path: Path) -> Field:
        field = sobject.field(name)
        if field is None or not self.org.access.readable(self.user_id, sobject, field):
            text = (
                f"No such column '{name}' on sobject of type {sobject.name}. If you are "
                "attempting to use a custom field, be sure to append the '__c' after the custom "
                "field name. "
                "Please reference your WSDL or the describe call for the appropriate names."
            )
            raise OrgError(400, "INVALID_FIELD", place(self.text, path.at) + text)
        return field

    def resolve(self, path: Path) -> Resolved:
        parts = path.parts
        if len(parts) > 1 and parts[0].lower() in self.own:
            parts = parts[1:]
        if len(parts) > DEEPEST + 1:
            raise OrgError(400, "MALFORMED_QUERY", place(self.text, path.at) + "too many levels")
        sobject = self.sobject
        links: list[Field] = []
        for relationship in parts[:-1]:
            link = sobject.relationships.get(relationship.lower())
            if link is None or not self.org.access.readable(self.user_id, sobject, link):
                text = (
                    f"Didn't understand relationship '{relationship}' in field path. If you are "
                    "attempting to use a custom relationship, be sure to append the '__r' after "
                    "the custom relationship name. Please reference your WSDL or the describe "
                    "call for the appropriate names."
                )
                raise OrgError(400, "INVALID_FIELD", place(self.text, path.at) + text)
            links.append(link)
            sobject = self._parent(link, parts[-1], path)
        if parts[-1].lower() == "type" and links and len(links[-1].reference_to) > 1:
            field = Field({**self.sobject.fields["id"].about, "name": "Type", "type": "string"})
        else:
            field = self._field(sobject, parts[-1], path)
        names = [link.relationship or "" for link in links] + [field.name]
        return Resolved(field, self._getter(links, field), links, names, sobject)

    def _parent(self, link: Field, name: str, path: Path) -> SObject:
        """The object a lookup leads to; of several, the first that has the field asked for."""
        targets = [s for s in map(self.org.schema.get, link.reference_to) if s]
        if not targets:
            text = f"Didn't understand relationship '{link.relationship}' in field path."
            raise OrgError(400, "INVALID_FIELD", place(self.text, path.at) + text)
        return next((t for t in targets if t.field(name)), targets[0])

    def _getter(self, links: list[Field], field: Field) -> Getter:
        name = field.name
        blank: Any = False if field.type == "boolean" else None
        parents = self.org.parent

        if field.type == "address":
            from ..describing import address

            prefix = name.removesuffix("Address")
            own: Getter = lambda row: address(row, prefix)  # noqa: E731
        elif name == "Type" and links and len(links[-1].reference_to) > 1:
            own = lambda row: self.org.schema.by_prefix[row["Id"][:3]].name  # noqa: E731
        elif blank is False:
            own = lambda row: row.get(name, False)  # noqa: E731
        else:
            own = lambda row: row.get(name)  # noqa: E731
        if not links:
            return own
        steps = [link.name for link in links]

        def get(row: Row) -> Any:
            for step in steps:
                found = parents(row.get(step))
                if found is None:
                    return None
                row = found
            return own(row)

        return get
