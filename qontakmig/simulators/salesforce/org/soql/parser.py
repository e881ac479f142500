"""SOQL tokens to a tree, by recursive descent."""

from __future__ import annotations

from typing import Any

from ..errors import OrgError
from .lexer import Token, malformed, place, tokens, unquote
from .relative import COUNTED, FIXED
from .tree import Call, Comparison, Literal, Logic, Order, Path, Query

LONGEST = 100_000
AGGREGATES = frozenset(("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"))
FUNCTIONS = AGGREGATES | {"TOLABEL", "CALENDAR_YEAR", "CALENDAR_MONTH", "DAY_ONLY"}
CLAUSES = frozenset(
    [
        "WHERE",
        "GROUP",
        "HAVING",
        "ORDER",
        "LIMIT",
        "OFFSET",
        "FOR",
        "WITH",
        "ALL",
        "USING",
        "FROM",
        "ASC",
        "DESC",
        "NULLS",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "INCLUDES",
        "EXCLUDES",
    ]
)
OFFSET_MOST = 2000
DEEPEST = 50  # nested brackets, NOTs and subqueries


def parse(soql: str) -> Query:
    """Parse a query; OrgError MALFORMED_QUERY with Salesforce's caret lines when it cannot be."""
    if len(soql) > LONGEST:
        raise OrgError(400, "MALFORMED_QUERY", f"SOQL statement is too long: {len(soql)}")
    parser = Parser(soql)
    query = parser.query()
    parser.expect_end()
    return query


def parse_condition(text: str) -> Any:
    parser = Parser(text)
    found = parser.either()
    parser.expect_end()
    return found


