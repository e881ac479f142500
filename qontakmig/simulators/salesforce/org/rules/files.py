"""Files: a ContentVersion makes its ContentDocument and, when told, the first link."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from ..errors import OrgError, RowProblem
from ..rows import Row
from .base import Rule

if TYPE_CHECKING:
    from ..org import Org


class VersionRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        data = row.get("VersionData")
        if data is None and row.get("ContentUrl") is None:
            text = "Required fields are missing: [VersionData]"
            raise RowProblem("REQUIRED_FIELD_MISSING", text, "VersionData")
        path = row.get("PathOnClient")
        if path is None and data is not None:
            text = "Required fields are missing: [PathOnClient]"
            raise RowProblem("REQUIRED_FIELD_MISSING", text, "PathOnClient")
        try:
            content = base64.b64decode(data or "", validate=True)
        except (binascii.Error, ValueError):
            text = "Cannot deserialize instance of base64 from VALUE_STRING value"
            raise OrgError(400, "JSON_PARSER_ERROR", text) from None
        name = (path or "").replace("\\", "/").rpartition("/")[2]
        stem, dot, extension = name.rpartition(".")
        if row.get("Title") is None:
            row["Title"] = (stem if dot else name) or "Untitled"
        row.update(
            Checksum=hashlib.md5(content, usedforsecurity=False).hexdigest(),
            ContentSize=len(content), IsLatest=True, VersionNumber="1",
            FileExtension=extension.lower() if dot else None,
            FileType=(extension.upper() if dot else "UNKNOWN")[:20],
            PublishStatus="P", ContentLocation=row.get("ContentLocation") or "S",
            Origin=row.get("Origin") or "C", SharingOption=row.get("SharingOption") or "A",
            SharingPrivacy=row.get("SharingPrivacy") or "N",
        )  # fmt: skip
        if row.get("ContentDocumentId"):
            self._supersede(org, row)

    def _supersede(self, org: Org, row: Row) -> None:
        table = org.tables["ContentVersion"]
        versions = list(table.index("ContentDocumentId", False).ids(row["ContentDocumentId"]))
        row["VersionNumber"] = str(len(versions) + 1)
        for version in versions:
            if table.live[version].get("IsLatest"):
                org.change("ContentVersion", version, {"IsLatest": False})

    def after_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        document = {
            "Title": row["Title"], "FileType": row["FileType"], "ContentSize": row["ContentSize"],
            "FileExtension": row.get("FileExtension"), "LatestPublishedVersionId": row["Id"],
            "OwnerId": row.get("OwnerId", user_id), "PublishStatus": "P",
            "Description": row.get("Description"),
        }  # fmt: skip
        document = {k: v for k, v in document.items() if v is not None}
        if row.get("ContentDocumentId"):
            org.change("ContentDocument", row["ContentDocumentId"], document)
            return
        document_id = org.add("ContentDocument", document)
        org.change("ContentVersion", row["Id"], {"ContentDocumentId": document_id})
        links = {row.get("OwnerId", user_id): "I"}
        if row.get("FirstPublishLocationId"):
            links[row["FirstPublishLocationId"]] = "V"
        for entity, share in links.items():
            org.add(
                "ContentDocumentLink",
                {"ContentDocumentId": document_id, "LinkedEntityId": entity, "ShareType": share,
                 "Visibility": "AllUsers"},
            )  # fmt: skip


class LinkRule(Rule):
    def before_insert(self, org: Org, row: Row, given: Row, user_id: str) -> None:
        if row.get("ShareType") is None:
            row["ShareType"] = "V"
        if row.get("Visibility") is None:
            row["Visibility"] = "AllUsers"
        table = org.tables["ContentDocumentLink"]
        for other in table.index("ContentDocumentId", False).ids(row["ContentDocumentId"]):
            if table.live[other]["LinkedEntityId"] == row["LinkedEntityId"]:
                text = (
                    f"{row['LinkedEntityId'][:15]} is already linked with "
                    f"{row['ContentDocumentId'][:15]}"
                )
                raise RowProblem("DUPLICATE_VALUE", text)


RULES: dict[str, Rule] = {"ContentVersion": VersionRule(), "ContentDocumentLink": LinkRule()}
