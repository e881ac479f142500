"""SOQL text to tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import OrgError

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<datetime>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))
  | (?P<date>\d{4}-\d{2}-\d{2}(?![\dT]))
  | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<operator><=|>=|!=|<>|[=<>(),:])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass(slots=True, frozen=True)
class Token:
    """`kind` is datetime, date, number, string, name, operator or end; `at` counts from 0."""

    kind: str
    text: str
    at: int


def place(soql: str, at: int) -> str:
    """The caret lines Salesforce puts before a query error."""
    before = soql[max(0, at - 30) : at].replace("\n", " ")
    shown = before + soql[at : at + 30].replace("\n", " ")
    row = soql.count("\n", 0, at) + 1
    column = at - (soql.rfind("\n", 0, at) + 1) + 1
    return f"\n{shown}\n{' ' * len(before)}^\nERROR at Row:{row}:Column:{column}\n"


def malformed(soql: str, at: int, text: str) -> OrgError:
    return OrgError(400, "MALFORMED_QUERY", place(soql, at) + text)


def tokens(soql: str) -> list[Token]:
    """All tokens, with an `end` token last. Raises OrgError MALFORMED_QUERY."""
    found = []
    at = 0
    while at < len(soql):
        match = _TOKEN.match(soql, at)
        if match is None:
            if soql[at] == "'":
                raise malformed(soql, at, "expecting a single quote, found '<EOF>'")
            raise malformed(soql, at, f"unexpected token: '{soql[at]}'")
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match.group(), at))
        at = match.end()
    found.append(Token("end", "<EOF>", len(soql)))
    return found


def unquote(token: Token, soql: str) -> str:
    """The text of a string literal, with its backslash escapes read (`\\'`, `\\n`, `\\u1234`).

    `\\%` and `\\_` stay escaped: only LIKE knows what they mean.
    """
    body = token.text[1:-1]
    if "\\" not in body:
        return body
    out = []
    at = 0
    while at < len(body):
        char = body[at]
        if char != "\\":
            out.append(char)
            at += 1
            continue
        after = body[at + 1]
        at += 2
        if after in "\\'\"":
            out.append(after if after != "\\" else "\\\\" if body[at : at + 1] in "%_" else "\\")
        elif after.lower() in _ESCAPES:
            out.append(_ESCAPES[after.lower()])
        elif after in "%_":
            out.append("\\" + after)
        elif after == "u" and re.fullmatch(r"[0-9A-Fa-f]{4}", body[at : at + 4]):
            out.append(chr(int(body[at : at + 4], 16)))
            at += 4
        else:
            raise malformed(soql, token.at, f"Invalid string literal {token.text}. Illegal "
                            f"character sequence '\\{after}' in string literal")  # fmt: skip
    return "".join(out)
