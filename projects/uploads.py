"""Files exported from Qontak's pages, handed in through the browser.

They are checked before anything is stored, all or none, and stand outside the web root under names
of our own making. What they hold is read by the connector.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from projects.models import Connection

MAX_FILES = 20
MAX_BYTES = 200_000_000
SUFFIXES = (".csv", ".xlsx")
ZIP_MAGIC = b"PK\x03\x04"


class UploadRefused(Exception):
    """The files cannot be taken; the message names the first one and says why."""


def uploads_check(files: Sequence[UploadedFile]) -> None:
    """Raise UploadRefused for too many, too large, or anything but CSV and XLSX."""
    if len(files) > MAX_FILES:
        raise UploadRefused(_("At most %d files can be handed in at once.") % MAX_FILES)
    for file in files:
        name = file.name or ""
        if Path(name).suffix.lower() not in SUFFIXES:
            raise UploadRefused(_("%s is neither a CSV nor an XLSX file.") % name[:80])
        if (file.size or 0) > MAX_BYTES:
            raise UploadRefused(_("%s is larger than 200 MB. Export it in parts.") % name[:80])
        begin = file.read(4096)
        file.seek(0)
        if name.lower().endswith(".xlsx") != begin.startswith(ZIP_MAGIC) or (
            name.lower().endswith(".csv") and b"\x00" in begin and begin[:2] not in BYTE_ORDER_MARKS
        ):
            raise UploadRefused(_("%s does not hold what its ending says.") % name[:80])


BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
"""A CSV in UTF-16 has NUL bytes; without such a mark they mean something else."""


def uploads_store(connection: Connection, files: Sequence[UploadedFile]) -> Path:
    """Replace the files of a connection by ``files``; return their folder."""
    folder = settings.VAR_DIR / "uploads" / str(connection.binding)
    making = folder.with_suffix(".new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    for number, file in enumerate(files, start=1):
        with (making / safe_name(number, file.name or "")).open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    return folder


def safe_name(number: int, name: str) -> str:
    """Return a file name of plain letters that still tells the object: ``01-kontak.csv``."""
    path = Path(name.replace("\\", "/"))
    stem = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:60] or "file"
    return f"{number:02}-{stem}{path.suffix.lower()}"
