"""Errors of the practice org, worded as Salesforce words them."""

from __future__ import annotations

from dataclasses import dataclass, field

SECURITY = (
    "Please check the security settings of this field and verify that it is read/write for "
    "your profile or permission set."
)
ROLLED_BACK = (
    "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header"
)
NO_RESOURCE = "The requested resource does not exist"


@dataclass(slots=True)
class RowError:
    """One reason why one row was refused."""

    code: str
    message: str
    fields: list[str] = field(default_factory=list)

    def csv(self) -> str:
        """The `sf__Error` text of Bulk API 2.0: `CODE:message:Field,Field --`."""
        return f"{self.code}:{self.message}:{','.join(self.fields)} --"


@dataclass(slots=True)
class SaveResult:
    """What became of one row; a refused row has no id."""

    id: str | None = None
    success: bool = False
    created: bool = False
    errors: list[RowError] = field(default_factory=list)


class OrgError(Exception):
    """A whole request is refused: HTTP status, Salesforce error code and message."""

    def __init__(self, status: int, code: str, message: str, fields: list[str] | None = None):
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields


class RowProblem(Exception):
    """Raised inside a check; ends the row with one error."""

    def __init__(self, code: str, message: str, *fields: str):
        super().__init__(message)
        self.error = RowError(code, message, list(fields))


def no_such_object() -> OrgError:
    return OrgError(404, "NOT_FOUND", NO_RESOURCE)


def no_such_column(name: str, sobject: str) -> OrgError:
    """Same wording whether the field does not exist or is hidden by field-level security."""
    return OrgError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")


def not_writable(names: list[str]) -> RowError:
    text = f"Unable to create/update fields: {', '.join(names)}. {SECURITY}"
    return RowError("INVALID_FIELD_FOR_INSERT_UPDATE", text, list(names))


def required_missing(names: list[str]) -> RowError:
    text = f"Required fields are missing: [{', '.join(names)}]"
    return RowError("REQUIRED_FIELD_MISSING", text, list(names))
