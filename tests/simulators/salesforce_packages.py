"""Small metadata packages for tests of the Salesforce practice org."""

import io
import zipfile

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
TAGS = {
    "object": "CustomObject",
    "permissionset": "PermissionSet",
    "standardValueSet": "StandardValueSet",
    "xml": "Package",
}


def package(files, *, extra=None, **members):
    """A deploy zip of files plus a package.xml that lists `members` ({type: names})."""
    types = "".join(
        f"<types>{''.join(f'<members>{n}</members>' for n in names)}<name>{kind}</name></types>"
        for kind, names in members.items()
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "package.xml", f"<Package {NAMESPACE}>{types}<version>60.0</version></Package>"
        )
        for name, body in {**files, **(extra or {})}.items():
            tag = TAGS[name.split(".")[-1]]
            archive.writestr(name, f"<{tag} {NAMESPACE}>{body}</{tag}>")
    return content.getvalue()


def field(name, kind, *, key=False, **elements):
    parts = {"fullName": name, "label": name.removesuffix("__c"), "type": kind, **elements}
    if key:
        parts |= {"externalId": "true", "unique": "true"}
    return "<fields>" + "".join(f"<{k}>{v}</{k}>" for k, v in parts.items()) + "</fields>"


def permission_set(fields, record_types=()):
    grants = "".join(
        f"<fieldPermissions><editable>true</editable><field>{f}</field><readable>true</readable>"
        "</fieldPermissions>"
        for f in fields
    )
    visible = "".join(
        f"<recordTypeVisibilities><recordType>{r}</recordType><visible>true</visible>"
        "</recordTypeVisibilities>"
        for r in record_types
    )
    return f"<label>Move</label>{grants}{visible}"
