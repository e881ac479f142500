"""The Salesforce practice org itself: schema, rows, rules, SOQL and metadata, without HTTP."""

from .errors import OrgError, RowError, SaveResult
from .org import Org
from .soql.result import QueryResult

__all__ = ["Org", "OrgError", "QueryResult", "RowError", "SaveResult"]
