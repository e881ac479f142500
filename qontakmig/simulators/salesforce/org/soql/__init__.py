"""SOQL: text to a tree (`parse`), a tree to rows (`run`), a condition to a check (`condition`)."""

from .evaluation import condition, run
from .parser import parse

__all__ = ["condition", "parse", "run"]
