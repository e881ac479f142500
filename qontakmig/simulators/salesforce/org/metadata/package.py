"""A deploy zip: its files, its package.xml and the components in them.

Both shapes are read: metadata format (`objects/Account.object`) and source format
(`objects/Account/fields/X__c.field-meta.xml`).
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ..errors import OrgError

ZIP_MOST = 39 * 1024 * 1024
UNPACKED_MOST = 400 * 1024 * 1024
FILES_MOST = 10_000
Node = dict[str, list[Any]]

SUFFIXES = {
    ".field-meta.xml": "CustomField",
    ".recordType-meta.xml": "RecordType",
    ".businessProcess-meta.xml": "BusinessProcess",
    ".object-meta.xml": "CustomObject",
    ".object": "CustomObject",
    ".permissionset-meta.xml": "PermissionSet",
    ".permissionset": "PermissionSet",
    ".standardValueSet-meta.xml": "StandardValueSet",
    ".standardValueSet": "StandardValueSet",
    ".profile-meta.xml": "Profile",
    ".profile": "Profile",
    ".layout-meta.xml": "Layout",
    ".layout": "Layout",
}
CHILDREN = {
    "fields": "CustomField",
    "businessProcesses": "BusinessProcess",
    "recordTypes": "RecordType",
}
DESTRUCTIVE = ("destructiveChangesPre.xml", "destructiveChanges.xml", "destructiveChangesPost.xml")


@dataclass(slots=True)
class Component:
    """One thing to deploy; `problem` when its file could not be read."""

    kind: str
    full_name: str
    file_name: str
    node: Node
    problem: str | None = None


@dataclass(slots=True)
class Package:
    members: dict[str, set[str]]
    components: list[Component] = field(default_factory=list)
    destroy_first: list[tuple[str, str]] = field(default_factory=list)
    destroy_last: list[tuple[str, str]] = field(default_factory=list)

    def lists(self, component: Component) -> bool:
        """Whether package.xml names the component, itself or with its object."""
        names = self.members.get(component.kind, set())
        if component.full_name in names or "*" in names:
            return True
        if component.kind in CHILDREN.values():
            owner = component.full_name.split(".")[0]
            objects = self.members.get("CustomObject", set())
            return owner in objects or "*" in objects
        return False


def to_node(element: Element) -> Node:
    """Element to `{tag: [text or node, …]}`, namespaces dropped."""
    node: Node = {}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        value: Any = to_node(child) if len(child) else (child.text or "").strip()
        node.setdefault(tag, []).append(value)
    return node


def text(node: Node, name: str, default: str | None = None) -> str | None:
    """The text of an element, `default` when it is missing or empty."""
    found = node.get(name) if isinstance(node, dict) else None
    return found[0] if found and isinstance(found[0], str) and found[0] else default


def flag(node: Node, name: str, default: bool = False) -> bool:
    found = text(node, name)
    return default if found is None else found.lower() == "true"


def read_xml(content: bytes) -> Node:
    """Raises ValueError with the parser's text."""
    try:
        return to_node(fromstring(content))
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise ValueError(f"Error parsing file: {error}") from None


def read_package(content: bytes) -> Package:
    """The package in a zip; OrgError 400 when it is none."""
    if len(content) > ZIP_MOST:
        raise OrgError(400, "LIMIT_EXCEEDED", "The zip file is larger than 39 MB")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = [i for i in archive.infolist() if not i.is_dir()]
        if len(entries) > FILES_MOST or sum(i.file_size for i in entries) > UNPACKED_MOST:
            raise OrgError(400, "LIMIT_EXCEEDED", "Too many or too large files in the zip file")
        files = {i.filename: archive.read(i) for i in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise OrgError(400, "INVALID_ZIP", f"Invalid zip file: {error}") from None
    roots = [n.removesuffix("package.xml") for n in files if n.split("/")[-1] == "package.xml"]
    if not roots:
        raise OrgError(400, "INVALID_PACKAGE", "No package.xml found")
    root = min(roots, key=len)
    inside = {n[len(root) :]: c for n, c in files.items() if n.startswith(root)}
    try:
        package = Package(_members(inside.pop("package.xml")))
        for name in DESTRUCTIVE:
            if name in inside:
                listed = _members(inside.pop(name))
                pairs = [(k, n) for k, names in listed.items() for n in sorted(names)]
                first = name == "destructiveChangesPre.xml"
                (package.destroy_first if first else package.destroy_last).extend(pairs)
    except ValueError as error:
        raise OrgError(400, "INVALID_PACKAGE", str(error)) from None
    for name, data in sorted(inside.items()):
        package.components += _components(name, data)
    return package


def _members(content: bytes) -> dict[str, set[str]]:
    node = read_xml(content)
    return {
        text(kind, "name") or "": set(kind.get("members", []))
        for kind in node.get("types", [])
        if isinstance(kind, dict)
    }


def _components(name: str, content: bytes) -> list[Component]:
    suffix = next((s for s in SUFFIXES if name.endswith(s)), None)
    if suffix is None:
        return []
    kind = SUFFIXES[suffix]
    parts = name.removesuffix(suffix).split("/")
    full_name = parts[-1]
    if kind in CHILDREN.values():
        if len(parts) < 4:
            return [Component(kind, full_name, name, {}, "Component is in the wrong folder")]
        full_name = f"{parts[-3]}.{full_name}"
    try:
        node = read_xml(content)
    except ValueError as error:
        return [Component(kind, full_name, name, {}, str(error))]
    found = [Component(kind, full_name, name, node)]
    if kind == "CustomObject":
        for tag, child_kind in CHILDREN.items():
            for child in node.get(tag, []):
                child = child if isinstance(child, dict) else {}
                child_name = text(child, "fullName") or ""
                found.append(Component(child_kind, f"{full_name}.{child_name}", name, child))
    return found
