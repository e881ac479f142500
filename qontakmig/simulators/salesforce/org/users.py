"""Who works in a fresh org: the organization row, profiles, licences, the integration user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import recordings

if TYPE_CHECKING:
    from .org import Org

ADMINISTRATOR = "System Administrator"
STANDARD = "Standard User"
LICENCES = (("Salesforce", "SFDC", 50), ("Salesforce Platform", "AUL", 10))
SERVICE_LICENCE = ("ServiceUserPsl", "Service User")
LOCALE = {
    "TimeZoneSidKey": "Asia/Jakarta",
    "LocaleSidKey": "in_ID",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
}


def seed(org: Org, extra_users: list[dict[str, Any]]) -> str:
    """Make the rows of a fresh org and return the id of the integration user."""
    user_id = org.sequence(org.schema.objects["user"]).next()
    org.system_user = user_id
    recorded = recordings.organization()
    kept = {k: v for k, v in recorded.items() if v is not None and k not in ("attributes", "Id")}
    kept.pop("Address", None)
    kept.pop("TrialExpirationDate", None)
    edition = org.switches["edition"]
    kept.update(
        Name="PT Praktik Nusantara" + (" (sandbox)" if org.sandbox else ""),
        IsSandbox=org.sandbox, OrganizationType=edition, InstanceName=org.instance_name,
        CreatedById=user_id, LastModifiedById=user_id, PrimaryContact="Integration Qontak",
        Country="ID", SignupCountryIsoCode="ID", **{k: v for k, v in LOCALE.items()
        if k in ("TimeZoneSidKey", "LanguageLocaleKey")}, DefaultLocaleSidKey="in_ID",
    )  # fmt: skip
    org.org_id = org.add("Organization", kept)
    licences = {}
    for label, key, total in LICENCES:
        licences[key] = org.add(
            "UserLicense", {"Name": label, "MasterLabel": label, "LicenseDefinitionKey": key,
                            "TotalLicenses": total, "UsedLicenses": 1, "Status": "Active"},
        )  # fmt: skip
    profiles = {name: _profile(org, name, licences["SFDC"]) for name in (ADMINISTRATOR, STANDARD)}
    if org.switches["service_cloud"] == "on":
        key, label = SERVICE_LICENCE
        org.add(
            "PermissionSetLicense",
            {"DeveloperName": key, "MasterLabel": label, "Language": "en_US",
             "PermissionSetLicenseKey": key, "TotalLicenses": 50, "UsedLicenses": 1,
             "Status": "Active"},
        )  # fmt: skip
    domain = "sandbox.praktik.example" if org.sandbox else "praktik.example"
    add_user(
        org, "Integration Qontak", f"integration@{domain}", f"integration@{domain}",
        profiles[ADMINISTRATOR], record_id=user_id,
    )  # fmt: skip
    for person in extra_users:
        add_user(
            org, person["name"], person["email"],
            person.get("username") or f"{person['email']}.{domain}", profiles[STANDARD],
            active=person.get("active", True),
        )  # fmt: skip
    return user_id


def _profile(org: Org, name: str, licence: str) -> str:
    rights = {
        field.name: True
        for field in org.schema.objects["profile"].fields.values()
        if field.name.startswith("Permissions") and name == ADMINISTRATOR
    }
    for switched in ("PermissionsCreateAuditFields", "PermissionsUpdateWithInactiveOwner"):
        if switched in rights:
            rights[switched] = org.switches["audit_fields"] == "on"
    rights["PermissionsApiEnabled"] = True
    profile = org.add(
        "Profile", {"Name": name, "UserLicenseId": licence, "UserType": "Standard", **rights}
    )
    known = org.schema.objects["permissionset"].fields
    org.add(
        "PermissionSet",
        {
            "Name": f"X00e{profile[-12:]}", "Label": f"00e{profile[-12:]}", "ProfileId": profile,
            "IsOwnedByProfile": True, "Type": "Profile",
            **{k: v for k, v in rights.items() if k.lower() in known},
        },
    )  # fmt: skip
    return profile


def add_user(
    org: Org,
    name: str,
    email: str,
    username: str,
    profile: str,
    *,
    active: bool = True,
    record_id: str | None = None,
) -> str:
    first, _, last = name.strip().rpartition(" ")
    row = {
        "FirstName": first or None, "LastName": last or name or "-", "Name": name, "Email": email,
        "Username": username, "Alias": (first[:1] + last)[:8].lower() or "user",
        "CommunityNickname": username.split("@")[0][:40], "IsActive": active,
        "ProfileId": profile, "UserType": "Standard",
        "UserPermissionsSupportUser": org.switches["service_cloud"] == "on",
        "UserPermissionsMarketingUser": True, **LOCALE,
    }  # fmt: skip
    return org.add("User", {k: v for k, v in row.items() if v is not None}, record_id)
