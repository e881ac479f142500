"""Single metadata components as a zip to deploy: what SOAP and Tooling calls are turned into."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from qontakmig.simulators.salesforce.http.xml import METADATA, from_data
from qontakmig.simulators.salesforce.org.errors import OrgError

_FOLDERS = {
    "CustomObject": ("objects", "object"),
    "PermissionSet": ("permissionsets", "permissionset"),
    "Profile": ("profiles", "profile"),
    "StandardValueSet": ("standardValueSets", "standardValueSet"),
    "Layout": ("layouts", "layout"),
}
_IN_OBJECT = {
    "CustomField": "fields",
    "RecordType": "recordTypes",
    "BusinessProcess": "businessProcesses",
}


def zip_of(kind: str, components: list[dict[str, Any]], version: str) -> bytes:
    """Return a package with these components. Raises OrgError for a type not known here.

    components   [{"fullName": "Account.Ext__c", "type": "Text", ...}]
    """
    files: dict[str, str] = {}
    if kind in _IN_OBJECT:
        members: dict[str, list[dict[str, Any]]] = {}
        for component in components:
            owner, _, name = str(component.get("fullName", "")).partition(".")
            members.setdefault(owner, []).append({**component, "fullName": name})
        for owner, inside in members.items():
            files[f"objects/{owner}.object"] = _document("CustomObject", {_IN_OBJECT[kind]: inside})
    elif kind in _FOLDERS:
        folder, ending = _FOLDERS[kind]
        for component in components:
            content = {key: value for key, value in component.items() if key != "fullName"}
            name = f"{folder}/{component.get('fullName')}.{ending}"
            files[name] = _document(kind, content)
    else:
        raise OrgError(400, "INVALID_TYPE", f"This type of metadata is not available: {kind}")
    names = [str(component.get("fullName")) for component in components]
    files["package.xml"] = _document(
        "Package", {"types": {"members": names, "name": kind}, "version": version}
    )
    return _zip(files)


def zip_to_delete(kind: str, names: list[str], version: str) -> bytes:
    """Return a package that deletes the named components."""
    return _zip(
        {
            "package.xml": _document("Package", {"version": version}),
            "destructiveChanges.xml": _document(
                "Package", {"types": {"members": names, "name": kind}}
            ),
        }
    )


def _document(root: str, content: dict[str, Any]) -> str:
    inner = "".join(from_data(name, value) for name, value in content.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{METADATA}" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{inner}</{root}>'
    )


def _zip(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()
