"""Metadata components outside a zip: as nodes the engine takes, and a package that deletes some."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from qontakmig.simulators.salesforce.http.xml import METADATA, from_data
from qontakmig.simulators.salesforce.org.metadata.package import Node


def node_of_json(component: dict[str, Any]) -> Node:
    """Return a JSON component of the Tooling API as {tag: [text or node, ...]}."""
    node: Node = {}
    for name, value in component.items():
        if value is None:
            continue
        values = value if isinstance(value, list) else [value]
        node[name] = [_node_value(item) for item in values]
    return node


def _node_value(value: Any) -> Any:
    if isinstance(value, dict):
        return node_of_json(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def zip_to_delete(kind: str, names: list[str], version: str) -> bytes:
    """Return a package that deletes the named components."""
    members = {"types": {"members": names, "name": kind}}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package.xml", _package({"version": version}))
        archive.writestr("destructiveChanges.xml", _package(members))
    return buffer.getvalue()


def _package(content: dict[str, Any]) -> str:
    inner = "".join(from_data(name, value) for name, value in content.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><Package xmlns="{METADATA}">{inner}</Package>'
