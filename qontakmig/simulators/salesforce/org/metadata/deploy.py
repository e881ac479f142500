"""Deploys a package: all components in order, then a deployResult as the REST API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import OrgError
from .components import PUT
from .custom_fields import Problem
from .package import Component, Node, Package, read_package
from .removal import remove

if TYPE_CHECKING:
    from ..org import Org

ORDER = list(PUT)
OPTIONS = {
    "allowMissingFiles": False, "autoUpdatePackage": False, "checkOnly": False,
    "ignoreWarnings": False, "performRetrieve": False, "purgeOnDelete": False,
    "rollbackOnError": True, "runTests": None, "singlePackage": True,
    "testLevel": "NoTestRun",
}  # fmt: skip


class Deployment:
    """One deploy in progress: messages so far."""

    def __init__(self, org: Org):
        self.org = org
        self.successes: list[dict[str, Any]] = []
        self.failures: list[dict[str, Any]] = []

    def message(self, kind: str, name: str, file: str, **more: Any) -> dict[str, Any]:
        return {
            "changed": False, "columnNumber": None, "componentType": kind, "created": False,
            "createdDate": self.org.now_text(), "deleted": False, "fileName": file,
            "fullName": name, "id": None, "lineNumber": None, "problem": None,
            "problemType": None, "success": True, "warning": False, **more,
        }  # fmt: skip

    def fail(self, kind: str, name: str, file: str, problem: str) -> None:
        self.failures.append(
            self.message(kind, name, file, success=False, problem=problem, problemType="Error")
        )

    def run(self, package: Package) -> None:
        for kind, name in package.destroy_first:
            self._destroy(kind, name, "destructiveChangesPre.xml")
        for component in sorted(package.components, key=lambda c: ORDER.index(c.kind)):
            self._put(component, package)
        self._check_members(package)
        for kind, name in package.destroy_last:
            self._destroy(kind, name, "destructiveChanges.xml")
        self.successes.append(self.message("", "package.xml", "package.xml", changed=True))

    def _put(self, component: Component, package: Package) -> None:
        kind, name, file = component.kind, component.full_name, component.file_name
        if component.problem:
            self.fail(kind, name, file, component.problem)
            return
        if not package.lists(component):
            self.successes.append(self.message(
                kind, name, file, warning=True, problemType="Warning",
                problem="Not in package.xml",
            ))  # fmt: skip
            return
        try:
            created, changed = PUT[kind](self.org, name, component.node)
        except Problem as problem:
            self.fail(kind, name, file, str(problem))
            return
        self.successes.append(
            self.message(kind, name, file, created=created, changed=created or changed)
        )

    def _check_members(self, package: Package) -> None:
        present = {(c.kind, c.full_name) for c in package.components}
        for kind, names in package.members.items():
            for name in sorted(names - {"*"}):
                known = kind == "CustomObject" and self.org.schema.get(name)
                if (kind, name) not in present and not known:
                    text = (
                        f"An object '{name}' of type {kind} was named in package.xml, but was not "
                        "found in zipped directory"
                    )
                    self.fail(kind, name, "package.xml", text)

    def _destroy(self, kind: str, name: str, file: str) -> None:
        try:
            found = remove(self.org, kind, name)
        except Problem as problem:
            self.fail(kind, name, file, str(problem))
            return
        more: dict[str, Any] = {"deleted": found, "changed": found}
        if not found:
            more.update(
                warning=True, problemType="Warning", problem=f"No {kind} named: {name} found"
            )
        self.successes.append(self.message(kind, name, file, **more))


def deploy(org: Org, zip_bytes: bytes, options: dict[str, Any], user_id: str) -> dict[str, Any]:
    """Deploy at once; checkOnly and (with rollbackOnError) failures leave the org untouched."""
    options = {**OPTIONS, **options}
    record_id = org.new_id("0Af")
    started = org.now_text()
    job = Deployment(org)
    error: OrgError | None = None
    with org.transaction() as changes, org.schema.draft() as draft:
        try:
            job.run(read_package(zip_bytes))
        except OrgError as refused:
            error = refused
        failed = bool(job.failures or error)
        if options["checkOnly"] or (failed and options["rollbackOnError"]):
            draft.drop()
            changes.rollback()
            org.access.forget()
    if not failed:
        status = "Succeeded"
    else:
        status = "Failed" if options["rollbackOnError"] or error else "SucceededPartial"
    user = org.tables["User"].live.get(user_id, {})
    result = {
        "checkOnly": options["checkOnly"], "ignoreWarnings": options["ignoreWarnings"],
        "rollbackOnError": options["rollbackOnError"], "runTestsEnabled": False,
        "status": status, "success": not failed, "done": True, "id": record_id,
        "numberComponentErrors": len(job.failures),
        "numberComponentsDeployed": len(job.successes) - 1 if job.successes else 0,
        "numberComponentsTotal": max(0, len(job.successes) + len(job.failures) - 1),
        "numberTestErrors": 0, "numberTestsCompleted": 0, "numberTestsTotal": 0,
        "createdBy": user_id[:15], "createdByName": user.get("Name"), "createdDate": started,
        "startDate": started, "lastModifiedDate": org.now_text(), "completedDate": org.now_text(),
        "errorMessage": error.message if error else None,
        "errorStatusCode": error.code if error else None,
        "stateDetail": None, "canceledBy": None, "canceledByName": None,
        "details": {
            "componentSuccesses": job.successes, "componentFailures": job.failures,
            "runTestResult": {"numTestsRun": 0, "numFailures": 0, "totalTime": 0.0,
                              "failures": [], "successes": []},
        },
    }  # fmt: skip
    org.deployments[record_id] = result
    return result


def put_components(
    org: Org, components: list[tuple[str, str, Node]], all_or_none: bool
) -> list[dict[str, Any]]:
    """The CRUD calls (upsertMetadata, Tooling): `{fullName, success, created, errors}` each."""
    results: list[dict[str, Any]] = []
    with org.transaction() as changes, org.schema.draft() as draft:
        for kind, name, node in components:
            errors = []
            created = False
            if kind not in PUT:
                code, text = "INVALID_TYPE", f"Entity type: '{kind}' is unknown"
                errors.append({"statusCode": code, "message": text, "fields": []})
            else:
                try:
                    created, _ = PUT[kind](org, name, node)
                except Problem as problem:
                    errors.append(
                        {"statusCode": problem.code, "message": str(problem), "fields": []}
                    )
            results.append(
                {"fullName": name, "success": not errors, "created": created, "errors": errors}
            )
        if all_or_none and any(not r["success"] for r in results):
            draft.drop()
            changes.rollback()
            org.access.forget()
            for result in results:
                result["created"] = False
                if result["success"]:
                    code = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
                    result.update(success=False, errors=[
                        {"statusCode": code, "message": code, "fields": []}
                    ])  # fmt: skip
    return results