class Parser:
    def __init__(self, soql: str):
        self.soql = soql
        self.tokens = tokens(soql)
        self.next = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.next]

    def fail(self, token: Token | None = None) -> OrgError:
        token = token or self.here
        return malformed(self.soql, token.at, f"unexpected token: '{token.text}'")

    def take(self) -> Token:
        token = self.here
        self.next += 1
        return token

    def is_word(self, *words: str) -> bool:
        token = self.here
        return token.kind == "name" and token.text.upper() in words

    def word(self, *words: str) -> bool:
        """Take these keywords when they all follow."""
        ahead = self.tokens[self.next : self.next + len(words)]
        if [t.text.upper() for t in ahead if t.kind == "name"] != list(words):
            return False
        self.next += len(words)
        return True

    def symbol(self, text: str) -> bool:
        if self.here.kind == "operator" and self.here.text == text:
            self.next += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.symbol(text):
            raise malformed(
                self.soql, self.here.at, f"expecting '{text}', found '{self.here.text}'"
            )

    def expect_end(self) -> None:
        if self.here.kind != "end":
            raise self.fail()

    def name(self) -> Token:
        if self.here.kind != "name":
            raise self.fail()
        return self.take()

    def query(self) -> Query:
        self.depth += 1
        if self.depth > DEEPEST:
            raise malformed(self.soql, self.here.at, "queries are nested too deeply")
        query = Query(self.soql)
        if not self.word("SELECT"):
            raise self.fail()
        query.select.append(self.selected(query))
        while self.symbol(","):
            query.select.append(self.selected(query))
        if not self.word("FROM"):
            raise malformed(self.soql, self.here.at, f"expecting 'FROM', found '{self.here.text}'")
        token = self.name()
        query.sobject, query.sobject_at = token.text, token.at
        if self.here.kind == "name" and self.here.text.upper() not in CLAUSES:
            query.alias = self.take().text
        if self.word("USING"):
            self.word("SCOPE")
            self.name()
        if self.word("WHERE"):
            query.where = self.either()
        self.clauses(query)
        self.depth -= 1
        return query

    def clauses(self, query: Query) -> None:
        if self.word("GROUP", "BY"):
            query.group_by.append(self.path())
            while self.symbol(","):
                query.group_by.append(self.path())
            if self.word("HAVING"):
                query.having = self.either()
        if self.word("ORDER", "BY"):
            query.order_by.append(self.ordering())
            while self.symbol(","):
                query.order_by.append(self.ordering())
        if self.word("LIMIT"):
            query.limit = self.whole()
        if self.word("OFFSET"):
            token = self.here
            query.offset = self.whole()
            if query.offset > OFFSET_MOST:
                text = f"Maximum SOQL offset allowed is {OFFSET_MOST}"
                raise OrgError(400, "NUMBER_OUTSIDE_VALID_RANGE",
                               place(self.soql, token.at) + text)  # fmt: skip
        while self.word("FOR"):
            self.name()
        if self.word("ALL"):
            if not self.word("ROWS"):
                raise self.fail()
            query.all_rows = True

    def whole(self) -> int:
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise self.fail(token)
        return int(token.text)

    def selected(self, query: Query) -> Path | Call | Query:
        if self.symbol("("):
            child = self.query()
            self.need(")")
            return child
        if self.is_word("TYPEOF"):
            raise self.fail()
        found = self.path_or_call(query)
        follows = self.here
        if isinstance(found, Call) and follows.kind == "name" and not self.is_word("FROM"):
            found.alias = self.take().text
        return found

    def path_or_call(self, query: Query | None = None) -> Path | Call:
        token = self.name()
        if not self.symbol("("):
            return Path(token.text.split("."), token.at)
        function = token.text.upper()
        if function == "FIELDS" and query is not None:
            query.fields_call = self.name().text.upper()
            self.need(")")
            return Path(["Id"], token.at)
        if function not in FUNCTIONS:
            raise self.fail(token)
        if self.symbol(")"):
            if function != "COUNT":
                raise self.fail(token)
            return Call(function, None, None, token.at)
        path = self.path()
        self.need(")")
        return Call(function, path, None, token.at)

    def path(self) -> Path:
        token = self.name()
        return Path(token.text.split("."), token.at)

    def ordering(self) -> Order:
        path = self.path_or_call()
        descending = self.word("DESC")
        if not descending:
            self.word("ASC")
        nulls_last = descending
        if self.word("NULLS", "LAST"):
            nulls_last = True
        elif self.word("NULLS", "FIRST"):
            nulls_last = False
        return Order(path, descending, nulls_last)

    def either(self) -> Any:
        first = self.both()
        parts = [first]
        while self.word("OR"):
            parts.append(self.both(mixed_with="OR"))
        if len(parts) == 1:
            return first
        return Logic("OR", parts)

    def both(self, mixed_with: str | None = None) -> Any:
        parts = [self.negation()]
        while self.is_word("AND"):
            if mixed_with:  # a OR b AND c needs brackets in SOQL
                raise self.fail()
            self.take()
            parts.append(self.negation())
        if len(parts) > 1 and self.is_word("OR"):
            raise self.fail()
        return parts[0] if len(parts) == 1 else Logic("AND", parts)

    def negation(self) -> Any:
        self.depth += 1
        if self.depth > DEEPEST:
            raise malformed(self.soql, self.here.at, "conditions are nested too deeply")
        if self.word("NOT"):
            found: Any = Logic("NOT", [self.negation()])
        elif self.symbol("("):
            found = self.either()
            self.need(")")
        else:
            found = self.comparison()
        self.depth -= 1
        return found

    def comparison(self) -> Comparison:
        path = self.path_or_call()
        if self.word("NOT", "IN"):
            return Comparison(path, "NOT IN", self.many())
        if self.word("IN"):
            return Comparison(path, "IN", self.many())
        for word in ("INCLUDES", "EXCLUDES"):
            if self.word(word):
                return Comparison(path, word, self.many())
        if self.word("LIKE"):
            return Comparison(path, "LIKE", self.literal())
        token = self.take()
        if token.kind != "operator" or token.text in "(),:":
            raise self.fail(token)
        operator = "!=" if token.text == "<>" else token.text
        return Comparison(path, operator, self.literal())

    def many(self) -> list[Literal] | Query:
        self.need("(")
        if self.is_word("SELECT"):
            found: list[Literal] | Query = self.query()
        else:
            found = [self.literal()]
            while self.symbol(","):
                found.append(self.literal())
        self.need(")")
        return found

    def literal(self) -> Literal:
        token = self.take()
        if token.kind == "string":
            return Literal("string", unquote(token, self.soql), token.at)
        if token.kind in ("date", "datetime"):
            return Literal(token.kind, token.text, token.at)
        if token.kind == "number":
            return Literal("number", float(token.text), token.at)
        if token.kind != "name":
            raise self.fail(token)
        word = token.text.upper()
        if word == "NULL":
            return Literal("null", None, token.at)
        if word in ("TRUE", "FALSE"):
            return Literal("boolean", word == "TRUE", token.at)
        if word in FIXED:
            return Literal("relative", word, token.at)
        if word in COUNTED:
            self.need(":")
            return Literal("relative", word, token.at, self.whole())
        raise self.fail(token)
