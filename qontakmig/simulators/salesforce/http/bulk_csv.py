"""CSV as Bulk API 2.0 reads and writes it."""

from __future__ import annotations

import codecs
import csv
import io
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

DELIMITERS = {
    "COMMA": ",",
    "SEMICOLON": ";",
    "TAB": "\t",
    "PIPE": "|",
    "CARET": "^",
    "BACKQUOTE": "`",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
HEADER_MAX_CHARACTERS = 32_000
_ROWS_A_CHUNK = 2000

# The module's own limit of 131,072 is the longest text field; leave room for what is refused.
csv.field_size_limit(1 << 26)

Row = list[str]


class BadUpload(ValueError):
    """The upload as a whole cannot be read; the message is the job's errorMessage."""


class Reader:
    """Reads an upload row by row; ``header`` is read at once.

    Raises BadUpload when made, never later.

    ``read`` returns rows with the reason a row is no valid CSV, "" for good ones.
    """

    def __init__(self, source: BinaryIO, delimiter: str, line_ending: str) -> None:
        _check_utf8(source)
        self._lines = io.TextIOWrapper(source, encoding="utf-8-sig", newline="")
        self._delimiter = DELIMITERS[delimiter]
        self._seen: list[str] = []
        self._rows = csv.reader(self._remember(), delimiter=self._delimiter, strict=True)
        self.header = self._read_header(line_ending)

    def read(self, limit: int) -> list[tuple[Row, str]]:
        """Return up to ``limit`` more rows; fewer only at the end."""
        rows: list[tuple[Row, str]] = []
        while len(rows) < limit:
            self._seen.clear()
            try:
                row = next(self._rows)
            except StopIteration:
                break
            except csv.Error as error:
                rows.append((self._leniently(), str(error)))
                continue
            if row:
                rows.append((row, ""))
        return rows

    def _read_header(self, line_ending: str) -> Row:
        try:
            header = next(self._rows, [])
        except csv.Error as error:
            raise BadUpload(f"InvalidBatch : Failed to parse CSV header: {error}") from None
        text = "".join(self._seen)
        if not header:
            raise BadUpload("InvalidBatch : The CSV data has no header")
        if len(text) > HEADER_MAX_CHARACTERS:
            raise BadUpload("InvalidBatch : The header is longer than 32000 characters")
        found = "CRLF" if text.endswith("\r\n") else "LF" if text.endswith("\n") else ""
        if found != line_ending and (found or text.endswith("\r")):
            raise BadUpload(
                "ClientInputError : LineEnding is invalid on user data. "
                f"Current LineEnding setting is {line_ending}"
            )
        return header

    def _remember(self) -> Iterator[str]:
        for line in self._lines:
            self._seen.append(line)
            yield line

    def _leniently(self) -> Row:
        """Return the row that could not be parsed as it can best be told apart."""
        lines = csv.reader(io.StringIO("".join(self._seen), newline=""), delimiter=self._delimiter)
        return next(lines, [])


def _check_utf8(source: BinaryIO) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while part := source.read(1 << 20):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise BadUpload("ClientInputError : The data is not valid UTF-8") from None
    source.seek(0)


def write(rows: Iterable[Sequence[str]], delimiter: str, line_ending: str) -> Iterator[bytes]:
    """Yield the rows as CSV in chunks, every value quoted."""
    buffer = io.StringIO()
    writer = csv.writer(
        buffer,
        delimiter=DELIMITERS[delimiter],
        lineterminator=LINE_ENDINGS[line_ending],
        quoting=csv.QUOTE_ALL,
    )
    chunk: list[Sequence[str]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _ROWS_A_CHUNK:
            writer.writerows(chunk)
            chunk.clear()
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    writer.writerows(chunk)
    yield buffer.getvalue().encode()


def header_line(quoted: Sequence[str], plain: Sequence[str], delimiter: str, ending: str) -> bytes:
    """Return a header as Salesforce writes it: its own columns quoted, the client's as sent."""
    names = [f'"{name}"' for name in quoted] + list(plain)
    return (DELIMITERS[delimiter].join(names) + LINE_ENDINGS[ending]).encode()


def shuffled(rows: list[Row], seed: str) -> list[Row]:
    """Return the rows in another order, the same each time: results come back in any order."""
    mixed = rows.copy()
    random.Random(seed).shuffle(mixed)
    return mixed
